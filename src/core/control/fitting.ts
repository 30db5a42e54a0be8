/** What is written again to a car that runs when its station is laid anew (control rule 12): never a raise without room. */
import { add, spread, subtract } from '../site/phases.js'
import { type ConnectorControl, countedPhases, laidFailSafeA, pauseA } from './connector.js'
import { bookedPerPhase } from './evidence.js'
import { FloorRoom } from './floor-room.js'
import type { Now } from './now.js'
import { overshoot } from './overshoot.js'
import { isAwaited } from './restarted.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'

/**
 * What was offered before (`wantedAgainA`), and no more than is booked where the rest has no room: a higher fail-safe brings a
 * higher pause with it, and an offer whose lease has ended is none any more.
 */
export function fittingA(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  now: Now,
): number {
  const wantedA = wantedAgainA(state, station, connector, now)
  const countedA = Math.max(...bookedPerPhase(connector, station, now.monoMs))
  if (wantedA <= countedA || new FloorRoom(state, now.monoMs).fits(connector, station, wantedA))
    return wantedA
  const keptA = Math.floor(countedA)
  return keptA >= connector.model.smartCharging.minCurrentA ? keptA : pauseA(connector)
}

/**
 * An offer of before is written again only where there is still room for what is booked; else the fail-safe, and where a
 * station that cannot be steered has taken the room for that, the pause. Never less than the pause the model can hold.
 */
function wantedAgainA(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  { monoMs }: Now,
): number {
  const { offerA } = connector
  const { bookedA } = state
  if (overshoot(state, connector, bookedA, monoMs) <= 0) return Math.max(pauseA(connector), offerA)
  const lowA = Math.min(offerA, laidFailSafeA(connector))
  const ownA = bookedPerPhase(connector, station, monoMs)
  const lowerA = spread(lowA, countedPhases(connector, monoMs))
  const withLowA = bookedA.map(sumA => add(subtract(sumA, ownA), lowerA))
  const fits = overshoot(state, connector, withLowA, monoMs) <= 0
  return fits ? Math.max(pauseA(connector), lowA) : pauseA(connector)
}

/** After our restart: it lies there already, and meters show that all they carry fits at this moment. */
export function isSeenToFit(state: ControlState, connector: ConnectorControl, nowMs: number): boolean {
  const isInside = (node: number): boolean => state.isSeenInside[node] === true
  return isAwaited(connector, nowMs) && state.tree.pathOf(connector.node).every(isInside)
}
