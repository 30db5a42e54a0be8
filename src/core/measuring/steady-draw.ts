/**
 * What a car surely draws where its station shows an energy register only, and it has taken all of an offer that did not
 * change: two neighbouring values of a register lie a step apart from the truth, a minute of them hardly. A car that takes less
 * than its offer goes by its own will, and is known by its last two values alone. Pure (control rule 14).
 */
import type { RegisterPoint } from './best-estimate.js'

/** As much less may come of an offer: metering, voltage, ripple. */
const TAKES_SHARE = 0.93
const HOUR_MS = 3_600_000

/**
 * The mean over as long as no later values speak against it, at its lower edge, W; undefined for a car that does not take all
 * of `offeredW`, or where the register has not counted long enough under it.
 */
export function steadyPowerW(
  points: readonly RegisterPoint[],
  resolutionWh: number,
  { offeredW, sinceMs }: { readonly offeredW: number; readonly sinceMs: number },
): number | undefined {
  const last = points.at(-1)
  if (last === undefined) return undefined
  let mostW = Number.MAX_VALUE
  let leastW = 0
  let meanW = 0
  for (const { monoMs, energyWh } of points.slice(0, -1).reverse()) {
    if (monoMs < sinceMs) break
    const perHour = HOUR_MS / (last.monoMs - monoMs)
    const drawnWh = last.energyWh - energyWh
    const lowerW = (drawnWh - resolutionWh) * perHour
    // It draws less than it did: what was before tells nothing of now.
    if (lowerW > mostW) return undefined
    mostW = Math.min(mostW, (drawnWh + resolutionWh) * perHour)
    if (lowerW > leastW) meanW = drawnWh * perHour
    leastW = Math.max(leastW, lowerW)
  }
  return mostW >= offeredW * TAKES_SHARE && meanW >= offeredW * TAKES_SHARE ? leastW : undefined
}
