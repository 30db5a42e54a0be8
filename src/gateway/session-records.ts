/**
 * Keeps what is looked up of sessions later, and the energy of each day: begun and ended by what stations say, followed by
 * a look every other second, on disk by the minute and at each end. A session that runs lies apart from those that have ended, so that
 * the next start finds it; its energy and the day it counts for are written in one commit, so that none is counted twice.
 */
import type { Reasons } from '../core/control/reasons.js'
import { type ControlState, connectorOf } from '../core/control/state.js'
import type { StationEvent } from '../core/events.js'
import { localDate } from '../core/site/local-time.js'
import {
  decodeDay,
  type EnergyDay,
  joined,
  newDay,
  withCharged,
  withRegister,
} from '../core/view/energy-day.js'
import {
  decodeSession,
  type SessionEntry,
  sessionBegun,
  sessionEnded,
  sessionLost,
  sessionSeen,
} from '../core/view/session-log.js'
import type { JournalOp, Ports } from '../ports.js'
import { folder, parseText } from '../store/layout.js'
import { openTimeline, type Timeline } from '../store/timeline-store.js'
import { Listeners } from './listeners.js'

/** A year of a busy depot. */
export const MAX_SESSIONS = 20_000
/** Two years and more. */
const MAX_DAYS = 800
/** A day of 500 stations is 25 KiB. */
const DAYS_AT_ONCE = 8
const HOUR_MS = 3_600_000
/** A look that comes late counts for no more than this, s. */
const MOST_BETWEEN_LOOKS_S = 10
/** An operator's word counts for a Stop that comes within this. */
const OPERATOR_MS = 60_000

type RecordPorts = Pick<Ports, 'clock' | 'log' | 'journal'>

export interface RecordDeps {
  readonly ports: RecordPorts
  timeZone(): string
  state(): ControlState
}

const RUNNING = folder('session-running')
const runningKey = ({ stationId, connectorId }: Pick<SessionEntry, 'stationId' | 'connectorId'>): string =>
  `${RUNNING.from}${stationId}/${connectorId}`
const placeOf = ({ stationId, connectorId }: Pick<SessionEntry, 'stationId' | 'connectorId'>): string =>
  `${stationId}/${connectorId}`

export class SessionRecords {
  /** One that has begun, or has ended. */
  readonly news = new Listeners<SessionEntry>()
  readonly #deps: RecordDeps
  readonly #ended: Timeline<SessionEntry>
  readonly #days: Timeline<EnergyDay>
  /** By place. */
  readonly #running: Map<string, SessionEntry>
  #day: EnergyDay
  readonly #stoppedHereMs = new Map<string, number>()
  /** Not on the disk as they are. */
  readonly #changed = new Set<string>()
  #isDayChanged = false
  #lookedMs: number
  #tidiedMs: number

  private constructor(deps: RecordDeps, kept: { running: Map<string, SessionEntry>; day?: EnergyDay }) {
    this.#deps = deps
    this.#ended = sessionTimeline(deps.ports)
    this.#days = dayTimeline(deps.ports)
    this.#running = kept.running
    this.#day = kept.day ?? newDay(this.#today())
    this.#lookedMs = deps.ports.clock.monoMs()
    this.#tidiedMs = this.#lookedMs
  }

