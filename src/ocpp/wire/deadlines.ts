/**
 * Many waits, most of which end early, on one timer of the clock: it stands at the earliest of them and is only set
 * again when it has run out, so that a wait that begins and ends in between costs no timer. Must not know what waits.
 */
import type { Clock, Timer } from '../../ports.js'

export class Deadlines {
  readonly #clock: Pick<Clock, 'monoMs' | 'after'>
  /** Few: as many as CALLs of one station are on their way. */
  readonly #waits: Wait[] = []
  #timer: Timer | undefined
  #timerDueMs = 0

  constructor(clock: Pick<Clock, 'monoMs' | 'after'>) {
    this.#clock = clock
  }

  /** As `Clock.after`; whoever has just looked at the clock hands in what it said. */
  after(delayMs: number, run: () => void, nowMs = this.#clock.monoMs()): Timer {
    const wait = new Wait(this.#waits, nowMs + delayMs, run)
    this.#waits.push(wait)
    if (this.#timer === undefined || wait.dueMs < this.#timerDueMs) this.#set(wait.dueMs, delayMs)
    return wait
  }

  /** Forgets every wait and stands still until the next one. */
  stop(): void {
    this.#waits.length = 0
    this.#timer?.cancel()
    this.#timer = undefined
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
      wait.cancel()
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

class Wait implements Timer {
  readonly #among: Wait[]
  readonly dueMs: number
  readonly run: () => void

  constructor(among: Wait[], dueMs: number, run: () => void) {
    this.#among = among
    this.dueMs = dueMs
    this.run = run
  }

  cancel(): void {
    const at = this.#among.indexOf(this)
    if (at === this.#among.length - 1) this.#among.length -= at < 0 ? 0 : 1
    else if (at >= 0) this.#among.splice(at, 1)
  }
}
