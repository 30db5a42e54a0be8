/**
 * How much may wait for the CSMS: bytes per station and for the site, with a reserve that only what must never be lost
 * may use (I9; proxy rule 14). Counts what the owners of the queues report; knows no disk.
 */

/** Above this periodic MeterValues are thinned: two weeks of one a minute. */
export const STATION_BYTES = 8 * 1024 * 1024
/** A million messages of an ordinary size. */
export const SITE_BYTES = 512 * 1024 * 1024
/** Of each bound once more for StartTransaction, StopTransaction and signed values. */
const RESERVE_SHARE = 0.125

/**
 * `free`: anything may be kept. `tight`: periodic values give way. `exhausted`: the reserve is used up, nothing more is
 * kept and no new session begins.
 */
export type Room = 'free' | 'tight' | 'exhausted'

export interface Budget {
  /** What waits for one station now. */
  set(stationId: string, bytes: number): void
  room(stationId: string): Room
  /** Of the whole site. */
  bytes(): number
}

export interface Bounds {
  readonly stationBytes: number
  readonly siteBytes: number
}

export function createBudget(
  { stationBytes, siteBytes }: Bounds = { stationBytes: STATION_BYTES, siteBytes: SITE_BYTES },
): Budget {
  const byStation = new Map<string, number>()
  let total = 0
  const roomOf = (bytes: number, bound: number): Room =>
    bytes < bound ? 'free' : bytes < bound * (1 + RESERVE_SHARE) ? 'tight' : 'exhausted'
  return {
    set: (stationId, bytes) => {
      total += bytes - (byStation.get(stationId) ?? 0)
      byStation.set(stationId, bytes)
    },
    room: stationId => {
      const own = roomOf(byStation.get(stationId) ?? 0, stationBytes)
      const all = roomOf(total, siteBytes)
      if (own === 'exhausted' || all === 'exhausted') return 'exhausted'
      return own === 'tight' || all === 'tight' ? 'tight' : 'free'
    },
    bytes: () => total,
  }
}
