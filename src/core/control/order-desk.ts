/** What a door gives the desk for orders and what comes back; the desk itself is the gateway's. */
import type { ClearOrder, DepartureOrder, EnableOrder, GridOrder, LimitOrder } from '../config/limit-order.js'
import type { Door } from '../limits/limit.js'
import type { Refusal } from '../words/refused.js'
import type { Said } from '../words/said.js'
import type { OrderEffect } from './orders.js'

/** Who gives it, through which door. */
export interface OrderFrom {
  readonly door: Door
  readonly by: string
}

export interface OrderRefusal extends Refusal {
  /** What is missing of the energy that was asked for by then. */
  readonly shortWh?: number
}

export interface OrderDone {
  /** Only asked what it would do. */
  readonly dryRun: boolean
  /** Absent for what changes no limit. */
  readonly effect?: OrderEffect
  readonly departure?: DepartureAnswer
  /** ISO 8601; absent for what has no end of its own. */
  readonly until?: string
  /** In one line: "main 63 A until 17:05; CP-3/1 from 16 A to 9 A". */
  readonly text: string
  /** The same part by part, each by its code. */
  readonly parts: readonly Said[]
  /** False = it holds, and would not outlive a restart. */
  readonly isDurable: boolean
}

export interface DepartureAnswer {
  /** What was asked for is possible as far as anybody can know now. Never of a session that has not begun. */
  readonly promised: boolean
  /** By its departure, from the start of its session. */
  readonly possibleWh?: number
  /** Of what was asked for; 0 where nothing is missing. */
  readonly shortWh?: number
}

export type OrderOutcome =
  | { readonly kind: 'done'; readonly done: OrderDone }
  | { readonly kind: 'refused'; readonly why: OrderRefusal }

export interface OrderDesk {
  limit(from: OrderFrom, order: LimitOrder): Promise<OrderOutcome>
  /** Of the grid operator, also that nothing is ordered. */
  grid(from: OrderFrom, order: GridOrder): Promise<OrderOutcome>
  /** A pause, or the end of one. */
  enable(from: OrderFrom, order: EnableOrder): Promise<OrderOutcome>
  /** Ends an order that came through the same door. */
  clear(from: OrderFrom, order: ClearOrder): Promise<OrderOutcome>
  /** What somebody wants of a session, or of the next one of a vehicle or bay. */
  departure(from: OrderFrom, order: DepartureOrder): Promise<OrderOutcome>
}
