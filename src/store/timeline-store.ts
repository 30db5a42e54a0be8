/**
 * Records of one kind by their wall time, bounded by number: the oldest give way. For what people look up later (sessions,
 * alarms, days of energy); nothing is decided by them. What cannot be read back is told and left out.
 */
import type { Journal, JournalOp, Log } from '../ports.js'
import { folder, parseText } from './layout.js'

const DIGITS = 15
const PAGE = 256

export interface TimelineOptions<T> {
  readonly journal: Journal
  readonly log: Log
  /** Its folder in the journal. */
  readonly name: string
  readonly most: number
  /** So many are read in one go; fewer of long ones, since control waits while they are parsed. */
  readonly page?: number
  /** Undefined for what is no record of this kind. */
  decode(value: unknown): T | undefined
}

export interface TimelineQuery<T> {
  readonly fromMs: number
  /** Not included. */
  readonly toMs: number
  readonly most: number
  wants?(record: T): boolean
}

export interface Timeline<T> {
  /** The operation that writes this record, or writes it anew. `id` tells records of one moment apart. */
  put(atMs: number, id: string, record: T): JournalOp
  /** Settles when it survives a power cut where `durable`. Rejects when the disk fails. */
  commit(ops: readonly JournalOp[], durable: boolean): Promise<void>
  /** Oldest first; where there are more than `most`, the latest of them. */
  read(query: TimelineQuery<T>): Promise<{ readonly found: readonly T[]; readonly isCut: boolean }>
  /** What is beyond the bound goes. */
  tidy(): Promise<void>
}

export function openTimeline<T>(options: TimelineOptions<T>): Timeline<T> {
  const { journal, log, name, most, decode, page: pageOf = PAGE } = options
  const { from: first, to: end } = folder(name)
  const timeKey = (atMs: number): string =>
    first + String(Math.min(10 ** DIGITS - 1, Math.max(0, Math.floor(atMs)))).padStart(DIGITS, '0')
  async function* pages(from: string, to: string) {
    for (let at = from; ; ) {
      const page = await journal.scan(at, to, pageOf)
      if (page.length > 0) yield page
      const last = page.at(-1)
      if (last === undefined || page.length < pageOf) return
      at = `${last.key}\u0000`
    }
  }
  return {
    put: (atMs, id, record) => {
      return { kind: 'put', key: `${timeKey(atMs)}/${id}`, value: JSON.stringify(record) }
    },
    commit: (ops, durable) => journal.commit(ops, durable),
    read: async ({ fromMs, toMs, most: wanted, wants }) => {
      let found: T[] = []
      let isCut = false
      for await (const page of pages(timeKey(fromMs), timeKey(toMs))) {
        for (const { key, value } of page) {
          const record = decode(parseText(value))
          if (record === undefined) log.write('warn', 'record not readable', { key })
          else if (wants === undefined || wants(record)) found.push(record)
        }
        if (found.length <= wanted) continue
        isCut = true
        found = found.slice(-wanted)
      }
      return { found, isCut }
    },
    tidy: async () => {
      let count = 0
      for await (const page of pages(first, end)) count += page.length
      for await (const page of pages(first, end)) {
        if (count <= most) return
        const old = page.slice(0, count - most)
        await journal.commit(
          old.map(({ key }): JournalOp => ({ kind: 'delete', key })),
          false,
        )
        count -= old.length
      }
    },
  }
}
