/**
 * What holds where: of all limits in force the lowest per circuit and per connector, and which one that is. Never above
 * what a circuit carries anyway.
 */
import { ALL_PHASES, type PhaseSet } from '../site/phases.js'
import type { SiteTree } from '../site/tree.js'
import { ampsOf, type LimitInForce, type LimitTarget } from './limit.js'

export interface Binding {
  readonly limitA: number
  readonly limit: LimitInForce
}

export interface Effective {
  /** Per node: what it may carry now, A per phase. */
  readonly limitsA: readonly number[]
  /** Per node: the order that is lower than what the circuit carries; undefined where none is. */
  readonly bindings: readonly (Binding | undefined)[]
  /** Per node: the order for its stations alone that is lower than that. */
  readonly stationBindings: readonly (Binding | undefined)[]
}

/** `carriesA`: per node, what the circuit carries without any order. */
export function effectiveLimits(
  tree: SiteTree,
  carriesA: readonly number[],
  inForce: readonly LimitInForce[],
  highestV: number,
): Effective {
  const lowestAt = (limits: readonly LimitInForce[]) =>
    carriesA.map((mostA, node) => {
      const here = limits.filter(({ target }) => nodesOf(tree, target).includes(node))
      const lowest = lowestOf(here, ALL_PHASES, highestV)
      return lowest !== undefined && lowest.limitA < mostA ? lowest : undefined
    })
  const bindings = lowestAt(inForce.filter(({ target }) => !isOfStations(target)))
  return {
    limitsA: carriesA.map((mostA, node) => bindings[node]?.limitA ?? mostA),
    bindings,
    stationBindings: lowestAt(inForce.filter(({ target }) => isOfStations(target))),
  }
}

export const isOfStations = (target: LimitTarget): boolean =>
  target.kind !== 'station' && target.onlyStations === true

/** The order that binds one connector by its name; undefined when none does. */
export function connectorBinding(
  inForce: readonly LimitInForce[],
  connector: { readonly stationId: string; readonly id: number; readonly phases: PhaseSet },
  highestV: number,
): Binding | undefined {
  const own = inForce.filter(
    ({ target }) =>
      target.kind === 'station' &&
      target.stationId === connector.stationId &&
      (target.connectorId ?? connector.id) === connector.id,
  )
  return lowestOf(own, connector.phases, highestV)
}

/**
 * The circuits a limit is for; none where it names a station. One that is not there any more was renamed or taken out, and what
 * it protects is still there: then it holds for the whole site.
 */
export function nodesOf(tree: SiteTree, target: LimitTarget): readonly number[] {
  if (target.kind === 'station') return []
  const node = target.kind === 'circuit' ? tree.indexById.get(target.circuitId) : undefined
  if (node !== undefined) return [node]
  return tree.nodes.flatMap(({ depth }, root) => (depth === 0 ? [root] : []))
}

/** Equal ones are told apart by their priority, then by their id, so that the same one is named each time. */
function lowestOf(limits: readonly LimitInForce[], phases: PhaseSet, highestV: number): Binding | undefined {
  let lowest: Binding | undefined
  for (const limit of limits) {
    const limitA = ampsOf(limit.value, phases, highestV)
    if (lowest === undefined || limitA < lowest.limitA) lowest = { limitA, limit }
    else if (limitA === lowest.limitA && isNamedBefore(limit, lowest.limit)) lowest = { limitA, limit }
  }
  return lowest
}

function isNamedBefore(a: LimitInForce, b: LimitInForce): boolean {
  return a.priority === b.priority ? `${a.source}/${a.id}` < `${b.source}/${b.id}` : a.priority < b.priority
}
