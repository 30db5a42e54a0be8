/** When to try a broker again: later each time it fails, anywhere up to a ceiling, so that many sites do not return together. */
import type { Random } from '../ports.js'

export const CONNECT_TIMEOUT_MS = 10_000
/** For what is said last to be taken by the broker before the link is dropped. */
export const STOP_GRACE_MS = 2000
const FIRST_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 60_000
/** A connection shorter than this does not count as success. */
const STABLE_AFTER_MS = 30_000

export class Backoff {
  readonly #random: Random
  #failures = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** `openForMs`: how long the connection that has ended was open; undefined where it never was. */
  nextMs(openForMs: number | undefined): number {
    if (openForMs !== undefined && openForMs >= STABLE_AFTER_MS) this.#failures = 0
    const ceilingMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures, 10))
    this.#failures++
    return Math.round(this.#random.next() * ceilingMs)
  }
}
