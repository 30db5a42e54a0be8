/** Limits from outside: the book of orders, what of it holds where, and what the configuration adds to it. */
import fc from 'fast-check'
import t from 'tap'
import { EMPTY_STATE, keptStateSchema } from '../../../src/core/config/kept-state.js'
import { type LimitWindowConfig, WEEKDAYS } from '../../../src/core/config/limit-sources.js'
import {
  cleared,
  type KeptOrder,
  keptOrders,
  type OrderBook,
  ordered,
  restoredOrders,
  stepped,
} from '../../../src/core/limits/book.js'
import { silentSources, windowClasses, windowLimits } from '../../../src/core/limits/declared.js'
import { connectorBinding, effectiveLimits } from '../../../src/core/limits/effective.js'
import { DOORS, LIMIT_SOURCES, type Limit, type LimitTarget } from '../../../src/core/limits/limit.js'
import { quarterMeans, stepQuarters } from '../../../src/core/limits/quarter-means.js'
import { reducedPowerW } from '../../../src/core/site/grid-reduction.js'
import { buildSiteTree } from '../../../src/core/site/tree.js'
import { orderReport } from '../../../src/core/view/order-report.js'
import { REPORT_LANGUAGES, wantedLanguage } from '../../../src/core/words/order-report.js'

const TREE = buildSiteTree([
  { id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 0 },
  { id: 'east', parent: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0 },
])
const CARRIES_A = [98, 61.7]
const HOUR_MS = 3_600_000
const at = (monoMs: number) => ({ monoMs, wallMs: 1_800_000_000_000 + monoMs })

function limit(part: Partial<Limit> = {}): Limit {
  const value = { unit: 'A' as const, perPhase: 40 }
  return { source: 'mqtt', id: 'grid', target: { kind: 'site' }, value, priority: 5, by: 'mqtt', ...part }
}

function taken(
  book: OrderBook,
  it: Limit,
  durationMs: number,
  monoMs = 0,
  fallback?: { limitA: number; forMs: number },
) {
  const next = ordered(book, it, { durationMs, now: at(monoMs), ...(fallback && { fallback }) })
  if (next === undefined) throw new Error('the book is full')
  return next
}

const limitsOf = (book: OrderBook): readonly number[] =>
  effectiveLimits(TREE, CARRIES_A, [...book.values()], 230).limitsA

/** What an order says, beside the code that keeps it: until when, by a clock that runs on. */
interface Said {
  readonly target: number
  readonly limitA: number
  readonly untilMs: number
  readonly fallback?: { readonly limitA: number; readonly forMs: number } | undefined
}

const HIGHEST_V = 230
const TARGETS: readonly LimitTarget[] = [
  { kind: 'site' },
  { kind: 'circuit', circuitId: 'east' },
  { kind: 'site', onlyStations: true },
  { kind: 'circuit', circuitId: 'east', onlyStations: true },
  { kind: 'station', stationId: 'CP-1' },
  { kind: 'station', stationId: 'CP-1', connectorId: 2 },
]

/** What is over by then is its fallback, and then nothing. */
function lasting(all: ReadonlyMap<string, Said>, nowMs: number): Map<string, Said> {
  const left = new Map<string, Said>()
  for (const [key, { target, fallback, ...it }] of all) {
    const silentUntilMs = it.untilMs + (fallback?.forMs ?? 0)
    if (it.untilMs > nowMs) left.set(key, { target, fallback, ...it })
    else if (fallback !== undefined && silentUntilMs > nowMs)
      left.set(key, { target, limitA: fallback.limitA, untilMs: silentUntilMs })
  }
  return left
}

/** In the order of `TARGETS`: circuits, their stations, connector 1 and connector 2. */
function lowestSaid(all: ReadonlyMap<string, Said>): readonly number[] {
  const lowest = (mostA: number, targets: readonly number[]): number =>
    Math.min(mostA, ...[...all.values()].flatMap(it => (targets.includes(it.target) ? [it.limitA] : [])))
  const [mainA = 0, eastA = 0] = CARRIES_A
  return [
    ...[lowest(mainA, [0]), lowest(eastA, [1]), lowest(mainA, [2]), lowest(eastA, [3])],
    ...[lowest(Number.POSITIVE_INFINITY, [4]), lowest(Number.POSITIVE_INFINITY, [4, 5])],
  ]
}

