/**
 * The charging profiles installed on one simulated station and the limit they give at an instant (OCPP 1.6 §3.13.2,
 * §5.5, §5.16). Written second by second from the text of the standard and apart from src/core/schedule on purpose:
 * the two judge each other. Survives reboots (errata 3.37). Times are the station's own clock, ms.
 */
import type { RateUnit, RequestOf, StationProfile } from './requests.js'

export interface ProfileLimits {
  readonly rateUnits: readonly RateUnit[]
  readonly maxStackLevel: number
  readonly maxPeriods: number
  readonly maxProfiles: number
}

export interface Installed {
  readonly connectorId: number
  readonly profile: StationProfile
  /** When it was accepted: the start of a Relative ChargePointMaxProfile. */
  readonly acceptedMs: number
}

/** A limit as the schedule says it: A per phase, or W in total. */
export interface ScheduleLimit {
  readonly limit: number
  readonly unit: RateUnit
  readonly numberPhases: number
}

export type SetVerdict = 'Accepted' | 'Rejected' | 'PropertyConstraintViolation'

/** The running transaction of a connector, as far as profiles care. `id` undefined until the CSMS gave one. */
export interface ProfileTransaction {
  readonly id: number | undefined
  readonly startedMs: number
}

export interface SetContext {
  readonly nowMs: number
  readonly connectorCount: number
  readonly transaction: ProfileTransaction | undefined
}

const RECURRENCE_S = { Daily: 86_400, Weekly: 604_800 } as const

export class ProfileStack {
  private stack: readonly Installed[] = []

  constructor(private readonly limits: ProfileLimits) {}

  /** SetChargingProfile.req: replaces the same id, or the same purpose and level on the same connector. */
  set(request: RequestOf<'SetChargingProfile'>, context: SetContext): SetVerdict {
    const { connectorId, csChargingProfiles: profile } = request
    const verdict = judge(connectorId, profile, context, this.limits)
    if (verdict !== 'Accepted') return verdict
    const kept = this.stack.filter(entry => {
      const old = entry.profile
      const samePlace =
        entry.connectorId === connectorId &&
        old.stackLevel === profile.stackLevel &&
        old.chargingProfilePurpose === profile.chargingProfilePurpose
      return old.chargingProfileId !== profile.chargingProfileId && !samePlace
    })
    if (kept.length >= this.limits.maxProfiles) return 'Rejected'
    this.stack = [...kept, { connectorId, profile, acceptedMs: context.nowMs }]
    return 'Accepted'
  }

  /** ClearChargingProfile.req; how many were cleared. */
  clear(filter: RequestOf<'ClearChargingProfile'>): number {
    const before = this.stack.length
    this.stack = this.stack.filter(entry => !matches(entry, filter))
    return before - this.stack.length
  }

  /** The TxProfiles of a connector end with its transaction (OCPP 1.6 §3.13.1). */
  endTransaction(connectorId: number): void {
    this.stack = this.stack.filter(
      entry => entry.connectorId !== connectorId || entry.profile.chargingProfilePurpose !== 'TxProfile',
    )
  }

  installed(): readonly Installed[] {
    return this.stack
  }

  /** Limit by the transaction purposes (TxProfile, else TxDefaultProfile); undefined = none. */
  transactionLimit(connectorId: number, atMs: number, startedMs: number): ScheduleLimit | undefined {
    return (
      this.top('TxProfile', connectorId, atMs, startedMs) ??
      this.top('TxDefaultProfile', connectorId, atMs, startedMs)
    )
  }

  /** Limit of the whole station; undefined = none. */
  stationLimit(atMs: number, startedMs: number): ScheduleLimit | undefined {
    return this.top('ChargePointMaxProfile', 0, atMs, startedMs)
  }

  /** Instants in (fromMs, toMs] at which a limit can change. Unsorted, with repeats. */
  edges(fromMs: number, toMs: number, startedMs: number): readonly number[] {
    return this.stack.flatMap(entry => edgesOf(entry, fromMs, toMs, startedMs))
  }

  /** Highest level first; on one level the connector's own profile hides the one of connector 0. */
  private top(
    purpose: StationProfile['chargingProfilePurpose'],
    connectorId: number,
    atMs: number,
    startedMs: number,
  ): ScheduleLimit | undefined {
    const ordered = this.stack
      .filter(entry => entry.profile.chargingProfilePurpose === purpose)
      .filter(entry => entry.connectorId === connectorId || entry.connectorId === 0)
      .sort((a, b) => b.profile.stackLevel - a.profile.stackLevel || b.connectorId - a.connectorId)
    for (const entry of ordered) {
      const limit = limitOf(entry, atMs, startedMs)
      if (limit) return limit
    }
    return undefined
  }
}

