/**
 * Keeps the broker's retained state equal to the site view: everything after connecting, then what changed, each topic
 * at most once a second with its latest value. What waits is computed again from the view and never queued, so
 * a slow or absent broker costs no memory and no time. Must not know OCPP nor how the view is made.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { OrderDesk } from '../core/control/order-desk.js'
import type { BrokerStatus } from '../core/events.js'
import type { SiteView, StationView } from '../core/view/document.js'
import type {
  BrokerAnswerTo,
  BrokerLink,
  BrokerOptions,
  ClientTls,
  Ports,
  Stoppable,
  Timer,
} from '../ports.js'
import { Backoff, CONNECT_TIMEOUT_MS, STOP_GRACE_MS } from './backoff.js'
import { type Command, Commands } from './commands.js'
import { deliveryOf, eventDelivery } from './delivery.js'
import { EventQueue } from './event-queue.js'
import { discoveryFilter, HomeAssistant } from './home-assistant.js'
import { MIN_INTERVAL_MS, Retained } from './retained.js'
import { stationTopics, statusTopic, TOPIC_FOLDERS, topicsOf } from './topics.js'

/** The view is looked at no more often than this also while much happens, and no more than it costs ten times over. */
const PROMPT_MS = 100
/** What changes together is told together. */
const GATHER_MS = 20
const MOST_LOOKING_SHARE = 0.1
/** The view is looked at this often also when nobody called `refresh`. */
const IDLE_INTERVAL_MS = 5000
/** A broker sends what it retains at once; then there is nothing more to be found of topics that nobody owns. */
const SWEEP_MS = 2000

export interface MqttOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'broker' | 'log'>
  readonly config: NonNullable<SiteConfig['mqtt']>
  readonly siteId: string
  readonly password?: string
  /** What happens, by the name under `event/`: not retained; for a broker that is away the last ones are kept. */
  readonly events?: readonly EventSource[]
  /** What stands under `schema/`, by its name there. Asked once. */
  readonly schemas?: () => ReadonlyMap<string, string>
  /** Asked at each attempt, so that a renewed certificate is shown at the next. */
  readonly tls?: () => ClientTls | undefined
  readonly view: () => SiteView
  /** Some stations as they are now, without the rest. */
  readonly stations: (ids: readonly string[]) => readonly StationView[]
  /** Absent: nothing can be ordered. */
  readonly orders?: OrderDesk
}

export interface EventSource {
  onEvent(told: (name: string, event: object) => void): Stoppable
}

export interface MqttPublisher extends Stoppable {
  state(): 'connected' | 'away'
  status(): BrokerStatus
  /** The view has changed: publish the difference soon, at most once a second. */
  refresh(): void
  /** The wait for the next attempt is cut short. `trying` also where one is under way. */
  tryNow(): 'trying' | 'open'
  /** Something has happened that somebody waits for: those stations at once, and the whole soon where it is of the site. */
  hurry(news: { readonly stationIds: readonly string[]; readonly isOfSite: boolean }): void
}

/** As the last will says it. */
const OFFLINE = { qos: 1, retain: true } as const

/** Connects at once and again and again until `stop`, after which the broker shows "offline". */
export function startMqtt(options: MqttOptions): MqttPublisher {
  return new Publisher(options)
}

type Closing = Required<Pick<BrokerStatus, 'reason' | 'detail'>>

class Publisher implements MqttPublisher {
  readonly #options: MqttOptions
  readonly #retained: Retained
  readonly #events: EventQueue
  readonly #statusTopic: string
  readonly #homeAssistant: HomeAssistant
  #schemas: ReadonlyMap<string, string> | undefined
  readonly #commands: Commands | undefined
  #phase: 'away' | 'open' = 'away'
  #link: BrokerLink | undefined
  #isSwept = false
  #openedMs = 0
  readonly #backoff: Backoff
  #lookedMs = Number.NEGATIVE_INFINITY
  #lookCostMs = 0
  #look: { readonly timer: Timer; readonly dueMs: number } | undefined
  readonly #gathered = new Set<string>()
  #gathering: Timer | undefined
  /** The next attempt to connect, or the end of the sweep. */
  #next: Timer | undefined
  /** Connected or away since, whatever was tried meanwhile. */
  #sinceWallMs: number
  #fault: Closing | undefined
  #nextTryWallMs: number | undefined
  #stopped: Promise<void> | undefined
  #whenClosed: (() => void) | undefined
  readonly #listening: readonly Stoppable[]