function lowestHeld(book: OrderBook): readonly number[] {
  const inForce = [...book.values()]
  const { limitsA, stationBindings } = effectiveLimits(TREE, CARRIES_A, inForce, HIGHEST_V)
  const ofStations = stationBindings.map((binding, node) => binding?.limitA ?? CARRIES_A[node] ?? 0)
  const connectors = [1, 2].map(id => {
    const connector = { stationId: 'CP-1', id, phases: [true, true, true] as const }
    return connectorBinding(inForce, connector, HIGHEST_V)?.limitA ?? Number.POSITIVE_INFINITY
  })
  return [...limitsA, ...ofStations, ...connectors]
}

/** Through the file it is kept in. */
const kept = (book: OrderBook, monoMs: number): readonly KeptOrder[] =>
  keptStateSchema.parse(JSON.parse(JSON.stringify({ ...EMPTY_STATE, orders: keptOrders(book, monoMs) })))
    .orders as readonly KeptOrder[]

const STEP = fc.record({
  forMs: fc.integer({ min: 0, max: 90_000 }),
  does: fc.constantFrom(
    'order' as const,
    'order' as const,
    'clear' as const,
    'kill' as const,
    'nothing' as const,
  ),
  source: fc.constantFrom(...DOORS),
  id: fc.constantFrom('a', 'b'),
  target: fc.integer({ min: 0, max: TARGETS.length - 1 }),
  isW: fc.boolean(),
  limitA: fc.integer({ min: 0, max: 200 }),
  durationMs: fc.integer({ min: 1_000, max: 200_000 }),
  fallback: fc.option(
    fc.record({ limitA: fc.integer({ min: 0, max: 200 }), forMs: fc.integer({ min: 1_000, max: 200_000 }) }),
    { nil: undefined },
  ),
  /** The clock on the wall is moved. */
  jumpMs: fc.integer({ min: -1e9, max: 1e9 }),
  /** Of the clock that does not jump, after a restart. */
  beginsMs: fc.integer({ min: 0, max: 1e9 }),
})

t.test(
  'control rule 17: whatever is ordered by whom, the lowest of those in force holds, through kills too, and never more than is carried',
  async () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 40 }), steps => {
        let book: OrderBook = new Map()
        let truth = new Map<string, Said>()
        /** On the disk, and what was true then. */
        let disk = { orders: kept(book, 0), truth, atMs: 0 }
        let nowMs = 0
        let wallMs = 1_800_000_000_000
        for (const { forMs, does, source, id, target, isW, limitA, durationMs, fallback, ...step } of steps) {
          nowMs += forMs
          wallMs += forMs + step.jumpMs
          const now = { monoMs: nowMs, wallMs }
          book = stepped(book, now)
          truth = lasting(truth, nowMs)
          const key = `${source}/${id}`
          if (does === 'order') {
            const value = isW
              ? ({ unit: 'W', total: limitA * 3 * HIGHEST_V } as const)
              : ({ unit: 'A', perPhase: limitA } as const)
            const it = limit({ source, id, target: TARGETS[target] ?? { kind: 'site' }, value })
            book = ordered(book, it, { durationMs, now, ...(fallback && { fallback }) }) ?? book
            truth.set(key, { target, limitA, untilMs: nowMs + durationMs, fallback })
          }
          if (does === 'clear') {
            book = cleared(book, key)
            truth.delete(key)
          }
          if (does === 'kill') {
            const movedMs = step.beginsMs - disk.atMs
            truth = new Map(
              [...disk.truth].map(([name, it]) => [name, { ...it, untilMs: it.untilMs + movedMs }]),
            )
            nowMs = step.beginsMs
            book = stepped(restoredOrders(disk.orders, nowMs), { monoMs: nowMs, wallMs })
            truth = lasting(truth, nowMs)
          }
          // Each order is kept at once, what is left of the others each minute.
          if (does === 'order' || does === 'clear' || nowMs - disk.atMs > 60_000 || does === 'kill')
            disk = { orders: kept(book, nowMs), truth: new Map(truth), atMs: nowMs }
          const expected = lowestSaid(truth)
          const found = lowestHeld(book)
          if (expected.some((amps, at) => amps !== found[at] && Math.abs(amps - (found[at] ?? 0)) > 1e-9))
            throw new Error(`${found.join(' ')} instead of ${expected.join(' ')}`)
        }
      }),
      { numRuns: 300 },
    )
  },
)

t.test('§ 14a EnWG: what is left to n points behind one energy manager, to the watt', async t => {
  for (const [points, powerW] of [
    [1, 4_200],
    [2, 7_560],
    [5, 15_120],
    [9, 19_320],
    [10, 21_210],
    [20, 40_110],
    [50, 96_810],
  ] as const)
    t.equal(reducedPowerW(points, 4_200), powerW, `${points} points`)
})

