/**
 * The circuits of a site as a tree ready to compute on: nodes in depth-first order, so that the subtree of node i is
 * the range i .. subtreeEnd[i]. Assumes a configuration that was checked (unique ids, parents exist, no cycle); what
 * is unreachable from a root is left out. Must not know stations, loads or time.
 */
import type { CircuitConfig } from '../config/site.js'

export interface SiteNode {
  readonly id: string
  readonly circuit: CircuitConfig
  /** Index of the feeding node; undefined at a root. */
  readonly parentIndex: number | undefined
  /** 0 at a root. */
  readonly depth: number
}

export interface SiteTree {
  /** Depth-first, parents before children, siblings in the order of the configuration. */
  readonly nodes: readonly SiteNode[]
  readonly indexById: ReadonlyMap<string, number>
  /** Parent index per node, -1 at a root: for tight loops. */
  readonly parents: Int32Array
  /** First index after the subtree of each node. */
  readonly subtreeEnd: Int32Array
  /** The node and everything that feeds it, root last. Empty for an index outside the tree. */
  pathOf(nodeIndex: number): readonly number[]
}

/** Whether `other` is `node` or fed by it. */
export function isBelow({ subtreeEnd }: SiteTree, node: number, other: number): boolean {
  return other >= node && other < (subtreeEnd[node] ?? node)
}

/** Linear in the number of circuits. */
export function buildSiteTree(circuits: readonly CircuitConfig[]): SiteTree {
  const childrenOf = new Map<string | undefined, CircuitConfig[]>()
  for (const circuit of circuits) {
    const siblings = childrenOf.get(circuit.parent)
    if (siblings === undefined) childrenOf.set(circuit.parent, [circuit])
    else siblings.push(circuit)
  }
  const nodes: SiteNode[] = []
  const indexById = new Map<string, number>()
  const ends: number[] = []
  const paths: (readonly number[])[] = []

  const visit = (circuit: CircuitConfig, parentIndex: number | undefined, depth: number): void => {
    const index = nodes.length
    nodes.push({ id: circuit.id, circuit, parentIndex, depth })
    indexById.set(circuit.id, index)
    paths.push([index, ...(parentIndex === undefined ? [] : (paths[parentIndex] ?? []))])
    for (const child of childrenOf.get(circuit.id) ?? []) visit(child, index, depth + 1)
    ends[index] = nodes.length
  }
  for (const root of childrenOf.get(undefined) ?? []) visit(root, undefined, 0)

  return {
    nodes,
    indexById,
    parents: Int32Array.from(nodes, node => node.parentIndex ?? -1),
    subtreeEnd: Int32Array.from(ends),
    pathOf: nodeIndex => paths[nodeIndex] ?? [],
  }
}
