/**
 * Rolls the seconds in memory up to what outlives a restart: minutes for three days, quarters of an hour for 400, by
 * the minute tick. What is due is told by the time, because a tick may be missed; a quarter is made of its minutes on
 * disk, so that a restart within it loses nothing. Telemetry: a disk that refuses is an alarm of the journal's watch.
 */
import type { HistoryView } from '../core/view/document.js'
import { HISTORY_S, type History, type HistoryPoint, historyView } from '../core/view/history.js'
import type { Clock, Log } from '../ports.js'
import type { HistoryStore, Span } from '../store/history-store.js'

const MINUTE_S = 60
const QUARTER_S = 900
const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S
/** 4,320 records. */
const KEEP_MINUTES_S = 3 * DAY_S
/** 38,400 records, with the minutes some 25 MB for 20 circuits. */
export const KEEP_CIRCUITS_S = 400 * DAY_S
/** The longest that is plotted. 60 stations are then some 20 MB. */
export const KEEP_STATIONS_S = 31 * DAY_S
/** Nothing is forgotten by a clock that has jumped since the tick an hour ago: it may be the wrong one. */
const STEADY_S = 600

export class HistoryKeeper {
  readonly #clock: Clock
  readonly #log: Log
  readonly #history: History
  readonly #store: HistoryStore
  readonly #keepS: Readonly<Record<Span, number>>
  /** Minutes before this are on disk; quarters likewise. */
  #minuteS: number
  #quarterS: number
  #tidied: { readonly monoS: number; readonly offsetS: number }
  #busy: Promise<void> = Promise.resolve()

  /** `keepQuartersS`: so long quarters are kept. */
  constructor(
    ports: { readonly clock: Clock; readonly log: Log },
    history: History,
    store: HistoryStore,
    keepQuartersS = KEEP_CIRCUITS_S,
  ) {
    this.#keepS = { 60: KEEP_MINUTES_S, 900: keepQuartersS }
    this.#clock = ports.clock
    this.#log = ports.log
    this.#history = history
    this.#store = store
    const nowS = this.#nowS()
    this.#minuteS = floorTo(nowS, MINUTE_S)
    // A quarter that ended while Busbar was down is made of the minutes it left.
    this.#quarterS = floorTo(nowS - KEEP_MINUTES_S, QUARTER_S)
    this.#tidied = this.#times()
  }

  /** Each minute, one after the other. */
  tick(): Promise<void> {
    this.#busy = this.#busy
      .then(() => this.#rollUp())
      .catch((error: unknown) =>
        this.#log.write('warn', 'history not written', {
          reason: error instanceof Error ? error.message : String(error),
        }),
      )
    return this.#busy
  }

  /** The `seconds` before `untilS` (default: now); undefined for a circuit never seen. */
  async read(
    circuitId: string,
    seconds: number,
    untilS = this.#nowS() + 1,
  ): Promise<HistoryView | undefined> {
    const fromS = Math.floor(untilS - seconds)
    const recent = this.#history.read(circuitId, fromS, untilS)
    if (recent === undefined) return undefined
    if (seconds > KEEP_MINUTES_S)
      return historyView(circuitId, await this.#kept(circuitId, 900, fromS, untilS))
    const nowS = this.#nowS()
    const first = recent.find(({ atS, point }) => point !== undefined && atS > nowS - HISTORY_S)
    if (seconds > HISTORY_S || first === undefined)
      return historyView(circuitId, await this.#kept(circuitId, 60, fromS, untilS))
    const before = await this.#kept(circuitId, 60, fromS, first.atS)
    const last = before.at(-1)
    const wasAway = last !== undefined && first.atS - last.atS > 2 * MINUTE_S
    const gap = wasAway ? [{ atS: last.atS + MINUTE_S, point: undefined }] : []
    return historyView(circuitId, [...before, ...gap, ...recent.filter(({ atS }) => atS >= first.atS)])
  }

  async #kept(
    circuitId: string,
    span: Span,
    fromS: number,
    toS: number,
  ): Promise<readonly { readonly atS: number; readonly point: HistoryPoint | undefined }[]> {
    const points: { atS: number; point: HistoryPoint | undefined }[] = []
    for await (const page of this.#store.read(span, fromS, toS, circuitId)) {
      for (const [atS, record] of page) {
        const last = points.at(-1)
        // Where nothing was kept the line is broken.
        if (last !== undefined && atS - last.atS > span)
          points.push({ atS: last.atS + span, point: undefined })
        points.push({ atS, point: record.get(circuitId) })
      }
    }
    return points
  }

  async #rollUp(): Promise<void> {
    const minuteS = floorTo(this.#nowS(), MINUTE_S)
    // Of what happened longer ago than the ring, or in a time that a clock set back will live through again: nothing.
    this.#minuteS = Math.min(Math.max(this.#minuteS, minuteS - HISTORY_S), minuteS)
    for (; this.#minuteS < minuteS; this.#minuteS += MINUTE_S) await this.#keepMinute(this.#minuteS)
    const quarterS = floorTo(minuteS, QUARTER_S)
    this.#quarterS = Math.min(Math.max(this.#quarterS, quarterS - KEEP_MINUTES_S), quarterS)
    if (this.#quarterS < quarterS) await this.#keepQuarters(this.#quarterS, quarterS)
    this.#quarterS = quarterS
    await this.#tidy()
  }

  async #keepMinute(atS: number): Promise<void> {
    const record = new Map<string, HistoryPoint>()
    for (const id of this.#history.ids()) {
      const seconds = this.#history.read(id, atS, atS + MINUTE_S) ?? []
      const worst = this.#history.worst(seconds.flatMap(({ point }) => (point === undefined ? [] : [point])))
      if (worst !== undefined) record.set(id, worst)
    }
    if (record.size > 0) await this.#store.keep(60, atS, record)
  }

  async #keepQuarters(fromS: number, toS: number): Promise<void> {
    const quarters = new Map<number, Map<string, HistoryPoint>>()
    for await (const page of this.#store.read(60, fromS, toS)) {
      for (const [atS, record] of page) {
        const quarterS = floorTo(atS, QUARTER_S)
        const quarter = quarters.get(quarterS) ?? new Map<string, HistoryPoint>()
        quarters.set(quarterS, quarter)
        for (const [id, point] of record) {
          const before = quarter.get(id)
          const worst = this.#history.worst(before === undefined ? [point] : [before, point])
          if (worst !== undefined) quarter.set(id, worst)
        }
      }
    }
    for (const [atS, record] of quarters) await this.#store.keep(900, atS, record)
  }

  async #tidy(): Promise<void> {
    const now = this.#times()
    if (now.monoS - this.#tidied.monoS < HOUR_S) return
    const isSteady = Math.abs(now.offsetS - this.#tidied.offsetS) < STEADY_S
    this.#tidied = now
    if (!isSteady) return
    for (const span of [60, 900] as const) await this.#store.forget(span, this.#nowS() - this.#keepS[span])
  }

  #nowS(): number {
    return Math.floor(this.#clock.wallMs() / 1000)
  }

  #times(): { readonly monoS: number; readonly offsetS: number } {
    const monoS = this.#clock.monoMs() / 1000
    return { monoS, offsetS: this.#clock.wallMs() / 1000 - monoS }
  }
}

function floorTo(seconds: number, step: number): number {
  return Math.floor(seconds / step) * step
}
