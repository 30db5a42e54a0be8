/**
 * A site is put into service by people who leave and come back: what they entered and what was found lies in setup.json,
 * whole and durable, and outlives restarts, also one that is part of the drill. Nothing of it is read by control.
 */
import type { SiteView } from '../core/view/document.js'
import { cameBack, type Drill, newDrill, watchDrill } from '../core/view/drill.js'
import { csmsUrl } from '../ocpp/csms/csms-link.js'
import { linkFault } from '../ocpp/csms/link-fault.js'
import { MAX_FRAME_BYTES, SUB_PROTOCOL } from '../ocpp/wire/socket-rules.js'
import type { Clock, Files, Log, Network, Stoppable } from '../ports.js'
import type {
  CsmsTested,
  CsmsWish,
  SetupDesk as Desk,
  RestartOutcome,
  SetupView,
  SetupWish,
  StationWiringView,
} from '../web/setup-desk.js'
import { type SetupRecord, setupRecordSchema } from '../web/setup-schemas.js'
import type { ConfigurationDesk } from './configuration-desk.js'
import type { SecretStore } from './secret-store.js'
import type { Found } from './station-wiring-tests.js'

const NAME = 'setup'
const DIAL_TIMEOUT_MS = 10_000
const LOOK_EVERY_MS = 250
const MAX_DRILLS = 100

interface SetupPorts {
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
  readonly network: Pick<Network, 'dial'>
}

interface SetupParts {
  readonly ports: SetupPorts
  /** Secrets by name as they are now; another one holds after a restart. */
  namedSecrets(): Promise<Readonly<Record<string, string>>>
  readonly desk: Pick<ConfigurationDesk, 'restart' | 'notRunning'>
}

/** What runs now, as far as this needs it. */
export interface RunningSite {
  view(): SiteView
  readonly tests: {
    run(stationId: string, running: boolean, by: string): Found | undefined
    view(stationId: string): Found | undefined
  }
}

const EMPTY: SetupRecord = {
  version: 1,
  revision: 0,
  state: 'left',
  step: '',
  entered: {},
  drills: [],
  wiring: [],
}

export class SetupDesk implements Desk {
  readonly #parts: SetupParts
  #record: SetupRecord | undefined
  #site: RunningSite | undefined
  #secrets: Readonly<Record<string, string>> = {}
  #isDialling = false
  #tail: Promise<unknown> = Promise.resolve()

  private constructor(parts: SetupParts, record: SetupRecord | undefined) {
    this.#parts = parts
    this.#record = record
  }

  /** A record that cannot be read is told and begun anew: nothing depends on it. */
  static async open(
    ports: SetupPorts,
    store: Pick<SecretStore, 'document'>,
    desk: SetupParts['desk'],
  ): Promise<SetupDesk> {
    const { files, log } = ports
    const namedSecrets = async () => (await store.document()).named
    const parts = { ports, desk, namedSecrets }
    try {
      const found = await files.load(NAME)
      if (found === undefined) return new SetupDesk(parts, undefined)
      const read = setupRecordSchema.safeParse(found)
      if (read.success) return new SetupDesk(parts, read.data)
      log.write('error', 'setup record not readable', { at: read.error.issues[0]?.path.join('.') })
    } catch (error) {
      log.write('error', 'setup record not readable', { reason: String(error) })
    }
    return new SetupDesk(parts, undefined)
  }

  /** Control begins to run; until the answer is stopped. */
  watch(site: RunningSite): Stoppable {
    const { clock, log } = this.#parts.ports
    this.#site = site
    this.#parts.namedSecrets().then(
      named => {
        this.#secrets = named
      },
      (error: unknown) => log.write('error', 'secrets not read', { reason: String(error) }),
    )
    // A plug that was pulled on the Busbar before cannot be watched any more; its restart is looked at by this one.
    const drill = this.#record?.drill
    if (drill?.kind === 'restart') this.#record = { ...(this.#record ?? EMPTY), drill: cameBack(drill) }
    else if (drill !== undefined) void this.endDrill()
    const timer = clock.every(LOOK_EVERY_MS, () => this.#look())
    return {
      stop: async () => {
        timer.cancel()
        this.#site = undefined
        await this.#tail
      },
    }
  }

