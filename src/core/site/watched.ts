/**
 * Where a phase that a car leaves may be given to others: only where a car that takes it back is seen at once, or can
 * do no harm. A station's own sample comes too late for that (control rule 16). Must not know stations or time.
 */
import type { SiteTree } from './tree.js'

/**
 * Per node: every circuit from it to the root has a meter, or carries all that is below it at its most.
 * `mostA` is the sum of the connectors' rated currents at each node itself, `limitsA` what each circuit may carry.
 */
export function watchedNodes(
  tree: SiteTree,
  mostA: readonly number[],
  limitsA: readonly number[],
): readonly boolean[] {
  const holds = tree.nodes.map(({ circuit }, node) => {
    if (circuit.meter !== undefined) return true
    let totalA = 0
    for (let below = node; below < (tree.subtreeEnd[node] ?? node); below++)
      totalA += (mostA[below] ?? 0) + (tree.nodes[below]?.circuit.worstCaseOtherLoadA ?? 0)
    return totalA <= (limitsA[node] ?? 0)
  })
  return tree.nodes.map((_, node) => tree.pathOf(node).every(at => holds[at] === true))
}
