/** Whether a plan fits: the electrical sum on a connector's path, phase by phase. Reads the loads of the last weighing. */
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import { type ConnectorControl, countedPhases } from './connector.js'
import { stationRoomA } from './room.js'
import type { ControlState } from './state.js'

/** By how much the plan exceeds a limit on the connector's path and phases, at the worst place. */
export function overshoot(
  state: ControlState,
  connector: ConnectorControl,
  plannedA: readonly PerPhase[],
  nowMs: number,
): number {
  const phases = countedPhases(connector, nowMs)
  let overA = 0
  for (const node of state.tree.pathOf(connector.node)) {
    const roomA = stationRoomA(state, node)
    for (const phase of PHASE_INDEXES) {
      if (!phases[phase]) continue
      overA = Math.max(overA, (plannedA[node]?.[phase] ?? 0) - roomA[phase])
    }
  }
  return overA
}
