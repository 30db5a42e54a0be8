/**
 * Rows of our own beside the plan for the Central System: a stop of a session that began without it, two profiles of one
 * purpose cleared at once, and that what it has answered for outlives a loss of its supply.
 */
import type { ConformanceCase, FeatureProfile } from '../case.js'
import { holds, NotOrdered, same, text } from '../check.js'
import { composite, DEFAULT, profile, shows } from './profile-orders.js'
import { type Rig, status } from './rig.js'
import { authorize, booted, ended, notify, start } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, profile: FeatureProfile, play: Row['play']): Row => ({
  id,
  title,
  profile,
  mark: '-',
  play,
})

const OUTAGE_MS = 60_000
const AGO_MS = 40_000
const HOUR_S = 3_600
const RATED = [[0, 32]] as const

/** A session that the station began while its line was cut, told when the line is back. */
async function startedAlone(rig: Rig): Promise<number> {
  const { station, tags } = rig
  await booted(rig)
  await authorize(rig, tags.valid)
  station.cut()
  await station.pause(OUTAGE_MS)
  await station.connect()
  await notify(rig, 'Charging')
  return start(rig, { idTag: tags.valid, agoMs: AGO_MS })
}

export const OWN_CASES: readonly Row[] = [
  row('028_offline', 'Remote Stop of a session that began without the Central System', 'Core', async rig => {
    const transactionId = await startedAlone(rig)
    await rig.order({
      action: 'RemoteStopTransaction',
      payload: { transactionId },
      answer: status('Accepted'),
      fixed: ['transactionId'],
    })
    await ended(rig, { transactionId, reason: 'Remote' })
  }),
  row('067_purpose', 'Clear Charging Profile - two of one purpose at once', 'Smart Charging', async rig => {
    await booted(rig)
    const lay = (stackLevel: number, limitA: number): Promise<unknown> => {
      const order = { ...DEFAULT, id: stackLevel + 1, stackLevel, durationS: HOUR_S }
      const csChargingProfiles = profile(rig, { ...order, periods: [[0, limitA]] })
      const payload = { connectorId: 1, csChargingProfiles }
      return rig.contract({ action: 'SetChargingProfile', payload, expected: ['Accepted'] })
    }
    const clear = (expected: string): Promise<unknown> => {
      const payload = { connectorId: 1, chargingProfilePurpose: 'TxDefaultProfile' }
      return rig.contract({ action: 'ClearChargingProfile', payload, expected: [expected] })
    }
    await lay(0, 8)
    await lay(1, 9)
    shows(await composite(rig, 300), { periods: [[0, 9]] })
    await clear('Accepted')
    shows(await composite(rig, 300), { periods: RATED })
    await clear('Unknown')
  }),
  row('durable', 'What was answered outlives a loss of supply', 'Core', async rig => {
    const { station, supply, tags } = rig
    if (supply === undefined) throw new NotOrdered('nobody cuts the supply of this Central System')
    await booted(rig)
    await authorize(rig, tags.valid)
    const transactionId = await start(rig, { idTag: tags.valid })
    await supply.cut()
    await station.connect()
    const begun = await supply.bookedOf(transactionId)
    same(begun?.stationId, station.id, `the station of session ${transactionId} in the books`)
    await ended(rig, { transactionId, reason: 'Local', idTag: tags.valid })
    await supply.cut()
    const over = await supply.bookedOf(transactionId)
    holds(
      over?.reason === 'Local' && over.meterStopWh === '3500',
      `session ${transactionId} is booked as ${text(over)}`,
    )
  }),
]
