/**
 * The MQTT broker of a simulated world: retained messages, last wills, subscriptions, and the ways a broker fails.
 * One broker, whatever the URL. MQTT 3.1.1 §3.1.2.5 (will), §3.3.1.3 (retain), §3.1.4 (same client id again).
 */
import type {
  Broker,
  BrokerAnswerTo,
  BrokerClosing,
  BrokerHandlers,
  BrokerLink,
  BrokerOptions,
  Delivery,
} from '../../ports.js'
import type { SimPeer } from './peer.js'
import { covers } from './topic-filter.js'
import { digest } from './trace.js'

/** One way between a client and the broker. */
const LATENCY_MS = 2
/** When the broker gives a silent client up: one and a half keep-alives of 60 s. */
const WILL_AFTER_POWER_CUT_MS = 90_000
/** Topics the broker keeps; a test that needs more has a leak. */
const RETAINED_TOPICS_KEPT = 100_000

export type BrokerMood =
  | { readonly kind: 'up' }
  /** Nothing listens. */
  | { readonly kind: 'down' }
  /** Answers CONNECT with a refusal. */
  | { readonly kind: 'refusing'; readonly reason: string }
  /** Takes the connection and never answers. */
  | { readonly kind: 'silent' }

export class SimBroker {
  #mood: BrokerMood = { kind: 'up' }
  readonly #clients = new Map<string, SimBrokerLink>()
  readonly #retained = new Map<string, string>()

