/**
 * One physical connection: all meters on it take turns, one request in flight, never two. After a timeout the line is
 * dropped, because a late answer would otherwise be taken for the next one; each attempt is a new client. Every turn
 * ends in a reading, also when nothing was sent, so that a dead meter is seen to be dead at once. Must not know what a
 * register means.
 */
import type { MeterReading } from '../core/events.js'
import type { BusConnection, BusLine, BusReply, Ports, Stoppable, Timer } from '../ports.js'
import { type GuestRead, GuestReads } from './guest-reads.js'
import type { MeterUnit, PollResult } from './meter-unit.js'

/** Back-off of a line that cannot be opened, and of a unit that does not answer. */
const BACKOFF_FIRST_MS = 500
const BACKOFF_MAX_MS = 10_000
const CONNECT_TIMEOUT_MS = 2_000
/** A small processor needs its time for a signature. */
const SECURE_CONNECT_TIMEOUT_MS = 5_000
/** After a timeout on a serial bus: time for the late answer to run dry before the bus is used again. */
const SETTLE_MS = 300
/** No second answer for this long, and a meter is believed again. */
const ALONE_MS = 10_000

/** As a gateway says that what is behind it does not answer. */
const NOT_THERE: BusReply = { kind: 'exception', code: 11 }

export interface BusCounters {
  requests: number
  answers: number
  exceptions: number
  timeouts: number
  failures: number
  connects: number
  /** Bytes that belonged to no answer: another master, noise, a device that answers twice. */
  strayBytes: number
}

export type MeterPorts = Pick<Ports, 'clock' | 'random' | 'bus' | 'log'>

interface Turn {
  readonly unit: MeterUnit
  /** Monotonic time of the next turn. */
  nextMs: number
  retryMs: number
  silences: number
  fault: string | undefined
}

interface OpenLine {
  readonly line: BusLine
  /** Something came back over it. */
  proven: boolean
  strayBytes: number
  strayAnswers: number
  /** The last one that was asked. */
  asked: MeterUnit | undefined
}

export class BusQueue implements Stoppable {
  readonly #ports: MeterPorts
  readonly #connection: BusConnection
  readonly #turns: readonly Turn[]
  readonly #counters: BusCounters
  readonly #guests = new GuestReads()
  /** When two answers came to one request of a unit: which of them is its own, nobody can tell. */
  readonly #answeredTwiceMs = new Map<MeterUnit, number>()
  #open: OpenLine | undefined
  #lineRetryMs = -Infinity
  #settledMs = -Infinity
  #lineFailures = 0
  #lineFault = 'not connected'
  #stopped = false
  #wake: (() => void) | undefined
  #lastRequestMs = -Infinity
  #done: Promise<void> = Promise.resolve()

  constructor(
    ports: MeterPorts,
    connection: BusConnection,
    units: readonly MeterUnit[],
    counters: BusCounters,
  ) {
    this.#ports = ports
    this.#connection = connection
    this.#counters = counters
    const nowMs = ports.clock.monoMs()
    this.#turns = units.map(unit => ({ unit, nextMs: nowMs, retryMs: nowMs, silences: 0, fault: undefined }))
  }

  start(on: (reading: MeterReading) => void): void {
    this.#done = this.#run(on).catch((error: unknown) => {
      this.#dropLine()
      this.#ports.log.write('error', 'meter-queue-ended', { detail: String(error) })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#guests.end()
    this.#wake?.()
    this.#dropLine()
    await this.#done
  }

