/**
 * At a start nobody can be there yet: stations come within a minute, a meter answers its first poll. What is missing from the
 * first look on is an alarm at once for page, MQTT and control; the log says it in one line with counts, and names each only
 * when its time is over, because lines that warn at every start are not read when they matter. What was there and goes is
 * told at once.
 */
import type { AlarmView } from '../core/view/document.js'

/** Stations try again after up to a minute; the others are asked at once, and a failed poll says so itself. */
const GRACE_MS: Readonly<Record<string, number>> = {
  'station-gone': 60_000,
  'meter-lost': 10_000,
  'csms-away': 10_000,
  'mqtt-away': 10_000,
}

export class StartGrace {
  #waiting: ReadonlyMap<string, AlarmView> | undefined

  constructor(private readonly startMs: number) {}

  /** Of the first look: what it waits for, by code; undefined afterwards, and where nothing is missing. */
  missing(alarms: readonly AlarmView[]): Readonly<Record<string, number>> | undefined {
    if (this.#waiting !== undefined) return undefined
    const missing = alarms.filter(({ code }) => Object.hasOwn(GRACE_MS, code))
    this.#waiting = new Map(missing.map(alarm => [keyOf(alarm), alarm]))
    const counts: Record<string, number> = {}
    for (const { code } of missing) counts[code] = (counts[code] ?? 0) + 1
    return missing.length === 0 ? undefined : counts
  }

  /** Those of `alarms` that the log names now. */
  told(alarms: readonly AlarmView[], nowMs: number): readonly AlarmView[] {
    const has = new Set(alarms.map(keyOf))
    this.#waiting = new Map([...(this.#waiting ?? [])].filter(([key]) => has.has(key)))
    return alarms.filter(alarm => !this.#isWaited(alarm, nowMs))
  }

  #isWaited(alarm: AlarmView, nowMs: number): boolean {
    return this.#waiting?.has(keyOf(alarm)) === true && nowMs - this.startMs < (GRACE_MS[alarm.code] ?? 0)
  }
}

export const keyOf = ({ code, about }: AlarmView): string => `${code} ${about ?? ''}`
