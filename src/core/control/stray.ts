/**
 * A connector that a station speaks of and nobody configured: a fault of the configuration that is proven as soon as
 * something happens on it. It cannot be steered, so it is booked and shown (control rule 9).
 */
import type { LeafLoad } from '../allocation/headroom.js'
import type { ConnectorStatus, StationSample } from '../events.js'
import { ALL_PHASES, spread, ZERO } from '../site/phases.js'

/** A station has a handful of connectors; whoever names more is not believed further. */
const MAX_STRAYS = 16
/** A draw below this is a meter's noise. */
const DRAWS_ABOVE_A = 0.5
/** A measurement speaks of now for this long. */
const FRESH_MS = 30_000

export interface Stray {
  readonly status?: ConnectorStatus
  readonly transactionId?: number
  /** Something was going on there when Busbar ended, and nothing was heard since. */
  readonly wasInUse?: true
  /** The largest current of its last sample, and when it came. */
  readonly drawn?: { readonly mostA: number; readonly monoMs: number }
}

/** By connector id. */
export type Strays = Map<number, Stray>

/** What a station says of a connector nobody configured. */
export type StrayNews =
  | { readonly kind: 'status'; readonly status: ConnectorStatus }
  | { readonly kind: 'transaction-started'; readonly transactionId: number }
  | { readonly kind: 'transaction-stopped'; readonly transactionId: number }
  | { readonly kind: 'measured'; readonly sample: StationSample }

/** Connector 0 is the station itself and no stray. */
export function noteStray(strays: Strays, connectorId: number, news: StrayNews, nowMs: number): void {
  if (connectorId < 1) return
  const before = strays.get(connectorId)
  if (before === undefined && strays.size >= MAX_STRAYS) return
  strays.set(connectorId, stepped(before ?? {}, news, nowMs))
}

function stepped(before: Stray, news: StrayNews, nowMs: number): Stray {
  switch (news.kind) {
    case 'status': {
      const { wasInUse: _, ...rest } = before
      return { ...rest, status: news.status }
    }
    case 'transaction-started':
      return { ...before, transactionId: news.transactionId }
    case 'transaction-stopped': {
      if (before.transactionId !== news.transactionId) return before
      const { transactionId: _, drawn: __, ...rest } = before
      return rest
    }
    case 'measured': {
      const { ownPhasesA, currentA } = news.sample
      const seenA = [currentA, ...(ownPhasesA ?? [])].filter(value => value !== undefined)
      return seenA.length === 0 ? before : { ...before, drawn: { mostA: Math.max(...seenA), monoMs: nowMs } }
    }
  }
}

/** Something is or may be flowing there. */
export function isActive(stray: Stray, nowMs: number): boolean {
  const { status, transactionId, drawn, wasInUse } = stray
  if (transactionId !== undefined || wasInUse === true) return true
  if (drawn !== undefined && drawn.mostA > DRAWS_ABOVE_A && nowMs - drawn.monoMs <= FRESH_MS) return true
  return status !== undefined && status !== 'Available' && status !== 'Unavailable' && status !== 'Reserved'
}

/** Active strays as loads: at what the station's largest connector may draw, or what was seen, on every phase. */
export function strayLoads(
  { strays, connectors }: { readonly strays: Strays; readonly connectors: readonly Neighbour[] },
  nowMs: number,
): readonly LeafLoad[] {
  const [first] = connectors
  if (first === undefined || strays.size === 0) return []
  return activeStrays({ strays, connectors }, nowMs).map(({ bookedA }) => ({
    node: first.node,
    lowerA: ZERO,
    bookedA: spread(bookedA, ALL_PHASES),
  }))
}

/** Each active stray with what is booked for it on every phase. */
export function activeStrays(
  { strays, connectors }: { readonly strays: Strays; readonly connectors: readonly Neighbour[] },
  nowMs: number,
): readonly { readonly connectorId: number; readonly bookedA: number }[] {
  const largestA = Math.max(0, ...connectors.map(connector => connector.config.maxCurrentA))
  return [...strays]
    .filter(([, stray]) => isActive(stray, nowMs))
    .map(([connectorId, { drawn }]) => ({ connectorId, bookedA: Math.max(largestA, drawn?.mostA ?? 0) }))
}

interface Neighbour {
  readonly node: number
  readonly config: { readonly maxCurrentA: number }
}
