/**
 * Busbar in the explorer's depot: the real Controller, and around it what src/gateway/control-loop.ts, the OCPP leg and
 * src/store/control-store.ts do with it: one CALL out per station, answers awaited for 5 s, a raise on the disk before
 * it is sent. Lines and disk do what the explorer wants of them. No sockets, no timers; time is an argument.
 */
import type { CallOutcome } from '../../src/core/answer.js'
import { Controller } from '../../src/core/control/controller.js'
import type { Now } from '../../src/core/control/now.js'
import { type BookingRecord, bookingRecordOf } from '../../src/core/control/record.js'
import type { ControlSite, Effect } from '../../src/core/control/state.js'
import type { MeterReading, StationEvent } from '../../src/core/events.js'
import type { PerPhase } from '../../src/core/site/phases.js'
import { type ClockReading, readClock, STALE_AFTER_MS } from '../../src/core/station/clock.js'
import type { Depot } from './depots.js'
import { bookings, copyController, copyOf } from './glimpse.js'

const OWN_CALL_MS = 5_000
/** An urgent CALL does not wait longer for the answer to another (src/ocpp/wire/call-leg.ts). */
const URGENT_AFTER_MS = 1_500
const LANES = ['urgent', 'first', 'normal'] as const
type Urgency = (typeof LANES)[number]

export interface Call {
  readonly tag: string
  readonly action: string
  readonly payload: object
  readonly urgency: Urgency
  readonly coalesce: string | undefined
}

/** What a station says. `clockMs`: what its clock showed when it wrote the message. */
export type Message =
  | { readonly kind: 'answer'; readonly tag: string; readonly outcome: CallOutcome }
  | { readonly kind: 'booted' }
  | { readonly kind: 'status'; readonly clockMs: number }
  | {
      readonly kind: 'started' | 'stopped'
      readonly connectorId: number
      readonly transactionId: number
      readonly clockMs: number
    }
  | {
      readonly kind: 'sample'
      readonly connectorId: number
      readonly ownA: PerPhase
      readonly clockMs: number
    }

export interface Line {
  linked: boolean
  /** Nothing moves on it by itself. */
  stalled: boolean
  /** When it did; whoever hears nothing for DEAD_AFTER_MS takes the link for gone (src/ocpp/wire/keep-alive.ts). */
  stalledMs: number
  /** CALLs that wait for their turn. */
  readonly waiting: Readonly<Record<Urgency, Call[]>>
  /** Oldest first: one, and at most one urgent beside it. */
  inFlight: { readonly tag: string; readonly sentMs: number }[]
  /** On the way to the station, in order. */
  down: Call[]
  /** On the way to Busbar, in order. */
  up: Message[]
  clock: ClockReading | undefined
  /** Transactions known from before a restart have been told to the Controller. */
  announced: boolean
}

export interface Disk {
  hangs: boolean
  /** Takes nothing, and says so. */
  fails: boolean
  /** By connector, as text: on the platter. */
  readonly kept: Map<string, string | undefined>
  /** Written but not yet on the platter, in order. */
  tail: [key: string, text: string | undefined][]
  /** Not even written: the disk hangs. */
  waiting: DiskEntry[]
}

interface DiskEntry {
  readonly key: string
  /** Undefined: it is to be forgotten. */
  readonly record: BookingRecord | undefined
  readonly durable: boolean
  /** Waits for the record to be durable. */
  readonly call?: Effect & { readonly kind: 'call' }
}

/** The Controller was asked, and not told of a station: that may be a reason for doubt, and more is booked without a decision. */
export interface Decided {
  readonly beforeA: readonly PerPhase[]
  readonly effects: readonly Effect[]
}

export function newLine(): Line {
  return {
    linked: false,
    stalled: false,
    stalledMs: 0,
    waiting: { urgent: [], first: [], normal: [] },
    inFlight: [],
    down: [],
    up: [],
    clock: undefined,
    announced: false,
  }
}

export class Busbar {
  readonly controller: Controller
  /** Told of each: the bookings before it, and what is to be done after it. */
  watch: ((decided: Decided) => void) | undefined
  /** Reckoned once for an instant at which nothing more happens. */
  #booked: { readonly atMs: number; readonly amps: readonly PerPhase[] } | undefined

  constructor(
    readonly depot: Depot,
    readonly site: ControlSite,
    readonly lines: ReadonlyMap<string, Line>,
    readonly disk: Disk,
    /** The process began when the true time was this; its monotonic clock counts from there. */
    readonly bornMs: number,
    now: Now,
    controller?: Controller,
  ) {
    const records = [...disk.kept.values()].flatMap(text => {
      return (text === undefined ? undefined : bookingRecordOf(JSON.parse(text))) ?? []
    })
    this.controller = controller ?? new Controller(site, records, now)
  }

