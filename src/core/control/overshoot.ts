/** Whether a plan fits: the electrical sum on a connector's path, phase by phase. Reads the loads of the last weighing. */
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import { type ConnectorControl, countedPhases } from './connector.js'
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
    const limitA = state.limitsA[node] ?? 0
    for (const phase of PHASE_INDEXES) {
      if (!phases[phase]) continue
      const otherA = state.loads[node]?.otherA[phase] ?? limitA
      overA = Math.max(overA, otherA + (plannedA[node]?.[phase] ?? 0) - limitA)
    }
  }
  return overA
}