t.test('quarter-hour means are of what was known, and what was not known is not zero', async t => {
  const quarter = Date.parse('2026-01-15T12:00:00Z')
  let quarters = stepQuarters([], quarter + 600_000, 60_000, 10_000)
  quarters = stepQuarters(quarters, quarter + 660_000, 60_000, undefined)
  quarters = stepQuarters(quarters, quarter + 720_000, 60_000, 20_000)
  quarters = stepQuarters(quarters, quarter + 910_000, 10_000, undefined)
  t.same(quarterMeans(quarters), [
    { from: '2026-01-15T12:00:00.000Z', meanW: 15_000, knownPercent: 67, lastedS: 180 },
    { from: '2026-01-15T12:15:00.000Z', knownPercent: 0, lastedS: 10 },
  ])
  for (let n = 0; n < 300; n++) quarters = stepQuarters(quarters, quarter + n * 900_000, 1_000, 1)
  t.equal(quarters.length, 192)
})

t.test('an order ends by itself', async t => {
  const book = taken(new Map(), limit(), 60_000)
  t.same(limitsOf(stepped(book, at(59_999))), [40, 61.7])
  t.same(limitsOf(stepped(book, at(60_000))), CARRIES_A)
})

t.test('silence after an order is its fallback for as long as was said, then nothing', async t => {
  const book = taken(new Map(), limit(), 60_000, 0, { limitA: 20, forMs: 2 * HOUR_MS })
  const silent = stepped(book, at(60_000))
  t.same(limitsOf(silent), [20, 61.7])
  t.equal([...silent.values()][0]?.state, 'fallback')
  t.same(limitsOf(stepped(silent, at(60_000 + 2 * HOUR_MS))), CARRIES_A)
  t.same(limitsOf(stepped(book, at(3 * HOUR_MS))), CARRIES_A, 'also when nobody looked in between')
  t.same(limitsOf(cleared(silent, 'mqtt/grid')), CARRIES_A, 'its own source ends it')
})

t.test('no source lifts what another has said under the same id', async t => {
  const book = taken(new Map(), limit(), 60_000)
  t.same(
    limitsOf(taken(book, limit({ source: 'api', value: { unit: 'A', perPhase: 90 } }), 60_000)),
    [40, 61.7],
  )
  t.equal(cleared(book, 'api/grid'), book)
})

t.test('of two equal limits the one with the lower priority number is named', async t => {
  const book = taken(taken(new Map(), limit({ id: 'a' }), 60_000), limit({ id: 'b', priority: 1 }), 60_000)
  const { bindings } = effectiveLimits(TREE, CARRIES_A, [...book.values()], 230)
  t.equal(bindings[0]?.limit.id, 'b')
})

t.test('an order for a circuit that is not there any more holds for the whole site', async t => {
  const book = taken(new Map(), limit({ target: { kind: 'circuit', circuitId: 'renamed' } }), 60_000)
  t.same(limitsOf(book), [40, 61.7])
})

t.test('watts are kept on each phase for itself, at the highest voltage', async t => {
  const book = taken(new Map(), limit({ value: { unit: 'W', total: 22_080 } }), 60_000)
  t.same(effectiveLimits(TREE, CARRIES_A, [...book.values()], 230).limitsA, [32, 61.7])
  const own = limit({ target: { kind: 'station', stationId: 'CP-1' }, value: { unit: 'W', total: 2_530 } })
  const connector = { stationId: 'CP-1', id: 2, phases: [true, false, false] as const }
  t.equal(connectorBinding([...taken(new Map(), own, 60_000).values()], connector, 253)?.limitA, 10)
  t.equal(
    connectorBinding([...book.values()], connector, 253),
    undefined,
    'a limit of the site names no connector',
  )
})

t.test('a book that is full takes no new name, and renews those it has', async t => {
  let book: OrderBook = new Map()
  for (let n = 0; n < 200; n++) book = taken(book, limit({ id: `o${n}` }), 60_000)
  t.equal(ordered(book, limit({ id: 'more' }), { durationMs: 1, now: at(0) }), undefined)
  t.not(ordered(book, limit({ id: 'o7' }), { durationMs: 1, now: at(0) }), undefined)
})

