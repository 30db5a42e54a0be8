import t from 'tap'
import type { ConnectorStatus } from '../../../src/core/events.js'
import { toWallMs } from '../../../src/core/fields.js'
import { meterReportOf } from '../../../src/core/measuring/meter-values.js'
import {
  authorizeAlone,
  authorizeOffline,
  type IdTagEntry,
  idTagKey,
  type OfflinePolicy,
  type Verdict,
} from '../../../src/core/offline/authorization.js'
import { offlinePolicyOf } from '../../../src/core/offline/offline-keys.js'
import { type PlugNews, plugged, selfStart, UNKNOWN_PLUG } from '../../../src/core/offline/self-start.js'
import { MAX_CACHED_TAGS, NO_TAGS, SiteTags } from '../../../src/core/offline/site-tags.js'
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
  autoChargeOff: false,
  acceptedWithinDays: Number.POSITIVE_INFINITY,
  commissionOffline: false,
  unknownCapWh: undefined,
  unknownCapMs: undefined,
  afterBrownOut: false,
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
    title: 'a disabled list lets nobody in',
    policy: { listEnabled: false },
    list: good,
    status: 'Invalid',
    by: 'unknown-refused',
  },
  {
    title: 'a tag known as Blocked stays so where the list is disabled',
    policy: { listEnabled: false },
    list: blocked,
    cache: good,
    status: 'Blocked',
    by: 'local-list',
  },
  {
    title: 'a tag known as Blocked stays so where the cache is disabled',
    policy: { cacheEnabled: false, allowUnknown: true },
    cache: blocked,
    status: 'Blocked',
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
    const cached = row.cache === undefined ? undefined : { ...row.cache, seenWallMs: NOW }
    const verdict = authorizeOffline({ ...base, ...row.policy }, 'TAG', { listed: row.list, cached }, NOW)
    t.match(verdict, { status: row.status, by: row.by }, row.title)
  }
  t.equal(authorizeOffline(base, 'TAG', { listed: good }, NOW).parentIdTag, 'P')
})

t.test('every combination of keys and tag states keeps to proxy rule 10', async t => {
  const flags = [false, true] as const
  const states = [undefined, good, blocked, expired] as const
  const lets = (entry: IdTagEntry | undefined): boolean => entry === good
  const refuses = (entry: IdTagEntry | undefined): boolean => entry !== undefined && entry !== good
  let seen = 0
  for (const alwaysAllow of flags)
    for (const localAuthorize of flags)
      for (const listEnabled of flags)
        for (const cacheEnabled of flags)
          for (const allowUnknown of flags)
            for (const operator of states)
              for (const listed of states)
                for (const cache of states)
                  for (const ageDays of [0, 8]) {
                    const keys = { alwaysAllow, localAuthorize, listEnabled, cacheEnabled, allowUnknown }
                    const seenWallMs = NOW - ageDays * 86_400_000
                    const cached = cache === undefined ? undefined : { ...cache, seenWallMs }
                    const policy = { ...base, ...keys, acceptedWithinDays: 7 }
                    const { status } = authorizeOffline(policy, 'TAG', { operator, listed, cached }, NOW)
                    const isListed = lets(operator) || (listEnabled && lets(listed))
                    const isWanted =
                      alwaysAllow ||
                      (localAuthorize &&
                        !refuses(operator) &&
                        !refuses(listed) &&
                        (isListed ||
                          (!refuses(cache) &&
                            (allowUnknown || (cacheEnabled && lets(cache) && ageDays === 0)))))
                    seen++
                    if ((status === 'Accepted') !== isWanted)
                      t.fail(JSON.stringify({ keys, operator, listed, cache, ageDays, status }))
                  }
  t.equal(seen, 4096)
})

t.test('a tag nobody could have written down is never let in by what is known', async t => {
  const lax = { ...base, allowUnknown: true }
  for (const idTag of ['', 'X'.repeat(65), 'half \ud800 a pair'])
    t.equal(authorizeOffline(lax, idTag, {}, NOW).status, 'Invalid')
  t.equal(authorizeOffline({ ...lax, alwaysAllow: true }, '', {}, NOW).status, 'Accepted')
})

t.test('tags of vehicles go the way of all, unless the operator says AutoChargeEnabled=false', async t => {
  t.equal(authorizeOffline(base, 'VID:AABBCC', { listed: good }, NOW).status, 'Accepted')
  t.equal(
    authorizeOffline({ ...base, autoChargeOff: true }, 'vid:AABBCC', { listed: good }, NOW).by,
    'auto-charge-off',
  )
  t.equal(offlinePolicyOf({}, { AutoChargeEnabled: false }, NO_CONFIGURATION).autoChargeOff, true)
})

