/** What became of an order, as whoever gave it may ask to see. */
import type { LimitInForce } from './limit.js'

export interface OrderTrail {
  readonly limit: LimitInForce
  readonly receivedMonoMs: number
  readonly receivedWallMs: number
  /** What each car under it was offered then, A, by connector. */
  readonly hadA: ReadonlyMap<string, number>
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

/** As it is kept and shown. Times in ISO 8601, UTC. Absent = it did not come to that, or nobody could see it. */
export interface OrderEntry {
  readonly source: string
  readonly id: string
  readonly target: string
  readonly value: string
  readonly state: string
  readonly by: string
  readonly reason?: string
  readonly received: string
  readonly firstWrite?: string
  readonly lastAccepted?: string
  readonly heldSince?: string
  readonly ended: string
}

export interface KeptOrderEntry extends OrderEntry {
  readonly seq: number
  readonly hash: string
  /** Neither it nor what stands before it was changed since it was written, as far as its chain goes. */
  readonly isIntact: boolean
}
