/**
 * Events on their way to the broker: told in order, each until it is taken, the oldest given up when too many wait. A
 * broker that is away or slow costs no more than that. Must not know what the events mean nor when to connect.
 */
import type { BrokerLink, Delivery } from '../ports.js'

/** A day of a busy depot; each is a few hundred characters. */
const MAX_WAITING = 1_000
/** Longer ones are none of ours. */
const MAX_CHARS = 8_192
const MAX_IN_FLIGHT = 20

interface Waiting {
  readonly topic: string
  readonly text: string
  isInFlight: boolean
}

export class EventQueue {
  readonly #delivery: Delivery
  #waiting: Waiting[] = []
  #link: BrokerLink | undefined
  #inFlight = 0
  /** Given up so far, because too much waited. */
  lost = 0

  constructor(delivery: Delivery) {
    this.#delivery = delivery
  }

  add(topic: string, event: object): void {
    const text = JSON.stringify(event)
    if (text.length > MAX_CHARS) {
      this.lost++
      return
    }
    this.#waiting.push({ topic, text, isInFlight: false })
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift()
      this.lost++
    }
    this.#send()
  }

  use(link: BrokerLink): void {
    this.lose()
    this.#link = link
    this.#send()
  }

  /** What was not answered is told again over the next connection. */
  lose(): void {
    this.#link = undefined
    this.#inFlight = 0
    for (const one of this.#waiting) one.isInFlight = false
  }

  #send(): void {
    const link = this.#link
    if (link === undefined) return
    for (const one of this.#waiting) {
      if (this.#inFlight >= MAX_IN_FLIGHT) return
      if (one.isInFlight) continue
      one.isInFlight = true
      this.#inFlight++
      link.publish(one.topic, one.text, this.#delivery, taken => this.#answered(link, one, taken))
    }
  }

  /** One that was not taken waits for the next event or connection, or it would be tried at once and for ever. */
  #answered(link: BrokerLink, one: Waiting, taken: boolean): void {
    if (link !== this.#link) return
    this.#inFlight--
    if (!taken) {
      one.isInFlight = false
      return
    }
    this.#waiting = this.#waiting.filter(other => other !== one)
    this.#send()
  }
}