t.test('of a tag only the case of ASCII letters does not count', async t => {
  t.equal(idTagKey('abcXYZ1'), 'ABCXYZ1')
  t.not(idTagKey('stra\u00dfe'), idTagKey('STRASSE'))
  t.not(idTagKey('\u212a1'), idTagKey('K1'), 'the Kelvin sign')
  t.not(idTagKey('\u0131d'), idTagKey('ID'), 'a dotless i')
})

t.test('the cache of the site is bounded: what would be refused goes first, then the oldest', async t => {
  const tags = new SiteTags(NO_TAGS)
  tags.note('OLD', good, 1)
  tags.note('BAD', blocked, 2)
  for (let n = 2; n < MAX_CACHED_TAGS; n++) tags.note(`T${n}`, good, 3)
  const kept = (key: string): boolean => tags.cached(key) !== undefined
  tags.note('NEW-1', good, 4)
  t.same([kept('OLD'), kept('BAD')], [true, false])
  tags.note('NEW-2', good, 4)
  t.same([kept('OLD'), kept('NEW-1'), kept('NEW-2')], [false, true, true])
  for (let n = 0; n < 50; n++) tags.note(`STRANGE-${n}`, { status: 'Invalid' }, 5)
  t.equal(kept('NEW-1'), true, 'guesses push out guesses')
})

t.test('the same word about a tag within an hour is not written again', async t => {
  const tags = new SiteTags(NO_TAGS)
  t.equal(tags.note('A', good, 0).length, 1)
  t.same(tags.note('a', good, 3_599_999), [])
  t.equal(tags.note('A', good, 3_600_000).length, 1)
  t.match(tags.note('A', blocked, 3_600_001), [{ idTag: 'A', entry: { status: 'Blocked' } }])
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
        { value: '0.5', measurand: 'Power.Active.Import', phase: 'L2-N', unit: 'kW' },
      ],
      { ownPhasesW: [1000, 500, undefined] },
    ],
    [
      'power without a unit that may be W or kW is unknown, none is none',
      [
        { value: '11', measurand: 'Power.Active.Import' },
        { value: '0', measurand: 'Power.Active.Import', phase: 'L1' },
      ],
      { ownPhasesW: [0, undefined, undefined] },
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
    ['without a list everybody may charge', undefined, { isNone: true, idTag: 'T' }, 'Accepted'],
    ['unless the operator refuses unknown tags', false, { isNone: true, idTag: 'T' }, 'Invalid'],
    ['with a list an unknown tag may not', undefined, { isNone: false, idTag: 'T' }, 'Invalid'],
    ['unless the operator allows unknown tags', true, { isNone: false, idTag: 'T' }, 'Accepted'],
    ['a listed tag may', undefined, { isNone: false, idTag: 'T', listed: good }, 'Accepted'],
    [
      'a blocked one may not, unknown allowed or not',
      true,
      { isNone: false, idTag: 'T', listed: blocked },
      'Blocked',
    ],
    [
      'one the operator blocks may not',
      true,
      { isNone: false, idTag: 'T', operator: blocked, listed: good },
      'Blocked',
    ],
    ['one the operator lists may', undefined, { isNone: false, idTag: 'T', operator: good }, 'Accepted'],
    ['an expired one may not', true, { isNone: false, idTag: 'T', listed: expired }, 'Expired'],
  ]
  for (const [title, unknownAllowed, list, status] of rows)
    t.equal(authorizeAlone(base, unknownAllowed, list, NOW).status, status, title)
  const always = { alwaysAllow: true, alwaysAllowIdTag: 'ALL' }
  t.same(authorizeAlone(always, false, { isNone: false, idTag: 'T', listed: blocked }, NOW), {
    status: 'Accepted',
    by: 'always-allow',
    parentIdTag: 'ALL',
  })
})

// ---------------------------------------------------------------- sessions that Busbar begins by itself (proxy rules 11, 12)

const S = 1_000
const vend: OfflinePolicy = { ...base, alwaysAllow: true, alwaysAllowIdTag: 'DEPOT' }
const resume: OfflinePolicy = { ...base, afterBrownOut: true }
const status = (status: ConnectorStatus, atS: number): PlugNews => ({
  kind: 'status',
  status,
  nowMs: atS * S,
})
const lost = (atS: number): PlugNews => ({ kind: 'lost', idTag: 'TAG', atMs: atS * S, spreadMs: 7 * S })
const used: PlugNews = { kind: 'used' }

