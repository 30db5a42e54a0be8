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
import type { Journal, JournalEntry } from '../ports.js'
import * as layout from './layout.js'

/** A station repeats only its oldest unanswered message: a short tail is enough to know it again. */
const TAIL = 8

export interface JournalReader {
  readonly journal: Pick<Journal, 'extent'>
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
}

/** Of each of these stations, known or not. All folders at once: each read waits for the disk's turn. */
export async function readStoredStations(
  { journal, pages, read }: JournalReader,
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
  const backlogs = Promise.all(
    stationIds.map(async id => [id, await readBacklog({ journal, read }, id)] as const),
  )
  await Promise.all([
    backlogs,
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
    entries('dead', station => {
      station.deadLetters++
    }),
  ])
  const nothing = { waiting: { count: 0, bytes: 0 }, backlogTail: [] }
  const waiting = new Map(await backlogs)
  return new Map([...found].map(([id, station]) => [id, { ...station, ...(waiting.get(id) ?? nothing) }]))
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
  }
}

interface Backlog {
  readonly waiting: Waiting
  readonly backlogTail: readonly BacklogEntry[]
}

/** What waits for one station: counted, not read one by one, for there may be a million of them at a start. */
export async function readBacklog(
  { journal, read }: Pick<JournalReader, 'journal' | 'read'>,
  stationId: string,
): Promise<Backlog> {
  const { from, to } = layout.folder(`log/${stationId}`)
  const [{ count, chars, first, last }, ahead] = await Promise.all([
    journal.extent(from, to, TAIL),
    journal.extent(from, layout.KEYS.backlog(stationId, TRANSACTIONS_FROM_SEQ), 1),
  ])
  const oldest = first === undefined ? undefined : read(first, layout.isBacklogEntry)
  const [lastAhead] = ahead.last
  const waiting = {
    count,
    bytes: chars,
    ...(oldest !== undefined && { oldestWallMs: oldest.receivedWallMs }),
    ...(lastAhead !== undefined && { lastAheadSeq: Number(lastAhead.key.split('/').at(-1)) }),
  }
  return { waiting, backlogTail: last.flatMap(entry => read(entry, layout.isBacklogEntry) ?? []) }
}
