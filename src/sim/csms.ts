/**
 * A simulated CSMS: accepts stations, answers every CALL of theirs, hands out transaction ids, records what it saw and
 * sends commands. It can go away and come back on the same port. Must not know whether a station or Busbar dials in.
 */
import { z } from 'zod'
import type { Listener, Ports, Stoppable, UpgradeRequest } from '../ports.js'
import { Wire, type WireAnswer, type WireOutcome } from './framing.js'

export interface CsmsOptions {
  readonly ports: Pick<Ports, 'clock' | 'network' | 'log'>
  readonly host: string
  /** 0 = any free port; kept over `setOnline`. */
  readonly port: number
  /** HeartbeatInterval given to stations. */
  readonly heartbeatS?: number
  /** Nobody asks what it has seen: a run of days does not hold all that was said. */
  readonly keepsNothing?: boolean
  /** Default: every tag is Accepted. */
  readonly tag?: (idTag: string) => TagInfo
  /** Basic authentication: false = 401. Default: everybody may come in. */
  readonly admits?: (stationId: string, authorization: string | undefined) => boolean
}

export interface TagInfo {
  readonly status: 'Accepted' | 'Blocked' | 'Expired' | 'Invalid' | 'ConcurrentTx'
  readonly parentIdTag?: string
  readonly expiryDate?: string
}

export type BootVerdict = 'Accepted' | 'Pending' | 'Rejected'

/** A CALL the CSMS got. */
export interface SeenCall {
  readonly stationId: string
  readonly action: string
  readonly payload: unknown
  readonly wallMs: number
}

/** Older records go first; a scenario of a day fits. */
const MAX_SEEN = 200_000
/** Starts remembered to recognise a repeat; a repeat comes soon or never. */
const MAX_TRANSACTIONS = 10_000
const ANSWER_TIMEOUT_MS = 30_000
const MAX_FRAME_BYTES = 1_048_576
const HEARTBEAT_S = 300
/** Interval told with Pending or Rejected, so that a simulated station comes back soon. */
const RETRY_BOOT_S = 10

const idTagRequest = z.object({ idTag: z.string() })
const startRequest = z.object({
  connectorId: z.number(),
  idTag: z.string(),
  meterStart: z.number(),
  timestamp: z.string(),
})

export class Csms implements Stoppable {
  /** Every CALL it got, in order. */
  readonly seen: SeenCall[] = []
  private readonly wires = new Map<string, Wire>()
  private readonly transactions = new Map<string, number>()
  private readonly overrides = new Map<string, (call: SeenCall) => WireAnswer>()
  private readonly waiters = new Set<(call: SeenCall) => void>()
  private listener: Listener | undefined
  private listenPort: number
  private lastTransactionId = 1000
  private connections = 0
  private bootVerdict: BootVerdict = 'Accepted'
  private lastTurn: Promise<void> = Promise.resolve()

  constructor(private readonly options: CsmsOptions) {
    this.listenPort = options.port
  }

  /** Listens. Rejects when the port is taken. */
  start(): Promise<void> {
    return this.setOnline(true)
  }

  async stop(): Promise<void> {
    await this.setOnline(false)
  }

  get port(): number {
    return this.listenPort
  }

  /** What goes into the configuration's `csms.url`. */
  get url(): string {
    return `ws://${this.options.host}:${this.listenPort}/ocpp`
  }

  /** False: the listener and all sockets close. True: listens again on the same port. One after another, as they were asked for. */
  setOnline(online: boolean): Promise<void> {
    if (!online) for (const wire of [...this.wires.values()]) wire.terminate()
    const turn = this.lastTurn.then(() => (online ? this.open() : this.close()))
    this.lastTurn = turn.catch(() => undefined)
    return turn
  }

  private async open(): Promise<void> {
    if (this.listener !== undefined) return
    const { host, ports } = this.options
    const target = { host, port: this.listenPort, maxFrameBytes: MAX_FRAME_BYTES }
    this.listener = await ports.network.listen(target, request => this.upgrade(request))
    this.listenPort = this.listener.port
  }

  private async close(): Promise<void> {
    const { listener } = this
    this.listener = undefined
    await listener?.stop()
  }

  /** Answer of the next BootNotifications. */
  setBoot(verdict: BootVerdict): void {
    this.bootVerdict = verdict
  }

  /** Answers this action in another way from now on; undefined goes back to the usual. */
  answerWith(action: string, answer: ((call: SeenCall) => WireAnswer) | undefined): void {
    if (answer) this.overrides.set(action, answer)
    else this.overrides.delete(action)
  }

  connected(): readonly string[] {
    return [...this.wires.keys()]
  }

  /** Sends a CALL; `closed` at once when that station is not connected. */
  call(stationId: string, action: string, payload: object): Promise<WireOutcome> {
    return new Promise(done => {
      const wire = this.wires.get(stationId)
      if (wire) wire.call(action, payload, done)
      else done({ kind: 'closed' })
    })
  }

  /** Drops the socket of one station as a bad line does. */
  drop(stationId: string): void {
    this.wires.get(stationId)?.terminate()
  }

