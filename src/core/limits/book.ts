/**
 * The book of orders: each with the time it has left, what follows when it is over, and how it is kept over a restart. A step
 * only ever ends what has run out. Bounded; never more than one order per source and id.
 */
import { type Limit, type LimitInForce, limitKey } from './limit.js'

/** More than any site has controllers, times their orders. */
export const MAX_ORDERS = 200

/** What holds when the time is over and nobody has renewed or cleared it; absent = nothing. */
export interface Fallback {
  readonly limitA: number
  readonly forMs: number
}

export interface Order extends LimitInForce {
  readonly untilMonoMs: number
  readonly fallback?: Fallback
}

export type OrderBook = ReadonlyMap<string, Order>

/** An order as it stands on the disk. */
export interface KeptOrder extends Omit<Order, 'untilMonoMs'> {
  readonly leftMs: number
}

export interface Taking {
  readonly durationMs: number
  readonly fallback?: Fallback
  readonly now: { readonly monoMs: number; readonly wallMs: number }
}

/** With this order in the place of what its source said under its id before; undefined when the book is full. */
export function ordered(book: OrderBook, limit: Limit, taking: Taking): OrderBook | undefined {
  const key = limitKey(limit)
  if (!book.has(key) && book.size >= MAX_ORDERS) return undefined
  const before = book.get(key)
  const { durationMs, fallback, now } = taking
  const isSame =
    before?.state === 'ordered' &&
    JSON.stringify([before.target, before.value]) === JSON.stringify([limit.target, limit.value])
  const order: Order = {
    ...limit,
    state: 'ordered',
    sinceWallMs: isSame ? before.sinceWallMs : now.wallMs,
    untilMonoMs: now.monoMs + durationMs,
    ...(fallback !== undefined && { fallback }),
  }
  return new Map([...book, [key, order]])
}

/** Without it, and without its fallback. The same book when there is none. */
export function cleared(book: OrderBook, key: string): OrderBook {
  if (!book.has(key)) return book
  return new Map([...book].filter(([other]) => other !== key))
}

/** The same book when nothing has run out. */
export function stepped(
  book: OrderBook,
  now: { readonly monoMs: number; readonly wallMs: number },
): OrderBook {
  if (![...book.values()].some(order => order.untilMonoMs <= now.monoMs)) return book
  const next = new Map<string, Order>()
  for (const [key, order] of book) {
    const left = order.untilMonoMs > now.monoMs ? order : fallen(order, now)
    if (left !== undefined) next.set(key, left)
  }
  return next
}

/** A fallback counts from the end of the order, also where nobody looked then. */
function fallen(order: Order, now: { readonly monoMs: number; readonly wallMs: number }): Order | undefined {
  const { fallback, ...limit } = order
  if (fallback === undefined || order.state === 'fallback') return undefined
  const untilMonoMs = order.untilMonoMs + fallback.forMs
  if (untilMonoMs <= now.monoMs) return undefined
  const value = { unit: 'A' as const, perPhase: fallback.limitA }
  return { ...limit, value, state: 'fallback', sinceWallMs: now.wallMs, untilMonoMs }
}

/** For the disk, with the time that is left. */
export function keptOrders(book: OrderBook, monoMs: number): readonly KeptOrder[] {
  return [...book.values()].map(({ untilMonoMs, ...order }) => ({
    ...order,
    leftMs: Math.max(0, Math.round(untilMonoMs - monoMs)),
  }))
}

/** The time while Busbar was off does not count: an order that lasts too long is only the lower limit. */
export function restoredOrders(kept: readonly KeptOrder[], monoMs: number): OrderBook {
  return new Map(
    kept
      .slice(0, MAX_ORDERS)
      .map(({ leftMs, ...order }) => [limitKey(order), { ...order, untilMonoMs: monoMs + leftMs }]),
  )
}
