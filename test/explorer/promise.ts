/**
 * What must hold in the depot at every moment, and the stopwatches of what may excuse it (control rules, "The promise"):
 * a jump of other load, a car that takes phases it did not use, a station that lost its profiles or its clock. Over-current
 * that none of them explains, or that outlasts them, is a failure; so is a booking below what is possible.
 */
import { type PerPhase, PHASE_INDEXES, PHASE_NAMES } from '../../src/core/site/phases.js'

/** Metering error that proves a lower (core/allocation/booking.ts). */
const TOLERANCE_A = 1.01
/** Poll + decision to the wire + station and car, and a second for the explorer's coarse steps. */
export const ALIVE_MS = 13_500 + 1_000
/** A sample of a station counts this long: until then a phase may be taken as unused. */
const SAMPLE_MS = 30_000
/** Clock bound and reaction after a lease (control rule 3). */
const TAIL_MS = 21_000
/** A clock that jumps unseen is found, or its proof is old and counts no more (src/core/control/clock-proof.ts). */
const CLOCK_OLD_MS = 80_000
/** After a fault a depot is calm again when nothing else has happened for this long. */
const CALM_MS = 60_000
/** Setting a station up takes a while. */
export const SETTLE_MS = 20_000
/** No worst-case base later than this after the last good poll (control rule 15). */
const METER_LOST_MS = 25_000

export interface Failure {
  readonly rule: 'over the fuse' | 'booked too little' | 'raised without room'
  readonly atMs: number
  readonly text: string
}

/** Something from outside that may be answered late. */
export interface Cause {
  readonly kind: 'base' | 'phases' | 'profiles' | 'clock' | 'unknown'
  readonly sinceMs: number
  /** Connector or station it happened to. */
  readonly of?: string
  /** Busbar cannot be surprised by it: the booking must be right all the same. */
  readonly isBooked?: boolean
  /** Never later than this, whatever else happens. */
  readonly untilMs: number
  /** Read back after its restart, on a line that worked until now or longer: what it lost is laid anew from here on. */
  readonly readMs?: number
}

/** When it excuses nothing any more. */
export function lastMs({ untilMs, readMs }: Cause): number {
  return readMs === undefined ? untilMs : Math.min(untilMs, readMs + SETTLE_MS)
}

/** Current above a rating; what comes back before it could have been answered is the same one. */
interface Over {
  readonly sinceMs: number
  readonly lastMs: number
}

export interface Excuses {
  causes: Cause[]
  /** By circuit. */
  readonly over: Map<string, Over>
  /** When last anything was lost, late, dead or not yet set up. */
  faultMs: number
}

export function excuse(excuses: Excuses, cause: Cause): void {
  excuses.causes = [...excuses.causes.filter(old => old.kind !== cause.kind || old.of !== cause.of), cause]
}

/** Drops what excuses nothing any more. */
export function forget(excuses: Excuses, nowMs: number): void {
  if (excuses.causes.length > 0) excuses.causes = excuses.causes.filter(cause => lastMs(cause) >= nowMs)
}

export function lastsUntilMs(kind: Cause['kind'], sinceMs: number, leaseMs: number): number {
  if (kind === 'phases') return sinceMs + SAMPLE_MS + ALIVE_MS
  if (kind === 'clock') return sinceMs + CLOCK_OLD_MS + ALIVE_MS
  return sinceMs + Math.max(leaseMs + TAIL_MS, METER_LOST_MS) + ALIVE_MS
}

/**
 * In a calm depot a jump of other load is answered at once; with faults about, when they are over. The promise bounds how long
 * the current lasts: a car that is just following a raise may take it above the limit some seconds after the jump.
 */
function endsMs(cause: Cause, faultMs: number, overMs: number): number {
  if (cause.kind !== 'base') return lastMs(cause)
  const answeredMs = Math.max(cause.sinceMs, faultMs + CALM_MS) + ALIVE_MS
  const lastsMs = overMs <= answeredMs ? Math.max(answeredMs, overMs + ALIVE_MS) : answeredMs
  return Math.min(cause.untilMs, lastsMs)
}

function overSinceMs(over: Map<string, Over>, circuit: string, nowMs: number): number {
  const before = over.get(circuit)
  const sinceMs = before !== undefined && nowMs - before.lastMs <= ALIVE_MS ? before.sinceMs : nowMs
  over.set(circuit, { sinceMs, lastMs: nowMs })
  return sinceMs
}

export function mayBookLess(excuses: Excuses, connector: string): boolean {
  return excuses.causes.some(
    ({ of, isBooked }) =>
      of !== undefined && isBooked !== true && (of === connector || connector.startsWith(`${of}/`)),
  )
}

export interface Flow {
  readonly circuit: string
  readonly ratedA: number
  readonly flowA: PerPhase
  /** Who draws what, for the reader. */
  parts(): string
}

export function overTheFuse(flows: readonly Flow[], excuses: Excuses, atMs: number): Failure | undefined {
  for (const { circuit, ratedA, flowA, parts } of flows) {
    const phase = PHASE_INDEXES.find(index => flowA[index] > ratedA + 0.01)
    if (phase === undefined) continue
    const overMs = overSinceMs(excuses.over, circuit, atMs)
    if (excuses.causes.some(cause => atMs <= endsMs(cause, excuses.faultMs, overMs))) continue
    const text = `${flowA[phase]} A flow on ${PHASE_NAMES[phase]} of "${circuit}", rated ${ratedA} A: ${parts()}`
    return { rule: 'over the fuse', atMs, text }
  }
  return undefined
}

export interface Possible {
  readonly possibleA: PerPhase
  readonly bookedA: PerPhase
  connector(): string
  why(): string
}

export function bookedTooLittle(
  all: readonly Possible[],
  excuses: Excuses,
  atMs: number,
): Failure | undefined {
  for (const { connector, possibleA, bookedA, why } of all) {
    const phase = PHASE_INDEXES.find(index => possibleA[index] > bookedA[index] + TOLERANCE_A)
    if (phase === undefined || mayBookLess(excuses, connector())) continue
    const text = `${connector()} can draw ${possibleA[phase]} A on ${PHASE_NAMES[phase]} (${why()}) and is booked with ${bookedA[phase]} A`
    return { rule: 'booked too little', atMs, text }
  }
  return undefined
}