  async #run(on: (reading: MeterReading) => void): Promise<void> {
    while (!this.#stopped) {
      const turn = this.#turns.reduce((a, b) => (b.nextMs < a.nextMs ? b : a))
      const guest = this.#guests.next(this.#ports.clock.monoMs(), turn.nextMs)
      if (guest !== undefined) {
        guest.answer(await this.#serve(guest))
        continue
      }
      await this.#sleep(turn.nextMs - this.#ports.clock.monoMs())
      if (this.#stopped) return
      // Woken for a guest.
      if (this.#ports.clock.monoMs() < turn.nextMs) continue
      turn.nextMs = Math.max(turn.nextMs + turn.unit.config.pollMs, this.#ports.clock.monoMs())
      const reading = await this.#takeTurn(turn)
      if (this.#stopped) return
      this.#noteChange(turn, reading)
      on(reading)
    }
  }

  /** What waits for its next attempt, the line and each meter on it, is due at once. */
  tryNow(): void {
    const nowMs = this.#ports.clock.monoMs()
    this.#lineRetryMs = Math.min(this.#lineRetryMs, nowMs)
    for (const turn of this.#turns) {
      if (turn.fault === undefined) continue
      turn.retryMs = Math.min(turn.retryMs, nowMs)
      turn.nextMs = Math.min(turn.nextMs, nowMs)
    }
    // a bus that runs dry of a late answer is left alone
    if (nowMs >= this.#settledMs) this.#wake?.()
  }

  /** Somebody else's read of a meter on this line, between two polls. Never rejects. */
  guest(unit: MeterUnit, read: GuestRead): Promise<BusReply> {
    if (this.#stopped) return Promise.resolve(NOT_THERE)
    const answered = this.#guests.ask(unit, read, this.#ports.clock.monoMs())
    this.#wake?.()
    return answered
  }

  async #serve({ unit, read }: { readonly unit: MeterUnit; readonly read: GuestRead }): Promise<BusReply> {
    const open = this.#open
    const turn = this.#turns.find(it => it.unit === unit)
    if (open === undefined || turn === undefined || this.#ports.clock.monoMs() < turn.retryMs)
      return NOT_THERE
    const reply = await this.#read(open, unit, read)
    if (reply.kind === 'words' || reply.kind === 'exception') return reply
    const nowMs = this.#ports.clock.monoMs()
    this.#guests.pause(nowMs)
    this.#dropLine()
    if (reply.kind === 'timeout' && this.#connection.kind !== 'tcp') this.#settledMs = nowMs + SETTLE_MS
    return NOT_THERE
  }

  async #takeTurn(turn: Turn): Promise<MeterReading> {
    const nowMs = this.#ports.clock.monoMs()
    if (nowMs < turn.retryMs) return turn.unit.fault(nowMs, turn.fault ?? 'no answer')
    const open = await this.#line(nowMs)
    if (open === undefined) return turn.unit.fault(this.#ports.clock.monoMs(), this.#lineFault)
    const result = await turn.unit.poll(
      (address, count, functionCode) =>
        this.#read(open, turn.unit, {
          address,
          count,
          functionCode: functionCode ?? turn.unit.device.functionCode,
        }),
      this.#ports.clock.monoMs(),
    )
    this.#judge(turn, open, result)
    return this.#isAlone(turn.unit)
      ? result.reading
      : turn.unit.fault(result.reading.monoMs, twice(turn.unit))
  }

  #isAlone(unit: MeterUnit): boolean {
    const atMs = this.#answeredTwiceMs.get(unit)
    return atMs === undefined || this.#ports.clock.monoMs() - atMs >= ALONE_MS
  }

  /** An answer that came behind the first is known of when the next request leaves, or is answered. */
  #noteSecondAnswers(open: OpenLine): void {
    const strayAnswers = open.line.strayAnswers()
    if (strayAnswers > open.strayAnswers && open.asked !== undefined)
      this.#answeredTwiceMs.set(open.asked, this.#ports.clock.monoMs())
    open.strayAnswers = strayAnswers
  }

  #judge(turn: Turn, open: OpenLine, result: PollResult): void {
    const nowMs = this.#ports.clock.monoMs()
    if (result.unit === 'answers') turn.silences = 0
    else {
      turn.retryMs = nowMs + this.#backoffMs(turn.silences)
      turn.silences++
    }
    if (result.line === 'sound') return
    this.#dropLine()
    if (result.line === 'late' && this.#connection.kind !== 'tcp') this.#settledMs = nowMs + SETTLE_MS
    // A silent unit pays with its own back-off; only a line that carries nothing is left alone.
    if (result.line === 'broken' && !open.proven) this.#lineLost(result.reading.fault ?? 'line broken')
  }

  async #line(nowMs: number): Promise<OpenLine | undefined> {
    if (this.#open !== undefined) return this.#open
    if (nowMs < this.#lineRetryMs) return undefined
    // A gateway may hand the late answer to the next connection, where the adapter sees it as unasked-for: there the
    // silence is kept after connecting.
    if (this.#connection.kind === 'rtu') await this.#sleep(this.#settledMs - nowMs)
    if (this.#stopped) return undefined
    this.#counters.connects++
    const isSecure = this.#connection.kind === 'tcp' && this.#connection.tls !== undefined
    const timeoutMs = isSecure ? SECURE_CONNECT_TIMEOUT_MS : CONNECT_TIMEOUT_MS
    const opening = await this.#ports.bus.connect(this.#connection, timeoutMs)
    if (opening.kind === 'failed') {
      this.#lineLost(`no connection: ${opening.detail}`)
      return undefined
    }
    if (this.#connection.kind === 'rtu-over-tcp')
      await this.#sleep(this.#settledMs - this.#ports.clock.monoMs())
    if (this.#stopped) {
      opening.line.close()
      return undefined
    }
    for (const turn of this.#turns) turn.unit.lineOpened()
    this.#open = { line: opening.line, proven: false, strayBytes: 0, strayAnswers: 0, asked: undefined }
    return this.#open
  }

  async #read(
    open: OpenLine,
    unit: MeterUnit,
    registers: { readonly address: number; readonly count: number; readonly functionCode: 3 | 4 },
  ) {
    if (this.#connection.kind !== 'tcp')
      await this.#sleep(this.#lastRequestMs + unit.device.requestDelayMs - this.#ports.clock.monoMs())
    this.#counters.requests++
    const askedMs = this.#ports.clock.monoMs()
    this.#noteSecondAnswers(open)
    open.asked = unit
    const { functionCode, address, count } = registers
    const { timeoutMs } = unit.device
    const reply = await open.line.read({
      unitId: unit.config.unitId,
      functionCode,
      address,
      count,
      timeoutMs,
    })
    this.#lastRequestMs = this.#ports.clock.monoMs()
    this.#noteSecondAnswers(open)
    const strayBytes = open.line.strayBytes()
    unit.traffic.count(reply, this.#lastRequestMs - askedMs, strayBytes - open.strayBytes)
    this.#counters.strayBytes += strayBytes - open.strayBytes
    open.strayBytes = strayBytes
    if (reply.kind === 'words' || reply.kind === 'exception') {
      open.proven = true
      this.#lineFailures = 0
    }
    switch (reply.kind) {
      case 'words':
        this.#counters.answers++
        break
      case 'exception':
        this.#counters.exceptions++
        break
      case 'timeout':
        this.#counters.timeouts++
        break
      case 'failed':
        this.#counters.failures++
        break
    }
    return reply
  }

  #lineLost(fault: string): void {
    this.#lineFault = fault
    this.#lineRetryMs = this.#ports.clock.monoMs() + this.#backoffMs(this.#lineFailures)
    this.#lineFailures++
  }

  #dropLine(): void {
    this.#open?.line.close()
    this.#open = undefined
  }

  /** 0.5 s doubling to 10 s, of which a random half is taken off, so that a depot does not knock in step. */
  #backoffMs(failures: number): number {
    const fullMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures, 10))
    return fullMs * (0.5 + this.#ports.random.next() / 2)
  }

  #noteChange(turn: Turn, reading: MeterReading): void {
    const before = turn.fault
    turn.fault = reading.fault
    if ((before === undefined) === (reading.fault === undefined)) return
    const { id } = turn.unit.config
    if (reading.fault === undefined) this.#ports.log.write('info', 'meter-back', { meter: id })
    else this.#ports.log.write('warn', 'meter-lost', { meter: id, fault: reading.fault })
  }

  #sleep(delayMs: number): Promise<void> {
    if (delayMs <= 0 || this.#stopped) return Promise.resolve()
    return new Promise(resolve => {
      const timer: Timer = this.#ports.clock.after(delayMs, () => {
        this.#wake = undefined
        resolve()
      })
      this.#wake = () => {
        timer.cancel()
        this.#wake = undefined
        resolve()
      }
    })
  }
}

const twice = ({ config }: MeterUnit): string =>
  `two answers to one request: is another device at address ${config.unitId} of this line?`
