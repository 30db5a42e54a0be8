/**
 * A station leaves Busbar's control: it is booked at its maximum from that moment on, and only once the others have made
 * room are Busbar's profiles taken off it, by purpose, level and connector. Nothing is written to it afterwards, until it is
 * taken back or Busbar starts anew (control rules 7, 10).
 */
import type { Fault } from '../config/faults.js'
import { stationChange } from '../config/live-parts.js'
import { isDrivenByCsms, type SiteConfig } from '../config/site.js'
import { releaseClears } from '../schedule/foreign-clears.js'
import { spread } from '../site/phases.js'
import {
  type Beside,
  type CircuitProof,
  circuitsOver,
  type Uncontrolled,
  uncontrolledFaults,
} from '../site/promise.js'
import { keepLess } from './keep.js'
import type { Now } from './now.js'
import { overshoot } from './overshoot.js'
import { guarded } from './plan-fault.js'
import { startSetup } from './setup.js'
import { type ControlState, note } from './state.js'
import { hasIdleProfile, type StationControl, topLevel } from './station.js'

const DUST_A = 0.1

/** False when there is no such station or it is not connected: then nothing can be taken off it. */
export function release(state: ControlState, stationId: string, now: Now): boolean {
  const station = state.stations.get(stationId)
  if (station === undefined || !station.connected || isDrivenByCsms(station.config)) return false
  if (station.release !== undefined || station.isToBeReleased) return true
  station.isToBeReleased = true
  note(state, 'warn', 'station to be released', { station: station.id })
  beginRelease(state, station, now)
  return true
}

/** It is controlled again, from the first step on. False when there is no such station. */
export function takeBack(state: ControlState, stationId: string, now: Now): boolean {
  const station = state.stations.get(stationId)
  if (station === undefined || isDrivenByCsms(station.config)) return false
  if (station.release === undefined && !station.isToBeReleased) return true
  station.isToBeReleased = false
  if (station.release !== undefined) control(state, station, now)
  note(state, 'info', 'station taken back', { station: station.id })
  return true
}

/** What lies on it is not known any more. */
function control(state: ControlState, station: StationControl, now: Now): void {
  station.release = undefined
  for (const connector of station.connectors) {
    connector.defaultsVerified = false
    connector.liveVerified = false
    connector.restored = { untilMs: now.monoMs, isEndless: true }
    connector.failSafe = undefined
  }
  if (station.connected) startSetup(state, station, { now, delayMs: 0, cause: 'set-up', kind: 'all' })
}

/**
 * The circuit that keeps a station from being released, if any: one that is released gives way to nothing that comes later, so
 * what its circuits have to carry beside it is other load at its worst, not as it is now.
 */
export function overReleased(state: ControlState, station: StationControl): CircuitProof | undefined {
  const { beside } = uncontrolledNow(state)
  // One that waits has its place before those who come later.
  const others = [...state.stations.values()].filter(({ release }) => release !== undefined)
  const releasedIds = new Set([...others.map(({ id }) => id), station.id])
  const over = circuitsOver(state.site.config, { releasedIds, beside })
  const nodes = station.connectors.flatMap(({ node }) => state.tree.pathOf(node))
  return over.find(({ circuitId }) => nodes.some(node => state.tree.nodes[node]?.circuit.id === circuitId))
}

/**
 * What is wrong with another configuration beside stations that do not give way: released ones, and those that are no longer
 * configured and were never seen gone. One that is taken in anew is controlled again.
 */
export function faultsBesideUncontrolled(state: ControlState, next: SiteConfig): readonly Fault[] {
  const now = uncontrolledNow(state)
  const isKept = (id: string): boolean => next.stations.some(station => station.id === id)
  const leaving = [...state.stations.values()].filter(({ id }) => !isKept(id))
  const uncontrolled = {
    releasedIds: new Set(
      next.stations.flatMap(config => {
        const known = state.stations.get(config.id)
        const isGone = known !== undefined && isUnbound(known)
        return isGone && stationChange(known.config, config) !== 'anew' ? [config.id] : []
      }),
    ),
    beside: [...now.beside.filter(({ stationId }) => !isKept(stationId)), ...leaving.flatMap(besideOf)].map(
      entry => placedIn(next, entry),
    ),
  }
  return uncontrolledFaults(next, uncontrolled, circuitsOver(state.site.config, now))
}

