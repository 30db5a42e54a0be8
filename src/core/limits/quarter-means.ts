/**
 * Mean power by quarter of an hour, as grid operators ask for it: of the time in which it was known, with how much that was.
 * Bounded; the oldest go first. What is not known is neither zero nor what it was before.
 */
const QUARTER_MS = 900_000
/** Two days. */
export const MAX_QUARTERS = 192

export interface QuarterSum {
  readonly fromWallMs: number
  readonly knownMs: number
  readonly lastedMs: number
  /** W times ms. */
  readonly sum: number
}

/** As it is kept and shown. */
export interface QuarterMean {
  readonly from: string
  /** Absent where nothing was known. */
  readonly meanW?: number
  /** Of the time under the order in this quarter. */
  readonly knownPercent: number
  readonly lastedS: number
}

/** With what flowed since the last step; `powerW` undefined = nobody knows. Time that goes back begins a quarter of its own. */
export function stepQuarters(
  quarters: readonly QuarterSum[],
  wallMs: number,
  elapsedMs: number,
  powerW: number | undefined,
): readonly QuarterSum[] {
  const fromWallMs = Math.floor(wallMs / QUARTER_MS) * QUARTER_MS
  const newest = quarters.at(-1)
  const isSame = newest?.fromWallMs === fromWallMs
  const before = isSame ? newest : { fromWallMs, knownMs: 0, lastedMs: 0, sum: 0 }
  const next = {
    fromWallMs,
    lastedMs: before.lastedMs + elapsedMs,
    knownMs: before.knownMs + (powerW === undefined ? 0 : elapsedMs),
    sum: before.sum + (powerW ?? 0) * elapsedMs,
  }
  return [...(isSame ? quarters.slice(0, -1) : quarters), next].slice(-MAX_QUARTERS)
}

export function quarterMeans(quarters: readonly QuarterSum[]): readonly QuarterMean[] {
  return quarters
    .filter(({ lastedMs }) => lastedMs > 0)
    .map(({ fromWallMs, knownMs, lastedMs, sum }) => ({
      from: new Date(fromWallMs).toISOString(),
      ...(knownMs > 0 && { meanW: Math.round(sum / knownMs) }),
      knownPercent: Math.round((100 * knownMs) / lastedMs),
      lastedS: Math.round(lastedMs / 1000),
    }))
}
