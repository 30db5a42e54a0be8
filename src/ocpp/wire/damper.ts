/**
 * Lets a burst through at once and what follows at a steady pace: for messages that are cheap to send and dear to act
 * on (boots, and orders that provoke them). Must not know what is damped.
 */
import type { Clock } from '../../ports.js'

export interface Pace {
  /** So many at once. */
  readonly burst: number
  /** One more after each. */
  readonly everyMs: number
}

export class Damper {
  readonly #clock: Pick<Clock, 'monoMs'>
  readonly #pace: Pace
  /** When all of the burst may be used again. */
  #fullMs = Number.NEGATIVE_INFINITY

  constructor(clock: Pick<Clock, 'monoMs'>, pace: Pace) {
    this.#clock = clock
    this.#pace = pace
  }

  /** Takes one if it may pass now. */
  pass(): boolean {
    if (this.waitMs() > 0) return false
    this.#fullMs = Math.max(this.#fullMs, this.#clock.monoMs()) + this.#pace.everyMs
    return true
  }

  /** How long until one may pass; 0 = now. */
  waitMs(): number {
    const { burst, everyMs } = this.#pace
    return Math.max(0, this.#fullMs - (burst - 1) * everyMs - this.#clock.monoMs())
  }
}
