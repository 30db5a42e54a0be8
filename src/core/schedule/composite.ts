/**
 * All purposes → the limit of a connector or of the station over time: at each instant the lower of ChargePointMaxProfile
 * and (TxProfile, else TxDefaultProfile) (OCPP 1.6 §3.13.2). Without a transaction one is assumed to start with the
 * window, so that a default shows before a car comes. Must not know Busbar's own profiles.
 */
import { type Curve, combine, firstOf, lowestOf, type Window } from './curve.js'
import type { Anchor } from './expand.js'
import type { InstalledProfile, StationContext } from './installed.js'
import { stack } from './stack.js'

/** From `atMs` until the next step; undefined = the CSMS sets no limit. */
export interface LimitStep {
  readonly atMs: number
  readonly limitA: number | undefined
}

interface Profiles {
  readonly profiles: readonly InstalledProfile[]
}

/**
 * What the CSMS allows a connector (>= 1), A per phase, for the controller to take the minimum with. First step at
 * `window.fromMs`. The station-wide maximum is split evenly over the connectors in use, so that the sum keeps to it.
 */
export function limitSteps(
  store: Profiles,
  connectorId: number,
  window: Window,
  context: StationContext,
): readonly LimitStep[] {
  const inUse = new Set(context.transactions.map(transaction => transaction.connectorId)).add(connectorId)
  const shared = combine([maxCurve(store, window, context)], window, ([limit]) =>
    limit === undefined ? undefined : { limitA: limit.limitA / inUse.size },
  )
  const own = transactionCurve(store, connectorId, window, context)
  const lowest = combine([shared, own], window, limits => {
    const low = lowestOf(limits)
    return low === undefined ? undefined : { limitA: low.limitA }
  })
  return lowest.map(({ atMs, limit }) => ({ atMs, limitA: limit?.limitA }))
}

/** The composite of one connector (>= 1), as a station reports it. */
export function connectorComposite(
  store: Profiles,
  connectorId: number,
  window: Window,
  context: StationContext,
): Curve {
  const curves = [maxCurve(store, window, context), transactionCurve(store, connectorId, window, context)]
  return combine(curves, window, lowestOf)
}

/** What the whole station may draw: the sum of its connectors, each at most its own maximum, under the station's. */
export function stationComposite(store: Profiles, window: Window, context: StationContext): Curve {
  const connectors = context.maxCurrentA.slice(0, context.connectorCount)
  const curves = connectors.map((_, i) => transactionCurve(store, i + 1, window, context))
  const sum = combine(curves, window, limits => ({
    limitA: connectors.reduce((sumA, maxA, i) => sumA + Math.min(maxA, limits[i]?.limitA ?? maxA), 0),
  }))
  return combine([maxCurve(store, window, context), sum], window, lowestOf)
}

function transactionCurve(
  store: Profiles,
  connectorId: number,
  window: Window,
  context: StationContext,
): Curve {
  const running = context.transactions.find(transaction => transaction.connectorId === connectorId)
  const anchor = anchorOf(running?.startedWallMs ?? window.fromMs, context)
  const question = { connectorId, transactionId: running?.transactionId }
  const own = stack(store.profiles, { ...question, purpose: 'TxProfile' }, window, anchor)
  const byDefault = stack(store.profiles, { ...question, purpose: 'TxDefaultProfile' }, window, anchor)
  return combine([own, byDefault], window, firstOf)
}

function maxCurve(store: Profiles, window: Window, context: StationContext): Curve {
  const question = { purpose: 'ChargePointMaxProfile', connectorId: 0, transactionId: undefined } as const
  return stack(store.profiles, question, window, anchorOf(window.fromMs, context))
}

function anchorOf(chargingStartMs: number, { nominalVoltageV, carPhases }: StationContext): Anchor {
  return { chargingStartMs, nominalVoltageV, ...(carPhases !== undefined && { carPhases }) }
}
