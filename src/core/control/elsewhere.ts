/**
 * Stations that may hang on another circuit than the configuration says: their own meter does not show them, while another
 * circuit, not above them, carries load that nobody accounts for. Each of the two alone is only a wrong meter or a wrong
 * number. Together they may be two feeders that were exchanged, and then nobody steers what flows there: until the meter
 * shows them these stations get no more than their fail-safe, which the proof holds for (control rule 15).
 */
import { judgementOf } from '../measuring/meter-judge.js'
import type { VerdictKind } from '../measuring/meter-verdict.js'
import type { ControlState } from './state.js'

/** Verdicts on a meter that may as well be right, and not above its stations. */
const DOES_NOT_SHOW: ReadonlySet<VerdictKind> = new Set(['dead', 'frozen', 'wrong circuit'])

/** What was doubted stays so until its own meter is right again: the load there ends as soon as they are held. */
export function stepElsewhere(state: ControlState, nowMs: number): ControlState['elsewhere'] {
  const { aboveWorst, elsewhere, tree } = state
  const above = [...aboveWorst.keys()].filter(node => aboveWorst[node] !== undefined)
  if (above.length === 0 && elsewhere.size === 0) return elsewhere
  const found = new Map<number, number>()
  tree.nodes.forEach(({ circuit }, node) => {
    const meter = circuit.meter === undefined ? undefined : state.meters.get(circuit.meter)
    if (meter === undefined) return
    const { verdict } = judgementOf(meter.judge, nowMs)
    if (verdict === undefined || !DOES_NOT_SHOW.has(verdict.kind)) return
    const path = tree.pathOf(node)
    const at = elsewhere.get(node) ?? above.find(candidate => !path.includes(candidate))
    if (at !== undefined) found.set(node, at)
  })
  return found
}

/** Whether a connector of this node is held for it. */
export function mayHangElsewhere({ elsewhere, tree }: ControlState, node: number): boolean {
  return elsewhere.size > 0 && tree.pathOf(node).some(above => elsewhere.has(above))
}
