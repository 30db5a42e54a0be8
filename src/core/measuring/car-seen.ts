/**
 * On which phases the car of the running session is, by its own steps as the meter above it showed them, up and down: what a
 * station that tells energy alone does not say. A step that speaks otherwise ends that for the session; never kept over a
 * restart (control rules 14, 16). Plain data, pure.
 */
import { PHASE_INDEXES, type PhaseSet } from '../site/phases.js'

export interface CarSeen {
  readonly transactionId: number
  readonly phases: PhaseSet
  readonly rises: number
  readonly falls: number
  /** Something spoke otherwise: nothing is believed of it any more in this session. */
  readonly isContradicted: boolean
}

/** With one more step that the meter showed clearly. */
export function withCarStep(
  before: CarSeen | undefined,
  { transactionId, phases, stepA }: Pick<CarSeen, 'transactionId' | 'phases'> & { readonly stepA: number },
): CarSeen {
  const [rises, falls] = stepA > 0 ? [1, 0] : [0, 1]
  if (before?.transactionId !== transactionId)
    return { transactionId, phases, rises, falls, isContradicted: false }
  const isAlike = PHASE_INDEXES.every(phase => before.phases[phase] === phases[phase])
  return {
    ...before,
    rises: before.rises + rises,
    falls: before.falls + falls,
    isContradicted: before.isContradicted || !isAlike,
  }
}

/** Its steps have to be shown anew: something may have changed, and nothing was contradicted. */
export function forgotten(car: CarSeen | undefined): CarSeen | undefined {
  return car?.isContradicted === true ? car : undefined
}

/** Both ways agree: other load that goes one way by chance is no car. */
export function isShown({ rises, falls, isContradicted }: CarSeen): boolean {
  return rises > 0 && falls > 0 && !isContradicted
}
