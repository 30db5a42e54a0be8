/**
 * The links to the CSMS after an outage, in simulated time: one that opens wakes the others, within seconds and not all
 * at once, and each says why it was down. Proxy rule 5; OCPP-J 1.6 errata 3.3.
 */
import t from 'tap'
import { LinkCircle } from '../../src/ocpp/csms/link-circle.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

const COUNT = 40

function depot(seed: number): Yard {
  return new Yard({
    seed,
    circuits: [{ id: 'main', ratedCurrentA: 2_000, worstCaseOtherLoadA: 60, metered: true }],
    stations: Array.from({ length: COUNT }, (_, index) => ({ id: `CP-${index + 1}`, circuit: 'main' })),
  })
}

const openLinks = (yard: Yard): number => yard.view().csms.openLinks

/** Virtual ms until `enough` links are open; undefined when it takes longer than `withinMs`. */
async function untilOpen(yard: Yard, enough: number, withinMs: number): Promise<number | undefined> {
  const startMs = yard.nowMs
  while (yard.nowMs - startMs <= withinMs) {
    if (openLinks(yard) >= enough) return yard.nowMs - startMs
    await yard.world.runFor(SECOND)
  }
  return undefined
}

t.test('40 stations: 30 s after the first link all are back, however long the outage', async t => {
  const yard = depot(7)
  await yard.open()
  t.equal(openLinks(yard), COUNT)
  for (const outageMs of [157 * SECOND, 20 * MINUTE]) {
    await yard.world.until(yard.csms.setOnline(false))
    await yard.world.runFor(2 * SECOND)
    const since = yard.view().stations.map(station => station.csms.since)
    await yard.world.runFor(outageMs - 2 * SECOND)
    const { alarms, stations } = yard.view()
    t.same(
      stations.map(station => station.csms.since),
      since,
      'tries in between do not make the outage younger',
    )
    for (const { csms } of stations) t.match(csms, { state: /waiting|connecting/, reason: 'tcp' })
    t.ok(stations.some(({ csms }) => csms.nextTryAt !== undefined))
    t.match(
      alarms.find(({ code }) => code === 'csms-away')?.text,
      /^CSMS not reached at [^ ]+: connection refused; 40 stations; \d+ messages? /,
    )
    await yard.world.until(yard.csms.setOnline(true))
    const firstMs = await untilOpen(yard, 1, 61 * SECOND)
    t.ok(firstMs !== undefined, `the first after ${firstMs} ms`)
    const restMs = await untilOpen(yard, COUNT, 30 * SECOND)
    t.ok(restMs !== undefined, `outage of ${outageMs / 1000} s: all ${restMs} ms after the first`)
    await yard.world.runFor(20 * SECOND)
  }
  t.comment('a link that lived 20 s and carried a frame was a good one')
  await yard.world.until(yard.csms.setOnline(false))
  await yard.world.runFor(SECOND)
  await yard.world.until(yard.csms.setOnline(true))
  t.ok((await untilOpen(yard, COUNT, 20 * SECOND)) !== undefined, 'all are back by their first wait')
  await yard.close()
})

t.test('"since" of a lost meter goes back to where it became stale', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 60, metered: true }],
    stations: [{ id: 'CP-1', circuit: 'main' }],
  })
  await yard.open()
  yard.setMeterFault('main', { kind: 'silent' })
  await yard.world.runFor(15 * SECOND)
  const stale = yard.view().alarms.find(({ code }) => code === 'meter-stale')
  t.match(stale?.text, /timeout; unit 1 at meter:502/)
  await yard.world.runFor(2 * MINUTE)
  const lost = yard.view().alarms.find(({ code }) => code === 'meter-lost')
  t.ok(lost !== undefined)
  t.equal(lost?.since, stale?.since)
  t.match(yard.view().meters[0], {
    unitId: 1,
    address: 'meter:502',
    fault: 'timeout',
    faultSaid: { phrase: 'meter-silent' },
    frozen: false,
  })
  await yard.close()
})

t.test('500 links are woken over ten seconds, the refused ones only when an operator says so', async t => {
  let nowMs = 0
  const due: { readonly atMs: number; readonly run: () => void }[] = []
  let n = 0
  const circle = new LinkCircle({
    clock: {
      wallMs: () => nowMs,
      monoMs: () => nowMs,
      after: (delayMs, run) => {
        due.push({ atMs: nowMs + delayMs, run })
        return { cancel: () => undefined }
      },
      every: () => ({ cancel: () => undefined }),
      eachMinute: () => ({ cancel: () => undefined }),
    },
    random: { next: () => (n++ % 500) / 500 },
  })
  const runTo = (atMs: number): void => {
    nowMs = atMs
    for (const job of due.splice(0)) {
      if (job.atMs <= nowMs) job.run()
      else due.push(job)
    }
  }
  const delays: number[] = []
  let isOpen = true
  const opener = { isOpen: () => isOpen, mayBeWoken: () => false, tryWithin: () => t.fail('it is open') }
  const refused = {
    isOpen: () => false,
    mayBeWoken: () => false,
    tryWithin: (delayMs: number) => void delays.push(delayMs),
  }
  circle.join(opener)
  circle.join(refused)
  circle.opened(opener)
  t.equal(due.length, 0, 'nobody waits who may be woken')
  for (let index = 0; index < 500; index += 1) circle.join({ ...refused, mayBeWoken: () => true })
  circle.opened(opener)
  isOpen = false
  runTo(1_000)
  t.equal(delays.length, 0, 'a link that was dropped within a second wakes nobody')
  isOpen = true
  circle.opened(opener)
  circle.opened(opener)
  runTo(2_000)
  t.equal(delays.length, 500)
  const perSecond = new Map<number, number>()
  for (const delayMs of delays) {
    const second = Math.floor(delayMs / 1000)
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
  }
  t.equal(perSecond.size, 10)
  t.ok(Math.max(...perSecond.values()) <= 51)
  circle.opened(opener)
  runTo(11_000)
  t.equal(delays.length, 500, 'the next round comes no sooner than 10 s')
  runTo(12_000)
  t.equal(delays.length, 1_000)
  t.equal(circle.tryAll(), 501)
  t.equal(delays.length, 1_501)
})
