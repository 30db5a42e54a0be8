/** What happens to single stations in the soak: away, restarted, deaf to limits, slow, with a clock that is off. */
import type { Station } from '../station/station.js'
import { among, oneOf, type SoakStation } from './depot.js'
import type { FaultKind, FaultSite } from './fault-kind.js'

/** A station without amps and without a meter above it: two energy samples of 60 s apart, then others pay. */
const UNSEEN_S = 150

const anyStation = (site: FaultSite): SoakStation => {
  const [first, ...more] = site.planned
  if (first === undefined) throw new Error('a soak depot has stations')
  return oneOf(site.dice, [first, ...more])
}
const stationWhich = (site: FaultSite, keepsProfiles: boolean): SoakStation => {
  const [first, ...more] = site.planned.filter(station => station.keepsProfiles === keepsProfiles)
  if (first === undefined) throw new Error('asked only where there is one')
  return oneOf(site.dice, [first, ...more])
}

export const STATION_FAULTS: readonly FaultKind[] = [
  {
    cause: 'station offline',
    row: 'unreached',
    mostS: 1_200,
    begin: site => {
      const station = site.station(anyStation(site).id)
      station.setReachable(false)
      return () => station.setReachable(true)
    },
  },
  {
    cause: 'station rebooted, profiles kept',
    row: 'restarted',
    fits: site => site.planned.some(({ keepsProfiles }) => keepsProfiles),
    mostS: 300,
    begin: site => reboot(site, stationWhich(site, true), false),
  },
  {
    cause: 'station rebooted, profiles lost',
    row: 'restarted',
    fits: site => site.planned.some(({ keepsProfiles }) => !keepsProfiles),
    mostS: 300,
    begin: site => reboot(site, stationWhich(site, false), false),
  },
  {
    cause: 'station factory-reset',
    row: 'restarted',
    mostS: 300,
    begin: site => reboot(site, anyStation(site), true),
  },
  {
    // Only a station that never showed that it keeps them: it has to be booked at its most as soon as it is not reached.
    cause: 'station lost its profiles, not reached',
    row: 'profiles lost',
    fits: site => site.planned.some(({ keepsProfiles }) => !keepsProfiles),
    mostS: 900,
    begin: site => {
      const station = site.station(stationWhich(site, false).id)
      station.setReachable(false)
      forget(station)
      return () => station.setReachable(true)
    },
  },
  {
    // From one to three phases in the middle of a session, and back: all phases are booked until seen unused.
    cause: 'car changes its phases',
    row: 'phases',
    mostS: 300,
    begin: site => {
      const connector = site.station(anyStation(site).id).connectors[0]
      const car = connector?.car()
      if (connector === undefined || car === undefined || car.spec.phases === 1) return () => {}
      connector.switchPhases(1)
      return () => {
        if (connector.car() === car) connector.switchPhases(car.spec.phases)
      }
    },
  },
  {
    cause: 'station ignores limits',
    row: 'disobeys',
    mostS: 900,
    allowedS: isMetered => (isMetered ? 0 : UNSEEN_S),
    begin: site => {
      const { id } = anyStation(site)
      const door = site.door(id)
      door.ignoresProfiles = true
      forget(site.station(id))
      return () => {
        door.ignoresProfiles = false
        site.cutLine(id, false)
      }
    },
  },
  {
    cause: 'stations slow to answer',
    row: 'late',
    mostS: 900,
    begin: site => {
      const doors = site.planned.filter(() => site.dice.next() < 0.5).map(({ id }) => site.door(id))
      for (const door of doors) door.lateMs = among(site.dice, 500, 8_000)
      return () => {
        for (const door of doors) door.lateMs = 0
      }
    },
  },
  {
    cause: 'station clock skewed',
    row: 'station clock',
    mostS: 900,
    begin: site => {
      const station = site.station(anyStation(site).id)
      const byMs = oneOf(site.dice, [-600_000, -90_000, -8_000, 8_000, 90_000, 600_000] as const)
      let lasts = true
      const skew = (): void => {
        if (!lasts) return
        station.setClockOffset(byMs)
        site.after(20_000, skew)
      }
      skew()
      return () => {
        lasts = false
        station.setClockOffset(0)
      }
    },
  },
]

/** All profiles gone, and the pilots follow at once. */
function forget(station: Station): void {
  station.profiles.clear({})
  for (const connector of station.connectors) connector.refreshLimit()
}

function reboot(site: FaultSite, planned: SoakStation, isFactoryReset: boolean): () => void {
  const station = site.station(planned.id)
  station.powerOff()
  if (isFactoryReset || !planned.keepsProfiles) station.profiles.clear({})
  if (isFactoryReset)
    for (const { key, default: value } of site.defaultsOf(planned.device))
      if (value !== '' && key !== 'NumberOfConnectors') station.configuration.write(key, value)
  return () => station.powerOn()
}
