/**
 * The desk for orders from outside: what comes by MQTT or API is checked against the site, given to control, kept on disk,
 * and answered with what it does to whom. Must not know topics nor routes.
 */

import type { KeptState } from '../core/config/kept-state.js'
import {
  type ClearOrder,
  type DepartureOrder,
  type EnableOrder,
  type GridOrder,
  type LimitOrder,
  pauseId,
} from '../core/config/limit-order.js'
import type { LimitSourceConfig } from '../core/config/limit-sources.js'
import { show } from '../core/config/shown.js'
import type { Now } from '../core/control/now.js'
import type {
  OrderDesk,
  OrderDone,
  OrderFrom,
  OrderOutcome,
  OrderRefusal,
} from '../core/control/order-desk.js'
import { lineOf, orderParts } from '../core/control/order-words.js'
import { orderEffect } from '../core/control/orders.js'
import type { ControlState } from '../core/control/state.js'
import {
  cleared,
  type Fallback,
  type KeptOrder,
  keptOrders,
  MAX_ORDERS,
  type OrderBook,
  ordered,
  restoredOrders,
} from '../core/limits/book.js'
import { circuitTarget, targetOf } from '../core/limits/declared.js'
import { keptExcursions, restoredExcursions } from '../core/limits/excursions.js'
import { gridTarget } from '../core/limits/grid-control.js'
import { type Door, isDoor, type Limit, type LimitTarget, limitKey } from '../core/limits/limit.js'
import { reductionOf } from '../core/site/grid-reduction.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Clock } from '../ports.js'
import { Departures } from './departures.js'
import type { StateKeeper } from './kept-state.js'
import type { SessionClaims } from './session-claims.js'

export interface OrderDeskDeps {
  readonly keeper: StateKeeper
  readonly claims: SessionClaims
  readonly clock: Clock
  state(): ControlState
  now(): Now
  /** The book is another: decided anew at once. */
  decide(): void
}

const ORDINARY_PRIORITY = 5

/** Of a grid control. */
interface Heard {
  readonly heard?: ReadonlyMap<string, number>
  /** Nothing but its time is another. */
  readonly isRepeated?: boolean
}

export class SiteOrders implements OrderDesk {
  readonly #deps: OrderDeskDeps
  readonly #departures: Departures
  #counted = '[]'

  constructor(deps: OrderDeskDeps) {
    this.#deps = deps
    this.#departures = new Departures(deps)
    const { monoMs } = deps.now()
    deps.state().excursions = new Map(
      deps.keeper.importLimits().map(({ id, ...kept }) => [id, restoredExcursions(kept, monoMs)]),
    )
    deps.state().orders = restoredOrders(deps.keeper.orders().map(orderOf), deps.now().monoMs)
  }

  /** Each minute: with the time that is left. */
  tick(): void {
    void this.#keep()
    this.#keepExcursions()
  }

  /** After each decision: a lock-out is on the disk as soon as it begins. */
  look(): void {
    const counted = JSON.stringify(
      [...this.#deps.state().excursions.values()].map(({ countedMs, lockedUntilMs }) => [
        countedMs.length,
        lockedUntilMs !== undefined,
      ]),
    )
    if (counted === this.#counted) return
    this.#counted = counted
    this.#keepExcursions()
  }

