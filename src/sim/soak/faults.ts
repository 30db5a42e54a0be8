/**
 * What goes wrong in the soak: each fault is begun at a place of the dice's choosing and gives back what mends it, with the
 * time one excess may last by the promise while it holds.
 */

import type { MeterValues } from '../meter.js'
import type { BusFault } from '../ports/sim-bus.js'
import type { Station } from '../station/station.js'
import { among, type Dice, oneOf, type SoakStation, whole } from './depot.js'
import type { Door } from './door.js'

/** What a fault may lay hands on. */
export interface FaultSite {
  readonly dice: Dice
  readonly metered: readonly string[]
  readonly circuits: readonly { readonly id: string; readonly worstCaseOtherLoadA: number }[]
  readonly planned: readonly SoakStation[]
  station(id: string): Station
  door(id: string): Door
  defaultsOf(device: string): readonly { readonly key: string; readonly default: string }[]
  setMeter(circuitId: string, fault: BusFault): void
  /** What the circuit's meter shows instead of the truth. */
  distort(circuitId: string, how: ((values: MeterValues) => MeterValues) | undefined): void
  askBase(circuitId: string, loadA: number | undefined): void
  callFromCsms(stationId: string, action: string, payload: object): void
  setCsmsOnline(online: boolean): void
  cutLine(stationId: string, half: boolean): void
  killBusbar(how: 'kill' | 'power cut'): void
  startBusbar(): void
  jumpWall(byMs: number): void
  after(delayMs: number, run: () => void): void
}

export interface FaultKind {
  readonly cause: string
  /** Where it can happen at all. */
  readonly fits?: (site: FaultSite) => boolean
  /** Longest time in s; the shortest is 20 s. */
  readonly mostS: number
  /** One excess may last so long, s, beside what a base jump may. */
  readonly allowedS?: (circuitIsMetered: boolean) => number
  /** Busbar is gone from the beginning on. */
  readonly losesBusbar?: true
  begin(site: FaultSite): () => void
}

/** Meter lost: worst case in effect 25 s after the last good sample (control rule 15). */
const LOST_METER_S = 25
/** Frozen or wrong: 30 s until it is seen under 5 A of car change, then 15 s to act. */
const WRONG_METER_S = 45
/** A recording of two minutes at one read a second. */
const REPLAYED_READS = 120
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
const anyMeter = (site: FaultSite): string => site.metered[whole(site.dice, 0, site.metered.length - 1)] ?? ''
const hasMeter = (site: FaultSite): boolean => site.metered.length > 0

const scaled = (values: MeterValues, factor: (name: string) => number): MeterValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value * factor(name)]))
const isLoad = (name: string): boolean => name.startsWith('Current') || name.startsWith('Power.')

/** The truth for a while, and then that again and again. */
function replayed(): (values: MeterValues) => MeterValues {
  const recorded: MeterValues[] = []
  let reads = 0
  return values => {
    if (recorded.length < REPLAYED_READS) recorded.push(values)
    return recorded[reads++ % REPLAYED_READS] ?? values
  }
}

const METER_FAULTS: readonly FaultKind[] = [
  {
    cause: 'meter lost',
    fits: hasMeter,
    mostS: 900,
    allowedS: () => LOST_METER_S,
    begin: site => setMeter(site, { kind: 'silent' }),
  },
  {
    cause: 'meter frozen',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site => setMeter(site, { kind: 'frozen' }),
  },
  {
    cause: 'meter x 0.1',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site => distort(site, values => scaled(values, name => (isLoad(name) ? 0.1 : 1))),
  },
  {
    cause: 'meter x 0.5',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site => distort(site, values => scaled(values, name => (isLoad(name) ? 0.5 : 1))),
  },
  {
    cause: 'meter replayed',
    fits: hasMeter,
    mostS: 900,
    allowedS: () => WRONG_METER_S,
    begin: site => distort(site, replayed()),
  },
  {
    cause: 'meter phase reversed',
    fits: hasMeter,
    mostS: 600,
    allowedS: () => WRONG_METER_S,
    begin: site =>
      distort(site, values => scaled(values, name => (isLoad(name) && name.endsWith('L1') ? -1 : 1))),
  },
]

const STATION_FAULTS: readonly FaultKind[] = [
  {
    cause: 'station offline',
    mostS: 1_200,
    begin: site => {
      const station = site.station(anyStation(site).id)
      station.setReachable(false)
      return () => station.setReachable(true)
    },
  },
  {
    cause: 'station rebooted, profiles kept',
    fits: site => site.planned.some(({ keepsProfiles }) => keepsProfiles),
    mostS: 300,
    begin: site => reboot(site, stationWhich(site, true), false),
  },
  {
    cause: 'station rebooted, profiles lost',
    fits: site => site.planned.some(({ keepsProfiles }) => !keepsProfiles),
    mostS: 300,
    begin: site => reboot(site, stationWhich(site, false), false),
  },
  { cause: 'station factory-reset', mostS: 300, begin: site => reboot(site, anyStation(site), true) },
  {
    // Only a station that never showed that it keeps them: it has to be booked at its most as soon as it is not reached.
    cause: 'station lost its profiles, not reached',
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

const WORLD_FAULTS: readonly FaultKind[] = [
  { cause: 'CSMS storm', mostS: 300, begin: storm },
  { cause: 'CSMS profiles', mostS: 1_200, begin: csmsProfiles },
  {
    cause: 'CSMS away',
    mostS: 900,
    begin: site => {
      site.setCsmsOnline(false)
      return () => site.setCsmsOnline(true)
    },
  },
  {
    cause: 'links cut',
    mostS: 30,
    begin: site => {
      const half = site.dice.next() < 0.5
      for (const { id } of site.planned) if (site.dice.next() < 0.5) site.cutLine(id, half)
      return () => undefined
    },
  },
  {
    cause: 'base step',
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
    mostS: 900,
    begin: site => {
      const byMs = oneOf(site.dice, [-3_600_000, -600_000, -15_000, 15_000, 600_000] as const)
      site.jumpWall(byMs)
      return () => site.jumpWall(-byMs)
    },
  },
  {
    cause: 'Busbar killed',
    mostS: 1_500,
    losesBusbar: true,
    begin: site => {
      site.killBusbar(site.dice.next() < 0.5 ? 'kill' : 'power cut')
      return () => site.startBusbar()
    },
  },
  {
    cause: 'Busbar killed, half of the stations paused',
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

export const FAULTS: readonly FaultKind[] = [...METER_FAULTS, ...STATION_FAULTS, ...WORLD_FAULTS]

function setMeter(site: FaultSite, fault: BusFault): () => void {
  const circuit = anyMeter(site)
  site.setMeter(circuit, fault)
  return () => site.setMeter(circuit, { kind: 'none' })
}

function distort(site: FaultSite, how: (values: MeterValues) => MeterValues): () => void {
  const circuit = anyMeter(site)
  site.distort(circuit, how)
  return () => site.distort(circuit, undefined)
}

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
