/**
 * What somebody says about a running session: when it leaves, what it wants, how it counts. Only ever a word: it decides
 * who is served first, never how much may flow (allocation/sharing.ts). Kept with the session over a restart.
 */

import { MAX_ENERGY_WH, MAX_WEIGHT, PRIORITY_CLASSES } from '../config/site.js'
import { asciiLower } from '../fields.js'

/** `api`: said for this session. `tag`: of the vehicle its tag belongs to. `learned`: by nobody, by sessions before it. */
export type ClaimSource = 'api' | 'tag' | 'learned'

export interface SessionClaim {
  readonly departureWallMs?: number
  /** From the start of the session. */
  readonly energyWh?: number
  readonly weight?: number
  readonly priorityClass?: number
  readonly source: ClaimSource
  /** The departure is what so many of the last sessions had, and nobody's word: see habits.ts. */
  readonly learned?: { readonly times: number; readonly of: number }
}

/** A claim as read back from disk, with the session it belongs to; undefined when it is none. */
export interface ClaimRecord {
  readonly stationId: string
  readonly connectorId: number
  readonly transactionId: number
  readonly claim: SessionClaim
}

/** What was said before the session it is for: by its tag or its place (see `tagKey`, `placeKey`). */
export interface WaitingRecord {
  readonly key: string
  readonly claim: SessionClaim
  /** Whoever has not come by then does not come for it. */
  readonly untilWallMs: number
}

/** Tags are compared without regard to the case of ASCII letters (OCPP 1.6 §7, CiString); half a character of a legal text is one too. */
export function tagKey(idTag: string): string {
  const written = asciiLower(idTag).replace(/\p{Surrogate}|\P{Surrogate}+/gu, part =>
    /\p{Surrogate}/u.test(part) ? `%u${part.charCodeAt(0).toString(16)}` : encodeURIComponent(part),
  )
  return `tag/${written}`
}
export const placeKey = (stationId: string, connectorId: number): string => `at/${stationId}/${connectorId}`

export function waitingRecordOf(value: unknown): WaitingRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const key: unknown = Reflect.get(value, 'key')
  const untilWallMs: unknown = Reflect.get(value, 'untilWallMs')
  const claim = claimOf(Reflect.get(value, 'claim'))
  if (typeof key !== 'string' || typeof untilWallMs !== 'number' || claim === undefined) return undefined
  return { key, claim, untilWallMs }
}

export function claimRecordOf(value: unknown): ClaimRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field = (name: string): unknown => Reflect.get(value, name)
  const stationId = field('stationId')
  const connectorId = field('connectorId')
  const transactionId = field('transactionId')
  const claim = claimOf(field('claim'))
  if (typeof stationId !== 'string' || claim === undefined) return undefined
  if (!isWhole(connectorId) || !isWhole(transactionId)) return undefined
  return { stationId, connectorId, transactionId, claim }
}

function claimOf(value: unknown): SessionClaim | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const number = (name: string, least: number, most: number): number | undefined => {
    const found: unknown = Reflect.get(value, name)
    return typeof found === 'number' && found >= least && found <= most ? found : undefined
  }
  // What was learned is learned anew.
  const source: unknown = Reflect.get(value, 'source')
  if (source !== 'api' && source !== 'tag') return undefined
  const departureWallMs = number('departureWallMs', 0, Number.MAX_SAFE_INTEGER)
  const energyWh = number('energyWh', 0, MAX_ENERGY_WH)
  const weight = number('weight', 0.1, MAX_WEIGHT)
  const priorityClass = number('priorityClass', 1, PRIORITY_CLASSES)
  return {
    source,
    ...(departureWallMs !== undefined && { departureWallMs }),
    ...(energyWh !== undefined && { energyWh }),
    ...(weight !== undefined && { weight }),
    ...(priorityClass !== undefined && { priorityClass: Math.round(priorityClass) }),
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value)
}
