/**
 * Attacks on the promise through the whole gateway that need two things at once: a restart and a clock, a disk and another
 * configuration, a storm and a deaf station, a meter and a car. Over = really above the rating.
 */
import t from 'tap'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { catalogue, MINUTE, SECOND, Yard, type YardCircuit } from './fixtures/yard.js'
import { YardMeter } from './fixtures/yard-meter.js'

/** A jump of other load: poll + 1.5 s + station + car (control rules, "The promise"). */
const ALIVE_MS = 13_700
/** Stations dial in again after a restart. */
const BACK_MS = 10 * SECOND
/** A frozen meter is found out, and what must be lowered is (the row "a meter is frozen or wrong"). */
const FROZEN_MS = 45 * SECOND

const MAIN: YardCircuit = {
  ...{ id: 'main', ratedCurrentA: 63, marginA: 1 },
  ...{ worstCaseOtherLoadA: 30, metered: true },
}

async function charging(ids: readonly string[], circuit = MAIN): Promise<Yard> {
  const yard = new Yard({ circuits: [circuit], stations: ids.map(id => ({ id, circuit: 'main' })) })
  yard.baseA.set('main', [5, 5, 5])
  await yard.open()
  for (const id of ids) yard.plugIn(id)
  await yard.world.runFor(5 * MINUTE)
  return yard
}

const mostA = (yard: Yard): number => Math.max(...yard.actualA('main'))

t.test(
  'a power cut while a higher fail-safe hangs at the disk, beside a deaf station as load jumps',
  async t => {
    const yard = await charging(['CP-1', 'CP-2', 'CP-3'])
    t.ok(mostA(yard) > 50, `${mostA(yard)} A before`)
    yard.world.disk().fsyncMs = 40 * SECOND
    const document = yard.config() as {
      readonly stations: readonly { readonly connectors: readonly object[] }[]
    }
    const stations = document.stations.map(station => ({
      ...station,
      connectors: station.connectors.map(connector => ({ ...connector, failSafeCurrentA: 10 })),
    }))
    const parsed = parseSiteConfig({ ...document, stations }, catalogue)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    void yard.gateway?.apply(parsed.value)
    await yard.world.runFor(3 * SECOND)
    yard.lateMs.set('CP-1', 30 * SECOND)
    yard.resetWatches()
    yard.baseA.set('main', [30, 30, 30])
    await yard.world.runFor(2 * SECOND)
    yard.powerCut()
    await yard.world.runFor(5 * SECOND)
    yard.world.disk().fsyncMs = 4
    await yard.startGateway()
    await yard.world.runFor(4 * MINUTE)
    t.ok(yard.overMs('main') <= 5 * SECOND + BACK_MS + ALIVE_MS, `over for ${yard.overMs('main')} ms`)
    yard.resetWatches()
    yard.lateMs.delete('CP-1')
    await yard.world.runFor(10 * MINUTE)
    t.equal(yard.overMs('main'), 0, 'and never again')
    await yard.close()
  },
)

t.test('a storm of profiles from the CSMS delays no lower, beside a station that is deaf', async t => {
  const ids = ['CP-1', 'CP-2', 'CP-3', 'CP-4']
  const yard = await charging(ids)
  yard.lateMs.set('CP-1', 30 * SECOND)
  let turn = 0
  const storm = yard.world.portsFor('observer').clock.every(200, () => {
    turn += 1
    for (const id of ids) {
      const schedule = {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: turn % 2 === 0 ? 32 : 9 + (turn % 5) }],
      }
      const profile = {
        ...{ chargingProfileId: 100 + (turn % 7), stackLevel: turn % 4, chargingProfileKind: 'Relative' },
        ...{ chargingProfilePurpose: 'TxDefaultProfile', chargingSchedule: schedule },
      }
      if (turn % 5 === 0) void yard.csms.call(id, 'ClearChargingProfile', {})
      else void yard.csms.call(id, 'SetChargingProfile', { connectorId: 1, csChargingProfiles: profile })
    }
  })
  await yard.world.runFor(20 * SECOND)
  yard.resetWatches()
  yard.baseA.set('main', [30, 30, 30])
  await yard.world.runFor(90 * SECOND)
  storm.cancel()
  t.ok(yard.overMs('main') <= ALIVE_MS, `over for ${yard.overMs('main')} ms`)
  yard.lateMs.delete('CP-1')
  yard.resetWatches()
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.overMs('main'), 0, 'and never again')
  await yard.close()
})

