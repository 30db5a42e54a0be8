/**
 * Smart Charging through Busbar: the CSMS's profiles are a contract Busbar answers for, and the station must never have
 * more than it allows (control rule 8; seed 002 Appendix C rows 89-98; vectors of facts/ocpp16.md §3.4).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { type Fields, holds, same, text } from '../check.js'
import { auth, type Bench, type Rig, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Smart Charging',
  mark,
  play,
})

type Periods = readonly (readonly [startS: number, limitA: number])[]

interface ProfileSpec {
  readonly id: number
  readonly purpose: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  readonly stackLevel?: number
  readonly durationS: number
  readonly periods: Periods
  readonly transactionId?: number
}

const TX_DEFAULT: Periods = [
  [0, 6],
  [60, 10],
  [120, 8],
]
const MAX_DEVIATION_S = 6
/** From an order until the car follows: set-up of the model, the car, a read of the meter. */
const FOLLOW_MS = 20_000

function profileOf(rig: Rig, spec: ProfileSpec) {
  const nowMs = Math.floor(rig.station.wallMs() / 1000) * 1000
  const iso = (ms: number): string => new Date(ms).toISOString()
  return {
    chargingProfileId: spec.id,
    ...(spec.transactionId !== undefined && { transactionId: spec.transactionId }),
    stackLevel: spec.stackLevel ?? 0,
    chargingProfilePurpose: spec.purpose,
    chargingProfileKind: 'Absolute',
    validFrom: iso(nowMs - 1_000),
    validTo: iso(nowMs + 86_400_000),
    chargingSchedule: {
      duration: spec.durationS,
      startSchedule: iso(nowMs),
      chargingRateUnit: 'A',
      chargingSchedulePeriod: spec.periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
    },
  }
}

async function install(rig: Rig, connectorId: number, spec: ProfileSpec): Promise<number> {
  await rig.answers('Accepted', 'SetChargingProfile', {
    connectorId,
    csChargingProfiles: profileOf(rig, spec),
  })
  return Math.floor(rig.station.wallMs() / 1000)
}

/** The composite of now equals `expected`, told in seconds since `sinceS`, within what the line and seconds cost. */
async function compositeIs(rig: Rig, durationS: number, sinceS: number, expected: Periods): Promise<void> {
  const request = { connectorId: 1, duration: durationS, chargingRateUnit: 'A' }
  const conf = await rig.command('GetCompositeSchedule', request)
  same(conf.status, 'Accepted', 'status of GetCompositeSchedule')
  const offsetS = Date.parse(conf.scheduleStart) / 1000 - sinceS
  const found: Periods = conf.chargingSchedule.chargingSchedulePeriod.map((period: Fields) => [
    period.startPeriod,
    period.limit,
  ])
  const shifted = expected
    .map(([startS, limitA]) => [Math.max(0, startS - offsetS), limitA] as const)
    .filter(([startS], index, all) => startS > 0 || (all[index + 1]?.[0] ?? 1) > 0)
  same(
    found.map(([, limitA]) => limitA),
    shifted.map(([, limitA]) => limitA),
    `limits of ${text(found)}`,
  )
  found.forEach(([startS], index) => {
    const awayS = Math.abs(startS - (shifted[index]?.[0] ?? 0))
    holds(awayS <= MAX_DEVIATION_S, `periods ${text(found)}, expected ${text(shifted)}`)
  })
}

/** What the station's pilot shows never exceeds this for a while. */
async function held(rig: Rig, limitA: number): Promise<void> {
  await rig.pause(FOLLOW_MS)
  for (let look = 0; look < 10; look++) {
    const pilotA = rig.connector().pilotA()
    holds(pilotA <= limitA + 0.05, `the pilot shows ${pilotA} A where the CSMS allows ${limitA} A`)
    await rig.pause(1_000)
  }
}

