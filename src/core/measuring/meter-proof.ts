/**
 * What speaks for a meter: steps of its stations that it showed in size and sign. A phase is proven by two independent
 * ones that together agree closely, because one alone can be other load that moved by chance; or by one that is strong. Plain data, mutable, owned by one
 * meter's judgement. Knows no path.
 */
import { PHASE_INDEXES, type PhaseIndex, type PhaseSet } from '../site/phases.js'

/** So many prove a phase; a step that was followed in a busier window counts half, a strong one for both. */
const ENOUGH = 2
/** Closer together they may be the same change, told twice. */
const APART_MS = 15_000
/** What the meter moved by in all of them, as a share of what the stations did (class 1 meter, car ripple). */
const TOGETHER = [0.9, 1.12] as const

export interface Agreement {
  /** Change of the stations, and of the meter, A; the signs are alike. */
  readonly stepA: number
  readonly movedA: number
  readonly weight: 2 | 1 | 0.5
}

interface Agreed {
  readonly weight: number
  readonly stepA: number
  readonly movedA: number
  readonly atMs: number
}

export interface Proof {
  proven: PhaseSet
  /** It followed its stations at some time. */
  wasProven: boolean
  readonly agreed: [Agreed | undefined, Agreed | undefined, Agreed | undefined]
}

export function newProof(): Proof {
  return { proven: [false, false, false], wasProven: false, agreed: [undefined, undefined, undefined] }
}

/** One step that the meter followed, per phase; a phase that had none is not proven by the others. */
export function agree(
  proof: Proof,
  agreements: readonly [Agreement | undefined, Agreement | undefined, Agreement | undefined],
  nowMs: number,
): void {
  for (const phase of PHASE_INDEXES) {
    const agreement = agreements[phase]
    const before = proof.agreed[phase]
    if (agreement === undefined || (before !== undefined && nowMs - before.atMs < APART_MS)) continue
    const alone = {
      weight: agreement.weight,
      stepA: Math.abs(agreement.stepA),
      movedA: Math.abs(agreement.movedA),
      atMs: nowMs,
    }
    const sum: Agreed = {
      weight: alone.weight + (before?.weight ?? 0),
      stepA: alone.stepA + (before?.stepA ?? 0),
      movedA: alone.movedA + (before?.movedA ?? 0),
      atMs: nowMs,
    }
    const share = sum.movedA / sum.stepA
    const isClose = share >= TOGETHER[0] && share <= TOGETHER[1]
    // Together they do not agree: the one before was chance, or this one is.
    proof.agreed[phase] = sum.weight < ENOUGH || isClose ? sum : alone
    if (sum.weight >= ENOUGH && isClose) proof.proven = withPhase(proof.proven, phase)
  }
  proof.wasProven ||= proof.proven.some(Boolean)
}

/** Proven by what was written and read back at the meter (`own-steps.ts`). */
export function prove(proof: Proof, phases: PhaseSet): void {
  for (const phase of PHASE_INDEXES) if (phases[phase]) proof.proven = withPhase(proof.proven, phase)
  proof.wasProven ||= proof.proven.some(Boolean)
}

export function unprove(proof: Proof, phases: PhaseSet): void {
  const [l1, l2, l3] = proof.proven
  proof.proven = [l1 && !phases[0], l2 && !phases[1], l3 && !phases[2]]
  forgetAgreed(proof, phases)
}

/** What was half proven begins anew. */
export function forgetAgreed(proof: Proof, phases: PhaseSet): void {
  for (const phase of PHASE_INDEXES) if (phases[phase]) proof.agreed[phase] = undefined
}

function withPhase(set: PhaseSet, phase: PhaseIndex): PhaseSet {
  return [set[0] || phase === 0, set[1] || phase === 1, set[2] || phase === 2]
}
