/** What happens around the stations in the soak: CSMS, links, other load, and Busbar itself. */
import { among, oneOf, whole } from './depot.js'
import type { FaultKind, FaultSite } from './fault-kind.js'

export const WORLD_FAULTS: readonly FaultKind[] = [
  { cause: 'CSMS storm', row: 'late', mostS: 300, begin: storm },
  { cause: 'CSMS profiles', row: 'csms', mostS: 1_200, begin: csmsProfiles },
  {
    cause: 'CSMS away',
    row: 'csms',
    mostS: 900,
    begin: site => {
      site.setCsmsOnline(false)
      return () => site.setCsmsOnline(true)
    },
  },
  {
    cause: 'links cut',
    row: 'unreached',
    mostS: 30,
    begin: site => {
      const half = site.dice.next() < 0.5
      for (const { id } of site.planned) if (site.dice.next() < 0.5) site.cutLine(id, half)
      return () => undefined
    },
  },
  {
    cause: 'base step',
    row: 'other load',
    mostS: 600,
    begin: site => {
      for (const { id, worstCaseOtherLoadA } of site.circuits)
        site.askBase(id, worstCaseOtherLoadA * among(site.dice, 0.5, 1))
      return () => {
        for (const { id } of site.circuits) site.askBase(id, undefined)
      }
    },
  },
  {
    cause: 'Busbar clock jump',
    row: 'site clock',
    mostS: 900,
    begin: site => {
      const byMs = oneOf(site.dice, [-3_600_000, -600_000, -15_000, 15_000, 600_000] as const)
      site.jumpWall(byMs)
      return () => site.jumpWall(-byMs)
    },
  },
  {
    cause: 'Busbar killed',
    row: 'busbar lost',
    mostS: 1_500,
    losesBusbar: true,
    begin: site => {
      site.killBusbar(site.dice.next() < 0.5 ? 'kill' : 'power cut')
      return () => site.startBusbar()
    },
  },
  {
    cause: 'Busbar killed, half of the stations paused',
    row: 'busbar lost',
    mostS: 1_500,
    losesBusbar: true,
    begin: site => {
      const paused = site.planned.filter((_, index) => index % 2 === 0)
      for (const { id } of paused) pauseByCsms(site, id)
      site.after(15_000, () => site.killBusbar('power cut'))
      return () => {
        site.startBusbar()
        for (const { id } of paused)
          site.after(120_000, () => site.callFromCsms(id, 'ClearChargingProfile', {}))
      }
    },
  },
]

/** Many CALLs to every station, some of which it never answers (30 s each on its slot). */
function storm(site: FaultSite): () => void {
  let lasts = true
  for (const { id } of site.planned) site.door(id).swallows = 'DataTransfer'
  const blow = (): void => {
    if (!lasts) return
    for (const { id } of site.planned) {
      site.callFromCsms(id, 'DataTransfer', { vendorId: 'soak' })
      for (let n = 0; n < 3; n++) site.callFromCsms(id, 'GetConfiguration', {})
    }
    site.after(20_000, blow)
  }
  blow()
  for (const { id, worstCaseOtherLoadA } of site.circuits)
    site.after(10_000, () => site.askBase(id, lasts ? worstCaseOtherLoadA * 0.9 : undefined))
  return () => {
    lasts = false
    for (const { id } of site.planned) site.door(id).swallows = undefined
    for (const { id } of site.circuits) site.askBase(id, undefined)
  }
}

function csmsProfiles(site: FaultSite): () => void {
  const chosen = site.planned.filter(() => site.dice.next() < 0.6)
  for (const { id } of chosen) {
    const unit = oneOf(site.dice, ['A', 'W'] as const)
    const limit = (): number => whole(site.dice, 0, 32) * (unit === 'A' ? 1 : 690)
    site.callFromCsms(id, 'SetChargingProfile', {
      connectorId: oneOf(site.dice, [0, 1] as const),
      csChargingProfiles: {
        chargingProfileId: 77,
        stackLevel: whole(site.dice, 0, 2),
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Relative',
        chargingSchedule: {
          chargingRateUnit: unit,
          chargingSchedulePeriod: [
            { startPeriod: 0, limit: limit() },
            { startPeriod: whole(site.dice, 30, 600), limit: limit() },
          ],
        },
      },
    })
  }
  return () => {
    for (const { id } of chosen) site.callFromCsms(id, 'ClearChargingProfile', {})
  }
}

function pauseByCsms(site: FaultSite, stationId: string): void {
  site.callFromCsms(stationId, 'SetChargingProfile', {
    connectorId: 0,
    csChargingProfiles: {
      chargingProfileId: 78,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Relative',
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 0 }] },
    },
  })
}
