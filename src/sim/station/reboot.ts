/**
 * Power and restarts of a simulated station (OCPP 1.6 §4.10, §5.14): when the supply goes, when it is back, and what has
 * to be delivered before a soft reset. Must not know messages.
 */
import type { Clock, Timer } from '../../ports.js'

/** Longest wait of a soft reset for what it has to tell: a dozen messages on a very slow line. */
const SOFT_RESET_WAIT_MS = 30_000
/** Time for the answer to a Reset to leave, and for each look at what is still to be delivered. */
const RESET_DELAY_MS = 200

export interface RebootHost {
  readonly clock: Clock
  readonly bootMs: number
  /** Messages not delivered yet. */
  waiting(): number
  /** Socket, timers, contactors fall. */
  down(): void
  /** The computer runs again. */
  up(): void
}

export class Reboot {
  private timer: Timer | undefined

  constructor(private readonly host: RebootHost) {}

  hard(): void {
    this.after(RESET_DELAY_MS)
  }

  /** Once everything is delivered, or after 30 s. */
  soft(leftMs = SOFT_RESET_WAIT_MS): void {
    if (this.host.waiting() === 0 || leftMs <= 0) {
      this.after(RESET_DELAY_MS)
      return
    }
    this.timer = this.host.clock.after(RESET_DELAY_MS, () => this.soft(leftMs - RESET_DELAY_MS))
  }

  powerOn(): void {
    this.cancel()
    this.timer = this.host.clock.after(this.host.bootMs, () => this.host.up())
  }

  cancel(): void {
    this.timer?.cancel()
  }

  private after(delayMs: number): void {
    this.cancel()
    this.timer = this.host.clock.after(delayMs, () => {
      this.host.down()
      this.powerOn()
    })
  }
}