  view(): SetupView {
    const { version: _, ...record } = this.#record ?? EMPTY
    return { ...record, state: this.#record === undefined ? 'none' : record.state }
  }

  put({ revision, state, step, entered }: SetupWish): Promise<'kept' | 'changed-meanwhile' | 'not-written'> {
    return this.#inTurn(async () => {
      if (revision !== (this.#record?.revision ?? 0)) return 'changed-meanwhile'
      return (await this.#keep({ state, step, entered, revision: revision + 1 })) ? 'kept' : 'not-written'
    })
  }

  testCsms({ url, stationId, password }: CsmsWish): Promise<CsmsTested | 'connected' | 'busy'> {
    const { clock, network } = this.#parts.ports
    const isConnected = this.#site?.view().stations.some(({ id, connected }) => id === stationId && connected)
    if (isConnected === true) return Promise.resolve('connected')
    if (this.#isDialling) return Promise.resolve('busy')
    this.#isDialling = true
    const fromMs = clock.monoMs()
    return new Promise(done => {
      const tell = (told: Omit<CsmsTested, 'tookMs'>): void => {
        this.#isDialling = false
        done({ ...told, tookMs: Math.max(0, Math.round(clock.monoMs() - fromMs)) })
      }
      network.dial(
        {
          url: csmsUrl(url, stationId),
          protocols: [SUB_PROTOCOL],
          headers: password === undefined ? {} : { authorization: basic(stationId, password) },
          timeoutMs: DIAL_TIMEOUT_MS,
          maxFrameBytes: MAX_FRAME_BYTES,
        },
        DEAF,
        outcome => {
          if (outcome.kind === 'open') outcome.socket.close(1000, '')
          const isOpen = outcome.kind === 'open' && outcome.protocol === SUB_PROTOCOL
          tell(isOpen ? { open: true } : { open: false, ...linkFault(outcome).shown })
        },
      )
    })
  }

  async startDrill(order: Pick<Drill, 'kind' | 'about'>, by: string) {
    const { clock } = this.#parts.ports
    const site = this.#site?.view()
    if (site === undefined) return 'not-running'
    if (this.#record?.drill !== undefined) return 'busy'
    if (order.kind === 'uplink' && site.csms.state !== 'connected') return 'no-csms'
    const meter = site.meters.find(({ id }) => id === order.about)
    if (order.kind === 'meter' && meter === undefined) return 'no-such-meter'
    // It would be taken for pulled before anybody has pulled it.
    if (order.kind === 'meter' && meter?.quality !== 'fresh') return 'meter-not-fresh'
    const drill = newDrill({ ...order, by }, site, clock.wallMs())
    if (!(await this.#inTurn(() => this.#keep({ drill })))) return 'not-written'
    if (order.kind !== 'restart') return 'started'
    const { kind } = await this.#parts.desk.restart(by)
    if (kind !== 'faulty') return 'started'
    await this.endDrill()
    return 'not-running'
  }

  endDrill(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#record?.drill !== undefined) await this.#keep({ drill: undefined })
    })
  }

  async testStation(stationId: string, running: boolean, by: string): Promise<StationWiringView | undefined> {
    const found = this.#shown(this.#site?.tests.run(stationId, running, by))
    if (found === undefined || running || found.finding !== 'judged') return found
    const at = new Date(this.#parts.ports.clock.wallMs()).toISOString()
    const ended = { ...found, running: false }
    await this.#inTurn(async () => {
      const others = (this.#record ?? EMPTY).wiring.filter(kept => kept.stationId !== stationId)
      return this.#keep({ wiring: [...others, { ...ended, at, by }] })
    })
    return ended
  }

  stationWiring(stationId: string): StationWiringView | undefined {
    return this.#shown(this.#site?.tests.view(stationId))
  }

  async needsRestart(): Promise<readonly string[]> {
    if (this.#site === undefined) return []
    const now = await this.#parts.namedSecrets()
    const names = new Set([...Object.keys(now), ...Object.keys(this.#secrets)])
    const secrets = [...names].filter(name => now[name] !== this.#secrets[name])
    return [...(await this.#parts.desk.notRunning()), ...secrets.map(name => `secrets.named.${name}`)]
  }

  restart(by: string): Promise<RestartOutcome> {
    return this.#parts.desk.restart(by)
  }

  #shown(found: Found | undefined): StationWiringView | undefined {
    if (found === undefined) return undefined
    const meterProven = (this.#record ?? EMPTY).wiring.some(
      ({ stationId, meterId, finding, faults }) =>
        stationId !== found.stationId &&
        meterId === found.meterId &&
        finding === 'judged' &&
        faults.length === 0,
    )
    return { ...found, meterProven }
  }

  #look(): void {
    const record = this.#record
    if (record?.drill === undefined || this.#site === undefined) return
    const { drill, result } = watchDrill(record.drill, this.#site.view(), this.#parts.ports.clock.wallMs())
    if (result === undefined) {
      this.#record = { ...record, drill }
      return
    }
    const drills = [...record.drills, result].slice(-MAX_DRILLS)
    // In memory at once, so that it is looked at no more; a disk that refuses is told.
    this.#record = { ...record, drill: undefined, drills }
    void this.#inTurn(() => this.#keep({}))
  }

  async #keep(change: Partial<SetupRecord>): Promise<boolean> {
    const { files, log } = this.#parts.ports
    const next = { ...(this.#record ?? EMPTY), ...change }
    try {
      await files.save(NAME, next)
    } catch (error) {
      log.write('error', 'setup record not written', { reason: String(error) })
      return false
    }
    // What a drill came to while it was written stays.
    this.#record = { ...(this.#record ?? EMPTY), ...change }
    return true
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(task)
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = done.catch(() => undefined)
    return done
  }
}

const basic = (id: string, password: string): string =>
  `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${id}:${password}`)))}`

/** Hangs up before anybody says anything. */
const DEAF = {
  text: () => undefined,
  binary: () => undefined,
  ping: () => undefined,
  pong: () => undefined,
  closed: () => undefined,
}
