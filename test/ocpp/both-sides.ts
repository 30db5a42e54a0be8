/**
 * A scripted station and a scripted CSMS on real sockets with the edge between them. Frames are kept as text, so that
 * a test can compare bytes. Nothing here sleeps: whoever waits, waits for a frame or an event.
 */
import { once } from 'node:events'
import type { Server as HttpsServer } from 'node:https'
import WS, { type WebSocket, WebSocketServer } from 'ws'
import { createClock } from '../../src/adapters/clock.js'
import { createNetwork } from '../../src/adapters/network.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import { type Answer, result } from '../../src/core/answer.js'
import { type SiteConfig, siteConfigSchema } from '../../src/core/config/site.js'
import type { StationEvent } from '../../src/core/events.js'
import { type Extent, extentOf } from '../../src/core/extent.js'
import type { OcppDeps, OcppEdge, SmartChargingDesk } from '../../src/ocpp/edge.js'
import { startOcpp } from '../../src/ocpp/stations.js'
import type { Journal, JournalEntry, Log } from '../../src/ports.js'
import { openStationStore } from '../../src/store/station-store.js'

export interface Seen {
  readonly id: string
  readonly action: string
  readonly text: string
}

/** One socket and what came through it. */
export class Peer {
  readonly socket: WebSocket
  readonly calls: Seen[] = []
  readonly closed: Promise<number>
  /** Answers CALLs by itself; undefined leaves them to the test. */
  onCall: ((call: Seen) => string | undefined) | undefined
  /** Answers Busbar's own reading of the configuration, unseen by the test; undefined leaves it to the test. */
  configuration: string | undefined
  readonly #waiting: { action: string; take: (call: Seen) => void }[] = []
  readonly #unclaimed: Seen[] = []
  readonly #answers = new Map<string, (frame: string) => void>()
  #next = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise(done => socket.once('close', code => done(code)))
    socket.on('error', () => {})
    socket.on('message', data => this.#receive(String(data)))
  }

  send(text: string): void {
    this.socket.send(text)
  }

  /** Sends a CALL and gives the whole text behind the message id of its answer, e.g. `{"a":1}` or `"GenericError",...`. */
  async call(action: string, payloadText: string, id = `t${this.#next++}`): Promise<string> {
    const answer = new Promise<string>(resolve => this.#answers.set(id, resolve))
    this.send(`[2,"${id}","${action}",${payloadText}]`)
    return answer
  }

  answer(id: string, payloadText: string): void {
    this.send(`[3,"${id}",${payloadText}]`)
  }

  refuse(id: string, code: string): void {
    this.send(`[4,"${id}","${code}","",{}]`)
  }

  /** The next CALL of this action nobody has waited for yet. */
  next(action: string): Promise<Seen> {
    const at = this.#unclaimed.findIndex(call => call.action === action)
    if (at >= 0) return Promise.resolve(this.#unclaimed.splice(at, 1)[0]!)
    return new Promise(take => this.#waiting.push({ action, take }))
  }

  #receive(text: string): void {
    const call = /^\[2,"([^"]*)","([^"]*)",([\s\S]*)\]$/.exec(text)
    if (call === null) {
      const answer = /^\[[34],"([^"]*)",([\s\S]*)\]$/.exec(text)
      this.#answers.get(answer?.[1] ?? '')?.(answer?.[2] ?? '')
      return
    }
    const seen = { id: call[1]!, action: call[2]!, text: call[3]! }
    if (seen.action === 'GetConfiguration' && seen.text === '{}' && this.configuration !== undefined) {
      this.answer(seen.id, this.configuration)
      return
    }
    this.calls.push(seen)
    const own = this.onCall?.(seen)
    if (own !== undefined) this.answer(seen.id, own)
    const at = this.#waiting.findIndex(w => w.action === seen.action)
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.take(seen)
    else this.#unclaimed.push(seen)
  }
}

/** A CSMS that answers what it is told to answer. */
export class Csms {
  readonly server: WebSocketServer
  readonly paths: string[] = []
  readonly headers: (string | undefined)[] = []
  readonly #peers = new Map<string, Peer>()
  readonly #waiting: { path: string; take: (peer: Peer) => void }[] = []
  onCall: ((call: Seen) => string | undefined) | undefined

  private constructor(server: WebSocketServer) {
    this.server = server
    server.on('connection', (socket, request) => {
      const path = request.url ?? ''
      this.paths.push(path)
      this.headers.push(request.headers.authorization)
      const peer = new Peer(socket)
      peer.onCall = call => this.onCall?.(call)
      this.#peers.set(path, peer)
      for (const waiting of this.#waiting.splice(0)) {
        if (waiting.path === path) waiting.take(peer)
        else this.#waiting.push(waiting)
      }
    })
  }

  static async listen(port = 0): Promise<Csms> {
    const server = new WebSocketServer({ host: '127.0.0.1', port, handleProtocols: () => 'ocpp1.6' })
    await once(server, 'listening')
    return new Csms(server)
  }

