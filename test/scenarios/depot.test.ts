/**
 * The whole gateway in a whole simulated depot, hours of it, with everything going wrong that the doors allow: meter,
 * station links, CSMS and Busbar itself. The truth is what flows, not what was planned.
 */
import t from 'tap'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { startGateway } from '../../src/gateway.js'
import { createDepot } from '../../src/sim/depot.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { fitMeter } from '../../src/sim/wiring.js'
import { catalogue, Yard } from './fixtures/yard.js'

const SECOND = 1_000
const MINUTE = 60_000
const METER = 'eastron-sdm630-v2'
/** The promise with a 1 s meter: poll + 1.5 s + station and car at 11 s, and the quarter second of the looks. */
const PROMISED_MS = 13_750

/** So much of a seed is lived twice. */
const AGAIN_MIN = 20

interface Run {
  /** Of the first 20 min. */
  readonly hash: string
  readonly longestOverMs: number
  readonly worstShare: number
  readonly transactions: number
  readonly chargedA: number
}

/** Faults by the seed's own dice, one every minute or so; each is mended within another. */
async function live(seed: number, minutes: number, faults: boolean): Promise<Run> {
  const world = createWorld({ seed })
  const device = catalogue.meters.get(METER)
  if (device === undefined) throw new Error(METER)
  const depot = createDepot({
    ports: world.portsFor('depot'),
    portsFor: name => world.portsFor(name),
    models: Object.fromEntries(catalogue.stationModels),
    csmsHost: 'csms',
    csmsPort: 9100,
  })
  await world.until(depot.start())
  fitMeter(world.bus, { key: '10.9.9.9:502', unitId: 1 }, device, () => depot.meterValues())
  const parsed = parseSiteConfig(
    depot.siteConfig({
      ocppPort: 9000,
      webPort: 8080,
      meter: { device: METER, host: '10.9.9.9', port: 502 },
    }),
    catalogue,
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  const config = parsed.value
  const start = async (): Promise<void> => {
    await world.until(
      startGateway(world.ports, {
        config,
        catalogue,
        users: { find: async () => undefined },
        passwordOf: () => undefined,
      }),
    )
  }
  await start()
  depot.open('ws://busbar:9000/ocpp')

  const over = new Map<string, number>()
  let longestOverMs = 0
  let worstShare = 0
  let chargedA = 0
  world.portsFor('observer').clock.every(250, () => {
    for (const { id, ratedCurrentA } of config.circuits) {
      const mostA = Math.max(...depot.actualA(id))
      worstShare = Math.max(worstShare, mostA / ratedCurrentA)
      if (id !== 'main') chargedA = Math.max(chargedA, mostA)
      if (mostA <= ratedCurrentA + 0.01) over.delete(id)
      else over.set(id, (over.get(id) ?? 0) + 250)
      longestOverMs = Math.max(longestOverMs, over.get(id) ?? 0)
    }
  })
  const dice = world.random.fork('faults')
  let hash = ''
  for (let minute = 0; minute < minutes; minute++) {
    const fault = faults ? Math.floor(dice.next() * 6) : -1
    const forMs = Math.floor(dice.next() * 50) * SECOND
    if (fault === 0) depot.setMeterOnline(false)
    if (fault === 1) await world.until(depot.setCsmsOnline(false))
    if (fault === 2) world.network.cut({ path: '/ocpp/CP-03' })
    if (fault === 3) depot.setStationPower('CP-04', false)
    if (fault === 4) world.kill()
    if (fault === 5) depot.setExtraLoadA(30)
    await world.runFor(forMs)
    if (fault === 0) depot.setMeterOnline(true)
    if (fault === 1) await world.until(depot.setCsmsOnline(true))
    if (fault === 3) depot.setStationPower('CP-04', true)
    if (fault === 4) await start()
    if (fault === 5) depot.setExtraLoadA(0)
    await world.runFor(MINUTE - forMs)
    if (minute + 1 === AGAIN_MIN) hash = world.trace.hash()
  }
  const transactions = depot.csms.calls({ action: 'StartTransaction' }).length
  return { hash, longestOverMs, worstShare, transactions, chargedA }
}

t.test('a depot keeps its limits whatever fails, and its trace is its seed', async t => {
  const first = await live(1, 40, true)
  const again = await live(1, AGAIN_MIN, true)
  const other = await live(2, 40, true)
  const third = await live(3, 40, true)
  t.ok(again.hash === first.hash && again.hash !== '', 'the same seed gives the same trace')
  t.not(other.hash, first.hash, 'another seed another')
  for (const [index, run] of [first, other, third].entries()) {
    t.ok(run.transactions >= 12, `seed ${index + 1}: ${run.transactions} transactions`)
    t.ok(run.chargedA > 20, `seed ${index + 1}: a feeder carried up to ${run.chargedA} A`)
    t.ok(
      run.longestOverMs <= PROMISED_MS,
      `seed ${index + 1}: over a rating for at most ${run.longestOverMs} ms`,
    )
    t.ok(
      run.worstShare <= 1.45,
      `seed ${index + 1}: at most ${Math.round(run.worstShare * 100)} % of a rating`,
    )
  }
})

t.test('twelve cars at rest are left in peace', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 160, worstCaseOtherLoadA: 60, metered: true }],
    stations: Array.from({ length: 12 }, (_, index) => ({ id: `CP-${index + 1}`, circuit: 'main' })),
  })
  yard.baseA.set('main', [30, 30, 30])
  await yard.open()
  for (let index = 1; index <= 12; index++) yard.plugIn(`CP-${index}`)
  await yard.world.runFor(10 * MINUTE)
  const mark = yard.nowMs
  await yard.world.runFor(30 * MINUTE)
  const writes = yard.writesSince(mark).length
  const perDay = (writes / 12) * 48
  t.ok(perDay <= 1_000, `${Math.round(perDay)} writes per station and day`)
  t.ok(Math.min(...yard.offersA()) >= 9, `every car has its share: ${yard.offersA().join(' ')}`)
  t.equal(yard.overMs('main'), 0, 'and nothing was over')
  await yard.close()
})
