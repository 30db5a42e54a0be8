/**
 * One side of one station's conversation over one socket: our CALLs out (outgoing-calls.ts), those of the peer handed in
 * one at a time, answers matched by our own message ids. Late, doubled and unknown answers are dropped and counted and
 * never touch a CALL in flight. What a peer can grow is bounded; nothing a peer sends makes it throw.
 * Must not know what an action means, nor which side it talks to.
 */
import { type Answer, type CallOutcome, callError } from '../../core/answer.js'
import type { Clock, Log, Socket, SocketHandlers } from '../../ports.js'
import { toErrorCode } from './error-codes.js'
import { encodeError, encodeResult, type Frame, parseFrame } from './frames.js'
import { type IncomingLimits, type IncomingQueue, incomingQueue } from './incoming-queue.js'
import type { IncomingCall, Leg, LegHandlers, OutgoingCall } from './leg.js'
import { OutgoingCalls } from './outgoing-calls.js'
import { rateGate } from './rate-gate.js'

export interface LegLimits extends IncomingLimits {
  /** Our own CALLs that wait; see `outgoing-queue.ts` for which one ends as `closed` then. */
  readonly maxOutgoing: number
  /** A peer that reads slower than this backlog is cut off. */
  readonly maxBufferedBytes: number
  /** Unreadable frames within a minute; one more closes the socket with 1008. */
  readonly maxBadPerMinute: number
  /** Frames within a minute that ask and answer nothing (pings, unknown types, answers to no CALL); one more closes with 1008. */
  readonly maxIdlePerMinute: number
}

/**
 * 64 CALLs, 2 Mi characters: a station flushing its offline queue against the rule. 256 of ours: everything a CSMS or
 * the controller may pile up while a slow station answers one. 4 MiB: four of the largest frames. 20: threat model ST10. 600: a
 * ping each second, and ten times as much.
 */
export const LEG_LIMITS: LegLimits = {
  maxIncoming: 64,
  maxIncomingChars: 2 * 1024 * 1024,
  maxOutgoing: 256,
  maxBufferedBytes: 4 * 1024 * 1024,
  maxBadPerMinute: 20,
  maxIdlePerMinute: 600,
}

/** What `onFrame` counts: every frame by kind, and what was dropped or cost the connection. */
export type FrameKind = Frame['kind'] | 'unknown-answer' | 'binary' | 'too-long' | 'too-many'

export interface LegOptions {
  readonly socket: Socket
  readonly clock: Clock
  readonly handlers: LegHandlers
  /** Unique on this connection; at most 36 plain characters that JSON does not escape. */
  newMessageId(): string
  readonly log?: Log
  readonly limits?: Partial<LegLimits>
  onFrame?(kind: FrameKind): void
}

export interface CallLeg extends Leg {
  /** To be plugged under the leg: the handlers of its socket. */
  readonly wire: SocketHandlers
  /** A longer text closes the socket with 1009 (UTF-8 bytes). May be changed at any time; starts without a limit. */
  maxTextBytes: number | undefined
  /** The CALL will never be answered; the next one is handed in. Without effect for any other id. */
  forget(messageId: string): void
}

/** Opens a leg on an open socket. `options.handlers` are called only from within `wire`, `answer` and `forget`. */
export function openLeg(options: LegOptions): CallLeg {
  return new SocketLeg(options)
}

