/**
 * What a run of the conformance suites came to, as data: each case on both lines, the runs with other stations, the
 * figures, the stations' configuration, the PICS. As text: report-text.ts; as a page: report-html.ts.
 */
import type { CaseResult, FeatureProfile, Mark, PlayedCase, Role } from './case.js'
import type { Figure } from './figures.js'
import { type PicsSection, picsOf } from './pics.js'

export type Line = 'lab' | 'worst'

export interface ReportedCase {
  readonly id: string
  /** As the test tool prints it. */
  readonly code: string
  /** ISO 8601, of the run on the good line. */
  readonly at: string
  /** ISO 8601, of the run on the worst line; absent where it was not played there. */
  readonly worstAt?: string
  readonly station: string
  readonly title: string
  readonly profile: FeatureProfile
  readonly mark: Mark
  readonly role: Role
  readonly lab: CaseResult
  readonly worst: CaseResult
}

export interface ConfigurationTable {
  readonly device: string
  readonly keys: readonly { readonly key: string; readonly value: string; readonly readonly: boolean }[]
}

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly notApplicable: number
  readonly notCovered: number
}

/** What a station of the run is, as the seeds' test configuration states it. */
export interface Hardware {
  readonly device: string
  readonly features: readonly (readonly [name: string, value: string])[]
}

/** A part of the plan played once more, with another station or with one that is driven from elsewhere. */
export interface FurtherRun {
  readonly name: string
  readonly totals: Totals
  readonly cases: readonly ReportedCase[]
}

export interface FurtherInput {
  readonly name: string
  readonly played: Readonly<Record<Line, readonly PlayedCase[]>>
}

export interface Report {
  readonly version: string
  /** Of the source that was tested; "unknown" outside a checkout. */
  readonly commit: string
  readonly hardware: readonly Hardware[]
  /** ISO 8601. */
  readonly at: string
  readonly totals: Readonly<Record<Role, Totals>>
  readonly cases: readonly ReportedCase[]
  readonly further: readonly FurtherRun[]
  readonly figures: readonly Figure[]
  readonly configurations: readonly ConfigurationTable[]
  readonly pics: readonly PicsSection[]
}

export interface ReportInput {
  readonly version: string
  readonly commit: string
  readonly hardware: readonly Hardware[]
  readonly at: string
  readonly played: Readonly<Record<Line, readonly PlayedCase[]>>
  readonly further: readonly FurtherInput[]
  readonly figures: readonly Figure[]
  readonly configurations: readonly ConfigurationTable[]
}

const NOT_PLAYED: CaseResult = { kind: 'not applicable', why: 'not played on this line' }

export function reportOf(input: ReportInput): Report {
  const { played, version, commit, at, figures, configurations, hardware } = input
  const cases = casesOf(played)
  return {
    version,
    commit,
    hardware,
    at,
    totals: {
      'central-system': totalsOf(cases.filter(({ role }) => role === 'central-system')),
      'pass-through': totalsOf(cases.filter(({ role }) => role === 'pass-through')),
    },
    cases,
    further: input.further.map(({ name, played }) => {
      const own = casesOf(played)
      return { name, totals: totalsOf(own), cases: own }
    }),
    figures,
    configurations,
    pics: picsOf(version, cases, figures),
  }
}

function casesOf(played: Readonly<Record<Line, readonly PlayedCase[]>>): readonly ReportedCase[] {
  const worst = new Map(played.worst.map(one => [`${one.role} ${one.id}`, one]))
  return played.lab.map(({ result, ...one }) => {
    const again = worst.get(`${one.role} ${one.id}`)
    return {
      ...one,
      code: seedId(one),
      lab: result,
      worst: again?.result ?? NOT_PLAYED,
      ...(again && { worstAt: again.at }),
    }
  })
}

/** An id of the plan as the test tool prints it: "TC_023_4_CS" for a Charge Point, "TC_023_4_CSMS" for a Central System. */
export function seedId({ id, role }: Pick<ReportedCase, 'id' | 'role'>): string {
  const prefix = /^\d{3}(_\d)?$/.test(id) ? 'TC' : 'BUSBAR'
  return `${prefix}_${id}_${role === 'central-system' ? 'CSMS' : 'CS'}`
}

/** The id of the plan, however it was written. */
export function planId(id: string): string {
  return /^(?:TC|BUSBAR)_(.+)_CS(?:MS)?$/.exec(id)?.[1] ?? id
}

/** A case counts as failed when it failed on either line. */
function totalsOf(cases: readonly ReportedCase[]): Totals {
  const verdicts = cases.map(verdictOf)
  const count = (kind: CaseResult['kind']): number => verdicts.filter(one => one.kind === kind).length
  return {
    passed: count('passed'),
    failed: count('failed'),
    notApplicable: count('not applicable'),
    notCovered: count('not covered'),
  }
}

export function verdictOf({ lab, worst }: Pick<ReportedCase, 'lab' | 'worst'>): CaseResult {
  if (lab.kind === 'failed') return lab
  return worst.kind === 'failed' ? worst : lab
}

export function hasFailed(report: Report): boolean {
  const totals = [...Object.values(report.totals), ...report.further.map(run => run.totals)]
  return totals.some(({ failed }) => failed > 0)
}

export function isMet({ allowedMs, p99Ms, samples }: Figure): boolean {
  return samples > 0 && p99Ms <= allowedMs
}

/** "2026-01-14 06:00:00 UTC". */
export function momentText(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')} UTC`
}

/** Simulated time. */
export function tookText(result: CaseResult): string {
  return result.kind === 'passed' || result.kind === 'failed' ? `${(result.tookMs / 1000).toFixed(1)} s` : '-'
}
