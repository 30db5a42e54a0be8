/**
 * What a connector most likely draws, for people, where the station shows energy only. Control reckons with what is
 * provable (`measured.ts`); a provable figure is a quarter too low on a register that counts in steps, and nobody can check
 * it against a clamp meter. Pure; decides nothing.
 */

/** What the register showed when. */
export interface RegisterPoint {
  readonly monoMs: number
  readonly energyWh: number
}

/** Older points tell of a draw that may have changed long ago; intervals of 60 s are in use. */
const WINDOW_MS = 75_000
/** One a 4 s; a station that reports faster overwrites nothing of worth. */
const MAX_POINTS = 16
/** Closer points say little. */
const MIN_SPAN_MS = 4_000
/** With this many steps of the register between two points, rounding is at most 5 %. */
const GOOD_STEPS = 20
/** About 2 A on three phases: when a single step hides more than this, a register that stood still tells nothing. */
const BLIND_ABOVE_W = 1_500

/** The points of the last minute with one more; a register that went back begins anew. */
export function withPoint(points: readonly RegisterPoint[], point: RegisterPoint): readonly RegisterPoint[] {
  const last = points.at(-1)
  if (last !== undefined && point.energyWh < last.energyWh) return [point]
  if (last !== undefined && point.monoMs - last.monoMs < MIN_SPAN_MS) return points
  return [...points.filter(old => point.monoMs - old.monoMs <= WINDOW_MS), point].slice(-MAX_POINTS)
}

/**
 * Power over the shortest span that is exact enough, else over the longest, W. Undefined when the register is too coarse
 * or too new to tell.
 */
export function likelyPowerW(points: readonly RegisterPoint[], resolutionWh: number): number | undefined {
  const last = points.at(-1)
  if (last === undefined) return undefined
  let likelyW: number | undefined
  for (const { monoMs, energyWh } of points.slice(0, -1).reverse()) {
    const drawnWh = last.energyWh - energyWh
    const perHour = 3_600_000 / (last.monoMs - monoMs)
    const isBlind = drawnWh < 2 * resolutionWh && resolutionWh * perHour > BLIND_ABOVE_W
    likelyW = isBlind ? undefined : drawnWh * perHour
    if (drawnWh >= GOOD_STEPS * resolutionWh) break
  }
  return likelyW
}
