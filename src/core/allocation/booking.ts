/**
 * Booking: what the allocator must assume a connector may draw. Each SetChargingProfile of ours is a write with a
 * lease in its schedule; a write counts from the moment it may have reached the station until a lower one is proven
 * or its lease has run out (control rules 3, 9, 10, 12). Knows nothing of circuits or sockets.
 */
import { MAX_CLOCK_BOUND_S, REACTION_S } from '../site/promise.js'

/** What may still happen after a lease's end by the station's clock: its clock bound, and the car's reaction. */
export const LEASE_TAIL_MS = (MAX_CLOCK_BOUND_S + REACTION_S) * 1000
/** A sample proves a lower only when taken this long after the station accepted it. */
export const PROOF_AFTER_MS = REACTION_S * 1000
/** Metering error of a station, and the car's ripple around its limit. */
export const PROOF_TOLERANCE_A = 1
/** Writes kept per chain; more unanswered ones are folded into the largest. */
export const MAX_WRITES = 8

/** One profile with a lease, as sent or accepted. All times on the monotonic clock. */
export interface Write {
  readonly tag: string
  /** Until the lease ends. */
  readonly offerA: number
  /** In the last period; between the two it is the smaller of both. */
  readonly failSafeA: number
  readonly sentMs: number
  readonly leaseEndMs: number
  /** When the last period begins. */
  readonly finalMs: number
  /** Absent while the station has not answered. */
  readonly acceptedMs?: number
}

/** Oldest first. */
export type Chain = readonly Write[]

/** The most a write can still allow at `nowMs`, whatever the station's clock within its bound. */
export function worstOf(write: Write, nowMs: number): number {
  if (nowMs < write.leaseEndMs + LEASE_TAIL_MS)
    return Math.max(write.offerA, nowMs >= write.finalMs - MAX_CLOCK_BOUND_S * 1000 ? write.failSafeA : 0)
  if (nowMs < write.finalMs - MAX_CLOCK_BOUND_S * 1000) return Math.min(write.offerA, write.failSafeA)
  return write.failSafeA
}

/** The most any write of the chain can still allow; undefined for an empty chain. */
export function worstOfChain(chain: Chain, nowMs: number): number | undefined {
  return chain.length === 0 ? undefined : Math.max(...chain.map(write => worstOf(write, nowMs)))
}

/** A write goes on the wire. */
export function sent(chain: Chain, write: Write): Chain {
  const next = [...chain, write]
  if (next.length <= MAX_WRITES) return next
  const [first, second, ...rest] = next
  return first === undefined || second === undefined ? next : [fold(first, second), ...rest]
}

/** Two writes nobody can tell apart any more: the worst of both. */
function fold(a: Write, b: Write): Write {
  return {
    ...b,
    offerA: Math.max(a.offerA, b.offerA),
    failSafeA: Math.max(a.failSafeA, b.failSafeA),
    leaseEndMs: Math.max(a.leaseEndMs, b.leaseEndMs),
    finalMs: Math.min(a.finalMs, b.finalMs),
  }
}

/** The station accepted a write: lower ones before it are over, higher ones stay until the lower is proven. */
export function accepted(chain: Chain, tag: string, nowMs: number): Chain {
  const write = chain.find(candidate => candidate.tag === tag)
  if (write === undefined) return chain
  return chain
    .filter(other => other.tag === tag || other.sentMs > write.sentMs || other.offerA > write.offerA)
    .map(other => (other.tag === tag ? { ...other, acceptedMs: nowMs } : other))
}

/** The station refused a write: it was never in force. */
export function refused(chain: Chain, tag: string): Chain {
  return chain.filter(write => write.tag !== tag)
}

/**
 * Drops what the newest accepted write has replaced, when that is proven: by a sample of at most `drawnA` taken at
 * `sampleMs`, or, on a model known to obey, by time alone (`obeysUnseen` and no sample).
 */
export function proven(
  chain: Chain,
  nowMs: number,
  proof: { drawnA?: number; sampleMs?: number; obeysUnseen: boolean },
): Chain {
  const newest = newestAccepted(chain)
  if (newest?.acceptedMs === undefined) return chain
  const ripeMs = newest.acceptedMs + PROOF_AFTER_MS
  const seen = proof.drawnA !== undefined && proof.sampleMs !== undefined
  const bySample =
    seen && (proof.sampleMs ?? 0) >= ripeMs && (proof.drawnA ?? 0) <= newest.offerA + PROOF_TOLERANCE_A
  const byTime = !seen && proof.obeysUnseen && nowMs >= ripeMs
  return bySample || byTime ? chain.filter(write => write.sentMs >= newest.sentMs) : chain
}

/** Drops replaced writes that can allow no more than the newest accepted one. */
export function expired(chain: Chain, nowMs: number): Chain {
  const newest = newestAccepted(chain)
  if (newest === undefined) return chain
  const worstA = worstOf(newest, nowMs)
  return chain.filter(write => write.sentMs >= newest.sentMs || worstOf(write, nowMs) > worstA)
}

export function newestAccepted(chain: Chain): Write | undefined {
  return chain.findLast(write => write.acceptedMs !== undefined)
}

export function newestWrite(chain: Chain): Write | undefined {
  return chain.at(-1)
}

/** What is kept on disk per connector: a raise before it is sent, a lower when accepted (control rule 12). */
export interface BookingRecord {
  readonly stationId: string
  readonly connectorId: number
  /** The largest offer that may be in force. */
  readonly worstA: number
  /** What was last decided. */
  readonly offerA: number
  readonly transactionId?: number
  /** The fail-safe the station has accepted. */
  readonly failSafeA?: number
}

/** A record as read back from disk; undefined when it is not one. */
export function bookingRecordOf(value: unknown): BookingRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field = (name: string): unknown => Reflect.get(value, name)
  const number = (name: string): number | undefined => {
    const found = field(name)
    return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : undefined
  }
  const stationId = field('stationId')
  const connectorId = number('connectorId')
  const worstA = number('worstA')
  const offerA = number('offerA')
  if (
    typeof stationId !== 'string' ||
    connectorId === undefined ||
    worstA === undefined ||
    offerA === undefined
  )
    return undefined
  const transactionId = number('transactionId')
  const failSafeA = number('failSafeA')
  return {
    stationId,
    connectorId,
    worstA,
    offerA,
    ...(transactionId !== undefined && { transactionId }),
    ...(failSafeA !== undefined && { failSafeA }),
  }
}
