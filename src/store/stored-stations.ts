/**
 * What is known of all stations at start, each folder of the journal read once from end to end: a dozen reads for each
 * of a thousand stations took longer than what they found. Must not know what is done with it.
 */
import {
  type AnsweredRecord,
  type BacklogEntry,
  freshMemory,
  NO_ENERGY,
  type StoredStation,
  TRANSACTIONS_FROM_SEQ,
  type Waiting,
} from '../core/offline/records.js'
import { NO_CONFIGURATION } from '../core/station/configuration.js'
import type { StatusRecord } from '../core/station/status-memory.js'
import type { JournalEntry } from '../ports.js'
import * as layout from './layout.js'

/** A station repeats only its oldest unanswered message: a short tail is enough to know it again. */
const TAIL = 8

export interface JournalReader {
  /** Every entry of the range, in order. */
  pages(
    range: { readonly from: string; readonly to: string },
    each: (entry: JournalEntry) => void,
  ): Promise<void>
  /** Undefined, and logged, for what cannot be read. */
  read<T>(entry: JournalEntry, guard: (value: unknown) => value is T): T | undefined
}

type Found = { -readonly [K in keyof Omit<StoredStation, 'waiting' | 'backlogTail'>]: StoredStation[K] } & {
  readonly statuses: StatusRecord[]
  readonly answered: AnsweredRecord[]
  readonly backlog: WaitingCount
}

/** Of each of these stations, known or not. All folders at once: each read waits for the disk's turn. */
export async function readStoredStations(
  { pages, read }: JournalReader,
  stationIds: readonly string[],
): Promise<ReadonlyMap<string, StoredStation>> {
  const found = new Map(stationIds.map(id => [id, nothingOf(id)]))
  const entries = (name: string, take: (station: Found, entry: JournalEntry) => void): Promise<void> =>
    pages(layout.folder(name), entry => {
      const station = found.get(entry.key.split('/')[1] ?? '')
      if (station !== undefined) take(station, entry)
    })
  const each = <T>(
    name: string,
    guard: (value: unknown) => value is T,
    take: (station: Found, value: T) => void,
  ): Promise<void> =>
    entries(name, (station, entry) => {
      const value = read(entry, guard)
      if (value !== undefined) take(station, value)
    })
  await Promise.all([
    each('station', layout.isMemory, (station, memory) => {
      station.memory = memory
    }),
    each('configuration', layout.isConfiguration, (station, configuration) => {
      station.configuration = configuration
    }),
    each('list', layout.isLocalList, (station, list) => {
      station.list = list
    }),
    each('reservations', layout.isReservations, (station, reservations) => {
      station.reservations = reservations
    }),
    each('energy', layout.isEnergy, (station, energy) => {
      station.energy = energy
    }),
    each('shed', layout.isShed, (station, shed) => {
      station.shed = shed
    }),
    each('status', layout.isStatus, (station, status) => station.statuses.push(status)),
    each('answered', layout.isAnswered, (station, answered) => station.answered.push(answered)),
    entries('log', (station, entry) => station.backlog.add(entry)),
    entries('dead', station => {
      station.deadLetters++
    }),
  ])
  return new Map(
    [...found].map(([id, { backlog, ...station }]) => [id, { ...station, ...backlog.end(read) }]),
  )
}

function nothingOf(stationId: string): Found {
  return {
    memory: freshMemory(stationId),
    configuration: NO_CONFIGURATION,
    list: { version: 0, entries: {} },
    statuses: [],
    reservations: [],
    answered: [],
    energy: NO_ENERGY,
    shed: undefined,
    deadLetters: 0,
    backlog: new WaitingCount(stationId),
  }
}

/** What waits for one station, counted entry by entry and not parsed: a million of them are counted at start. */
export class WaitingCount {
  readonly #transactionsFrom: string
  readonly #tail: JournalEntry[] = []
  #count = 0
  #bytes = 0
  #first: JournalEntry | undefined
  #lastAhead: string | undefined

  constructor(stationId: string) {
    this.#transactionsFrom = layout.KEYS.backlog(stationId, TRANSACTIONS_FROM_SEQ)
  }

  /** In order. */
  add(entry: JournalEntry): void {
    this.#first ??= entry
    if (entry.key < this.#transactionsFrom) this.#lastAhead = entry.key
    this.#count++
    this.#bytes += entry.key.length + entry.value.length
    this.#tail.push(entry)
    if (this.#tail.length > TAIL) this.#tail.shift()
  }

  end(read: JournalReader['read']): {
    readonly waiting: Waiting
    readonly backlogTail: readonly BacklogEntry[]
  } {
    const oldest = this.#first === undefined ? undefined : read(this.#first, layout.isBacklogEntry)
    const waiting = {
      count: this.#count,
      bytes: this.#bytes,
      ...(oldest !== undefined && { first: oldest }),
      ...(this.#lastAhead !== undefined && { lastAheadSeq: Number(this.#lastAhead.split('/').at(-1)) }),
    }
    return { waiting, backlogTail: this.#tail.flatMap(entry => read(entry, layout.isBacklogEntry) ?? []) }
  }
}