  copy(site: ControlSite, lines: ReadonlyMap<string, Line>, disk: Disk, now: Now): Busbar {
    return new Busbar(
      this.depot,
      site,
      lines,
      disk,
      this.bornMs,
      now,
      copyController(this.controller, site, now),
    )
  }

  bookedA(monoMs: number): readonly PerPhase[] {
    if (this.#booked?.atMs !== monoMs)
      this.#booked = { atMs: monoMs, amps: bookings(this.controller, this.depot, monoMs) }
    return this.#booked.amps
  }

  tell(event: StationEvent, now: Now): void {
    this.#ask(now, () => this.controller.onStation(event, now), true)
  }

  read(reading: MeterReading, now: Now): void {
    this.#ask(now, () => this.controller.onMeter(reading, now))
  }

  decide(now: Now): void {
    this.#ask(now, () => this.controller.decide(now))
  }

  /** Another configuration, while it runs. */
  reconfigure(site: ControlSite, now: Now): void {
    this.#ask(now, () => this.controller.reconfigure(site, now), true)
  }

  /** CALLs that nobody answered for 5 s. */
  expire(now: Now): void {
    for (const line of this.lines.values()) {
      for (const { tag, sentMs } of [...line.inFlight])
        if (now.monoMs - sentMs >= OWN_CALL_MS) this.#settle(line, tag, { kind: 'timeout' }, now)
      this.#sendNext(line, now)
    }
  }

  /** False when it is not possible now. */
  release(stationId: string, released: boolean, now: Now): boolean {
    let done = false
    const act = (): void => {
      done = this.controller.release(stationId, released, now)
    }
    this.#ask(now, act, true)
    return done
  }

  connected(stationId: string, open: readonly Message[], now: Now): void {
    const line = this.#line(stationId)
    line.linked = true
    line.down = []
    line.clock = undefined
    this.tell({ kind: 'connected', stationId }, now)
    if (line.announced) return
    line.announced = true
    for (const message of open) if (message.kind === 'started') this.#started(stationId, message, now)
  }

  gone(stationId: string, now: Now): void {
    const line = this.#line(stationId)
    line.linked = false
    this.tell({ kind: 'gone', stationId }, now)
    const open = [...line.inFlight.splice(0), ...LANES.flatMap(lane => line.waiting[lane].splice(0))]
    for (const { tag } of open) this.#answered(tag, { kind: 'closed' }, now)
  }

  /** What the door for unknown stations makes of a message: a session is not answered for. */
  receiveUnplaced(stationId: string, message: Message, now: Now): void {
    if (message.kind !== 'started' && message.kind !== 'stopped') {
      this.receive(stationId, message, now)
      return
    }
    const { connectorId } = message
    const status = message.kind === 'started' ? 'Charging' : 'Available'
    this.tell({ kind: 'status', stationId, connectorId, status, errorCode: 'NoError' }, now)
  }

  /** A message of the station has come; what the observer of the OCPP edge makes of it. */
  receive(stationId: string, message: Message, now: Now): void {
    const line = this.#line(stationId)
    switch (message.kind) {
      case 'answer':
        this.#settle(line, message.tag, message.outcome, now)
        return
      case 'booted':
        this.tell({ kind: 'booted', stationId, info: { vendor: 'v', model: 'm' } }, now)
        return
      case 'status':
        this.#sawClock(stationId, line, message.clockMs, now)
        return
      case 'started':
        this.#sawClock(stationId, line, message.clockMs, now)
        this.#started(stationId, message, now)
        return
      case 'stopped': {
        this.#sawClock(stationId, line, message.clockMs, now)
        const { connectorId, transactionId } = message
        this.tell({ kind: 'transaction-stopped', stationId, connectorId, transactionId }, now)
        return
      }
      case 'sample': {
        this.#sawClock(stationId, line, message.clockMs, now)
        const isHistory = message.clockMs - now.wallMs < (line.clock?.offsetMs ?? 0) - STALE_AFTER_MS
        const { connectorId, ownA } = message
        if (!isHistory)
          this.tell({ kind: 'measured', stationId, connectorId, sample: { ownPhasesA: ownA } }, now)
      }
    }
  }

  /** The disk takes what waited for it. */
  flush(now: Now): void {
    for (const entry of this.disk.waiting.splice(0)) this.#commit(entry, now)
  }

  #line(stationId: string): Line {
    const line = this.lines.get(stationId)
    if (line === undefined) throw new Error(stationId)
    return line
  }

