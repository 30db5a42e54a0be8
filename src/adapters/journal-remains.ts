/**
 * In the place of a journal that cannot be opened: what could be read of it, and nothing written. Of what waits for the
 * CSMS, which could not be crossed off, it is known how much there is and how it begins and ends, and no more: nothing
 * may overtake it (proxy rule 14).
 */
import { type Extent, extentOf } from '../core/extent.js'
import type { Journal, JournalEntry, Stoppable } from '../ports.js'

/** Of a journal that can only be read, so much is held in memory. */
const MOST_READ = 100_000
/** What waits for the CSMS, a folder for each station. */
const WAITING = { from: 'log/', to: 'log0' } as const
/** Of each folder: a station may repeat these. */
const NEWEST = 16

export interface Remains {
  readonly entries: readonly JournalEntry[]
  /** By the first key a folder could have. */
  readonly waiting: ReadonlyMap<string, Extent>
}

export const NOTHING_LEFT: Remains = { entries: [], waiting: new Map() }

export async function remainsOf(journal: Journal): Promise<Remains> {
  const entries = [
    ...(await journal.scan('', WAITING.from, MOST_READ)),
    ...(await journal.scan(WAITING.to, '\uffff', MOST_READ)),
  ]
  const waiting = new Map<string, Extent>()
  for (let next: string = WAITING.from; ; ) {
    const [entry] = await journal.scan(next, WAITING.to, 1)
    if (entry === undefined) return { entries, waiting }
    const from = entry.key.slice(0, entry.key.lastIndexOf('/') + 1)
    next = endOf(from)
    waiting.set(from, await journal.extent(from, next, NEWEST))
  }
}

/** "0" follows "/" in byte order. */
const endOf = (from: string): string => `${from.slice(0, -1)}0`

/** Writes nothing, and reads none of the messages that wait: `fault` is why. */
export function standIn(fault: string, { entries, waiting }: Remains): Journal & Stoppable {
  const heads = [...waiting.values()].flatMap(({ first }) => (first === undefined ? [] : [first]))
  const known = inOrder([...entries, ...heads])
  const isIn = (from: string, to: string) => (entry: JournalEntry) => entry.key >= from && entry.key < to
  return {
    commit: () => Promise.reject(new Error(fault)),
    scan: async (from, to, limit) => {
      // of one folder: what lies there is not at hand
      if (from > WAITING.from && to < WAITING.to && heads.some(isIn(folderOf(from), to)))
        throw new Error(fault)
      return known.filter(isIn(from, to)).slice(0, Math.max(0, limit))
    },
    extent: async (from, to, last) => {
      const whole = waiting.get(from)
      if (whole !== undefined && to === endOf(from))
        return { ...whole, last: whole.last.slice(Math.max(0, whole.last.length - last)) }
      return extentOf(inOrder([...known, ...(whole?.last ?? [])]).filter(isIn(from, to)), last)
    },
    sizeBytes: async () => 0,
    stop: async () => undefined,
  }
}

/** By their keys, each once. */
function inOrder(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const byKey = new Map(entries.map(entry => [entry.key, entry]))
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1)
