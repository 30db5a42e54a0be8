/**
 * The journal as the OCPP edge sees it: records in, records out. Reads everything back at start after a power cut;
 * an entry that cannot be read is logged and left where it is, so that a person can still look at it.
 */
import type { DeadLetter, LedgerEntry, StationStore, StoredSite, Waiting } from '../core/offline/records.js'
import type { StoredTags } from '../core/offline/site-tags.js'
import type { TransactionRecord } from '../core/offline/transactions.js'
import type { Journal, JournalEntry, Log } from '../ports.js'
import * as layout from './layout.js'
import { readBacklog, readStoredStations } from './stored-stations.js'

/** Journal entries per scan: a page stays far below a megabyte of ordinary records. */
const PAGE = 256
/** The same of what may be large: whole messages of a station, local lists. */
const PAGE_OF_LARGE = 8
const LARGE = ['dead/', 'list/']

/** Opens the records in `journal`. Needs no closing: the journal is the caller's. */
export function openStationStore(journal: Journal, log: Log): StationStore {
  const pages = async (
    range: { readonly from: string; readonly to: string },
    each: (entry: JournalEntry) => void,
  ): Promise<void> => {
    const size = LARGE.some(name => range.from.startsWith(name)) ? PAGE_OF_LARGE : PAGE
    let from = range.from
    for (;;) {
      const page = await journal.scan(from, range.to, size)
      for (const entry of page) each(entry)
      const last = page.at(-1)
      if (last === undefined || page.length < size) return
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

  const waiting = async (stationId: string): Promise<Waiting> =>
    (await readBacklog({ journal, read }, stationId)).waiting

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
    stations: stationIds => readStoredStations({ journal, pages, read }, stationIds),
    ledger,
    commit: (changes, durable) => journal.commit(changes.map(layout.operationOf), durable),
    backlog: async (stationId, afterSeq, limit) => {
      const from = layout.KEYS.backlog(stationId, afterSeq + 1)
      const page = await journal.scan(from, layout.folder(`log/${stationId}`).to, limit)
      return page.flatMap(entry => read(entry, layout.isBacklogEntry) ?? [])
    },
    waiting,
    deadLetters,
    stationsWithBacklog,
  }
}
