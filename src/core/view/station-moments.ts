/**
 * What the plot of each station keeps of it: what it draws by its own word, what it is told, and what is kept free for it.
 * Shapes only.
 */
import { type ConnectorControl, freshReading } from '../control/connector.js'
import { bookedA } from '../control/evidence.js'
import type { ControlState } from '../control/state.js'
import { add, type PerPhase, spread, ZERO } from '../site/phases.js'

/** One point of a station's ring, s: 9 kB for each station, where a point a second would be 86 kB. */
export const STATION_STEP_S = 10

export interface StationMoment {
  /** Per phase of the site; absent where one of its connectors with a session says nothing, or none says anything. */
  readonly measuredA?: PerPhase
  /** What may flow at most and is kept free on its circuits, on the phase with the most. */
  readonly limitA: number
  /** What its sessions are told, on the phase with the most. */
  readonly offeredA: number
}

/** By station, connectors together. */
export function stationMoments(state: ControlState, nowMs: number): ReadonlyMap<string, StationMoment> {
  const byStation = new Map<string, ConnectorControl[]>()
  for (const connector of state.connectors)
    byStation.set(connector.stationId, [...(byStation.get(connector.stationId) ?? []), connector])
  return new Map([...byStation].map(([id, connectors]) => [id, momentOf(state, connectors, nowMs)] as const))
}

function momentOf(
  state: ControlState,
  connectors: readonly ConnectorControl[],
  nowMs: number,
): StationMoment {
  let [kept, told, drawn]: [PerPhase, PerPhase, PerPhase] = [ZERO, ZERO, ZERO]
  let [isKnown, isWhole] = [false, true]
  for (const connector of connectors) {
    const { phases, offerA, transaction, stationId } = connector
    const station = state.stations.get(stationId)
    if (station !== undefined) kept = add(kept, spread(bookedA(connector, station, nowMs), phases))
    if (transaction !== undefined) told = add(told, spread(offerA, phases))
    const reading = freshReading(connector, nowMs)
    if (reading === undefined || reading.best === 'unknown') isWhole &&= transaction === undefined
    else {
      isKnown = true
      drawn = add(drawn, reading.bestA)
    }
  }
  return {
    ...(isKnown && isWhole && { measuredA: drawn }),
    limitA: Math.max(...kept),
    offeredA: Math.max(...told),
  }
}
