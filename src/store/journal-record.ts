/**
 * What the journal says of itself: whose site it is, why nothing of it may go up, and what was found damaged until somebody
 * has taken note. The only file that knows these keys; names losses by station and time (proxy rule 17; I10).
 */
import { isFields, numberAt, textAt } from '../core/fields.js'
import type { Journal, JournalEntry, JournalOp } from '../ports.js'

const IDENTITY = 'site/identity'
const HOLD = 'site/hold'
const DAMAGE = 'site/damage'
/** Stations named one by one; a site with more damage than this has other troubles. */
const MOST_NAMED = 20

export interface DamageNote {
  readonly foundWallMs: number
  readonly text: string
}

export interface JournalRecord {
  readonly siteId: string | undefined
  readonly hold: string | undefined
  readonly damage: DamageNote | undefined
}

export async function loadJournalRecord(journal: Journal): Promise<JournalRecord> {
  const entries = await journal.scan('site/', 'site0', 10)
  const of = (key: string): unknown => parsed(entries.find(entry => entry.key === key))
  const damage = of(DAMAGE)
  const foundWallMs = numberAt(damage, 'foundWallMs')
  const text = textAt(damage, 'text')
  return {
    siteId: textAt(of(IDENTITY), 'siteId'),
    hold: textAt(of(HOLD), 'reason'),
    damage: foundWallMs === undefined || text === undefined ? undefined : { foundWallMs, text },
  }
}

export const journalRecord = {
  identity: (siteId: string, sinceWallMs: number): JournalOp => put(IDENTITY, { siteId, sinceWallMs }),
  hold: (reason: string | undefined): JournalOp =>
    reason === undefined ? { kind: 'delete', key: HOLD } : put(HOLD, { reason }),
  damage: (note: DamageNote | undefined): JournalOp =>
    note === undefined ? { kind: 'delete', key: DAMAGE } : put(DAMAGE, note),
} as const

export interface Losses {
  readonly lost: number
  readonly keys: readonly string[]
  readonly ranges: readonly { readonly after: string; readonly before: string }[]
  readonly missingBatches: number
  /** What the last write held, which did not reach the disk whole. */
  readonly tornKeys?: readonly string[]
  /** Folder within the data folder that holds the journal as it was found. */
  readonly copy?: string
}

/** "CP-1: 3 waiting messages of 2026-01-14T06:00:00.000Z to 2026-01-14T06:10:00.000Z; ...". */
export function lossText(losses: Losses): string {
  const parts = [...entries(losses.keys, losses.lost - losses.keys.length)]
  for (const { after, before } of losses.ranges)
    parts.push(`what lay between ${named(after)} and ${named(before)} may be lost`)
  if (losses.missingBatches > 0) parts.push(`${losses.missingBatches} writes are missing`)
  if (losses.tornKeys !== undefined) {
    const held = entries(losses.tornKeys, 0).join(', ')
    parts.push(
      `the last write is not whole${held === '' ? '' : ` (${held})`}: it is lost, and who was not answered sends it again`,
    )
  }
  const copy = losses.copy === undefined ? '' : ` As it was found it lies in ${losses.copy}.`
  const found = parts.length === 0 ? 'it could only be opened after a repair' : parts.join('; ')
  return `The journal was damaged: ${found}.${copy}`
}

function entries(keys: readonly string[], more: number): readonly string[] {
  const parts: string[] = []
  const waiting = new Map<string, number[]>()
  let others = more
  for (const key of keys) {
    const place = placeOf(key)
    if (place === undefined) others++
    else waiting.set(place.stationId, [...(waiting.get(place.stationId) ?? []), place.wallMs])
  }
  for (const [stationId, times] of [...waiting].slice(0, MOST_NAMED))
    parts.push(
      `${stationId}: ${times.length} waiting ${times.length === 1 ? 'message' : 'messages'} of ${span(times)}`,
    )
  if (waiting.size > MOST_NAMED) parts.push(`and of ${waiting.size - MOST_NAMED} other stations`)
  if (others > 0) parts.push(`${others} other records`)
  return parts
}

function placeOf(key: string): { readonly stationId: string; readonly wallMs: number } | undefined {
  const [folder, stationId, seq] = key.split('/')
  const wallMs = Number(seq)
  if (folder !== 'log' || stationId === undefined || !Number.isSafeInteger(wallMs)) return undefined
  return { stationId, wallMs }
}

function named(key: string): string {
  const place = placeOf(key)
  if (place !== undefined) return `${place.stationId} of ${iso(place.wallMs)}`
  return key === '' ? 'one end of the journal' : `the record ${key}`
}

function span(times: readonly number[]): string {
  const [first, last] = [Math.min(...times), Math.max(...times)]
  return first === last ? iso(first) : `${iso(first)} to ${iso(last)}`
}

/** 8.64e15 is the last millisecond a date knows. */
const iso = (wallMs: number): string =>
  Math.abs(wallMs) <= 8.64e15 ? new Date(wallMs).toISOString() : String(wallMs)

const put = (key: string, value: unknown): JournalOp => ({ kind: 'put', key, value: JSON.stringify(value) })

function parsed(entry: JournalEntry | undefined): unknown {
  if (entry === undefined) return undefined
  try {
    const value: unknown = JSON.parse(entry.value)
    return isFields(value) ? value : undefined
  } catch (error) {
    // damage in the record about damage: then there is none
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
