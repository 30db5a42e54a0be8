/**
 * Busbar as an edge node of Sparkplug B (specification 3.0.0, whose assertions are cited by their ids): its own connection with its death as
 * last will, births, then what has changed, and everything anew when a host asks. With a primary host only while that is online.
 * Reads only: nothing can be ordered here. What waits is computed again from the view and never queued. Must not know what the metrics mean.
 */
import type { SiteConfig } from '../../core/config/site.js'
import type { SiteView } from '../../core/view/document.js'
import type { BrokerLink, BrokerOptions, ClientTls, Ports, Stoppable, Timer } from '../../ports.js'
import { Backoff, CONNECT_TIMEOUT_MS, STOP_GRACE_MS } from '../backoff.js'
import { type Device, deviceOf, nodeMetrics } from './metrics.js'
import { asksRebirth, type Metric, payloadOf, REBIRTH, type Telling } from './payload.js'
import { type HostState, hostStateAfter, hostStateOf, stateTopic } from './primary-host.js'
import { Told } from './told.js'

type MqttConfig = NonNullable<SiteConfig['mqtt']>

/** The view is looked at no more often. */
const MIN_INTERVAL_MS = 1000
/** Also when nobody called `refresh`. */
const IDLE_INTERVAL_MS = 5000
/** Messages that have not left yet; the rest waits for its turn. */
const MAX_IN_FLIGHT = 50
/** However often hosts ask, everything is told anew no more often than this. */
const MIN_REBIRTH_MS = 5000
/** tck-id-payloads-sequence-num-incrementing and -nbirth-bdseq-inc: both begin again behind 255. */
const ROUND = 256
/** Births, data and deaths of devices; a death of the node goes as its will does (tck-id-payloads-ndeath-will-message-qos). */
const AS_DATA = { qos: 0, retain: false } as const
const AS_WILL = { qos: 1, retain: false } as const

export interface EdgeNodeOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'broker' | 'log'>
  readonly config: MqttConfig
  readonly names: NonNullable<MqttConfig['sparkplug']>
  readonly siteId: string
  readonly password?: string
  readonly tls?: () => ClientTls | undefined
  readonly view: () => SiteView
}

export interface EdgeNode extends Stoppable {
  /** The view has changed: what is new is told soon, at most once a second. */
  refresh(): void
}

/** Connects at once and again and again until `stop`, which says that the node is dead. */
export function startEdgeNode(options: EdgeNodeOptions): EdgeNode {
  return new Node(options)
}

class Node implements EdgeNode {
  readonly #options: EdgeNodeOptions
  readonly #backoff: Backoff
  #link: BrokerLink | undefined
  #isOpen = false
  #openedMs = 0
  /** Of the last CONNECT. */
  #bdSeq = ROUND - 1
  #seq = 0
  #bornMs: number | undefined
  /** What the primary host has said over this connection. */
  #host: HostState | undefined
  /** The death is said, the connection is about to end. */
  #isEnding = false
  /** A host has asked: no data until everything was told anew. */
  #isRebirthDue = false
  #node: Told | undefined
  readonly #devices = new Map<string, Told>()
  #due: (() => void)[] = []
  #inFlight = 0
  #lookedMs = Number.NEGATIVE_INFINITY
  #look: { readonly timer: Timer; readonly dueMs: number } | undefined
  #next: Timer | undefined
  #isStopping = false
  #stopped: Promise<void> | undefined
  #whenClosed: (() => void) | undefined

