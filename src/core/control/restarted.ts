/**
 * After a restart of Busbar itself its stations charge on as they were told, and no sample says so yet. Nobody is stopped for that:
 * what the journal has is what they may draw (control rule 12), and a meter that is read shows at once when one takes more.
 * Nothing is raised by it.
 */
import { type PerPhase, spread } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'
import type { ControlState } from './state.js'

/** Whoever has not reported by then, a register twice at an interval of 60 s, does not explain anything any more. */
export const EXPLAINS_MS = 150_000

/** A station that has not come back by then after our restart is one that is away. */
const AWAITED_MS = 60_000

/** It was charging before Busbar restarted, and no sample tells yet what it draws (control rule 12). */
export function isExplainedByRestart(connector: ConnectorControl, nowMs: number): boolean {
  const { restoredMs, everOffered, raisedMs, reading, status } = connector
  if (restoredMs === undefined || !everOffered || raisedMs !== undefined) return false
  // Its car has left while Busbar was away.
  if (status === 'Available') return false
  if (reading !== undefined && reading.sinceMs >= restoredMs) return false
  return nowMs - restoredMs <= EXPLAINS_MS
}

/** What the last run offered it at most, by the journal, and what was written since. */
export function offeredBefore({ live, wired }: ConnectorControl): PerPhase {
  return spread(
    live.reduce((most, { offerA }) => Math.max(most, offerA), 0),
    wired,
  )
}

/** Our restart is just over, and it was not read back or has not had its time to follow. */
export function isAwaited(connector: ConnectorControl, nowMs: number): boolean {
  const { restoredMs, isSeenBack, followsFromMs } = connector
  if (restoredMs === undefined || nowMs - restoredMs > AWAITED_MS) return false
  return !isSeenBack || nowMs < followsFromMs
}

/** It goes on as before our restart until all that are to come back can give way together, or their time is up. */
export function waitsForOthers(
  { connectors, isSeenInside, tree }: ControlState,
  { restoredMs, node }: ConnectorControl,
  nowMs: number,
): boolean {
  if (restoredMs === undefined || nowMs - restoredMs > AWAITED_MS) return false
  return (
    tree.pathOf(node).every(at => isSeenInside[at] === true) &&
    connectors.some(other => isAwaited(other, nowMs))
  )
}
