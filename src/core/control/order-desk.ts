/** What a door gives the desk for orders and what comes back; the desk itself is the gateway's. */
import type { ClearOrder, DepartureOrder, EnableOrder, GridOrder, LimitOrder } from '../config/limit-order.js'
import type { Door } from '../limits/limit.js'
import type { OrderEffect } from './orders.js'

/** Who gives it, through which door. */
export interface OrderFrom {
  readonly door: Door
  readonly by: string
}

export interface OrderRefusal {
  readonly error: string
  readonly found: string
  readonly expected: string
}

export interface OrderDone {
  /** Only asked what it would do. */
  readonly dryRun: boolean
  /** Absent for what changes no limit. */
  readonly effect?: OrderEffect
  /** ISO 8601; absent for what has no end of its own. */
  readonly until?: string
  /** In one line: "main 63 A until 17:05; CP-3/1 from 16 A to 9 A". */
  readonly text: string
  /** False = it holds, and would not outlive a restart. */
  readonly isDurable: boolean
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
  departure(from: OrderFrom, order: DepartureOrder): Promise<OrderOutcome>
}
