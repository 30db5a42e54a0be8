import t from 'tap'
import { LIFTS, PART_CODES, REASON_CODES } from '../../../src/core/control/reason.js'
import { likelyPowerW, type RegisterPoint, withPoint } from '../../../src/core/measuring/best-estimate.js'
/** What people read: best estimates against what really flows, the sums they can check, and words that are true. */
import { stationWiringFinding, type WiredAs } from '../../../src/core/measuring/station-wiring.js'
import { newWiringCheck, type WiringCheck } from '../../../src/core/measuring/wiring-watch.js'
import type { PerPhase } from '../../../src/core/site/phases.js'
import { PHASE_INDEXES } from '../../../src/core/site/phases.js'
import { reportedValue } from '../../../src/core/station/configuration.js'
import { decodeAlarm } from '../../../src/core/view/alarm-record.js'
import { isNews } from '../../../src/core/view/dead-band.js'
import type { SiteView } from '../../../src/core/view/document.js'
import { cameBack, type Drill, newDrill, type Watched, watchDrill } from '../../../src/core/view/drill.js'
import { journalConditions } from '../../../src/core/view/journal-conditions.js'
import { hostOf, sayCsmsAway, sayReason } from '../../../src/core/view/link-view.js'
import { stationDetail } from '../../../src/core/view/station-detail.js'
import { circuitWhyView, whyView } from '../../../src/core/view/why-words.js'
import { say } from '../../../src/core/words/said.js'
import { MINUTE, SECOND, Yard } from '../../scenarios/fixtures/yard.js'

/** A register read every `everyS` while `powerW` flows, counting in steps of `stepWh`. */
function register(powerW: number, stepWh: number, everyS: number, readings = 20): readonly RegisterPoint[] {
  let points: readonly RegisterPoint[] = []
  for (let n = 0; n < readings; n++) {
    const exactWh = 1000 + (powerW * n * everyS) / 3600
    points = withPoint(points, {
      monoMs: n * everyS * SECOND,
      energyWh: Math.floor(exactWh / stepWh) * stepWh,
    })
  }
  return points
}

t.test('the likely power by an energy register', async t => {
  const rows = [
    ['11 kW by a 1 Wh register each 10 s', 11_000, 1, 10],
    ['11 kW by a 1 Wh register each 5 s', 11_000, 1, 5],
    ['11 kW by a 10 Wh register each 10 s', 11_000, 10, 10],
    ['4.1 kW by a 1 Wh register each 15 s', 4_140, 1, 15],
  ] as const
  for (const [title, powerW, stepWh, everyS] of rows) {
    const likelyW = likelyPowerW(register(powerW, stepWh, everyS), stepWh) ?? 0
    t.ok(Math.abs(likelyW - powerW) <= 0.06 * powerW, `${title}: ${Math.round(likelyW)} W`)
  }
  t.equal(likelyPowerW(register(0, 1, 10), 1), 0, 'a fine register that stands still is 0 W')
  t.equal(likelyPowerW(register(4_000, 1000, 10), 1000), undefined, 'a register in kWh cannot tell')
  t.equal(likelyPowerW(register(11_000, 1, 10, 1), 1), undefined, 'one reading tells nothing')
  const stopped = [...register(11_000, 1, 10)]
  const last = stopped.at(-1)!
  const after = withPoint(stopped, { monoMs: last.monoMs + 10 * SECOND, energyWh: last.energyWh })
  t.ok((likelyPowerW(after, 1) ?? 0) < 10_000, 'a car that stopped shows within a sample or two')
  t.same(withPoint(stopped, { monoMs: last.monoMs + 10 * SECOND, energyWh: 3 }).length, 1, 'a new register')
  t.ok(register(11_000, 1, 5, 500).length <= 16, 'bounded')
})