t.test('a meter that freezes right as a car leaves gives its room to nobody for long', async t => {
  for (const laterMs of [0, 2 * SECOND, 6 * SECOND]) {
    const yard = await charging(['CP-1', 'CP-2', 'CP-3'])
    yard.station('CP-1').connectors[0]?.unplug()
    await yard.world.runFor(laterMs)
    // As behind a gateway that answers out of its store: each kind of read with its own last answer.
    yard.setMeterFault('main', { kind: 'frozen' })
    yard.resetWatches()
    await yard.world.runFor(20 * SECOND)
    yard.baseA.set('main', [25, 25, 25])
    await yard.world.runFor(5 * MINUTE)
    const name = `frozen ${laterMs} ms after it left`
    t.ok(yard.overMs('main') <= FROZEN_MS, `${name}: over for ${yard.overMs('main')} ms`)
    await yard.close()
  }
})

t.test('an order outlives a restart whose clock comes up hours ahead', async t => {
  for (const byMs of [2 * 3_600_000, -2 * 3_600_000]) {
    const yard = await charging(['CP-1', 'CP-2', 'CP-3'])
    const order = { id: 'grid', target: { circuit: 'main' }, limitA: 25, durationS: 1_800 }
    t.equal((await yard.post('limits', order)).status, 200)
    await yard.world.runFor(MINUTE)
    t.ok(mostA(yard) <= 25, `${mostA(yard)} A`)
    yard.kill()
    yard.world.jumpWall(byMs)
    await yard.world.runFor(5 * SECOND)
    await yard.startGateway()
    let worstA = 0
    for (let s = 0; s < 600; s++) {
      await yard.world.runFor(SECOND)
      worstA = Math.max(worstA, mostA(yard))
    }
    t.ok(worstA <= 25, `clock ${byMs / 3_600_000} h off: ${worstA} A of 25 A`)
    await yard.close()
  }
})

t.test('a station that boots without its profiles just as Busbar restarts and load jumps', async t => {
  const yard = await charging(['CP-1', 'CP-2', 'CP-3'])
  yard.resetWatches()
  yard.kill()
  yard.world.jumpWall(-15 * MINUTE)
  yard.baseA.set('main', [28, 28, 28])
  yard.forgetProfiles('CP-2')
  await yard.world.runFor(4 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  t.ok(yard.overMs('main') <= 4 * SECOND + BACK_MS + ALIVE_MS, `over for ${yard.overMs('main')} ms`)
  yard.resetWatches()
  await yard.world.runFor(10 * MINUTE)
  t.equal(yard.overMs('main'), 0, 'and never again')
  await yard.close()
})

t.test(
  'A10: another meter that answers before the right one is not shown as fresh, nor believed',
  async t => {
    const yard = await charging(['CP-1', 'CP-2', 'CP-3'])
    let quality = 'none yet'
    yard.resetWatches()
    const other = new YardMeter(
      () => yard.nowMs,
      () => [9, 8, 7],
    )
    yard.setFirstAnswer('main', other)
    await yard.world.runFor(3 * SECOND)
    for (let s = 0; s < 60; s++) {
      if (s === 5) yard.baseA.set('main', [30, 30, 30])
      await yard.world.runFor(SECOND)
      quality = yard.view().meters[0]?.quality ?? 'none'
      if (quality === 'fresh') t.fail(`fresh after ${s} s`)
    }
    t.match(yard.view().meters[0]?.fault ?? '', /two answers to one request/)
    t.ok(yard.overMs('main') <= ALIVE_MS + 10 * SECOND, `over for ${yard.overMs('main')} ms`)
    await yard.close()
  },
)
