import t from 'tap'
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