t.test('stations that report energy only: what is shown is near what flows, and the sums agree', async t => {
  const yard = new Yard({
    circuits: [
      { id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 60, metered: true },
      { id: 'feeder', parent: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0 },
    ],
    stations: ['CP-1', 'CP-2', 'CP-3', 'CP-4'].map(id => ({ id, circuit: 'feeder', device: 'weg-wemob' })),
  })
  yard.baseA.set('main', [40, 36, 30])
  await yard.open()
  for (const id of ['CP-1', 'CP-2', 'CP-3']) yard.plugIn(id)
  await yard.world.runFor(8 * MINUTE)
  const near = (shownA: number, trueA: number, what: string) =>
    t.ok(Math.abs(shownA - trueA) <= 1 + 0.06 * trueA, `${what}: ${shownA} A shown, ${trueA} A flow`)
  const [main, feeder] = yard.view().circuits
  for (const phase of PHASE_INDEXES) {
    near(feeder?.measuredA?.[phase] ?? 0, yard.actualA('feeder')[phase], 'feeder')
    near(main?.otherLoadA[phase] ?? 0, yard.baseA.get('main')?.[phase] ?? 0, 'other load')
    const parts = [main?.otherLoadA, main?.reserveA, main?.bookedA, main?.headroomA]
    const sum = parts.reduce((total, part) => total + (part?.[phase] ?? 0), 0)
    t.ok(Math.abs(sum - (main?.limitA ?? 0)) <= 0.3, 'other load, reserve, booked and headroom are the limit')
    t.ok((main?.reserveA[phase] ?? -1) >= 0, 'a reserve is never less than nothing')
  }
  t.equal(main?.measuredSource, 'meter')
  t.equal(feeder?.measuredSource, 'estimate')
  near(yard.connectorView('CP-1').measuredA?.[0] ?? 0, yard.flowA('CP-1')[0], 'CP-1')
  t.equal(yard.connectorView('CP-1').isEstimate, true)
  t.notOk('measuredA' in yard.connectorView('CP-4'), 'a station without a car has reported nothing')
  const state = yard.gateway!.control()
  const station = state.stations.get('CP-1')!
  const now = { monoMs: yard.nowMs, wallMs: yard.nowMs }
  const noted = () => stationDetail(state, 'CP-1', now)?.notes.find(({ code }) => code === 'no trigger')
  const told = (): string | undefined => noted()?.text
  t.equal(told(), undefined)
  const curves = () => stationDetail(state, 'CP-1', now)?.connectors[0]
  t.notSame(curves()?.composite, [])
  const { live } = station.connectors[0]!
  station.connectors[0]!.live = []
  t.same([curves()?.ours, curves()?.composite], [[], []], 'nothing told is not "no limit"')
  station.connectors[0]!.live = live
  station.withoutTrigger = true
  const intervalS = reportedValue(station.configuration, 'MeterValueSampleInterval')
  t.match(told(), `${intervalS} s longer than promised`, 'what a station that cannot be asked costs')
  t.same(noted()?.params, { longer: `${intervalS} s` }, 'by its code, for another language')
  const [connector] = station.connectors
  const second = { ...connector!, id: 2, exceeds: true }
  const stations = new Map([['CP-1', { ...station, connectors: [connector!, second] }]])
  const { text, phrase, params } = say('note-overshoots')
  const twofold = stationDetail({ ...state, stations }, 'CP-1', now)
  const above = twofold?.notes.find(({ code }) => code === 'overshoots')
  t.equal(above?.text, `Connector 2: ${text}`, 'which of two connectors it is')
  t.same(above?.params, { connector: 2, note: { text, phrase, params } })
  await yard.close()
})

