/**
 * What the controller knows of one station: its link, its clock, and how far the profiles that must lie on it have
 * been laid (control rules 6, 7). The order of laying is data here; sending is the controller's.
 */

import { isDrivenByCsms, type StationConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import type { BootInfo, StationConfiguration, UpstreamState } from '../events.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { MAX_CLOCK_BOUND_S } from '../site/promise.js'
import { reportedValue } from '../station/configuration.js'
import type { ConfigurationNotice } from '../station/configuration-notices.js'
import type { ConnectorControl } from './connector.js'
import type { Strays } from './stray.js'
import type { WriteCause } from './write-cause.js'

/** Timestamps kept to judge a station's clock. */
const CLOCK_SAMPLES = 8
/** Of them say what its clock is now. */
const CLOCK_RECENT = 3
/** Timestamps are whole seconds on many stations, and a message travels a while. */
const CLOCK_GRAIN_MS = 1_000
/** A timestamp this much further ahead ends what earlier ones said. */
const AHEAD_MS = 2_000
/**
 * A clock that nothing has told of for so long may have jumped meanwhile. Those that must give way then have time for it
 * within the shortest lease, clock bound and reaction (control rules, "The promise").
 */
const CLOCK_OLD_MS = 80_000
/** Busbar's own CALLs count as unanswered after this, on stations not known to be slow (control rule 13). */
export const ANSWER_MS = 5_000
/** A step that was not answered, or a read-back that disagreed, is tried again after this. */
export const SETUP_RETRY_MS = 10_000
/** Hours over which profile writes are counted. */
const WRITE_WINDOW_MS = 24 * 3_600_000
/** Counted in this many buckets, so that the count is bounded. */
const WRITE_BUCKETS = 24

export interface StationControl {
  readonly id: string
  readonly config: StationConfig
  /** With the limits the station itself reports. */
  model: StationModel
  configuration: StationConfiguration
  notices: readonly ConfigurationNotice[]
  readonly leaseMs: number
  readonly connectors: readonly ConnectorControl[]
  connected: boolean
  changedWallMs: number
  upstream: UpstreamState
  boot: BootInfo | undefined
  /** The station's clock minus our monotonic clock, newest last. */
  clockOffsetsMs: readonly number[]
  /** A read-back or a draw has shown that schedules written by this clock are in force. */
  clockProven: boolean
  /** When something last told where its clock stands: a message with its time, or what it has in force. */
  clockShownMs: number
  /** It is not asked for that again before. */
  clockAskMs: number
  /** Why its clock is not to be trusted although its messages agree. */
  clockDoubt: ClockDoubt | undefined
  /** A doubt from a read-back is dropped then, and the clock judged anew. */
  doubtUntilMs: number
  /** Connectors it speaks of that nobody configured, by id (control/stray.ts). */
  readonly strays: Strays
  /** An exception while planning it: it is left to its fail-safe, the others are not. */
  planFault: string | undefined
  /** An operator wants it released; it is controlled as ever until its circuits carry it at its maximum. */
  isToBeReleased: boolean
  /** It is released: it waits until the others have made room, its profiles are being cleared, or it is nobody's. */
  release: 'waits' | 'clears' | 'done' | undefined
  /** Its configuration was changed while it runs, and does not lie on it yet (control/reconfigure.ts). */
  floorsDue: boolean
  setup: Setup | undefined
  /** Connectors whose laying was refused, and when it is tried again. */
  again: { readonly connectorIds: readonly number[]; readonly atMs: number } | undefined
  /** How often laying its profiles was refused in a row. */
  setupRefusals: number
  /** How long it may take to answer, ms: its own time where it is known to be slow (control rule 13). */
  answerMs: number
  /** What is running there was asked for at this time, and how often; it has not said. */
  asked: { readonly atMs: number; readonly times: number } | undefined
  /** It has spoken since it connected; what comes first says whether it had restarted. */
  heardHere: boolean
  /** A profile went to it before it had spoken: what lies there now may be from after a restart nobody knows of. */
  wroteBlind: boolean
  /** It answered that it knows no TriggerMessage. */
  withoutTrigger: boolean
  /** The station answered that it knows no SetChargingProfile. */
  withoutSmartCharging: boolean
  writes: readonly { readonly bucket: number; readonly count: number }[]
}

/**
 * `read-back`: what it says is in force is a later period of what was written, so its schedules run by another clock than
 * its messages. `our-clock`: Busbar's own clock has jumped and will be told to stations (control rule 6).
 */
export type ClockDoubt = 'read-back' | 'our-clock'

export interface Setup {
  readonly cause: WriteCause
  readonly kind: SetupKind
  /** Laid down when it begins: until then more may become known of the station. */
  readonly steps: readonly SetupStep[] | undefined
  readonly at: number
  /** The CALL of the step at `at` is out. */
  readonly waiting: boolean
  /** How often the step at `at` went unanswered. */
  readonly unanswered: number
  readonly notBeforeMs: number
  /** The CALL of the step at `at` that went unanswered last. */
  readonly lateTag?: string | undefined
}

/**
 * `check`: it was laid before, and is only read back. `lay`: ours again, after a restart or a refusal. `all`: nothing is
 * known of what lies there. `sweep`: something lies there that Busbar has not written.
 */
export type SetupKind = 'check' | 'lay' | 'all' | 'sweep'

export type SetupStep =
  /** `survey`: is the fail-safe of before still there after a reboot? */
  | { readonly kind: 'survey' | 'fail-safe' | 'idle' | 'live' | 'verify'; readonly connectorId: number }
  /** `isOwn`: a profile of Busbar's own, not somebody else's. */
  | { readonly kind: 'clear'; readonly payload: ClearChargingProfileRequest; readonly isOwn?: true }

/** Whether there is room for an idle profile above the fail-safe on each connector (control rule 2). */
export function hasIdleProfile(
  station: Pick<StationControl, 'model' | 'connectors' | 'configuration'>,
): boolean {
  const { maxStackLevel, maxProfiles, maxProfilesPer } = station.model.smartCharging
  if (maxStackLevel <= 0) return false
  // Room for all of them is room for those that are there.
  if (maxProfiles >= PROFILES_WITH_IDLE * station.connectors.length) return true
  const sharers =
    maxProfilesPer === 'connector' ? 1 : station.connectors.filter(({ id }) => isThere(station, id)).length
  return maxProfiles >= PROFILES_WITH_IDLE * sharers
}

/** Fail-safe, idle and live. */
const PROFILES_WITH_IDLE = 3

/** Each level is cleared of what is not ours, one CALL each: a station that reports more keeps the rest to itself. */
const HIGHEST_LEVEL_USED = 20

/**
 * A station that its CSMS drives is nobody's here from the start (proxy rule 19). What an earlier configuration has left on it
 * is taken off once, as at a release.
 */
export function leaveToCsms(station: StationControl): void {
  if (!isDrivenByCsms(station.config)) return
  const isOurs = station.connectors.some(({ failSafe, offerA }) => failSafe !== undefined || offerA > 0)
  station.release = isOurs ? 'waits' : 'done'
}

/** The highest level Busbar itself uses on the model. */
export function topLevel(model: StationModel): number {
  return Math.min(model.smartCharging.maxStackLevel, HIGHEST_LEVEL_USED)
}

/** Above the fail-safe where there is an idle profile too, in its place where not. */
export function liveLevel(station: Pick<StationControl, 'model' | 'connectors' | 'configuration'>): number {
  return hasIdleProfile(station) ? topLevel(station.model) : 0
}

/** A station that says it has fewer connectors does not answer for the others: they must not block it. */
export function isThere(station: Pick<StationControl, 'configuration'>, connectorId: number): boolean {
  const said = connectorsSaid(station)
  return said === undefined || connectorId <= said
}

/** NumberOfConnectors, where the station has told a sound one. */
export function connectorsSaid({ configuration }: Pick<StationControl, 'configuration'>): number | undefined {
  const said = Number(reportedValue(configuration, 'NumberOfConnectors') ?? Number.NaN)
  return Number.isInteger(said) && said >= 1 ? said : undefined
}

export function clockSeen(
  offsetsMs: readonly number[],
  stationWallMs: number,
  monoMs: number,
): readonly number[] {
  const offsetMs = stationWallMs - monoMs
  // Further ahead than all before: those were written earlier and only now sent, or the clock was set.
  const most = Math.max(...offsetsMs)
  if (offsetMs > most + AHEAD_MS) return [offsetMs]
  return [...offsetsMs, offsetMs].slice(-CLOCK_SAMPLES)
}

/** Offset of the station's clock against our monotonic one, and how far off that may be; undefined while unknown or beyond trust (control rule 6). */
export function clockOf(
  station: Pick<StationControl, 'clockOffsetsMs' | 'clockDoubt'>,
): StationClock | undefined {
  return station.clockDoubt === undefined ? shownClock(station) : undefined
}

export interface StationClock {
  readonly offsetMs: number
  readonly boundS: number
}

/** As its messages have it, whatever else is known. */
export function shownClock({
  clockOffsetsMs,
}: Pick<StationControl, 'clockOffsetsMs'>): StationClock | undefined {
  if (clockOffsetsMs.length === 0) return undefined
  let most = Number.NEGATIVE_INFINITY
  let least = Number.POSITIVE_INFINITY
  for (let at = Math.max(0, clockOffsetsMs.length - CLOCK_RECENT); at < clockOffsetsMs.length; at++) {
    const offsetMs = clockOffsetsMs[at] ?? Number.NaN
    most = Math.max(most, offsetMs)
    least = Math.min(least, offsetMs)
  }
  const boundS = (most - least + CLOCK_GRAIN_MS) / 1000
  return boundS > MAX_CLOCK_BOUND_S ? undefined : { offsetMs: most, boundS }
}

/** It may have jumped since something last told of it. */
export function isClockOld({ clockShownMs }: Pick<StationControl, 'clockShownMs'>, nowMs: number): boolean {
  return nowMs - clockShownMs > CLOCK_OLD_MS
}

export function countWrite(writes: StationControl['writes'], monoMs: number): StationControl['writes'] {
  const bucket = Math.floor(monoMs / (WRITE_WINDOW_MS / WRITE_BUCKETS))
  const kept = writes.filter(entry => entry.bucket > bucket - WRITE_BUCKETS)
  const last = kept.at(-1)
  if (last?.bucket === bucket) return [...kept.slice(0, -1), { bucket, count: last.count + 1 }]
  return [...kept, { bucket, count: 1 }]
}

export function writesOf(writes: StationControl['writes']): number {
  return writes.reduce((sum, entry) => sum + entry.count, 0)
}

/** It speaks: had it restarted before what was written lately, it would have said so first. */
export function heard(station: StationControl): void {
  station.heardHere = true
  station.wroteBlind = false
}