function judge(
  connectorId: number,
  profile: StationProfile,
  context: SetContext,
  limits: ProfileLimits,
): SetVerdict {
  const { chargingSchedule: schedule, chargingProfilePurpose: purpose } = profile
  if (!limits.rateUnits.includes(schedule.chargingRateUnit)) return 'PropertyConstraintViolation'
  if (connectorId > context.connectorCount) return 'PropertyConstraintViolation'
  if (profile.stackLevel > limits.maxStackLevel) return 'Rejected'
  if (schedule.chargingSchedulePeriod.length > limits.maxPeriods) return 'Rejected'
  if (!startsAtZeroAndRises(schedule.chargingSchedulePeriod.map(period => period.startPeriod)))
    return 'Rejected'
  if (profile.chargingProfileKind === 'Recurring' && (!profile.recurrencyKind || !schedule.startSchedule))
    return 'Rejected'
  switch (purpose) {
    case 'ChargePointMaxProfile':
      return connectorId === 0 ? 'Accepted' : 'Rejected'
    case 'TxDefaultProfile':
      return 'Accepted'
    case 'TxProfile': {
      const running = context.transaction
      if (connectorId === 0 || !running) return 'Rejected'
      const named = profile.transactionId
      return named === undefined || named === running.id ? 'Accepted' : 'Rejected'
    }
  }
}

function startsAtZeroAndRises(starts: readonly number[]): boolean {
  return starts.every((start, index) => {
    const before = starts[index - 1]
    return before === undefined ? start === 0 : start > before
  })
}

/** Errata 3.25: an id alone decides, otherwise every given field must match. */
function matches(entry: Installed, filter: RequestOf<'ClearChargingProfile'>): boolean {
  const { profile } = entry
  if (filter.id !== undefined) return profile.chargingProfileId === filter.id
  return (
    (filter.connectorId === undefined || filter.connectorId === entry.connectorId) &&
    (filter.chargingProfilePurpose === undefined ||
      filter.chargingProfilePurpose === profile.chargingProfilePurpose) &&
    (filter.stackLevel === undefined || filter.stackLevel === profile.stackLevel)
  )
}

/** Start of the schedule that covers `atMs`; undefined when it has not begun. */
function startOf(entry: Installed, atMs: number, startedMs: number): number | undefined {
  const { profile } = entry
  const written = profile.chargingSchedule.startSchedule
  // Absolute without a start counts from the start of charging, like Relative (OCPP 1.6 §7.13).
  const relativeMs = profile.chargingProfilePurpose === 'ChargePointMaxProfile' ? entry.acceptedMs : startedMs
  switch (profile.chargingProfileKind) {
    case 'Relative':
      return relativeMs
    case 'Absolute':
      return written === undefined ? relativeMs : Date.parse(written)
    case 'Recurring': {
      const first = Date.parse(written ?? '')
      const everyMs = RECURRENCE_S[profile.recurrencyKind ?? 'Daily'] * 1000
      return atMs < first ? undefined : first + Math.floor((atMs - first) / everyMs) * everyMs
    }
  }
}

function limitOf(entry: Installed, atMs: number, startedMs: number): ScheduleLimit | undefined {
  const { profile } = entry
  const { chargingSchedule: schedule } = profile
  if (profile.validFrom !== undefined && atMs < Date.parse(profile.validFrom)) return undefined
  if (profile.validTo !== undefined && atMs >= Date.parse(profile.validTo)) return undefined
  const startMs = startOf(entry, atMs, startedMs)
  if (startMs === undefined || !(atMs >= startMs)) return undefined
  const elapsedS = (atMs - startMs) / 1000
  if (schedule.duration !== undefined && elapsedS >= schedule.duration) return undefined
  const period = schedule.chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= elapsedS)
  if (!period) return undefined
  return {
    limit: period.limit,
    unit: schedule.chargingRateUnit,
    // Errata 3.69: three phases unless the period says otherwise.
    numberPhases: period.numberPhases ?? 3,
  }
}

function edgesOf(entry: Installed, fromMs: number, toMs: number, startedMs: number): readonly number[] {
  const { profile } = entry
  const { chargingSchedule: schedule } = profile
  const starts: number[] = []
  if (profile.chargingProfileKind === 'Recurring') {
    const everyMs = RECURRENCE_S[profile.recurrencyKind ?? 'Daily'] * 1000
    const firstMs = Date.parse(schedule.startSchedule ?? '')
    const begunMs = startOf(entry, fromMs, startedMs) ?? firstMs
    for (let startMs = begunMs; startMs <= toMs; startMs += everyMs) starts.push(startMs)
  } else {
    const startMs = startOf(entry, fromMs, startedMs)
    if (startMs !== undefined) starts.push(startMs)
  }
  const offsetsS = [...schedule.chargingSchedulePeriod.map(period => period.startPeriod)]
  if (schedule.duration !== undefined) offsetsS.push(schedule.duration)
  const edges = starts.flatMap(startMs => offsetsS.map(offsetS => startMs + offsetS * 1000))
  for (const instant of [profile.validFrom, profile.validTo])
    if (instant !== undefined) edges.push(Date.parse(instant))
  return edges.filter(edge => edge > fromMs && edge <= toMs)
}
