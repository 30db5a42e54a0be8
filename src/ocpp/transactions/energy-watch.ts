/**
 * Calls when a session may have taken a given energy: by its register, and by what its connector can give where that says
 * nothing (core/measuring/energy-count.ts). Knows nothing of why.
 */
import { beganAt, counted, type EnergyCount, mayReachAtMs } from '../../core/measuring/energy-count.js'
import { meterReportOf } from '../../core/measuring/meter-values.js'
import type { Clock, Timer } from '../../ports.js'

export interface Watched {
  readonly transactionId: number
  /** Where its register stood, when that is known. */
  readonly registerWh: number | undefined
  readonly sinceMonoMs: number
  readonly limitWh: number
  readonly ratedW: number
}

interface Watch extends Watched {
  count: EnergyCount
  ownMs: number | undefined
  timer: Timer | undefined
  readonly onReached: () => void
}

export class EnergyWatch {
  readonly #clock: Clock
  readonly #watches = new Map<number, Watch>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(transactionId: number): boolean {
    return this.#watches.has(transactionId)
  }

  /** `onReached` comes once. */
  begin(watched: Watched, onReached: () => void): void {
    this.end(watched.transactionId)
    const count = beganAt(watched.registerWh, watched.sinceMonoMs)
    const watch: Watch = { ...watched, count, ownMs: undefined, timer: undefined, onReached }
    this.#watches.set(watched.transactionId, watch)
    this.#look(watch)
  }

  /** MeterValues of the session; those that are older than the last are none. Gives the register's value, if it tells one. */
  measured(transactionId: number, payload: unknown): number | undefined {
    const watch = this.#watches.get(transactionId)
    const report = watch === undefined ? undefined : meterReportOf(payload)
    const registerWh = report?.sample.energyWh
    if (watch === undefined || registerWh === undefined) return undefined
    const ownMs = report?.stationWallMs
    if (ownMs !== undefined && watch.ownMs !== undefined && ownMs < watch.ownMs) return undefined
    const ownSpanMs = ownMs === undefined || watch.ownMs === undefined ? undefined : ownMs - watch.ownMs
    watch.ownMs = ownMs ?? watch.ownMs
    watch.count = counted(watch.count, { registerWh, atMs: this.#clock.monoMs(), ownSpanMs }, watch.ratedW)
    this.#look(watch)
    return registerWh
  }

  end(transactionId: number): void {
    this.#watches.get(transactionId)?.timer?.cancel()
    this.#watches.delete(transactionId)
  }

  stop(): void {
    for (const transactionId of [...this.#watches.keys()]) this.end(transactionId)
  }

  #look(watch: Watch): void {
    watch.timer?.cancel()
    const leftMs = mayReachAtMs(watch.count, watch.limitWh, watch.ratedW) - this.#clock.monoMs()
    if (leftMs > 0) {
      watch.timer = this.#clock.after(Math.min(leftMs, LONGEST_TIMER_MS), () => this.#look(watch))
      return
    }
    this.end(watch.transactionId)
    watch.onReached()
  }
}

/** A timer takes 24 days at most. */
const LONGEST_TIMER_MS = 24 * 3_600_000
