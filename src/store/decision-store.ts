/**
 * Decisions on disk, one entry each, by their wall time; the oldest go first where there are more bytes than the bound. What
 * is lost of them in a power cut is the last seconds: nothing is decided by them.
 */
import { type DecisionRecord, decodeDecision, encodeDecision } from '../core/control/decision.js'
import type { Journal, JournalOp, Log } from '../ports.js'
import { folder, parseText } from './layout.js'

const { from: FROM, to: TO } = folder('decision')
const DIGITS = 15
const PAGE = 256
/** Of 500 cars a tenth of a MiB each. */
const RECORDS_AT_ONCE = 8
/** Several days of a depot of twelve, a day and a half of the largest site (decision-keeper.ts spaces them). */
export const MAX_DECISION_BYTES = 16 * 1024 * 1024

export interface DecisionStore {
  /** Rejects when the disk fails. Gives the bytes of this entry. */
  append(record: DecisionRecord): Promise<number>
  /** Oldest first, at most `limit`; `fromMs` is included, `toMs` is not. */
  read(fromMs: number, toMs: number, limit: number): Promise<readonly DecisionRecord[]>
  /** All of the span, oldest first, some at a time: what is added or thrown away meanwhile may be in it or not. */
  pages(fromMs: number, toMs: number): AsyncIterable<readonly DecisionRecord[]>
  /** What held at that moment: the last one kept before or at it. */
  at(wallMs: number): Promise<DecisionRecord | undefined>
  readonly bytes: number
}

export async function openDecisionStore(
  journal: Journal,
  log: Log,
  maxBytes = MAX_DECISION_BYTES,
): Promise<DecisionStore> {
  /** Oldest first. */
  const entries: { readonly key: string; readonly bytes: number }[] = []
  let bytes = 0
  let from = FROM
  for (;;) {
    const page = await journal.scan(from, TO, PAGE)
    for (const { key, value } of page) {
      entries.push({ key, bytes: value.length })
      bytes += value.length
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) break
    from = `${last.key}\u0000`
  }
  return {
    get bytes() {
      return bytes
    },
    append: async record => {
      const value = encodeDecision(record)
      // A wall clock that went back must not write over what is there.
      const before = entries.at(-1)?.key
      const wanted = keyOf(record.atWallMs)
      const key = before !== undefined && before >= wanted ? after(before) : wanted
      const ops: JournalOp[] = [{ kind: 'put', key, value }]
      entries.push({ key, bytes: value.length })
      bytes += value.length
      while (bytes > maxBytes && entries.length > 1) {
        const oldest = entries.shift()
        if (oldest === undefined) break
        bytes -= oldest.bytes
        ops.push({ kind: 'delete', key: oldest.key })
      }
      await journal.commit(ops, false)
      return value.length
    },
    at: async wallMs => {
      const key = lastUpTo(entries, keyOf(wallMs))
      const [entry] = key === undefined ? [] : await journal.scan(key, `${key}\u0000`, 1)
      return entry === undefined ? undefined : decodeDecision(parseText(entry.value))
    },
    read: async (fromMs, toMs, limit) => decoded(await journal.scan(keyOf(fromMs), keyOf(toMs), limit)),
    pages: async function* (fromMs, toMs) {
      for (let next = keyOf(fromMs); ; ) {
        const page = await journal.scan(next, keyOf(toMs), RECORDS_AT_ONCE)
        yield decoded(page)
        const last = page.at(-1)
        if (last === undefined || page.length < RECORDS_AT_ONCE) return
        next = `${last.key}\u0000`
      }
    },
  }

  function decoded(page: Awaited<ReturnType<Journal['scan']>>): readonly DecisionRecord[] {
    return page.flatMap(({ key, value }) => {
      const record = decodeDecision(parseText(value))
      if (record === undefined) log.write('warn', 'decision not readable', { key })
      return record ?? []
    })
  }
}

/** The keys are in order. */
function lastUpTo(entries: readonly { readonly key: string }[], key: string): string | undefined {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.key ?? '') <= key) low = middle + 1
    else high = middle
  }
  return entries[low - 1]?.key
}

function keyOf(wallMs: number): string {
  const within = Math.min(10 ** DIGITS - 1, Math.max(0, Math.floor(wallMs)))
  return `${FROM}${String(within).padStart(DIGITS, '0')}`
}

function after(key: string): string {
  return keyOf(Number(key.slice(FROM.length)) + 1)
}
