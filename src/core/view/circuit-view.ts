/** One circuit of the document: its amps, and what its limit is made up of. Shapes only. */
import type { ControlState } from '../control/state.js'
import { ZERO } from '../site/phases.js'
import { type CircuitLoad, round, roundAll } from './circuit-load.js'
import { circuitParts } from './circuit-parts.js'
import type { CircuitView } from './document.js'
import { circuitWhyView } from './why-words.js'

export function circuitView(
  state: ControlState,
  node: number,
  load: CircuitLoad,
  nowMs: number,
): CircuitView {
  const circuit = state.tree.nodes[node]?.circuit
  return {
    id: circuit?.id ?? '',
    ...(circuit?.parent !== undefined && { parentId: circuit.parent }),
    ratedCurrentA: circuit?.ratedCurrentA ?? 0,
    limitA: round(state.limitsA[node] ?? 0),
    ...(circuit?.meter !== undefined && { meterId: circuit.meter }),
    ...(load.measuredA !== undefined && { measuredA: roundAll(load.measuredA) }),
    ...(load.measuredSource !== undefined && { measuredSource: load.measuredSource }),
    otherLoadA: roundAll(load.otherA),
    otherLoadSource: load.otherSource,
    ...(load.assumed !== undefined && { otherLoadWhy: load.assumed }),
    reserveA: roundAll(load.reserveA),
    bookedA: roundAll(state.bookedA[node] ?? ZERO),
    headroomA: roundAll(load.freeA),
    why: circuitWhyView(circuitParts(state, node, load, nowMs)),
  }
}
