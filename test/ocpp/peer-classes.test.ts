/**
 * Careless and hostile peers by their class, at the edge over real sockets, as properties: whatever is said, and however often, it is
 * answered, what it costs grows with its size alone, and what is kept of it is bounded and told. Counted, never timed (I5, I7, I9).
 */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Bounds } from '../../src/core/offline/budget.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  type Peer,
  type Running,
  siteOf,
  start,
  startEdge,
  status,
} from './both-sides.js'
import { FROM_CSMS, FROM_STATION } from './fixtures/long-messages.js'
import { WorkCounter } from './fixtures/work.js'

const counter = await WorkCounter.start()
t.teardown(() => counter.stop())

const RUNS = { seed: 1_710, numRuns: 15 }

type More = Parameters<typeof startEdge>[3]
interface House extends Running {
  readonly csms: Csms
  readonly journal: MemoryJournal
  end(): Promise<void>
}

async function house(
  options: { stations?: readonly string[]; speed?: number; more?: More; isAway?: boolean } = {},
): Promise<House> {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const journal = new MemoryJournal()
  const { stations = ['CP-1'], speed = 1, more = {}, isAway = false } = options
  if (isAway) await csms.stop()
  const config = siteOf({ stations, csmsPort: csms.port, offline: { AllowOfflineTxForUnknownId: true } })
  const running = await startEdge(config, journal, speed, more)
  const end = async (): Promise<void> => {
    await running.edge.stop()
    await csms.stop()
  }
  return { csms, journal, end, ...running }
}

/** Undefined when it does not come: the station waits for it, and so does all that it has to say after it. */
async function answerOf(peer: Peer, action: string, payload: string): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const none = new Promise<undefined>(done => {
    timer = setTimeout(() => done(undefined), 3_000)
  })
  const answer = await Promise.race([peer.call(action, payload), none])
  clearTimeout(timer)
  return answer
}

const transactionIn = (conf: string | undefined): number =>
  Number(/"transactionId":(\d+)/.exec(conf ?? '')?.[1])
const storedChars = (journal: MemoryJournal): number =>
  [...journal.entries].reduce((sum, [key, value]) => sum + key.length + value.length, 0)

t.test('a message of any kind and size costs by its size, whatever was said before it', async t => {
  const all = [
    ...FROM_STATION.map(one => ['station', one] as const),
    ...FROM_CSMS.map(one => ['csms', one] as const),
  ]
  const { edge, csms, end } = await house()
  const station = await connectStation(edge.port, 'CP-1')
  station.onCall = () => '{"status":"Accepted"}'
  await station.call('BootNotification', BOOT)
  const upstream = await csms.station('CP-1')
  /** The dearest a character of a message has been, and what comes beside it. */
  const most = { steps: 40, beside: 20_000 }
  let salt = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), fc.integer({ min: 1, max: 4_000 }), async ([side, one], n) => {
      const [action, payload] = one
      const text = payload(n).replace('{', `{"salt":${salt++},`)
      const steps = await counter.of(() => (side === 'station' ? station : upstream).call(action, text))
      if (steps > most.beside + most.steps * text.length)
        throw new Error(`${action} of ${text.length}: ${steps} steps`)
    }),
    { ...RUNS, numRuns: 150 },
  )
  await end()
  t.pass()
})

t.test('what one station makes Busbar keep is bounded, and what all do, and it is told', async t => {
  const bounds = fc.record({
    stationBytes: fc.integer({ min: 20_000, max: 60_000 }),
    siteBytes: fc.integer({ min: 60_000, max: 120_000 }),
  })
  const said = fc.array(
    fc.record({
      station: fc.nat(2),
      what: fc.constantFrom('session', 'values', 'signed', 'event', 'state', 'vendor'),
      chars: fc.integer({ min: 1, max: 6_000 }),
    }),
    { minLength: 60, maxLength: 120 },
  )
  await fc.assert(
    fc.asyncProperty(bounds, said, (bounds, said) => keptOf(t, bounds, said)),
    { ...RUNS, numRuns: 6 },
  )
})

interface Saying {
  readonly station: number
  readonly what: string
  readonly chars: number
}

