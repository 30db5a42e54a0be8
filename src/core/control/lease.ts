/**
 * How long what is written may hold without Busbar (control rule 4 and "The promise"): the lease of its model as long as all
 * that may be in force stays, with other load at its worst, within the protection curve of every circuit on the path; a
 * minute otherwise, and where a limit from outside binds. Judged anew with each write, beside all that has a long lease already: after a minute what has a short
 * one is back at its fail-safe.
 */
import { LEASE_TAIL_MS } from '../allocation/booking.js'
import { sumsBelow } from '../allocation/headroom.js'
import { add, type PerPhase, PHASE_INDEXES, spread } from '../site/phases.js'
import { SHORT_LEASE_S } from '../site/promise.js'
import { type ConnectorControl, laidFailSafeA } from './connector.js'
import { bookedOfferA, bookedPerPhase } from './evidence.js'
import { anywhereA } from './learn.js'
import { retiredLoads } from './retired.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'
import { strayLoads } from './stray.js'

/**
 * A pause holds at least so long without Busbar, whatever the lease of the site: the last step of rule 3 comes as on a site
 * with the default lease, after 300 s and twice 300 s.
 */
const PAUSE_LEASE_MS = 900_000
export const SHORT_LEASE_MS = SHORT_LEASE_S * 1_000

/**
 * Of the write that would offer so many amps, ms. What is at or below the fail-safe holds without a lease; only its last
 * step, up to the fail-safe, has a time: it may come late, and then costs no refresh (control rules 2, 3).
 */
export function leaseFor(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  offer: { readonly offerA: number; readonly nowMs: number },
): number {
  const { offerA, nowMs } = offer
  if (offerA <= laidFailSafeA(connector))
    return Math.max(station.leaseMs, PAUSE_LEASE_MS - 2 * state.longestLeaseMs)
  const shortMs = Math.min(station.leaseMs, SHORT_LEASE_MS)
  if (isOrdered(state, connector)) return shortMs
  const bound = state.tree.pathOf(connector.node).filter(node => state.curveA[node] !== undefined)
  if (bound.length === 0 || shortMs === station.leaseMs) return station.leaseMs
  state.unledA ??= unled(state, nowMs)
  const sums = state.unledA
  const moreA = spread(Math.max(0, offerA - countedA(connector, station, nowMs)), connector.wired)
  const isInside = bound.every(node => {
    const sumA = sums[node]
    const roomA = state.curveA[node]
    if (sumA === undefined || roomA === undefined) return false
    return PHASE_INDEXES.every(phase => sumA[phase] + moreA[phase] <= roomA)
  })
  return isInside ? station.leaseMs : shortMs
}

/** A limit from outside binds it or a circuit above it: what it was offered before must not hold for long without Busbar. */
export function isOrdered(state: ControlState, { ordered, node }: ConnectorControl): boolean {
  const isBound = (at: number): boolean =>
    state.limitBindings[at] !== undefined || state.stationBindings[at] !== undefined
  return ordered !== undefined || state.tree.pathOf(node).some(isBound)
}

/** Per node: what may still flow into cars when Busbar is lost now and the short leases have ended. */
function unled(state: ControlState, nowMs: number): readonly PerPhase[] {
  const loads = [...state.stations.values()].flatMap(station => [
    ...station.connectors.map(connector => ({
      node: connector.node,
      bookedA: spread(countedA(connector, station, nowMs), connector.wired),
    })),
    ...strayLoads(station, nowMs),
  ])
  const all = [...loads, ...retiredLoads(state.retired, nowMs)]
  const unplacedA = anywhereA(state)
  return sumsBelow(state.tree.parents, all, load => load.bookedA).map(sumA => add(sumA, unplacedA))
}

/** What may then be in force on any phase, and never less than the fail-safe to which a pause comes back. */
function countedA(connector: ConnectorControl, station: StationControl, nowMs: number): number {
  const { exceeds, followsFromMs, config } = connector
  const laterMs = nowMs + SHORT_LEASE_MS + LEASE_TAIL_MS
  const isDoubted = exceeds || nowMs < followsFromMs
  const worstA = isDoubted
    ? Math.max(...bookedPerPhase(connector, station, nowMs))
    : bookedOfferA(connector, station, laterMs)
  return Math.max(config.failSafeCurrentA, worstA)
}
