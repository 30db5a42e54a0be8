/**
 * One MQTT connection by the mqtt package, without its reconnecting and its queue: who connects decides when to try
 * again and what is worth sending then. Must not know topics. Whatever the broker sends, nothing is thrown from here.
 */
import { createRequire } from 'node:module'
import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt'
import { sayTlsFault } from '../core/security/tls-fault.js'
import { say } from '../core/words/said.js'
import type {
  Broker,
  BrokerAnswerTo,
  BrokerClosing,
  BrokerHandlers,
  BrokerLink,
  BrokerOptions,
  Delivery,
} from '../ports.js'
import { failedLayer } from './failed-layer.js'
import { PacketBound } from './mqtt-bound.js'
import { clientOptions } from './tls-client.js'
import { tlsFaultOf } from './tls-faults.js'

/** Publishes without an answer yet; beyond it `done(false)` at once, so a slow broker does not fill the memory. */
const MAX_IN_FLIGHT = 1000
/** A silent broker is noticed after one and a half of it. */
const KEEP_ALIVE_S = 20
/** Commands are small; the MQTT 5 broker is told not to send more, and one that does is left. */
const MAX_PACKET_BYTES = 256 * 1024
/** What is told of a failure. */
const MAX_DETAIL_CHARS = 200
/** For the DISCONNECT of an orderly end to leave; then the socket is cut. */
const END_GRACE_MS = 1000

/** Most sites have no broker: the package costs a start its time and the process its memory, so only they pay that. */
function mqtt(): typeof import('mqtt') {
  return createRequire(import.meta.url)('mqtt')
}

/** The Broker door. `closed` comes later than `connect` returns, also for an address that cannot be used at all. */
export function createBroker(): Broker {
  return { connect: (options, handlers) => new Link(options, handlers) }
}

interface Closing {
  readonly reason: BrokerClosing
  readonly detail: string
}

class Link implements BrokerLink {
  readonly #handlers: BrokerHandlers
  readonly #client: MqttClient | undefined
  readonly #unanswered = new Set<(taken: boolean) => void>()
  #why: Closing = { reason: 'closed', detail: '' }
  #isClosed = false
  #cut: NodeJS.Timeout | undefined

