/**
 * What the controller knows of one station: its link, its clock, and how far the profiles that must lie on it have
 * been laid (control rules 6, 7). The order of laying is data here; sending is the controller's.
 */

import type { StationConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import type { BootInfo, StationConfiguration, UpstreamState } from '../events.js'
import { foreignClears } from '../schedule/foreign-clears.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { MAX_CLOCK_BOUND_S } from '../site/promise.js'
import type { ConfigurationNotice } from '../station/configuration-notices.js'
import type { ConnectorControl } from './connector.js'

/** Timestamps kept to judge a station's clock. */
const CLOCK_SAMPLES = 8
/** Timestamps are whole seconds on many stations, and a message travels a while. */
const CLOCK_GRAIN_MS = 1_000
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
  setup: Setup | undefined
  /** The station answered that it knows no SetChargingProfile. */
  withoutSmartCharging: boolean
  writes: readonly { readonly bucket: number; readonly count: number }[]
}

export interface Setup {
  readonly steps: readonly SetupStep[]
  readonly at: number
  /** The CALL of the step at `at` is out. */
  readonly waiting: boolean
  readonly notBeforeMs: number
}

export type SetupStep =
  | { readonly kind: 'fail-safe' | 'idle' | 'live' | 'verify'; readonly connectorId: number }
  | { readonly kind: 'clear'; readonly payload: ClearChargingProfileRequest }

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
export function setupSteps(station: StationControl): readonly SetupStep[] {
  const ids = station.connectors.map(connector => connector.id)
  const steps: SetupStep[] = ids.map(connectorId => ({ kind: 'fail-safe', connectorId }))
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

export function clockSeen(
  offsetsMs: readonly number[],
  stationWallMs: number,
  monoMs: number,
): readonly number[] {
  return [...offsetsMs, stationWallMs - monoMs].slice(-CLOCK_SAMPLES)
}

/** Offset of the station's clock against our monotonic one, and how far off that may be; undefined while unknown or beyond trust (control rule 6). */
export function clockOf(
  offsetsMs: readonly number[],
): { readonly offsetMs: number; readonly boundS: number } | undefined {
  if (offsetsMs.length === 0) return undefined
  const recent = offsetsMs.slice(-3)
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
