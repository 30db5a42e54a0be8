/** What follows from the configured circuits alone. */
import { sumsBelow } from '../allocation/headroom.js'
import { ALL_PHASES, type PerPhase, spread } from '../site/phases.js'
import type { SiteTree } from '../site/tree.js'

export interface TreeFacts {
  /** Per node: the configured worst case of the circuit and everything below it. */
  readonly worstA: readonly PerPhase[]
  /** Per node without a meter: the nearest one above that sees all that flows there; undefined = there is none, or its own. */
  readonly above: readonly (number | undefined)[]
}

const factsOfTree = new WeakMap<SiteTree, TreeFacts>()

/** Found once for each configuration: a tree never changes. */
export function factsOf(tree: SiteTree): TreeFacts {
  const known = factsOfTree.get(tree)
  if (known !== undefined) return known
  const own = tree.nodes.map((node, index) => ({ node: index, worstA: node.circuit.worstCaseOtherLoadA }))
  const feedsBack = (node: number): boolean =>
    tree.nodes.slice(node, tree.subtreeEnd[node] ?? node).some(({ circuit }) => circuit.generation === true)
  const facts: TreeFacts = {
    worstA: sumsBelow(tree.parents, own, entry => spread(entry.worstA, ALL_PHASES)),
    above: tree.nodes.map(({ circuit }, node) => {
      if (circuit.meter !== undefined) return undefined
      const above = tree.pathOf(node).find(at => tree.nodes[at]?.circuit.meter !== undefined)
      return above === undefined || feedsBack(above) ? undefined : above
    }),
  }
  factsOfTree.set(tree, facts)
  return facts
}
