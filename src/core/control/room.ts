/**
 * What the stations below a circuit may be booked for together: its limit less other load, and never more than an order leaves
 * them by themselves (par. 14a EnWG). One reckoning for everything that decides and everything that is told.
 */
import type { OtherLoad } from '../allocation/headroom.js'
import type { PerPhase } from '../site/phases.js'
import type { ControlState } from './state.js'

/** A per phase, before bookings; below zero where other load is above the limit. */
export function stationRoomA(state: ControlState, node: number): PerPhase {
  const limitA = state.limitsA[node] ?? 0
  return roomUnder(limitA, state.stationBindings[node]?.limitA, state.loads[node]?.otherA)
}

/** Other load that nobody knows leaves nothing. */
export function roomUnder(
  limitA: number,
  stationsA: number | undefined,
  otherA: PerPhase | undefined = [limitA, limitA, limitA],
): PerPhase {
  const mostA = stationsA ?? Number.MAX_VALUE
  return [
    Math.min(limitA - otherA[0], mostA),
    Math.min(limitA - otherA[1], mostA),
    Math.min(limitA - otherA[2], mostA),
  ]
}

/**
 * What other load and orders take of what the circuit carries. Of a quarter-hour mean nothing: it moves all the time, and looks ahead
 * by itself.
 */
export function takenA(
  state: ControlState,
  node: number,
  loads: readonly OtherLoad[] = state.loads,
): PerPhase {
  const carriesA = state.carriesA[node] ?? 0
  const binding = state.stationBindings[node]
  const stationsA = binding?.limit.source === 'mean' ? undefined : binding?.limitA
  const roomA = roomUnder(state.limitsA[node] ?? 0, stationsA, loads[node]?.otherA)
  return [carriesA - roomA[0], carriesA - roomA[1], carriesA - roomA[2]]
}
