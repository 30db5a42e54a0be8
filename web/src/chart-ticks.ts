/** Where a plot has its ticks: round amps, and round times of the clock on the wall. Pure. */

/** Seconds; beyond a day whole days. */
const TIME_STEPS = [
  ...[1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200],
  ...[1, 2, 5, 10, 20].map(days => days * 86_400),
]
const ROUND = [1, 2, 5, 10]

/** From `lowest` to `most`, at most `count` steps; ascending. */
export function valueTicks(lowest: number, most: number, count: number): readonly number[] {
  const least = (most - lowest) / Math.max(1, count)
  if (!(least > 0) || !Number.isFinite(least)) return [lowest]
  const power = 10 ** Math.floor(Math.log10(least))
  const step = (ROUND.find(round => round * power >= least * 0.999_999) ?? 10) * power
  const first = Math.ceil(lowest / step - 1e-9)
  const last = Math.floor(most / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

/** Unix seconds, at most `count` steps; `offsetS` is what a clock on the wall is ahead of UTC at a time. */
export function timeTicks(
  fromS: number,
  untilS: number,
  count: number,
  offsetS: (atS: number) => number,
): readonly number[] {
  const least = (untilS - fromS) / Math.max(1, count)
  const step = TIME_STEPS.find(one => one >= least) ?? TIME_STEPS.at(-1) ?? 86_400
  const first = Math.ceil((fromS + offsetS(fromS)) / step)
  const ticks: number[] = []
  for (let at = first; ticks.length <= count + 1; at++) {
    // by the summer time of that day
    const tick = at * step - offsetS(at * step - offsetS(fromS))
    if (tick > untilS) break
    ticks.push(tick)
  }
  return ticks
}
