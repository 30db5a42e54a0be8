/**
 * Other load and head-room per circuit: what flows that is no station of ours, and what the connectors below may use.
 * A trusted meter less what stations surely draw; without one, the configured worst case (control rules 14, 15).
 * Unknown is never zero. Must not know profiles or time of day.
 */
import { ALL_PHASES, add, maxOf, minOf, type PerPhase, spread, subtract, ZERO } from '../site/phases.js'

/** A dip of the base is believed only after this long: longer than stations take between two samples. */
export const BASE_HOLD_MS = 15_000
/** And never shorter than the oldest sample that is taken out of the meter is old: its car may have stopped since. */
export const LONGEST_HOLD_MS = 75_000
/** Readings kept per circuit within the longest hold; a faster meter overwrites the newest. */
const MAX_HELD = 96
/** Closer together they are one. */
const HELD_APART_MS = 800

export interface CircuitLoad {
  readonly worstCaseOtherLoadA: number
  /** What the circuit's meter shows now; undefined without a meter or when its worst case must be assumed. */
  readonly meterA: PerPhase | undefined
}

export interface LeafLoad {
  readonly node: number
  /** Surely drawn now by the station's own fresh measurement; zero when there is none. */
  readonly lowerA: PerPhase
  readonly bookedA: PerPhase
}

export interface OtherLoad {
  readonly otherA: PerPhase
  readonly source: 'measured' | 'worst case'
}

/**
 * Per node, parents before children in `parents` (-1 = root): other load on the circuit and everything below it. `judged`
 * makes of each first reckoning what decisions go by; that is what the circuits above are reckoned with.
 */
export function otherLoads(
  parents: ArrayLike<number>,
  circuits: readonly CircuitLoad[],
  leaves: readonly LeafLoad[],
  judged: (node: number, load: OtherLoad) => OtherLoad = (_, load) => load,
): OtherLoad[] {
  const drawn = sumsBelow(parents, leaves, leaf => minOf(leaf.lowerA, leaf.bookedA))
  const childrenA = circuits.map(() => ZERO)
  const loads = new Array<OtherLoad>(circuits.length)
  for (let node = circuits.length - 1; node >= 0; node--) {
    const circuit = circuits[node]
    if (circuit === undefined) continue
    const first: OtherLoad =
      circuit.meterA === undefined
        ? {
            otherA: add(spread(circuit.worstCaseOtherLoadA, ALL_PHASES), childrenA[node] ?? ZERO),
            source: 'worst case',
          }
        : { otherA: maxOf(subtract(circuit.meterA, drawn[node] ?? ZERO), ZERO), source: 'measured' }
    const load = judged(node, first)
    loads[node] = load
    const parent = parents[node] ?? -1
    if (parent >= 0) childrenA[parent] = add(childrenA[parent] ?? ZERO, load.otherA)
  }
  return loads
}

/** Sum of a per-leaf value over every leaf below each node. */
export function sumsBelow<L extends { readonly node: number }>(
  parents: ArrayLike<number>,
  leaves: readonly L[],
  value: (leaf: L) => PerPhase,
): PerPhase[] {
  // Each sum a new array: changed in place, its numbers would be kept in a slower form. And no index of -1: that is a slow one.
  const sums: PerPhase[] = []
  for (let node = 0; node < parents.length; node++) sums.push(ZERO)
  let [l1A, l2A, l3A] = [0, 0, 0]
  for (let at = 0; at < leaves.length; at++) {
    const leaf = leaves[at]
    if (leaf === undefined) continue
    const valueA = value(leaf)
    l1A += valueA[0]
    l2A += valueA[1]
    l3A += valueA[2]
    // Most leaves of a circuit stand together: one new array for all of them.
    if (leaves[at + 1]?.node === leaf.node) continue
    const sum = leaf.node < 0 ? undefined : sums[leaf.node]
    if (sum !== undefined && (l1A !== 0 || l2A !== 0 || l3A !== 0))
      sums[leaf.node] = plus(sum, [l1A, l2A, l3A])
    l1A = l2A = l3A = 0
  }
  for (let node = parents.length - 1; node >= 0; node--) {
    const parent = parents[node] ?? -1
    const sum = parent < 0 ? undefined : sums[parent]
    if (sum !== undefined) sums[parent] = plus(sum, sums[node] ?? ZERO)
  }
  return sums
}

/** Most of what is summed is nothing. */
const plus = (sum: PerPhase, more: PerPhase): PerPhase =>
  more === ZERO ? sum : sum === ZERO ? more : add(sum, more)

/** The last base loads of one circuit, oldest first; plain data. */
export type Hold = readonly { readonly monoMs: number; readonly otherA: PerPhase }[]

/** The largest base within the hold: up at once, down only when it has lasted; undefined when there is none. */
export function heldA(held: Hold, monoMs: number, holdMs = BASE_HOLD_MS): PerPhase | undefined {
  let most: [number, number, number] | undefined
  for (const { monoMs: atMs, otherA } of held) {
    if (monoMs - atMs >= holdMs) continue
    most ??= [0, 0, 0]
    most[0] = Math.max(most[0], otherA[0])
    most[1] = Math.max(most[1], otherA[1])
    most[2] = Math.max(most[2], otherA[2])
  }
  return most
}

/** With the new one, and without what is too old for any hold. */
export function hold(held: Hold, monoMs: number, otherA: PerPhase): Hold {
  const first = held.findIndex(entry => monoMs - entry.monoMs < LONGEST_HOLD_MS)
  const next = first < 0 ? [] : held.slice(first)
  const newest = next.at(-1)
  if (newest !== undefined && monoMs - newest.monoMs < HELD_APART_MS) {
    next[next.length - 1] = { monoMs: newest.monoMs, otherA: maxOf(newest.otherA, otherA) }
    return next
  }
  if (next.length >= MAX_HELD) next.shift()
  next.push({ monoMs, otherA })
  return next
}

/** With no more than so much from a moment on. */
export function capHeld(held: Hold, fromMs: number, mostA: PerPhase): Hold {
  return held.map(entry =>
    entry.monoMs > fromMs - HELD_APART_MS ? { ...entry, otherA: minOf(entry.otherA, mostA) } : entry,
  )
}
