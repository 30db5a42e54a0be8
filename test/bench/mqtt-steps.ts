/**
 * A broker, and a building controller at it: how long from its order to the last SetChargingProfile, from a station's word
 * to the topic, and what comes while nothing happens.
 */
import { setTimeout as after } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import { type MqttServer, startMqttServer } from '../../src/adapters/mqtt-server.js'
import { stationId } from './bench-site.js'
import type { QuickStation } from './quick-station.js'
import type { Numbers } from './rpc.js'

export const MQTT_PREFIX = 'bench'
/** An order that is not carried out by then has failed. */
const MAX_MS = 20_000
const MAX_RISE_MS = 150_000
/** Each car tells at least this often what it draws. */
const SAMPLE_MS = 10_000
const SAMPLE_TURN_MS = 100

export class MqttSteps {
  readonly port: number
  readonly #server: MqttServer
  readonly #client: MqttClient
  readonly #stations: readonly QuickStation[]
  readonly #seen = new Map<string, { readonly text: string; readonly atMs: number }>()
  #messages = 0
  #bytes = 0
  readonly #sampling: NodeJS.Timeout

  private constructor(server: MqttServer, client: MqttClient, stations: readonly QuickStation[]) {
    this.port = server.port
    this.#server = server
    this.#client = client
    this.#stations = stations
    let turn = 0
    let due = 0
    this.#sampling = setInterval(() => {
      due += (stations.length * SAMPLE_TURN_MS) / SAMPLE_MS
      for (; due >= 1; due--) {
        const station = stations[turn++ % stations.length]
        station?.sample().catch(() => station.close())
      }
    }, SAMPLE_TURN_MS)
    client.on('message', (topic, payload) => {
      this.#messages++
      this.#bytes += topic.length + payload.length
      this.#seen.set(topic, { text: payload.toString(), atMs: performance.now() })
    })
  }

  /** `stations` may grow later. */
  static async start(stations: readonly QuickStation[]): Promise<MqttSteps> {
    const server = await startMqttServer()
    const client = connect(`mqtt://127.0.0.1:${server.port}`)
    await new Promise<void>(resolve => void client.once('connect', () => resolve()))
    await client.subscribeAsync(`${MQTT_PREFIX}/#`)
    return new MqttSteps(server, client, stations)
  }

  /** Waits until every station is offered this. */
  async risen(leastA: number): Promise<Numbers> {
    const isThere = (station: QuickStation): boolean => (station.liveA ?? 0) >= leastA
    await until(MAX_RISE_MS, () => this.#stations.every(isThere))
    return { missing: this.#stations.filter(station => !isThere(station)).length }
  }

  /**
   * Orders less for each than they are offered together, and waits until they are told no more than that. Before it all have
   * risen again: where cars are slow to be seen to follow, others have given way, and there may be nothing left to lower.
   */
  async order({ lessA, leastA }: { readonly lessA: number; readonly leastA: number }): Promise<Numbers> {
    this.#client.publish(`${MQTT_PREFIX}/set/clear`, JSON.stringify({ id: 'bench' }), { qos: 1 })
    const { missing } = await this.risen(leastA)
    if (missing !== 0) return { tookMs: 0, missing: 1 }
    const offeredA = (): number => this.#stations.reduce((sum, { liveA = 0 }) => sum + liveA, 0)
    const limitA = Math.floor(offeredA()) - lessA * this.#stations.length
    const sentMs = performance.now()
    const order = JSON.stringify({ id: 'bench', target: 'site', limitA, durationS: 3_600 })
    this.#client.publish(`${MQTT_PREFIX}/set/limit`, order, { qos: 1 })
    await until(MAX_MS, () => offeredA() <= limitA)
    return {
      tookMs: Math.max(...this.#stations.map(station => station.limitedMs)) - sentMs,
      missing: offeredA() <= limitA ? 0 : 1,
    }
  }

  /** From a StatusNotification of one station to its topic. */
  async change(at: number, status: string): Promise<Numbers> {
    const station = this.#stations[at]
    if (station === undefined) return { tookMs: 0, missing: 1 }
    const topic = `${MQTT_PREFIX}/stations/${stationId(at)}/connectors/1`
    const shows = (): boolean => this.#seen.get(topic)?.text.includes(`"status":"${status}"`) === true
    const sentMs = performance.now()
    await station.ask('StatusNotification', { connectorId: 1, errorCode: 'NoError', status })
    await until(MAX_MS, shows)
    return { tookMs: (this.#seen.get(topic)?.atMs ?? 0) - sentMs, missing: shows() ? 0 : 1 }
  }

  /** What comes in so long while cars only tell what they draw. */
  async rest(ms: number): Promise<Numbers> {
    await after(SAMPLE_MS)
    this.#messages = this.#bytes = 0
    await after(ms)
    return { messages: this.#messages, bytes: this.#bytes }
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampling)
    await this.#client.endAsync(true)
    await this.#server.stop()
  }
}

async function until(mostMs: number, isSo: () => boolean): Promise<void> {
  const startMs = performance.now()
  while (!isSo() && performance.now() - startMs < mostMs) await after(2)
}
