import t from 'tap'
import { toWallMs } from '../../../src/core/fields.js'
import { meterReportOf } from '../../../src/core/measuring/meter-values.js'
import {
  authorizeAlone,
  authorizeOffline,
  type IdTagEntry,
  type OfflinePolicy,
  type Verdict,
} from '../../../src/core/offline/authorization.js'
import { offlinePolicyOf } from '../../../src/core/offline/offline-keys.js'
import { NO_CONFIGURATION } from '../../../src/core/station/configuration.js'

const NOW = 1_000_000
const good: IdTagEntry = { status: 'Accepted', parentIdTag: 'P' }
const expired: IdTagEntry = { status: 'Accepted', expiryWallMs: NOW }
const blocked: IdTagEntry = { status: 'Blocked' }
const concurrent: IdTagEntry = { status: 'ConcurrentTx' }
const base: OfflinePolicy = {
  alwaysAllow: false,
  alwaysAllowIdTag: undefined,
  allowUnknown: false,
  localAuthorize: true,
  cacheEnabled: true,
  listEnabled: true,
  stopOnInvalid: true,
  allowanceWh: 0,
  csmsTimeoutMs: 10_000,
}

const precedence: readonly {
  readonly title: string
  readonly policy?: Partial<OfflinePolicy>
  readonly list?: IdTagEntry
  readonly cache?: IdTagEntry
  readonly status: Verdict['status']
  readonly by: Verdict['by']
}[] = [
  {
    title: 'AlwaysAllow beats a blocking list',
    policy: { alwaysAllow: true },
    list: blocked,
    status: 'Accepted',
    by: 'always-allow',
  },
  {
    title: 'AlwaysAllow beats LocalAuthorizeOffline=false',
    policy: { alwaysAllow: true, localAuthorize: false },
    status: 'Accepted',
    by: 'always-allow',
  },
  {
    title: 'LocalAuthorizeOffline=false refuses a listed tag',
    policy: { localAuthorize: false },
    list: good,
    status: 'Invalid',
    by: 'not-local',
  },
  {
    title: 'and an unknown one that would be allowed',
    policy: { localAuthorize: false, allowUnknown: true },
    status: 'Invalid',
    by: 'not-local',
  },
  { title: 'the list beats the cache', list: blocked, cache: good, status: 'Blocked', by: 'local-list' },
  { title: 'a listed tag is accepted', list: good, cache: blocked, status: 'Accepted', by: 'local-list' },
  {
    title: 'an expired listed tag is refused, AllowUnknown or not',
    policy: { allowUnknown: true },
    list: expired,
    status: 'Expired',
    by: 'local-list',
  },
  {
    title: 'a disabled list is not asked',
    policy: { listEnabled: false },
    list: blocked,
    cache: good,
    status: 'Accepted',
    by: 'cache',
  },
  {
    title: 'a cached refusal is not overruled by AllowUnknown',
    policy: { allowUnknown: true },
    cache: concurrent,
    status: 'Invalid',
    by: 'cache',
  },
  {
    title: 'a disabled cache is not asked',
    policy: { cacheEnabled: false },
    cache: good,
    status: 'Invalid',
    by: 'unknown-refused',
  },
  { title: 'an unknown tag is refused by default', status: 'Invalid', by: 'unknown-refused' },
  {
    title: 'an unknown tag is accepted with AllowOfflineTxForUnknownId',
    policy: { allowUnknown: true },
    status: 'Accepted',
    by: 'unknown-allowed',
  },
]

t.test('precedence while the CSMS is away', async t => {
  for (const row of precedence) {
    const verdict = authorizeOffline({ ...base, ...row.policy }, row.list, row.cache, NOW)
    t.match(verdict, { status: row.status, by: row.by }, row.title)
  }
  t.equal(authorizeOffline(base, good, undefined, NOW).parentIdTag, 'P')
})

t.test(
  'the value of a key is the station configuration, then the site, then the station itself, then the default',
  async t => {
    const key = 'LocalAuthorizeOffline'
    const reported = (value: string) => ({ ...NO_CONFIGURATION, keys: { [key]: { value, readonly: false } } })
    t.equal(offlinePolicyOf({ [key]: true }, { [key]: false }, reported('false')).localAuthorize, true)
    t.equal(offlinePolicyOf({}, { [key]: false }, reported('true')).localAuthorize, false)
    t.equal(offlinePolicyOf({}, {}, reported('FALSE')).localAuthorize, false)
    t.equal(offlinePolicyOf({}, {}, reported('maybe')).localAuthorize, true)
    t.same(offlinePolicyOf({}, {}, NO_CONFIGURATION), { ...base })
  },
)

