/** Reading ranges of an open LevelDB folder; an entry that is not what was written is a fault, never a value. */
import type { ClassicLevel } from 'classic-level'
import { type Extent, NEWEST_CHARS, newestOf } from '../core/extent.js'
import type { JournalEntry } from '../ports.js'
import type { Sum } from './journal-extent.js'
import { OWN_END } from './journal-marks.js'
import { SEAL_CHARS, unsealed } from './journal-values.js'

const READ_AT_ONCE = 1000
const READ_BYTES = 1024 * 1024

export interface Range {
  readonly from: string
  readonly to: string
  readonly limit: number
}

/** Rejects when the range cannot be read as it was written. */
export async function entriesIn(
  level: ClassicLevel,
  { from, to, limit }: Range,
): Promise<readonly JournalEntry[]> {
  const range = { gte: within(from), lt: to, limit: Math.max(0, limit) }
  const found = await level.iterator(range).all()
  return found.map(opened)
}

function opened([key, stored]: readonly [string, string]): JournalEntry {
  const value = unsealed(key, stored)
  if (value === undefined) throw new Error(`journal: the value of ${key} is not what was written`)
  return { key, value }
}

/** The last ones of the range; no more of them are read than may be given. */
async function newestIn(level: ClassicLevel, { from, to, limit }: Range): Promise<readonly JournalEntry[]> {
  const found: JournalEntry[] = []
  let chars = 0
  for await (const stored of level.iterator({ gte: within(from), lt: to, limit, reverse: true })) {
    const entry = opened(stored)
    found.push(entry)
    chars += entry.value.length
    if (chars > NEWEST_CHARS) break
  }
  return newestOf(found)
}

/** `sum`: where it is known already. */
export async function extentIn(
  level: ClassicLevel,
  { from, to, limit }: Range,
  sum: Readonly<Sum> | undefined,
): Promise<Extent> {
  const { count, chars } = sum ?? (await sumOf(level, from, to))
  const [first] = await entriesIn(level, { from, to, limit: 1 })
  const last = await newestIn(level, { from, to, limit })
  return { count, chars, ...(first !== undefined && { first }), last }
}

async function sumOf(level: ClassicLevel, from: string, to: string): Promise<Sum> {
  const sum = { count: 0, chars: 0 }
  const range = { gte: within(from), lt: to }
  const iterator = level.iterator({ ...range, highWaterMarkBytes: READ_BYTES, fillCache: false })
  try {
    for (;;) {
      const entries = await iterator.nextv(READ_AT_ONCE)
      if (entries.length === 0) return sum
      sum.count += entries.length
      for (const [key, stored] of entries) sum.chars += key.length + stored.length - SEAL_CHARS
    }
  } finally {
    await iterator.close()
  }
}

/** The journal's own keys are nobody's. */
const within = (from: string): string => (from < OWN_END ? OWN_END : from)
