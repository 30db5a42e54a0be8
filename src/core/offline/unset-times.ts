/**
 * Times that a clock has written before it was set: a station's, or this machine's own. They are true to one another and
 * wrong as they stand, so a message that waits for the CSMS carries by how much they are off, and leaves with times that
 * are right; none of 1970 goes up. Pure; milliseconds.
 */
import { isFields, timeAt } from '../fields.js'

/** No Busbar is older: what is before was written by a clock that had not been set. */
export const SET_FROM_MS = Date.UTC(2020, 0)

export interface UnsetTime {
  /** Where it stands in the payload. */
  readonly path: readonly (string | number)[]
  readonly wallMs: number
}

/** Meter values of one message that are looked at; more are not sent by any station. */
const MOST_TIMES = 1_000

/** The times of a message from before any clock was set, in their order. */
export function unsetTimes(payload: unknown): readonly UnsetTime[] {
  if (!isFields(payload)) return []
  const places = [
    { path: [], value: payload },
    ...placesIn(payload.meterValue, 'meterValue'),
    ...placesIn(payload.transactionData, 'transactionData'),
  ]
  return places.flatMap(({ path, value }): UnsetTime[] => {
    const wallMs = timeAt(value, 'timestamp')
    return wallMs === undefined || wallMs >= SET_FROM_MS ? [] : [{ path: [...path, 'timestamp'], wallMs }]
  })
}

function placesIn(value: unknown, key: string): { path: (string | number)[]; value: unknown }[] {
  if (!Array.isArray(value)) return [{ path: [key], value }]
  return value.slice(0, MOST_TIMES).map((element: unknown, index) => ({ path: [key, index], value: element }))
}

/**
 * By how much a station's unset clock is behind, after one more message of it: nothing is written later than it comes, so
 * the least that was seen is nearest.
 */
export function shiftAfter(
  before: number | undefined,
  times: readonly UnsetTime[],
  receivedWallMs: number,
): number | undefined {
  if (times.length === 0) return before
  const newestMs = times.reduce((most, { wallMs }) => Math.max(most, wallMs), Number.NEGATIVE_INFINITY)
  const shiftMs = Math.max(0, receivedWallMs - newestMs)
  return before === undefined ? shiftMs : Math.min(before, shiftMs)
}

interface Look {
  readonly wallMs: number
  readonly monoMs: number
}

/** This machine's own clock since this run began: whether it is set, and what its unset times really were. */
export class OwnClock {
  readonly #begun: Look
  /** Wall less monotonic time while it was not set. */
  #unsetOffsetMs: number | undefined

  constructor(begun: Look) {
    this.#begun = begun
    this.look(begun)
  }

  /** True once it is set. */
  look({ wallMs, monoMs }: Look): boolean {
    if (wallMs >= SET_FROM_MS) return true
    this.#unsetOffsetMs = wallMs - monoMs
    return false
  }

  /** What to add to a time it has given before it was set; by the monotonic clock where that was in this run. */
  correctionMs(givenWallMs: number, now: Look): number {
    if (givenWallMs >= SET_FROM_MS) return 0
    const offsetMs = now.wallMs - now.monoMs
    const ofThisRun = this.#unsetOffsetMs
    if (ofThisRun !== undefined && givenWallMs - ofThisRun >= this.#begun.monoMs) return offsetMs - ofThisRun
    // of an earlier run nobody knows how long ago it was: not later than this one began
    return this.#begun.monoMs + offsetMs - givenWallMs
  }
}
