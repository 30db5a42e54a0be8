/** What became of an order, as whoever gave it may ask to see. */
import type { LimitInForce } from './limit.js'

export interface OrderTrail {
  readonly limit: LimitInForce
  readonly receivedMonoMs: number
  readonly receivedWallMs: number
  /** The first station was told to draw less; absent where nobody had to. */
  readonly firstWriteWallMs?: number
  /** Every station that can be told had accepted what it was to come to. */
  readonly acceptedWallMs?: number
  /** The circuit's meter shows no more than was ordered since then; absent without a meter, and while it shows more. */
  readonly heldWallMs?: number
}

export interface EndedOrder extends OrderTrail {
  readonly endedWallMs: number
}
