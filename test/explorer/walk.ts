/** Random walks with a seed, and how a failing one is made short. */
import { act } from './act.js'
import { choices, FAMILIES, type Family } from './choices.js'
import { DEPOTS, type Depot } from './depots.js'
import type { Move } from './moves.js'
import type { Failure } from './promise.js'
import { opened, play, type Script } from './script.js'
import type { World } from './world.js'

export const WALK_MOVES = 120

/** Faults that overshadow the others when they are everywhere. */
const RARE: ReadonlySet<Family> = new Set(['lossy boots', 'clocks', 'phases'])

export interface Walk {
  readonly script: Script
  readonly failure: Failure | undefined
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One walk of at most `WALK_MOVES` moves, `without` some families; `seen` is told each state on the way. */
export function walk(
  seed: number,
  seen: (world: World) => void,
  without: ReadonlySet<string> = new Set(),
): Walk {
  const roll = dice(seed)
  const depot = pick([...DEPOTS.values()], roll)
  const rolled = FAMILIES.filter(family => roll() < (RARE.has(family) ? 0.15 : 0.5))
  const families = new Set<Family>(rolled.filter(family => !without.has(family)))
  const isNew = roll() < 0.15
  const world = opened(depot, isNew)
  const moves: Move[] = []
  while (moves.length < WALK_MOVES && world.failure === undefined) {
    const move = weighed(choices(world, families), roll)
    moves.push(move)
    act(world, move)
    seen(world)
  }
  return { script: { title: '', depot, isNew, moves }, failure: world.failure }
}

function pick<T>(from: readonly T[], roll: () => number): T {
  const found = from[Math.floor(roll() * from.length)]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}

function weighed(from: readonly (readonly [number, Move])[], roll: () => number): Move {
  let left = roll() * from.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, move] of from) {
    left -= weight
    if (left < 0) return move
  }
  return { kind: 'wait', ms: 500 }
}

/** The shortest path found that still breaks the same rule: moves left out in ever smaller pieces, waits shortened. */
export function shortened(depot: Depot, isNew: boolean, moves: readonly Move[]): readonly Move[] {
  const rule = play({ depot, isNew, moves })?.rule
  const fails = (some: readonly Move[]): boolean => play({ depot, isNew, moves: merged(some) })?.rule === rule
  let path = moves
  for (let before = -1; before !== path.length; ) {
    before = path.length
    path = withoutPieces(path, fails)
    path = withShorterWaits(path, fails)
  }
  return merged(path)
}

function withoutPieces(moves: readonly Move[], fails: (some: readonly Move[]) => boolean): readonly Move[] {
  let path = moves
  for (let size = Math.ceil(path.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = path.length - size; from >= 0; from -= size) {
      const some = [...path.slice(0, from), ...path.slice(from + size)]
      if (fails(some)) path = some
    }
  }
  return path
}

const WAITS_MS = [500, 1_000, 5_000, 12_000, 60_000]

function withShorterWaits(
  moves: readonly Move[],
  fails: (some: readonly Move[]) => boolean,
): readonly Move[] {
  let path = moves
  moves.forEach((move, index) => {
    if (move.kind !== 'wait') return
    for (const ms of WAITS_MS) {
      if (ms >= move.ms) return
      const some = path.map((old, at): Move => (at === index ? { kind: 'wait', ms } : old))
      if (!fails(some)) continue
      path = some
      return
    }
  })
  return path
}

/** Two waits in a row are one; kept only where that changes nothing. */
function merged(moves: readonly Move[]): readonly Move[] {
  const path: Move[] = []
  for (const move of moves) {
    const last = path.at(-1)
    if (move.kind === 'wait' && last?.kind === 'wait')
      path[path.length - 1] = { kind: 'wait', ms: last.ms + move.ms }
    else path.push(move)
  }
  return path
}
