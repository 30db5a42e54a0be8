/**
 * What the journal says of itself: whose site it is, why nothing of it may go up, and what was found damaged until somebody
 * has taken note. The only file that knows these keys; names losses by station and time (proxy rule 17; I10).
 */
import { isFields, numberAt, textAt } from '../core/fields.js'
import { type Said, saidPhrase, say, type Worded } from '../core/words/said.js'
import type { Journal, JournalEntry, JournalOp } from '../ports.js'

const IDENTITY = 'site/identity'
const HOLD = 'site/hold'
const DAMAGE = 'site/damage'
/** Stations and places named one by one; a site with more damage than this has other troubles. */
const MOST_NAMED = 20
const MOST_RANGES = 10

export interface DamageNote extends Worded {
  readonly foundWallMs: number
}

export interface JournalRecord {
  readonly siteId: string | undefined
  readonly hold: Worded | undefined
  readonly damage: DamageNote | undefined
}

export async function loadJournalRecord(journal: Journal): Promise<JournalRecord> {
  const entries = await journal.scan('site/', 'site0', 10)
  const of = (key: string): unknown => parsed(entries.find(entry => entry.key === key))
  const damage = of(DAMAGE)
  const foundWallMs = numberAt(damage, 'foundWallMs')
  const text = worded(damage, 'text')
  return {
    siteId: textAt(of(IDENTITY), 'siteId'),
    hold: worded(of(HOLD), 'reason'),
    damage: text === undefined || foundWallMs === undefined ? undefined : { foundWallMs, ...text },
  }
}

export const journalRecord = {
  identity: (siteId: string, sinceWallMs: number): JournalOp => put(IDENTITY, { siteId, sinceWallMs }),
  hold: (hold: Worded | undefined): JournalOp =>
    hold === undefined
      ? { kind: 'delete', key: HOLD }
      : put(HOLD, { reason: hold.text, phrase: hold.phrase, params: hold.params }),
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
export function saidLosses(losses: Losses): Said {
  const { keys, ranges, missingBatches, tornKeys, copy } = losses
  const parts = [...entries(keys, losses.lost - keys.length)]
  for (const { after, before } of ranges.slice(0, MOST_RANGES))
    parts.push(say('lost-between', { after: named(after), before: named(before) }))
  if (ranges.length > MOST_RANGES)
    parts.push(say('lost-more-between', { count: ranges.length - MOST_RANGES }))
  if (missingBatches > 0) parts.push(say('lost-writes', { count: missingBatches }))
  if (tornKeys !== undefined) {
    const held = entries(tornKeys, 0)
    parts.push(held.length === 0 ? say('lost-end') : say('lost-end-with', { what: listed(held) }))
  }
  const what = parts.length === 0 ? say('journal-repaired') : listed(parts)
  return copy === undefined ? say('journal-damaged', { what }) : say('journal-damaged-kept', { what, copy })
}

function entries(keys: readonly string[], more: number): readonly Said[] {
  const parts: Said[] = []
  const waiting = new Map<string, number[]>()
  let others = more
  for (const key of keys) {
    const place = placeOf(key)
    if (place === undefined) others++
    else waiting.set(place.stationId, [...(waiting.get(place.stationId) ?? []), place.wallMs])
  }
  for (const [station, times] of [...waiting].slice(0, MOST_NAMED)) parts.push(waitingOf(station, times))
  if (waiting.size > MOST_NAMED)
    parts.push(say('lost-of-more-stations', { count: waiting.size - MOST_NAMED }))
  if (others > 0) parts.push(say('lost-other-records', { count: others }))
  return parts
}

function waitingOf(station: string, times: readonly number[]): Said {
  const [from, to, count] = [iso(Math.min(...times)), iso(Math.max(...times)), times.length]
  return from === to
    ? say('lost-waiting', { station, count, at: from })
    : say('lost-waiting-span', { station, count, from, to })
}

/** With semicolons between: each text holds what follows. */
const listed = (parts: readonly Said[]): Said =>
  parts.reduceRight((rest, first) => say('lost-list', { first, rest }))

function placeOf(key: string): { readonly stationId: string; readonly wallMs: number } | undefined {
  const [folder, stationId, seq] = key.split('/')
  const wallMs = Number(seq)
  if (folder !== 'log' || stationId === undefined || !Number.isSafeInteger(wallMs)) return undefined
  return { stationId, wallMs }
}

function named(key: string): Said {
  const place = placeOf(key)
  if (place !== undefined) return say('place-of-station', { station: place.stationId, at: iso(place.wallMs) })
  return key === '' ? say('place-end-of-journal') : say('place-record', { key })
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

/** As it was kept: its words, and its code where it has one. */
function worded(kept: unknown, name: string): Worded | undefined {
  const text = textAt(kept, name)
  return text === undefined || !isFields(kept) ? undefined : { text, ...saidPhrase(kept) }
}
