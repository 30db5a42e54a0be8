/** Stations that give direct current, through the whole gateway: watts, three phases, an efficiency (control rule 16). */
import t from 'tap'
import { parseDocument } from '../../src/core/config/faults.js'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { stationModelSchema } from '../../src/core/config/station-model.js'
import { readSample } from '../../src/core/measuring/measured.js'
import { GOOD } from '../process/fixtures/site.js'
import { catalogue, MINUTE, SECOND, Yard, type YardStation } from './fixtures/yard.js'

/** 150 kW of direct current at 94 %: 231 A of the grid. */
const FULL_A = 150_000 / (3 * 230 * 0.94)
const DC: YardStation = {
  ...{ id: 'DC-1', circuit: 'main', device: 'generic-dc', dcEfficiency: 0.94 },
  ...{ maxCurrentA: 231, failSafeCurrentA: 20 },
}
const AC: YardStation = { id: 'AC-1', circuit: 'main', failSafeCurrentA: 6 }
const MAIN = { id: 'main', ratedCurrentA: 250, marginA: 5, worstCaseOtherLoadA: 150 }
const DC_CONNECTOR = {
  id: 1,
  phases: 'L1L2L3',
  phaseRotation: 'RST',
  maxCurrentA: 231,
  failSafeCurrentA: 20,
} as const
const dcCar = { phases: 3, maxA: 400 } as const

const sentW = (yard: Yard): readonly number[] =>
  yard
    .writesSince(0)
    .filter(({ stationId }) => stationId === 'DC-1')
    .flatMap(({ payload }) => payload.csChargingProfiles.chargingSchedule)
    .flatMap(({ chargingRateUnit, chargingSchedulePeriod }) => {
      t.equal(chargingRateUnit, 'W', 'never in amps')
      return chargingSchedulePeriod.map(({ limit }: { limit: number }) => limit)
    })

t.test('rule 16: a DC station beside an AC one is counted by what it takes from the grid', async t => {
  for (const metered of [true, false]) {
    const yard = new Yard({
      circuits: [metered ? { ...MAIN, metered } : { ...MAIN, worstCaseOtherLoadA: 0 }],
      stations: [DC, AC],
    })
    await yard.open()
    let wrong = 0
    yard.onLook = () => {
      const connector = yard.gateway?.control().connectors.find(({ key }) => key === 'DC-1/1')
      const { reading } = connector ?? {}
      if (reading === undefined || yard.nowMs - reading.monoMs > 2 * SECOND) return
      const now = yard.flowA('DC-1')
      // it may have moved since, up and down by a step
      if (
        now.some(
          (amps, at) => amps > (reading.upperA[at] ?? 999) + 40 || amps < (reading.lowerA[at] ?? 0) - 40,
        )
      )
        wrong++
    }
    yard.plugIn('DC-1', dcCar)
    yard.plugIn('AC-1', { phases: 3 })
    await yard.world.runFor(8 * MINUTE)
    const drawnA = Math.max(...yard.flowA('DC-1'))
    t.ok(drawnA > 120, `${drawnA} A of the grid`)
    t.ok(drawnA <= FULL_A, `${drawnA} A of the grid`)
    const [dcA = 0, acA = 0] = (yard.gateway?.control().connectors ?? []).map(({ offerA }) => offerA)
    t.ok(dcA + acA <= 250 + 0.01, `${dcA} and ${acA} A`)
    t.ok(drawnA <= dcA + 0.5, `${drawnA} A of ${dcA} A offered`)
    t.equal(wrong, 0, 'what is known of it holds the truth')
    t.equal(yard.overMs('main'), 0)
    const mostW = Math.max(...sentW(yard))
    t.ok(mostW <= 231 * 3 * 230 * 0.85, `${mostW} W`)
    t.ok(mostW > 0.6 * 150_000, `${mostW} W`)
    await yard.close()
  }
})

