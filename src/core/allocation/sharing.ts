/**
 * The sharing rules: in which rank each car is served. `equal` and `weighted` put all into one rank (there weights act),
 * `first-come` each into its own, `least-laxity` first whoever can wait the least until its departure. Classes of priority
 * come before everything; a car that draws nothing comes after everybody.
 *
 * A claim (departure, energy) is only somebody's word: whoever is owed by the account of equal shares (`accounts.ts`) is
 * served before every claim. Pure; knows no clock.
 */
import type { SharingRule } from '../config/site-profile.js'
import type { Demand } from './demand.js'

/** What the rule knows of a car beside its demand. */
export interface Sharer {
  readonly demand: Demand
  /** Any clock, the same for all: who came first. */
  readonly arrivedMs: number
  /** Until it leaves, as somebody says; absent where nobody does or that time has passed. */
  readonly stayMs?: number
  /** `stayMs` is a guess that nobody has made for it: its account goes on as if nothing were known. */
  readonly isGuess?: boolean
  /** What it still wants per phase until then, ampere-seconds; absent where nobody says or it has been given. */
  readonly needAs?: number
  /** Draws nothing of what it is offered. */
  readonly isFull: boolean
  /** Full, and asked with what others can spare whether it still is. */
  readonly isAsked?: boolean
}

/** Full cars are in a class of their own, the last. */
const FULL_CLASS = 1_000
/** Ranks of one class lie between its number times this and the next. */
const CLASS_RANKS = 1e6
const MOST_OWED_RANK = 0.9
/** Whoever does not say when it leaves is taken to have this much time to spare: its account protects it. */
const ASSUMED_LAXITY_MS = 3_600_000
/** Where a departure is known and the energy is not. */
const ASSUMED_CHARGE_MS = 2 * 3_600_000
/** More laxity than this makes no difference. */
const MOST_LAXITY_MS = 48 * 3_600_000

/** The demands with the rank in which they are served, in their order. */
export function ranked(rule: SharingRule, sharers: readonly Sharer[], quantumMs: number): readonly Demand[] {
  const places = rule === 'first-come' ? placesByArrival(sharers) : undefined
  return sharers.map((sharer, index) => {
    const { demand } = sharer
    if (sharer.isFull) return lastOfAll(demand, sharer.isAsked === true)
    const weight = rule === 'weighted' ? demand.weight : 1
    if (rule === 'equal' || rule === 'weighted') return { ...demand, weight }
    const within = places === undefined ? laxityRank(sharer, quantumMs) : (places[index] ?? 0)
    return {
      ...demand,
      weight,
      rank: demand.turn.priorityClass * CLASS_RANKS + within,
      firm: rule === 'least-laxity' && demand.turn.owed,
    }
  })
}

/** It keeps its minimum where nobody else needs it; one that is asked gets it where nobody is paused for it. */
function lastOfAll(demand: Demand, spared: boolean): Demand {
  return {
    ...demand,
    ...(spared && { spared }),
    maxA: Math.min(demand.maxA, demand.minA),
    weight: 1,
    rank: FULL_CLASS * CLASS_RANKS,
    turn: { ...demand.turn, priorityClass: FULL_CLASS },
  }
}

function placesByArrival(sharers: readonly Sharer[]): readonly number[] {
  const order = sharers
    .map(({ arrivedMs, demand: { key } }, index) => ({ arrivedMs, key, index }))
    .sort((a, b) => a.arrivedMs - b.arrivedMs || (a.key < b.key ? -1 : 1))
  const places = new Array<number>(sharers.length).fill(0)
  order.forEach(({ index }, place) => {
    places[index] = place
  })
  return places
}

/**
 * Below 1 the owed, by departure; then by laxity. Both in whole quanta, so that two cars do not change places with every
 * second.
 */
function laxityRank(sharer: Sharer, quantumMs: number): number {
  const { stayMs = 0, demand } = sharer
  if (demand.turn.owed) return Math.min(MOST_OWED_RANK, Math.floor(stayMs / quantumMs) / CLASS_RANKS)
  return 1 + Math.floor(laxityMs(sharer) / quantumMs)
}

/** How long the car could still wait and be ready, 0..48 h: also what is hopeless or absurd is only urgent. */
export function laxityMs({ demand, stayMs, needAs }: Sharer): number {
  if (stayMs === undefined) return ASSUMED_LAXITY_MS
  const chargeMs = needAs === undefined ? ASSUMED_CHARGE_MS : (needAs / Math.max(demand.maxA, 1)) * 1000
  const spareMs = stayMs - chargeMs
  return spareMs > 0 ? Math.min(MOST_LAXITY_MS, spareMs) : 0
}
