/**
 * How long Busbar takes from the reading of a meter that shows too much to the first lower that reaches a station: the part of
 * the promise that is its own (1.5 s; before it lies one poll). Only where a lower is due (`due.ts`), only while meters,
 * stations' lines and Busbar itself are well. One that does not come counts with the time that it was due. Pure: readings, looks and
 * writes come with their time.
 */

/** By the promise, from the reading to the wire. */
export const ANSWER_MS = 1_500

export class Reactions {
  /** ms each. */
  readonly tookMs: number[] = []
  /** Since a reading has shown too much. */
  readonly #sinceMs = new Map<string, number>()
  #isCalm = false

  /** The meter of a circuit was read; `isDue`: it showed more than the limit, and a lower helps. */
  read(nowMs: number, id: string, isDue: boolean): void {
    if (isDue && this.#isCalm && !this.#sinceMs.has(id)) this.#sinceMs.set(id, nowMs)
  }

  /** `calm`: no fault that slows an answer is about. `isDue`: a lower would still help on that circuit. */
  look(nowMs: number, isDue: (id: string) => boolean, calm: boolean): void {
    this.#isCalm = calm
    for (const [id, sinceMs] of this.#sinceMs) {
      if (calm && isDue(id)) continue
      this.#sinceMs.delete(id)
      // Gone by itself: within its time Busbar owed nothing yet.
      if (calm && nowMs - sinceMs > ANSWER_MS) this.tookMs.push(nowMs - sinceMs)
    }
  }

  /** A lower has reached a station on these circuits. */
  lowered(nowMs: number, path: readonly string[]): void {
    for (const id of path) {
      const sinceMs = this.#sinceMs.get(id)
      if (sinceMs === undefined) continue
      this.#sinceMs.delete(id)
      this.tookMs.push(nowMs - sinceMs)
    }
  }
}

/** One line for people. */
export function reactionLine(tookMs: readonly number[]): string {
  const sorted = tookMs.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(3)} s`
  const promised = `(${(ANSWER_MS / 1000).toFixed(1)} s promised)`
  return sorted.length === 0
    ? `from a reading above a limit to the first lower on the wire: none was due ${promised}`
    : `from a reading above a limit to the first lower on the wire: ${sorted.length} times, p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} ${promised}`
}
