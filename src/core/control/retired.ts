/**
 * Stations that are no longer configured and were never seen gone: what they may draw stays booked where they hung,
 * until an operator declares them isolated (control rule 10). Built from the journal's records; plain data.
 */
import { LEASE_TAIL_MS } from '../allocation/booking.js'
import type { LeafLoad } from '../allocation/headroom.js'
import { ALL_PHASES, type PhaseSet, spread, wiredPhases, ZERO } from '../site/phases.js'
import type { SiteTree } from '../site/tree.js'
import type { BookingRecord } from './record.js'

/** The longest lease any model has; nobody knows which this one had. */
const LONGEST_LEASE_MS = 900_000

export interface Retired {
  /** "CP-1/1". */
  readonly key: string
  readonly stationId: string
  readonly connectorId: number
  /** Where it hung; every root when that circuit is gone too. */
  readonly nodes: readonly number[]
  readonly phases: PhaseSet
  /** While its last lease may run, and after it. */
  readonly worstA: number
  readonly restA: number
  readonly leaseOverMs: number
  /** The session whose live profile may lie there still, and on which level. */
  readonly session?: Session
}

export interface Session {
  readonly transactionId: number
  readonly liveLevel: number
}

export function retiredOf(record: BookingRecord, tree: SiteTree, nowMs: number): Retired {
  const { stationId, connectorId, circuit, failSafeA, maxCurrentA, transactionId, liveLevel } = record
  const at = circuit === undefined ? undefined : tree.indexById.get(circuit)
  const roots = [...tree.parents.keys()].filter(node => (tree.parents[node] ?? -1) < 0)
  const knowsRest = record.survivedReboot === true && record.endless !== true && failSafeA !== undefined
  const mostA = Math.max(maxCurrentA ?? record.worstA, record.worstA)
  return {
    key: `${stationId}/${connectorId}`,
    stationId,
    connectorId,
    nodes: at === undefined ? roots : [at],
    phases: record.phases === undefined ? ALL_PHASES : wiredPhases(record.phases),
    worstA: knowsRest ? record.worstA : mostA,
    restA: knowsRest ? failSafeA : mostA,
    leaseOverMs: nowMs + LONGEST_LEASE_MS + LEASE_TAIL_MS,
    ...(transactionId !== undefined && { session: { transactionId, liveLevel: liveLevel ?? 0 } }),
  }
}

export function retiredA(retired: Retired, nowMs: number): number {
  return nowMs < retired.leaseOverMs ? Math.max(retired.worstA, retired.restA) : retired.restA
}

export function retiredLoads(retired: readonly Retired[], nowMs: number): readonly LeafLoad[] {
  return retired.flatMap(entry =>
    entry.nodes.map(node => ({
      node,
      lowerA: ZERO,
      bookedA: spread(retiredA(entry, nowMs), entry.phases),
    })),
  )
}