t.test('"rising" is said only while something rises, and an absent meter shows nothing', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 60, marginA: 2, worstCaseOtherLoadA: 30, metered: true }],
    stations: ['CP-1', 'CP-2', 'CP-3'].map(id => ({ id, circuit: 'main' })),
  })
  yard.baseA.set('main', [20, 20, 20])
  await yard.open()
  for (const { id } of yard.options.stations) yard.plugIn(id)
  let before = yard.offersA()
  let lastMoveMs = yard.nowMs
  for (let second = 0; second < 600; second++) {
    await yard.world.runFor(SECOND)
    const now = yard.offersA()
    if (now.some((offerA, index) => offerA !== before[index])) lastMoveMs = yard.nowMs
    before = now
    const rising = yard.options.stations.filter(({ id }) => /^Rising/.test(yard.connectorView(id).why.text))
    if (yard.nowMs - lastMoveMs > MINUTE && rising.length > 0) t.fail(`${rising.length} said to rise`)
  }
  t.ok(yard.nowMs - lastMoveMs > MINUTE, 'the site has come to rest')
  yard.setMeterFault('main', { kind: 'silent' })
  await yard.world.runFor(2 * MINUTE)
  const [meter] = yard.view().meters
  t.equal(meter?.quality, 'absent')
  for (const key of ['currentA', 'voltageV', 'totalPowerW', 'importWh']) t.notOk(key in (meter ?? {}), key)
  const alarm = yard.view().alarms.find(({ code }) => code === 'meter-lost')
  t.match(alarm?.text, /gives nothing \(timeout; unit 1 at .*worst case.*Check its supply, address, cable/)
  yard.setMeterFault('main', { kind: 'exception', code: 4 })
  await yard.world.runFor(MINUTE)
  const refused = yard.view().alarms.find(({ code }) => code === 'meter-lost')
  t.match(refused?.text, /exception 4; .*Check model and unit id/)
  t.equal(refused?.since, alarm?.since, 'one trouble, since when it began')
  await yard.close()
})

interface Moved {
  readonly title: string
  readonly before: object
  readonly after: object
  readonly news: boolean
}

const MOVED: readonly Moved[] = [
  { title: 'a later reading', before: { readAt: '12:00:00' }, after: { readAt: '12:00:01' }, news: false },
  {
    title: '0.7 A more at a meter',
    before: { currentA: [10, 10, 10] },
    after: { currentA: [10, 10.7, 10] },
    news: false,
  },
  {
    title: '0.8 A more on one phase',
    before: { currentA: [10, 10, 10] },
    after: { currentA: [10, 10.8, 10] },
    news: true,
  },
  { title: '2.9 % of 200 A', before: { measuredA: [200] }, after: { measuredA: [205.8] }, news: false },
  { title: '4 % of 200 A', before: { measuredA: [200] }, after: { measuredA: [208] }, news: true },
  {
    title: '0.7 A less headroom, below zero',
    before: { headroomA: [0.3] },
    after: { headroomA: [-0.4] },
    news: false,
  },
  { title: '0.1 A of a limit', before: { limitA: 100 }, after: { limitA: 99.9 }, news: true },
  { title: '0.1 A of an allocation', before: { allocationA: 10 }, after: { allocationA: 10.1 }, news: true },
  {
    title: '0.1 A of a fail-safe',
    before: { installedFailSafeA: 6 },
    after: { installedFailSafeA: 6.1 },
    news: true,
  },
  { title: '240 W', before: { totalPowerW: 0 }, after: { totalPowerW: 240 }, news: false },
  { title: '260 W', before: { totalPowerW: 0 }, after: { totalPowerW: 260 }, news: true },
  { title: '3 V', before: { voltageV: [230] }, after: { voltageV: [227] }, news: false },
  { title: '4 V', before: { voltageV: [230] }, after: { voltageV: [226] }, news: true },
  {
    title: '0.5 kWh',
    before: { transaction: { id: 1, energyWh: 0 } },
    after: { transaction: { id: 1, energyWh: 500 } },
    news: false,
  },
  {
    title: '0.6 kWh',
    before: { transaction: { id: 1, energyWh: 0 } },
    after: { transaction: { id: 1, energyWh: 600 } },
    news: true,
  },
  {
    title: 'another session',
    before: { transaction: { id: 1, energyWh: 0 } },
    after: { transaction: { id: 2, energyWh: 0 } },
    news: true,
  },
  { title: 'a status', before: { status: 'Charging' }, after: { status: 'Finishing' }, news: true },
  { title: 'a value that is gone', before: { measuredA: [1], id: 1 }, after: { id: 1 }, news: true },
  { title: 'a value under another name', before: { measuredA: [1] }, after: { otherLoadA: [1] }, news: true },
  {
    title: 'a reading that became unknown',
    before: { currentA: [1] },
    after: { currentA: null },
    news: true,
  },
  { title: 'a count', before: { alarmCount: 1 }, after: { alarmCount: 2 }, news: true },
  { title: 'an alarm', before: { alarms: [] }, after: { alarms: [{ code: 'meter-stale' }] }, news: true },
  {
    title: '1 A in a sentence',
    before: { why: { text: '57 A of 98 A is other load' } },
    after: { why: { text: '58 A of 98 A is other load' } },
    news: false,
  },
  {
    title: '2 A in a sentence',
    before: { why: { text: '30 A of 98 A is other load' } },
    after: { why: { text: '32 A of 98 A is other load' } },
    news: true,
  },
  {
    title: 'a car more in a sentence',
    before: { why: { text: '4 cars share 20 A' } },
    after: { why: { text: '5 cars share 20 A' } },
    news: true,
  },
  {
    title: 'another name in a sentence',
    before: { why: { text: 'CP-1 holds 9 A' } },
    after: { why: { text: 'CP-2 holds 9 A' } },
    news: true,
  },
  {
    title: 'an ordered limit in watts, by however little',
    before: { limitW: 40_000 },
    after: { limitW: 40_100 },
    news: true,
  },
]

