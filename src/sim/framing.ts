/**
 * OCPP-J framing of the simulated peers (stations and CSMS): CALL, CALLRESULT, CALLERROR over one socket, one CALL in
 * flight per direction (OCPP-J 1.6 §4). Written apart from src/ocpp on purpose: a shared mistake would hide itself.
 * Must not know any action.
 */
import type { ErrorCode } from '../core/answer.js'
import type { Clock, Socket, SocketHandlers, Timer } from '../ports.js'

/** What came of a CALL: `closed` = the connection ended first. */
export type WireOutcome =
  | { readonly kind: 'result'; readonly payload: unknown }
  | { readonly kind: 'error'; readonly code: string; readonly description: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed' }

/** What is answered to a CALL; `none` = silence (a station told Rejected). */
export type WireAnswer =
  | { readonly kind: 'result'; readonly payload: object }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly description: string }
  | { readonly kind: 'none' }

export interface WireHandlers {
  call(action: string, payload: unknown, reply: (answer: WireAnswer) => void): void
  /** The socket is gone; every CALL was told `closed` before. */
  closed(code: number): void
}

export interface WireOptions {
  readonly clock: Clock
  /** How long an answer is waited for: 30 s is the PICS value of both certificates. */
  readonly answerTimeoutMs: number
  /** Message ids never repeat on one connection: they start with this and a running number. */
  readonly idPrefix: string
}

interface Waiting {
  readonly action: string
  readonly payload: object
  readonly done: (outcome: WireOutcome) => void
}

/** CALLs a simulated peer may have waiting; a real one has little memory. */
const MAX_WAITING = 1000

export class Wire {
  /** To be given to `dial` or `accept`; then `attach` the socket. */
  readonly handlers: SocketHandlers = {
    text: text => this.take(text),
    binary: () => this.socket?.close(1003, 'text only'),
    ping: () => {},
    pong: () => {
      this.awaitingPong = false
    },
    closed: code => this.ended(code),
  }
  private readonly waiting: Waiting[] = []
  private socket: Socket | undefined
  private gone = false
  private awaitingPong = false
  private serial = 0
  private flying: { readonly id: string; readonly call: Waiting; readonly timer: Timer } | undefined

  constructor(
    private readonly options: WireOptions,
    private readonly peer: WireHandlers,
  ) {}

  attach(socket: Socket): void {
    this.socket = socket
    this.pump()
  }

  /** Queues a CALL; `done` is called exactly once. */
  call(action: string, payload: object, done: (outcome: WireOutcome) => void): void {
    if (this.gone) done({ kind: 'closed' })
    else if (this.waiting.length >= MAX_WAITING) done({ kind: 'timeout' })
    else {
      this.waiting.push({ action, payload, done })
      this.pump()
    }
  }

  /** Pings the peer; false when the last ping was not answered (then the socket is half-open). */
  ping(): boolean {
    if (this.awaitingPong) return false
    this.awaitingPong = true
    this.socket?.ping()
    return true
  }

  /** CALLs waiting or unanswered. */
  pending(): number {
    return this.waiting.length + (this.flying === undefined ? 0 : 1)
  }

  isOpen(): boolean {
    return this.socket !== undefined && !this.gone
  }

  /** Drops the socket as a power cut does. */
  terminate(): void {
    this.socket?.terminate()
  }

  private pump(): void {
    if (!this.socket || this.gone || this.flying) return
    const call = this.waiting.shift()
    if (!call) return
    const { clock, idPrefix, answerTimeoutMs } = this.options
    this.serial += 1
    const id = `${idPrefix}${this.serial}`
    const timer = clock.after(answerTimeoutMs, () => this.settle(id, { kind: 'timeout' }))
    this.flying = { id, call, timer }
    this.socket.sendText(JSON.stringify([2, id, call.action, call.payload]))
  }

  private settle(id: string, outcome: WireOutcome): void {
    if (this.flying?.id !== id) return
    const { call, timer } = this.flying
    timer.cancel()
    this.flying = undefined
    call.done(outcome)
    this.pump()
  }

  private reply(id: string, answer: WireAnswer): void {
    if (!this.socket || this.gone || answer.kind === 'none') return
    const frame =
      answer.kind === 'result' ? [3, id, answer.payload] : [4, id, answer.code, answer.description, {}]
    this.socket.sendText(JSON.stringify(frame))
  }

  private take(text: string): void {
    const frame = parseFrame(text)
    if (!frame) return
    const [type, id, third, fourth] = frame
    if (type === 2 && typeof third === 'string')
      this.peer.call(third, fourth ?? {}, answer => this.reply(id, answer))
    else if (type === 3) this.settle(id, { kind: 'result', payload: third })
    else if (type === 4)
      this.settle(id, { kind: 'error', code: String(third), description: String(fourth ?? '') })
  }

  private ended(code: number): void {
    if (this.gone) return
    this.gone = true
    const lost = [...(this.flying ? [this.flying.call] : []), ...this.waiting.splice(0)]
    this.flying?.timer.cancel()
    this.flying = undefined
    for (const call of lost) call.done({ kind: 'closed' })
    this.peer.closed(code)
  }
}

/** [type, id, third, fourth], or undefined for what is no frame: dropped, as OCPP-J §4.1.3 allows. */
function parseFrame(text: string): [number, string, unknown, unknown] | undefined {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (!Array.isArray(frame)) return undefined
  const parts: readonly unknown[] = frame
  const [type, id, third, fourth] = parts
  return typeof type === 'number' && typeof id === 'string' ? [type, id, third, fourth] : undefined
}