  /** On an https server that listens already. */
  static over(server: HttpsServer): Csms {
    return new Csms(new WebSocketServer({ server, handleProtocols: () => 'ocpp1.6' }))
  }

  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** The newest socket of a station, or the next one. */
  async station(id: string): Promise<Peer> {
    const path = `/ocpp/${encodeURIComponent(id)}`
    const there = this.#peers.get(path)
    if (there !== undefined && there.socket.readyState === WS.OPEN) return there
    return new Promise(take => this.#waiting.push({ path, take }))
  }

  #stopped: Promise<unknown> | undefined

  async stop(): Promise<void> {
    if (this.#stopped !== undefined) {
      await this.#stopped
      return
    }
    this.#stopped = once(this.server, 'close')
    for (const client of this.server.clients) client.terminate()
    this.server.close()
    await this.#stopped
  }
}

/** Opens a station's socket to the edge. */
export async function connectStation(
  port: number,
  id: string,
  password?: string,
  protocols: string[] = ['ocpp1.6'],
): Promise<Peer> {
  const socket = new WS(`ws://127.0.0.1:${port}/ocpp/${encodeURIComponent(id)}`, protocols, {
    ...(password === undefined ? {} : { auth: `${id}:${password}` }),
  })
  const peer = new Peer(socket)
  peer.configuration = '{"configurationKey":[]}'
  await once(socket, 'open')
  return peer
}

export function siteOf(options: {
  readonly stations: readonly string[]
  readonly csmsPort?: number
  readonly offline?: Partial<SiteConfig['offline']>
  readonly mirrorPorts?: readonly number[]
  /** Over what is said here of `ocpp` and `csms`. */
  readonly ocpp?: object
  readonly csms?: object
  readonly web?: object
  /** `uplift` of a station. */
  readonly uplifts?: Readonly<Record<string, object>>
}): SiteConfig {
  return siteConfigSchema.parse({
    version: 1,
    site: { id: 'test', timeZone: 'UTC' },
    circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 0 }],
    ocpp: options.ocpp ?? { host: '127.0.0.1', port: 0 },
    ...(options.csms !== undefined && { csms: options.csms }),
    ...(options.web !== undefined && { web: options.web }),
    ...(options.csmsPort === undefined
      ? {}
      : {
          csms: { url: `ws://127.0.0.1:${options.csmsPort}/ocpp`, mirrors: mirrorsAt(options.mirrorPorts) },
        }),
    offline: { csmsTimeoutMs: 1000, ...options.offline },
    stations: options.stations.map(id => ({
      id,
      circuit: 'main',
      ...(options.uplifts?.[id] !== undefined && { uplift: options.uplifts[id] }),
      connectors: [
        { id: 1, phases: 'L1L2L3', maxCurrentA: 32, failSafeCurrentA: 6 },
        { id: 2, phases: 'L1L2L3', maxCurrentA: 32, failSafeCurrentA: 6 },
      ],
    })),
  })
}

function mirrorsAt(ports: readonly number[] = []) {
  return ports.map((port, index) => ({ id: `mirror-${index}`, url: `ws://127.0.0.1:${port}/ocpp` }))
}

/** A journal that lives as long as the object: a restarted edge finds what the last one left. */
export class MemoryJournal implements Journal {
  readonly entries = new Map<string, string>()
  isBroken = false
  /** The commit whose number this gives back true for fails, after its operations are there all the same. */
  fails:
    | ((number: number, ops: Parameters<Journal['commit']>[0]) => 'whole' | 'nothing' | undefined)
    | undefined
  commits = 0

  async commit(ops: Parameters<Journal['commit']>[0]): Promise<void> {
    const failure = this.isBroken ? 'nothing' : this.fails?.(this.commits++, ops)
    if (failure === 'nothing') throw new Error('disk full')
    for (const op of ops) {
      if (op.kind === 'put') this.entries.set(op.key, op.value)
      else this.entries.delete(op.key)
    }
    // fsync said no, and yet it is there
    if (failure === 'whole') throw new Error('EIO')
  }

  async scan(from: string, to: string, limit: number): Promise<readonly JournalEntry[]> {
    const keys = [...this.entries.keys()].filter(key => key >= from && key < to).sort()
    return keys.slice(0, limit).map(key => ({ key, value: this.entries.get(key)! }))
  }

  async extent(from: string, to: string, last: number): Promise<Extent> {
    return extentOf(await this.scan(from, to, this.entries.size), last)
  }

  async sizeBytes(): Promise<number> {
    return this.entries.size
  }
}

