/**
 * Whether a lower is due on a circuit: what flows there when all cars have come to what their stations hold already is above the
 * limit, and a station that is reached holds more than its pause. Base alone above a limit, or a lower that the cars are
 * only yet to follow, asks for nothing. The truth, not what Busbar believes. Pure.
 */
import type { PerPhase } from '../../core/site/phases.js'
import type { Amps3 } from '../wiring.js'

/** What hangs below the circuit, on site phases. */
export interface DueStation {
  readonly flowA: PerPhase
  /** What its profiles let the car take, A. */
  readonly offeredA: number
  /** What it keeps when it is paused, A; undefined = no command reaches it. */
  readonly pauseA: number | undefined
}

export function isLowerDue(limitA: number, baseA: Amps3, stations: readonly DueStation[]): boolean {
  return ([0, 1, 2] as const).some(phase => {
    let comesToA = baseA[phase]
    let canGiveA = 0
    for (const { flowA, offeredA, pauseA } of stations) {
      const staysA = Math.min(flowA[phase], offeredA)
      comesToA += staysA
      if (pauseA !== undefined) canGiveA += Math.max(0, staysA - pauseA)
    }
    return comesToA > limitA + DUST_A && canGiveA > DUST_A
  })
}

/** Two sums of the same currents. */
const DUST_A = 0.01