  /** How connection attempts end from now on; `down` also cuts all links. */
  setMood(mood: BrokerMood): void {
    this.#mood = mood
    if (mood.kind === 'down')
      for (const link of [...this.#clients.values()]) this.#cut(link, 'broker is down')
  }

  get mood(): BrokerMood {
    return this.#mood
  }

  /** Breaks one client's connection: it is told, and its last will is published. False when it is not connected. */
  cut(clientId: string): boolean {
    const link = this.#clients.get(clientId)
    if (link !== undefined) this.#cut(link, 'connection lost')
    return link !== undefined
  }

  /** Retained payloads by topic, those of `filter` only. */
  retained(filter = '#'): ReadonlyMap<string, string> {
    return new Map([...this.#retained].filter(([topic]) => covers(filter, topic)))
  }

  /** Publishes as somebody outside of the world's peers. */
  publish(topic: string, payload: string, retain = false): void {
    if (retain && payload === '') this.#retained.delete(topic)
    else if (retain && (this.#retained.size < RETAINED_TOPICS_KEPT || this.#retained.has(topic)))
      this.#retained.set(topic, payload)
    for (const link of this.#clients.values()) link.offer(topic, payload, false)
  }

  /** The Broker door of one peer. */
  door(peer: SimPeer): Broker {
    return {
      connect: (options, handlers) => {
        const link = new SimBrokerLink(this, peer, options, handlers)
        link.connect()
        return link
      },
    }
  }

  /** A CONNECT was accepted. The same client id again ends the older connection. */
  joined(link: SimBrokerLink): void {
    const older = this.#clients.get(link.clientId)
    if (older !== undefined) this.#cut(older, 'session taken over')
    this.#clients.set(link.clientId, link)
  }

  /** The client said goodbye: no will. */
  left(link: SimBrokerLink): void {
    if (this.#clients.get(link.clientId) === link) this.#clients.delete(link.clientId)
  }

  /** The peer has just died: killed, its wills come at once; dark, after the keep-alive. */
  peerDied(peer: SimPeer): void {
    for (const link of [...this.#clients.values()]) {
      if (link.peer !== peer) continue
      const afterMs = peer.state === 'killed' ? LATENCY_MS : WILL_AFTER_POWER_CUT_MS
      peer.time.after(afterMs, () => {
        if (this.#clients.get(link.clientId) === link) this.#cut(link, 'keep-alive timeout')
      })
    }
  }

  #cut(link: SimBrokerLink, reason: string): void {
    this.left(link)
    this.publish(link.will.topic, textOf(link.will.payload), link.will.retain)
    link.lose(reason)
  }
}

class SimBrokerLink implements BrokerLink {
  readonly clientId: string
  readonly will: BrokerOptions['will']
  readonly peer: SimPeer
  readonly #broker: SimBroker
  readonly #handlers: BrokerHandlers
  readonly #connectTimeoutMs: number
  readonly #filters = new Set<string>()
  readonly #unacknowledged = new Set<(taken: boolean) => void>()
  #state: 'connecting' | 'open' | 'ending' | 'closed' = 'connecting'
  /** The connection broke: what is under way to the broker never arrives. */
  #severed = false

  constructor(broker: SimBroker, peer: SimPeer, options: BrokerOptions, handlers: BrokerHandlers) {
    this.#broker = broker
    this.peer = peer
    this.clientId = options.clientId
    this.will = options.will
    this.#handlers = handlers
    this.#connectTimeoutMs = options.connectTimeoutMs
  }

  connect(): void {
    this.peer.note(`mqtt.connect ${this.clientId}`)
    this.peer.clock.after(2 * LATENCY_MS, () => {
      if (this.#state !== 'connecting') return
      const { mood } = this.#broker
      if (mood.kind === 'down') this.#close('tcp', 'ECONNREFUSED')
      else if (mood.kind === 'refusing') this.#close('refused', mood.reason)
      else if (mood.kind === 'silent') this.#waitInVain()
      else this.#open()
    })
  }

  publish(
    topic: string,
    payload: string | Uint8Array,
    { retain }: Delivery,
    done?: (taken: boolean) => void,
  ): void {
    this.peer.note(`mqtt.publish ${topic} ${digest(textOf(payload))} ${retain ? 'retain' : ''}`)
    if (this.#state !== 'open' || !this.peer.on) {
      if (done !== undefined) this.peer.clock.after(0, () => done(false))
      return
    }
    if (done !== undefined) this.#unacknowledged.add(done)
    this.#toBroker(() => {
      this.#broker.publish(topic, textOf(payload), retain)
      this.peer.clock.after(LATENCY_MS, () => {
        if (done !== undefined && this.#unacknowledged.delete(done)) done(true)
      })
    })
  }

  subscribe(filter: string): void {
    if (this.#state !== 'open' || !this.peer.on) return
    this.peer.note(`mqtt.subscribe ${filter}`)
    this.#toBroker(() => {
      this.#filters.add(filter)
      for (const [topic, payload] of this.#broker.retained(filter)) this.#deliver(topic, payload, true)
    })
  }

  unsubscribe(filter: string): void {
    if (this.#state !== 'open' || !this.peer.on) return
    this.peer.note(`mqtt.unsubscribe ${filter}`)
    this.#toBroker(() => this.#filters.delete(filter))
  }

  answer({ topic }: BrokerAnswerTo, payload: string): void {
    this.publish(topic, payload, { qos: 1, retain: false })
  }

  end(): void {
    if (this.#state === 'ending' || this.#state === 'closed' || !this.peer.on) return
    this.peer.note(`mqtt.end ${this.clientId}`)
    this.#broker.left(this)
    this.#state = 'ending'
    // Goes to the broker and back behind what was published before, so that is acknowledged first.
    const back = () => this.peer.clock.after(LATENCY_MS, () => this.#close('closed', 'ended'))
    this.peer.clock.after(LATENCY_MS, back)
  }

  /** The broker has a message; it goes out when a filter of this client covers it. */
  offer(topic: string, payload: string, retained: boolean): void {
    for (const filter of this.#filters) {
      if (!covers(filter, topic)) continue
      this.#deliver(topic, payload, retained)
      return
    }
  }

  /** The connection broke. */
  lose(reason: string): void {
    this.#severed = true
    this.peer.clock.after(LATENCY_MS, () => this.#close('closed', reason))
  }

  #open(): void {
    this.#state = 'open'
    this.#broker.joined(this)
    this.peer.note(`mqtt.open ${this.clientId}`)
    this.#handlers.open()
  }

  #waitInVain(): void {
    const restMs = Math.max(0, this.#connectTimeoutMs - 2 * LATENCY_MS)
    this.peer.clock.after(restMs, () => this.#close('timeout', 'no CONNACK in time'))
  }

  #toBroker(arrive: () => void): void {
    this.peer.time.after(LATENCY_MS, () => {
      if (!this.#severed) arrive()
    })
  }

  #deliver(topic: string, payload: string, retained: boolean): void {
    this.peer.clock.after(LATENCY_MS, () => {
      if (this.#state !== 'open') return
      this.peer.note(`mqtt.message ${topic} ${digest(payload)}`)
      this.#handlers.message(topic, payload, retained)
    })
  }

  #close(reason: BrokerClosing, detail: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.peer.note(`mqtt.closed ${this.clientId} ${detail}`)
    for (const done of this.#unacknowledged) done(false)
    this.#unacknowledged.clear()
    this.#handlers.closed(reason, detail)
  }
}

/** Octets are shown as hexadecimal text. */
function textOf(payload: string | Uint8Array): string {
  return typeof payload === 'string' ? payload : Buffer.from(payload).toString('hex')
}