t.test('of what moves, what is published at once and what waits for the minute', async t => {
  for (const { title, before, after, news } of MOVED)
    t.equal(isNews(JSON.stringify(before), JSON.stringify(after)), news, title)
})

t.test('a slow drift adds up: what is compared is what was last said', async t => {
  let said = '{"currentA":[10]}'
  const told: number[] = []
  for (let step = 0; step <= 20; step++) {
    const currentA = 10 + step / 10
    const text = JSON.stringify({ currentA: [currentA] })
    if (!isNews(said, text)) continue
    said = text
    told.push(currentA)
  }
  t.same(told, [10.8, 11.6])
})

t.test('what is no JSON is news when it is another', async t => {
  t.equal(isNews('online', 'offline'), true)
  t.equal(isNews('online', 'online'), false)
})

t.test(
  'an alarm that was kept has its code and what it holds; with a code of another Busbar, its text alone',
  async t => {
    const verdict = say('repeats-one-value', {
      facts: say('stood-still', { step: '10 / 0 / 0 A', current: '4 A' }),
    })
    const said = say('meter-not-believed', { meter: 'M1', verdict, exchanged: '' })
    t.equal(
      said.text,
      'Meter M1 is not believed, worst case of other load is assumed: its stations changed by 10 / 0 / 0 A and it stood still at 4 A: it repeats one value, restart the meter or its gateway.',
    )
    const alarm = { code: 'meter-wrong', about: 'M1', since: '2026-01-01T00:00:00Z', ...said } as const
    t.same(decodeAlarm(JSON.parse(JSON.stringify(alarm))), alarm)
    const { phrase: _, params: __, ...plain } = alarm
    for (const kept of [
      { ...alarm, phrase: 'of-another-busbar' },
      { ...alarm, phrase: 'toString' },
      { ...alarm, params: [1] },
      { ...alarm, params: { meter: null } },
      { ...alarm, params: { verdict: { text: 'x', phrase: 'at-most', params: { deep: [] } } } },
      plain,
    ])
      t.same(decodeAlarm(kept), plain, JSON.stringify(kept))
  },
)

