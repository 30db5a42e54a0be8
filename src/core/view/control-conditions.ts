/**
 * Degraded modes that only the booking knows: stations gone from the configuration, connectors nobody configured or
 * nobody has, draws that nothing in force explains, clocks that cannot be trusted, fail-safes that a reboot took away, a
 * station whose planning failed (invariant I10; control rules 6, 9-11). Words only.
 */
import { isDrivenByCsms } from '../config/site.js'
import { type ConnectorControl, freshReading } from '../control/connector.js'
import type { Now } from '../control/now.js'
import { clockFault, siteWallMs } from '../control/site-clock.js'
import type { ControlState } from '../control/state.js'
import { connectorsSaid, isThere, type StationControl } from '../control/station.js'
import { activeStrays } from '../control/stray.js'
import { wiringFound } from '../control/watch-wiring.js'
import { PHASE_NAMES } from '../site/phases.js'
import type { Condition } from './alarms.js'
import { round } from './circuit-load.js'
import { retiredViews, survivedOf } from './control-view.js'
import { learningConditions } from './learning-view.js'
import { type Said, said } from './said.js'

export function controlConditions(state: ControlState, { monoMs }: Now): readonly Condition[] {
  const found: Condition[] = [...ofClock(state, monoMs)]
  for (const { id, circuitIds, bookedA } of retiredViews(state, monoMs))
    found.push({
      code: 'station-retired',
      about: id,
      ...said`${id} is no longer configured and was not seen gone: ${Math.max(...bookedA)} A stay booked on ${circuitIds.join(' and ')} until it is declared isolated.`,
    })
  found.push(...learningConditions(state))
  for (const station of state.stations.values()) found.push(...ofStation(station, monoMs))
  for (const connector of state.connectors) found.push(...ofWiring(state, connector))
  return found
}

/** Of Busbar's own clock. */
function ofClock(state: ControlState, monoMs: number): readonly Condition[] {
  const found: Condition[] = []
  const { jump, offsetMs } = state.clock
  if (jump !== undefined) {
    const jumpS = Math.round((jump.offsetMs - offsetMs) / 1000)
    found.push({
      code: 'clock-jumped',
      ...said`Busbar's clock jumped by ${jumpS} s: stations keep the time they had until no schedule depends on it.`,
    })
  }
  const fault = clockFault(state.clock, monoMs)
  if (fault !== undefined) {
    const at = new Date(siteWallMs(state.clock, monoMs)).toISOString().slice(0, 16).replace('T', ' ')
    const why =
      fault === 'behind'
        ? said`stands before what was written down last, so time goes on from there: ${at} UTC`
        : said`was never set: ${at} UTC`
    found.push({
      code: 'clock-not-trusted',
      ...said`Busbar's clock ${why}. Stations get the CSMS's time, and this one while the CSMS is away.`,
    })
  }
  return found
}

function ofStation(station: StationControl, nowMs: number): readonly Condition[] {
  const found: Condition[] = []
  const about = station.id
  if (station.release !== undefined && !isDrivenByCsms(station.config))
    found.push({ code: 'station-released', about, ...releasedText(station) })
  if (station.planFault !== undefined)
    found.push({
      code: 'planning-failed',
      about,
      ...said`${about} cannot be planned for (${station.planFault}): it is left to its fail-safe until it connects anew.`,
    })
  if (station.connected && station.clockDoubt === 'read-back')
    found.push({
      code: 'station-clock',
      about,
      ...said`${about} runs its schedules by another clock than its messages: nothing above its fail-safe is written.`,
    })
  for (const { connectorId, bookedA } of activeStrays(station, nowMs))
    found.push({
      code: 'connectors-not-configured',
      about,
      ...said`${about} connector ${connectorId} is in use and not configured: it cannot be controlled, ${round(bookedA)} A are booked for it on every phase.`,
    })
  for (const connector of station.connectors) found.push(...ofConnector(station, connector, nowMs))
  return found
}

function ofConnector(
  station: StationControl,
  connector: ConnectorControl,
  nowMs: number,
): readonly Condition[] {
  const found: Condition[] = []
  const about = station.id
  const name = said`${about} connector ${connector.id}`
  if (!isThere(station, connector.id))
    found.push({
      code: 'connector-not-there',
      about,
      ...said`${name} is configured, the station says it has ${connectorsSaid(station) ?? '?'}: it is booked at ${connector.config.maxCurrentA} A.`,
    })
  if (survivedOf(connector) === false)
    found.push({
      code: 'fail-safe-lost',
      about,
      ...said`${name} lost its fail-safe in a restart: while it cannot be reached it is booked at ${connector.config.maxCurrentA} A.`,
    })
  const reading = freshReading(connector, nowMs)
  // Above it for a moment is metering; `disobeys` has its own words.
  if (
    connector.exceeds &&
    connector.overSinceMs !== undefined &&
    !connector.disobeys &&
    reading !== undefined
  ) {
    const what = connector.transaction === undefined ? 'without a transaction' : 'more than was ever offered'
    found.push({
      code: 'station-disobeys',
      about,
      ...said`${name} draws ${round(Math.max(...reading.lowerA))} A ${what}: that is booked, and others give way.`,
    })
  }
  return found
}

/** By what meters showed of several sessions (control/watch-wiring.ts). Nothing is decided by it. */
function ofWiring(state: ControlState, connector: ConnectorControl): readonly Condition[] {
  const found = wiringFound(state, connector)
  if (found === undefined) return []
  const { stationId: about, id } = connector
  const { first, configured } = found
  const where = said`${about} connector ${id}: in ${first.sessions} sessions the meter saw its first conductor on ${PHASE_NAMES[first.phase]}`
  const text =
    configured === undefined
      ? said`${where}. Its rotation of phases is not configured: with it a car on one phase leaves the others to others.`
      : said`${where}, by the configuration it hangs on ${configured}: look at its phases and their rotation.`
  return [{ code: 'wiring-seen', about, ...text }]
}

function releasedText({ id, release, connectors }: StationControl): Said {
  const mostA = connectors.reduce((sum, { config }) => sum + config.maxCurrentA, 0)
  const how =
    release === 'waits'
      ? 'its profiles are cleared when the others have made room'
      : release === 'clears'
        ? 'its profiles are being cleared'
        : 'nothing is written to it'
  return said`${id} was released by an operator: ${how}, ${round(mostA)} A stay booked for it until it is taken back or gone from the configuration.`
}
