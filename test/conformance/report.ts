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
  /** ISO 8601, of the run on the good line. */
  readonly at: string
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

export interface Report {
  readonly version: string
  /** Of the source that was tested; "unknown" outside a checkout. */
  readonly commit: string
  readonly hardware: readonly Hardware[]
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
  readonly commit: string
  readonly hardware: readonly Hardware[]
  readonly at: string
  readonly played: Readonly<Record<Line, readonly PlayedCase[]>>
  readonly figures: readonly Figure[]
  readonly configurations: readonly ConfigurationTable[]
}

const NOT_PLAYED: CaseResult = { kind: 'not applicable', why: 'not played on this line' }

export function reportOf(input: ReportInput): Report {
  const { played, version, commit, at, figures, configurations, hardware } = input
  const worst = new Map(played.worst.map(one => [`${one.role} ${one.id}`, one.result]))
  const cases = played.lab.map(({ result, ...one }) => ({
    ...one,
    lab: result,
    worst: worst.get(`${one.role} ${one.id}`) ?? NOT_PLAYED,
  }))
  return {
    version,
    commit,
    hardware,
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

/** An id of the plan as the test tool prints it: "TC_023_4_CS" for a Charge Point, "TC_023_4_CSMS" for a Central System. */
export function seedId({ id, role }: Pick<ReportedCase, 'id' | 'role'>): string {
  const prefix = /^\d{3}(_\d)?$/.test(id) ? 'TC' : 'BUSBAR'
  return `${prefix}_${id}_${role === 'central-system' ? 'CSMS' : 'CS'}`
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
    seedId(one),
    one.title.slice(0, 68),
    one.profile,
    one.role,
    verdictOf(one).kind,
    tookText(one.lab),
    tookText(one.worst),
    momentText(one.at),
  ])
  const whys = report.cases.flatMap(one => {
    const verdict = verdictOf(one)
    if (verdict.kind === 'passed') return []
    const frames = verdict.kind === 'failed' ? (verdict.frames ?? []) : []
    return [`  ${seedId(one)}: ${verdict.kind}, ${verdict.why}`, ...frames.map(frame => `    ${frame}`)]
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
    `Busbar ${report.version}, commit ${report.commit}, ${momentText(report.at)}`,
    table(['case', 'title', 'profile', 'role', 'result', 'lab', 'worst', 'played'], rows),
    whys.join('\n'),
    table(['figure', 'value', '', 'measured', '', ''], figures),
    totals.join('\n'),
  ].join('\n\n')
}

/** "2026-01-14 06:00:00 UTC". */
export function momentText(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')} UTC`
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
