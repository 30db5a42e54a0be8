/**
 * Smart Charging (seed 002 Appendix C rows 89-98; sequences of facts/ocpp16.md §5, vectors §3.4). Busbar keeps the
 * contract and gives the station a profile of its own: what the station then holds may never exceed what was commanded.
 */
import type { ConformanceCase, Mark } from '../case.js'
import { callFault, type Fields, holds } from '../check.js'
import {
  composite,
  DEFAULT,
  MAXIMUM,
  obeyed,
  profile,
  raisedAbove,
  shows,
  TRANSACTION,
} from './profile-orders.js'
import { type Rig, status } from './rig.js'
import { authorize, booted, charging, ended, notify, start } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Smart Charging',
  mark,
  play,
})

/** The plan's example limit; also what a station holds by itself, so the cases show that without it more would flow. */
const LIMIT_A = 6
const ONE_LIMIT = [[0, LIMIT_A]] as const
const LIMIT_W = 6_000
/** Nominal 230 V on three phases (errata 3.69). */
const WATTS_PER_A = 690
const HOUR_S = 3_600

export const SMART_CHARGING_CASES: readonly Row[] = [
  row('056', 'Central Smart Charging - TxDefaultProfile', 'M', async rig => {
    await booted(rig)
    await set(rig, 1, profile(rig, { ...DEFAULT, periods: ONE_LIMIT, durationS: HOUR_S }))
    shows(await composite(rig, 300), { periods: ONE_LIMIT })
    const transactionId = await charging(rig)
    await obeyed(rig, () => LIMIT_A)
    await clear(rig, { chargingProfilePurpose: 'TxDefaultProfile' })
    await raisedAbove(rig, LIMIT_A)
    if (rig.isBusbar) await inWatts(rig)
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('057', 'Central Smart Charging - TxProfile', 'M', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await raisedAbove(rig, LIMIT_A)
    await set(rig, 1, profile(rig, { ...TRANSACTION, transactionId, periods: ONE_LIMIT, durationS: HOUR_S }))
    shows(await composite(rig, 300), { periods: ONE_LIMIT })
    await obeyed(rig, () => LIMIT_A)
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('058_1', 'Central Smart Charging - No ongoing transaction', 'O', async rig => {
    await booted(rig)
    await set(rig, 1, profile(rig, { ...TRANSACTION, periods: ONE_LIMIT, durationS: HOUR_S }), [
      'Rejected',
      'PropertyConstraintViolation',
    ])
  }),
  row('058_2', 'Central Smart Charging - Wrong transactionId', 'O', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    const wrong = {
      ...TRANSACTION,
      transactionId: transactionId + 1_000,
      periods: ONE_LIMIT,
      durationS: HOUR_S,
    }
    await set(rig, 1, profile(rig, wrong), ['Rejected'])
    if (rig.isBusbar) await raisedAbove(rig, LIMIT_A)
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('066', 'Get Composite Schedule', 'M', compositeSchedule),
  row('067', 'Clear Charging Profile', 'M', clearProfiles),
  row('059', 'Remote Start Transaction with Charging Profile', 'M', async rig => {
    await booted(rig)
    const { idTag, chargingProfile } = await rig.order(remoteStart(rig, 'TxProfile'))
    if (!rig.isBusbar)
      holds(chargingProfile?.chargingProfilePurpose === 'TxProfile', 'the remote start brought no TxProfile')
    await authorize(rig, idTag)
    await notify(rig, 'Preparing')
    const transactionId = await start(rig, { idTag })
    await notify(rig, 'Charging')
    if (rig.isBusbar) {
      shows(await composite(rig, 300), { periods: ONE_LIMIT })
      await obeyed(rig, () => LIMIT_A)
      await clear(rig, {})
      await raisedAbove(rig, LIMIT_A)
    }
    await ended(rig, { transactionId, reason: 'Local', idTag })
  }),
  row('060', 'Remote Start Transaction with Charging Profile - Rejected', 'O', async rig => {
    await booted(rig)
    const order = remoteStart(rig, 'TxDefaultProfile')
    if (rig.isBusbar) await rig.refused(order.action, order.payload)
    else await rig.order({ ...order, answer: status('Rejected') })
  }),
]

/** The plan allows either unit, and the station both. */
async function inWatts(rig: Rig): Promise<void> {
  await raisedAbove(rig, LIMIT_W / WATTS_PER_A)
  const periods = [[0, LIMIT_W]] as const
  await set(rig, 1, profile(rig, { ...DEFAULT, periods, durationS: HOUR_S, unit: 'W' }))
  shows(await composite(rig, 300, 'W'), { periods, unit: 'W' })
  await obeyed(rig, () => LIMIT_W / WATTS_PER_A)
}

async function compositeSchedule(rig: Rig): Promise<void> {
  await booted(rig)
  const transactionId = await charging(rig)
  if (rig.isBusbar) await raisedAbove(rig, 16)
  const startMs = rig.station.wallMs()
  const defaults = [
    [0, 6],
    [60, 10],
    [120, 8],
    [180, 15],
    [260, 8],
  ] as const
  const own = [
    [0, 8],
    [50, 11],
    [140, 16],
    [200, 6],
    [240, 12],
  ] as const
  const start = { startMs, stackLevel: 0 }
  await set(rig, 0, profile(rig, { ...MAXIMUM, ...start, periods: [[0, 10]], durationS: 86_400 }))
  await set(rig, 1, profile(rig, { ...DEFAULT, ...start, periods: defaults, durationS: 300 }))
  await set(rig, 1, profile(rig, { ...TRANSACTION, ...start, transactionId, periods: own, durationS: 260 }))
  // The tail follows from evaluating every instant, which the document's list leaves out (facts §3.4).
  const periods = [
    [0, 8],
    [50, 10],
    [200, 6],
    [240, 10],
    [260, 8],
    [300, 10],
  ] as const
  await rig.station.pause(5_000)
  shows(await composite(rig, 400), { periods, startMs })
  await obeyed(rig, second => periods.findLast(([from]) => from <= second)?.[1] ?? 0, startMs)
  await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
}

async function clearProfiles(rig: Rig): Promise<void> {
  await booted(rig)
  const transactionId = await charging(rig)
  const startMs = rig.station.wallMs()
  const maximum = [
    [0, 11],
    [200, 12],
  ] as const
  const defaults = [
    [0, 7],
    [100, 9],
  ] as const
  const own = [
    [0, 6],
    [60, 8],
    [200, 10],
  ] as const
  await set(rig, 0, profile(rig, { ...MAXIMUM, startMs, periods: maximum, durationS: 86_400 }))
  await set(rig, 1, profile(rig, { ...DEFAULT, startMs, periods: defaults, durationS: 400 }))
  await set(rig, 1, profile(rig, { ...TRANSACTION, startMs, transactionId, periods: own, durationS: 400 }))
  shows(await composite(rig, 350), { periods: own, startMs })
  await clear(rig, { id: TRANSACTION.id })
  shows(await composite(rig, 350), { periods: defaults, startMs })
  await clear(rig, { chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 0 })
  shows(await composite(rig, 350), { periods: maximum, startMs })
  await clear(rig, {})
  if (rig.isBusbar) await clear(rig, {}, 'Unknown')
  await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
}

async function set(
  rig: Rig,
  connectorId: number,
  csChargingProfiles: Fields,
  expected: readonly string[] = ['Accepted'],
): Promise<void> {
  const payload = { connectorId, csChargingProfiles }
  const fault = callFault('SetChargingProfile', payload)
  holds(fault === undefined, `the case itself orders ${fault}`)
  await rig.contract({ action: 'SetChargingProfile', payload, expected })
}

async function clear(rig: Rig, payload: Fields, expected = 'Accepted'): Promise<void> {
  await rig.contract({ action: 'ClearChargingProfile', payload, expected: [expected] })
}

function remoteStart(rig: Rig, purpose: 'TxProfile' | 'TxDefaultProfile') {
  const plain = { connectorId: 1, idTag: rig.tags.valid }
  const { chargingSchedule, ...fields } = profile(rig, {
    ...TRANSACTION,
    purpose,
    periods: ONE_LIMIT,
    durationS: HOUR_S,
  })
  const { startSchedule: _, ...schedule } = chargingSchedule
  const chargingProfile = { ...fields, chargingProfileKind: 'Relative', chargingSchedule: schedule }
  return {
    action: 'RemoteStartTransaction',
    payload: { ...plain, chargingProfile },
    forwarded: plain,
    answer: status('Accepted'),
  }
}
