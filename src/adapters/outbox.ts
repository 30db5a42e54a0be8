/**
 * What sockets have to send leaves at the end of the event loop's turn: all that has come in is read and answered
 * first, then all of it is written in one go. Between two writes no peer has to be woken, and none gives the processor
 * away in the middle; a third of the kernel's time per CALL. Must not know what is sent.
 */
import type { Duplex } from 'node:stream'
import { textFrame } from './text-frame.js'

/** With something to send, in the order they began to wait. */
let due: Outbox[] = []

function sendAll(): void {
  const now = due
  due = []
  for (const outbox of now) {
    try {
      outbox.flush()
    } catch (fault) {
      // costs this connection; the others are sent theirs
      outbox.failed(fault)
    }
  }
}

export interface Addressee {
  /** Whether the peer still takes frames. */
  isOpen(): boolean
  /** A fault of ours in writing; told once per turn. */
  failed(fault: unknown): void
}

/** Of one socket. Frames leave in the order they were put in. */
export class Outbox {
  readonly #stream: Duplex
  readonly #isMasked: boolean
  readonly #addressee: Addressee
  #frames: Buffer[] = []
  #waitingBytes = 0

  constructor(stream: Duplex, isMasked: boolean, addressee: Addressee) {
    this.#stream = stream
    this.#isMasked = isMasked
    this.#addressee = addressee
  }

  /** Gives the bytes of the frame. */
  put(text: string): number {
    const frame = textFrame(text, this.#isMasked)
    if (this.#frames.length === 0) {
      if (due.length === 0) setImmediate(sendAll)
      due.push(this)
    }
    this.#frames.push(frame)
    this.#waitingBytes += frame.length
    return frame.length
  }

  /** Now: something that is not put in here is to be sent behind it. */
  flush(): void {
    const frames = this.#frames
    if (frames.length === 0) return
    this.#frames = []
    this.#waitingBytes = 0
    if (!this.#addressee.isOpen()) return
    if (frames.length > 1) this.#stream.cork()
    for (const frame of frames) this.#stream.write(frame)
    if (frames.length > 1) this.#stream.uncork()
  }

  failed(fault: unknown): void {
    this.#addressee.failed(fault)
  }

  /** Put in, or written and still in this process. */
  bufferedBytes(): number {
    return this.#waitingBytes + this.#stream.writableLength
  }
}
