/**
 * What a station says lies on it: the answer to GetCompositeSchedule (OCPP 1.6 §6.21-6.22) as amps per phase. Only an
 * answer that says a limit for every moment from its start is one; all else is unreadable, as an error is, and proves
 * nothing. Must not know what was expected.
 */
import type { CallOutcome } from '../answer.js'
import { fieldsAt, isFields, listAt, toNumber } from '../fields.js'

export interface ReadBackPeriod {
  /** Seconds from the start of the schedule. */
  readonly startS: number
  /** Per phase. */
  readonly limitA: number
}

export type ReadBack =
  | { readonly kind: 'limits'; readonly periods: readonly [ReadBackPeriod, ...ReadBackPeriod[]] }
  | { readonly kind: 'unreadable'; readonly why: string }

/** How watts become amps: the lowest voltage that is plausible, and the phases where the answer names none. */
export interface WattsAs {
  readonly voltageV: number
  readonly phases: 1 | 2 | 3
}

const unreadable = (why: string): ReadBack => ({ kind: 'unreadable', why })

export function readBack(outcome: CallOutcome, watts: WattsAs): ReadBack {
  if (outcome.kind === 'error') return unreadable(outcome.code)
  if (outcome.kind !== 'result') return unreadable(outcome.kind)
  const payload: unknown = JSON.parse(outcome.payloadText)
  if (!isFields(payload) || payload.status !== 'Accepted') return unreadable('not Accepted')
  const schedule = fieldsAt(payload, 'chargingSchedule')
  if (schedule === undefined) return unreadable('no schedule')
  const unit = schedule.chargingRateUnit
  if (unit !== 'A' && unit !== 'W') return unreadable('no unit')
  const periods: ReadBackPeriod[] = []
  for (const given of listAt(schedule, 'chargingSchedulePeriod')) {
    const period = periodOf(given, unit, watts)
    if (period === undefined) return unreadable('a period without a limit')
    const before = periods.at(-1)
    if (before !== undefined && period.startS <= before.startS) return unreadable('periods out of order')
    periods.push(period)
  }
  const [first, ...rest] = periods
  if (first === undefined) return unreadable('no periods')
  if (first.startS !== 0) return unreadable('no limit at its start')
  return { kind: 'limits', periods: [first, ...rest] }
}

function periodOf(given: unknown, unit: 'A' | 'W', watts: WattsAs): ReadBackPeriod | undefined {
  if (!isFields(given)) return undefined
  const startS = toNumber(given.startPeriod)
  const limit = toNumber(given.limit)
  // -1 is how some stations say "no limit": that is no limit to rely on.
  if (startS === undefined || startS < 0 || limit === undefined || limit < 0) return undefined
  if (unit === 'A') return { startS, limitA: limit }
  const phases = given.numberPhases === undefined ? watts.phases : toNumber(given.numberPhases)
  if (phases !== 1 && phases !== 2 && phases !== 3) return undefined
  return { startS, limitA: limit / (watts.voltageV * phases) }
}
