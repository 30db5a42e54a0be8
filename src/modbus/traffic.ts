/** Counts what passes between Busbar and one meter. */
import type { MeterTraffic } from '../core/events.js'
import type { BusReply } from '../ports.js'

/** Modbus knows eleven; a peer must not make the table grow. */
const MAX_CODES = 16
/** How much a new answer counts in the mean. */
const SHARE = 0.02
const FADE = 0.995

/** By their words, which are the adapter's: a checksum, and bytes that belong to no answer. */
const CRC = /crc/i
const STALE = /nobody asked for|more bytes than the answer/

export class TrafficCounter {
  #requests = 0
  #timeouts = 0
  #crcErrors = 0
  #staleReplies = 0
  #strangers = 0
  /** A request of ours was given up: its answer may come yet. */
  #owed = false
  #failures = 0
  readonly #exceptions = new Map<string, number>()
  #latency: { mean: number; max: number } | undefined

  /** `tookMs` from request to answer; `strayBytes` came with it and belong to nothing. */
  count(reply: BusReply, tookMs: number, strayBytes: number): void {
    this.#requests++
    if (strayBytes > 0) this.#stray()
    switch (reply.kind) {
      case 'words':
        this.#answered(tookMs)
        return
      case 'exception': {
        const code = String(reply.code)
        if (this.#exceptions.has(code) || this.#exceptions.size < MAX_CODES)
          this.#exceptions.set(code, (this.#exceptions.get(code) ?? 0) + 1)
        this.#answered(tookMs)
        return
      }
      case 'timeout':
        this.#timeouts++
        this.#owed = true
        return
      case 'failed':
        if (CRC.test(reply.detail)) this.#crcErrors++
        else if (STALE.test(reply.detail)) {
          if (strayBytes === 0) this.#stray()
        } else this.#failures++
    }
  }

  /** Answers, or bytes of one, that were not even the late ones of a request given up. */
  get strangers(): number {
    return this.#strangers
  }

  total(): MeterTraffic {
    return {
      requests: this.#requests,
      timeouts: this.#timeouts,
      exceptions: Object.fromEntries(this.#exceptions),
      crcErrors: this.#crcErrors,
      staleReplies: this.#staleReplies,
      failures: this.#failures,
      ...(this.#latency !== undefined && {
        latencyMs: { mean: Math.round(this.#latency.mean), max: Math.round(this.#latency.max) },
      }),
    }
  }

  #stray(): void {
    this.#staleReplies++
    if (!this.#owed) this.#strangers++
    this.#owed = false
  }

  #answered(tookMs: number): void {
    const { mean, max } = this.#latency ?? { mean: tookMs, max: tookMs }
    this.#latency = { mean: mean + (tookMs - mean) * SHARE, max: Math.max(tookMs, max * FADE) }
  }
}