export class Desk implements SmartChargingDesk {
  readonly asked: { readonly what: string; readonly stationId: string; readonly payload: unknown }[] = []
  refusal: Answer | undefined
  readonly #take = (what: string, stationId: string, payload: unknown): Promise<Answer> => {
    this.asked.push({ what, stationId, payload })
    return Promise.resolve(result({ status: 'Accepted' }))
  }
  setChargingProfile = (id: string, payload: unknown) => this.#take('set', id, payload)
  clearChargingProfile = (id: string, payload: unknown) => this.#take('clear', id, payload)
  getCompositeSchedule = (id: string, payload: unknown) => this.#take('composite', id, payload)
  async offerRemoteStartProfile(
    stationId: string,
    _idTag: string,
    _connector: number | undefined,
    profile: unknown,
  ) {
    this.asked.push({ what: 'offer', stationId, payload: profile })
    return this.refusal
  }
  isHandedOver(): boolean {
    return true
  }

  dropRemoteStartProfile(stationId: string, idTag: string): void {
    this.asked.push({ what: 'drop', stationId, payload: idTag })
  }
}

export interface Running {
  readonly edge: OcppEdge
  readonly events: StationEvent[]
  readonly desk: Desk
  /** The next event of this kind from now on. */
  event(kind: StationEvent['kind']): Promise<StationEvent>
}

export const quietLog: Log = { write: () => {} }

/** `speed` makes time-outs and the waits between dials shorter; wall time runs away from the test's then. */
export async function startEdge(
  config: SiteConfig,
  journal: Journal,
  speed = 1,
  more: Partial<
    Pick<
      OcppDeps,
      | 'bounds'
      | 'maxIncomingChars'
      | 'replayHold'
      | 'hasJournal'
      | 'passwordOf'
      | 'arePasswordsLost'
      | 'mirrorPasswordOf'
      | 'passwords'
      | 'security'
      | 'on'
      | 'desk'
      | 'offlineDataTransferOf'
      | 'guardedKeysOf'
    >
  > = {},
): Promise<Running> {
  const log = quietLog
  const events: StationEvent[] = []
  const waiting: { kind: string; take: (event: StationEvent) => void }[] = []
  const desk = new Desk()
  const edge = await startOcpp({
    ports: {
      clock: createClock({ speed }),
      // always the shortest wait before dialling again
      random: { next: () => 0 },
      secrets: createSecrets(),
      network: createNetwork(log),
      log,
    },
    config,
    store: openStationStore(journal, log),
    passwordOf: () => undefined,
    offlineDataTransferOf: () => [{ vendorId: 'org.example', messageId: 'Note' }],
    guardedKeysOf: () => ({ affectsLimits: ['SilentMode'], connection: ['SecurityProfile'] }),
    desk,
    onLearner: event => {
      events.push(event)
    },
    ...more,
    on: event => {
      events.push(event)
      const at = waiting.findIndex(w => w.kind === event.kind)
      if (at >= 0) waiting.splice(at, 1)[0]!.take(event)
    },
    ...more,
  })
  return { edge, events, desk, event: kind => new Promise(take => waiting.push({ kind, take })) }
}

/** Answers of a CSMS that accepts everything; transaction ids count up from `firstId`. */
export function friendly(firstId = 1): (call: Seen) => string {
  let next = firstId
  return ({ action }) => {
    switch (action) {
      case 'BootNotification':
        return `{"status":"Accepted","currentTime":"${new Date().toISOString()}","interval":300}`
      case 'Heartbeat':
        return `{"currentTime":"${new Date().toISOString()}"}`
      case 'Authorize':
        return '{"idTagInfo":{"status":"Accepted"}}'
      case 'StartTransaction':
        return `{"transactionId":${next++},"idTagInfo":{"status":"Accepted"}}`
      case 'DataTransfer':
      case 'SignCertificate':
        return '{"status":"Accepted"}'
      default:
        return '{}'
    }
  }
}

export const BOOT = '{"chargePointVendor":"V","chargePointModel":"M"}'

export const start = (
  idTag = 'TAG1',
  connectorId = 1,
  meterStart = 100,
  timestamp = '2026-01-01T10:00:00Z',
) => `{"connectorId":${connectorId},"idTag":"${idTag}","meterStart":${meterStart},"timestamp":"${timestamp}"}`

export const meter = (
  transactionId: number,
  value: string,
  timestamp = '2026-01-01T10:01:00Z',
  connectorId = 1,
) =>
  `{"connectorId":${connectorId},"transactionId":${transactionId},"meterValue":[{"timestamp":"${timestamp}","sampledValue":[{"value":"${value}"}]}]}`

export const stop = (transactionId: number, meterStop = 900, timestamp = '2026-01-01T11:00:00Z') =>
  `{"transactionId":${transactionId},"meterStop":${meterStop},"timestamp":"${timestamp}"}`

export const status = (
  connectorId: number,
  state: string,
  errorCode = 'NoError',
  timestamp = '2026-01-01T10:00:00Z',
) =>
  `{"connectorId":${connectorId},"status":"${state}","errorCode":"${errorCode}","timestamp":"${timestamp}"}`
