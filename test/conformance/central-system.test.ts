/**
 * The Central System column of the certification plan (seed 002, Appendix C), played against Busbar alone on a good line
 * and on the lab's worst (§8.2.2), and against one whose CSMS has gone, in simulated time; and proof that a case can fail.
 */
import t from 'tap'
import { createClock } from '../../src/adapters/clock.js'
import { createNetwork } from '../../src/adapters/network.js'
import type { Log } from '../../src/ports.js'
import { Csms } from '../../src/sim/csms.js'
import type { Mutation } from './central-system/busbar-rig.js'
import { CENTRAL_SYSTEM_CASES, playAgainst, playCentralSystem } from './central-system/play.js'
import { forgetful } from './forgetful.js'
import { DRIVEN_CASES } from './further.js'

const RUNS = [
  { name: 'lab', options: { quality: 'lab' } },
  { name: 'worst', options: { quality: 'worst' } },
  { name: 'lab, CSMS away', options: { quality: 'lab', csms: 'away' } },
] as const

for (const { name, options } of RUNS) {
  const played = await playCentralSystem(options)
  for (const { id, title, result } of played) {
    t.test(`${id} ${title} (${name})`, async t => {
      if (result.kind === 'failed') t.fail(result.why)
      else t.pass(result.kind === 'passed' ? `${result.tookMs} ms` : `${result.kind}: ${result.why}`)
    })
  }
}

t.test(
  'the table has every id once, and each mandatory row is played or waits for the security profiles',
  async t => {
    const ids = CENTRAL_SYSTEM_CASES.map(({ id }) => id)
    t.equal(new Set(ids).size, ids.length)
    for (const { id, mark, play } of CENTRAL_SYSTEM_CASES)
      if (mark === 'M') t.type(play, 'function', `${id} is mandatory`)
  },
)

t.test('stations that others drive pass the profile cases alone too, and 028', async t => {
  for (const quality of ['lab', 'worst'] as const) {
    const played = await playCentralSystem({ quality, only: DRIVEN_CASES, loadControl: 'csms' })
    t.same(played.map(({ id }) => id).sort(), [...DRIVEN_CASES])
    for (const { id, result } of played) t.match(result, { kind: 'passed' }, `${id} (${quality})`)
  }
})

interface Wrong {
  readonly what: string
  readonly id: string
  readonly mutation: Mutation
  readonly why: RegExp
}

/** Replaces in the frames that reach the station. */
const replaced = (found: string | RegExp, by: string): Mutation => ({
  toStation: frame => [frame.replace(found, by)],
})

