/**
 * A station that is let in to be known and is not configured (`ocpp.unknownStations: "learn"`): what it said of itself, and
 * what must be booked for it. Nobody knows where it hangs nor what it obeys: whatever it could draw is booked once on every
 * circuit (control rules 7, 9). Plain data.
 */
import type { BootInfo, StationConfiguration } from '../events.js'
import { reportedValue } from '../station/configuration.js'
import type { Now } from './now.js'
import type { BookingRecord } from './record.js'
import type { Strays } from './stray.js'

/** A station has a handful of connectors; whoever names more is not believed further. */
const MAX_CONNECTORS = 16
/** What a connector of an unknown model is taken to draw at least; more where a configured one may, or where it was seen. */
const UNKNOWN_MAX_A = 32

export interface Learner {
  readonly id: string
  /** Address it came from; "" where nobody said. */
  readonly remote: string
  readonly sinceWallMs: number
  readonly connected: boolean
  readonly boot?: BootInfo
  readonly configuration?: StationConfiguration
  /** Everything it says of its connectors, by id. */
  readonly seen: Strays
  /** Connectors that have taken 0 A, as long as it was not away or restarted since. */
  readonly held: ReadonlySet<number>
  /** Sessions that have taken 0 A, likewise. */
  readonly paused: ReadonlySet<number>
  /** Who refused or did not answer what was last written, by what it was; they have their turn again together. */
  readonly refused: ReadonlySet<string>
  /** Tag of the 0 A profile that is out. */
  readonly writing: string | undefined
  /** The unit to write next: a station that refuses amps may take watts. */
  readonly unit: 'A' | 'W'
  readonly writeNotBeforeMs: number
  /** What is on the disk of it, A by connector; nothing while it is idle. */
  readonly recordedA: ReadonlyMap<number, number>
}

/** Of a station that has just come, is away, or has restarted. */
export const NOTHING_TAKEN: Pick<Learner, 'held' | 'paused' | 'refused'> = {
  held: new Set(),
  paused: new Set(),
  refused: new Set(),
}

/** By station id. */
export type Learners = Map<string, Learner>

/** Its connectors, as far as it has named them: one at least. */
export function connectorsOf({ seen, configuration }: Learner): readonly number[] {
  const said = configuration === undefined ? undefined : reportedValue(configuration, 'NumberOfConnectors')
  const count = Math.max(1, Math.min(MAX_CONNECTORS, Math.floor(Number(said)) || 0))
  const counted = Array.from({ length: count }, (_, at) => at + 1)
  return [...new Set([...counted, ...seen.keys()])].sort((a, b) => a - b)
}

/**
 * On every circuit and phase: all it may draw, whatever it has accepted, as nothing has ever shown that it obeys.
 * `largestA`: of any connector that is configured on the site.
 */
export function learnerA(learner: Learner, largestA: number): number {
  return connectorsOf(learner).reduce((sum, id) => sum + connectorA(learner, id, largestA), 0)
}

/** The same of one of its connectors. */
export function connectorA({ seen }: Learner, connectorId: number, largestA: number): number {
  return Math.max(UNKNOWN_MAX_A, largestA, seen.get(connectorId)?.drawn?.mostA ?? 0)
}

/** Takes over what was in use when Busbar ended, one record per connector. */
export function restoreLearner(learners: Learners, record: BookingRecord, now: Now): void {
  const { stationId, connectorId, worstA } = record
  const before = learners.get(stationId)
  const stray = { wasInUse: true, drawn: { mostA: worstA, monoMs: now.monoMs } } as const
  learners.set(stationId, {
    id: stationId,
    remote: '',
    sinceWallMs: record.atWallMs ?? now.wallMs,
    connected: false,
    seen: new Map([...(before?.seen ?? []), [connectorId, stray]]),
    ...NOTHING_TAKEN,
    writing: undefined,
    unit: 'A',
    writeNotBeforeMs: now.monoMs,
    recordedA: new Map([...(before?.recordedA ?? []), [connectorId, worstA]]),
  })
}
