/**
 * How much may wait for the CSMS: bytes per station and for the site, with a reserve that only what must never be lost
 * may use (I9; proxy rule 14). Counts what the owners of the queues report; knows no disk.
 */

/** Above this periodic MeterValues are thinned: two weeks of one a minute. */
export const STATION_BYTES = 8 * 1024 * 1024
/** A million messages of an ordinary size. */
export const SITE_BYTES = 512 * 1024 * 1024
/** Of each bound once more for periodic values, while the thinning of older ones is under way. */
const MARGIN_SHARE = 0.0625
/** Of each bound once more, behind that margin, for StartTransaction, StopTransaction and signed values. */
const RESERVE_SHARE = 0.0625

/**
 * `free`: anything may be kept. `tight`: periodic values give way. `reserve`: none is taken any more, whatever came of
 * the thinning. `exhausted`: the reserve is used up, nothing more is kept and no new session begins.
 */
export type Room = 'free' | 'tight' | 'reserve' | 'exhausted'
const ROOMS: readonly Room[] = ['free', 'tight', 'reserve', 'exhausted']

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
  const passed = (bytes: number, bound: number): number =>
    [1, 1 + MARGIN_SHARE, 1 + MARGIN_SHARE + RESERVE_SHARE].filter(share => bytes >= bound * share).length
  return {
    set: (stationId, bytes) => {
      total += bytes - (byStation.get(stationId) ?? 0)
      byStation.set(stationId, bytes)
    },
    room: stationId => {
      const own = passed(byStation.get(stationId) ?? 0, stationBytes)
      return ROOMS[Math.max(own, passed(total, siteBytes))] ?? 'exhausted'
    },
    bytes: () => total,
  }
}