t.test('rule 16: a jump of other load lowers a DC station within the promise', async t => {
  const yard = new Yard({ circuits: [{ ...MAIN, metered: true }], stations: [DC, AC] })
  await yard.open()
  yard.plugIn('DC-1', dcCar)
  yard.plugIn('AC-1', { phases: 3 })
  await yard.world.runFor(6 * MINUTE)
  const beforeA = Math.max(...yard.flowA('DC-1'))
  yard.baseA.set('main', [140, 140, 140])
  await yard.world.runFor(2 * MINUTE)
  t.ok(Math.max(...yard.flowA('DC-1')) < beforeA - 40)
  t.ok(yard.overMs('main') <= 13_700, `${yard.overMs('main')} ms over`)
  yard.kill()
  await yard.world.runFor(20 * MINUTE)
  const failSafeA = Math.max(...yard.flowA('DC-1'))
  t.ok(failSafeA > 10 && failSafeA <= 20, `${failSafeA} A of 20 A without Busbar`)
  t.ok(yard.overMs('main') <= 13_700, `${yard.overMs('main')} ms over`)
  await yard.close()
})

t.test('rule 16: a limit of the CSMS for a DC station is one of what it gives', async t => {
  const yard = new Yard({ circuits: [{ ...MAIN, metered: true }], stations: [DC] })
  await yard.open()
  yard.plugIn('DC-1', dcCar)
  await yard.world.runFor(3 * MINUTE)
  const profile = {
    ...{ chargingProfileId: 9, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile' },
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      ...{ chargingRateUnit: 'W', startSchedule: '2020-01-01T00:00:00Z' },
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 60_000, numberPhases: 1 }],
    },
  }
  const answer = await yard.world.until(
    yard.csms.call('DC-1', 'SetChargingProfile', { connectorId: 1, csChargingProfiles: profile }),
  )
  t.match(answer, { kind: 'result' })
  t.match(JSON.stringify(answer), 'Accepted')
  await yard.world.runFor(2 * MINUTE)
  const givenW = Math.max(...yard.flowA('DC-1')) * 3 * 230 * 0.94
  t.ok(givenW <= 60_000 && givenW > 55_000, `${givenW} W given`)
  await yard.close()
})

t.test(
  'rule 16: amps and volts of direct current are none of the grid, its power lies between two bounds',
  t => {
    const context = {
      connector: DC_CONNECTOR,
      nominalVoltageV: 230,
      bookedA: 231,
      monoMs: 0,
      dcEfficiency: 0.85,
    }
    const sample = { powerW: 69_000, currentA: 172, voltageV: 401, ownPhasesA: [172, 0, 0] as const }
    const { reading, carPhases } = readSample(sample, context)
    t.same(carPhases, { count: 3 })
    t.same(reading?.used, [true, true, true])
    for (const at of [0, 1, 2] as const) {
      // 100 A at 230 V if that is what it takes, 118 A if it is what it gives
      t.ok(Math.abs((reading?.lowerA[at] ?? 0) - 100 / 1.1) < 0.01)
      t.ok(Math.abs((reading?.upperA[at] ?? 0) - 100 / 0.85 / 0.9) < 0.01)
      t.ok(Math.abs((reading?.bestA[at] ?? 0) - 108.8) < 0.1)
    }
    t.same(readSample({ currentA: 172, voltageV: 401 }, context), {}, 'amps alone say nothing')
    t.same(readSample({ powerW: 0 }, context).reading?.used, [false, false, false])
    t.end()
  },
)

t.test('amps above 80 are for DC stations, which take all phases and watts', t => {
  const faultsOf = (device: string, connector: object) => {
    const stations = [
      { ...GOOD.stations[0], device, connectors: [{ ...GOOD.stations[0]?.connectors[0], ...connector }] },
    ]
    const parsed = parseSiteConfig(
      { ...GOOD, circuits: [{ ...GOOD.circuits[0], ratedCurrentA: 400 }], stations },
      catalogue,
    )
    return parsed.ok ? [] : parsed.faults.map(({ path }) => path)
  }
  t.same(faultsOf('generic-dc', { maxCurrentA: 231 }), [])
  t.same(faultsOf('generic', { maxCurrentA: 231 }), ['stations[0].connectors[0].maxCurrentA'])
  const generic = catalogue.stationModels.get('generic-dc')
  const inAmps = { ...generic, smartCharging: { ...generic?.smartCharging, rateUnits: ['A', 'W'] } }
  const read = parseDocument(stationModelSchema, inAmps)
  t.match(read, { ok: false, faults: [{ path: 'smartCharging.rateUnits' }] })
  t.same(faultsOf('generic-dc', { phases: 'L1', phaseRotation: 'Unknown' }), [
    'stations[0].connectors[0].phases',
  ])
  t.end()
})
