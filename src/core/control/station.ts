/**
 * What the controller knows of one station: its link, its clock, and how far the profiles that must lie on it have
 * been laid (control rules 6, 7). The order of laying is data here; sending is the controller's.
 */

import type { StationConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import type { BootInfo, StationConfiguration, UpstreamState } from '../events.js'
import { foreignClears, sweepClears } from '../schedule/foreign-clears.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { MAX_CLOCK_BOUND_S } from '../site/promise.js'
import { reportedValue } from '../station/configuration.js'
import type { ConfigurationNotice } from '../station/configuration-notices.js'
import type { ConnectorControl } from './connector.js'
import type { Strays } from './stray.js'

/** Timestamps kept to judge a station's clock. */
const CLOCK_SAMPLES = 8
/** Timestamps are whole seconds on many stations, and a message travels a while. */
const CLOCK_GRAIN_MS = 1_000
/** A timestamp this much further ahead ends what earlier ones said. */
const AHEAD_MS = 2_000
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
  /** Why its clock is not to be trusted although its messages agree. */
  clockDoubt: ClockDoubt | undefined
  /** A doubt from a read-back is dropped then, and the clock judged anew. */
  doubtUntilMs: number
  /** Connectors it speaks of that nobody configured, by id (control/stray.ts). */
  readonly strays: Strays
  /** An exception while planning it: it is left to its fail-safe, the others are not. */
  planFault: string | undefined
  /** An operator has released it: it waits for room, its profiles are being cleared, or it is nobody's. */
  release: 'waits' | 'clears' | 'done' | undefined
  setup: Setup | undefined
  /** Connectors whose laying was refused, and when it is tried again. */
  again: { readonly connectorIds: readonly number[]; readonly atMs: number } | undefined
  /** It has spoken since it connected; what comes first says whether it had restarted. */
  heardHere: boolean
  /** A profile went to it before it had spoken: what lies there now may be from after a restart nobody knows of. */
  wroteBlind: boolean
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
  readonly steps: readonly SetupStep[]
  readonly at: number
  /** The CALL of the step at `at` is out. */
  readonly waiting: boolean
  readonly notBeforeMs: number
}

export type SetupStep =
  /** `survey`: is the fail-safe of before still there after a reboot? */
  | { readonly kind: 'survey' | 'fail-safe' | 'idle' | 'live' | 'verify'; readonly connectorId: number }
  /** `isOwn`: a profile of Busbar's own, not somebody else's. */
  | { readonly kind: 'clear'; readonly payload: ClearChargingProfileRequest; readonly isOwn?: true }

/** Whether the model has room for an idle profile above the fail-safe (control rule 2). */
export function hasIdleProfile(model: StationModel): boolean {
  return model.smartCharging.maxStackLevel > 0 && model.smartCharging.maxProfiles > 2
}

/** Each level is cleared of what is not ours, one CALL each: a station that reports more keeps the rest to itself. */
const HIGHEST_LEVEL_USED = 20

/** The highest level Busbar itself uses on the model. */
export function topLevel(model: StationModel): number {
  return Math.min(model.smartCharging.maxStackLevel, HIGHEST_LEVEL_USED)
}

/** Everything to do when a station connects: ours first, then clear what is not ours, then read back. */
export function setupSteps(station: StationControl, sweep: boolean): readonly SetupStep[] {
  const ids = station.connectors
    .filter(connector => isThere(station, connector))
    .map(connector => connector.id)
  const steps: SetupStep[] = []
  for (const { id, surveyA, transaction } of station.connectors)
    if (surveyA !== undefined && transaction === undefined && ids.includes(id))
      steps.push({ kind: 'survey', connectorId: id })
  if (sweep) steps.push(...sweepClears(ids).map(payload => ({ kind: 'clear' as const, payload })))
  steps.push(...ids.map(connectorId => ({ kind: 'fail-safe' as const, connectorId })))
  if (hasIdleProfile(station.model))
    steps.push(...ids.map(connectorId => ({ kind: 'idle' as const, connectorId })))
  steps.push(...ids.map(connectorId => ({ kind: 'live' as const, connectorId })))
  const top = topLevel(station.model)
  const idleLevel = hasIdleProfile(station.model) ? top : undefined
  steps.push(
    ...foreignClears(ids, top, { idleLevel, liveLevel: idleLevel ?? 0 }).map(payload => ({
      kind: 'clear' as const,
      payload,
    })),
  )
  steps.push(...ids.map(connectorId => ({ kind: 'verify' as const, connectorId })))
  return steps
}

/** A station that says it has fewer connectors does not answer for the others: they must not block it. */
export function isThere(station: StationControl, connector: ConnectorControl): boolean {
  const said = connectorsSaid(station)
  return said === undefined || connector.id <= said
}

/** NumberOfConnectors, where the station has told a sound one. */
export function connectorsSaid({ configuration }: StationControl): number | undefined {
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
): { readonly offsetMs: number; readonly boundS: number } | undefined {
  if (station.clockDoubt !== undefined || station.clockOffsetsMs.length === 0) return undefined
  const recent = station.clockOffsetsMs.slice(-3)
  const most = Math.max(...recent)
  const boundS = (most - Math.min(...recent) + CLOCK_GRAIN_MS) / 1000
  return boundS > MAX_CLOCK_BOUND_S ? undefined : { offsetMs: most, boundS }
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
