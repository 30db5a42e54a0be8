/** The fair clock of one connector: how its turn goes on while time passes. Pure state steps; no clock of its own. */
import type { Turn } from './demand.js'

/**
 * The turn of a car that has just come. It starts level with the least served of those present (same class), so that
 * it neither waits for their whole past nor takes their place until it has caught up. It counts as one that has waited for
 * its turn already (`waitsForMs`).
 */
export function firstTurn(
  arrival: { readonly nowMonoMs: number; readonly waitsForMs: number; readonly weight: number },
  priorityClass: number,
  present: readonly { readonly turn: Turn; readonly weight: number }[],
): Turn {
  let least: number | undefined
  for (const { turn, weight } of present) {
    if (turn.priorityClass !== priorityClass) continue
    const fairClock = turn.servedAs / weight
    if (least === undefined || fairClock < least) least = fairClock
  }
  return {
    on: false,
    sinceMonoMs: arrival.nowMonoMs - arrival.waitsForMs,
    servedAs: (least ?? 0) * arrival.weight,
    priorityClass,
    // Nothing is owed to it yet.
    entitledAs: (least ?? 0) * arrival.weight,
    owed: false,
  }
}

/** `currentA` (offered, or measured where known) has flowed for `elapsedMs` up to `nowMonoMs`; from now on it is `on`. */
export function stepTurn(
  turn: Turn,
  step: {
    readonly on: boolean
    readonly currentA: number
    /** What an equal share was meanwhile; absent where the sharing rule does not count it. */
    readonly equalA?: number
    /** Absent: as before. */
    readonly owed?: boolean
    readonly elapsedMs: number
    readonly nowMonoMs: number
  },
): Turn {
  return {
    on: step.on,
    sinceMonoMs: step.on === turn.on ? turn.sinceMonoMs : step.nowMonoMs,
    servedAs: turn.servedAs + (Math.max(0, step.currentA) * Math.max(0, step.elapsedMs)) / 1000,
    priorityClass: turn.priorityClass,
    entitledAs: turn.entitledAs + (Math.max(0, step.equalA ?? 0) * Math.max(0, step.elapsedMs)) / 1000,
    owed: step.owed ?? turn.owed,
  }
}
