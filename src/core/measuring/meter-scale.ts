/**
 * A meter that shows each step of its stations, and each time the same part of it: near enough to be called followed by other
 * load that moved too, once; not again and again (control rule 15). Mutable plain data, owned by one meter's judgement.
 */
import { PHASE_INDEXES } from '../site/phases.js'
import { type Episode, STEP_TELLS_A } from './meter-steps.js'

/** So many alike in a row tell it on one phase; fewer where all three phases showed the same each time. */
const ALIKE = 4
const ALIKE_ON_ALL = 3
/** Less than this share is too little; below the least a step was not there at all. */
const TOO_LITTLE = 0.8
const LEAST = 0.3
const APART = 0.2
/** They count for half an hour. */
const KEPT_MS = 1_800_000

type Shares = readonly [number | undefined, number | undefined, number | undefined]

export type ScaleWatch = { readonly atMs: number; readonly shares: Shares }[]

/** The share it shows of what its stations did; undefined while nothing speaks for one that is too small. */
export function watchScale(watch: ScaleWatch, { stepA, movedA }: Episode, nowMs: number): number | undefined {
  const on = (phase: 0 | 1 | 2): number | undefined =>
    Math.abs(stepA[phase]) >= STEP_TELLS_A ? movedA[phase] / stepA[phase] : undefined
  const shares: Shares = [on(0), on(1), on(2)]
  if (shares.every(share => share === undefined)) return undefined
  watch.push({ atMs: nowMs, shares })
  while (watch.length > 2 * ALIKE || nowMs - (watch[0]?.atMs ?? nowMs) > KEPT_MS) watch.shift()
  const last = watch.slice(-ALIKE_ON_ALL)
  if (last.length === ALIKE_ON_ALL) {
    const all = last.flatMap(step => [...step.shares])
    const found = smallShare(all)
    if (found !== undefined) return found
  }
  for (const phase of PHASE_INDEXES) {
    const told = watch.flatMap(step => step.shares[phase] ?? []).slice(-ALIKE)
    const found = told.length === ALIKE ? smallShare(told) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** Their mean, where they are alike and too small; a phase without a step says nothing of all. */
function smallShare(shares: readonly (number | undefined)[]): number | undefined {
  const known = shares.filter(share => share !== undefined)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  if (known.length < shares.length || least < LEAST || most >= TOO_LITTLE || most - least > APART)
    return undefined
  return known.reduce((sum, share) => sum + share, 0) / known.length
}
