/**
 * When a simulated station takes its clock-aligned values: at multiples of ClockAlignedDataInterval since midnight UTC
 * (OCPP 1.6 §3.16.1; seed 001, 4.3.7). Must not know what a value is.
 */
import type { Clock, Timer } from '../../ports.js'

const DAY_MS = 86_400_000

export interface AlignedHost {
  readonly clock: Clock
  /** The station's own clock, ms since 1970. */
  wallMs(): number
  /** ClockAlignedDataInterval, ms; 0 = none. */
  intervalMs(): number
  due(): void
}

export class AlignedClock {
  private timer: Timer | undefined

  constructor(private readonly host: AlignedHost) {}

  /** Also after the interval or the clock has changed. */
  restart(): void {
    const { clock } = this.host
    this.stop()
    const intervalMs = this.host.intervalMs()
    if (intervalMs <= 0) return
    const dayMs = this.host.wallMs() % DAY_MS
    const waitMs = Math.min((Math.floor(dayMs / intervalMs) + 1) * intervalMs, DAY_MS) - dayMs
    this.timer = clock.after(waitMs, () => {
      this.host.due()
      this.restart()
    })
  }

  stop(): void {
    this.timer?.cancel()
  }
}
