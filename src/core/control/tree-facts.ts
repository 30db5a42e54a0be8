/** What follows from the configured circuits alone. */
import { sumsBelow } from '../allocation/headroom.js'
import { ALL_PHASES, type PerPhase, spread } from '../site/phases.js'
import { isBelow, type SiteTree } from '../site/tree.js'

export interface TreeFacts {
  /** Per node: the configured worst case of the circuit and everything below it. */
  readonly worstA: readonly PerPhase[]
  /** Per node without a meter: the nearest one above that sees all that flows there; undefined = there is none, or its own. */
  readonly above: readonly (number | undefined)[]
  /** Per node: the nearest meter at it or above it; undefined = there is none. */
  readonly meter: readonly (string | undefined)[]
  /** Per node: something there or below can feed back (configuration). */
  readonly feedsBack: readonly boolean[]
}

const factsOfTree = new WeakMap<SiteTree, TreeFacts>()

/** Found once for each configuration: a tree never changes. */
export function factsOf(tree: SiteTree): TreeFacts {
  const known = factsOfTree.get(tree)
  if (known !== undefined) return known
  const own = tree.nodes.map((node, index) => ({ node: index, worstA: node.circuit.worstCaseOtherLoadA }))
  const feedsBack = tree.nodes.map((_, node) =>
    tree.nodes.some(({ circuit }, at) => circuit.generation === true && isBelow(tree, node, at)),
  )
  const metered = (node: number): number | undefined =>
    tree.pathOf(node).find(at => tree.nodes[at]?.circuit.meter !== undefined)
  const facts: TreeFacts = {
    worstA: sumsBelow(tree.parents, own, entry => spread(entry.worstA, ALL_PHASES)),
    above: tree.nodes.map(({ circuit }, node) => {
      if (circuit.meter !== undefined) return undefined
      const above = metered(node)
      return above === undefined || feedsBack[above] === true ? undefined : above
    }),
    meter: tree.nodes.map((_, node) => tree.nodes[metered(node) ?? -1]?.circuit.meter),
    feedsBack,
  }
  factsOfTree.set(tree, facts)
  return facts
}