  /** CALLs seen so far, of one station or one action when given. */
  calls(filter: { readonly stationId?: string; readonly action?: string } = {}): readonly SeenCall[] {
    return this.seen.filter(
      call =>
        (filter.stationId === undefined || call.stationId === filter.stationId) &&
        (filter.action === undefined || call.action === filter.action),
    )
  }

  /** Settles with the first CALL, seen already or coming, that `wanted` holds for. */
  until(wanted: (call: SeenCall) => boolean): Promise<SeenCall> {
    const known = this.seen.find(wanted)
    if (known) return Promise.resolve(known)
    return new Promise(found => {
      const look = (call: SeenCall) => {
        if (!wanted(call)) return
        this.waiters.delete(look)
        found(call)
      }
      this.waiters.add(look)
    })
  }

  private upgrade(request: UpgradeRequest): void {
    const stationId = identityOf(request.rawPath)
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
    const refusal = this.refusal(stationId, offered, request)
    if (stationId === undefined || refusal !== undefined) {
      request.reject(refusal ?? 404)
      return
    }
    this.connections += 1
    const wire: Wire = new Wire(
      {
        clock: this.options.ports.clock,
        answerTimeoutMs: ANSWER_TIMEOUT_MS,
        idPrefix: `c${this.connections}.`,
      },
      {
        call: (action, payload, reply) => reply(this.answer(stationId, action, payload)),
        closed: () => {
          if (this.wires.get(stationId) === wire) this.wires.delete(stationId)
        },
      },
    )
    const socket = request.accept('ocpp1.6', wire.handlers)
    if (!socket) return
    // Newest wins: the old socket of a station that comes back is usually dead.
    this.wires.get(stationId)?.terminate()
    this.wires.set(stationId, wire)
    wire.attach(socket)
  }

  /** HTTP status that refuses the upgrade (OCPP-J §3.2, §3.3). */
  private refusal(
    stationId: string | undefined,
    offered: readonly string[],
    request: UpgradeRequest,
  ): number | undefined {
    if (stationId === undefined) return 404
    if (!offered.includes('ocpp1.6')) return 400
    return this.options.admits?.(stationId, request.headers.authorization) === false ? 401 : undefined
  }

  private answer(stationId: string, action: string, payload: unknown): WireAnswer {
    const call: SeenCall = { stationId, action, payload, wallMs: this.options.ports.clock.wallMs() }
    if (this.options.keepsNothing !== true) this.seen.push(call)
    if (this.seen.length > MAX_SEEN) this.seen.splice(0, MAX_SEEN / 10)
    for (const look of [...this.waiters]) look(call)
    const override = this.overrides.get(action)
    return override ? override(call) : this.usual(call)
  }

  private usual(call: SeenCall): WireAnswer {
    switch (call.action) {
      case 'BootNotification': {
        const accepted = this.bootVerdict === 'Accepted'
        const interval = accepted ? (this.options.heartbeatS ?? HEARTBEAT_S) : RETRY_BOOT_S
        return result({ status: this.bootVerdict, currentTime: this.currentTime(), interval })
      }
      case 'Heartbeat':
        return result({ currentTime: this.currentTime() })
      case 'Authorize':
        return result({ idTagInfo: this.tagInfo(call.payload) })
      case 'StartTransaction':
        return result({ transactionId: this.transactionId(call), idTagInfo: this.tagInfo(call.payload) })
      case 'DataTransfer':
        return result({ status: 'UnknownVendorId' })
      case 'StopTransaction':
      case 'MeterValues':
      case 'StatusNotification':
      case 'DiagnosticsStatusNotification':
      case 'FirmwareStatusNotification':
      case 'LogStatusNotification':
      case 'SecurityEventNotification':
      case 'SignedFirmwareStatusNotification':
        return result({})
      default:
        return { kind: 'error', code: 'NotImplemented', description: call.action }
    }
  }

  private currentTime(): string {
    return new Date(this.options.ports.clock.wallMs()).toISOString()
  }

  private tagInfo(payload: unknown): TagInfo {
    const request = idTagRequest.safeParse(payload)
    if (!request.success) return { status: 'Invalid' }
    return this.options.tag?.(request.data.idTag) ?? { status: 'Accepted' }
  }

  /** The same StartTransaction sent again gets the same id, as real systems recognise it. */
  private transactionId(call: SeenCall): number {
    const start = startRequest.safeParse(call.payload)
    const { connectorId, idTag, timestamp, meterStart } = start.data ?? {}
    const key = [call.stationId, connectorId, idTag, timestamp, meterStart].join('|')
    const known = this.transactions.get(key)
    if (known !== undefined) return known
    if (this.transactions.size >= MAX_TRANSACTIONS) this.transactions.clear()
    this.lastTransactionId += 1
    this.transactions.set(key, this.lastTransactionId)
    return this.lastTransactionId
  }
}

function result(payload: object): WireAnswer {
  return { kind: 'result', payload }
}

/** The last path segment, percent-decoded (OCPP-J §3.1.1). */
function identityOf(rawPath: string): string | undefined {
  const last = rawPath.split('?')[0]?.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last) || undefined
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
