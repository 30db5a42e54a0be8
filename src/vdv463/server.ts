/**
 * The charge manager's side of VDV 463: a WebSocket server that takes what depot systems want and tells them the depot every 15 s. One
 * account, TLS in front of it, nothing before a BootNotification. Must not know what a request does nor how the site is kept.
 */
import { parseDocument } from '../core/config/faults.js'
import { readJson } from '../core/config/json-text.js'
import type { SiteView } from '../core/view/document.js'
import type { Listener, Ports, ServerTls, Socket, Stoppable, Timer, UpgradeRequest } from '../ports.js'
import { depotInfo, type Plan } from './information.js'
import {
  answer,
  bootRequest,
  type ChargingRequest,
  CONFIRMATION,
  chargingRequests,
  type Envelope,
  ERROR,
  envelope,
  PROTOCOL,
  REQUEST,
  request,
} from './messages.js'

const TELL_MS = 15_000
/** A list of two thousand requests. */
const MAX_FRAME_BYTES = 1_048_576
/** Planning systems of one depot, and those that come again before the old connection is gone. */
const MAX_CONNECTIONS = 8
/** Beyond that nobody reads: it is dropped. */
const MAX_BUFFERED_BYTES = 4_194_304
const MAX_PER_S = 20
/** Wrong passwords within a minute; then nobody new is let in until it is over. */
const MAX_WRONG = 20

/** What of a list is not as it was asked for, a line each. */
export interface Taken {
  /** Not possible, or not known: the list is answered by an error. */
  readonly missing: readonly string[]
  /** Beside what is charged: the list is confirmed all the same. */
  readonly notDone: readonly string[]
}

export interface DepotSystemOptions {
  readonly ports: Pick<Ports, 'clock' | 'log' | 'network' | 'secrets'>
  readonly host: string
  readonly port: number
  readonly tls: ServerTls
  readonly username: string
  readonly password: string
  view(): SiteView
  /** What one depot system wants from now on, all of it. */
  take(presystemId: string, requests: readonly ChargingRequest[]): Promise<Taken>
  planOf(stationId: string, connectorId: number): Plan | undefined
}

export interface DepotSystemServer extends Stoppable {
  readonly port: number
  renew(tls: ServerTls): void
}

export async function startDepotSystemServer(options: DepotSystemOptions): Promise<DepotSystemServer> {
  const server = new Server(options)
  return server.listen()
}

class Server {
  readonly #options: DepotSystemOptions
  readonly #links = new Set<Link>()
  readonly #telling: Timer
  #wrong: { readonly sinceMs: number; readonly count: number } = { sinceMs: 0, count: 0 }

  constructor(options: DepotSystemOptions) {
    this.#options = options
    this.#telling = options.ports.clock.every(TELL_MS, () => this.#tell())
  }

  async listen(): Promise<DepotSystemServer> {
    const { ports, host, port, tls } = this.#options
    const crowd = { maxConnections: MAX_CONNECTIONS, onTurnedAway: () => undefined }
    const listener: Listener = await ports.network.listen(
      { host, port, tls, maxFrameBytes: MAX_FRAME_BYTES, crowd },
      upgrade => this.#asked(upgrade),
    )
    return {
      port: listener.port,
      renew: next => listener.renew?.(next),
      stop: async () => {
        this.#telling.cancel()
        for (const link of this.#links) link.end()
        await listener.stop()
      },
    }
  }

  #asked(upgrade: UpgradeRequest): void {
    const { clock, log } = this.#options.ports
    const nowMs = clock.monoMs()
    if (nowMs - this.#wrong.sinceMs > 60_000) this.#wrong = { sinceMs: nowMs, count: 0 }
    if (this.#wrong.count >= MAX_WRONG) {
      upgrade.reject(429, { 'Retry-After': '60' })
      return
    }
    if (!this.#isKnown(upgrade.headers.authorization)) {
      this.#wrong = { ...this.#wrong, count: this.#wrong.count + 1 }
      log.write('warn', 'depot system refused', { remote: upgrade.remote })
      upgrade.reject(401, { 'WWW-Authenticate': 'Basic realm="VDV 463"' })
      return
    }
    const offered = (upgrade.headers['sec-websocket-protocol'] ?? '').split(',').map(one => one.trim())
    if (!offered.includes(PROTOCOL)) {
      upgrade.reject(400)
      return
    }
    const link = new Link(this.#options, () => this.#links.delete(link))
    if (link.open(upgrade)) this.#links.add(link)
  }

  #isKnown(header: string | undefined): boolean {
    const { username, password, ports } = this.#options
    const text = new TextEncoder()
    const own = `Basic ${btoa(String.fromCharCode(...text.encode(`${username}:${password}`)))}`
    return ports.secrets.equal(text.encode(header ?? ''), text.encode(own))
  }

  #tell(): void {
    const booted = [...this.#links].filter(({ presystemId }) => presystemId !== undefined)
    if (booted.length === 0) return
    const { view, planOf } = this.#options
    const payload = depotInfo(view(), planOf)
    for (const link of booted) link.tell(payload)
  }
}

class Link {
  readonly #options: DepotSystemOptions
  readonly #gone: () => void
  #socket: Socket | undefined
  #second = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 }
  /** Lists are taken one after another: a late one may not undo the newer. */
  #turn: Promise<void> = Promise.resolve()
  #notDone = ''
  presystemId: string | undefined

