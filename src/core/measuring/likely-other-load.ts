/**
 * Other load as it most likely is, for people: the meter less what the stations draw. While a station moves and has not told
 * yet, its draw is a range between what it was and what it was offered; then what was believed of the other load before
 * holds on as long as that range allows it. A fall that is just one car's draw is that car, until its station tells.
 * Decides nothing; decisions take the safe edge (control rule 14). Pure.
 */
import { maxOf, minOf, type PerPhase, PHASE_INDEXES, subtract, ZERO } from '../site/phases.js'

/** What one connector may draw now, A per site phase. */
export interface Draw {
  readonly key: string
  readonly lowA: PerPhase
  readonly highA: PerPhase
}

export interface LikelyOther {
  readonly monoMs: number
  readonly otherA: PerPhase
  /** Connectors taken to have stopped, and the end of that. */
  readonly stopped: ReadonlyMap<string, number>
}

/** Two meters and the ripple of a car do not agree better. */
const ALIKE_A = 0.8
const LEAST_STOP_A = 4
/** Every station tells within this. */
const STOPPED_MS = 75_000

export function likelyOther(
  before: LikelyOther | undefined,
  at: {
    readonly meterA: PerPhase
    readonly draws: readonly Draw[]
    /** Has told something new since the last time. */
    readonly told: (key: string) => boolean
    readonly nowMs: number
  },
): LikelyOther {
  const { meterA, draws, nowMs } = at
  const stopped = new Map(
    [...(before?.stopped ?? [])].filter(([key, endMs]) => nowMs < endMs && !at.told(key)),
  )
  const first = rangeOf(meterA, draws, stopped)
  const fallen =
    before === undefined ? undefined : stoppedOne(draws, stopped, subtract(before.otherA, first.highA))
  if (fallen !== undefined) stopped.set(fallen, nowMs + STOPPED_MS)
  const { lowA, highA } = fallen === undefined ? first : rangeOf(meterA, draws, stopped)
  const otherA = before === undefined ? highA : minOf(highA, maxOf(lowA, before.otherA))
  return { monoMs: nowMs, otherA: maxOf(otherA, ZERO), stopped }
}

function rangeOf(
  meterA: PerPhase,
  draws: readonly Draw[],
  stopped: ReadonlyMap<string, number>,
): { readonly lowA: PerPhase; readonly highA: PerPhase } {
  const least: [number, number, number] = [0, 0, 0]
  const most: [number, number, number] = [0, 0, 0]
  for (const { key, lowA, highA } of draws) {
    const isStopped = stopped.has(key)
    for (const phase of PHASE_INDEXES) {
      if (!isStopped) least[phase] += lowA[phase]
      most[phase] += highA[phase]
    }
  }
  return { lowA: subtract(meterA, most), highA: maxOf(subtract(meterA, least), ZERO) }
}

/** The connector whose whole draw is just what is missing. */
function stoppedOne(
  draws: readonly Draw[],
  stopped: ReadonlyMap<string, number>,
  missingA: PerPhase,
): string | undefined {
  if (Math.max(...missingA) < LEAST_STOP_A) return undefined
  return draws.find(
    ({ key, lowA }) =>
      !stopped.has(key) &&
      Math.max(...lowA) >= LEAST_STOP_A &&
      PHASE_INDEXES.every(phase => Math.abs(missingA[phase] - lowA[phase]) <= ALIKE_A + 0.05 * lowA[phase]),
  )?.key
}
