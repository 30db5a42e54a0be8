/**
 * What a station was lately answered, so that a message it repeats gets the same answer and goes up once (I4), also
 * after a restart: kept by a digest of the message, a few per station.
 */
import type { AnsweredRecord, StoreChange } from '../../core/offline/records.js'

/** A station repeats its oldest unanswered messages: two connectors with their last ones. */
const SLOTS = 16
/** Longer answers are not kept: a conf of a transaction message is far below. */
const MAX_ANSWER_CHARS = 2_000
/** A longer message is not held for its digest; those of meter values are of some 2,000. */
const MAX_HELD_CHARS = 8_000

export class AnsweredMessages {
  readonly #stationId: string
  readonly #slots = new Map<number, AnsweredRecord>()
  #next = 0
  /** The last one: what is looked for when it comes is noted when it was answered. */
  #digested = { action: '', payloadText: '', digest: digestOf('', '') }

  constructor(stationId: string, stored: readonly AnsweredRecord[]) {
    this.#stationId = stationId
    for (const record of stored) {
      this.#slots.set(record.number % SLOTS, record)
      this.#next = Math.max(this.#next, record.number + 1)
    }
  }

  /** Gives the change that lets it be known after a restart. */
  note(action: string, payloadText: string, answerText: string): readonly StoreChange[] {
    const digest = this.#digestOf(action, payloadText)
    const known = this.#find(digest)
    if (known?.answerText === answerText) return [this.#change(known)]
    if (answerText.length > MAX_ANSWER_CHARS) return []
    const number = known?.number ?? this.#next++
    const record = { number, digest, answerText }
    this.#slots.set(number % SLOTS, record)
    return [this.#change(record)]
  }

  /** What the same message was answered; undefined when it is a new one. */
  find(action: string, payloadText: string): string | undefined {
    return this.#find(this.#digestOf(action, payloadText))?.answerText
  }

  #digestOf(action: string, payloadText: string): string {
    const last = this.#digested
    if (last.action === action && last.payloadText === payloadText) return last.digest
    const digest = digestOf(action, payloadText)
    if (payloadText.length <= MAX_HELD_CHARS) this.#digested = { action, payloadText, digest }
    return digest
  }

  #find(digest: string): AnsweredRecord | undefined {
    for (const record of this.#slots.values()) if (record.digest === digest) return record
    return undefined
  }

  #change(record: AnsweredRecord): StoreChange {
    return { kind: 'answered', stationId: this.#stationId, slot: record.number % SLOTS, record }
  }
}

/**
 * 128 bits and the length: two messages of one station are not taken for one. No secret depends on it. Four lanes by
 * hand: each message that goes up is looked for.
 */
export function digestOf(action: string, payloadText: string): string {
  const text = `${action} ${payloadText}`
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x7f4a7c15, 0x94d049bb]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = mixed(a, unit, 0x01000193)
    b = mixed(b, unit, 0x85ebca6b)
    c = mixed(c, unit, 0xc2b2ae35)
    d = mixed(d, unit, 0x27d4eb2f)
  }
  const lanes = [a, b, c, d].map(lane => (lane >>> 0).toString(36))
  return `${text.length.toString(36)}-${lanes.join('-')}`
}

function mixed(lane: number, unit: number, prime: number): number {
  const product = Math.imul(lane ^ unit, prime)
  return product ^ (product >>> 15)
}