const SELF_STARTS: readonly {
  readonly title: string
  readonly news: readonly PlugNews[]
  readonly policy?: OfflinePolicy
  readonly awayS?: number | 'there'
  readonly tagS?: number
  readonly hasKey?: boolean
  /** From when on a session is asked for, s; undefined = never. */
  readonly atS: number | undefined
}[] = [
  {
    title: 'a minute after the CSMS went',
    news: [status('Available', 0), status('Preparing', 10)],
    atS: 160,
  },
  { title: '15 s after the plug', news: [status('Available', 0), status('Preparing', 200)], atS: 215 },
  {
    title: '15 s after the last tag',
    news: [status('Available', 0), status('Preparing', 200)],
    tagS: 210,
    atS: 225,
  },
  {
    title: 'Preparing said twice',
    news: [status('Available', 0), status('Preparing', 200), status('Preparing', 230)],
    atS: 215,
  },
  {
    title: 'the CSMS is there',
    news: [status('Available', 0), status('Preparing', 10)],
    awayS: 'there',
    atS: undefined,
  },
  {
    title: 'no policy',
    news: [status('Available', 0), status('Preparing', 10)],
    policy: base,
    atS: undefined,
  },
  {
    title: 'no tag to start with',
    news: [status('Available', 0), status('Preparing', 10)],
    policy: { ...base, alwaysAllow: true },
    atS: undefined,
  },
  { title: 'nobody saw it free', news: [status('Preparing', 10)], atS: undefined },
  {
    title: 'a session was there',
    news: [status('Available', 0), status('Preparing', 5), used, status('Preparing', 10)],
    atS: undefined,
  },
  {
    title: 'it charged',
    news: [status('Available', 0), status('Charging', 5), status('Preparing', 10)],
    atS: undefined,
  },
  {
    title: 'it finished',
    news: [status('Available', 0), status('Finishing', 5), status('Preparing', 10)],
    atS: undefined,
  },
  {
    title: 'faulted',
    news: [status('Available', 0), status('Preparing', 10), status('Faulted', 20)],
    atS: undefined,
  },
  { title: 'unavailable', news: [status('Available', 0), status('Unavailable', 20)], atS: undefined },
  {
    title: 'the car left',
    news: [status('Available', 0), status('Preparing', 10), status('Available', 20)],
    atS: undefined,
  },
  { title: 'the next car', news: [used, status('Available', 0), status('Preparing', 200)], atS: 215 },
  { title: 'kept, then plugged', news: [used, status('Reserved', 0), status('Preparing', 200)], atS: 215 },
  {
    title: 'cut, 30 s and its turn',
    news: [lost(150), status('Finishing', 151), status('Preparing', 200)],
    policy: resume,
    atS: 237,
  },
  {
    title: 'cut, but the station can',
    news: [lost(150), status('Preparing', 200)],
    policy: resume,
    hasKey: true,
    atS: undefined,
  },
  { title: 'cut, not wanted', news: [lost(150), status('Preparing', 200)], policy: base, atS: undefined },
  {
    title: 'cut, the CSMS is there',
    news: [lost(150), status('Preparing', 200)],
    policy: resume,
    awayS: 'there',
    atS: undefined,
  },
  {
    title: 'cut two hours ago',
    news: [lost(150), status('Preparing', 7_351)],
    policy: resume,
    atS: undefined,
  },
  {
    title: 'cut, and the car left',
    news: [lost(150), status('Available', 160), status('Preparing', 200)],
    policy: resume,
    atS: undefined,
  },
  {
    title: 'cut, and resumed by itself',
    news: [lost(150), status('Preparing', 200), used],
    policy: resume,
    atS: undefined,
  },
  {
    title: 'cut, free-vend alone',
    news: [lost(150), status('Preparing', 200)],
    policy: vend,
    atS: undefined,
  },
]

for (const { title, news, policy = vend, awayS = 100, tagS, hasKey = false, atS } of SELF_STARTS)
  t.test(`Busbar begins a session by itself: ${title}`, async t => {
    const plug = news.reduce(plugged, UNKNOWN_PLUG)
    const due = selfStart(plug, {
      policy,
      awaySinceMs: awayS === 'there' ? undefined : awayS * S,
      tagShownMs: tagS === undefined ? Number.NEGATIVE_INFINITY : tagS * S,
      lacksBrownOutKey: !hasKey,
    })
    t.equal(due?.atMs, atS === undefined ? undefined : atS * S)
    if (due !== undefined) t.equal(due.idTag, due.why === 'free-vend' ? 'DEPOT' : 'TAG')
  })
