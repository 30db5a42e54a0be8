/** Limits that are held by looking at what flows: the mean of a quarter of an hour, and the UK G100 import limit. */
import fc from 'fast-check'
import t from 'tap'
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
