/**
 * Every path of up to so many moves from the opened depot, shortest first: the depth grows by one at a time, and a state
 * that was seen with as many moves left is not entered again. Copies of the world are compared with a replay now and then.
 */
import { act } from './act.js'
import { choices, FAMILIES, type Family } from './choices.js'
import { DEPOTS, type Depot } from './depots.js'
import { fingerprint } from './fingerprint.js'
import type { Move } from './moves.js'
import { opened, type Script } from './script.js'
import type { World } from './world.js'

/** Every so many moves the copy is held against the path made anew. */
const CHECK_EVERY = 2_000

export interface Explored {
  moves: number
  /** Most moves that were left when a state was entered, by its fingerprint. */
  readonly states: Map<number, number>
}

/** The first failing path, or undefined when there is none within the depth. */
export function breadth(
  depth: number,
  explored: Explored,
  limits: { readonly without: ReadonlySet<string>; isOver(): boolean },
): Script | undefined {
  const families = new Set(FAMILIES.filter(family => !limits.without.has(family)))
  const { isOver } = limits
  for (let bound = 1; bound <= depth; bound++) {
    for (const depot of DEPOTS.values()) {
      const path = below({ depot, explored, families, isOver }, opened(depot, false), [], bound)
      if (path !== undefined) return { title: '', depot, isNew: false, moves: path }
      if (isOver()) return undefined
    }
  }
  return undefined
}

interface Search {
  readonly depot: Depot
  readonly explored: Explored
  readonly families: ReadonlySet<Family>
  readonly isOver: () => boolean
}

function below(
  search: Search,
  world: World,
  path: readonly Move[],
  left: number,
): readonly Move[] | undefined {
  const { explored } = search
  for (const [, move] of choices(world, search.families)) {
    if (search.isOver()) return undefined
    const next = world.copy()
    if (!act(next, move)) continue
    explored.moves++
    const nextPath = [...path, move]
    if (explored.moves % CHECK_EVERY === 0) compare(search.depot, next, nextPath)
    if (next.failure !== undefined) return nextPath
    const state = fingerprint(next)
    if ((explored.states.get(state) ?? -1) >= left - 1) continue
    explored.states.set(state, left - 1)
    const failing = left > 1 ? below(search, next, nextPath, left - 1) : undefined
    if (failing !== undefined) return failing
  }
  return undefined
}

/** The copy must not have lost anything the Controller keeps. */
function compare(depot: Depot, world: World, path: readonly Move[]): void {
  const again = opened(depot, false)
  for (const move of path) act(again, move)
  if (fingerprint(again) !== fingerprint(world))
    throw new Error('a copied world goes another way: see glimpse.ts')
}
