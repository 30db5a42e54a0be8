/**
 * One profile → its limit over a window. OCPP 1.6 §3.13.2, §7.8-7.14 with errata 3.44 (nothing beyond the duration or
 * the recurrence), 3.69 (watts by nominal voltage, three phases if not said), 3.79 (Daily 24 h, Weekly 7 d). A Recurring
 * profile is not active before its first start. Must not know other profiles.
 */
import type { ChargingProfile, ChargingSchedulePeriod } from './charging-profile.js'
import { type Curve, type Limit, pushStep, type Step, type Window } from './curve.js'
import { floorSecond, type InstalledProfile, wallMsOf } from './installed.js'

export interface Anchor {
  /** Where schedules relative to the start of charging begin: the transaction's start, real or assumed. */
  readonly chargingStartMs: number
  readonly nominalVoltageV: number
  /** Phases the car may use, where that is asked for: watts flow on all of them, whatever numberPhases says. */
  readonly carPhases?: number
}

const DAY_MS = 86_400_000
const RECURRENCE_MS = { Daily: DAY_MS, Weekly: 7 * DAY_MS } as const
const DEFAULT_PHASES = 3

export function expand(installed: InstalledProfile, window: Window, anchor: Anchor): Curve {
  const { profile } = installed
  const valid: Window = {
    fromMs: Math.max(window.fromMs, boundary(profile.validFrom, window.fromMs)),
    toMs: Math.min(window.toMs, boundary(profile.validTo, window.toMs)),
  }
  const steps: Step[] = []
  let coveredToMs = window.fromMs
  for (const occurrence of occurrences(installed, window, anchor)) {
    for (const piece of pieces(profile, occurrence, anchor)) {
      const fromMs = Math.max(piece.fromMs, valid.fromMs)
      const toMs = Math.min(piece.toMs, valid.toMs)
      if (fromMs >= toMs) continue
      if (fromMs > coveredToMs) pushStep(steps, { atMs: coveredToMs, limit: undefined })
      pushStep(steps, { atMs: fromMs, limit: piece.limit })
      coveredToMs = toMs
    }
  }
  if (coveredToMs < window.toMs) pushStep(steps, { atMs: coveredToMs, limit: undefined })
  return steps
}

function boundary(text: string | undefined, absent: number): number {
  return text === undefined ? absent : (wallMsOf(text) ?? absent)
}

/** The runs of the schedule that may touch the window, in order, not overlapping. */
function occurrences(installed: InstalledProfile, window: Window, anchor: Anchor): readonly Window[] {
  const { profile } = installed
  const { duration } = profile.chargingSchedule
  const startMs = startOf(installed, anchor)
  if (profile.chargingProfileKind !== 'Recurring') {
    return [{ fromMs: startMs, toMs: duration === undefined ? window.toMs : startMs + duration * 1000 }]
  }
  const everyMs = RECURRENCE_MS[profile.recurrencyKind ?? 'Daily']
  const lastsMs = Math.min(everyMs, duration === undefined ? everyMs : duration * 1000)
  const runs: Window[] = []
  const first = Math.max(0, Math.floor((window.fromMs - startMs) / everyMs))
  for (let fromMs = startMs + first * everyMs; fromMs < window.toMs; fromMs += everyMs) {
    runs.push({ fromMs, toMs: fromMs + lastsMs })
  }
  return runs
}

function startOf({ profile, receivedWallMs }: InstalledProfile, anchor: Anchor): number {
  const { startSchedule } = profile.chargingSchedule
  const given = startSchedule === undefined ? undefined : wallMsOf(startSchedule)
  // §7.13: a schedule without start is relative to the start of charging, whatever its kind says.
  if (profile.chargingProfileKind !== 'Relative' && given !== undefined) return given
  // A station-wide cap has no transaction to be relative to.
  if (profile.chargingProfilePurpose === 'ChargePointMaxProfile') return floorSecond(receivedWallMs)
  return floorSecond(anchor.chargingStartMs)
}

function* pieces(
  profile: ChargingProfile,
  run: Window,
  anchor: Anchor,
): Generator<Window & { limit: Limit }> {
  const { chargingRateUnit, chargingSchedulePeriod: periods } = profile.chargingSchedule
  for (const [i, period] of periods.entries()) {
    const next = periods[i + 1]
    const fromMs = run.fromMs + period.startPeriod * 1000
    const toMs = next === undefined ? run.toMs : Math.min(run.toMs, run.fromMs + next.startPeriod * 1000)
    yield {
      fromMs,
      toMs,
      limit: chargingRateUnit === 'A' ? inAmps(period) : fromWatts(period, anchor),
    }
  }
}

function inAmps({ limit, numberPhases }: ChargingSchedulePeriod): Limit {
  return { limitA: limit, ...(numberPhases === undefined ? {} : { numberPhases }) }
}

function fromWatts({ limit, numberPhases }: ChargingSchedulePeriod, anchor: Anchor): Limit {
  const phases = Math.max(numberPhases ?? DEFAULT_PHASES, anchor.carPhases ?? 0)
  const limitA = limit / (anchor.nominalVoltageV * phases)
  return { limitA, ...(numberPhases === undefined ? {} : { numberPhases }) }
}
