import t from 'tap'
import {
  adopted,
  clockFault,
  clockStep,
  isSettled,
  newSiteClock,
  siteWallMs,
} from '../../../src/core/control/site-clock.js'
import { type ClockReading, readClock } from '../../../src/core/station/clock.js'

/** Feeds [our time s, station time s] pairs; gives whether each spoke of now, and the last offset in s. */
function play(pairs: readonly (readonly [number, number])[]): {
  now: boolean[]
  offsetS: number | undefined
} {
  let reading: ClockReading | undefined
  const now = pairs.map(([ourS, stationS]) => {
    const step = readClock(reading, stationS * 1000, ourS * 1000)
    reading = step.reading
    return step.isNow
  })
  return { now, offsetS: reading === undefined ? undefined : reading.offsetMs / 1000 }
}

t.test('the clock of a station', async t => {
  t.strictSame(
    play([
      [0, 600],
      [10, 610],
      [20, 620],
    ]),
    { now: [true, true, true], offsetS: 600 },
    'a constant offset is its offset',
  )
  t.strictSame(
    play([
      [0, 0],
      [10, 610],
    ]),
    { now: [true, true], offsetS: 600 },
    'a clock set forward counts at once',
  )
  t.strictSame(
    play([
      [0, 600],
      [10, 10],
      [20, 20],
      [30, 30],
      [40, 40],
    ]),
    { now: [true, false, false, true, true], offsetS: 0 },
    'a clock set back counts once it keeps standing there',
  )
  t.strictSame(
    play([
      [0, 0],
      [100, -500],
      [100.1, -490],
      [100.2, -480],
      [100.3, -470],
      [101, 101],
    ]).now,
    [true, false, false, false, false, true],
    'a queue being emptied says nothing about the clock',
  )
  const drift = play(Array.from({ length: 60 }, (_, i) => [i * 60, i * 60 - i * 0.1] as const))
  t.ok(Math.abs((drift.offsetS ?? 0) - -5.9) < 3, `a slow drift is followed: ${drift.offsetS} s`)
})

t.test("Busbar's own clock at a start before what was written down last", async t => {
  const lastMs = Date.UTC(2026, 5, 1)
  t.equal(
    clockFault(newSiteClock(lastMs - 50_000, 0, lastMs), 0),
    undefined,
    'some seconds back are no fault',
  )
  t.equal(clockFault(newSiteClock(lastMs, 0), 0), undefined)
  t.equal(clockFault(newSiteClock(86_400_000, 0), 0), 'never set')
  let clock = newSiteClock(0, 5_000, lastMs)
  t.equal(siteWallMs(clock, 5_000), lastMs, 'goes on from there')
  clock = clockStep(clock, 600_000, 605_000)
  t.equal(siteWallMs(clock, 605_000), lastMs + 600_000)
  t.equal(isSettled(clock, 605_000), false, 'however long the wrong time lasts')
  t.equal(clockFault(clock, 605_000), 'behind')
  const rightMs = lastMs + 7_200_000
  clock = clockStep(clock, rightMs, 606_000)
  t.equal(clockFault(clock, 606_000), 'behind', 'a right one has to last first')
  clock = adopted(clockStep(clock, rightMs + 61_000, 667_000))
  t.equal(siteWallMs(clock, 667_000), rightMs + 61_000)
  t.equal(clockFault(clock, 667_000), undefined)
  const ahead = clockStep(newSiteClock(rightMs, 0, rightMs * 2), rightMs + 86_400_000, 86_400_000)
  t.ok(ahead.jump !== undefined, 'after a day the floor itself is in doubt')
})
