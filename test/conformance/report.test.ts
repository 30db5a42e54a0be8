/** The report of a run, and the figures it prints, in small. */
import t from 'tap'
import type { CaseResult, PlayedCase, Role } from './case.js'
import { measureFigures } from './figures.js'
import { hasFailed, reportOf, seedId, textOf } from './report.js'
import { htmlOf } from './report-html.js'

const played = (id: string, role: Role, result: CaseResult): PlayedCase => ({
  id,
  at: '2026-01-14T05:59:30.250Z',
  station: 'ecs, one connector, fixed cable',
  title: `Title of ${id}`,
  profile: 'Core',
  mark: 'M',
  role,
  result,
})
const passed: CaseResult = { kind: 'passed', tookMs: 1500 }
const failed: CaseResult = {
  kind: 'failed',
  tookMs: 10,
  why: '<script>alert("x")</script>',
  frames: ['1.000 s csms -> Busbar 7 <Reset> {}'],
}
const figure = { name: 'OCPP response', allowedMs: 50, p50Ms: 1, p99Ms: 51, samples: 10, note: 'here' }

function report(worst: CaseResult) {
  return reportOf({
    version: '1.2.3',
    commit: '0123abc',
    hardware: [{ device: 'ecs', features: [['Fixed cable', 'Yes']] }],
    at: '2026-01-14T06:00:00.000Z',
    played: {
      lab: [
        played('001', 'pass-through', passed),
        played('002', 'central-system', { kind: 'not applicable', why: 'no Pending' }),
        played('073', 'central-system', { kind: 'not covered', why: 'later' }),
      ],
      worst: [played('001', 'pass-through', worst)],
    },
    figures: [figure],
    configurations: [{ device: 'ecs', keys: [{ key: 'A & B', value: '1', readonly: true }] }],
  })
}

t.test('a case that failed on one line has failed', async t => {
  const bad = report(failed)
  t.same(bad.totals['pass-through'], { passed: 0, failed: 1, notApplicable: 0, notCovered: 0 })
  t.same(bad.totals['central-system'], { passed: 0, failed: 0, notApplicable: 1, notCovered: 1 })
  t.equal(hasFailed(bad), true)
  t.equal(hasFailed(report(passed)), false)
  t.match(
    bad.pics.find(({ title }) => title.startsWith('A.1'))?.rows[0],
    { name: 'Core', value: 'No' },
    'and then its profile is not supported',
  )
})

t.test('the table says each case, why one failed and which figure is missed', async t => {
  const text = textOf(report(failed))
  t.match(
    text,
    /TC_001_CS +Title of 001 +Core +pass-through +failed +1\.5 s +0\.0 s +2026-01-14 05:59:30 UTC/,
  )
  t.match(text, /TC_002_CSMS +Title of 002/)
  t.match(text, /TC_001_CS: failed, <script>.*\n +1\.000 s csms -> Busbar 7 <Reset>/)
  t.match(text, /^Busbar 1\.2\.3, commit 0123abc, 2026-01-14 06:00:00 UTC/)
  t.match(text, /OCPP response +<= 50 ms .* MISSED/)
  t.match(text, /central-system: 0 passed, 0 failed, 1 not applicable, 1 not covered yet/)
})

t.test('the page escapes what comes from a case and loads nothing', async t => {
  const html = htmlOf(report(failed))
  t.notMatch(html, /<script/)
  t.match(html, /&lt;script&gt;alert\(&quot;x&quot;\)/)
  t.match(html, /A &amp; B/)
  t.match(html, /1 frames<\/summary><pre>1\.000 s csms -&gt; Busbar 7 &lt;Reset&gt; \{\}/)
  t.match(html, /ecs, one connector, fixed cable/)
  t.match(html, /commit 0123abc/)
  t.match(html, /Fixed cable<\/td><td [^>]*>Yes/)
  t.notMatch(html, /(src|href)="(?!#)/)
})

t.test('rows of the plan have the ids of the test tool, rows of our own say so', async t => {
  const idOf = (id: string, role: Role): string => seedId({ id, role })
  t.equal(idOf('023_4', 'pass-through'), 'TC_023_4_CS')
  t.equal(idOf('066', 'central-system'), 'TC_066_CSMS')
  t.equal(idOf('unknown_action', 'pass-through'), 'BUSBAR_unknown_action_CS')
})

t.test('the figures are taken over real sockets', async t => {
  const figures = await measureFigures({ stations: 4, seconds: 2, settleSeconds: 0.5 })
  t.equal(figures.length, 6)
  for (const { name, p50Ms, p99Ms, samples } of figures) {
    t.ok(samples > 0, `${name} has samples`)
    t.ok(p99Ms >= 0 && p50Ms >= 0, name)
  }
})
