/** The simulated depot under virtual time, its stations straight at its CSMS: what a demo or a soak builds on. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseDocument } from '../../src/core/config/faults.js'
import { marginA } from '../../src/core/config/site.js'
import { type StationModel, stationModelSchema } from '../../src/core/config/station-model.js'
import { createDepot, type Depot } from '../../src/sim/depot.js'
import { onSitePhases, planDepot, siteConfig } from '../../src/sim/depot-plan.js'
import { SiteMeter, type WrongMeter } from '../../src/sim/meter.js'
import { createWorld, type World } from '../../src/sim/ports/world.js'

const MINUTE = 60_000

function model(id: string): StationModel {
  const text = readFileSync(new URL(`../../../devices/stations/${id}.json`, import.meta.url), 'utf8')
  const parsed = parseDocument(stationModelSchema, JSON.parse(text))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed.value
}

const models = { 'weg-wemob': model('weg-wemob'), 'ecs-wkt-ec13': model('ecs-wkt-ec13') }

async function openDepot(seed: number, stations: number): Promise<{ world: World; depot: Depot }> {
  const world = createWorld({ seed })
  const depot = createDepot({
    ports: world.portsFor('depot'),
    portsFor: name => world.portsFor(name),
    stations,
    models,
    csmsHost: 'csms',
    csmsPort: 0,
  })
  await world.until(depot.start())
  depot.open(depot.csms.url)
  return { world, depot }
}

t.test(
  'most connectors have a car within 30 s, and together the cars want more than the site has',
  async t => {
    const { world, depot } = await openDepot(3, 12)
    await world.runFor(30_000)
    const occupied = depot.stations.filter(({ connectors }) => connectors[0]?.car())
    t.ok(occupied.length >= 9, `${occupied.length} of 12 occupied`)
    await world.runFor(30_000)
    const main = depot.actualA('main')
    t.ok(
      Math.max(...main) > depot.plan.mainRatedA,
      `unmanaged: ${main.map(Math.round)} A on ${depot.plan.mainRatedA} A`,
    )
    const values = depot.meterValues()
    t.equal(values?.['Current.L2'], main[1])
    const feeder = depot.feederMeter.values()
    t.equal(feeder?.['Current.L1'], depot.actualA('feeder-1')[0], 'the first feeder has a meter of its own')
    depot.setMeterWrong('x10')
    t.equal(depot.feederMeter.values()?.['Current.L1'], feeder?.['Current.L1'], 'which is wrong for itself')
    depot.setMeterOnline(false)
    t.equal(depot.meterValues(), undefined)
    await depot.stop()
  },
)

t.test(
  'cars come and go all day: every start has its stop, and the same seed gives the same day',
  async t => {
    const run = async () => {
      const { world, depot } = await openDepot(5, 6)
      await world.runFor(3 * 60 * MINUTE)
      const count = (action: string) => depot.csms.calls({ action }).length
      const summary = [
        count('StartTransaction'),
        count('StopTransaction'),
        count('MeterValues'),
        world.trace.hash(),
      ]
      const bad = depot.csms.seen.filter(({ payload }) =>
        JSON.stringify(payload).includes('"transactionId":-1'),
      )
      await depot.stop()
      return { summary, bad }
    }
    const first = await run()
    const [starts, stops] = first.summary
    t.ok(Number(starts) > 18, `${starts} sessions in 3 h at 6 stations`)
    t.ok(Number(starts) - Number(stops) <= 6, `${stops} of them ended`)
    t.equal(first.bad.length, 0)
    t.strictSame((await run()).summary, first.summary)
  },
)

t.test('the CSMS goes and comes back: the stations deliver what they kept', async t => {
  const { world, depot } = await openDepot(9, 3)
  await world.runFor(2 * MINUTE)
  await world.until(depot.setCsmsOnline(false))
  await world.runFor(10 * MINUTE)
  const waiting = () => depot.stations.reduce((sum, station) => sum + station.waitingMessages(), 0)
  t.ok(waiting() > 0)
  await world.until(depot.setCsmsOnline(true))
  await world.runFor(3 * MINUTE)
  t.equal(waiting(), 0)

  // two who took it away give it back at once, and one of them takes it away anew
  const all = [true, true, false, true, true].map(online => depot.setCsmsOnline(online))
  await t.resolves(world.until(Promise.all(all)))
  await world.runFor(3 * MINUTE)
  t.equal(depot.stations.filter(station => station.isOnline()).length, 3)
  await depot.stop()
})

t.test(
  'the plan holds for 1 to 60 stations: fail-safe currents fit every circuit beside the worst other load',
  async t => {
    for (const count of [1, 2, 3, 5, 12, 31, 60]) {
      const config = siteConfig(planDepot(count), { csmsUrl: 'ws://127.0.0.1:9100/ocpp' })
      for (const circuit of config.circuits) {
        const below = config.stations.filter(
          station => circuit.id === 'main' || station.circuit === circuit.id,
        )
        const failSafeA = below.reduce(
          (sum, { connectors }) => sum + (connectors[0]?.failSafeCurrentA ?? 0),
          0,
        )
        const room = circuit.ratedCurrentA - marginA(circuit) - circuit.worstCaseOtherLoadA - failSafeA
        t.ok(room > 0, `${count} stations, ${circuit.id}: ${room} A left`)
      }
    }
  },
)

t.test('own phases are seen on the site as wired', async t => {
  t.strictSame(onSitePhases([16, 8, 0], 'RST'), [16, 8, 0])
  t.strictSame(onSitePhases([16, 8, 0], 'STR'), [0, 16, 8], 'own L1 on S, own L2 on T')
  t.strictSame(onSitePhases([16, 8, 0], 'TRS'), [8, 0, 16])
})

t.test("the demo's meter can be wrong in every way installers know, and right again", async t => {
  const world = createWorld({ seed: 1 })
  const meter = new SiteMeter(world.portsFor('depot').clock, () => [10, 20, 30])
  const shown = (wrong: WrongMeter | undefined) => {
    meter.setWrong(wrong)
    const values = meter.values()
    return ['L1', 'L2', 'L3'].map(phase => values?.[`Current.${phase}`])
  }
  t.same(shown(undefined), [10, 20, 30])
  t.same(shown('x10'), [100, 200, 300])
  t.same(shown('x0.1'), [1, 2, 3])
  t.same(shown('swapped'), [20, 30, 10])
  t.ok((meter.values()?.['Power.Active.L3'] ?? 0) < 2_400, 'watts move with the amps')
  shown('reversed')
  t.ok((meter.values()?.['Power.Active.L2'] ?? 0) < 0)
  t.same(shown('inverted'), [10, 20, 30], 'unsigned, as in most meters')
  const back = meter.values()
  t.ok([1, 2, 3].every(at => (back?.[`Power.Active.L${at}`] ?? 0) < 0))
  t.equal(back?.['Energy.Active.Import.Total'], 0, 'what comes in is counted as going out')
  t.same(shown(undefined), [10, 20, 30])
})
