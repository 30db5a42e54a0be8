/**
 * How long Busbar takes from a load that came to the first lower that reaches a station: the part of the promise that is its
 * own (poll + 1.5 s). Only circuits with a meter that other load puts above their limit, only while meters, stations' lines
 * and Busbar itself are well. Pure: looks and writes come with their time.
 */

/** Less is noise, which no decision answers. */
const LEAST_RISE_A = 1
/** What was lowered so shortly before is still on its way to the cars. */
const ON_ITS_WAY_MS = 12_000

export interface MeteredCircuit {
  readonly limitA: number
  /** The most that flows on any phase. */
  readonly mostA: number
}

export class Reactions {
  /** ms each. */
  readonly tookMs: number[] = []
  readonly #since = new Map<string, number>()
  readonly #wasA = new Map<string, number>()
  readonly #loweredMs = new Map<string, number>()
  #lookedMs = 0

  /** `calm`: no fault that slows an answer is about. */
  look(nowMs: number, circuits: ReadonlyMap<string, MeteredCircuit>, calm: boolean): void {
    for (const [id, { limitA, mostA }] of circuits) {
      const wasA = this.#wasA.get(id) ?? mostA
      this.#wasA.set(id, mostA)
      if (mostA <= limitA || !calm) this.#since.delete(id)
      else if (
        wasA <= limitA &&
        mostA - wasA >= LEAST_RISE_A &&
        nowMs - (this.#loweredMs.get(id) ?? Number.NEGATIVE_INFINITY) > ON_ITS_WAY_MS
      )
        // It came at some moment since the last look.
        this.#since.set(id, this.#lookedMs)
    }
    this.#lookedMs = nowMs
  }

  /** A lower has reached a station on these circuits. */
  lowered(nowMs: number, path: readonly string[]): void {
    for (const id of path) {
      this.#loweredMs.set(id, nowMs)
      const sinceMs = this.#since.get(id)
      if (sinceMs === undefined) continue
      this.#since.delete(id)
      this.tookMs.push(nowMs - sinceMs)
    }
  }
}

/** One line for people; `pollS` is what the meters are read by. */
export function reactionLine(tookMs: readonly number[], pollS: number): string {
  const sorted = tookMs.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(2)} s`
  const promised = `(poll + 1.5 s is ${(pollS + 1.5).toFixed(1)} s)`
  return sorted.length === 0
    ? `reaction to the wire: nothing to react to ${promised}`
    : `reaction to the wire: ${sorted.length} loads, p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} ${promised}`
}