t.test('why a link is down is said in words, the most frequent first', async t => {
  const away = (detail: string, reason: 'tcp' | 'unauthorized' = 'tcp') =>
    ({ state: 'waiting', reason, detail }) as const
  const refused = away('connect ECONNREFUSED 10.0.0.5:443')
  for (const [links, words] of [
    [[], undefined],
    [[{ state: 'open' } as const], undefined],
    [[refused], 'connection refused; 1 station'],
    [[refused, refused], 'connection refused; 2 stations'],
    [
      [away('HTTP 401', 'unauthorized'), refused, refused],
      'connection refused at 2 stations, unauthorized (HTTP 401) at 1 station',
    ],
    [[away('EXYZ')], 'no connection (EXYZ); 1 station'],
  ] as const)
    t.equal(sayCsmsAway(links)?.text, words)
  t.equal(sayReason('timeout', undefined).text, 'no answer')
  for (const [url, host] of [
    ['ws://csms.example:9100/ocpp', 'csms.example:9100'],
    ['wss://user:secret@csms.example/a/b', 'csms.example'],
    ['wss://a:b@c@csms.example/a@b', 'csms.example'],
    ['wss://[fd00::1]:443', '[fd00::1]:443'],
    ['mqtt://broker', 'broker'],
  ] as const)
    t.equal(hostOf(url), host)
})

t.test('why: the chain narrows down to what is told, and a circuit is the sum of its parts', async t => {
  const yard = new Yard({
    circuits: [
      { id: 'main', ratedCurrentA: 60, marginA: 2, worstCaseOtherLoadA: 30, metered: true },
      { id: 'feeder', parent: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0 },
    ],
    stations: ['CP-1', 'CP-2', 'CP-3', 'CP-4'].map((id, index) => ({
      id,
      circuit: 'feeder',
      device: index < 2 ? 'weg-wemob' : 'ecs-wkt-ec13',
    })),
  })
  yard.baseA.set('main', [20, 20, 20])
  await yard.open()
  for (const id of ['CP-1', 'CP-2', 'CP-3']) yard.plugIn(id)
  const codes = new Set<string>()
  for (let step = 0; step < 60; step++) {
    await yard.world.runFor(10 * SECOND)
    if (step === 30) yard.setMeterFault('main', { kind: 'silent' })
    const { stations, circuits } = yard.view()
    for (const { why, id, limitA } of circuits) {
      const sumA = why.parts.reduce((sum, { valueA }) => sum + valueA, 0)
      // What is less than half an amp is not named.
      t.ok(Math.abs(sumA - limitA) <= 2, `${id}: the parts are ${sumA} of ${limitA} A: ${why.text}`)
    }
    for (const { id, connectors } of stations)
      for (const { why, allocationA } of connectors) {
        for (const { code } of why.chain) codes.add(code)
        const values = why.chain.map(({ valueA }) => valueA)
        t.same(
          [...values].sort((a, b) => b - a),
          values,
          `${id}: ${why.chain.map(({ name }) => name)}`,
        )
        const isTold = !['unproven', 'unverified', 'settling', 'exceeds', 'unanswered'].includes(
          why.chain.at(-1)?.code ?? '',
        )
        if (allocationA !== undefined && isTold)
          t.ok((values.at(-1) ?? 0) >= allocationA - 0.05, `${id}: ${allocationA} A told, ${why.text}`)
      }
  }
  for (const code of ['connector', 'no car', 'share', 'meter'])
    t.ok(codes.has(code), `${code} was said, of ${[...codes]}`)
  const [before] = yard.view().stations
  await yard.world.runFor(5 * SECOND)
  const [after] = yard.view().stations
  t.equal(after?.connectors[0]?.why.chain[0]?.since, before?.connectors[0]?.why.chain[0]?.since)
  await yard.close()
})

const BASE = { cars: 4, circuitId: 'main', phase: 'L1' } as const

