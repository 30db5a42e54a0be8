/** The report as tables of text, for a terminal. */
import {
  isMet,
  momentText,
  type Report,
  type ReportedCase,
  type Totals,
  tookText,
  verdictOf,
} from './report.js'

const HEAD = ['case', 'title', 'profile', 'role', 'result', 'lab', 'worst', 'played']

export function textOf(report: Report): string {
  const { cases, commit, further, totals, version } = report
  const figures = report.figures.map(figure => [
    figure.name,
    `<= ${figure.allowedMs} ms`,
    `p50 ${figure.p50Ms.toFixed(2)} ms`,
    `p99 ${figure.p99Ms.toFixed(2)} ms`,
    isMet(figure) ? 'met' : 'MISSED',
    figure.note,
  ])
  return [
    `Busbar ${version}, commit ${commit}, ${momentText(report.at)}`,
    ...caseParts(cases),
    ...further.flatMap(run => [`${run.name}:`, ...caseParts(run.cases)]),
    table(['figure', 'value', '', 'measured', '', ''], figures),
    [
      ...Object.entries(totals).map(([role, own]) => totalsText(role, own)),
      ...further.map(({ name, totals: own }) => totalsText(name, own)),
    ].join('\n'),
  ].join('\n\n')
}

function caseParts(cases: readonly ReportedCase[]): readonly string[] {
  const rows = cases.map(one => [
    one.code,
    one.title.slice(0, 68),
    one.profile,
    one.role,
    verdictOf(one).kind,
    tookText(one.lab),
    tookText(one.worst),
    momentText(one.at),
  ])
  const whys = cases.flatMap(one => {
    const verdict = verdictOf(one)
    if (verdict.kind === 'passed') return []
    const frames = verdict.kind === 'failed' ? (verdict.frames ?? []) : []
    return [`  ${one.code}: ${verdict.kind}, ${verdict.why}`, ...frames.map(frame => `    ${frame}`)]
  })
  return [stationsText(cases), table(HEAD, rows), ...(whys.length === 0 ? [] : [whys.join('\n')])]
}

/** Which station each case was played with, in a line each. */
function stationsText(cases: readonly ReportedCase[]): string {
  const counts = new Map<string, number>()
  for (const { role, station } of cases) {
    const key = `${role}: ${station}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([key, count]) => `played with, ${key} (${count})`).join('\n')
}

function totalsText(name: string, { passed, failed, notApplicable, notCovered }: Totals): string {
  return `${name}: ${passed} passed, ${failed} failed, ${notApplicable} not applicable, ${notCovered} not covered yet`
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
