/**
 * Lines to an open file descriptor (standard output) without ever waiting for its reader. pino's own destination does
 * the same until the reader goes away: then its flush at the end of the process never returns.
 */
import { constants, fstatSync, openSync, write } from 'node:fs'

/** Lines wait here while nobody reads; more are dropped rather than kept or waited for. */
const MAX_WAITING_CHARS = 1024 * 1024
/** A full pipe in non-blocking mode is tried again after this. */
const RETRY_MS = 20

const STDOUT = 1

/**
 * Standard output; where it is a pipe, opened once more without blocking, so that no thread hangs in a write nobody
 * takes: such a thread would hold up the end of the process.
 */
export function stdoutFd(): number {
  try {
    if (!fstatSync(STDOUT).isFIFO()) return STDOUT
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (fault) {
    if (fault instanceof Error) return STDOUT
    throw fault
  }
}

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

  get isWriting(): boolean {
    return this.#isWriting
  }

  /** A write never waits for the reader, not even in its thread. */
  get isNonBlocking(): boolean {
    return this.#fd !== STDOUT
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