t.test('over a restart an order keeps the time it had left, with its fallback', async t => {
  const book = taken(new Map(), limit(), 60_000, 0, { limitA: 20, forMs: HOUR_MS })
  const kept: unknown = JSON.parse(JSON.stringify(keptOrders(book, 45_000)))
  t.match(kept, [{ id: 'grid', leftMs: 15_000 }])
  const back = restoredOrders(keptOrders(book, 45_000), 5_000_000)
  t.same(limitsOf(stepped(back, at(5_014_999))), [40, 61.7])
  t.same(limitsOf(stepped(back, at(5_015_000))), [20, 61.7])
})

t.test(
  'a window is in force in its hours by the clock on the wall, over midnight and both changes of the clock',
  async t => {
    const window = (part: Partial<LimitWindowConfig>): LimitWindowConfig => ({
      id: 'peak',
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
      from: '17:00',
      to: '20:00',
      limitA: 50,
      ...part,
    })
    const isOpen = (part: Partial<LimitWindowConfig>, iso: string): boolean =>
      windowLimits([window(part)], 'Europe/Berlin', Date.parse(iso)).length === 1
    const night: Partial<LimitWindowConfig> = { from: '22:00', to: '06:00', days: ['fri'] }
    for (const [part, iso, open] of [
      [{}, '2026-07-01T15:00:00Z', true],
      [{}, '2026-07-01T14:59:59Z', false],
      [{}, '2026-07-01T18:00:00Z', false],
      [{ days: ['sat'] }, '2026-07-01T15:00:00Z', false],
      [night, '2026-07-03T20:00:00Z', true],
      [night, '2026-07-04T03:59:00Z', true],
      [night, '2026-07-04T04:00:00Z', false],
      [night, '2026-07-04T20:00:00Z', false],
      // 2026-03-29: 02:00 becomes 03:00. 2026-10-25: 03:00 becomes 02:00.
      [{ from: '02:30', to: '03:30' }, '2026-03-29T01:00:00Z', true],
      [{ from: '02:30', to: '03:30' }, '2026-03-29T00:59:00Z', false],
      [{ from: '02:30', to: '03:30' }, '2026-10-25T00:30:00Z', true],
      [{ from: '02:30', to: '03:30' }, '2026-10-25T01:45:00Z', true],
      [{ from: '02:30', to: '03:30' }, '2026-10-25T02:30:00Z', false],
    ] as const) {
      t.equal(isOpen(part as Partial<LimitWindowConfig>, iso), open, `${JSON.stringify(part)} at ${iso}`)
      const { limitA: _, ...hours } = window(part as Partial<LimitWindowConfig>)
      const alone = [{ ...hours, priorityClass: 2 }]
      const classes = windowClasses(TREE, alone, 'Europe/Berlin', Date.parse(iso))
      t.same(classes, open ? [2, 2] : [undefined, undefined], `class ${JSON.stringify(part)} at ${iso}`)
      t.same(windowLimits(alone, 'Europe/Berlin', Date.parse(iso)), [], 'a class is no limit')
    }
  },
)

t.test('of hours with a class those of the circuit itself count, then the class that is first', async t => {
  const always = { days: [...WEEKDAYS], from: '00:00', to: '23:59' }
  const classes = (...windows: Partial<LimitWindowConfig>[]) =>
    windowClasses(
      TREE,
      windows.map((window, at) => ({ id: `w${at}`, ...always, ...window })),
      'Europe/Berlin',
      Date.parse('2026-07-01T15:00:00Z'),
    )
  t.same(classes(), [undefined, undefined])
  t.same(classes({ limitA: 10 }), [undefined, undefined])
  t.same(classes({ priorityClass: 3 }), [3, 3], 'the whole site')
  t.same(classes({ circuit: 'east', priorityClass: 3 }), [undefined, 3])
  t.same(classes({ priorityClass: 1 }, { circuit: 'east', priorityClass: 8 }), [1, 8], 'in either order')
  t.same(classes({ circuit: 'east', priorityClass: 8 }, { priorityClass: 1 }), [1, 8])
  t.same(classes({ priorityClass: 7 }, { circuit: 'main', priorityClass: 4 }), [4, 4])
  t.same(classes({ priorityClass: 4, from: '03:00', to: '04:00' }), [undefined, undefined], 'not now')
})

