/** Limits that are held by looking at what flows: the mean of a quarter of an hour, and the UK G100 import limit. */
import fc from 'fast-check'
import t from 'tap'
import { WEEKDAYS } from '../../../src/core/config/limit-sources.js'
import { siteConfigSchema } from '../../../src/core/config/site.js'
import { siteProfileSchema } from '../../../src/core/config/site-profile.js'
import { stationModelSchema } from '../../../src/core/config/station-model.js'
import { Controller } from '../../../src/core/control/controller.js'
import type { ControlState } from '../../../src/core/control/state.js'
import { cleared, ordered } from '../../../src/core/limits/book.js'
import { circuitTarget, targetOf } from '../../../src/core/limits/declared.js'
import {
  keptExcursions,
  LOCKED_MS,
  NO_EXCURSIONS,
  restoredExcursions,
  stepExcursions,
} from '../../../src/core/limits/excursions.js'
import { type QuarterBudget, stepQuarterBudget } from '../../../src/core/limits/quarter-budget.js'

const QUARTER_S = 900
const START_MS = Date.parse('2026-01-15T12:00:00Z')
const MOST_W = 66_000

/** Cars that draw the most they may, and follow as late as the promise lets them; other load as it comes. */
function quarters(
  meanLimitW: number,
  worstOtherW: number,
  otherAt: (s: number) => number,
): readonly number[] {
  let budget: QuarterBudget | undefined
  const told: number[] = []
  const means: number[] = []
  let sumWs = 0
  for (let s = 0; s < 4 * QUARTER_S; s++) {
    const otherW = otherAt(s)
    const carsW = Math.max(0, ...told.slice(-15))
    const at = { monoMs: s * 1000, wallMs: START_MS + s * 1000 }
    const powerW = otherW + carsW
    budget = stepQuarterBudget(budget, {
      ...{ ...at, meanLimitW, powerW, otherW, worstOtherW, mostStationsW: MOST_W },
    })
    told.push(budget.told.at(-1)?.stationsW ?? MOST_W)
    sumWs += powerW
    if ((s + 1) % QUARTER_S === 0) {
      means.push(sumWs / QUARTER_S)
      sumWs = 0
    }
  }
  return means
}

