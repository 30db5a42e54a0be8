/**
 * Who may send of what lies on the disk next, over all stations: a few in each turn of the loop, so that two hundred
 * stations that drain side by side leave room between them for those that wait for an answer now. Must not know messages.
 */
import type { Clock, Timer } from '../../ports.js'

/** Some 10 ms of work on a small machine, and far more in a second than any CSMS takes. */
const PER_TURN = 32
const TURN_MS = 1

export class ReplayTurns {
  readonly #clock: Pick<Clock, 'after'>
  /** At most one per station. */
  #line: (() => void)[] = []
  #taken = 0
  #timer: Timer | undefined

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /** Runs at once where there is room in this turn, else when it is this one's. */
  join(run: () => void): void {
    this.#timer ??= this.#clock.after(TURN_MS, () => this.#next())
    if (this.#taken >= PER_TURN) {
      this.#line.push(run)
      return
    }
    this.#taken++
    run()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#line = []
  }

  #next(): void {
    this.#timer = undefined
    this.#taken = 0
    for (const run of this.#line.splice(0, PER_TURN)) this.join(run)
    if (this.#line.length > 0) this.#timer ??= this.#clock.after(TURN_MS, () => this.#next())
  }
}
