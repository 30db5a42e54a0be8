/** What became of an order, as whoever gave it may ask to see. */
import type { LimitInForce } from './limit.js'
import type { QuarterMean, QuarterSum } from './quarter-means.js'

export interface OrderTrail {
  readonly limit: LimitInForce
  readonly receivedMonoMs: number
  readonly receivedWallMs: number
  /** What each car under it was offered then, A, by connector. */
  readonly hadA: ReadonlyMap<string, number>
  /** The first station was told to draw less; absent where nobody had to. */
  readonly firstWriteWallMs?: number
  /** Every station with a car under it had accepted what it was to come to; one that is away has not. */
  readonly acceptedWallMs?: number
  /** The circuit's meter shows no more than was ordered since then; absent without a meter, and while it shows more. */
  readonly heldWallMs?: number
  /** It held before Busbar started: what became of it until then was not seen. */
  readonly seenFromWallMs?: number
  /** Of what it is for, since it was seen. */
  readonly quarters: readonly QuarterSum[]
  readonly lookedMonoMs: number
}

export interface EndedOrder extends OrderTrail {
  readonly endedWallMs: number
}

/** As it is kept and shown. Times in ISO 8601, UTC. Absent = it did not come to that, or nobody could see it. */
export interface OrderEntry {
  readonly source: string
  readonly id: string
  readonly target: string
  /** Of what the stations there drew together. */
  readonly onlyStations?: true
  readonly value: string
  readonly state: string
  readonly by: string
  readonly reason?: string
  readonly received: string
  readonly firstWrite?: string
  readonly lastAccepted?: string
  readonly heldSince?: string
  readonly ended: string
  /** Busbar started while it held; nothing is known of the time before. */
  readonly seenFrom?: string
  /** Mean power of what it was for, W; absent in what earlier versions have kept. */
  readonly quarters?: readonly QuarterMean[]
}

export interface KeptOrderEntry extends OrderEntry {
  readonly seq: number
  readonly hash: string
  /** Neither it nor what stands before it was changed since it was written, as far as its chain goes. */
  readonly isIntact: boolean
}