t.test(
  'the mean of a quarter is never above its limit, whatever other load does up to its worst',
  async () => {
    const site = fc.record({
      meanLimitW: fc.integer({ min: 20_000, max: 60_000 }),
      worst: fc.double({ min: 0, max: 1, noNaN: true }),
      steps: fc.array(
        fc.record({
          forS: fc.integer({ min: 1, max: 300 }),
          part: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        { minLength: 1, maxLength: 60 },
      ),
    })
    fc.assert(
      fc.property(site, ({ meanLimitW, worst, steps }) => {
        const worstOtherW = worst * 0.95 * meanLimitW
        const course = steps.flatMap(({ forS, part }) => new Array<number>(forS).fill(part * worstOtherW))
        // The first quarter begins with cars of which nothing is known.
        const means = quarters(meanLimitW, worstOtherW, s => course[s % course.length] ?? 0).slice(1)
        for (const meanW of means)
          if (meanW > meanLimitW + 1) throw new Error(`a mean of ${meanW} W above ${meanLimitW} W`)
      }),
      { numRuns: 30 },
    )
  },
)

t.test('nearly all of a mean of 40 kW is used beside 10 kW of other load', async t => {
  for (const meanW of quarters(40_000, 20_000, () => 10_000).slice(1))
    t.ok(meanW > 38_000 && meanW <= 40_000, `${Math.round(meanW)} W`)
})

t.test(
  'a quarter of which the beginning was not seen is planned at the mean, and so is one after the clock was moved',
  async t => {
    const look = { meanLimitW: 40_000, otherW: 0, worstOtherW: 0, mostStationsW: MOST_W }
    let budget: QuarterBudget | undefined
    for (let s = 0; s < 60; s++)
      budget = stepQuarterBudget(budget, {
        ...{ ...look, monoMs: s * 1000, wallMs: START_MS + 600_000 + s * 1000, powerW: 10_000 },
      })
    const beforeW = budget?.told.at(-1)?.stationsW ?? 0
    t.ok(beforeW > 40_000, 'what is left of a minute is spread over the rest')
    budget = stepQuarterBudget(budget, {
      ...look,
      monoMs: 60_000,
      wallMs: START_MS + 900_000 * 5,
      powerW: 10_000,
    })
    t.ok((budget.told.at(-1)?.stationsW ?? 0) <= 40_000, `${budget.told.at(-1)?.stationsW} W after a jump`)
    t.ok(
      stepQuarterBudget(budget, {
        ...look,
        monoMs: 90_000,
        wallMs: START_MS + 900_000 * 5 + 30_000,
        powerW: undefined,
      }).usedWs >=
        MOST_W * 29,
      'while nobody knows what flows, the most counts',
    )
  },
)

t.test('UK G100: which excursions above the import limit lock the stations out', async t => {
  /** Seconds over and not over, in turns. */
  const after = (turns: readonly number[]) => {
    let state = NO_EXCURSIONS
    let nowMs = 0
    turns.forEach((forS, turn) => {
      for (let s = 0; s < forS; s++) {
        state = stepExcursions(state, turn % 2 === 0, nowMs)
        nowMs += 1_000
      }
    })
    return { state, nowMs, locked: (state.lockedUntilMs ?? 0) > nowMs }
  }
  for (const [turns, locked, what] of [
    [[15, 900], false, '15 s do not count yet'],
    [[16, 900], false, 'one of 16 s counts'],
    [[61, 10], true, 'one of a minute'],
    [[16, 500, 16, 10], true, 'two within 10 min'],
    [[16, 700, 16, 10], false, 'two further apart'],
    [[16, 700, 16, 700, 16, 700, 16, 10], true, 'four within a day'],
    [[14, 5, 14, 5, 14, 5, 14, 5], false, 'many short ones'],
  ] as const)
    t.equal(after(turns).locked, locked, what)
  const { state, nowMs } = after([61, 10])
  t.equal(stepExcursions(state, false, nowMs + LOCKED_MS + 1).lockedUntilMs, undefined, 'over after 4 h')
  const back = restoredExcursions(keptExcursions(state, nowMs), 5_000_000)
  t.equal(
    (back.lockedUntilMs ?? 0) - 5_000_000,
    (state.lockedUntilMs ?? 0) - nowMs,
    'a restart does not end it',
  )
  let blind = stepExcursions(NO_EXCURSIONS, true, 0)
  for (let s = 1; s <= 61; s++) blind = stepExcursions(blind, undefined, s * 1_000)
  t.ok(blind.lockedUntilMs !== undefined, 'a meter that is silent does not end it')
})

const MODEL = stationModelSchema.parse({
  ...{ id: 'm', vendor: 'v', models: [], sources: [], configuration: [] },
  smartCharging: { rateUnits: ['A'], maxStackLevel: 1, maxPeriods: 10, maxProfiles: 30, holdsZero: true },
})
const PROFILE = siteProfileSchema.parse({
  ...{ id: 'workplace', title: 'test', raiseAfterMs: 0, raiseStepA: 32, raiseEveryMs: 1, deadBandA: 1 },
  reclaim: { belowOfferA: 1, afterMs: 60_000, keepA: 2, probeStepA: 4, probeEveryMs: 300_000 },
  ...{ minOnMs: 0, minOffMs: 0, quantumMs: 900_000, maxLeaseS: 300 },
})
const EVERY_SOURCE = siteConfigSchema.parse({
  version: 1,
  site: { id: 's', timeZone: 'UTC' },
  circuits: [
    { id: 'main', ratedCurrentA: 100, marginA: 2, meter: 'grid', worstCaseOtherLoadA: 10 },
    { id: 'east', parent: 'main', ratedCurrentA: 63, marginA: 1, worstCaseOtherLoadA: 0 },
  ],
  meters: [{ id: 'grid', device: 'x', connection: { kind: 'tcp', host: 'h' } }],
  stations: ['CP-1', 'CP-2'].map(id => ({
    ...{ id, device: 'm', circuit: 'east' },
    connectors: [{ id: 1, phases: 'L1L2L3', phaseRotation: 'RST', maxCurrentA: 32, failSafeCurrentA: 6 }],
  })),
  limits: {
    sources: [{ door: 'mqtt', id: 'a', circuit: 'east', fallbackLimitA: 40 }],
    windows: [{ id: 'w', circuit: 'main', days: [...WEEKDAYS], from: '12:03', to: '12:09', limitA: 70 }],
    gridControls: [{ id: 'dso', door: 'mqtt', onSilence: 'reduce' }],
    meanLimits: [{ id: 'quarter', circuit: 'main', meanLimitW: 30_000 }],
    importLimits: [{ id: 'g100', circuit: 'main', limitA: 80, lockedStationsA: 8 }],
  },
})

t.test(
  'control rule 17: of orders, windows, silences, quarter-hour mean and G100 together the lowest holds, and never more than is carried',
  async () => {
    const step = fc.record({
      forS: fc.integer({ min: 1, max: 90 }),
      loadA: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
      source: fc.constantFrom('api' as const, 'mqtt' as const, 'modbus' as const, 'grid' as const),
      id: fc.constantFrom('a', 'dso'),
      node: fc.constantFrom(0, 1),
      ofStations: fc.boolean(),
      isW: fc.boolean(),
      limitA: fc.integer({ min: 0, max: 150 }),
      durationS: fc.integer({ min: 1, max: 300 }),
      does: fc.constantFrom('nothing' as const, 'order' as const, 'clear' as const),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), steps => {
        const begun = { monoMs: 0, wallMs: START_MS }
        const site = {
          ...{ config: EVERY_SOURCE, models: new Map([['m', MODEL]]), profile: PROFILE, leaseS: new Map() },
          csmsSteps: (_s: string, _c: number, fromMs: number) => [{ atMs: fromMs, limitA: undefined }],
        }
        const controller = new Controller(site, [], begun)
        const { state } = controller
        const truth = new Map<
          string,
          { node: number; ofStations: boolean; limitA: number; untilMs: number }
        >()
        let monoMs = 0
        for (const { forS, loadA, source, id, node, ofStations, isW, limitA, durationS, does } of steps) {
          monoMs += forS * 1_000
          const now = { monoMs, wallMs: START_MS + monoMs }
          const key = `${source}/${id}`
          if (does === 'order') {
            const highV = 230 * 1.1
            const value = isW
              ? ({ unit: 'W', total: limitA * 3 * highV } as const)
              : ({ unit: 'A', perPhase: limitA } as const)
            const target = circuitTarget(targetOf(node === 0 ? 'main' : 'east'), ofStations)
            const limit = { source, id, target, value, priority: 5, by: 'test' }
            state.orders =
              ordered(state.orders, limit, { durationMs: durationS * 1_000, now }) ?? state.orders
            truth.set(key, { node, ofStations, limitA, untilMs: monoMs + durationS * 1_000 })
          }
          if (does === 'clear') {
            state.orders = cleared(state.orders, key)
            truth.delete(key)
          }
          if (loadA !== undefined)
            controller.onMeter({ meterId: 'grid', monoMs, currentA: [loadA, loadA, loadA] }, now)
          controller.decide(now)
          controller.takeEffects()
          const held = heldNow(
            state,
            now.wallMs,
            new Set([...truth].flatMap(([name, { untilMs }]) => (untilMs > monoMs ? [name] : []))),
          )
          const running = [...truth.values()].filter(({ untilMs }) => untilMs > monoMs)
          for (const at of [0, 1])
            for (const isOfStations of [false, true]) {
              const all = [...running, ...held].filter(it => it.node === at && it.ofStations === isOfStations)
              const expectedA = Math.min([98, 62][at] ?? 0, ...all.map(it => it.limitA))
              const foundA = isOfStations
                ? (state.stationBindings[at]?.limitA ?? [98, 62][at] ?? 0)
                : (state.limitsA[at] ?? 0)
              if (Math.abs(foundA - expectedA) > 1e-6)
                throw new Error(
                  `${foundA} instead of ${expectedA} A at ${at}, ${isOfStations ? 'stations' : 'all'}`,
                )
            }
        }
      }),
      { numRuns: 60 },
    )
  },
)

/** What the configuration of `EVERY_SOURCE` holds by itself now; of mean and lock-out as far as they have come. */
function heldNow(state: ControlState, wallMs: number, said: ReadonlySet<string>) {
  const minute = Math.floor((wallMs - START_MS) / 60_000)
  const meanW = state.budgets.get('quarter')?.told.at(-1)?.stationsW ?? 0
  const isLocked = (state.excursions.get('g100')?.lockedUntilMs ?? 0) > wallMs - START_MS
  const highV = 230 * 1.1
  return [
    { node: 0, ofStations: false, limitA: 80 },
    { node: 0, ofStations: true, limitA: meanW / (3 * highV) },
    ...(minute >= 3 && minute < 9 ? [{ node: 0, ofStations: false, limitA: 70 }] : []),
    ...(isLocked ? [{ node: 0, ofStations: true, limitA: 8 }] : []),
    ...(said.has('mqtt/a') ? [] : [{ node: 1, ofStations: false, limitA: 40 }]),
    ...(said.has('grid/dso') ? [] : [{ node: 0, ofStations: true, limitA: 7_560 / (3 * highV) }]),
  ]
}
