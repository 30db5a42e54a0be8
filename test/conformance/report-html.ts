/**
 * The report as one self-contained page, for a browser or a printer: nothing is loaded from anywhere, everything that
 * came from a case is escaped.
 */
import type { CaseResult } from './case.js'
import {
  isMet,
  momentText,
  type Report,
  type ReportedCase,
  type Totals,
  tookText,
  verdictOf,
} from './report.js'

const PROFILES = [
  'Core',
  'Firmware Management',
  'Local Auth List Management',
  'Reservation',
  'Remote Trigger',
  'Smart Charging',
  'Security',
] as const

const ROLES = { 'central-system': 'Central System', 'pass-through': 'Charge Point, through Busbar' } as const

/** Said by a sign and a word, never by colour alone. */
const SIGNS: Readonly<Record<CaseResult['kind'], string>> = {
  passed: '✓',
  failed: '✗',
  'not applicable': '–',
  'not covered': '…',
}

export function htmlOf(report: Report): string {
  const { at, cases, commit, configurations, figures, further, hardware, pics, totals, version } = report
  const roles = Object.entries(ROLES)
  const summary = roles.map(([role, name]) =>
    totalsRow(name, totals[role === 'pass-through' ? role : 'central-system']),
  )
  const again = further.map(({ name, totals: own }) => totalsRow(name, own))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Busbar ${escaped(version)}: OCPP 1.6 conformance</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Busbar: OCPP 1.6 conformance</h1>
<p>Version ${escaped(version)} · commit ${escaped(commit)} · ${escaped(momentText(at))} · cases of the OCA test plan V1.1.4, Appendix C, in simulated time, on a good line and on the worst one a laboratory may use (1,000 ms, 5 kB/s)</p>
<nav>${['Summary', 'Cases', 'Figures', 'Configuration', 'PICS'].map(name => `<a href="#${name.toLowerCase()}">${name}</a>`).join(' ')}</nav>
</header>
<section id="summary"><h2>Summary</h2>
${tableOf(['Role', 'Passed', 'Failed', 'Not applicable', 'Not covered yet'], [...summary, ...again])}
</section>
<section id="cases"><h2>Cases</h2>
${roles
  .map(([role, name]) =>
    PROFILES.map(profile => {
      const own = cases.filter(one => one.role === role && one.profile === profile)
      return own.length === 0 ? '' : `<h3>${escaped(name)}: ${profile}</h3>${caseTable(own)}`
    }).join(''),
  )
  .join('')}
${further.map(({ name, cases: own }) => `<h3>${escaped(name)}</h3>${caseTable(own)}`).join('')}
</section>
<section id="figures"><h2>Performance measurement</h2>
${tableOf(
  ['Name', 'Value', 'Measured p50', 'Measured p99', 'Result', 'How'],
  figures.map(figure => [
    escaped(figure.name),
    `${figure.allowedMs >= 1000 ? `${figure.allowedMs / 1000} s` : `${figure.allowedMs} ms`}`,
    `${figure.p50Ms.toFixed(2)} ms`,
    `${figure.p99Ms.toFixed(2)} ms`,
    mark(isMet(figure) ? 'passed' : 'failed', isMet(figure) ? 'met' : 'missed'),
    `${escaped(figure.note)}; ${figure.samples} samples`,
  ]),
)}
</section>
<section id="configuration"><h2>Configuration, as the CSMS reads it through Busbar</h2>
${hardware
  .map(
    ({ device, features }) =>
      `<h3>${escaped(device)}: hardware</h3>${tableOf(
        ['Feature', 'Configuration'],
        features.map(([name, value]) => [escaped(name), escaped(value)]),
      )}`,
  )
  .join('')}
${configurations
  .map(
    ({ device, keys }) =>
      `<h3>${escaped(device)}</h3>${tableOf(
        ['Configuration key', 'Access', 'Value'],
        keys.map(({ key, readonly, value }) => [escaped(key), readonly ? 'R' : 'RW', escaped(value) || '–']),
      )}`,
  )
  .join('')}
</section>
<section id="pics"><h2>Protocol Implementation Conformance Statement</h2>
${pics
  .map(
    ({ title, rows }) =>
      `<h3>${escaped(title)}</h3>${tableOf(
        ['Name', 'Value', 'Remark'],
        rows.map(({ name, value, remark }) => [escaped(name), escaped(value), escaped(remark ?? '')]),
      )}`,
  )
  .join('')}
</section>
</body>
</html>
`
}

function totalsRow(name: string, { passed, failed, notApplicable, notCovered }: Totals): readonly string[] {
  return [
    escaped(name),
    mark('passed', String(passed)),
    failed === 0 ? '0' : mark('failed', String(failed)),
    String(notApplicable),
    String(notCovered),
  ]
}

function caseTable(cases: readonly ReportedCase[]): string {
  return tableOf(
    ['Case', 'Title', 'Plan', 'Result', 'Lab', 'Worst', 'Played'],
    cases.map(one => {
      const verdict = verdictOf(one)
      const why = verdict.kind === 'passed' ? '' : `<br><small>${escaped(verdict.why)}</small>`
      return [
        escaped(one.code),
        `${escaped(one.title)}<br><small>${escaped(one.station)}</small>${why}${evidenceOf(verdict)}`,
        one.mark,
        mark(verdict.kind, verdict.kind),
        tookText(one.lab),
        tookText(one.worst),
        momentsOf(one),
      ]
    }),
  )
}

/** When it was played on either line. */
function momentsOf({ at, worstAt }: ReportedCase): string {
  return [at, ...(worstAt === undefined ? [] : [worstAt])].map(one => escaped(momentText(one))).join('<br>')
}

/** The frames of a case that failed, folded away. */
function evidenceOf(verdict: CaseResult): string {
  const frames = verdict.kind === 'failed' ? (verdict.frames ?? []) : []
  if (frames.length === 0) return ''
  return `<details><summary>${frames.length} frames</summary><pre>${escaped(frames.join('\n'))}</pre></details>`
}

function mark(kind: CaseResult['kind'], text: string): string {
  return `<span class="${kind.replace(' ', '-')}">${SIGNS[kind]} ${escaped(text)}</span>`
}

/** Cells are HTML. The head's words stand beside the cells where the window is narrow. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]): string =>
    row.map((cell, column) => `<td data-head="${escaped(head[column] ?? '')}">${cell}</td>`).join('')
  return `<table><thead><tr>${head.map(title => `<th scope="col">${escaped(title)}</th>`).join('')}</tr></thead><tbody>${rows
    .map(row => `<tr>${cells(row)}</tr>`)
    .join('\n')}</tbody></table>`
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1d1c; --paper: #fbfbf9; --line: #d4d6d2; --soft: #5c625f; --good: #11683a; --bad: #a81818; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eae7; --paper: #171a19; --line: #363b39; --soft: #a0a7a3; --good: #6fd19b; --bad: #ff8f85; } }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.2rem 0 .4rem; font-size: 1.25rem; } h3 { margin: 1.4rem 0 .3rem; font-size: 1rem; }
pre { white-space: pre-wrap; font-size: .8rem; } header p, small { color: var(--soft); } nav a { margin-right: 1rem; color: inherit; }
table { width: 100%; border-collapse: collapse; } th, td { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; } td:first-child, #cases th, #cases td:nth-child(n+3) { white-space: nowrap; }
#pics td:first-child, #configuration td:first-child, #figures td:first-child { white-space: normal; width: 34%; }
#configuration td:first-child { width: 48%; } #figures td:nth-child(-n+5):not(:first-child), #figures th { white-space: nowrap; }
.passed { color: var(--good); white-space: nowrap; } .failed { color: var(--bad); font-weight: 700; white-space: nowrap; } .not-applicable, .not-covered { color: var(--soft); white-space: nowrap; }
@media (max-width: 640px) {
  body { padding: 1rem; } thead { display: none; } tr { display: grid; grid-template-columns: 1fr; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td, #pics td:first-child, #configuration td:first-child, #figures td:first-child { width: auto; padding: 0; border: 0; } td:first-child { font-weight: 600; } td:empty { display: none; }
  td:not(:first-child)::before { content: attr(data-head) ": "; color: var(--soft); }
}
@media print { body { max-width: none; font-size: 10pt; } nav { display: none; } tr { break-inside: avoid; } h3 { break-after: avoid; } }
`