  constructor(options: BrokerOptions, handlers: BrokerHandlers) {
    this.#handlers = handlers
    try {
      this.#client = mqtt().connect(options.url, connectOptions(options))
      this.#listen(this.#client, isSecure(options.url))
    } catch (fault) {
      this.#why = { reason: 'other', detail: detailOf(fault) }
      queueMicrotask(() => this.#close())
    }
  }

  publish(
    topic: string,
    payload: string | Uint8Array,
    how: Delivery,
    done: (taken: boolean) => void = ignore,
  ): void {
    const client = this.#client
    if (
      this.#isClosed ||
      !client?.connected ||
      client.disconnecting ||
      this.#unanswered.size >= MAX_IN_FLIGHT
    ) {
      queueMicrotask(() => done(false))
      return
    }
    const answered = (taken: boolean) => {
      if (this.#unanswered.delete(answered)) done(taken)
    }
    this.#unanswered.add(answered)
    client.publish(topic, bufferOf(payload), how, fault => answered(!fault))
  }

  /** Where the protocol can tell, what was published to be retained is told as such also when it is new. */
  subscribe(filter: string): void {
    if (this.#client?.connected && !this.#isClosed)
      this.#client.subscribe(filter, { qos: 1, rap: true }, ignore)
  }

  unsubscribe(filter: string): void {
    if (this.#client?.connected && !this.#isClosed) this.#client.unsubscribe(filter, ignore)
  }

  answer({ topic, correlation }: BrokerAnswerTo, payload: string): void {
    const client = this.#client
    if (this.#isClosed || !client?.connected || client.disconnecting) return
    if (this.#unanswered.size >= MAX_IN_FLIGHT) return
    const answered = (): boolean => this.#unanswered.delete(answered)
    this.#unanswered.add(answered)
    const properties =
      correlation === undefined ? {} : { properties: { correlationData: Buffer.from(correlation) } }
    client.publish(topic, payload, { qos: 1, retain: false, ...properties }, answered)
  }

  end(): void {
    if (this.#isClosed || this.#cut) return
    this.#why = { reason: 'closed', detail: 'ended' }
    this.#cut = setTimeout(() => this.#client?.end(true), END_GRACE_MS)
    this.#client?.end(!this.#client.connected)
  }

  #listen(client: MqttClient, isOverTls: boolean): void {
    const bound = new PacketBound(MAX_PACKET_BYTES)
    client.stream.on('data', (octets: Uint8Array) => {
      if (this.#isClosed || !bound.isBroken(octets)) return
      this.#why = { reason: 'other', detail: `a packet of more than ${MAX_PACKET_BYTES} bytes` }
      client.end(true)
    })
    client.on('connect', () => {
      if (!this.#isClosed) this.#handlers.open()
    })
    client.on('message', (topic, payload, packet) => {
      if (this.#isClosed) return
      const handlers = this.#handlers
      if (handlers.octets !== undefined) handlers.octets(topic, payload, packet.retain)
      else handlers.message(topic, payload.toString('utf8'), packet.retain, answerTo(packet.properties))
    })
    client.on('disconnect', packet => {
      this.#why = { reason: 'closed', detail: `the broker disconnected, reason ${packet.reasonCode ?? 0}` }
    })
    client.on('error', fault => {
      this.#why = closingOf(fault, isOverTls)
      client.end(true)
    })
    client.on('close', () => this.#close())
    client.on('end', () => this.#close())
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#cut)
    // Stops its timers too; its late errors have a listener.
    this.#client?.end(true)
    for (const answered of [...this.#unanswered]) answered(false)
    this.#handlers.closed(this.#why.reason, this.#why.detail)
  }
}

function connectOptions(options: BrokerOptions): IClientOptions {
  return {
    ...(isSecure(options.url) && clientOptions(options.tls)),
    clientId: options.clientId,
    protocolVersion: options.protocolVersion,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.protocolVersion === 5 ? { properties: { maximumPacketSize: MAX_PACKET_BYTES } } : {}),
    will: {
      topic: options.will.topic,
      payload: bufferOf(options.will.payload),
      qos: 1,
      retain: options.will.retain,
    },
    connectTimeout: options.connectTimeoutMs,
    keepalive: KEEP_ALIVE_S,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    clean: true,
  }
}

function bufferOf(payload: string | Uint8Array): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload)
}

/** A topic with a wildcard cannot be published to: some brokers end the connection for it. */
function answerTo(properties: IPublishPacket['properties']): BrokerAnswerTo | undefined {
  const { responseTopic, correlationData } = properties ?? {}
  if (responseTopic === undefined || responseTopic === '' || /[+#]/.test(responseTopic)) return undefined
  return { topic: responseTopic, ...(correlationData !== undefined && { correlation: correlationData }) }
}

const REFUSAL = /^Connection refused: /

function isSecure(url: string): boolean {
  return url.startsWith('mqtts:')
}

function closingOf(fault: unknown, isOverTls: boolean): Closing {
  const detail = detailOf(fault).slice(0, MAX_DETAIL_CHARS)
  if (!(fault instanceof Error)) return { reason: 'other', detail }
  // the words of both protocol versions: CONNACK codes 1-5 of 3.1.1, from 128 on of 5
  if (fault.name === 'ErrorWithReasonCode' && REFUSAL.test(fault.message))
    return { reason: 'refused', detail: detail.replace(REFUSAL, '').toLowerCase() }
  if (/^(connack|Keepalive) timeout$/.test(fault.message)) return { reason: 'timeout', detail }
  const tlsFault = isOverTls ? tlsFaultOf(fault) : undefined
  // a reset is one of the handshake only where nothing was open yet, which cannot be told from here
  if (tlsFault !== undefined && tlsFault !== 'cut')
    return { reason: 'tls', detail: sayTlsFault(tlsFault, say('server-broker')).text }
  return { reason: failedLayer(fault) ?? 'other', detail }
}

function detailOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  // An address with several records fails with an AggregateError that has an empty message.
  if (fault instanceof AggregateError) return fault.errors.map(detailOf).join(', ')
  return fault.message
}

function ignore(): void {
  // Nobody asked for the answer.
}
