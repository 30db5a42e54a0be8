/** The report of a run, and the figures it prints, in small. */
import t from 'tap'
import type { CaseResult, PlayedCase, Role } from './case.js'
import { measureFigures } from './figures.js'
import { HARDWARE } from './hardware.js'
import { readConfiguration } from './pass-through/configuration.js'
import { hasFailed, planId, reportOf, seedId } from './report.js'
import { htmlOf } from './report-html.js'
import { textOf } from './report-text.js'

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

function report(worst: CaseResult, again: CaseResult = passed) {
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
    further: [
      {
        name: 'With <another> station',
        played: {
          lab: [played('012', 'pass-through', again)],
          worst: [played('012', 'pass-through', passed)],
        },
      },
    ],
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

t.test('a case that failed with another station counts, and stands apart', async t => {
  const bad = report(passed, failed)
  t.equal(hasFailed(bad), true)
  t.match(bad.totals['pass-through'], { passed: 1, failed: 0 })
  t.match(bad.further, [{ name: 'With <another> station', totals: { passed: 0, failed: 1 } }])
  t.match(bad.cases[0], { code: 'TC_001_CS', at: '2026-01-14T05:59:30.250Z', worstAt: String })
  t.equal(bad.cases[1]?.worstAt, undefined, 'not played there')
  t.match(textOf(bad), /With <another> station: 0 passed, 1 failed/)
  t.match(textOf(bad), /TC_012_CS: failed, <script>.*\n +1\.000 s csms/)
  t.match(htmlOf(bad), /With &lt;another&gt; station<\/h3>.*TC_012_CS/s)
})

t.test('the table says each case, why one failed and which figure is missed', async t => {
  const text = textOf(report(failed))
  t.match(
    text,
    /TC_001_CS +Title of 001 +Core +pass-through +failed +1\.5 s +0\.0 s +2026-01-14 05:59:30 UTC/,
  )
  t.match(text, /TC_002_CSMS +Title of 002/)
  t.match(text, /played with, pass-through: ecs, one connector, fixed cable \(1\)/)
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
  t.same(['TC_023_4_CS', 'TC_066_CSMS', 'BUSBAR_durable_CS', '023_4'].map(planId), [
    '023_4',
    '066',
    'durable',
    '023_4',
  ])
})

/** Seed 004: "OCPP Charging Station Configuration", what has a value there and is not misprinted. */
const ECS = {
  AllowOfflineTxForUnknownId: 'false',
  AuthorizationCacheEnabled: 'false',
  AuthorizeRemoteTxRequests: 'true',
  ClockAlignedDataInterval: '0',
  ConnectionTimeOut: '20',
  HeartbeatInterval: '30',
  LocalAuthorizeOffline: 'true',
  LocalPreAuthorize: 'false',
  NumberOfConnectors: '1',
  ResetRetries: '1',
  StopTransactionOnEVSideDisconnect: 'true',
  StopTransactionOnInvalidId: 'true',
  TransactionMessageAttempts: '5',
  TransactionMessageRetryInterval: '10',
  UnlockConnectorOnEVSideDisconnect: 'false',
  WebSocketPingInterval: '10',
  LocalAuthListEnabled: 'false',
  LocalAuthListMaxLength: '100',
  SendLocalListMaxLength: '20',
  ReserveConnectorZeroSupported: 'false',
  ChargeProfileMaxStackLevel: '10',
  ChargingScheduleAllowedChargingRateUnit: 'Current',
  ChargingScheduleMaxPeriods: '8',
  ConnectorSwitch3to1PhaseSupported: 'false',
  MaxChargingProfilesInstalled: '30',
}

t.test('configuration and hardware of a station are told as its seed states them', async t => {
  const { keys } = await readConfiguration('ecs-wkt-ec13')
  const told = new Map(keys.map(({ key, value }) => [key, value]))
  for (const [key, value] of Object.entries(ECS))
    t.equal(told.get(key)?.toLowerCase(), value.toLowerCase(), key)
  t.match(HARDWARE.find(({ device }) => device === 'ecs-wkt-ec13')?.features.slice(2, 6), [
    ['Socket(s) / connector(s)', 'Single'],
    ['Fixed cable', 'Yes'],
    ['Communication technology', 'WiFi / ethernet / mobile network'],
    ['RFID readers', 'single'],
  ])
})

t.test('the figures are taken over real sockets', async t => {
  const figures = await measureFigures({ stations: 4, seconds: 2, settleSeconds: 0.5 })
  t.equal(figures.length, 6)
  for (const { name, p50Ms, p99Ms, samples } of figures) {
    t.ok(samples > 0, `${name} has samples`)
    t.ok(p99Ms >= 0 && p50Ms >= 0, name)
  }
})