  static async open(deps: RecordDeps): Promise<SessionRecords> {
    const { ports } = deps
    const running = new Map<string, SessionEntry>()
    for (const { key, value } of await ports.journal.scan(RUNNING.from, RUNNING.to, MAX_RUNNING)) {
      const entry = decodeSession(parseText(value))
      if (entry === undefined) ports.log.write('warn', 'session record not readable', { key })
      else running.set(placeOf(entry), entry)
    }
    const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, most: 1 }
    const { found } = await dayTimeline(ports).read(all)
    return new SessionRecords(deps, { running, ...(found[0] !== undefined && { day: found[0] }) })
  }

  /** `energyWh`: what the session that this ends had, as control knew it. */
  onStation(event: StationEvent, energyWh: number | undefined): void {
    const { clock } = this.#deps.ports
    if (event.kind === 'transaction-started') {
      const place = placeOf(event)
      const before = this.#running.get(place)
      if (before?.transactionId === event.transactionId) return
      if (before !== undefined) this.#close(sessionLost(before, clock.wallMs()))
      const circuitId = this.#deps.state().stations.get(event.stationId)?.config.circuit ?? ''
      const begun = sessionBegun(event, circuitId)
      this.#running.set(place, begun)
      this.#changed.add(place)
      this.news.tell(begun)
    } else if (event.kind === 'transaction-stopped') {
      const entry = this.#running.get(placeOf(event))
      if (entry?.transactionId !== event.transactionId) return
      const key = `${event.stationId} ${event.transactionId}`
      const askedMs = this.#stoppedHereMs.get(key)
      this.#stoppedHereMs.delete(key)
      const byOperator = askedMs !== undefined && clock.monoMs() - askedMs < OPERATOR_MS
      this.#close(
        sessionEnded(entry, event, {
          wallMs: clock.wallMs(),
          energyWh: energyWh ?? entry.energyWh,
          byOperator,
        }),
      )
    }
  }

  /** An operator tells the station to stop it; `willStop` false: it has refused. */
  stoppedHere(stationId: string, transactionId: number, willStop: boolean): void {
    const nowMs = this.#deps.ports.clock.monoMs()
    for (const [key, askedMs] of this.#stoppedHereMs)
      if (nowMs - askedMs >= OPERATOR_MS) this.#stoppedHereMs.delete(key)
    if (willStop) this.#stoppedHereMs.set(`${stationId} ${transactionId}`, nowMs)
    else this.#stoppedHereMs.delete(`${stationId} ${transactionId}`)
  }

  /** Every other second, with what is shown then. */
  look(reasons: Reasons): void {
    const { clock } = this.#deps.ports
    const state = this.#deps.state()
    const nowMs = clock.monoMs()
    const seconds = Math.min(MOST_BETWEEN_LOOKS_S, (nowMs - this.#lookedMs) / 1000)
    this.#lookedMs = nowMs
    if (seconds <= 0) return
    this.#turnDay()
    for (const [place, entry] of this.#running) {
      const connector = connectorOf(state, entry.stationId, entry.connectorId)
      const isOver =
        connector === undefined ||
        (connector.transaction === undefined && connector.status === 'Available') ||
        (connector.transaction !== undefined && connector.transaction.id !== entry.transactionId)
      if (isOver) {
        this.#close(sessionLost(entry, clock.wallMs()))
        continue
      }
      const seen = sessionSeen(entry, connector, reasons.get(connector.key) ?? [], seconds)
      if (seen === entry) continue
      this.#running.set(place, this.#counted(seen))
      this.#changed.add(place)
    }
    for (const { circuit } of state.tree.nodes) {
      const importWh = circuit.meter === undefined ? undefined : state.readings.get(circuit.meter)?.importWh
      if (circuit.meter === undefined || importWh === undefined) continue
      const before = this.#day
      this.#day = withRegister(before, { id: circuit.meter, circuitId: circuit.id, importWh })
      if (this.#day !== before) this.#isDayChanged = true
    }
  }

  /** Each minute. */
  async tick(): Promise<void> {
    const places = [...this.#changed]
    const ops = places.flatMap((place): JournalOp[] => {
      const entry = this.#running.get(place)
      return entry === undefined
        ? []
        : [{ kind: 'put', key: runningKey(entry), value: JSON.stringify(entry) }]
    })
    if (this.#isDayChanged) ops.push(this.#dayOp())
    if (ops.length === 0) return
    this.#changed.clear()
    this.#isDayChanged = false
    try {
      await this.#ended.commit(ops, false)
    } catch (fault) {
      for (const place of places) this.#changed.add(place)
      this.#isDayChanged = true
      this.#failed(fault)
    }
    const nowMs = this.#deps.ports.clock.monoMs()
    if (nowMs - this.#tidiedMs < HOUR_MS) return
    this.#tidiedMs = nowMs
    await Promise.all([this.#ended.tidy(), this.#days.tidy()]).catch(fault => this.#failed(fault))
  }

  /** Begun within the span, oldest first; those that run are among them. */
  async sessions(query: {
    readonly fromMs: number
    readonly toMs: number
    readonly most: number
    readonly stationId?: string | undefined
  }): Promise<{ readonly found: readonly SessionEntry[]; readonly isCut: boolean }> {
    const { fromMs, toMs, most, stationId } = query
    const wants = (entry: SessionEntry): boolean => stationId === undefined || entry.stationId === stationId
    const { found, isCut } = await this.#ended.read({ fromMs, toMs, most, wants })
    const running = [...this.#running.values()].filter(
      entry => entry.startedWallMs >= fromMs && entry.startedWallMs < toMs && wants(entry),
    )
    const all = [...found, ...running].sort((a, b) => a.startedWallMs - b.startedWallMs)
    return { found: all.slice(-most), isCut: isCut || all.length > most }
  }

  /** Days of the site's calendar, both included, "2026-03-29"; oldest first. */
  async days(from: string, to: string): Promise<readonly EnergyDay[]> {
    const { found } = await this.#days.read({
      ...{ fromMs: dayMs(from), toMs: dayMs(to) + 1, most: MAX_DAYS },
      wants: ({ date }) => date !== this.#day.date,
    })
    const { date } = this.#day
    return date >= from && date <= to ? [...found, this.#day] : found
  }

  /** It has ended: it leaves the running ones and counts for today. */
  #close(ended: SessionEntry): void {
    const entry = this.#counted(ended)
    const place = placeOf(entry)
    this.#running.delete(place)
    this.#changed.delete(place)
    const id = `${entry.stationId}/${entry.connectorId}/${entry.transactionId}`
    const ops: JournalOp[] = [
      this.#ended.put(entry.startedWallMs, id, entry),
      { kind: 'delete', key: runningKey(entry) },
      this.#dayOp(),
    ]
    this.#ended.commit(ops, true).catch((fault: unknown) => this.#failed(fault))
    this.news.tell(entry)
  }

  #counted(entry: SessionEntry): SessionEntry {
    const wh = entry.energyWh - entry.countedWh
    if (wh <= 0) return entry
    const { tree } = this.#deps.state()
    const node = tree.indexById.get(entry.circuitId)
    const path = node === undefined ? [] : tree.pathOf(node)
    const ids = path.flatMap(at => tree.nodes[at]?.id ?? [])
    this.#day = withCharged(this.#day, entry.stationId, ids, wh)
    this.#isDayChanged = true
    return { ...entry, countedWh: entry.energyWh }
  }

  /** A clock that went back a little goes on with the later day; one that was wrong begins with what the day had. */
  #turnDay(): void {
    const today = this.#today()
    const { date } = this.#day
    if (today === date) return
    const isLater = today > date
    if (!isLater && dayMs(date) - dayMs(today) < LITTLE_MS) return
    this.#ended.commit([this.#dayOp()], false).catch((fault: unknown) => this.#failed(fault))
    this.#day = newDay(today, this.#day)
    this.#isDayChanged = true
    this.#days
      .read({ fromMs: dayMs(today), toMs: dayMs(today) + 1, most: 1 })
      .then(({ found: [kept] }) => {
        if (kept !== undefined && this.#day.date === today) this.#day = joined(kept, this.#day)
      })
      .catch((fault: unknown) => this.#failed(fault))
  }

  #today(): string {
    return localDate(this.#deps.ports.clock.wallMs(), this.#deps.timeZone())
  }

  #dayOp(): JournalOp {
    return this.#days.put(dayMs(this.#day.date), 'day', this.#day)
  }

  #failed(fault: unknown): void {
    this.#deps.ports.log.write('warn', 'session record not written', { fault: String(fault) })
  }
}

/** As many as a site has connectors. */
const MAX_RUNNING = 64_000
/** Two days: what summer time and a corrected clock do is less. */
const LITTLE_MS = 48 * HOUR_MS
const dayMs = (date: string): number => Date.parse(`${date}T00:00:00Z`)

const sessionTimeline = ({ journal, log }: RecordPorts): Timeline<SessionEntry> =>
  openTimeline({ journal, log, name: 'session', most: MAX_SESSIONS, decode: decodeSession })

const dayTimeline = ({ journal, log }: RecordPorts): Timeline<EnergyDay> =>
  openTimeline({ journal, log, name: 'energy-day', most: MAX_DAYS, page: DAYS_AT_ONCE, decode: decodeDay })