t.test('the words of each reason are a sentence, and each lift is said', async t => {
  const said = new Set<string>()
  for (const code of REASON_CODES) {
    const view = whyView([
      { code: 'csms', valueA: 4, lift: 'csms' },
      { code, valueA: 0, lift: 'time', towardsA: 6, about: 'grid', ...BASE },
    ])
    t.match(view.text, /^(?:[A-Z0-9]|main ).*\.$/, code)
    t.notMatch(view.text, /undefined|NaN/, code)
    said.add(view.text)
  }
  t.equal(said.size, REASON_CODES.length, 'no two say the same')
  for (const lift of LIFTS) t.ok(whyView([{ code: 'csms', valueA: 4, lift }]).chain[0]?.lifted)
  t.equal(
    whyView([
      { code: 'csms', valueA: 4, lift: 'csms' },
      { code: 'minimum', valueA: 0, lift: 'csms', towardsA: 6 },
    ]).text,
    'CSMS allows 4 A, which is less than the 6 A a car needs: paused.',
  )
  const part = (code: (typeof PART_CODES)[number], valueA: number, ...about: string[]) => ({
    ...{ code, valueA, about, count: about.length },
  })
  const text = (...parts: ReturnType<typeof part>[]) =>
    circuitWhyView({ circuitId: 'main', phase: 'L2', limitA: 58, parts }).text
  t.equal(
    text(
      part('other load', 20),
      part('stations', 4, 'CP-3', 'CP-7'),
      part('never seen', 32, 'CP-9'),
      part('cars', 2, 'CP-3/1', 'CP-7/1'),
      part('free', 0),
    ),
    'Of 58 A on L2, other load takes 20 A (measured), 4 A are kept because CP-3 and CP-7 do not tell all they draw, 32 A are kept for CP-9, never seen since this was configured, 2 cars share 2 A, nothing is left.',
  )
  t.equal(
    text(part('other load', 0.3), part('cars', 59, 'CP-3/1'), part('free', -1.3)),
    'Of 58 A on L2, there is no other load (measured), 1 car has 59 A, and 1 A more is set aside than there is, so nothing is raised.',
  )
  for (const code of PART_CODES) t.notMatch(text(part(code, 9, 'CP-1')), /undefined/, code)
})

const DRILL_SITE = JSON.parse(
  JSON.stringify({
    csms: { state: 'connected' },
    circuits: [],
    meters: [],
    stations: [{ id: 'CP-1', connected: true, connectors: [{ id: 1, why: { code: 'idle' } }] }],
  }),
)

