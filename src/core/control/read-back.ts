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
/** How far ahead a schedule is read back: a step up that a wrong clock brings shows before it comes (clock-proof.ts). */
export const READ_BACK_S = 120
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
  if (!isTelling) return { kind: 'agrees', readA, expectedA }
  // While the first period must last, no other one may begin.
  const lastsS = (endOfFirst(write) - at.nowMs) / 1000
  const firsts = read.periods.filter(({ startS }) => startS < lastsS)
  const mostA = Math.max(...firsts.map(({ limitA }) => limitA))
  const holds = holdsBelow(connector, write)
  return { kind: periodOf(write, { readA, mostA }, { ...at, holds }), readA, expectedA }
}

/** Whether a read-back now could show that the clock is right, where a pause depends on it. */
export function wouldTell(connector: ConnectorControl, clockMs: number | undefined, nowMs: number): boolean {
  const write = governing(connector)
  if (write === undefined || !isBySameClock(write, clockMs) || !isInFirst(write, nowMs)) return false
  return write.offerA < write.failSafeA - 2 * READ_BACK_TOLERANCE_A && !holdsBelow(connector, write)
}

/** The CSMS allows less than the fail-safe at some time: then a later period does not show by its amps. */
function holdsBelow({ csmsWritten, live }: ConnectorControl, write: Write): boolean {
  const steps = live.includes(write) ? csmsWritten.live : csmsWritten.idle
  return steps.some(({ limitA }) => limitA !== undefined && limitA < write.failSafeA)
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
export function governing({ transaction, live, idle }: ConnectorControl): Write | undefined {
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
function isInFirst(write: Write, nowMs: number): boolean {
  return nowMs + IN_FORCE_BY_S * 1000 < endOfFirst(write)
}

function endOfFirst({ offerA, failSafeA, leaseEndMs, finalMs }: Write): number {
  return offerA > failSafeA ? leaseEndMs : finalMs - STEP_UP_LEAD_MS
}

function mostOf(chain: Chain): number | undefined {
  const at = chain.findLastIndex(write => write.acceptedMs !== undefined)
  const inForce = chain.slice(Math.max(0, at))
  if (inForce.length === 0) return undefined
  return Math.max(...inForce.map(({ offerA, failSafeA }) => Math.max(offerA, failSafeA)))
}

function periodOf(
  { offerA, failSafeA }: Write,
  { readA, mostA }: { readonly readA: number; readonly mostA: number },
  { csmsLimitA, holds }: { readonly csmsLimitA: number | undefined; readonly holds: boolean },
): 'first' | 'later' | 'agrees' {
  const allowedA = Math.min(offerA, csmsLimitA ?? offerA)
  if (allowedA > failSafeA + 2 * READ_BACK_TOLERANCE_A)
    return readA > failSafeA + READ_BACK_TOLERANCE_A ? 'first' : 'later'
  if (allowedA >= failSafeA - 2 * READ_BACK_TOLERANCE_A) return 'agrees'
  if (mostA >= failSafeA - READ_BACK_TOLERANCE_A) return 'later'
  return holds ? 'agrees' : 'first'
}

/** What the judgement says about the station's clock goes into its evidence. True when the evidence changed. */
export function takeClockEvidence(station: StationControl, judgement: Judgement, nowMs: number): boolean {
  switch (judgement.kind) {
    case 'first': {
      const isNews = !station.clockProven
      station.clockProven = station.clockDoubt === undefined
      if (station.clockProven) station.clockShownMs = nowMs
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
