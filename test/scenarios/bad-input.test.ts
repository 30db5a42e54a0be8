/**
 * Bad input from stations, through the whole gateway (issue "The promise holds", "Bad input"): what cannot be read is
 * unknown, and unknown is the worst. Never a crash, never a raise, never more than a circuit carries.
 */
import t, { type Test } from 'tap'
import { type MeterValue, MINUTE, SECOND, Yard } from './fixtures/yard.js'

const ALIVE_MS = 13_700
const HOUR = 60 * MINUTE

type Samples = readonly MeterValue[]
type Value = MeterValue['sampledValue'][number]

const IS_CURRENT = /Current/

/** CP-1 and CP-2 charge at all that there is: 45 A without a meter, 52 A beside 10 A of other load that a meter shows. */
async function charging(metered: boolean): Promise<Yard> {
  const yard = new Yard({
    circuits: [
      {
        id: 'main',
        ratedCurrentA: metered ? 63 : 46,
        marginA: 1,
        worstCaseOtherLoadA: metered ? 30 : 0,
        metered,
      },
    ],
    stations: ['CP-1', 'CP-2'].map(id => ({ id, circuit: 'main' })),
  })
  if (metered) yard.baseA.set('main', [10, 10, 10])
  await yard.open()
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  await yard.world.runFor(4 * MINUTE)
  return yard
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** From now on: whether CP-1 ever drew more than is booked for it, and the most that was offered to both. */
function watch(yard: Yard): { unbooked: string; mostA: number } {
  const seen = { unbooked: '', mostA: 0 }
  yard.onLook = () => {
    const { bookedA } = yard.connectorView('CP-1')
    const flowA = Math.max(...yard.flowA('CP-1'))
    if (flowA > bookedA + 0.1) seen.unbooked = `CP-1 draws ${flowA} A, booked ${bookedA} A`
    seen.mostA = Math.max(seen.mostA, sum(yard.offersA()))
  }
  return seen
}

/** Nothing gets more by it, and control goes on. */
async function holds(t: Test, yard: Yard, title: string, spoil: () => void): Promise<void> {
  const beforeA = sum(yard.offersA())
  t.ok(beforeA >= 40, `${title}: ${yard.offersA().join(' ')} A before`)
  const seen = watch(yard)
  spoil()
  await yard.world.runFor(4 * MINUTE)
  t.equal(seen.unbooked, '', title)
  t.ok(seen.mostA <= beforeA + 1, `${title}: ${seen.mostA} A offered, ${beforeA} A before`)
  t.equal(yard.overMs('main'), 0, `${title}: ${yard.watches.get('main')?.worstA} A`)
  if (yard.options.circuits[0]?.metered === true) {
    // It takes what it is written for nothing: no sample of these may prove that it gave way.
    yard.ignoring.add('CP-1')
    yard.baseA.set('main', [30, 30, 30])
    await yard.world.runFor(MINUTE)
    t.equal(seen.unbooked, '', `${title}: a lower is proven by nothing that cannot be read`)
    t.ok(yard.overMs('main') <= ALIVE_MS + 11 * SECOND, `${title}: met in ${yard.overMs('main')} ms`)
  }
  await yard.close()
}

const values =
  (change: (value: Value, at: number) => Value | readonly Value[]) =>
  (samples: Samples): Samples =>
    samples.map(({ timestamp, sampledValue }) => ({ timestamp, sampledValue: sampledValue.flatMap(change) }))
const valued = (value: (was: string) => string) => values(one => ({ ...one, value: value(one.value) }))

/** Each sample off by another amount, so that no clock fits. */
function timesOff(): (samples: Samples) => Samples {
  let turn = 0
  return samples =>
    samples.map(({ timestamp, sampledValue }) => {
      const byMs = ([-3, 5, 0, -26, 1] as const)[turn++ % 5] ?? 0
      return { timestamp: new Date(Date.parse(timestamp) + byMs * HOUR).toISOString(), sampledValue }
    })
}

/** Its register alone, as `of` makes it. */
function register(of: (wh: number, nth: number) => number): (samples: Samples) => Samples {
  let nth = 0
  return values(one => {
    if (one.measurand !== 'Energy.Active.Import.Register') return []
    return { ...one, unit: 'Wh', value: String(of(Number(one.value), nth++)) }
  })
}

/** Amps alone, so that nothing else tells of them. */
const amps = (samples: Samples): Samples =>
  values(one => (IS_CURRENT.test(one.measurand ?? '') ? one : []))(samples)

/** `tells`: all that flows is in it, however oddly it is said. */
const rows: readonly [title: string, spoiled: () => (samples: Samples) => Samples, tells?: 'tells'][] = [
  ['NaN', () => valued(() => 'NaN')],
  ['nothing at all', () => valued(() => '')],
  ['negative values', () => valued(was => `-${was}`)],
  ['10^9', () => valued(() => '1000000000')],
  ['missing phases', () => values(one => (one.phase === 'L1' || one.phase === undefined ? one : []))],
  [
    'a phase that comes twice, the second time as 0',
    () => samples => values(one => [one, { ...one, value: '0' }])(amps(samples)),
    'tells',
  ],
  [
    'a phase that comes twice, the first time as 0',
    () => samples => values(one => [{ ...one, value: '0' }, one])(amps(samples)),
    'tells',
  ],
  [
    'phases in another order',
    () => samples => amps(samples).map(one => ({ ...one, sampledValue: one.sampledValue.toReversed() })),
    'tells',
  ],
  [
    'phases mixed in several meterValues',
    () => samples =>
      amps(samples).flatMap(({ timestamp, sampledValue }) =>
        sampledValue.toReversed().map(value => ({ timestamp, sampledValue: [value] })),
      ),
    'tells',
  ],
  ['timestamps that are hours off, each by another amount', timesOff],
  ['a register that jumps', () => register((wh, nth) => wh + (nth % 3 === 2 ? 1e6 : 0))],
  ['a register that starts again at 0', () => register((wh, nth) => (nth < 3 ? wh : wh % 100))],
  ['a register that steps by 1 kWh', () => register(wh => Math.floor(wh / 1_000) * 1_000)],
]

for (const [title, spoiled, tells] of rows)
  t.test(`bad input: ${title} is unknown, never less than flows and never a raise`, async t => {
    for (const metered of [false, true]) {
      const yard = await charging(metered)
      await holds(t, yard, metered ? 'metered' : 'unmetered', () => yard.resampled.set('CP-1', spoiled()))
    }
    if (tells === undefined) return
    const yard = await charging(false)
    yard.resampled.set('CP-1', spoiled())
    await yard.world.runFor(MINUTE)
    yard.ignoring.add('CP-1')
    yard.forgetProfiles('CP-1')
    await yard.world.runFor(20 * SECOND)
    t.equal(yard.flowA('CP-1')[0], 32)
    t.equal(yard.connectorView('CP-1').bookedA, 32, 'what it draws against its limit is seen all the same')
    await yard.world.runFor(MINUTE)
    t.ok(yard.overMs('main') <= 10 * SECOND + ALIVE_MS, `over for ${yard.overMs('main')} ms`)
    await yard.close()
  })

t.test(
  'bad input: all times of a station some hours off are never less than flows and never a raise',
  async t => {
    for (const aheadMs of [-5 * HOUR, 3 * HOUR]) {
      const yard = await charging(false)
      await holds(t, yard, `${aheadMs / HOUR} h`, () => yard.shownAheadMs.set('CP-1', aheadMs))
    }
  },
)

t.test('bad input: profiles that a station invents are never less than flows and never a raise', async t => {
  const composite = (limit: number, more: object = {}) => ({
    status: 'Accepted',
    connectorId: 1,
    scheduleStart: '2026-01-14T00:00:00Z',
    chargingSchedule: {
      duration: 60,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit, ...more }],
    },
  })
  const answers: readonly [string, object][] = [
    ['0 A where it allows more', composite(0)],
    ['3 A', composite(3)],
    ['its rating, whatever was written', composite(32)],
    ['10^9 A', composite(1e9)],
    ['one phase', composite(8, { numberPhases: 1 })],
    ['rejected', { status: 'Rejected' }],
    ['of another connector', { ...composite(0), connectorId: 7 }],
  ]
  for (const [title, answer] of answers) {
    const yard = await charging(false)
    await holds(t, yard, title, () => {
      yard.compositeAnswer = answer
      // Both are laid and read anew.
      for (const id of ['CP-1', 'CP-2']) yard.station(id).cutLine()
    })
  }
})