t.test('the fail-safe drill', async t => {
  const AT = 1_790_000_000_000
  const view = (change: object = {}): SiteView => ({ ...DRILL_SITE, ...change })
  type Look = readonly [site: SiteView, afterS: number]
  const looks = (drill: Drill, ...seen: readonly Look[]) =>
    seen.reduce<Watched>((was, [site, afterS]) => watchDrill(was.drill, site, AT + afterS * 1_000), { drill })

  t.test('passes an uplink that was out for 10 s or more while every station stayed', async t => {
    const drill = newDrill({ kind: 'uplink', by: 'ana' }, view(), AT)
    const away = view({ csms: { ...DRILL_SITE.csms, state: 'away' } })
    const out = looks(drill, [view(), 1], [away, 5], [away, 15])
    t.equal(out.result, undefined)
    t.equal(out.drill.stage, 'plug in')
    t.equal(drill.stage, 'pull', 'what was given is as it was')
    t.match(looks(out.drill, [view(), 18]).result, { passed: true, outS: 13, stations: 1, sessions: 0 })
  })

  t.test(
    'fails where a station was lost, the link was out too short, nothing was pulled, a clock was set',
    async t => {
      const away = view({ csms: { ...DRILL_SITE.csms, state: 'away' } })
      const run = (...seen: Look[]) =>
        looks(newDrill({ kind: 'uplink', by: 'ana' }, view(), AT), ...seen).result?.failure
      t.equal(run([away, 1], [view({ stations: [], csms: away.csms }), 3]), 'station-lost')
      t.equal(run([away, 1], [view(), 4]), 'too-short')
      t.equal(run([view(), 301]), 'not-pulled')
      t.equal(run([away, 10], [away, 5]), 'clock-set')
      t.equal(run([away, 1], [away, 1_900]), 'not-back')
    },
  )

  t.test('counts a meter from its last good sample to the worst case and to its effect', async t => {
    const readAt = new Date(AT).toISOString()
    const site = (
      quality: 'fresh' | 'stale',
      otherLoadSource: 'measured' | 'worst case',
      headroomA: number,
    ) =>
      view({
        meters: [{ id: 'main', quality, readAt }],
        circuits: [
          { id: 'main', meterId: 'main', ratedCurrentA: 63, otherLoadSource, headroomA: [headroomA, 5, 5] },
        ],
      })
    const drill = newDrill({ kind: 'meter', about: 'main', by: 'ana' }, site('fresh', 'measured', 3), AT)
    const hiccup = looks(drill, [site('stale', 'measured', 3), 4.9], [site('fresh', 'measured', 3), 5.2])
    t.match(hiccup, { drill: { stage: 'pull' }, result: undefined }, 'two missed polls are no plug pulled')
    const told = looks(
      drill,
      [site('stale', 'measured', 3), 3],
      [site('stale', 'worst case', -9), 9.5],
      [site('stale', 'worst case', 0), 20],
      [site('fresh', 'measured', 3), 40],
    )
    t.match(told.result, { passed: true, commandedS: 9.5, effectS: 20, about: 'main' })
    const late = looks(drill, [site('stale', 'worst case', -9), 9], [site('stale', 'worst case', -9), 53])
    t.match(late.result, { passed: false, failure: 'late' })
  })

  t.test(
    'judges a restart only by the Busbar that came back, and fails a circuit above its fuse for 15 s',
    async t => {
      const drill = newDrill({ kind: 'restart', by: 'ana' }, view(), AT)
      t.equal(looks(drill, [view(), 0.5]).result, undefined, 'the one that goes sees everybody there')
      const back = looks(cameBack(drill), [view({ stations: [] }), 5])
      t.equal(back.result, undefined)
      t.match(looks(back.drill, [view(), 30]).result, { passed: true, outS: 30 })
      const over = newDrill({ kind: 'restart', by: 'ana' }, view(), AT)
      const hot = view({
        circuits: [{ id: 'main', ratedCurrentA: 63, measuredSource: 'meter', measuredA: [64, 1, 1] }],
      })
      t.match(looks(over, [hot, 1], [hot, 17]).result, { failure: 'over-limit', failedAt: 'main' })
    },
  )
})

