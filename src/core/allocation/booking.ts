/**
 * Booking: what the allocator must assume a connector may draw. Each SetChargingProfile of ours is a write with a
 * lease in its schedule; a write counts from the moment it may have reached the station until a lower one is proven
 * or, by a clock that is proven, its lease has run out (control rules 3, 9, 10, 12). Schedules are compared over all
 * their periods. Knows nothing of circuits or sockets.
 */
import { COMMAND_S, MAX_CLOCK_BOUND_S, REACTION_S } from '../site/promise.js'

/** What may still happen after a lease's end by the station's clock: its clock bound, and the car's reaction. */
export const LEASE_TAIL_MS = (MAX_CLOCK_BOUND_S + REACTION_S) * 1000
/** Schedules begin on whole seconds. */
const GRID_MS = 1_000
/**
 * A step up counts this long before its time: the station's clock may be ahead, and whoever must give way for it needs
 * a command and a reaction first.
 */
export const STEP_UP_LEAD_MS = (MAX_CLOCK_BOUND_S + COMMAND_S + REACTION_S) * 1000 + GRID_MS
/** A sample proves a lower only when taken this long after the station accepted it. */
export const PROOF_AFTER_MS = REACTION_S * 1000
/** Metering error of a station, and the car's ripple around its limit. */
export const PROOF_TOLERANCE_A = 1
/** Writes kept per chain; more unanswered ones are folded into the largest. */
export const MAX_WRITES = 8
const DUST_A = 1e-9

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
  /** It leaves only once its record is on disk: until it is accepted nothing says that it has. */
  readonly waitsForRecord?: boolean
  /**
   * The station's clock less our monotonic one, as the schedule was written by; absent = nobody knew. `proven`: of
   * the last run, which had seen it in force.
   */
  readonly clockMs?: number | 'proven'
  /** Stands for earlier ones too, which it covers: a refusal of it does not take those away. */
  readonly absorbs?: boolean
}

/** Oldest first. */
export type Chain = readonly Write[]

/** How far the station's clock can be believed: what says when the periods of a write begin and end. */
export interface ClockEvidence {
  /** By what the station itself says now; undefined = unknown or beyond trust. */
  readonly offsetMs: number | undefined
  /** A read-back or a draw has shown that a schedule written by this clock is in force. */
  readonly isProven: boolean
  /** Nothing has told of the clock for so long that it may have jumped since: a schedule may not have begun, or be over. */
  readonly isOld: boolean
}

export const NO_CLOCK: ClockEvidence = { offsetMs: undefined, isProven: false, isOld: true }

/** Any period of the write may be in force at any time. */
function isTimeless(write: Write, clock: ClockEvidence): boolean {
  if (write.clockMs === 'proven') return false
  return (
    !clock.isProven ||
    clock.offsetMs === undefined ||
    write.clockMs === undefined ||
    Math.abs(clock.offsetMs - write.clockMs) > MAX_CLOCK_BOUND_S * 1000
  )
}

/**
 * The most a write can still allow at `nowMs`, whatever the station's clock within its bound. By a clock that may have
 * jumped it may be before its start, where the fail-safe below it is in force, or in its last period; that a lease lasts
 * longer by it takes a second fault.
 */
export function worstOf(write: Write, nowMs: number, clock: ClockEvidence): number {
  const { offerA, failSafeA } = write
  if (isTimeless(write, clock)) return Math.max(offerA, failSafeA)
  const mayBeLast = nowMs >= write.finalMs - STEP_UP_LEAD_MS || (clock.isOld && write.clockMs !== 'proven')
  const lastA = mayBeLast ? failSafeA : 0
  if (nowMs < write.leaseEndMs + LEASE_TAIL_MS) return Math.max(offerA, lastA)
  return Math.max(Math.min(offerA, failSafeA), lastA)
}

/** The most any write of the chain can still allow; undefined for an empty chain. */
export function worstOfChain(chain: Chain, nowMs: number, clock: ClockEvidence): number | undefined {
  let worstA: number | undefined
  for (const write of chain) {
    const writeA = worstOf(write, nowMs, clock)
    worstA = worstA === undefined ? writeA : Math.max(worstA, writeA)
  }
  return worstA
}

/**
 * Whether `later` allows at least what `earlier` does, at every time from `nowMs` on, also once more is known of the
 * clock: the one by its plain times, the other by all that doubt leaves possible.
 */
export function covers(later: Write, earlier: Write, nowMs: number, clock: ClockEvidence): boolean {
  const plain: Write = { ...later, clockMs: 'proven' }
  const steps = [later, earlier].flatMap(({ leaseEndMs, finalMs }) => [
    leaseEndMs + LEASE_TAIL_MS,
    finalMs - STEP_UP_LEAD_MS,
  ])
  return [nowMs, ...steps.filter(stepMs => stepMs > nowMs)].every(
    atMs => worstOf(earlier, atMs, clock) <= worstOf(plain, atMs, clock) + DUST_A,
  )
}