class SocketLeg implements CallLeg {
  maxTextBytes: number | undefined
  readonly wire: SocketHandlers
  readonly #options: LegOptions
  readonly #limits: LegLimits
  readonly #bad: ReturnType<typeof rateGate>
  readonly #idle: ReturnType<typeof rateGate>
  readonly #incoming: IncomingQueue
  readonly #outgoing: OutgoingCalls
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor(options: LegOptions) {
    this.#options = options
    this.#limits = { ...LEG_LIMITS, ...options.limits }
    this.#outgoing = new OutgoingCalls({
      clock: options.clock,
      maxWaiting: this.#limits.maxOutgoing,
      newMessageId: () => options.newMessageId(),
      isOpen: () => this.#state === 'open',
      send: text => this.#send(text),
      tell: (done, outcome) => this.#tell(done, outcome),
    })
    this.#incoming = incomingQueue(options.clock, this.#limits, call => this.#hand(call))
    this.#bad = rateGate(options.clock, this.#limits.maxBadPerMinute, 60_000)
    this.#idle = rateGate(options.clock, this.#limits.maxIdlePerMinute, 60_000)
    this.wire = {
      text: text => this.#receive(text),
      binary: () => {
        this.#count('binary')
        this.close(1003, 'text frames only')
      },
      ping: () => {
        this.#tolerate()
        this.#readsFastEnough() // a pong was queued for it
      },
      pong: () => this.#tolerate(),
      closed: (code, reason) => this.#closed(code, reason),
    }
  }

  call(call: OutgoingCall, done: (outcome: CallOutcome) => void): void {
    this.#outgoing.add(call, done)
  }

  answer(messageId: string, answer: Answer): void {
    if (!this.#incoming.isOpen(messageId)) {
      this.#options.log?.write('debug', 'ocpp.answer-without-call')
      return
    }
    this.#sendAnswer(messageId, answer)
    this.#incoming.finish(messageId)
  }

  forget(messageId: string): void {
    this.#incoming.finish(messageId)
  }

  pending(): number {
    return this.#outgoing.size()
  }

  busyMs(): number | undefined {
    return this.#outgoing.busyMs()
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#incoming.end()
    this.#options.socket.close(code, reason)
  }

  // ---------------------------------------------------------------- out

  #sendAnswer(messageId: string, answer: Answer): void {
    if (answer.kind === 'result') this.#send(encodeResult(messageId, answer.payloadText))
    else this.#send(encodeError(messageId, answer.code, answer.description, answer.detailsText))
  }

  #send(text: string): void {
    if (this.#state !== 'closed' && this.#readsFastEnough()) this.#options.socket.sendText(text)
  }

  /** Cuts a peer off that leaves too much of what we sent unread. */
  #readsFastEnough(): boolean {
    const { socket, log } = this.#options
    const bufferedBytes = socket.bufferedBytes()
    if (bufferedBytes <= this.#limits.maxBufferedBytes) return true
    log?.write('warn', 'ocpp.slow-reader', { bufferedBytes })
    this.#state = 'closing'
    socket.terminate()
    return false
  }

  // ---------------------------------------------------------------- in

  #receive(text: string): void {
    if (this.#state === 'closed') return
    if (this.maxTextBytes !== undefined && isLonger(text, this.maxTextBytes)) {
      this.#count('too-long')
      this.close(1009, 'message too long')
      return
    }
    const frame = parseFrame(text)
    this.#count(frame.kind)
    switch (frame.kind) {
      case 'call':
        this.#take(frame)
        break
      case 'result':
        this.#match(frame.messageId, { kind: 'result', payloadText: frame.payloadText })
        break
      case 'error':
        this.#match(frame.messageId, {
          kind: 'error',
          code: toErrorCode(frame.code),
          description: frame.description,
          detailsText: frame.detailsText,
        })
        break
      case 'unreadable':
        this.#refuse(frame)
        break
      case 'ignored':
        this.#tolerate()
        break
    }
  }

  #match(token: string, outcome: Answer): void {
    if (this.#outgoing.answered(token, outcome)) return
    this.#count('unknown-answer')
    this.#tolerate()
  }

  /** What is of no use costs its sender nothing: so much of it, and no more. */
  #tolerate(): void {
    if (this.#state !== 'open' || this.#idle.pass()) return
    this.#count('too-many')
    this.close(1008, 'too many frames that say nothing')
  }

  #refuse(frame: Extract<Frame, { kind: 'unreadable' }>): void {
    this.#options.log?.write('warn', 'ocpp.bad-frame', { reason: frame.reason })
    if (!this.#bad.pass()) {
      this.#count('too-many')
      this.close(1008, 'too many bad frames')
    } else if (frame.messageId !== undefined) {
      this.#sendAnswer(frame.messageId, callError(frame.code, frame.reason))
    }
  }

  #take(call: IncomingCall): void {
    if (this.#state !== 'open' || this.#incoming.take(call)) return
    this.#count('too-many')
    this.close(1008, 'too many unanswered CALLs')
  }

  // ---------------------------------------------------------------- end

  #closed(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#incoming.end()
    this.#outgoing.end()
    try {
      this.#options.handlers.closed(code, reason)
    } catch (fault) {
      this.#handlerFailed(fault)
    }
  }

  #hand(call: IncomingCall): void {
    try {
      this.#options.handlers.call(call)
    } catch (fault) {
      this.#handlerFailed(fault)
      // whatever breaks here, every CALL is answered
      if (this.#incoming.isOpen(call.messageId)) this.answer(call.messageId, OUR_FAULT)
    }
  }

  #tell(done: (outcome: CallOutcome) => void, outcome: CallOutcome): void {
    try {
      done(outcome)
    } catch (fault) {
      this.#handlerFailed(fault)
    }
  }

  #count(kind: FrameKind): void {
    this.#options.onFrame?.(kind)
  }

  /** A fault of ours in a handler must cost neither the session nor the process. */
  #handlerFailed(fault: unknown): void {
    this.#options.log?.write('error', 'ocpp.handler-failed', {
      detail: fault instanceof Error ? fault.message : 'not an Error',
    })
  }
}

const OUR_FAULT = callError('InternalError', 'could not be processed')

/** A UTF-16 unit is one to three UTF-8 bytes, so most texts need no counting. */
function isLonger(text: string, bytes: number): boolean {
  if (text.length > bytes) return true
  return text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes
}
