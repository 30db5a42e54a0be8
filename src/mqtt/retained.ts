/**
 * What the broker retains against what it should retain, and the difference on its way: at most one message per topic
 * and a bounded number in all are unanswered, the latest text wins, and nothing is queued. What is within the dead band
 * waits for the full state of each minute. Must not know what the topics mean nor when to connect.
 */
import { isNews } from '../core/view/dead-band.js'
import type { BrokerLink } from '../ports.js'

/** Of one topic. */
export const MIN_INTERVAL_MS = 1000
/** Each topic is sent again after this although nothing is new: within the minute that is promised, looks being 5 s apart. */
const FULL_AFTER_MS = 50_000
/** So that what was sent together once does not come together each minute. */
const FULL_SPREAD_MS = 5_000
/** Messages the broker has not answered yet; the rest waits for its turn. */
const MAX_IN_FLIGHT = 50

interface Known {
  /** What the broker has or is being sent, "" when it is being cleared; undefined when that is not known. */
  readonly text: string | undefined
  readonly sentMs: number
  readonly isInFlight: boolean
}

export class Retained {
  readonly #monoMs: () => number
  readonly #known = new Map<string, Known>()
  #wanted: ReadonlyMap<string, string> = new Map()
  #due: readonly string[] = []
  #next = 0
  #inFlight = 0
  #isSending = false
  #link: BrokerLink | undefined

  constructor(monoMs: () => number) {
    this.#monoMs = monoMs
  }

  /** A connection is open; everything wanted is sent over it, whatever went over earlier ones. */
  use(link: BrokerLink): void {
    this.lose()
    this.#link = link
  }

  /** The connection is gone, and with it the certainty about every topic. */
  lose(): void {
    this.#link = undefined
    this.#inFlight = 0
    this.#due = []
    for (const [topic, known] of this.#known) {
      this.#known.set(topic, {
        ...known,
        text: undefined,
        sentMs: Number.NEGATIVE_INFINITY,
        isInFlight: false,
      })
    }
  }

  /** The broker has this from earlier. Cleared at the next `want` that does not name it. */
  found(topic: string, text: string): void {
    if (this.#known.has(topic)) return
    this.#known.set(topic, { text, sentMs: Number.NEGATIVE_INFINITY, isInFlight: false })
  }

  /**
   * Sends what differs, in the order of `wanted` after the topics to be cleared.
   * True when something had to be left for a later call, because it was sent less than a second ago.
   */
  want(wanted: ReadonlyMap<string, string>): boolean {
    this.#wanted = wanted
    const removed = [...this.#known.keys()].filter(topic => !wanted.has(topic))
    const changed = [...removed, ...wanted.keys()].filter(
      (topic, place) => this.#differs(topic) || this.#isOld(topic, place / (removed.length + wanted.size)),
    )
    this.#due = changed.filter(topic => !this.#isTooSoon(topic))
    this.#next = 0
    this.#sendDue()
    return this.#due.length < changed.length
  }

  #differs(topic: string): boolean {
    const known = this.#known.get(topic)?.text
    const wanted = this.#wanted.get(topic) ?? ''
    return known === undefined || isNews(known, wanted)
  }

  /** `share`: where it stands among all topics, 0 to 1. What is to be cleared has nothing to say again. */
  #isOld(topic: string, share: number): boolean {
    const sentMs = this.#known.get(topic)?.sentMs
    if (sentMs === undefined || !this.#wanted.has(topic)) return false
    return this.#monoMs() - sentMs >= FULL_AFTER_MS + share * FULL_SPREAD_MS
  }

  #isTooSoon(topic: string): boolean {
    const known = this.#known.get(topic)
    return known !== undefined && (known.isInFlight || this.#monoMs() - known.sentMs < MIN_INTERVAL_MS)
  }

  #sendDue(): void {
    // An answer may come from within `publish`; the loop below goes on by itself then.
    if (this.#isSending) return
    this.#isSending = true
    while (this.#inFlight < MAX_IN_FLIGHT) {
      const topic = this.#due[this.#next++]
      if (topic === undefined) break
      this.#send(topic, this.#wanted.get(topic) ?? '')
    }
    this.#isSending = false
  }

  #send(topic: string, text: string): void {
    const link = this.#link
    if (!link) return
    const sentMs = this.#monoMs()
    this.#inFlight++
    this.#known.set(topic, { text, sentMs, isInFlight: true })
    link.publish(topic, text, true, taken => {
      if (link !== this.#link) return
      this.#inFlight--
      if (taken && text === '') this.#known.delete(topic)
      else this.#known.set(topic, { text: taken ? text : undefined, sentMs, isInFlight: false })
      this.#sendDue()
    })
  }
}