  constructor(options: DepotSystemOptions, gone: () => void) {
    this.#options = options
    this.#gone = gone
  }

  open(upgrade: UpgradeRequest): boolean {
    this.#socket = upgrade.accept(PROTOCOL, {
      text: text => this.#heard(text),
      binary: () => this.#socket?.close(1003, 'text only'),
      ping: () => undefined,
      pong: () => undefined,
      closed: () => this.#gone(),
    })
    return this.#socket !== undefined
  }

  end(): void {
    this.#socket?.close(1001, 'going away')
  }

  tell(payload: object): void {
    if (this.presystemId === undefined || this.#socket === undefined) return
    if (this.#socket.bufferedBytes() > MAX_BUFFERED_BYTES) {
      this.#socket.terminate()
      return
    }
    const messageId = uuidOf(this.#options.ports.secrets.token(16))
    const at = { at: this.#now(), messageId }
    this.#socket.sendText(request(this.presystemId, at, 'ProvideChargingInformation', payload))
  }

  #heard(text: string): void {
    const nowMs = this.#options.ports.clock.monoMs()
    if (nowMs - this.#second.sinceMs >= 1_000) this.#second = { sinceMs: nowMs, count: 0 }
    this.#second.count += 1
    if (this.#second.count > MAX_PER_S) {
      this.#socket?.close(1008, 'too many messages')
      return
    }
    const read = readJson(text)
    const message = read.ok ? parseDocument(envelope, read.value.document) : read
    // Without an id there is nothing to answer to.
    if (!message.ok) {
      this.#socket?.close(1007, 'no message of VDV 463')
      return
    }
    const [type] = message.value
    // Confirmations change nothing, and an error is the other side's to mend.
    if (type !== REQUEST) return
    this.#turn = this.#turn
      .then(() => this.#request(message.value))
      .catch((fault: unknown) => {
        this.#options.ports.log.write('error', 'depot system request failed', { fault: String(fault) })
        this.#fail(message.value, 'it could not be taken; try again')
      })
  }

  async #request(message: Envelope): Promise<void> {
    if (message[5] === 'BootNotification') this.#boot(message)
    else {
      const fault = await this.#taken(message)
      if (fault !== undefined) this.#fail(message, fault)
      else this.#socket?.sendText(answer(message, CONFIRMATION, this.#now(), {}))
    }
  }

  /** What is wrong with it. */
  async #taken([, , presystemId, , , action, payload]: Envelope): Promise<string | undefined> {
    if (this.presystemId === undefined) return 'a BootNotification comes first'
    if (presystemId !== this.presystemId) return 'another presystem than the one that booted'
    if (action !== 'ProvideChargingRequests') return `${action} is sent by the CMS alone`
    const list = parseDocument(chargingRequests, payload)
    if (!list.ok) return faultText(list.faults)
    const { missing, notDone } = await this.#options.take(presystemId, list.value.chargingRequestList)
    if (missing.length > 0) return [...missing, ...notDone].join('; ')
    this.#tellNotDone(presystemId, notDone.join('; '))
    return undefined
  }

  /** A confirmation has no room for words: here they are said once, and with the depot at the charging point. */
  #tellNotDone(presystemId: string, notDone: string): void {
    if (notDone !== '' && notDone !== this.#notDone)
      this.#options.ports.log.write('warn', 'vdv463 not done', { presystem: presystemId, words: notDone })
    this.#notDone = notDone
  }

  #boot(message: Envelope): void {
    const [, , presystemId, , , , payload] = message
    const boot = parseDocument(bootRequest, payload)
    if (!boot.ok) {
      this.#fail(message, faultText(boot.faults))
      return
    }
    this.presystemId = presystemId
    this.#socket?.sendText(answer(message, CONFIRMATION, this.#now(), { status: 'Accepted' }))
    this.#options.ports.log.write('info', 'depot system connected', { presystem: presystemId })
    const { view, planOf } = this.#options
    this.tell(depotInfo(view(), planOf))
  }

  #fail(message: Envelope, errorMessage: string): void {
    this.#socket?.sendText(answer(message, ERROR, this.#now(), { errorMessage }))
  }

  #now(): string {
    return new Date(this.#options.ports.clock.wallMs()).toISOString()
  }
}

function faultText([first]: readonly { path: string; found: string; expected: string }[]): string {
  return first === undefined
    ? 'does not fit'
    : `${first.path}: found ${first.found}, expected ${first.expected}`
}

/** Version 4, of 16 random bytes in base64url. */
function uuidOf(token: string): string {
  const hex = Array.from(atob(token.replaceAll('-', '+').replaceAll('_', '/')), sign =>
    sign.charCodeAt(0).toString(16).padStart(2, '0'),
  ).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
