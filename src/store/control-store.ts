/**
 * What the controller must not forget: the booking of each connector, the contract with the CSMS of each station, what
 * was said of running sessions, and what past ones showed of cars and of how connectors hang.
 * The only file that knows their keys. What cannot be read back counts as missing, which books the maximum (I6).
 */
import {
  type ClaimRecord,
  claimRecordOf,
  type WaitingRecord,
  waitingRecordOf,
} from '../core/control/claim.js'
import { type Habit, habitOf } from '../core/control/habits.js'
import { type BookingRecord, bookingRecordOf, unreadableRecord } from '../core/control/record.js'
import { type WiringSeen, wiringSeenOf } from '../core/measuring/wiring-seen.js'
import { loadStore, type ProfileStore } from '../core/schedule/profile-store.js'
import type { Journal, Log } from '../ports.js'

const BOOKING = 'booking/'
/** Of stations that had no place: beside what is kept of the same station from when it had one. */
const UNPLACED = 'unplaced/'
const CONTRACT = 'contract/'
const CLAIM = 'claim/'
const HABIT = 'habit/'
/** What was said of sessions to come. */
const WAITING = 'waiting/'
const WIRING = 'wiring/'
const PAGE = 256

export interface ControlStore {
  bookings(): Promise<readonly BookingRecord[]>
  contracts(): Promise<ReadonlyMap<string, ProfileStore>>
  /** Rejects when the disk fails. */
  keepBooking(record: BookingRecord, durable: boolean): Promise<void>
  /** The connector is not to be booked any more; with `unplaced` not on every circuit. */
  forgetBooking(stationId: string, connectorId: number, unplaced: boolean): Promise<void>
  keepContract(stationId: string, store: ProfileStore): Promise<void>
  claims(): Promise<readonly ClaimRecord[]>
  /** Durable when it resolves. */
  keepClaim(record: ClaimRecord): Promise<void>
  forgetClaim(stationId: string, connectorId: number): Promise<void>
  waitingClaims(): Promise<readonly WaitingRecord[]>
  /** Durable when it resolves. */
  keepWaiting(record: WaitingRecord): Promise<void>
  forgetWaiting(key: string): Promise<void>
  habits(): Promise<ReadonlyMap<string, Habit>>
  keepHabit(key: string, habit: Habit): Promise<void>
  forgetHabit(key: string): Promise<void>
  /** By connector, "CP-1/1". */
  wiring(): Promise<ReadonlyMap<string, WiringSeen>>
  keepWiring(key: string, seen: WiringSeen): Promise<void>
}

export function openControlStore(journal: Journal, log: Log): ControlStore {
  const readAll = async <T>(
    prefix: string,
    read: (document: unknown) => T | undefined,
    inPlaceOf: (name: string) => T | undefined = () => undefined,
  ): Promise<[string, T][]> => {
    const found: [string, T][] = []
    let from = prefix
    for (;;) {
      const page = await journal.scan(from, `${prefix.slice(0, -1)}0`, PAGE)
      for (const { key, value } of page) {
        const name = key.slice(prefix.length)
        const readable = read(parse(value))
        if (readable === undefined) log.write('error', 'record not readable', { key })
        const document = readable ?? inPlaceOf(name)
        if (document !== undefined) found.push([name, document])
      }
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return found
      from = `${last.key}\u0000`
    }
  }
  const put = (key: string, document: unknown, durable: boolean): Promise<void> =>
    journal.commit([{ kind: 'put', key, value: JSON.stringify(document) }], durable)
  return {
    bookings: async () => {
      const placed = await readAll(BOOKING, bookingRecordOf, unreadableRecord)
      const unplaced = await readAll(UNPLACED, bookingRecordOf, unreadableRecord)
      // Whatever it says itself: that is how it was kept.
      const marked = unplaced.map(([, record]): BookingRecord => ({ ...record, unplaced: true }))
      return [...placed.map(([, record]) => record), ...marked]
    },
    contracts: async () => new Map(await readAll(CONTRACT, loadStore)),
    keepBooking: (record, durable) =>
      put(bookingKey(record.stationId, record.connectorId, record.unplaced === true), record, durable),
    forgetBooking: (stationId, connectorId, unplaced) =>
      journal.commit([{ kind: 'delete', key: bookingKey(stationId, connectorId, unplaced) }], true),
    keepContract: (stationId, store) => put(`${CONTRACT}${stationId}`, store, true),
    claims: async () => (await readAll(CLAIM, claimRecordOf)).map(([, record]) => record),
    keepClaim: record => put(`${CLAIM}${record.stationId}/${record.connectorId}`, record, true),
    forgetClaim: (stationId, connectorId) =>
      journal.commit([{ kind: 'delete', key: `${CLAIM}${stationId}/${connectorId}` }], false),
    waitingClaims: async () => (await readAll(WAITING, waitingRecordOf)).map(([, record]) => record),
    keepWaiting: record => put(`${WAITING}${record.key}`, record, true),
    forgetWaiting: key => journal.commit([{ kind: 'delete', key: `${WAITING}${key}` }], false),
    habits: async () => new Map(await readAll(HABIT, habitOf)),
    keepHabit: (key, habit) => put(`${HABIT}${key}`, habit, false),
    forgetHabit: key => journal.commit([{ kind: 'delete', key: `${HABIT}${key}` }], false),
    wiring: async () => new Map(await readAll(WIRING, wiringSeenOf)),
    keepWiring: (key, seen) => put(`${WIRING}${key}`, seen, false),
  }
}

function bookingKey(stationId: string, connectorId: number, unplaced: boolean): string {
  return `${unplaced ? UNPLACED : BOOKING}${stationId}/${connectorId}`
}

function parse(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text)
    return document
  } catch (error) {
    // A damaged record is an expected case: the caller reports it by its key.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
