/**
 * One end of a simulated WebSocket: text, ping and pong, the closing handshake, and every way a connection is lost.
 * RFC 6455 §5.5 (ping, pong), §7 (closing).
 */
import type { Socket, SocketHandlers, Timer } from '../../ports.js'
import type { SimPeer } from './peer.js'
import type { Pipe } from './pipe.js'
import { digest } from './trace.js'

/** Frame header with mask, for lengths of a usual OCPP message. */
const FRAME_HEADER_BYTES = 8
const CONTROL_FRAME_BYTES = 6
/** How long an end waits for the answer to its close frame, as ws does. */
const CLOSE_TIMEOUT_MS = 30_000
/** A close reason's room in a control frame (RFC 6455 §5.5: 125 bytes with the code). */
const REASON_BYTES = 123

type EndState = 'opening' | 'open' | 'closing' | 'closed'

/** One end of a link. Opens when the handshake is over. */
export class SocketEnd implements Socket {
  readonly peer: SimPeer
  readonly #name: string
  readonly #out: Pipe
  readonly #maxFrameBytes: number
  #far: SocketEnd | undefined
  #state: EndState = 'opening'
  #handlers: SocketHandlers | undefined
  #closeTimer: Timer | undefined
  #sentBytes = 0
  /** Called instead of `closed` when the connection is lost before it opened. */
  onLost: () => void = () => {}

  constructor(peer: SimPeer, name: string, out: Pipe, maxFrameBytes: number) {
    this.peer = peer
    this.#name = name
    this.#out = out
    this.#maxFrameBytes = maxFrameBytes
  }

  get state(): EndState {
    return this.#state
  }

  join(far: SocketEnd): void {
    this.#far = far
  }

  open(handlers: SocketHandlers): void {
    this.#handlers = handlers
    this.#state = 'open'
  }

  sendText(text: string): void {
    if (this.#state !== 'open' || !this.peer.on) return
    const bytes = Buffer.byteLength(text)
    this.#sentBytes += bytes
    const tag = digest(text)
    this.#note('send', tag)
    this.#out.send(bytes + FRAME_HEADER_BYTES, () => this.#far?.gotText(text, bytes, tag))
  }

  /** A binary frame, which no Socket can send: for tests. */
  sendBinary(): void {
    if (this.#state !== 'open' || !this.peer.on) return
    this.#out.send(FRAME_HEADER_BYTES, () => this.#far?.gotBinary())
  }

  ping(): void {
    if (this.#state !== 'open' || !this.peer.on) return
    this.#note('ping')
    this.#out.send(CONTROL_FRAME_BYTES, () => this.#far?.gotPing())
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open' || !this.peer.on) return
    this.#note('close', `${code} ${digest(reason)}`)
    this.#state = 'closing'
    this.#sendClose(codeOnWire(code), reason)
    this.#closeTimer = this.peer.clock.after(CLOSE_TIMEOUT_MS, () => this.#dropNow(1006))
  }

  terminate(): void {
    if (this.#state === 'opening' || this.#state === 'closed' || !this.peer.on) return
    this.#note('terminate')
    this.#closeTimer?.cancel()
    this.#closeTimer = undefined
    this.#state = 'closed'
    this.tellEnd()
    this.peer.clock.after(0, () => this.#told(1006, ''))
  }

  bufferedBytes(): number {
    return this.#state === 'closed' ? 0 : this.#out.bufferedBytes()
  }

  sentBytes(): number {
    return this.#sentBytes
  }

  receivedBytes(): number {
    return this.#far?.passedBytes() ?? 0
  }

  passedBytes(): number {
    return this.#out.passedBytes()
  }

  gotText(text: string, bytes: number, tag: string): void {
    if (!this.#hears()) return
    if (bytes > this.#maxFrameBytes) {
      this.#sendClose(1009, '')
      this.#finish(1009, '')
      return
    }
    this.#note('text', tag)
    this.#handlers?.text(text)
  }

  gotBinary(): void {
    if (!this.#hears()) return
    this.#note('binary')
    this.#handlers?.binary()
  }

  gotPing(): void {
    if (!this.#hears()) return
    this.#note('pinged')
    this.#out.send(CONTROL_FRAME_BYTES, () => this.#far?.gotPong())
    this.#handlers?.ping()
  }

  gotPong(): void {
    if (!this.#hears()) return
    this.#note('pong')
    this.#handlers?.pong()
  }

  gotClose(code: number, reason: string): void {
    if (!this.#hears()) return
    if (this.#state === 'open') this.#sendClose(code, reason)
    this.#finish(code, reason)
  }

  /** The connection is gone: a reset came, or the far end dropped it. */
  gotEnd(): void {
    if (!this.peer.on || this.#state === 'closed') return
    if (this.#state === 'opening') {
      this.#state = 'closed'
      this.onLost()
      return
    }
    this.#finish(1006, '')
  }

  /** Lets the far end know, in order, that this end is gone. */
  tellEnd(): void {
    this.#out.send(0, () => this.#far?.gotEnd())
  }

  /** The far end of a pending handshake gave up, or its answer was no good. */
  abandon(): void {
    this.#state = 'closed'
    this.tellEnd()
  }

  #hears(): boolean {
    if (this.peer.on) return this.#state === 'open' || this.#state === 'closing'
    const far = this.#far
    // A machine that is up again knows nothing of the old connection and resets it (RFC 9293 §3.5.1).
    if (this.peer.state === 'rebooted' && far !== undefined && !this.#out.dead)
      this.peer.time.after(this.#out.latencyMs, () => far.gotEnd())
    return false
  }

  #sendClose(code: number, reason: string): void {
    const short = reason.slice(0, REASON_BYTES)
    this.#out.send(CONTROL_FRAME_BYTES + short.length, () => this.#far?.gotClose(code, short))
  }

  #dropNow(code: number): void {
    this.tellEnd()
    this.#finish(code, '')
  }

  #finish(code: number, reason: string): void {
    this.#closeTimer?.cancel()
    this.#closeTimer = undefined
    this.#state = 'closed'
    this.#told(code, reason)
  }

  #told(code: number, reason: string): void {
    this.#note('closed', `${code} ${digest(reason)}`)
    this.#handlers?.closed(code, reason)
  }

  #note(verb: string, details = ''): void {
    this.peer.note(`net.${verb} ${this.#name} ${details}`)
  }
}

/** 1005 and 1006 never travel: such a close goes out without a code and arrives as 1005 (RFC 6455 §7.1.5). */
const codeOnWire = (code: number): number => (code === 1006 ? 1005 : code)
