/**
 * Whether two sets of limits by the CSMS come to the same under what Busbar allows anyway: what a CSMS changes and no
 * station would notice is not written (control rule 4). Pure.
 */
import type { LimitStep } from './composite.js'

/** One step of what Busbar allows, A; from `atMs` until the next. */
export interface OwnStep {
  readonly atMs: number
  readonly limitA: number
}

/** Over the time from the first own step on; the last steps hold on. */
export function sameLimits(
  before: readonly LimitStep[],
  after: readonly LimitStep[],
  own: readonly [OwnStep, ...OwnStep[]],
): boolean {
  const fromMs = own[0].atMs
  const edges = [...before, ...after, ...own].map(({ atMs }) => Math.max(fromMs, atMs))
  return edges.every(atMs => {
    const ownA = (own.findLast(step => step.atMs <= atMs) ?? own[0]).limitA
    return Math.min(ownA, limitAt(before, atMs)) === Math.min(ownA, limitAt(after, atMs))
  })
}

function limitAt(steps: readonly LimitStep[], atMs: number): number {
  const step = steps.findLast(candidate => candidate.atMs <= atMs) ?? steps[0]
  return step?.limitA ?? Number.POSITIVE_INFINITY
}