  constructor(options: EdgeNodeOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.ports.random)
    this.#connect()
  }

  refresh(): void {
    if (this.#mayTell()) this.#lookAt(this.#lookedMs + MIN_INTERVAL_MS)
  }

  stop(): Promise<void> {
    this.#isStopping = true
    this.#stopped ??= new Promise(resolve => {
      this.#look?.timer.cancel()
      this.#next?.cancel()
      const link = this.#link
      if (link === undefined) {
        resolve()
        return
      }
      const grace = this.#options.ports.clock.after(STOP_GRACE_MS, () => {
        link.end()
        resolve()
      })
      this.#whenClosed = () => {
        grace.cancel()
        resolve()
      }
      this.#due = []
      if (!this.#isOpen) link.end()
      else if (!this.#isEnding) this.#sayDead(link)
    })
    return this.#stopped
  }

  /** An orderly end sends no will: the death is said before it (tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath). */
  #sayDead(link: BrokerLink): void {
    link.publish(this.#topic('NDEATH'), this.#death(), AS_WILL, () => link.end())
  }

  #connect(): void {
    this.#bdSeq = (this.#bdSeq + 1) % ROUND
    const link: BrokerLink = this.#options.ports.broker.connect(this.#brokerOptions(), {
      open: () => this.#opened(link),
      message: () => undefined,
      octets: (topic, payload, isRetained) => {
        if (topic === this.#stateTopic()) this.#hostSaid(link, payload)
        else if (!isRetained && asksRebirth(payload)) this.#askedAnew()
      },
      closed: (reason, detail) => this.#closed(reason, detail),
    })
    this.#link = link
  }

  #brokerOptions(): BrokerOptions {
    const { config, password, siteId } = this.#options
    const tls = this.#options.tls?.()
    return {
      url: config.url,
      clientId: `busbar-${siteId}-sparkplug`,
      protocolVersion: config.protocolVersion,
      ...(config.username !== undefined && { username: config.username }),
      ...(password !== undefined && { password }),
      ...(tls !== undefined && { tls }),
      will: { topic: this.#topic('NDEATH'), payload: this.#death(), retain: false },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    }
  }

  #opened(link: BrokerLink): void {
    if (this.#isStopping) {
      this.#sayDead(link)
      return
    }
    this.#isOpen = true
    this.#openedMs = this.#options.ports.clock.monoMs()
    link.subscribe(this.#topic('NCMD'))
    const state = this.#stateTopic()
    if (state !== undefined) link.subscribe(state)
    this.#isRebirthDue = true
    this.#bornMs = undefined
    if (this.#mayTell()) this.#lookNow()
    else this.#options.ports.log.write('info', 'sparkplug-waits', { topic: state })
  }

  /** Whether births and data may leave. */
  #mayTell(): boolean {
    const isWanted = this.#options.names.primaryHost === undefined || this.#host?.isOnline === true
    return isWanted && this.#isOpen && !this.#isEnding && !this.#isStopping
  }

  #stateTopic(): string | undefined {
    const { primaryHost } = this.#options.names
    return primaryHost === undefined ? undefined : stateTopic(primaryHost)
  }

  #hostSaid(link: BrokerLink, octets: Uint8Array): void {
    const said = hostStateOf(octets)
    if (said === undefined || link !== this.#link || this.#isEnding || this.#isStopping) return
    const wasTold = this.#mayTell()
    this.#host = hostStateAfter(this.#host, said)
    if (this.#mayTell() && !wasTold) this.#lookNow()
    if (wasTold && !this.#host.isOnline) this.#endSession(link)
  }

  /** The host is offline: a death, and everything from the connection on anew. */
  #endSession(link: BrokerLink): void {
    this.#isEnding = true
    this.#look?.timer.cancel()
    this.#look = undefined
    this.#due = []
    this.#next = this.#options.ports.clock.after(STOP_GRACE_MS, () => link.end())
    this.#sayDead(link)
  }

  #closed(reason: string, detail: string): void {
    const { clock, log } = this.#options.ports
    const openForMs = this.#isOpen ? clock.monoMs() - this.#openedMs : undefined
    this.#look?.timer.cancel()
    this.#look = undefined
    this.#next?.cancel()
    this.#link = undefined
    this.#isOpen = false
    this.#isEnding = false
    this.#host = undefined
    this.#due = []
    this.#inFlight = 0
    if (this.#isStopping) {
      this.#whenClosed?.()
      return
    }
    const retryInMs = this.#backoff.nextMs(openForMs)
    log.write('warn', 'sparkplug-away', { reason, detail, retryInMs })
    this.#next = clock.after(retryInMs, () => this.#connect())
  }

  #askedAnew(): void {
    if (!this.#mayTell() || this.#isRebirthDue) return
    this.#isRebirthDue = true
    // What waits is data, and no data goes before the births now.
    this.#due = []
    this.#lookAt((this.#bornMs ?? Number.NEGATIVE_INFINITY) + MIN_REBIRTH_MS)
  }

  #lookAt(dueMs: number): void {
    const { clock } = this.#options.ports
    if (this.#look && this.#look.dueMs <= dueMs) return
    this.#look?.timer.cancel()
    const timer = clock.after(Math.max(0, dueMs - clock.monoMs()), () => this.#lookNow())
    this.#look = { timer, dueMs }
  }

  #lookNow(): void {
    const { clock } = this.#options.ports
    const nowMs = clock.monoMs()
    this.#lookedMs = nowMs
    this.#look?.timer.cancel()
    this.#look = undefined
    const mayBeBorn = this.#bornMs === undefined || nowMs - this.#bornMs >= MIN_REBIRTH_MS
    // The births of the last look have not all left yet: they go first, and this look waits for the next.
    if (this.#due.length === 0 || this.#isRebirthDue) this.#plan(this.#options.view(), mayBeBorn)
    this.#send()
    this.#lookAt(nowMs + (this.#due.length > 0 || this.#isRebirthDue ? MIN_INTERVAL_MS : IDLE_INTERVAL_MS))
  }

  /** What is to be said of this view, in its order: node before devices. */
  #plan(view: SiteView, mayBeBorn: boolean): void {
    const own = nodeMetrics(view)
    if (this.#node === undefined || !this.#node.isOf(own)) this.#isRebirthDue = true
    if (this.#isRebirthDue) {
      if (mayBeBorn) this.#bear(view, own)
      return
    }
    const { clock } = this.#options.ports
    const alive = devicesOf(view)
    const due: (() => void)[] = []
    const news = this.#node?.news(own, clock.monoMs()) ?? []
    if (news.length > 0) due.push(() => this.#tell('NDATA', news))
    for (const id of [...this.#devices.keys()])
      if (!alive.has(id)) {
        this.#devices.delete(id)
        due.push(() => this.#tell('DDEATH', [], id))
      }
    for (const { id, metrics } of alive.values()) {
      const told = this.#devices.get(id)
      if (told?.isOf(metrics) !== true) due.push(...this.#birthOf({ id, metrics }))
      else {
        const changed = told.news(metrics, clock.monoMs())
        if (changed.length > 0) due.push(() => this.#tell('DDATA', changed, id))
      }
    }
    this.#due = due
  }

  #bear(view: SiteView, own: readonly Metric[]): void {
    const nowMs = this.#options.ports.clock.monoMs()
    this.#isRebirthDue = false
    this.#bornMs = nowMs
    this.#seq = 0
    this.#node = new Told(own, nowMs)
    this.#devices.clear()
    this.#due = [
      () => this.#tell('NBIRTH', [this.#bdSeqMetric(), REBIRTH_METRIC, ...own]),
      ...[...devicesOf(view).values()].flatMap(device => this.#birthOf(device)),
    ]
  }

  #birthOf({ id, metrics }: Device): (() => void)[] {
    this.#devices.set(id, new Told(metrics, this.#options.ports.clock.monoMs()))
    return [() => this.#tell('DBIRTH', metrics, id)]
  }

  #send(): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#link !== undefined) {
      const next = this.#due.shift()
      if (next === undefined) return
      next()
    }
  }

  #tell(
    kind: 'NBIRTH' | 'NDATA' | 'DBIRTH' | 'DDATA' | 'DDEATH',
    metrics: readonly Metric[],
    device?: string,
  ): void {
    const link = this.#link
    if (link === undefined) return
    const telling: Telling = kind.endsWith('BIRTH') ? 'birth' : 'data'
    const payload = payloadOf(this.#options.ports.clock.wallMs(), metrics, this.#seq, telling)
    this.#seq = (this.#seq + 1) % ROUND
    this.#inFlight++
    link.publish(this.#topic(kind, device), payload, AS_DATA, taken => {
      if (link !== this.#link) return
      this.#inFlight--
      // A number is missing now, and a host would ask.
      if (!taken) this.#askedAnew()
      this.#send()
    })
  }

  #death(): Uint8Array {
    return payloadOf(this.#options.ports.clock.wallMs(), [this.#bdSeqMetric()], undefined, 'birth')
  }

  #bdSeqMetric(): Metric {
    return { name: 'bdSeq', type: 'Int64', value: this.#bdSeq }
  }

  #topic(kind: string, device?: string): string {
    const { groupId, edgeNodeId } = this.#options.names
    const levels = ['spBv1.0', groupId, kind, edgeNodeId]
    return (device === undefined ? levels : [...levels, device]).join('/')
  }
}

const REBIRTH_METRIC: Metric = { name: REBIRTH, type: 'Boolean', value: false }

function devicesOf(view: SiteView): ReadonlyMap<string, Device> {
  return new Map(
    view.stations.flatMap(station => {
      const device = deviceOf(station)
      return device === undefined ? [] : [[device.id, device] as const]
    }),
  )
}