  #keepExcursions(): void {
    const { keeper, state, now } = this.#deps
    const { monoMs } = now()
    keeper.keepImportLimits(
      [...state().excursions].map(([id, it]) => {
        const { countedAgoMs, lockedLeftMs } = keptExcursions(it, monoMs)
        return { id, countedAgoMs: [...countedAgoMs], lockedLeftMs }
      }),
    )
  }

  async limit(from: OrderFrom, order: LimitOrder): Promise<OrderOutcome> {
    const refusal = this.#targetFault(from.door, order)
    if (refusal !== undefined) return refused(refusal)
    const { id, limitA, limitW, onSilence, priority, reason } = order
    const limit: Limit = {
      source: from.door,
      id,
      target: this.#targetOf(from.door, order),
      value: limitW === undefined ? { unit: 'A', perPhase: limitA ?? 0 } : { unit: 'W', total: limitW },
      priority,
      ...(reason !== undefined && { reason }),
      by: from.by,
    }
    if (onSilence === 'release') return this.#give(limit, order)
    const { fallbackLimitA, forS } = onSilence
    return this.#give(limit, order, { fallback: { limitA: fallbackLimitA, forMs: forS * 1000 } })
  }

  async grid({ door, by }: OrderFrom, order: GridOrder): Promise<OrderOutcome> {
    const { state, now } = this.#deps
    const { config } = state().site
    const control = config.limits.gridControls.find(({ id }) => id === order.id)
    const isItsDoor = control?.door === (door === 'grid' ? 'input' : door)
    if (control === undefined || !isItsDoor)
      return refused(refusal('no-control', { found: show(order.id), door }))
    const untilMonoMs = now().monoMs + order.durationS * 1000
    const heard = new Map([...state().gridHeard, [order.id, untilMonoMs]])
    const key = limitKey({ source: 'grid', id: order.id })
    if (!order.reduced) {
      const untilWallMs = now().wallMs + order.durationS * 1000
      const book = cleared(state().orders, key)
      const isRepeated = door === 'grid' && book === state().orders
      return this.#take(book, order.dryRun, { untilWallMs, heard, isRepeated })
    }
    const { powerW, reckoned } = reductionOf(control, config)
    const limit: Limit = {
      source: 'grid',
      id: order.id,
      target: gridTarget(control),
      value: { unit: 'W', total: order.limitW ?? powerW },
      priority: ORDINARY_PRIORITY,
      reason: order.reason ?? (order.limitW === undefined ? reckoned : `told ${order.limitW} W; ${reckoned}`),
      by,
    }
    const before = state().orders.get(key)
    const isSame = JSON.stringify(before?.value) === JSON.stringify(limit.value)
    return this.#give(limit, order, { heard, isRepeated: door === 'grid' && isSame })
  }

  async enable(from: OrderFrom, order: EnableOrder): Promise<OrderOutcome> {
    const { station, connector, reason } = order
    const refusal = this.#stationFault(station, connector)
    if (refusal !== undefined) return refused(refusal)
    const id = pauseId(order.id)
    if (order.enabled) return this.#clear(limitKey({ source: from.door, id }), order)
    const limit: Limit = {
      source: from.door,
      id,
      target: stationTarget(station, connector),
      value: { unit: 'A', perPhase: 0 },
      priority: ORDINARY_PRIORITY,
      ...(reason !== undefined && { reason }),
      by: from.by,
    }
    return this.#give(limit, order)
  }

  clear(from: OrderFrom, order: ClearOrder): Promise<OrderOutcome> {
    return this.#clear(limitKey({ source: from.door, id: order.id }), order)
  }

  departure(_: OrderFrom, order: DepartureOrder): Promise<OrderOutcome> {
    return this.#departures.take(order)
  }

  async #clear(key: string, order: ClearOrder): Promise<OrderOutcome> {
    const { orders } = this.#deps.state()
    const book = cleared(orders, key)
    if (book !== orders) return this.#take(book, order.dryRun)
    return refused(refusal('no-order', { found: show(order.id) }))
  }

  async #give(
    limit: Limit,
    order: { readonly durationS: number; readonly dryRun: boolean },
    { fallback, ...told }: { readonly fallback?: Fallback } & Heard = {},
  ): Promise<OrderOutcome> {
    const now = this.#deps.now()
    const durationMs = order.durationS * 1000
    const taking = { durationMs, now, ...(fallback !== undefined && { fallback }) }
    const book = ordered(this.#deps.state().orders, limit, taking)
    const untilWallMs = now.wallMs + durationMs
    if (book !== undefined) return this.#take(book, order.dryRun, { untilWallMs, ...told })
    return refused(refusal('too-many-orders', { most: MAX_ORDERS }))
  }

  async #take(
    book: OrderBook,
    dryRun: boolean,
    { untilWallMs, heard, isRepeated }: { readonly untilWallMs?: number } & Heard = {},
  ): Promise<OrderOutcome> {
    const { state, now, decide } = this.#deps
    const effect = orderEffect(state(), { book, heard: heard ?? state().gridHeard }, now())
    const { timeZone } = state().site.config.site
    const parts = orderParts(effect, untilWallMs === undefined ? undefined : clockTime(untilWallMs, timeZone))
    let isKept = true
    if (!dryRun) {
      state().orders = book
      if (heard !== undefined) state().gridHeard = heard
      decide()
      // A contact says the same every few seconds; the minute keeps it.
      isKept = isRepeated === true || (await this.#keep())
    }
    const until = untilWallMs === undefined ? undefined : new Date(untilWallMs).toISOString()
    return done({
      dryRun,
      effect,
      ...(until !== undefined && { until }),
      text: lineOf(parts),
      parts,
      isDurable: isKept,
    })
  }

  async #keep(): Promise<boolean> {
    const { keeper, state, now } = this.#deps
    const kept = keptOrders(state().orders, now().monoMs).flatMap(order =>
      isDoor(order.source) ? [{ ...order, source: order.source }] : [],
    )
    return keeper.keepOrders(kept)
  }

  #declared(door: Door, id: string): LimitSourceConfig | undefined {
    const { sources } = this.#deps.state().site.config.limits
    return sources.find(source => source.door === door && source.id === id)
  }

  /** Of a source that is declared its own, whatever the order says. */
  #targetOf(door: Door, { id, target, onlyStations }: LimitOrder): LimitTarget {
    const declared = this.#declared(door, id)
    if (declared !== undefined) return circuitTarget(targetOf(declared.circuit), onlyStations)
    if (target !== 'site' && 'station' in target) return stationTarget(target.station, target.connector)
    return circuitTarget(targetOf(target === 'site' ? undefined : target.circuit), onlyStations)
  }

  #targetFault(door: Door, { id, target }: LimitOrder): OrderRefusal | undefined {
    const { tree } = this.#deps.state()
    const declared = this.#declared(door, id)
    const isOther = target !== 'site' && !('circuit' in target && target.circuit === declared?.circuit)
    if (declared !== undefined && isOther) {
      const circuit = declared.circuit ?? say('whole-site')
      return refusal('other-target', { found: show(target), circuit, id })
    }
    if (target === 'site') return this.#severalRoots()
    if ('station' in target) return this.#stationFault(target.station, target.connector)
    if (tree.indexById.has(target.circuit)) return undefined
    return refusal('no-circuit', { found: show(target.circuit) })
  }

  #severalRoots(): OrderRefusal | undefined {
    const roots = this.#deps.state().tree.nodes.filter(({ depth }) => depth === 0).length
    if (roots === 1) return undefined
    return refusal('several-connections', { count: roots })
  }

  #stationFault(stationId: string, connectorId: number | undefined): OrderRefusal | undefined {
    const station = this.#deps.state().stations.get(stationId)
    if (station === undefined) return refusal('no-station', { found: show(stationId) })
    const ids = station.connectors.map(({ id }) => id)
    if (connectorId === undefined || ids.includes(connectorId)) return undefined
    return refusal('no-connector', { found: `${connectorId}`, known: ids.join(', ') })
  }
}

function orderOf({ target, reason, fallback, ...order }: KeptState['orders'][number]): KeptOrder {
  return {
    ...order,
    target: keptTarget(target),
    ...(reason !== undefined && { reason }),
    ...(fallback !== undefined && { fallback }),
  }
}

function keptTarget(target: KeptState['orders'][number]['target']): LimitTarget {
  switch (target.kind) {
    case 'station':
      return stationTarget(target.stationId, target.connectorId)
    case 'circuit':
      return circuitTarget(targetOf(target.circuitId), target.onlyStations === true)
    case 'site':
      return circuitTarget(targetOf(undefined), target.onlyStations === true)
  }
}

/** A pause never takes the place of a limit of the same id. */
function stationTarget(stationId: string, connectorId: number | undefined): LimitTarget {
  return { kind: 'station', stationId, ...(connectorId !== undefined && { connectorId }) }
}

const done = (it: OrderDone): OrderOutcome => ({ kind: 'done', done: it })
const refused = (why: OrderRefusal): OrderOutcome => ({ kind: 'refused', why })

/** "2026-11-27 17:05": the same in every language. */
function clockTime(wallMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(wallMs)
}
