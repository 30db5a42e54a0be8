/**
 * Reads of others that pass through to a meter which lets in one client only. They wait for the gaps between polls, so
 * that the site's own reading never waits for them; a guest whose question the meter leaves open keeps all guests away
 * for a while. Must not know lines nor sockets.
 */
import type { BusReply } from '../ports.js'
import type { MeterUnit } from './meter-unit.js'

export interface GuestRead {
  readonly functionCode: 3 | 4
  readonly address: number
  readonly count: number
}

interface Waiting {
  readonly unit: MeterUnit
  readonly read: GuestRead
  readonly untilMs: number
  readonly answer: (reply: BusReply) => void
}

/** More than a few programs, each with a question. */
const MAX_WAITING = 16
/** A gap shorter than this belongs to the next poll. */
const LEAST_GAP_MS = 60
const PATIENCE_MS = 1_000
/** Each question without an answer costs the line a time-out and a new connection. */
const PAUSE_MS = 10_000
const BUSY: BusReply = { kind: 'exception', code: 6 }

export class GuestReads {
  #waiting: Waiting[] = []
  #pausedUntilMs = -Infinity

  /** Never rejects; exception 6 where there is no room for it. */
  ask(unit: MeterUnit, read: GuestRead, nowMs: number): Promise<BusReply> {
    this.#dropOld(nowMs)
    if (nowMs < this.#pausedUntilMs || this.#waiting.length >= MAX_WAITING) return Promise.resolve(BUSY)
    return new Promise(answer => this.#waiting.push({ unit, read, untilMs: nowMs + PATIENCE_MS, answer }))
  }

  /** The one to serve now, where the next poll is far enough away. */
  next(nowMs: number, nextPollMs: number): Waiting | undefined {
    this.#dropOld(nowMs)
    return nextPollMs - nowMs < LEAST_GAP_MS ? undefined : this.#waiting.shift()
  }

  /** The meter left one open. */
  pause(nowMs: number): void {
    this.#pausedUntilMs = nowMs + PAUSE_MS
    this.end()
  }

  /** Nobody waits any more. */
  end(): void {
    for (const { answer } of this.#waiting.splice(0)) answer(BUSY)
  }

  #dropOld(nowMs: number): void {
    const old = this.#waiting.filter(({ untilMs }) => untilMs <= nowMs)
    if (old.length === 0) return
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > nowMs)
    for (const { answer } of old) answer(BUSY)
  }
}
