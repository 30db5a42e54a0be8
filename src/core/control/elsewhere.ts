/**
 * Stations that may hang on another circuit than the configuration says: their own meter does not show them, while another
 * circuit, not above them, carries load that nobody accounts for. Each of the two alone is only a wrong meter or a wrong
 * number. Together they may be two feeders that were exchanged, and then nobody steers what flows there: until the meter
 * shows them these stations get no more than their fail-safe, which the proof holds for (control rule 15).
 */
import type { JudgeState } from '../measuring/judge-state.js'
import { judgementOf } from '../measuring/meter-judge.js'
import type { VerdictKind } from '../measuring/meter-verdict.js'
import type { ControlState } from './state.js'

/** Verdicts on a meter that may as well be right, and not above its stations. */
const DOES_NOT_SHOW: ReadonlySet<VerdictKind> = new Set(['dead', 'frozen', 'wrong circuit', 'factor'])

/**
 * What was doubted stays so until its own meter has followed steps of its stations again, and the other one is not doubted: the
 * load there ends as soon as the stations are held, and of two circuits that were exchanged each meter shows the car of the
 * other, which may well be as much as it looks for.
 */
export function stepElsewhere(state: ControlState, nowMs: number): ControlState['elsewhere'] {
  const { unaccounted, elsewhere, tree } = state
  if (elsewhere.size === 0 && !unaccounted.includes(true)) return elsewhere
  const found = new Map<number, number>()
  tree.nodes.forEach((_, node) => {
    const [before, isDoubted] = [elsewhere.get(node), doesNotShow(state, node, nowMs)]
    if (before !== undefined && (!showsAgain(state, node, nowMs) || doesNotShow(state, before, nowMs)))
      found.set(node, before)
    else if (isDoubted) {
      const path = tree.pathOf(node)
      const at = unaccounted.findIndex((is, candidate) => is && !path.includes(candidate))
      if (at >= 0) found.set(node, at)
    }
  })
  return found
}

/** Its meter does not show its stations. */
function doesNotShow(state: ControlState, node: number, nowMs: number): boolean {
  const judge = judgeOf(state, node)
  const verdict = judge === undefined ? undefined : judgementOf(judge, nowMs).verdict
  return verdict !== undefined && DOES_NOT_SHOW.has(verdict.kind)
}

/** Its meter has followed steps of its stations since a verdict on it ended, which takes its proof. */
function showsAgain(state: ControlState, node: number, nowMs: number): boolean {
  const judge = judgeOf(state, node)
  if (judge === undefined) return true
  return judgementOf(judge, nowMs).verdict === undefined && judge.proof.proven.some(Boolean)
}

function judgeOf({ tree, meters }: ControlState, node: number): JudgeState | undefined {
  const meterId = tree.nodes[node]?.circuit.meter
  return meterId === undefined ? undefined : meters.get(meterId)?.judge
}

/** Whether a connector of this node is held for it. */
export function mayHangElsewhere({ elsewhere, tree }: ControlState, node: number): boolean {
  return elsewhere.size > 0 && tree.pathOf(node).some(above => elsewhere.has(above))
}
