/**
 * Room that has lasted: the most that other load and orders took of a circuit within a time that the site profile names. What a raise
 * goes into was free of them all that time; room that others of our own stations have left need not wait, as nothing but a
 * decision takes it again. Plain data; knows no stations.
 */
import { maxOf, type PerPhase } from '../site/phases.js'

interface Stretch {
  readonly fromMs: number
  readonly mostA: PerPhase
}

/** Oldest first, never empty; a sixth of the time each. */
export type Lasting = readonly Stretch[]

const STRETCHES = 6

/** Nothing is known of the time before: no room has lasted yet. */
export const lastingFrom = (nowMs: number): Lasting => [
  { fromMs: nowMs, mostA: [Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE] },
]

/** With what is there now, A per phase; what is older than `forMs` by a whole stretch is dropped. */
export function stepLasting(lasting: Lasting, nowMs: number, takenA: PerPhase, forMs: number): Lasting {
  const stretchMs = stretchOf(forMs)
  const newest = lasting.at(-1)
  const isOpen = newest !== undefined && nowMs - newest.fromMs < stretchMs
  if (isOpen && lasting.length === 1) return [{ ...newest, mostA: maxOf(newest.mostA, takenA) }]
  const kept = lasting.filter(({ fromMs }) => nowMs < fromMs + stretchMs + forMs)
  if (!isOpen) return [...kept, { fromMs: nowMs, mostA: takenA }]
  return [...kept.slice(0, -1), { fromMs: newest.fromMs, mostA: maxOf(newest.mostA, takenA) }]
}

/** The most within the time, A per phase. */
export function mostOf(lasting: Lasting): PerPhase {
  return lasting.reduce<PerPhase>((mostA, stretch) => maxOf(mostA, stretch.mostA), [0, 0, 0])
}

const stretchOf = (forMs: number): number => Math.max(1, forMs / STRETCHES)