t.test(
  'control rule 17: a source that protects something holds its fallback while it says nothing, from the start on',
  async t => {
    const sources = [
      { id: 'grid', door: 'mqtt' as const, fallbackLimitA: 16 },
      { id: 'polite', door: 'mqtt' as const },
    ]
    const inForce = (book: OrderBook) => [...book.values(), ...silentSources(sources, book, 0)]
    const limits = (book: OrderBook) => effectiveLimits(TREE, CARRIES_A, inForce(book), 230).limitsA
    t.same(limits(new Map()), [16, 61.7])
    const spoken = taken(new Map(), limit({ value: { unit: 'A', perPhase: 6_300 } }), 60_000)
    t.same(limits(spoken), CARRIES_A, 'it says that there is no limit')
    t.same(limits(stepped(spoken, at(60_000))), [16, 61.7])
  },
)

const KEPT = {
  ...{ seq: 41, hash: 'h4sh', isIntact: true, source: 'mqtt', id: 'peak', target: 'east', value: '30 A' },
  ...{ state: 'ordered', by: 'mia', received: '2026-03-29T00:59:00.000Z', ended: '2026-03-29T01:30:00.000Z' },
}
const AT_SITE = { siteId: 'depot', timeZone: 'Europe/Berlin' } as const

t.test('the report about an order says all it holds in each language, and in no other', async t => {
  const told = {
    ...{ firstWrite: '2026-03-29T00:59:00.200Z', lastAccepted: '2026-03-29T00:59:01.500Z' },
    ...{ heldSince: '2026-03-29T00:59:04.000Z', seenFrom: '2026-03-29T00:58:59.000Z' },
    quarters: [
      { from: '2026-03-29T00:45:00.000Z', meanW: 12_345, knownPercent: 99, lastedS: 60 },
      { from: '2026-03-29T01:00:00.000Z', knownPercent: 0, lastedS: 900 },
    ],
  }
  const orders = [...LIMIT_SOURCES, 'of-tomorrow'].flatMap(source => [
    { ...KEPT, source },
    {
      ...KEPT,
      ...told,
      source,
      by: 'input',
      state: 'fallback',
      onlyStations: true as const,
      isIntact: false,
    },
    { ...KEPT, source, seq: 0, lastAccepted: told.lastAccepted, reason: 'storm' },
  ])
  const texts = REPORT_LANGUAGES.map(language =>
    orders.map(order => orderReport(order, { ...AT_SITE, language })),
  )
  for (const report of texts.flat()) t.notMatch(report, /\{\w+\}|undefined|NaN/, 'nothing is left out')
  for (const [place, language] of REPORT_LANGUAGES.entries()) {
    const [first = '', full = '', last = ''] = texts[place] ?? []
    t.match(first, `<html lang="${language}">`)
    for (const part of ['depot', 'peak', 'east', '30 A', 'mia', '41', 'h4sh', 'Europe/Berlin'])
      t.match(first, part, `${part} in ${language}`)
    t.match(
      full,
      /2026-03-29 01:59:00.*2026-03-29 01:59:01.*2026-03-29 03:30:00/s,
      'over the change of the clock',
    )
    t.match(full, language === 'en' ? /0\.2 s.*1\.5 s.*12\.35 kW/s : /0,2 s.*1,5 s.*12,35 kW/s)
    t.match(last, 'storm')
  }
  const labels = texts.map(([, full = '']) =>
    [...full.matchAll(/<th>([^<]+)<\/th>/g)].map(([, label]) => label),
  )
  t.same(
    labels.map(({ length }) => length),
    [18, 18, 18],
  )
  for (const label of ['Ordered value', 'Quarter hour', 'Received'])
    t.same(
      labels.map(own => own.includes(label)),
      [true, false, false],
    )
})

t.test('what a controller gave is text in the report, whatever it looks like', async t => {
  for (const language of REPORT_LANGUAGES) {
    const hostile = '<script>alert(1)</script>{by}"&'
    const report = orderReport(
      { ...KEPT, id: hostile, by: hostile, reason: hostile },
      { ...AT_SITE, language },
    )
    t.notMatch(report, '<script>')
    t.match(report, '<td>&lt;script&gt;alert(1)&lt;/script&gt;{by}&quot;&amp;</td>', 'braces stay braces')
  }
})

t.test('the language of a report is the best that is there of those asked for', async t => {
  for (const [header, language] of [
    [undefined, 'en'],
    ['', 'en'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-FR,fr;q=0.9,pt-BR;q=0.4,en;q=0.3', 'pt'],
    ['en;q=0.2, DE ; q=0.7', 'de'],
    ['de;q=0, pt;q=0.1', 'pt'],
    ['den, ptx, *', 'en'],
    ['de;q=nonsense', 'en'],
    ['de;q=9, pt', 'pt'],
    [',;,q=1;;', 'en'],
  ] as const)
    t.equal(wantedLanguage(header), language, `${header}`)
})