  #started(stationId: string, message: Message & { readonly kind: 'started' | 'stopped' }, now: Now): void {
    const { connectorId, transactionId, clockMs } = message
    this.tell(
      {
        kind: 'transaction-started',
        stationId,
        connectorId,
        transactionId,
        idTag: 'TAG',
        meterStartWh: 0,
        startedWallMs: clockMs,
      },
      now,
    )
  }

  #sawClock(stationId: string, line: Line, stationWallMs: number, now: Now): void {
    const { reading, isNow } = readClock(line.clock, stationWallMs, now.wallMs)
    line.clock = reading
    if (isNow) this.tell({ kind: 'clock-seen', stationId, stationWallMs }, now)
  }

  #ask(now: Now, question: () => void, isNews = false): void {
    const beforeA = isNews ? undefined : this.bookedA(now.monoMs)
    question()
    this.#booked = undefined
    const effects = this.controller.takeEffects()
    if (beforeA !== undefined) this.watch?.({ beforeA, effects })
    for (const effect of effects) {
      if (effect.kind === 'record') this.#keep({ ...effect, key: keyOf(effect.record) }, now)
      else if (effect.kind === 'forget')
        this.#keep({ key: keyOf(effect), record: undefined, durable: true }, now)
      else if (effect.kind === 'call') {
        if (effect.record === undefined) this.#send(effect, now)
        else
          this.#keep({ key: keyOf(effect.record), record: effect.record, durable: true, call: effect }, now)
      }
    }
  }

  #keep(entry: DiskEntry, now: Now): void {
    if (this.disk.fails) this.#lost(entry, now)
    else if (this.disk.hangs) this.disk.waiting.push(entry)
    else this.#commit(entry, now)
  }

  #lost({ record, call }: DiskEntry, now: Now): void {
    if (call !== undefined) this.#ask(now, () => this.controller.onNotSent(call.tag, now))
    else if (record !== undefined) this.controller.onRecordLost(record)
    this.#booked = undefined
  }

  #commit({ key, record, durable, call }: DiskEntry, now: Now): void {
    const { disk } = this
    disk.tail.push([key, record === undefined ? undefined : JSON.stringify(record)])
    if (!durable) return
    for (const [key, text] of disk.tail.splice(0)) disk.kept.set(key, text)
    if (call === undefined) return
    if (this.controller.isWanted(call.tag)) this.#send(call, now)
    else this.#ask(now, () => this.controller.onNotSent(call.tag, now))
  }

  /** As src/ocpp/wire/outgoing-queue.ts: a newer one in the place of an older one with the same key. */
  #send(effect: Effect & { readonly kind: 'call' }, now: Now): void {
    const line = this.#line(effect.stationId)
    if (!line.linked) {
      this.#answered(effect.tag, { kind: 'closed' }, now)
      return
    }
    const { tag, action, payload, urgency, coalesce } = effect
    const call: Call = { tag, action, payload, urgency, coalesce }
    const lane = line.waiting[urgency]
    const older = this.#superseded(line, lane, call)
    if (older === undefined) lane.push(call)
    this.#sendNext(line, now)
    if (older !== undefined) this.#answered(older.tag, { kind: 'closed' }, now)
  }

  /** The older CALL with the same key, whose turn `call` has taken. */
  #superseded(line: Line, lane: Call[], call: Call): Call | undefined {
    if (call.coalesce === undefined) return undefined
    for (const from of LANES.map(name => line.waiting[name])) {
      const at = from.findIndex(waiting => waiting.coalesce === call.coalesce)
      if (at < 0) continue
      const [older] = from.splice(at, 1)
      lane.splice(from === lane ? at : lane.length, 0, call)
      return older
    }
    return undefined
  }

  #sendNext(line: Line, now: Now): void {
    if (!line.linked) return
    const { urgent, first, normal } = line.waiting
    const [oldest, ...others] = line.inFlight
    const isDue = oldest !== undefined && others.length === 0 && now.monoMs - oldest.sentMs >= URGENT_AFTER_MS
    const next =
      oldest === undefined ? (urgent.shift() ?? first.shift() ?? normal.shift()) : isDue && urgent.shift()
    if (next === undefined || next === false) return
    line.inFlight.push({ tag: next.tag, sentMs: now.monoMs })
    line.down.push(next)
  }

  /** Without effect when nobody waits for that answer any more. */
  #settle(line: Line, tag: string, outcome: CallOutcome, now: Now): void {
    const at = line.inFlight.findIndex(call => call.tag === tag)
    if (at < 0) return
    line.inFlight.splice(at, 1)
    this.#answered(tag, outcome, now)
    this.#sendNext(line, now)
  }

  #answered(tag: string, outcome: CallOutcome, now: Now): void {
    this.#ask(now, () => this.controller.onAnswer(tag, outcome, now))
  }
}

/** As src/store/control-store.ts: what is kept of a station without a place lies beside the rest. */
function keyOf(about: {
  readonly stationId: string
  readonly connectorId: number
  readonly unplaced?: boolean
}): string {
  return `${about.stationId}/${about.connectorId}${about.unplaced === true ? ' unplaced' : ''}`
}

export function copyLines(lines: ReadonlyMap<string, Line>): Map<string, Line> {
  return new Map([...lines].map(([id, line]) => [id, copyOf(line, new Map())]))
}
