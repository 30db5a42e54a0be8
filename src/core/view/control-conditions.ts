/**
 * Degraded modes that only the booking knows: stations gone from the configuration, connectors nobody configured or
 * nobody has, draws that nothing in force explains, clocks that cannot be trusted, fail-safes that a reboot took away, a
 * station whose planning failed (invariant I10; control rules 6, 9-11). Words only.
 */
import { isDrivenByCsms } from '../config/site.js'
import { type ConnectorControl, freshReading } from '../control/connector.js'
import type { Now } from '../control/now.js'
import { overReleased } from '../control/release.js'
import { clockFault, siteWallMs } from '../control/site-clock.js'
import type { ControlState } from '../control/state.js'
import { connectorsSaid, isThere, type StationControl } from '../control/station.js'
import { activeStrays } from '../control/stray.js'
import { conductorsOf, wiringFound } from '../control/watch-wiring.js'
import { rotationSeen } from '../measuring/wiring-seen.js'
import { PHASE_NAMES } from '../site/phases.js'
import type { CircuitProof } from '../site/promise.js'
import { type Said, say } from '../words/said.js'
import type { Condition } from './alarms.js'
import { round } from './circuit-load.js'
import { retiredViews, survivedOf } from './control-view.js'
import { learningConditions } from './learning-view.js'

/** Two samples of a minute apart tell whether a power has followed. */
const FOLLOWS_WITHIN_MS = 150_000

export function controlConditions(state: ControlState, { monoMs }: Now): readonly Condition[] {
  const found: Condition[] = [...ofClock(state, monoMs)]
  for (const { id, circuitIds, bookedA } of retiredViews(state, monoMs))
    found.push({
      code: 'station-retired',
      about: id,
      ...say('station-retired', {
        station: id,
        bookedA: Math.max(...bookedA),
        circuits: circuitIds.join(' and '),
      }),
    })
  found.push(...learningConditions(state))
  for (const station of state.stations.values()) found.push(...ofStation(state, station, monoMs))
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
      ...say('clock-jumped', { byS: jumpS }),
    })
  }
  const fault = clockFault(state.clock, monoMs)
  if (fault !== undefined) {
    const at = new Date(siteWallMs(state.clock, monoMs)).toISOString().slice(0, 16).replace('T', ' ')
    const why = fault === 'behind' ? say('clock-stands-before', { at }) : say('clock-never-set', { at })
    found.push({
      code: 'clock-not-trusted',
      ...say('clock-not-trusted', { why }),
    })
  }
  return found
}

function ofStation(state: ControlState, station: StationControl, nowMs: number): readonly Condition[] {
  const found: Condition[] = []
  const about = station.id
  const released = releasedText(state, station)
  if (released !== undefined) found.push({ code: 'station-released', about, ...released })
  if (station.planFault !== undefined)
    found.push({
      code: 'planning-failed',
      about,
      ...say('station-not-planned', { station: about, fault: station.planFault }),
    })
  if (station.connected && station.clockDoubt === 'read-back')
    found.push({
      code: 'station-clock',
      about,
      ...say('station-runs-other-clock', { station: about }),
    })
  for (const { connectorId, bookedA } of activeStrays(station, nowMs))
    found.push({
      code: 'connectors-not-configured',
      about,
      ...say('connector-not-configured', { station: about, connector: connectorId, bookedA: round(bookedA) }),
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
  const name = say('connector', { station: about, connector: connector.id })
  if (!isThere(station, connector.id))
    found.push({
      code: 'connector-not-there',
      about,
      ...say('connector-not-there', {
        connector: name,
        count: connectorsSaid(station) ?? '?',
        bookedA: connector.config.maxCurrentA,
      }),
    })
  if (survivedOf(connector) === false)
    found.push({
      code: 'fail-safe-lost',
      about,
      ...say('connector-lost-fail-safe', { connector: name, bookedA: connector.config.maxCurrentA }),
    })
  const reading = freshReading(connector, nowMs)
  // Above it for a moment is metering; `disobeys` has its own words.
  if (
    connector.exceeds &&
    connector.overSinceMs !== undefined &&
    !connector.disobeys &&
    reading !== undefined
  ) {
    const what = say(connector.transaction === undefined ? 'without-transaction' : 'more-than-ever-offered')
    found.push({
      code: 'station-disobeys',
      about,
      ...say('connector-draws-unexplained', {
        connector: name,
        drawA: round(Math.max(...reading.lowerA)),
        what,
      }),
    })
  }
  if (hasNotFollowed(connector, nowMs))
    found.push({
      code: 'station-disobeys',
      about,
      ...say('connector-power-not-followed', {
        connector: name,
        bookedA: round(connector.follows?.unfollowedA ?? 0),
      }),
    })
  return found
}

/** Its power has not gone down under the lowest offer that would show it either. */
function hasNotFollowed({ follows, steady, offerA, disobeys }: ConnectorControl, nowMs: number): boolean {
  if (follows?.unfollowedA === undefined || steady === undefined || disobeys) return false
  return offerA <= (follows.testA ?? offerA) && nowMs - steady.sinceMs > FOLLOWS_WITHIN_MS
}

/** By what meters showed of several sessions (control/watch-wiring.ts). Nothing is decided by it. */
function ofWiring(state: ControlState, connector: ConnectorControl): readonly Condition[] {
  const { stationId: about, id } = connector
  const [found] = wiringFound(state, connector)
  if (found === undefined) return []
  const { own, seen, configured } = found
  const phase = PHASE_NAMES[seen.phase]
  const code = own === 'first' ? 'connector-seen-on' : 'connector-third-seen-on'
  const where = say(code, { station: about, connector: id, sessions: seen.sessions, phase })
  const rotation = rotationSeen(conductorsOf(state, connector))
  const text =
    configured !== undefined
      ? say('rotation-configured-otherwise', { seen: where, configured })
      : rotation === undefined
        ? say('rotation-not-configured', { seen: where })
        : say('rotation-seen', { seen: where, rotation })
  return [{ code: 'wiring-seen', about, ...text }]
}

function releasedText(state: ControlState, station: StationControl): Said | undefined {
  const { config, id, isToBeReleased, release, connectors } = station
  if (isToBeReleased) return notYetText(id, overReleased(state, station))
  if (release === undefined || isDrivenByCsms(config)) return undefined
  const mostA = connectors.reduce((sum, { config }) => sum + config.maxCurrentA, 0)
  const how =
    release === 'waits'
      ? say('release-waits')
      : release === 'clears'
        ? say('release-clears')
        : say('release-done')
  return say('station-released', { station: id, how, bookedA: round(mostA) })
}

/** It carries it, and only its link is missing: nothing to be told beside that. */
function notYetText(station: string, over: CircuitProof | undefined): Said | undefined {
  if (over === undefined) return undefined
  const { circuitId: circuit, failSafeA, worstOtherLoadA, limitA } = over
  const sumA = round(Math.max(...failSafeA) + worstOtherLoadA)
  return say('station-to-be-released', { station, circuit, sumA, limitA: round(limitA) })
}
