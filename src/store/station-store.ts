/**
 * The journal as the OCPP edge sees it: records in, records out. Reads everything back at start after a power cut;
 * an entry that cannot be read is logged and left where it is, so that a person can still look at it.
 */
import {
  type DeadLetter,
  freshMemory,
  type LedgerEntry,
  NO_ENERGY,
  type StationStore,
  type StoredSite,
  type StoredStation,
  TRANSACTIONS_FROM_SEQ,
  type Waiting,
} from '../core/offline/records.js'
import type { StoredTags } from '../core/offline/site-tags.js'
import type { TransactionRecord } from '../core/offline/transactions.js'
import { NO_CONFIGURATION } from '../core/station/configuration.js'
import type { Journal, JournalEntry, Log } from '../ports.js'
import * as layout from './layout.js'

/** Journal entries per scan: a page stays far below a megabyte of ordinary messages. */
const PAGE = 256

/** A station repeats only its oldest unanswered message: a short tail is enough to know it again. */
const TAIL = 8

/** Opens the records in `journal`. Needs no closing: the journal is the caller's. */
export function openStationStore(journal: Journal, log: Log): StationStore {
  const pages = async (
    range: { readonly from: string; readonly to: string },
    each: (entry: JournalEntry) => void,
  ): Promise<void> => {
    let from = range.from
    for (;;) {
      const page = await journal.scan(from, range.to, PAGE)
      for (const entry of page) each(entry)
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      from = `${last.key}\u0000`
    }
  }
  const read = <T>(entry: JournalEntry, guard: (value: unknown) => value is T): T | undefined => {
    const value = layout.parseText(entry.value)
    if (guard(value)) return value
    log.write('error', 'journal-entry-unreadable', { key: entry.key })
    return undefined
  }
  const isNumber = (value: unknown): value is number => typeof value === 'number'
  const one = async <T>(key: string, guard: (value: unknown) => value is T): Promise<T | undefined> => {
    const entry = (await journal.scan(key, `${key}\u0000`, 1))[0]
    return entry === undefined ? undefined : read(entry, guard)
  }

  const site = async (): Promise<StoredSite> => {
    const transactions: TransactionRecord[] = []
    await pages(layout.folder('tx'), entry => {
      const record = read(entry, layout.isTransaction)
      if (record !== undefined) transactions.push(record)
    })
    const ledgerIds: number[] = []
    await pages(layout.folder('ledger'), entry => ledgerIds.push(Number(entry.key.slice('ledger/'.length))))
    return {
      transactions,
      nextTransactionId: await one(layout.KEYS.nextTransactionId, isNumber),
      ledgerIds,
      tags: await tags(),
    }
  }

  const tagged = async <T>(
    name: string,
    guard: (value: unknown) => value is T,
  ): Promise<ReadonlyMap<string, T>> => {
    const found = new Map<string, T>()
    await pages(layout.folder(name), entry => {
      const value = read(entry, guard)
      const tag = layout.tagIn(entry.key.slice(name.length + 1))
      if (value !== undefined && tag !== undefined) found.set(tag, value)
    })
    return found
  }

  const tags = async (): Promise<StoredTags> => {
    const operatorChangedWallMs = await one(layout.KEYS.operatorList, isNumber)
    return {
      cache: await tagged('tag', layout.isCachedTag),
      operator: await tagged('operator-tag', layout.isOperatorTag),
      ...(operatorChangedWallMs !== undefined && { operatorChangedWallMs }),
    }
  }

  const all = async <T>(name: string, guard: (value: unknown) => value is T): Promise<readonly T[]> => {
    const found: T[] = []
    await pages(layout.folder(name), entry => {
      const record = read(entry, guard)
      if (record !== undefined) found.push(record)
    })
    return found
  }

  /** All at once: each read waits for the disk's turn, and a depot has a thousand stations. */
  const station = async (stationId: string): Promise<StoredStation> => {
    const { KEYS } = layout
    const countDead = async (): Promise<number> => {
      let count = 0
      await pages(layout.folder(`dead/${stationId}`), () => {
        count++
      })
      return count
    }
    const [records, keys, kept, deadLetters] = await Promise.all([
      Promise.all([
        all(`status/${stationId}`, layout.isStatus),
        all(`answered/${stationId}`, layout.isAnswered),
      ]),
      Promise.all([
        one(KEYS.memory(stationId), layout.isMemory),
        one(KEYS.configuration(stationId), layout.isConfiguration),
        one(KEYS.list(stationId), layout.isLocalList),
        one(KEYS.reservations(stationId), layout.isReservations),
        one(KEYS.energy(stationId), layout.isEnergy),
        one(KEYS.shed(stationId), layout.isShed),
      ]),
      countWaiting(stationId),
      countDead(),
    ])
    const [statuses, answered] = records
    const [memory, configuration, list, reservations, energy, shed] = keys
    return {
      memory: memory ?? freshMemory(stationId),
      configuration: configuration ?? NO_CONFIGURATION,
      list: list ?? { version: 0, entries: {} },
      statuses,
      reservations: reservations ?? [],
      waiting: kept.waiting,
      backlogTail: kept.tail.flatMap(entry => read(entry, layout.isBacklogEntry) ?? []),
      answered,
      energy: energy ?? NO_ENERGY,
      shed,
      deadLetters,
    }
  }

  const countWaiting = async (
    stationId: string,
  ): Promise<{ readonly waiting: Waiting; readonly tail: readonly JournalEntry[] }> => {
    let count = 0
    let bytes = 0
    let first: JournalEntry | undefined
    let lastAhead: string | undefined
    const transactionsFrom = layout.KEYS.backlog(stationId, TRANSACTIONS_FROM_SEQ)
    // not parsed: a million of them are counted at start
    const tail: JournalEntry[] = []
    await pages(layout.folder(`log/${stationId}`), entry => {
      first ??= entry
      if (entry.key < transactionsFrom) lastAhead = entry.key
      count++
      bytes += entry.key.length + entry.value.length
      tail.push(entry)
      if (tail.length > TAIL) tail.shift()
    })
    const oldest = first === undefined ? undefined : read(first, layout.isBacklogEntry)
    const waiting = {
      count,
      bytes,
      ...(oldest !== undefined && { first: oldest }),
      ...(lastAhead !== undefined && { lastAheadSeq: Number(lastAhead.split('/').at(-1)) }),
    }
    return { waiting, tail }
  }

  const deadLetters = async (stationId?: string): Promise<readonly DeadLetter[]> => {
    const letters: DeadLetter[] = []
    await pages(layout.folder(stationId === undefined ? 'dead' : `dead/${stationId}`), entry => {
      const letter = read(entry, layout.isDeadLetter)
      if (letter !== undefined) letters.push(letter)
    })
    return letters
  }

  /** One entry per station is read, whatever waits behind it. */
  const stationsWithBacklog = async (): Promise<readonly string[]> => {
    const found: string[] = []
    const { from, to } = layout.folder('log')
    for (let next = from; ; ) {
      const entry = (await journal.scan(next, to, 1))[0]
      const stationId = entry?.key.split('/')[1]
      if (stationId === undefined) return found
      found.push(stationId)
      next = layout.folder(`log/${stationId}`).to
    }
  }

  const ledger = async (): Promise<readonly LedgerEntry[]> => {
    const entries: LedgerEntry[] = []
    await pages(layout.folder('ledger'), entry => {
      const session = read(entry, layout.isLedgerEntry)
      if (session !== undefined) entries.push(session)
    })
    return entries
  }

  return {
    site,
    station,
    ledger,
    commit: (changes, durable) => journal.commit(changes.map(layout.operationOf), durable),
    backlog: async (stationId, afterSeq, limit) => {
      const from = layout.KEYS.backlog(stationId, afterSeq + 1)
      const page = await journal.scan(from, layout.folder(`log/${stationId}`).to, limit)
      return page.flatMap(entry => read(entry, layout.isBacklogEntry) ?? [])
    },
    waiting: async stationId => (await countWaiting(stationId)).waiting,
    deadLetters,
    stationsWithBacklog,
  }
}