t.test('the wiring test of a station names', async t => {
  const steps = (stationsA: PerPhase, meterA: PerPhase): WiringCheck => ({
    ...newWiringCheck(0, []),
    steps: [1, -1].map(sign => ({
      monoMs: 0,
      stationsA: [sign * stationsA[0], sign * stationsA[1], sign * stationsA[2]],
      meterA: [sign * meterA[0], sign * meterA[1], sign * meterA[2]],
    })),
  })
  const find = (own: WiringCheck, more: Partial<WiredAs> = {}, other?: WiringCheck) =>
    stationWiringFinding(
      {
        ...{ stationId: 'CP-1', meterId: 'f1' },
        watches: new Map([['f1', own], ...(other === undefined ? [] : ([['f2', other]] as const))]),
      },
      { rotation: 'RST', meter: {}, above: new Set(), ...more },
    )
  const still = steps([16, 16, 16], [0, 0, 0])
  const three: PerPhase = [16, 16, 16]
  t.test('nothing where the meter follows', async t => {
    t.match(find(steps(three, [15.8, 16.1, 16])), { kind: 'judged', faults: [], orderUnknown: true })
  })
  t.test('a reversed transformer, all reversed, and a wrong factor', async t => {
    t.match(find(steps(three, [16, -16, 16])).faults, [{ kind: 'reversed', phases: ['L2'] }])
    t.match(find(steps(three, [-16, -16, -16])).faults, [{ kind: 'inverted', invert: true }])
    t.match(find(steps(three, [8, 8, 8])).faults, [{ kind: 'factor', share: 0.5, ctRatio: 2 }])
  })
  t.test(
    'the order of the phases, both that are left for a car on one phase, one for a car on two',
    async t => {
      t.match(find(steps([16, 0, 0], [0, 16, 0])).faults, [
        { kind: 'order', phaseRotations: ['STR', 'SRT'], phaseMaps: ['L2L1L3', 'L3L1L2'] },
      ])
      t.match(find(steps([16, 8, 0], [0, 16, 8])).faults, [{ kind: 'order', phaseRotations: ['STR'] }])
      t.match(find(steps([8, 8, 8], [0, 16, 0]), { rotation: 'Unknown' }).faults, [
        { kind: 'first-phase', phase: 'L2' },
      ])
    },
  )
  t.test('another feeder, but not the meter above, and one that nobody sees', async t => {
    const other = steps(three, three)
    t.match(find(still, {}, other).faults, [{ kind: 'other-feeder', meterId: 'f2' }])
    t.match(find(still, { above: new Set(['f2']) }, other).faults, [{ kind: 'not-seen' }])
    t.match(find(still).faults, [{ kind: 'not-seen' }])
  })
  t.test('nothing yet before two steps, and says so where nothing explains them', async t => {
    t.match(find(newWiringCheck(0, [])), { kind: 'waiting', faults: [] })
    t.match(find(steps([16, 0, 0], [9, 9, 9])), { kind: 'unclear', faults: [] })
  })
})

t.test('what must not be lost and is in danger is an alarm of its own, by station', t => {
  const well = { isConfigured: true, waiting: 3, deadLetters: 0, shedCount: 0, isExhausted: false }
  const alarms = (journal: Partial<Parameters<typeof journalConditions>[0]>) =>
    journalConditions({ stations: [], ...journal }).map(({ code, about, text }) => ({ code, about, text }))
  const of = (more: object) => alarms({ stations: [{ stationId: 'CP-1', ...well, ...more }] })
  t.same(of({}), [], 'that something waits is none')
  t.match(alarms({ fault: 'ENOSPC' }), [{ code: 'journal-failed', text: /ENOSPC/ }])
  t.match(alarms({ slowMs: 12_000 }), [{ code: 'journal-slow', text: /12 s/ }])
  t.match(alarms({ damage: { text: 'CP-1: 3 waiting messages' } }), [
    { code: 'journal-gap', text: /3 waiting/ },
  ])
  t.match(alarms({ hold: { text: 'of another site' } }), [{ code: 'journal-held', text: 'of another site' }])
  t.match(of({ isExhausted: true }), [{ code: 'journal-full', text: /CP-1/ }])
  t.match(of({ deadLetters: 4 }), [{ code: 'dead-letters', text: /4 messages of CP-1/ }])
  t.match(of({ shedCount: 60 }), [{ code: 'messages-shed', text: /60 periodic meter values of CP-1/ }])
  t.same(of({ shedCount: 60, waiting: 0 }), [], 'with nothing waiting it is history')
  t.match(of({ isConfigured: false }), [{ code: 'backlog-left-behind', about: 'CP-1', text: /3 messages/ }])
  const many = Array.from({ length: 9 }, (_, at) => ({ ...well, stationId: `CP-${at}`, deadLetters: 1 }))
  t.match(alarms({ stations: many }), [{ code: 'dead-letters', text: /9 messages of .*CP-4 and 4 more/ }])
  t.end()
})