export const SMART_CHARGING_CASES: readonly Row[] = [
  row('056', 'Central Smart Charging - TxDefaultProfile', 'M', async bench => {
    const rig = await bench.open()
    const sinceS = await install(rig, 1, {
      id: 1,
      purpose: 'TxDefaultProfile',
      durationS: 300,
      periods: TX_DEFAULT,
    })
    await compositeIs(rig, 250, sinceS, TX_DEFAULT)
  }),
  row('057', 'Central Smart Charging - TxProfile', 'M', async bench => {
    const rig = await bench.open()
    const transactionId = await rig.charging()
    const periods: Periods = [[0, 7]]
    const spec = { id: 1, purpose: 'TxProfile', durationS: 300, periods, transactionId } as const
    const sinceS = await install(rig, 1, spec)
    await compositeIs(rig, 200, sinceS, periods)
    await held(rig, 7)
  }),
  row('058_1', 'Central Smart Charging - No Ongoing Transaction', 'M', async bench => {
    const rig = await bench.open()
    const spec = { id: 1, purpose: 'TxProfile', durationS: 300, periods: TX_DEFAULT } as const
    const outcome = await rig.send('SetChargingProfile', {
      connectorId: 1,
      csChargingProfiles: profileOf(rig, spec),
    })
    const isRefused =
      (outcome.kind === 'result' && text(outcome.payload) === '{"status":"Rejected"}') ||
      (outcome.kind === 'error' && outcome.code === 'PropertyConstraintViolation')
    holds(isRefused, `SetChargingProfile ended as ${text(outcome)}`)
  }),
  row('058_2', 'Central Smart Charging - Wrong transactionId', 'M', async bench => {
    const rig = await bench.open()
    const transactionId = (await rig.charging()) + 1
    const spec = { id: 1, purpose: 'TxProfile', durationS: 300, periods: TX_DEFAULT, transactionId } as const
    await rig.answers('Rejected', 'SetChargingProfile', {
      connectorId: 1,
      csChargingProfiles: profileOf(rig, spec),
    })
  }),
  row('082', 'Central Smart Charging - TxDefaultProfile - Ongoing Transaction', 'M', async bench => {
    const rig = await bench.open()
    await rig.charging()
    const sinceS = await install(rig, 1, {
      id: 1,
      purpose: 'TxDefaultProfile',
      durationS: 300,
      periods: TX_DEFAULT,
    })
    await compositeIs(rig, 250, sinceS, TX_DEFAULT)
    await held(rig, 6)
  }),
  row('066', 'Get Composite Schedule', 'M', async bench => {
    const rig = await bench.open()
    const transactionId = await rig.charging()
    await install(rig, 0, { id: 1, purpose: 'ChargePointMaxProfile', durationS: 86_400, periods: [[0, 10]] })
    await install(rig, 1, {
      id: 2,
      purpose: 'TxDefaultProfile',
      durationS: 300,
      periods: [...TX_DEFAULT, [180, 25], [260, 8]],
    })
    const sinceS = await install(rig, 1, {
      id: 3,
      purpose: 'TxProfile',
      durationS: 260,
      transactionId,
      periods: [
        [0, 8],
        [50, 11],
        [140, 16],
        [200, 6],
        [240, 12],
      ],
    })
    await compositeIs(rig, 400, sinceS, [
      [0, 8],
      [50, 10],
      [200, 6],
      [240, 10],
      [260, 8],
      [300, 10],
    ])
    await held(rig, 8)
  }),
  row('067', 'Clear Charging Profile', 'M', async bench => {
    const rig = await bench.open()
    const sinceS = await install(rig, 1, {
      id: 1,
      purpose: 'TxDefaultProfile',
      stackLevel: 1,
      durationS: 400,
      periods: [
        [0, 6],
        [60, 8],
        [200, 10],
      ],
    })
    await install(rig, 1, {
      id: 2,
      purpose: 'TxDefaultProfile',
      durationS: 400,
      periods: [
        [0, 7],
        [100, 9],
      ],
    })
    await install(rig, 0, {
      id: 3,
      purpose: 'ChargePointMaxProfile',
      durationS: 86_400,
      periods: [
        [0, 11],
        [200, 12],
      ],
    })
    await rig.answers('Accepted', 'ClearChargingProfile', { id: 1 })
    await compositeIs(rig, 350, sinceS, [
      [0, 7],
      [100, 9],
    ])
    await rig.answers('Accepted', 'ClearChargingProfile', {
      connectorId: 1,
      chargingProfilePurpose: 'TxDefaultProfile',
      stackLevel: 0,
    })
    await compositeIs(rig, 350, sinceS, [
      [0, 11],
      [200, 12],
    ])
    await rig.answers('Accepted', 'ClearChargingProfile', {})
    await compositeIs(rig, 350, sinceS, [[0, 32]])
    await rig.answers('Unknown', 'ClearChargingProfile', { id: 1 })
  }),
  row('072', 'Stacking Charging Profiles', 'M', async bench => {
    const rig = await bench.open()
    const sinceS = await install(rig, 1, {
      id: 1,
      purpose: 'TxDefaultProfile',
      durationS: 400,
      periods: [
        [0, 6],
        [100, 8],
        [200, 10],
      ],
    })
    await install(rig, 1, {
      id: 2,
      purpose: 'TxDefaultProfile',
      stackLevel: 1,
      durationS: 150,
      periods: [
        [0, 7],
        [100, 9],
      ],
    })
    await compositeIs(rig, 350, sinceS, [
      [0, 7],
      [100, 9],
      [150, 8],
      [200, 10],
    ])
  }),
  row('059', 'Remote Start Transaction with Charging Profile', 'M', async bench => {
    const rig = await bench.open()
    const periods: Periods = [[0, 6]]
    const chargingProfile = profileOf(rig, { id: 1, purpose: 'TxProfile', durationS: 600, periods })
    const sinceS = Math.floor(rig.station.wallMs() / 1000)
    await rig.answers('Accepted', 'RemoteStartTransaction', {
      idTag: TAGS.valid,
      connectorId: 1,
      chargingProfile,
    })
    await rig.sees(auth(), sn('Preparing'))
    rig.plugIn()
    await rig.started({ idTag: TAGS.valid })
    await compositeIs(rig, 200, sinceS, periods)
    await held(rig, 6)
  }),
  row('060', 'Remote Start Transaction with Charging Profile - Rejected', 'M', async bench => {
    const rig = await bench.open()
    const spec = { id: 1, purpose: 'TxDefaultProfile', durationS: 300, periods: TX_DEFAULT } as const
    const outcome = await rig.send('RemoteStartTransaction', {
      idTag: TAGS.valid,
      connectorId: 1,
      chargingProfile: profileOf(rig, spec),
    })
    const isRefused =
      (outcome.kind === 'result' && text(outcome.payload) === '{"status":"Rejected"}') ||
      (outcome.kind === 'error' && outcome.code === 'PropertyConstraintViolation')
    holds(isRefused, `RemoteStartTransaction ended as ${text(outcome)}`)
    await rig.quiet(10_000, 'Authorize', 'StartTransaction')
  }),
]
