/**
 * Keeps `state.json`: loaded before anything is decided, saved at each change, tried again each minute while the disk
 * refuses. What cannot be read is started without, and said: never more current, never silent.
 */
import { parseDocument } from '../core/config/faults.js'
import { EMPTY_STATE, type KeptState, keptStateSchema } from '../core/config/kept-state.js'
import type { AlarmView } from '../core/view/document.js'
import type { Clock, Files, Log } from '../ports.js'

const NAME = 'state'
/** After this an alarm that somebody acknowledged before the restart is taken as over. */
const FORGET_AFTER_MS = 10 * 60_000

/** As many as the document may hold. */
const MAX_CLEARED = 2_000

type ClearedProfile = KeptState['clearedProfiles'][number]
type KeptOrder = KeptState['orders'][number]
type Acknowledged = KeptState['acknowledged'][number]
interface About {
  readonly code: string
  readonly about?: string | undefined
}

interface KeeperPorts {
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
}

export class StateKeeper {
  readonly #ports: KeeperPorts
  readonly #startMs: number
  #state: KeptState
  #saveFault: string | undefined

  private constructor(
    ports: KeeperPorts,
    state: KeptState,
    /** Why what was kept could not be read. */
    readonly lost: string | undefined,
  ) {
    this.#ports = ports
    this.#state = state
    this.#startMs = ports.clock.monoMs()
  }

  static async open(ports: KeeperPorts): Promise<StateKeeper> {
    const { state, lost } = await load(ports.files)
    if (lost !== undefined) ports.log.write('error', 'kept state not readable', { reason: lost })
    return new StateKeeper(ports, state, lost)
  }

  /** Why the last change is not on the disk; undefined when it is. */
  saveFault(): string | undefined {
    return this.#saveFault
  }

  isolated(): KeptState['isolated'] {
    return this.#state.isolated
  }

  /** `retired`: it is not configured, so this says nothing of one that is configured under its name later. */
  isolate(stationId: string, isolated: boolean, by: string, retired = false): void {
    const others = this.#state.isolated.filter(entry => entry.stationId !== stationId)
    const entry = { stationId, at: this.#now(), by, ...(retired && { retired }) }
    void this.#change({ isolated: isolated ? [...others, entry] : others })
  }

  /** Somebody else's profiles that were on a station are gone; the same place is remembered once, with the latest time. */
  cleared(stationId: string, filter: Omit<ClearedProfile, 'stationId' | 'at'>): void {
    const isOther = (entry: ClearedProfile): boolean =>
      entry.stationId !== stationId ||
      entry.connectorId !== filter.connectorId ||
      entry.purpose !== filter.purpose ||
      entry.stackLevel !== filter.stackLevel
    const others = this.#state.clearedProfiles.filter(isOther).slice(1 - MAX_CLEARED)
    void this.#change({ clearedProfiles: [...others, { stationId, ...filter, at: this.#now() }] })
  }

  clearedOn(stationId: string): readonly ClearedProfile[] {
    return this.#state.clearedProfiles.filter(entry => entry.stationId === stationId)
  }

  /** It has its supply again. */
  connected(stationId: string): void {
    if (this.isolated().some(entry => entry.stationId === stationId)) this.isolate(stationId, false, '')
  }

  orders(): readonly KeptOrder[] {
    return this.#state.orders
  }

  /** All there are, with the time each has left. True when they are on the disk. */
  async keepOrders(orders: readonly KeptOrder[]): Promise<boolean> {
    if (orders.length === 0 && this.#state.orders.length === 0) return true
    await this.#change({ orders: [...orders] })
    return this.#saveFault === undefined
  }

  /** The best OCPP security profile this station has proven itself with. */
  shownProfile(stationId: string): number | undefined {
    return Object.hasOwn(this.#state.leastSecurityProfiles, stationId)
      ? this.#state.leastSecurityProfiles[stationId]
      : undefined
  }

  /** From now on it is not let in with less; undefined = forgotten, by a person's word. */
  setShownProfile(stationId: string, profile: number | undefined): void {
    const others = Object.entries(this.#state.leastSecurityProfiles).filter(([id]) => id !== stationId)
    const entry: readonly (readonly [string, number])[] = profile === undefined ? [] : [[stationId, profile]]
    void this.#change({ leastSecurityProfiles: Object.fromEntries([...others, ...entry]) })
  }

  acknowledged(): readonly Acknowledged[] {
    return this.#state.acknowledged
  }

  acknowledge({ code, about }: About, acknowledged: boolean, by: string): void {
    const others = this.#state.acknowledged.filter(entry => !isSame(entry, { code, about }))
    const entry = { code, ...(about !== undefined && { about }), at: this.#now(), by }
    void this.#change({ acknowledged: acknowledged ? [...others, entry] : others })
  }

  /** Should it come again, it is a new one. */
  over(alarm: About): void {
    if (this.#state.acknowledged.some(entry => isSame(entry, alarm))) this.acknowledge(alarm, false, '')
  }

  /** Each minute: what was not saved, and what was acknowledged before the restart and has not come again. */
  tick(alarms: readonly AlarmView[]): void {
    if (this.#saveFault !== undefined) void this.#save()
    if (this.#ports.clock.monoMs() - this.#startMs < FORGET_AFTER_MS) return
    for (const entry of this.#state.acknowledged) {
      if (!alarms.some(alarm => isSame(entry, alarm))) this.over(entry)
    }
  }

  #now(): string {
    return new Date(this.#ports.clock.wallMs()).toISOString()
  }

  #change(part: Partial<KeptState>): Promise<void> {
    this.#state = { ...this.#state, ...part }
    return this.#save()
  }

  #save(): Promise<void> {
    return this.#ports.files.save(NAME, this.#state).then(
      () => {
        this.#saveFault = undefined
      },
      (error: unknown) => {
        this.#saveFault = reasonOf(error)
        this.#ports.log.write('error', 'kept state not written', { reason: this.#saveFault })
      },
    )
  }
}

async function load(files: Files): Promise<{ state: KeptState; lost: string | undefined }> {
  try {
    const document = await files.load(NAME)
    if (document === undefined) return { state: EMPTY_STATE, lost: undefined }
    const parsed = parseDocument(keptStateSchema, document)
    if (parsed.ok) {
      const { page: _, ...state } = parsed.value
      return { state, lost: undefined }
    }
    const [fault] = parsed.faults
    return { state: EMPTY_STATE, lost: `${fault?.path}: found ${fault?.found}, expected ${fault?.expected}` }
  } catch (error) {
    return { state: EMPTY_STATE, lost: reasonOf(error) }
  }
}

function isSame(a: About, b: About): boolean {
  return a.code === b.code && a.about === b.about
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
