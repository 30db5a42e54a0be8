/**
 * What a run of the conformance suites came to, as data and as a table of text: each case on both lines, the figures,
 * the stations' configuration, the PICS. HTML is report-html.ts.
 */
import type { CaseResult, FeatureProfile, Mark, PlayedCase, Role } from './case.js'
import type { Figure } from './figures.js'
import { type PicsSection, picsOf } from './pics.js'

export type Line = 'lab' | 'worst'

export interface ReportedCase {
  readonly id: string
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

export interface Report {
  readonly version: string
  /** ISO 8601. */
  readonly at: string
  readonly totals: Readonly<Record<Role, Totals>>
  readonly cases: readonly ReportedCase[]
  readonly figures: readonly Figure[]
  readonly configurations: readonly ConfigurationTable[]
  readonly pics: readonly PicsSection[]
}

export interface ReportInput {
  readonly version: string
  readonly at: string
  readonly played: Readonly<Record<Line, readonly PlayedCase[]>>
  readonly figures: readonly Figure[]
  readonly configurations: readonly ConfigurationTable[]
}

const NOT_PLAYED: CaseResult = { kind: 'not applicable', why: 'not played on this line' }

export function reportOf({ played, version, at, figures, configurations }: ReportInput): Report {
  const worst = new Map(played.worst.map(one => [`${one.role} ${one.id}`, one.result]))
  const cases = played.lab.map(({ result, ...one }) => ({
    ...one,
    lab: result,
    worst: worst.get(`${one.role} ${one.id}`) ?? NOT_PLAYED,
  }))
  return {
    version,
    at,
    totals: {
      'central-system': totalsOf(cases, 'central-system'),
      'pass-through': totalsOf(cases, 'pass-through'),
    },
    cases,
    figures,
    configurations,
    pics: picsOf(version, cases, figures),
  }
}

/** A case counts as failed when it failed on either line. */
function totalsOf(cases: readonly ReportedCase[], role: Role): Totals {
  const own = cases.filter(one => one.role === role).map(verdictOf)
  const count = (kind: CaseResult['kind']): number => own.filter(one => one.kind === kind).length
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
  return Object.values(report.totals).some(({ failed }) => failed > 0)
}

export function isMet({ allowedMs, p99Ms, samples }: Figure): boolean {
  return samples > 0 && p99Ms <= allowedMs
}

/** The table for a terminal. */
export function textOf(report: Report): string {
  const rows = report.cases.map(one => [
    one.id,
    one.title.slice(0, 68),
    one.profile,
    one.role,
    verdictOf(one).kind,
    tookText(one.lab),
    tookText(one.worst),
  ])
  const whys = report.cases.flatMap(one => {
    const verdict = verdictOf(one)
    return verdict.kind === 'passed' ? [] : [`  ${one.role} ${one.id}: ${verdict.kind}, ${verdict.why}`]
  })
  const totals = Object.entries(report.totals).map(
    ([role, { passed, failed, notApplicable, notCovered }]) =>
      `${role}: ${passed} passed, ${failed} failed, ${notApplicable} not applicable, ${notCovered} not covered yet`,
  )
  const figures = report.figures.map(figure => [
    figure.name,
    `<= ${figure.allowedMs} ms`,
    `p50 ${figure.p50Ms.toFixed(2)} ms`,
    `p99 ${figure.p99Ms.toFixed(2)} ms`,
    isMet(figure) ? 'met' : 'MISSED',
    figure.note,
  ])
  return [
    table(['case', 'title', 'profile', 'role', 'result', 'lab', 'worst'], rows),
    whys.join('\n'),
    table(['figure', 'value', '', 'measured', '', ''], figures),
    totals.join('\n'),
  ].join('\n\n')
}

/** Simulated time. */
export function tookText(result: CaseResult): string {
  return result.kind === 'passed' || result.kind === 'failed' ? `${(result.tookMs / 1000).toFixed(1)} s` : '-'
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)),
  )
  return [head, ...rows]
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