const WRONG: readonly Wrong[] = [
  {
    what: 'judges a tag wrongly',
    id: '004_1',
    mutation: replaced('"idTagInfo":{"status":"Accepted"', '"idTagInfo":{"status":"Blocked"'),
    why: /Authorize\.conf idTagInfo\.status: found "Blocked"/,
  },
  {
    what: 'lets an expired tag in',
    id: '023_2',
    mutation: replaced('"status":"Expired"', '"status":"Accepted"'),
    why: /found "Accepted", expected "Expired"/,
  },
  {
    what: 'answers against the schema',
    id: '000_BOOT',
    mutation: replaced(/"interval":\d+/, '"interval":"soon"'),
    why: /BootNotification\.conf\/interval/,
  },
  {
    what: 'never answers a Heartbeat',
    id: '000_BOOT',
    mutation: replaced(/^\[3,"[^"]+",\{"currentTime":"[^"]+"\}\]$/, ''),
    why: /Heartbeat ended as .*timeout/,
  },
  {
    what: 'gives another command than was ordered',
    id: '017_1',
    mutation: replaced('"UnlockConnector",{"connectorId":1}', '"UnlockConnector",{"connectorId":2}'),
    why: /never got UnlockConnector.*nobody ordered it/,
  },
  {
    what: 'gives a command against the schema',
    id: '013',
    mutation: replaced('{"type":"Hard"}', '{"type":"Cold"}'),
    why: /Reset\.req\/type/,
  },
  {
    what: 'sends a second CALL before the first is answered',
    id: '021',
    mutation: {
      toStation: frame => (frame.includes('"MeterValueSampleInterval"') ? [frame, frame] : [frame]),
    },
    why: /ChangeConfiguration came while an earlier CALL was unanswered/,
  },
  {
    what: 'tells the orderer another answer than the station gave',
    id: '030',
    mutation: { toOrderer: () => ({ kind: 'result', payload: { status: 'Unlocked' } }) },
    why: /what the orderer of UnlockConnector was told/,
  },
  {
    what: 'hides an error of the station from the orderer',
    id: '042_1',
    mutation: {
      toOrderer: answer =>
        answer.kind === 'error' ? { kind: 'result', payload: { listVersion: 0 } } : answer,
    },
    why: /what the orderer of GetLocalListVersion was told/,
  },
  {
    what: 'lets a station hold more than was commanded',
    id: '057',
    mutation: replaced('[{"startPeriod":0,"limit":6}]}}}]', '[{"startPeriod":0,"limit":16}]}}}]'),
    why: /16 A held .* where 6 A were commanded/,
  },
  {
    what: 'binds a profile to a transaction that does not run',
    id: '057',
    mutation: replaced(/"transactionId":(\d+),"stackLevel"/, '"transactionId":1$1,"stackLevel"'),
    why: /a TxProfile for transaction/,
  },
  {
    what: 'shows a composite that was not installed',
    id: '066',
    mutation: {
      toOrderer: answer =>
        answer.kind === 'result'
          ? {
              kind: 'result',
              payload: JSON.parse(JSON.stringify(answer.payload).replace('"limit":8', '"limit":9')),
            }
          : answer,
    },
    why: /the composite schedule: found/,
  },
  {
    what: 'takes an action that nobody knows for done',
    id: 'unknown_action',
    mutation: replaced(/^\[4,("[^"]+"),"NotImplemented".*$/, '[3,$1,{}]'),
    why: /it ended as .*result/,
  },
  {
    what: 'stops another session than the one begun without it',
    id: '028_offline',
    mutation: replaced(/(RemoteStopTransaction",\{"transactionId":)\d+/, '$11'),
    why: /the station never got RemoteStopTransaction/,
  },
  {
    what: 'clears one of two profiles only',
    id: '067_purpose',
    mutation: {
      toOrderer: answer =>
        answer.kind === 'result'
          ? {
              kind: 'result',
              payload: JSON.parse(JSON.stringify(answer.payload).replace('"limit":32', '"limit":8')),
            }
          : answer,
    },
    why: /the composite schedule: found \[\[0,8\]\]/,
  },
  {
    what: 'answers before its books are durable',
    id: 'durable',
    mutation: { gatewayPorts: ports => ({ ...ports, journal: forgetful(ports.journal) }) },
    why: /session \d+ in the books: found nothing/,
  },
  {
    what: 'takes a profile for a transaction that does not run',
    id: '058_1',
    mutation: { toOrderer: () => ({ kind: 'result', payload: { status: 'Accepted' } }) },
    why: /SetChargingProfile was answered Accepted/,
  },
]

for (const { what, id, mutation, why } of WRONG) {
  t.test(`${id} fails when the Central System ${what}`, async t => {
    const [played] = await playCentralSystem({ quality: 'lab', only: [id], mutation })
    t.match(played?.result, { kind: 'failed', why, frames: [/s (to|from) the station \[/] })
  })
}

t.test('a case that fails does not stop the others', async t => {
  const { mutation } = WRONG.find(wrong => wrong.id === '017_1') ?? { mutation: {} }
  const played = await playCentralSystem({ quality: 'lab', only: ['017_1', '019_1'], mutation })
  t.match(
    played.map(({ id, result }) => [id, result.kind]),
    [
      ['017_1', 'failed'],
      ['019_1', 'passed'],
    ],
  )
})

t.test('plays against any Central System over real sockets and asks for its commands', async t => {
  const silent: Log = { write: () => {} }
  // Ten times real time: the pauses of the plan are its own, not ours to wait for.
  const ports = { clock: createClock({ speed: 10 }), network: createNetwork(silent), log: silent }
  const csms = new Csms({ ports, host: '127.0.0.1', port: 0 })
  await csms.start()
  csms.answerWith('SignedFirmwareStatusNotification', () => ({
    kind: 'error',
    code: 'NotImplemented',
    description: 'knows nothing of signed firmware',
  }))
  t.teardown(() => csms.stop())
  const asked: string[] = []
  const played = await playAgainst({
    ports,
    url: csms.url,
    stationId: 'UNDER-TEST',
    waitForOrderMs: 20_000,
    tags: { valid: 'TAG-1' },
    only: ['004_1', '017_1', '026', '023_1', '057', '088', '081'],
    ask: line => {
      asked.push(line)
      const [, action, payload] = /^please send (\w+) (.*) to UNDER-TEST$/.exec(line) ?? []
      // Everything is ordered but the remote start.
      if (action === undefined || payload === undefined || action === 'RemoteStartTransaction') return
      csms.call('UNDER-TEST', action, JSON.parse(payload)).catch(t.error)
    },
  })
  t.match(Object.fromEntries(played.map(({ id, result }) => [id, result])), {
    '004_1': { kind: 'passed' },
    '017_1': { kind: 'passed' },
    '026': { kind: 'not applicable', why: 'nobody had RemoteStartTransaction sent within 20 s' },
    '023_1': { kind: 'not applicable', why: 'no idTag was given that is invalid' },
    '057': { kind: 'passed' },
    '088': { kind: 'passed' },
    '081': { kind: 'failed', why: /SignedFirmwareStatusNotification ended as .*NotImplemented/ },
  })
  t.match(asked, ['please send UnlockConnector {"connectorId":1} to UNDER-TEST'])
})
