/**
 * What is remembered of one meter while it is judged: its own way, what its stations told, what speaks against it.
 * Mutable plain data, one per meter; who changes what stands in the `judge-*` files.
 */
import { type PerPhase, ZERO } from '../site/phases.js'
import { type Deficit, type Lacked, type Lacking, NOTHING_LACKED } from './meter-deficit.js'
import type { PathPoint } from './meter-path.js'
import { newProof, type Proof } from './meter-proof.js'
import type { ScaleWatch } from './meter-scale.js'
import { newSelfWatch, type SelfWatch } from './meter-self.js'
import type { Shrunk } from './meter-shrinking.js'
import type { Standing } from './meter-standstill.js'
import type { Episode } from './meter-steps.js'
import type { Verdict } from './meter-verdict.js'
import { newOfferWatch, type OfferWatch } from './own-offers.js'
import { newOwnSteps, type OwnSteps } from './own-steps.js'
import type { KnownStep, Tracks } from './station-evidence.js'

export interface JudgeState {
  path: PathPoint[]
  readonly tracks: Tracks
  steps: KnownStep[]
  judgedToMs: number
  /** It has not shown yet by how much its stations rose. */
  behind: boolean
  readonly self: SelfWatch
  readonly proof: Proof
  readonly offers: OfferWatch
  readonly own: OwnSteps
  contradictedMs: [readonly number[], readonly number[], readonly number[]]
  /** The last ones that told something. */
  episodes: readonly Episode[]
  readonly scale: ScaleWatch
  deficit: Deficit | undefined
  /** As its stations told of one lag ago, whatever their delays. */
  oldDeficit: Lacking | undefined
  /** How long it showed less than its stations drew, all stretches together. */
  lacked: Lacked
  peaks: { readonly startMs: number; otherA: PerPhase }[]
  shrunk: Shrunk | undefined
  /** What the stations said they drew at the last poll. */
  sumA: PerPhase
  standing: (Standing & { readonly currentA: PerPhase }) | undefined
  verdict: Held | undefined
}

export interface Held {
  readonly verdict: Verdict
  readonly bySteps: boolean
  readonly sinceMs: number
  againstMs: number
  followed: number
}

export function newJudge(): JudgeState {
  return {
    path: [],
    tracks: new Map(),
    steps: [],
    judgedToMs: -Infinity,
    behind: false,
    self: newSelfWatch(),
    proof: newProof(),
    offers: newOfferWatch(),
    own: newOwnSteps(),
    contradictedMs: [[], [], []],
    episodes: [],
    scale: [],
    deficit: undefined,
    oldDeficit: undefined,
    lacked: NOTHING_LACKED,
    peaks: [],
    shrunk: undefined,
    sumA: ZERO,
    standing: undefined,
    verdict: undefined,
  }
}

/** It was right and its scale did not change: what it shows now are other values. */
export const followedBefore = (state: JudgeState): boolean =>
  state.proof.wasProven && state.shrunk === undefined
