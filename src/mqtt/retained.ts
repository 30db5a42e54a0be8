/**
 * What the broker retains against what it should retain, and the difference on its way: at most one message per topic
 * and a bounded number in all are unanswered, the latest text wins, and nothing is queued. What is within the dead band
 * waits for the full state of each minute. Must not know what the topics mean nor when to connect.
 */
import { isNews } from '../core/view/dead-band.js'
import type { BrokerLink } from '../ports.js'
import type { TopicDelivery } from './delivery.js'

/** Of one topic, on average. */
export const MIN_INTERVAL_MS = 1000
/** So many changes of one topic go at once, as when a car is plugged in; those that follow, once a second. */
const BURST = 5
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
  /** When a message a second would be due if all that were sent had been a second apart. */
  readonly spentMs: number
  readonly isInFlight: boolean
}

const NEVER = { sentMs: Number.NEGATIVE_INFINITY, spentMs: Number.NEGATIVE_INFINITY, isInFlight: false }

/** An empty message ends what is retained (MQTT 3.1.1 §3.3.1.3). */
const CLEARING = { qos: 1, retain: true } as const

export class Retained {
  readonly #monoMs: () => number
  readonly #deliveryOf: (topic: string) => TopicDelivery
  /** Not to be retained: what an earlier configuration may have left there has been cleared. */
  readonly #cleared = new Set<string>()
  readonly #known = new Map<string, Known>()
  #wanted: ReadonlyMap<string, string> = new Map()
  #due: readonly string[] = []
  #next = 0
  #inFlight = 0
  #isSending = false
  #link: BrokerLink | undefined

  constructor(monoMs: () => number, deliveryOf: (topic: string) => TopicDelivery) {
    this.#monoMs = monoMs
    this.#deliveryOf = deliveryOf
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
      this.#known.set(topic, { ...known, ...NEVER, text: undefined })
    }
  }

  /** The broker has this from earlier. Cleared at the next `want` that does not name it. */
  found(topic: string, text: string): void {
    if (this.#known.has(topic)) return
    this.#known.set(topic, { text, ...NEVER })
  }

  /**
   * Sends what differs, in the order of `wanted` after the topics to be cleared.
   * True when something had to be left for a later call, because it is still on its way or was sent too often.
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

  /**
   * A part of what is wanted is another: it goes before everything that waits. What is not wanted yet waits for the next `want`.
   * True when something of it had to be left for that.
   */
  hasten(parts: ReadonlyMap<string, string>): boolean {
    const known = [...parts].filter(([topic]) => this.#wanted.has(topic))
    this.#wanted = new Map([...this.#wanted, ...known])
    const changed = known.flatMap(([topic]) => (this.#differs(topic) ? [topic] : []))
    const first = new Set(changed.filter(topic => !this.#isTooSoon(topic)))
    this.#due = [...first, ...this.#due.slice(this.#next).filter(topic => !first.has(topic))]
    this.#next = 0
    this.#sendDue()
    return first.size < changed.length || known.length < parts.size
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
    const isDue = this.#monoMs() - sentMs >= FULL_AFTER_MS + share * FULL_SPREAD_MS
    return isDue && this.#deliveryOf(topic).isRepeated
  }

  #isTooSoon(topic: string): boolean {
    const known = this.#known.get(topic)
    if (known === undefined) return false
    return known.isInFlight || known.spentMs - this.#monoMs() > (BURST - 1) * MIN_INTERVAL_MS
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
    const { qos, retain } = this.#deliveryOf(topic)
    const sentMs = this.#monoMs()
    const spentMs = Math.max(this.#known.get(topic)?.spentMs ?? sentMs, sentMs) + MIN_INTERVAL_MS
    this.#inFlight++
    this.#known.set(topic, { text, sentMs, spentMs, isInFlight: true })
    if (!retain && !this.#cleared.has(topic))
      link.publish(topic, '', CLEARING, taken => {
        if (taken) this.#cleared.add(topic)
      })
    link.publish(topic, text, text === '' ? CLEARING : { qos, retain }, taken => {
      if (link !== this.#link) return
      this.#inFlight--
      if (taken && text === '') this.#known.delete(topic)
      else this.#known.set(topic, { text: taken ? text : undefined, sentMs, spentMs, isInFlight: false })
      // What changed meanwhile does not wait for the next look. What was not taken does, or it would be tried at once and for ever.
      if (taken && this.#wanted.has(topic) && this.#differs(topic) && !this.#isTooSoon(topic)) {
        this.#due = [topic, ...this.#due.slice(this.#next)]
        this.#next = 0
      }
      this.#sendDue()
    })
  }
}
