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

export interface Wire {
  /** To be given to `dial` or `accept`; then `attach` the socket. */
  readonly handlers: SocketHandlers
  attach(socket: Socket): void
  /** Queues a CALL; `done` is called exactly once. */
  call(action: string, payload: object, done: (outcome: WireOutcome) => void): void
  /** CALLs waiting or in flight. */
  pending(): number
  /** Pings the peer; false when the last ping was not answered (then the socket is half-open). */
  ping(): boolean
  isOpen(): boolean
  close(code: number, reason: string): void
  /** Drops the socket as a power cut does. */
  terminate(): void
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

export function createWire(options: WireOptions, handlers: WireHandlers): Wire {
  const waiting: Waiting[] = []
  let socket: Socket | undefined
  let gone = false
  let awaitingPong = false
  let serial = 0
  let flying: { readonly id: string; readonly call: Waiting; readonly timer: Timer } | undefined

  function pump(): void {
    if (!socket || gone || flying) return
    const next = waiting.shift()
    if (!next) return
    serial += 1
    const id = `${options.idPrefix}${serial}`
    const timer = options.clock.after(options.answerTimeoutMs, () => settle(id, { kind: 'timeout' }))
    flying = { id, call: next, timer }
    socket.sendText(JSON.stringify([2, id, next.action, next.payload]))
  }

  function settle(id: string, outcome: WireOutcome): void {
    if (flying?.id !== id) return
    const { call, timer } = flying
    timer.cancel()
    flying = undefined
    call.done(outcome)
    pump()
  }

  function reply(id: string, answer: WireAnswer): void {
    if (!socket || gone || answer.kind === 'none') return
    const frame =
      answer.kind === 'result' ? [3, id, answer.payload] : [4, id, answer.code, answer.description, {}]
    socket.sendText(JSON.stringify(frame))
  }

  function text(frameText: string): void {
    const frame = parseFrame(frameText)
    if (!frame) return
    const [type, id, third, fourth] = frame
    if (type === 2 && typeof third === 'string')
      handlers.call(third, fourth ?? {}, answer => reply(id, answer))
    else if (type === 3) settle(id, { kind: 'result', payload: third })
    else if (type === 4) settle(id, { kind: 'error', code: String(third), description: String(fourth ?? '') })
  }

  function closed(code: number): void {
    if (gone) return
    gone = true
    const lost = [...(flying ? [flying.call] : []), ...waiting.splice(0)]
    flying?.timer.cancel()
    flying = undefined
    for (const call of lost) call.done({ kind: 'closed' })
    handlers.closed(code)
  }

  return {
    handlers: {
      text,
      binary: () => socket?.close(1003, 'text only'),
      ping: () => {},
      pong: () => {
        awaitingPong = false
      },
      closed,
    },
    attach(open) {
      socket = open
      pump()
    },
    call(action, payload, done) {
      if (gone || waiting.length >= MAX_WAITING) return done({ kind: 'closed' })
      waiting.push({ action, payload, done })
      pump()
    },
    pending: () => waiting.length + (flying ? 1 : 0),
    ping() {
      if (awaitingPong) return false
      awaitingPong = true
      socket?.ping()
      return true
    },
    isOpen: () => socket !== undefined && !gone,
    close: (code, reason) => socket?.close(code, reason),
    terminate: () => socket?.terminate(),
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
