/**
 * Our CALLs on one leg: one at a time on the wire (OCPP-J 1.6 §4.1.1), save that an urgent one does not wait longer than
 * 1.5 s for the answer to another. Each is told exactly once what came of it. Must not know sockets.
 */
import type { Answer, CallOutcome } from '../../core/answer.js'
import type { Clock, Timer } from '../../ports.js'
import { Deadlines } from './deadlines.js'
import { encodeCall } from './frames.js'
import type { OutgoingCall } from './leg.js'
import { type OpenCall, outgoingQueue } from './outgoing-queue.js'

export interface OutgoingOptions {
  readonly clock: Clock
  /** That wait; see `outgoing-queue.ts` for which one ends as `closed` when there are more. */
  readonly maxWaiting: number
  newMessageId(): string
  /** Nothing is put on the wire while this is false. */
  isOpen(): boolean
  send(text: string): void
  /** Calls `done`, and survives what it throws. */
  tell(done: OpenCall['done'], outcome: CallOutcome): void
}

/** A lower that is due ends the wait for an answer after this (control rule 13). */
const URGENT_AFTER_MS = 1_500

/** CALLs whose late answer is still wanted: attempts of the same few messages. */
const MAX_LATE = 8

export const CLOSED: CallOutcome = { kind: 'closed' }
const TIMEOUT: CallOutcome = { kind: 'timeout' }

interface InFlight {
  readonly token: string
  readonly done: OpenCall['done']
  readonly sentMs: number
  readonly timer: Timer
}

export class OutgoingCalls {
  readonly #options: OutgoingOptions
  readonly #waiting: ReturnType<typeof outgoingQueue>
  readonly #deadlines: Deadlines
  /** Oldest first: one, and at most one urgent beside it. */
  readonly #inFlight: InFlight[] = []
  /** Given up, and still wanted should the answer come; the oldest first. */
  readonly #late = new Map<string, (answer: Answer) => void>()
  #pressing: Timer | undefined

  constructor(options: OutgoingOptions) {
    this.#options = options
    this.#waiting = outgoingQueue(options.maxWaiting)
    this.#deadlines = new Deadlines(options.clock)
  }

  /** Sends the CALL, or keeps it until its turn. */
  add(call: OutgoingCall, done: OpenCall['done']): void {
    if (!this.#options.isOpen()) {
      this.#options.tell(done, CLOSED)
      return
    }
    if (this.#inFlight.length === 0 && this.#waiting.size() === 0) {
      this.#put(call, done)
      return
    }
    const dropped = this.#waiting.add({ call, done })
    if (dropped !== undefined) this.#options.tell(dropped.done, CLOSED)
    this.#sendNext()
  }

  /** What the peer answered to the CALL with this id; false when nobody wants it. */
  answered(token: string, answer: Answer): boolean {
    if (this.#settle(token, answer)) return true
    const late = this.#late.get(token)
    if (late === undefined) return false
    this.#late.delete(token)
    this.#options.tell(() => late(answer), answer)
    return true
  }

  /** Waiting or on the wire. */
  size(): number {
    return this.#waiting.size() + this.#inFlight.length
  }

  /** How long the oldest CALL on the wire has been out; undefined when there is none. */
  busyMs(): number | undefined {
    const [oldest] = this.#inFlight
    return oldest === undefined ? undefined : this.#options.clock.monoMs() - oldest.sentMs
  }

  /** No answer comes any more. */
  end(): void {
    this.#pressing?.cancel()
    for (const { done } of this.#inFlight.splice(0)) this.#options.tell(done, CLOSED)
    this.#deadlines.stop()
    this.#late.clear()
    for (const { done } of this.#waiting.drain()) this.#options.tell(done, CLOSED)
  }

  #sendNext(): void {
    this.#pressing?.cancel()
    this.#pressing = undefined
    if (this.#waiting.size() === 0 || !this.#options.isOpen()) return
    const [oldest] = this.#inFlight
    if (oldest === undefined) {
      this.#putNext(this.#waiting.take())
      return
    }
    if (this.#inFlight.length > 1 || !this.#waiting.hasUrgent()) return
    const waitMs = oldest.sentMs + URGENT_AFTER_MS - this.#options.clock.monoMs()
    if (waitMs > 0) this.#pressing = this.#deadlines.after(waitMs, () => this.#sendNext())
    else this.#putNext(this.#waiting.takeUrgent())
  }

  #putNext(next: OpenCall | undefined): void {
    if (next !== undefined) this.#put(next.call, next.done)
  }

  #put(call: OutgoingCall, done: OpenCall['done']): void {
    const token = `"${this.#options.newMessageId()}"`
    const sentMs = this.#options.clock.monoMs()
    const timer = this.#deadlines.after(call.timeoutMs, () => this.#giveUp(token, call), sentMs)
    this.#inFlight.push({ token, done, sentMs, timer })
    this.#options.send(encodeCall(token, call.action, call.payloadText))
    // What is next may be due beside this one.
    this.#sendNext()
  }

  #giveUp(token: string, { late }: OutgoingCall): void {
    const [oldest] = this.#late.keys()
    if (oldest !== undefined && this.#late.size >= MAX_LATE) this.#late.delete(oldest)
    if (late !== undefined) this.#late.set(token, late)
    this.#settle(token, TIMEOUT)
  }

  /** Ends a CALL on the wire and sends the next one; false when none has this id. */
  #settle(token: string, outcome: CallOutcome): boolean {
    const [oldest, beside] = this.#inFlight
    const ended = oldest?.token === token ? oldest : beside?.token === token ? beside : undefined
    if (ended === undefined) return false
    if (ended === oldest) this.#inFlight.shift()
    else this.#inFlight.pop()
    ended.timer.cancel()
    this.#options.tell(ended.done, outcome)
    this.#sendNext()
    return true
  }
}
