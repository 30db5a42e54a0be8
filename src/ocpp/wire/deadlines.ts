/**
 * Many waits, most of which end early, on one timer of the clock: it stands at the earliest of them and is only set
 * again when it has run out, so that a wait that begins and ends in between costs no timer. Must not know what waits.
 */
import type { Clock, Timer } from '../../ports.js'

interface Wait {
  readonly dueMs: number
  readonly run: () => void
}

export class Deadlines {
  readonly #clock: Pick<Clock, 'monoMs' | 'after'>
  /** Few: as many as CALLs of one station are on their way. */
  readonly #waits: Wait[] = []
  #timer: Timer | undefined
  #timerDueMs = 0

  constructor(clock: Pick<Clock, 'monoMs' | 'after'>) {
    this.#clock = clock
  }

  /** As `Clock.after`. */
  after(delayMs: number, run: () => void): Timer {
    const nowMs = this.#clock.monoMs()
    const wait: Wait = { dueMs: nowMs + delayMs, run }
    this.#waits.push(wait)
    if (this.#timer === undefined || wait.dueMs < this.#timerDueMs) this.#set(wait.dueMs, delayMs)
    return { cancel: () => this.#remove(wait) }
  }

  /** Forgets every wait and stands still until the next one. */
  stop(): void {
    this.#waits.length = 0
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #remove(wait: Wait): void {
    const at = this.#waits.indexOf(wait)
    if (at >= 0) this.#waits.splice(at, 1)
  }

  #set(dueMs: number, delayMs: number): void {
    this.#timer?.cancel()
    this.#timerDueMs = dueMs
    this.#timer = this.#clock.after(delayMs, () => this.#ring())
  }

  #ring(): void {
    this.#timer = undefined
    const nowMs = this.#clock.monoMs()
    const due = this.#waits.filter(wait => wait.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs)
    // one that an earlier one has cancelled is no longer there
    for (const wait of due) {
      if (!this.#waits.includes(wait)) continue
      this.#remove(wait)
      wait.run()
    }
    this.#rest()
  }

  /** What is left waits for a timer of its own, unless a new wait has set one already. */
  #rest(): void {
    let next: Wait | undefined
    for (const wait of this.#waits) if (next === undefined || wait.dueMs < next.dueMs) next = wait
    if (next === undefined || (this.#timer !== undefined && this.#timerDueMs <= next.dueMs)) return
    this.#set(next.dueMs, Math.max(0, next.dueMs - this.#clock.monoMs()))
  }
}