  constructor(options: MqttOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.ports.random)
    this.#retained = new Retained(
      () => options.ports.clock.monoMs(),
      topic => deliveryOf(options.config, topic),
    )
    this.#events = new EventQueue(eventDelivery(options.config))
    this.#homeAssistant = new HomeAssistant(options.config)
    this.#statusTopic = statusTopic(options.config.prefix)
    const { ports, config, orders } = options
    this.#commands = orders && new Commands({ ports, config, desk: orders })
    this.#sinceWallMs = options.ports.clock.wallMs()
    const { prefix } = config
    this.#listening = (options.events ?? []).map(source =>
      source.onEvent((name, event) => this.#events.add(`${prefix}/event/${name}`, event)),
    )
    this.#connect()
  }

  state(): 'connected' | 'away' {
    return this.#phase === 'open' ? 'connected' : 'away'
  }

  status(): BrokerStatus {
    const state = this.state()
    if (state === 'connected') return { state, sinceWallMs: this.#sinceWallMs }
    return {
      state,
      ...this.#fault,
      sinceWallMs: this.#sinceWallMs,
      ...(this.#nextTryWallMs !== undefined && { nextTryWallMs: this.#nextTryWallMs }),
    }
  }

  tryNow(): 'trying' | 'open' {
    if (this.#nextTryWallMs !== undefined && !this.#stopped) {
      this.#next?.cancel()
      this.#connect()
    }
    return this.#phase === 'open' ? 'open' : 'trying'
  }

  refresh(): void {
    if (this.#phase === 'open' && !this.#stopped) this.#lookAt(this.#lookedMs + MIN_INTERVAL_MS)
  }

  hurry({ stationIds, isOfSite }: Parameters<MqttPublisher['hurry']>[0]): void {
    if (this.#phase !== 'open' || this.#stopped) return
    const gapMs = Math.max(PROMPT_MS, this.#lookCostMs / MOST_LOOKING_SHARE)
    if (isOfSite) this.#lookAt(this.#lookedMs + gapMs)
    for (const id of stationIds) this.#gathered.add(id)
    if (this.#gathered.size > 0)
      this.#gathering ??= this.#options.ports.clock.after(GATHER_MS, () => this.#tellGathered())
  }

  #tellGathered(): void {
    this.#gathering = undefined
    const ids = [...this.#gathered]
    this.#gathered.clear()
    if (this.#phase !== 'open') return
    const { config, stations } = this.#options
    if (this.#retained.hasten(stationTopics(config.prefix, stations(ids))))
      this.#lookAt(this.#lookedMs + MIN_INTERVAL_MS)
  }

  stop(): Promise<void> {
    this.#stopped ??= new Promise(resolve => {
      this.#look?.timer.cancel()
      this.#gathering?.cancel()
      for (const source of this.#listening) void source.stop()
      const grace = this.#options.ports.clock.after(STOP_GRACE_MS, () => {
        this.#link?.end()
        resolve()
      })
      this.#whenClosed = () => {
        grace.cancel()
        resolve()
      }
      this.#next?.cancel()
      if (!this.#link) this.#whenClosed()
      else if (this.#phase === 'open') this.#sayOffline(this.#link)
      else this.#link.end()
    })
    return this.#stopped
  }

  #sayOffline(link: BrokerLink): void {
    // Or what still waits, "online" as the last of it, would go out behind it.
    this.#retained.lose()
    this.#events.lose()
    link.publish(this.#statusTopic, 'offline', OFFLINE, () => link.end())
  }

  #connect(): void {
    this.#nextTryWallMs = undefined
    const link: BrokerLink = this.#options.ports.broker.connect(this.#brokerOptions(), {
      open: () => this.#opened(link),
      message: (topic, payload, isRetained, answerTo) => {
        if (this.#commands?.isOrder(topic) === true)
          this.#order(link, { topic, payload, retained: isRetained, answerTo })
        else if (isRetained && payload !== '' && !this.#isSwept) this.#retained.found(topic, payload)
      },
      closed: (reason, detail) => this.#closed({ reason, detail }),
    })
    this.#link = link
  }

  #order(link: BrokerLink, command: Command): void {
    const answer = (to: BrokerAnswerTo, text: string): void => link.answer(to, text)
    this.#commands?.take(command, answer).catch((fault: unknown) => {
      this.#options.ports.log.write('error', 'mqtt order failed', {
        topic: command.topic,
        fault: String(fault),
      })
    })
  }

  #brokerOptions(): BrokerOptions {
    const { config, siteId, password } = this.#options
    const tls = this.#options.tls?.()
    return {
      url: config.url,
      clientId: `busbar-${siteId}`,
      protocolVersion: config.protocolVersion,
      ...(config.username === undefined ? {} : { username: config.username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
      will: { topic: this.#statusTopic, payload: 'offline', retain: true },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    }
  }

  #opened(link: BrokerLink): void {
    if (this.#stopped) {
      this.#sayOffline(link)
      return
    }
    const { clock, log } = this.#options.ports
    if (this.#phase === 'away') {
      this.#sinceWallMs = clock.wallMs()
      log.write('info', 'mqtt-connected', { url: this.#options.config.url })
    }
    this.#fault = undefined
    this.#phase = 'open'
    this.#openedMs = clock.monoMs()
    this.#retained.use(link)
    this.#events.use(link)
    const orders = this.#commands?.filter()
    if (orders !== undefined) link.subscribe(orders)
    if (!this.#isSwept) this.#sweep(link)
    this.#lookNow()
  }

  /**
   * Finds what an earlier configuration left at the broker, then ends the echo of our own topics. The connection stays: an order
   * that is published while there is none is lost.
   */
  #sweep(link: BrokerLink): void {
    const { config, siteId } = this.#options
    const folders = TOPIC_FOLDERS.map(folder => `${config.prefix}/${folder}/#`)
    const filters = [...folders, discoveryFilter(config, siteId)]
    for (const filter of filters) link.subscribe(filter)
    this.#next = this.#options.ports.clock.after(SWEEP_MS, () => {
      this.#isSwept = true
      for (const filter of filters) link.unsubscribe(filter)
    })
  }

  #closed(fault: Closing): void {
    this.#next?.cancel()
    this.#look?.timer.cancel()
    this.#look = undefined
    this.#gathering?.cancel()
    this.#gathering = undefined
    this.#gathered.clear()
    this.#link = undefined
    this.#retained.lose()
    this.#events.lose()
    if (this.#stopped) {
      this.#phase = 'away'
      this.#whenClosed?.()
    } else this.#retry(fault)
  }

  #retry(fault: Closing): void {
    const { clock, log } = this.#options.ports
    const openForMs = this.#phase === 'open' ? clock.monoMs() - this.#openedMs : undefined
    if (this.#phase !== 'away') this.#sinceWallMs = clock.wallMs()
    this.#phase = 'away'
    this.#fault = fault
    const retryInMs = this.#backoff.nextMs(openForMs)
    this.#nextTryWallMs = clock.wallMs() + retryInMs
    log.write('warn', 'mqtt-away', { ...fault, retryInMs })
    this.#next = clock.after(retryInMs, () => this.#connect())
  }

  #lookAt(dueMs: number): void {
    if (this.#look && this.#look.dueMs <= dueMs) return
    this.#look?.timer.cancel()
    const { clock } = this.#options.ports
    const timer = clock.after(Math.max(0, dueMs - clock.monoMs()), () => this.#lookNow())
    this.#look = { timer, dueMs }
  }

  #lookNow(): void {
    const { ports, config, view } = this.#options
    this.#lookedMs = ports.clock.monoMs()
    this.#look?.timer.cancel()
    this.#look = undefined
    this.#schemas ??= this.#schemaTopics()
    const now = view()
    const described = [...this.#schemas, ...this.#homeAssistant.topics(now)]
    const wanted = new Map([...described, ...topicsOf(config.prefix, now)])
    // Last, so that whoever sees it finds the rest up to date.
    wanted.set(this.#statusTopic, 'online')
    const isLeftOver = this.#retained.want(wanted)
    this.#lookCostMs = ports.clock.monoMs() - this.#lookedMs
    this.#lookAt(this.#lookedMs + (isLeftOver ? MIN_INTERVAL_MS : IDLE_INTERVAL_MS))
  }

  #schemaTopics(): ReadonlyMap<string, string> {
    const { config, schemas } = this.#options
    const named = schemas === undefined ? [] : [...schemas()]
    return new Map(named.map(([name, text]) => [`${config.prefix}/schema/${name}`, text]))
  }
}