/** A write goes on the wire. */
export function sent(chain: Chain, write: Write, clock: ClockEvidence): Chain {
  const next = [...chain, write]
  if (next.length <= MAX_WRITES) return next
  const lean = absorbed(next, write.sentMs, clock)
  if (lean.length <= MAX_WRITES) return lean
  // What was accepted stays told apart from what nobody has answered.
  const isAnswered = (at: number): boolean => lean[at]?.acceptedMs !== undefined
  const at = lean.findIndex(
    (_, index) => index + 1 < lean.length && isAnswered(index) === isAnswered(index + 1),
  )
  const [first, second] = lean.slice(at, at + 2)
  if (first === undefined || second === undefined) return lean
  return [...lean.slice(0, at), fold(first, second, write.sentMs), ...lean.slice(at + 2)]
}

/** Without the unanswered writes that the one behind them covers anyway: a line that answers nothing brings many. */
function absorbed(chain: Chain, nowMs: number, clock: ClockEvidence): Chain {
  const kept: Write[] = []
  for (const write of chain) {
    const last = kept.at(-1)
    const isCovered = last !== undefined && last.acceptedMs === undefined && covers(write, last, nowMs, clock)
    if (isCovered) kept[kept.length - 1] = { ...write, absorbs: true }
    else kept.push(write)
  }
  return kept
}

/** Two writes nobody can tell apart any more, `a` the older: at no time less than either, and no lease begun anew. */
function fold(a: Write, b: Write, nowMs: number): Write {
  const { clockMs, ...rest } = b
  const isOver = nowMs >= a.leaseEndMs + LEASE_TAIL_MS
  const oldA = isOver ? Math.min(a.offerA, a.failSafeA) : a.offerA
  const failSafeA = Math.max(a.failSafeA, b.failSafeA)
  const folded = {
    ...rest,
    failSafeA,
    finalMs: Math.min(a.finalMs, b.finalMs),
    absorbs: true,
    ...(a.waitsForRecord === true && { waitsForRecord: true }),
    ...(clockMs !== undefined && clockMs === a.clockMs && { clockMs }),
  }
  if (oldA <= b.offerA) return { ...folded, leaseEndMs: Math.max(a.leaseEndMs, b.leaseEndMs) }
  // After the older lease the newer offer stays, as part of what has no end.
  return { ...folded, offerA: oldA, leaseEndMs: a.leaseEndMs, failSafeA: Math.max(failSafeA, b.offerA) }
}

/** The station accepted a write: what it covers is over, anything else from before stays until the lower is proven. */
export function accepted(chain: Chain, tag: string, nowMs: number, clock: ClockEvidence): Chain {
  const at = chain.findIndex(candidate => candidate.tag === tag)
  const write = chain[at]
  if (write === undefined) return chain
  return chain
    .filter((other, index) => index >= at || !covers(write, other, nowMs, clock))
    .map(other => (other.tag === tag ? { ...other, acceptedMs: nowMs } : other))
}

/** The station refused a write: it was never in force, but what it stands for may be. */
export function refused(chain: Chain, tag: string): Chain {
  return chain.filter(write => write.tag !== tag || write.absorbs === true)
}

/** What shows that a lower is in force. */
export interface LowerProof {
  /** The station's own measurement: at most this on any phase it may use. Absent: no sample that could tell. */
  readonly seen?: { readonly drawnA: number; readonly sampleMs: number }
  /** A model shown to obey: time alone is enough where nothing is seen. */
  readonly obeysUnseen: boolean
}

/** Drops what the newest accepted write has replaced, when that is proven or makes no difference any more. */
export function settled(chain: Chain, nowMs: number, clock: ClockEvidence, proof: LowerProof): Chain {
  if (chain.length < 2) return chain
  const at = chain.findLastIndex(write => write.acceptedMs !== undefined)
  const newest = chain[at]
  if (newest === undefined || at === 0) return chain
  if (isLowerProven(newest, nowMs, proof)) return chain.slice(at)
  // Replaced and out of lease by the plain clock: that it were still obeyed takes two faults at once.
  return chain.filter(
    (write, index) => index >= at || !covers(newest, { ...write, clockMs: 'proven' }, nowMs, clock),
  )
}

function isLowerProven(newest: Write, nowMs: number, { seen, obeysUnseen }: LowerProof): boolean {
  if (newest.acceptedMs === undefined) return false
  const ripeMs = newest.acceptedMs + PROOF_AFTER_MS
  if (seen === undefined) return obeysUnseen && nowMs >= ripeMs
  return seen.sampleMs >= ripeMs && seen.drawnA <= newest.offerA + PROOF_TOLERANCE_A
}

/** A lower that was accepted, and had its time, and that nothing has confirmed: others pay for it (control rule 9). */
export function isUnconfirmed(chain: Chain, nowMs: number, clock: ClockEvidence): boolean {
  if (chain.length < 2) return false
  const at = chain.findLastIndex(write => write.acceptedMs !== undefined)
  const newest = chain[at]
  if (newest?.acceptedMs === undefined || nowMs < newest.acceptedMs + PROOF_AFTER_MS) return false
  const worstA = worstOf(newest, nowMs, clock)
  return chain.slice(0, at).some(write => worstOf(write, nowMs, clock) > worstA + DUST_A)
}

export function newestAccepted(chain: Chain): Write | undefined {
  return chain.findLast(write => write.acceptedMs !== undefined)
}

export function newestWrite(chain: Chain): Write | undefined {
  return chain.at(-1)
}
