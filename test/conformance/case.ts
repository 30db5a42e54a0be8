/**
 * One case of the certification plan (seed 002, Appendix C; sequences by the fact sheet): data plus a play. The plays
 * of a suite stand in tables, one row per case id; a runner gives each a fresh rig and turns what happens into a
 * result. A row that cannot apply says why.
 */

export type Role = 'central-system' | 'pass-through'
/** Column of Appendix C: mandatory, conditional, optional; `-` = newer than the plan. */
export type Mark = 'M' | 'C' | 'O' | '-'
export type FeatureProfile =
  | 'Core'
  | 'Firmware Management'
  | 'Local Auth List Management'
  | 'Reservation'
  | 'Remote Trigger'
  | 'Smart Charging'
  | 'Security'

export interface ConformanceCase<Rig> {
  /** "004_1". */
  readonly id: string
  readonly title: string
  readonly profile: FeatureProfile
  readonly mark: Mark
  /** Rejects (an assertion of the rig) when the case fails; or the reason why it does not apply here. */
  readonly play:
    | ((rig: Rig) => Promise<void>)
    | { readonly notApplicable: string }
    | { readonly notCovered: string }
}

export type CaseResult =
  | { readonly kind: 'passed'; readonly tookMs: number }
  /** `frames`: the last ones that went over the station's wire. */
  | {
      readonly kind: 'failed'
      readonly tookMs: number
      readonly why: string
      readonly frames?: readonly string[]
    }
  | { readonly kind: 'not applicable' | 'not covered'; readonly why: string }

/** Frames of a failed case that a report shows: the last ones say why. */
export const MAX_EVIDENCE = 60
/** Of one frame. */
export const MAX_EVIDENCE_CHARS = 600

export interface PlayedCase {
  readonly id: string
  /** ISO 8601: when it was played, by the clock of whoever ran it. */
  readonly at: string
  /** The station it was played with: model, and what of its hardware is not as usual. */
  readonly station: string
  readonly title: string
  readonly profile: FeatureProfile
  readonly mark: Mark
  readonly role: Role
  readonly result: CaseResult
}

/** Why a case is not played. */
export function notPlayed(
  play: { readonly notApplicable: string } | { readonly notCovered: string },
): CaseResult {
  return 'notApplicable' in play
    ? { kind: 'not applicable', why: play.notApplicable }
    : { kind: 'not covered', why: play.notCovered }
}
