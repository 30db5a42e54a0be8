/**
 * Which stations a command could reach, and since when. One that was out of reach for as long as an answer may take has that
 * time anew when it is back: before, nothing could have been done about it. Others get no time for it: what they should have given way by
 * then was told them long before. Pure.
 */
export class Reach {
  readonly #awaySinceMs = new Map<number, number>()
  readonly #backMs = new Map<number, number>()

  /** `answerMs`: how long an answer may take by the promise. */
  constructor(private readonly answerMs: number) {}

  /** One look at the station of that number. */
  look(at: number, isReached: boolean, nowMs: number): void {
    const sinceMs = this.#awaySinceMs.get(at)
    if (!isReached) {
      if (sinceMs === undefined) this.#awaySinceMs.set(at, nowMs)
      return
    }
    if (sinceMs === undefined) return
    this.#awaySinceMs.delete(at)
    if (nowMs - sinceMs >= this.answerMs) this.#backMs.set(at, nowMs)
  }

  /** It has just come back after a long time. */
  isBack(at: number, nowMs: number): boolean {
    const backMs = this.#backMs.get(at)
    return backMs !== undefined && nowMs - backMs < this.answerMs
  }
}
