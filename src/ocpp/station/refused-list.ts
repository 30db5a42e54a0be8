/**
 * Who was not let in: one entry per identity (or path) and reason, counted, with the last time and address. Bounded,
 * because anybody on the network can knock; in the log once per entry. Must not know why: it is told.
 */
import { type RefusedStation, STATION_REFUSALS, type StationRefusal } from '../../core/events.js'
import type { Clock, Log } from '../../ports.js'
import { rateGate } from '../wire/rate-gate.js'

/** Entries kept; the one seen longest ago makes room. A depot being set up has a few. */
export const MAX_REFUSED = 50
const MAX_PATH_CHARS = 100
/** A scanner with a new identity each time must not fill the log: so many lines a minute. */
const MAX_LINES = 20
const LINES_WINDOW_MS = 60_000

/** It is let in here, to be told so only then: being let in does not end it. */
const BY_CSMS: StationRefusal = 'csms-refused'

export interface RefusedAttempt {
  readonly stationId?: string
  readonly rawPath: string
  readonly reason: StationRefusal
  readonly remote: string
}

export interface RefusedList {
  note(attempt: RefusedAttempt): void
  /** It is in now: what that address was refused for under this identity is over. */
  letIn(stationId: string, remote: string): void
  /** The CSMS has taken its credentials. */
  acceptedByCsms(stationId: string): void
  /** The latest first. */
  list(): readonly RefusedStation[]
  /** Attempts since the start, by reason; never fewer. */
  totals(): ReadonlyMap<StationRefusal, number>
}

export function refusedList(ports: { readonly clock: Clock; readonly log: Log }): RefusedList {
  // in the order of the last attempt
  const entries = new Map<string, RefusedStation>()
  const totals = new Map<StationRefusal, number>(STATION_REFUSALS.map(reason => [reason, 0]))
  const lines = rateGate(ports.clock, MAX_LINES, LINES_WINDOW_MS)

  return {
    note: ({ stationId, rawPath, reason, remote }) => {
      totals.set(reason, (totals.get(reason) ?? 0) + 1)
      const path = rawPath.slice(0, MAX_PATH_CHARS)
      // what said nothing of itself is known by its address
      const key = `${reason} ${stationId ?? (path === '' ? remote : path)}`
      const known = entries.get(key)
      if (known === undefined) {
        makeRoom(entries)
        if (lines.pass())
          ports.log.write('warn', 'station.refused', { reason, remote, station: stationId, path })
      }
      entries.delete(key)
      entries.set(key, {
        ...(stationId !== undefined && { stationId }),
        path,
        reason,
        count: (known?.count ?? 0) + 1,
        lastWallMs: ports.clock.wallMs(),
        remote,
      })
    },
    letIn: (stationId, remote) => {
      for (const [key, entry] of entries)
        if (entry.stationId === stationId && entry.remote === remote && entry.reason !== BY_CSMS)
          entries.delete(key)
    },
    acceptedByCsms: stationId => void entries.delete(`${BY_CSMS} ${stationId}`),
    list: () => [...entries.values()].reverse(),
    totals: () => totals,
  }
}

function makeRoom(entries: Map<string, RefusedStation>): void {
  const oldest = entries.keys().next()
  if (entries.size >= MAX_REFUSED && oldest.done !== true) entries.delete(oldest.value)
}
