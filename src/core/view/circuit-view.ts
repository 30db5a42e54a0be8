/** One circuit of the document: its amps, and what its limit is made up of. Shapes only. */
import type { ControlState } from '../control/state.js'
import { add, type PerPhase, spread, ZERO } from '../site/phases.js'
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
    ...circuitMoment(state, node, load),
    ...(circuit?.meter !== undefined && { meterId: circuit.meter }),
    ...(load.measuredSource !== undefined && { measuredSource: load.measuredSource }),
    otherLoadA: roundAll(load.otherA),
    otherLoadSource: load.otherSource,
    ...(load.assumed !== undefined && { otherLoadWhy: load.assumed }),
    ...(load.doubt !== undefined && { otherLoadDoubt: load.doubt }),
    reserveA: roundAll(load.reserveA),
    bookedA: roundAll(state.bookedA[node] ?? ZERO),
    headroomA: roundAll(load.freeA),
    why: circuitWhyView(circuitParts(state, node, load, nowMs)),
  }
}

/** What its plot keeps of it each second. */
export function circuitMoment(
  state: ControlState,
  node: number,
  { measuredA }: Pick<CircuitLoad, 'measuredA'>,
): Pick<CircuitView, 'limitA' | 'measuredA' | 'offeredA'> {
  return {
    limitA: round(state.limitsA[node] ?? 0),
    ...(measuredA !== undefined && { measuredA: roundAll(measuredA) }),
    offeredA: round(offeredBelow(state, node)),
  }
}

function offeredBelow(state: ControlState, node: number): number {
  let sum: PerPhase = ZERO
  for (const { offerA, phases, transaction } of state.connectorsBelow[node] ?? [])
    if (transaction !== undefined) sum = add(sum, spread(offerA, phases))
  return Math.max(...sum)
}
