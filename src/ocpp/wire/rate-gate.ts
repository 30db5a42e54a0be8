/** How often something may happen within a window of time; used against bad frames and guessed passwords. */
import type { Clock } from '../../ports.js'

export interface RateGate {
  /** Counts one event; false when it is one too many for the running window. */
  pass(): boolean
  /** Whether the running window is used up, without counting. */
  isShut(): boolean
}

/** At most `max` events in any window of `windowMs` that begins with its first event. */
export function rateGate(clock: Pick<Clock, 'monoMs'>, max: number, windowMs: number): RateGate {
  let startedMs = clock.monoMs()
  let count = 0

  function turn(): void {
    const nowMs = clock.monoMs()
    if (count > 0 && nowMs - startedMs < windowMs) return
    startedMs = nowMs
    count = 0
  }

  return {
    pass: () => {
      turn()
      count += 1
      return count <= max
    },
    isShut: () => {
      turn()
      return count >= max
    },
  }
}
