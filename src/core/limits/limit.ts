/**
 * Limits from outside: who said what about which part of the site, and until when. Each lowers, none lifts another's; the lowest
 * holds (control rule 17). Time is that of a clock that does not jump. Must not know stations' profiles nor doors.
 */
import type { PhaseSet } from '../site/phases.js'

/** Those that orders come through; `grid`: what a grid operator orders, also by its contact. */
export const DOORS = ['api', 'mqtt', 'modbus', 'grid'] as const
export type Door = (typeof DOORS)[number]

/** Through which door it came, what of the configuration it is, or a step of a wiring test. */
export const LIMIT_SOURCES = [...DOORS, 'window', 'silence', 'mean', 'g100', 'test'] as const
export type LimitSource = (typeof LIMIT_SOURCES)[number]

export const isDoor = (source: LimitSource): source is Door => DOORS.some(door => door === source)

/** `onlyStations`: what the stations there draw together, whatever else the circuit carries (par. 14a EnWG). */
export type LimitTarget =
  | { readonly kind: 'site'; readonly onlyStations?: true }
  | { readonly kind: 'circuit'; readonly circuitId: string; readonly onlyStations?: true }
  /** Without a connector: each of the station's. */
  | { readonly kind: 'station'; readonly stationId: string; readonly connectorId?: number }

export type LimitValue =
  | { readonly unit: 'A'; readonly perPhase: number }
  | { readonly unit: 'W'; readonly total: number }

/** `fallback`: its time is over and nobody has renewed or cleared it. */
export const LIMIT_STATES = ['ordered', 'fallback'] as const
export type LimitState = (typeof LIMIT_STATES)[number]

export interface Limit {
  readonly source: LimitSource
  /** Unique within its source. */
  readonly id: string
  readonly target: LimitTarget
  readonly value: LimitValue
  /** Of two that are equal the lower number is named. */
  readonly priority: number
  readonly reason?: string
  /** Who gave it, as far as the door knows. */
  readonly by: string
}

/** In force now. */
export interface LimitInForce extends Limit {
  readonly state: LimitState
  readonly sinceWallMs: number
  /** Undefined: as long as what it follows from lasts. */
  readonly untilMonoMs?: number
}

/** Given by a person on the page, which has a name of its own for each circuit; nobody else may give under these. */
export const isOfPage = ({ source, id }: { readonly source: string; readonly id: string }): boolean =>
  source === 'api' && /^page($|-)/.test(id)

export const limitKey = ({ source, id }: Pick<Limit, 'source' | 'id'>): string => `${source}/${id}`

/**
 * A per phase that keep to the value whatever the phases carry. Watts are kept by an equal part on each phase at the
 * highest voltage there may be, so that the sum can only be less.
 */
export function ampsOf(value: LimitValue, phases: PhaseSet, highestV: number): number {
  if (value.unit === 'A') return value.perPhase
  const count = phases.filter(Boolean).length || 3
  return value.total / (count * highestV)
}
