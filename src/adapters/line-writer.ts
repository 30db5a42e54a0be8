/**
 * Lines to an open file descriptor (standard output) without ever waiting for its reader. pino's own destination does
 * the same until the reader goes away: then its flush at the end of the process never returns.
 */
import { write } from 'node:fs'

/** Lines wait here while nobody reads; more are dropped rather than kept or waited for. */
const MAX_WAITING_CHARS = 1024 * 1024
/** A full pipe in non-blocking mode is tried again after this. */
const RETRY_MS = 20

export class LineWriter {
  readonly #fd: number
  #waiting: string[] = []
  #waitingChars = 0
  #isWriting = false
  /** The reader is gone, and nobody can be told. */
  #isBroken = false
  #dropped = 0
  #whenEmpty: (() => void)[] = []

  constructor(fd: number) {
    this.#fd = fd
  }

  write(line: string): void {
    if (this.#isBroken) return
    if (this.#waitingChars + line.length > MAX_WAITING_CHARS) {
      this.#dropped++
      return
    }
    this.#waiting.push(line)
    this.#waitingChars += line.length
    if (!this.#isWriting) this.#writeOut()
  }

  /** Lines dropped since the last call; 0 as long as there is no room to say so. */
  takeDropped(): number {
    if (this.#waitingChars > MAX_WAITING_CHARS / 2) return 0
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  /** Settles when everything is written or the reader is gone, at the latest after `timeoutMs`. */
  empty(timeoutMs: number): Promise<void> {
    if (!this.#isWriting) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#whenEmpty.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #writeOut(): void {
    this.#isWriting = this.#waiting.length > 0
    if (this.#isWriting) {
      const bytes = Buffer.from(this.#waiting.join(''))
      this.#waiting = []
      this.#waitingChars = 0
      this.#writeBytes(bytes)
      return
    }
    for (const tell of this.#whenEmpty.splice(0)) tell()
  }

  #writeBytes(bytes: Buffer): void {
    write(this.#fd, bytes, 0, bytes.length, null, (fault, written) => {
      if (fault?.code === 'EAGAIN') setTimeout(() => this.#writeBytes(bytes), RETRY_MS)
      else if (!fault && written < bytes.length) this.#writeBytes(bytes.subarray(written))
      else {
        if (fault) this.#giveUp()
        this.#writeOut()
      }
    })
  }

  #giveUp(): void {
    this.#isBroken = true
    this.#waiting = []
    this.#waitingChars = 0
  }
}