function uncontrolledNow(state: ControlState): Uncontrolled {
  const released = [...state.stations.values()].filter(isUnbound)
  return {
    releasedIds: new Set(released.map(({ id }) => id)),
    beside: state.retired.map(({ stationId, nodes, restA, phases }) => ({
      stationId,
      circuitIds: nodes.flatMap(node => state.tree.nodes[node]?.circuit.id ?? []),
      heldA: spread(restA, phases),
    })),
  }
}

/** What stays of a station that is taken out: its fail-safe, and its maximum where it was released. */
function besideOf(station: StationControl): readonly Beside[] {
  const { id, config, connectors } = station
  return connectors.map(connector => ({
    stationId: id,
    circuitIds: [config.circuit],
    heldA: spread(
      isUnbound(station) ? connector.config.maxCurrentA : connector.config.failSafeCurrentA,
      connector.wired,
    ),
  }))
}

/** Where its circuit is gone too it may hang anywhere. */
function placedIn(next: SiteConfig, entry: Beside): Beside {
  const isThere = entry.circuitIds.every(id => next.circuits.some(circuit => circuit.id === id))
  if (isThere) return entry
  const roots = next.circuits.filter(({ parent }) => parent === undefined)
  return { ...entry, circuitIds: roots.map(({ id }) => id) }
}

/** Its profiles are off, or on their way; or they were when it was taken back or Busbar ended, and none has been laid since. */
function isUnbound({ release, connectors }: StationControl): boolean {
  if (release === 'clears' || release === 'done') return true
  return connectors.some(({ failSafe, restored }) => failSafe === undefined && restored !== undefined)
}

/** Before circuits are weighed: who is released from now on counts with its maximum in them, and is told no more. */
export function beginReleases(state: ControlState, now: Now): void {
  for (const station of state.stations.values())
    guarded(state, station, now, () => beginRelease(state, station, now))
}

/** After they were weighed; what breaks at one station costs the others nothing. */
export function stepReleases(state: ControlState, now: Now): void {
  for (const station of state.stations.values())
    guarded(state, station, now, () => stepRelease(state, station, now))
}

/** As soon as every circuit of the station carries it at its maximum; until it would, it is controlled. */
function beginRelease(state: ControlState, station: StationControl, now: Now): void {
  const isDriven = isDrivenByCsms(station.config)
  if (station.release === 'waits' && !isDriven && overReleased(state, station) !== undefined) {
    control(state, station, now)
    station.isToBeReleased = true
  }
  if (!station.isToBeReleased || !station.connected || overReleased(state, station) !== undefined) return
  station.isToBeReleased = false
  station.release = 'waits'
  station.setup = undefined
  forgetCalls(state, station)
  note(state, 'warn', 'station released', { station: station.id })
}

/** Takes the profiles off as soon as there is room for what it may draw then. */
function stepRelease(state: ControlState, station: StationControl, now: Now): void {
  if (station.release === 'clears' && station.connected && station.setup === undefined) {
    station.release = 'done'
    for (const connector of station.connectors) {
      connector.live = []
      connector.idle = []
      connector.offerA = 0
      keepLess(state, connector, station, now)
    }
    note(state, 'info', 'own profiles cleared', { station: station.id })
  }
  if (station.release !== 'waits' || !station.connected) return
  const isFull = station.connectors.some(connector => {
    return overshoot(state, connector, state.bookedA, now.monoMs) > DUST_A
  })
  if (isFull) return
  station.release = 'clears'
  const top = topLevel(station.model)
  const idleLevel = hasIdleProfile(station) ? top : undefined
  const ids = station.connectors.map(({ id }) => id)
  station.setup = {
    cause: 'laid again',
    kind: 'lay',
    steps: releaseClears(ids, { idleLevel, liveLevel: idleLevel ?? 0 }).map(payload => ({
      kind: 'clear' as const,
      payload,
      isOwn: true,
    })),
    at: 0,
    waiting: false,
    unanswered: 0,
    notBeforeMs: now.monoMs,
  }
}

/** Steps of a laying that is over are answered to nobody. */
function forgetCalls(state: ControlState, station: StationControl): void {
  for (const [tag, call] of state.openCalls)
    if (call.stationId === station.id && (call.kind === 'setup' || call.kind === 'check'))
      state.openCalls.delete(tag)
}