async function keptOf(t: Test, bounds: Bounds, said: readonly Saying[]): Promise<void> {
  const stations = ['A', 'B', 'C']
  const { edge, journal, end } = await house({ stations, more: { bounds }, isAway: true })
  const peers = await Promise.all(stations.map(id => connectStation(edge.port, id)))
  const ids = stations.map(() => 0)
  for (const [n, { station, what, chars }] of said.entries()) {
    const peer = peers[station]
    if (peer === undefined) continue
    const text = 'x'.repeat(chars)
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString()
    const id = ids[station] ?? 0
    const values = meter(id, '1', at)
    const [action, payload] = (
      {
        session: ['StartTransaction', start(`T${n}`, 1 + (n % 2), n, at)],
        values: ['MeterValues', values.replace('"value":"1"', `"value":"1","unit":"${text}"`)],
        signed: ['MeterValues', values.replace('"value":"1"', `"value":"${text}","format":"SignedData"`)],
        event: ['SecurityEventNotification', `{"type":"X","timestamp":"${at}","techInfo":"${text}"}`],
        state: [
          'StatusNotification',
          status(1, 'Faulted', 'OtherError', at).replace('"status"', `"info":"${text}","status"`),
        ],
        vendor: ['DataTransfer', `{"vendorId":"org.example","messageId":"Note","data":"${text}"}`],
      } as const
    )[what] ?? ['Heartbeat', '{}']
    // CALLs are taken in their turn: when the next one is answered, this one was, or never will be
    const conf = await Promise.race([peer.call(action, payload), peer.call('Heartbeat', '{}')])
    if (action === 'StartTransaction') ids[station] = transactionIn(conf) || id
  }
  // what a station leaves beside its queue: states, events, keys, sessions
  const beside = 60_000
  const stored = storedChars(journal)
  const most = bounds.siteBytes * 1.125 + stations.length * beside
  if (stored > most) throw new Error(`${stored} stored, bounds ${JSON.stringify(bounds)}`)
  for (const { stationId, bytes, isExhausted } of edge.backlog()) {
    if (bytes > bounds.stationBytes * 1.125 + 20_000) throw new Error(`${stationId}: ${bytes} wait`)
    if (bytes > bounds.stationBytes * 1.125) t.ok(isExhausted, 'it is told')
  }
  await end()
}

t.test('whatever breaks here, every CALL of either side is answered', async t => {
  const broken = fc.subarray(['events', 'desk', 'vendor data', 'guarded keys', 'disk'], {
    minLength: 1,
  })
  await fc.assert(
    fc.asyncProperty(broken, async parts => {
      let isBroken = false
      const unless = <Given>(part: string, given: Given): Given => {
        if (isBroken && parts.includes(part)) throw new Error(`${part} broke`)
        return given
      }
      const done = Promise.resolve({ kind: 'result', payloadText: '{"status":"Accepted"}' } as const)
      const { csms, edge, journal, end } = await house({
        more: {
          on: () => unless('events', undefined),
          desk: {
            setChargingProfile: () => unless('desk', done),
            clearChargingProfile: () => unless('desk', done),
            getCompositeSchedule: () => unless('desk', done),
            offerRemoteStartProfile: () => unless('desk', Promise.resolve(undefined)),
            dropRemoteStartProfile: () => unless('desk', undefined),
            isHandedOver: () => true,
          },
          offlineDataTransferOf: () => unless('vendor data', []),
          guardedKeysOf: () => unless('guarded keys', { affectsLimits: [], connection: [] }),
        },
      })
      const station = await connectStation(edge.port, 'CP-1')
      station.onCall = () => '{"status":"Accepted"}'
      await station.call('BootNotification', BOOT)
      const upstream = await csms.station('CP-1')
      isBroken = true
      journal.isBroken = parts.includes('disk')
      for (const [peer, messages] of [
        [station, FROM_STATION],
        [upstream, FROM_CSMS],
      ] as const)
        for (const [action, payload] of messages) {
          const answer = await answerOf(peer, action, payload(3))
          if (answer === undefined) throw new Error(`${action} is not answered: ${parts}`)
        }
      isBroken = false
      await end()
    }),
    RUNS,
  )
  t.pass()
})
