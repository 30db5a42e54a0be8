/**
 * The words of allocation: what one connector asks for, and what it is given and why. Amps per phase, the same on
 * every phase the connector uses. Must not know stations, profiles or clocks.
 */
import type { PerPhase, PhaseIndex, PhaseSet } from '../site/phases.js'
import type { SiteTree } from '../site/tree.js'

export interface Demand {
  /** Unique; breaks every tie ("CP-1/1"). */
  readonly key: string
  /** Index in the site tree of the circuit that feeds the connector. */
  readonly node: number
  /** Counted on these phases; where they are unknown, all wired ones. None at all counts on all three. */
  readonly phases: PhaseSet
  readonly minA: number
  /** What car, CSMS, reclaim and connector allow together. Below `minA` the connector is off. */
  readonly maxA: number
  /** Share above the minimum, > 0. */
  readonly weight: number
  readonly stepA: 1 | 0.1
  readonly turn: Turn
  /** Lower is served first and in full, equal ranks share; absent = 0. */
  readonly rank?: number
  /** What it is given is never shortened so that what others leave makes one more minimum. */
  readonly firm?: boolean
  /** It gets its minimum of what those before it have above theirs, of whatever class. */
  readonly spared?: boolean
}

/** Whose turn it is when not every minimum fits. */
export interface Turn {
  readonly on: boolean
  /** When `on` last changed. */
  readonly sinceMonoMs: number
  /** Ampere-seconds so far; the weight is applied here, not by the caller. */
  readonly servedAs: number
  /** 1 is served before 2. */
  readonly priorityClass: number
  /** Ampere-seconds that an equal share would have given it so far. */
  readonly entitledAs: number
  /** It is behind its equal share, or will be if it waits: served before all claims until it has caught up. */
  readonly owed: boolean
}

export interface AllocationInput {
  readonly tree: SiteTree
  /** Per node: what the controllable connectors below may use together. May be negative; not a number = nothing. */
  readonly availableA: readonly PerPhase[]
  readonly demands: readonly Demand[]
  readonly nowMonoMs: number
  readonly minOnMs: number
  readonly minOffMs: number
  readonly quantumMs: number
}

/** Why a connector gets no more than it gets. */
export type Bound =
  | { readonly kind: 'max' }
  | { readonly kind: 'circuit'; readonly node: number; readonly phase: PhaseIndex }
  /** Off: its minimum did not fit here. */
  | { readonly kind: 'waiting'; readonly node: number; readonly phase: PhaseIndex }
  /** Off: its own cap is below its minimum. */
  | { readonly kind: 'off' }

export interface Allocation {
  /** 0, or minA..maxA and a multiple of the step. */
  readonly allocationA: number
  readonly bound: Bound
}

/** One per demand, in the order of the demands. */
export type AllocationResult = readonly Allocation[]

/** One run of the allocator; never changed afterwards. */
export interface Decision {
  readonly input: AllocationInput
  readonly result: AllocationResult
}
