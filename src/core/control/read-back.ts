/**
 * What a GetCompositeSchedule answer says about what lies on a station, judged against what Busbar has written (control
 * rules 6, 7, 11). A read-back that is lower than written is no success either: if it is what a later period allows, the
 * schedules run by another clock than the station's messages. Reads only.
 */
import { type Chain, newestAccepted, STEP_UP_LEAD_MS, type Write } from '../allocation/booking.js'
import type { ReadBack } from '../schedule/read-back.js'
import type { ConnectorControl } from './connector.js'
import { RESTORED } from './record.js'
import type { StationControl } from './station.js'

/** Read-back and written limit may differ by a station's rounding. */
export const READ_BACK_TOLERANCE_A = 0.15
/** How far ahead a schedule is read back. */
export const READ_BACK_S = 60
/** A schedule written by a clock within its bound is in force by then. */
const IN_FORCE_BY_S = 15

/**
 * `over`: more than written. `first`: only the first period explains it, so the clock is right. `later`: a period that is
 * not due explains it. `agrees`: it fits, and says nothing of the clock.
 */
export type Judgement =
  | { readonly kind: 'unreadable'; readonly why: string }
  | {
      readonly kind: 'over' | 'first' | 'later' | 'agrees'
      readonly readA: number
      readonly expectedA: number
    }

/** Further apart than this, a schedule was written before the station's clock was set: its periods say nothing. */
const SAME_CLOCK_MS = 2_000

/**
 * `csmsLimitA`: what the CSMS allows now; a profile is never above it. `clockMs`: where the station's clock stands now by its
 * messages.
 */
export function judgeReadBack(
  read: ReadBack,
  connector: ConnectorControl,
  at: {
    readonly csmsLimitA: number | undefined
    readonly clockMs: number | undefined
    readonly nowMs: number
  },
): Judgement {
  if (read.kind === 'unreadable') return read
  const mostReadA = Math.max(...read.periods.map(period => period.limitA))
  const readA = read.periods.findLast(period => period.startS <= IN_FORCE_BY_S)?.limitA ?? mostReadA
  const expectedA = expectedMostA(connector)
  if (mostReadA > expectedA + READ_BACK_TOLERANCE_A) return { kind: 'over', readA: mostReadA, expectedA }
  const write = governing(connector)
  const isTelling = write !== undefined && isBySameClock(write, at.clockMs) && isInFirst(write, at.nowMs)
  return { kind: isTelling ? periodOf(write, readA, at.csmsLimitA) : 'agrees', readA, expectedA }
}

/** What a check must find: what was written last, or the fail-safe where that has run out. */
export function isAsWritten(connector: ConnectorControl, readA: number, nowMs: number): boolean {
  const write = governing(connector)
  if (write === undefined) return true
  // The CSMS may hold it lower; what has run out, or may have, is at its fail-safe.
  const leastA =
    isInFirst(write, nowMs) && write.tag !== RESTORED
      ? Math.min(write.offerA, connector.csmsLimitA ?? write.offerA)
      : 0
  return readA >= leastA - READ_BACK_TOLERANCE_A
}

/** The write whose schedule the composite must show. */
function governing({ transaction, live, idle }: ConnectorControl): Write | undefined {
  return (transaction === undefined ? undefined : newestAccepted(live)) ?? newestAccepted(idle)
}

/** The most any period of what may lie there allows: the newest accepted, and what nobody has answered since. */
function expectedMostA(connector: ConnectorControl): number {
  const { live, idle, failSafe, config, transaction } = connector
  const floorA = failSafe?.valueA ?? config.failSafeCurrentA
  const idleA = mostOf(idle) ?? floorA
  return transaction === undefined ? idleA : Math.max(idleA, mostOf(live) ?? 0)
}

function isBySameClock({ clockMs }: Write, nowMs: number | undefined): boolean {
  if (typeof clockMs !== 'number' || nowMs === undefined) return false
  return Math.abs(clockMs - nowMs) <= SAME_CLOCK_MS
}

/** Its first period is the one that must be in force: one that has run out shows a later period and is right. */
function isInFirst({ offerA, failSafeA, leaseEndMs, finalMs }: Write, nowMs: number): boolean {
  const endMs = offerA > failSafeA ? leaseEndMs : finalMs - STEP_UP_LEAD_MS
  return nowMs + IN_FORCE_BY_S * 1000 < endMs
}

function mostOf(chain: Chain): number | undefined {
  const at = chain.findLastIndex(write => write.acceptedMs !== undefined)
  const inForce = chain.slice(Math.max(0, at))
  if (inForce.length === 0) return undefined
  return Math.max(...inForce.map(({ offerA, failSafeA }) => Math.max(offerA, failSafeA)))
}

function periodOf(
  { offerA, failSafeA }: Write,
  readA: number,
  csmsLimitA: number | undefined,
): 'first' | 'later' | 'agrees' {
  const allowedA = Math.min(offerA, csmsLimitA ?? offerA)
  if (allowedA > failSafeA + 2 * READ_BACK_TOLERANCE_A)
    return readA > failSafeA + READ_BACK_TOLERANCE_A ? 'first' : 'later'
  if (allowedA < failSafeA - 2 * READ_BACK_TOLERANCE_A)
    return readA < failSafeA - READ_BACK_TOLERANCE_A ? 'first' : 'later'
  return 'agrees'
}

/** What the judgement says about the station's clock goes into its evidence. True when the evidence changed. */
export function takeClockEvidence(station: StationControl, judgement: Judgement): boolean {
  switch (judgement.kind) {
    case 'first': {
      const isNews = !station.clockProven
      station.clockProven = station.clockDoubt === undefined
      return isNews
    }
    case 'later':
      station.clockProven = false
      station.clockDoubt ??= 'read-back'
      return true
    case 'over':
    case 'agrees':
    case 'unreadable':
      return false
  }
}