t.test('a station sample', async t => {
  const report = (...sampledValue: object[]) =>
    meterReportOf({ connectorId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue }] })
  const cases: readonly [string, object[], object | undefined][] = [
    ['energy is the default measurand, kWh become Wh', [{ value: '1.5', unit: 'kWh' }], { energyWh: 1500 }],
    [
      'amps by phase in own order, a missing phase is unknown',
      [
        { value: '10', measurand: 'Current.Import', phase: 'L2' },
        { value: 11, measurand: 'Current.Import', phase: 'L1' },
      ],
      { ownPhasesA: [11, 10, undefined] },
    ],
    ['amps without phase', [{ value: '16', measurand: 'Current.Import' }], { currentA: 16 }],
    ['kW become W', [{ value: '7.36', measurand: 'Power.Active.Import', unit: 'kW' }], { powerW: 7360 }],
    [
      'power by phase',
      [
        { value: '1000', measurand: 'Power.Active.Import', phase: 'L1' },
        { value: '500', measurand: 'Power.Active.Import', phase: 'L2-N' },
      ],
      { ownPhasesW: [1000, 500, undefined] },
    ],
    ['voltage', [{ value: '229.5', measurand: 'Voltage', phase: 'L1-N' }], { voltageV: 229.5 }],
    [
      'what is no number is dropped, not read as 0',
      [{ value: '' }, { value: 'NaN' }, { value: null }],
      undefined,
    ],
    ['signed data is no number', [{ value: '12', format: 'SignedData' }], undefined],
    ['other measurands are not used', [{ value: '12', measurand: 'SoC' }], undefined],
  ]
  for (const [title, values, expected] of cases) t.same(report(...values)?.sample, expected, title)
  const two = meterReportOf({
    meterValue: [
      { timestamp: '2026-01-01T00:00:05Z', sampledValue: [{ value: '5' }] },
      { timestamp: '2026-01-01T00:00:01Z', sampledValue: [{ value: '1' }] },
    ],
  })
  t.equal(two?.sample.energyWh, 5, 'the newest counts, not the last')
  t.equal(
    meterReportOf({ meterValue: { sampledValue: { value: '3' } } })?.sample.energyWh,
    3,
    'an object for a list',
  )
  t.equal(meterReportOf(null), undefined)
})

t.test('timestamps without zone are UTC, short offsets are understood', async t => {
  const utc = Date.UTC(2026, 0, 1, 10)
  for (const text of [
    '2026-01-01T10:00:00Z',
    '2026-01-01T10:00:00',
    '2026-01-01T12:00:00+02',
    '2026-01-01T12:00:00+0200',
  ])
    t.equal(toWallMs(text), utc, text)
  t.equal(toWallMs('yesterday'), undefined)
})

t.test('where Busbar is the Central System', async t => {
  const rows: readonly (readonly [
    title: string,
    unknownAllowed: boolean | undefined,
    list: Parameters<typeof authorizeAlone>[2],
    status: Verdict['status'],
  ])[] = [
    ['without a list everybody may charge', undefined, { isEmpty: true, listed: undefined }, 'Accepted'],
    ['unless the operator refuses unknown tags', false, { isEmpty: true, listed: undefined }, 'Invalid'],
    ['with a list an unknown tag may not', undefined, { isEmpty: false, listed: undefined }, 'Invalid'],
    ['unless the operator allows unknown tags', true, { isEmpty: false, listed: undefined }, 'Accepted'],
    ['a listed tag may', undefined, { isEmpty: false, listed: good }, 'Accepted'],
    ['a blocked one may not, unknown allowed or not', true, { isEmpty: false, listed: blocked }, 'Blocked'],
    ['an expired one may not', true, { isEmpty: false, listed: expired }, 'Expired'],
  ]
  for (const [title, unknownAllowed, list, status] of rows)
    t.equal(authorizeAlone(base, unknownAllowed, list, NOW).status, status, title)
  const always = { alwaysAllow: true, alwaysAllowIdTag: 'ALL' }
  t.same(authorizeAlone(always, false, { isEmpty: false, listed: blocked }, NOW), {
    status: 'Accepted',
    by: 'always-allow',
    parentIdTag: 'ALL',
  })
})
