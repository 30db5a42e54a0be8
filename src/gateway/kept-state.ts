/**
 * Keeps `state.json`: loaded before anything is decided, saved at each change, tried again each minute while the disk
 * refuses. What cannot be read is started without, and said: never more current, never silent.
 */
import { parseDocument } from '../core/config/faults.js'
import { EMPTY_STATE, type KeptState, keptStateSchema } from '../core/config/kept-state.js'
import type { AlarmView } from '../core/view/document.js'
import type { Clock, Files, Log } from '../ports.js'
import { type FirstPlace, ShownProfiles } from './shown-profiles.js'

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
  readonly #shown: ShownProfiles

  private constructor(
    ports: KeeperPorts,
    { shown, state }: { readonly state: KeptState; readonly shown: ShownProfiles },
    /** Why what was kept could not be read. */
    readonly lost: string | undefined,
  ) {
    this.#ports = ports
    this.#state = { ...state, leastSecurityProfiles: shown.all() }
    this.#shown = shown
    this.#startMs = ports.clock.monoMs()
  }

  static async open(ports: KeeperPorts): Promise<StateKeeper> {
    const { first, state, lost } = await load(ports.files)
    if (lost !== undefined) ports.log.write('error', 'kept state not readable', { reason: lost })
    return new StateKeeper(ports, { state, shown: await ShownProfiles.open(ports, first) }, lost)
  }

  /** Why the last change is not on the disk; undefined when it is. */
  saveFault(): string | undefined {
    return this.#saveFault ?? this.#shown.saveFault
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

  importLimits(): KeptState['importLimits'] {
    return this.#state.importLimits
  }

  keepImportLimits(importLimits: KeptState['importLimits']): void {
    if (importLimits.length > 0 || this.#state.importLimits.length > 0) void this.#change({ importLimits })
  }

  /** The best OCPP security profile this station has proven itself with. */
  shownProfile(stationId: string): number | undefined {
    return this.#shown.of(stationId)
  }

  /** What stations had shown was lost, and those without a profile here are not to be let in with less than the best. */
  get areProfilesInDoubt(): boolean {
    return this.#shown.isInDoubt
  }

  /** From now on it is not let in with less; undefined = forgotten, by a person's word. */
  setShownProfile(stationId: string, profile: number | undefined): void {
    this.#shown.set(stationId, profile)
    void this.#change({ leastSecurityProfiles: this.#shown.all() })
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
    if (this.#shown.saveFault !== undefined) void this.#shown.save()
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

async function load(
  files: Files,
): Promise<{ first: FirstPlace; state: KeptState; lost: string | undefined }> {
  const damaged = (lost: string) => ({ first: { kind: 'damaged' } as const, state: EMPTY_STATE, lost })
  try {
    const document = await files.load(NAME)
    if (document === undefined) return { first: { kind: 'absent' }, state: EMPTY_STATE, lost: undefined }
    const parsed = parseDocument(keptStateSchema, document)
    if (parsed.ok) {
      const { page: _, ...state } = parsed.value
      return { first: { kind: 'whole', profiles: state.leastSecurityProfiles }, state, lost: undefined }
    }
    const [fault] = parsed.faults
    return damaged(`${fault?.path}: found ${fault?.found}, expected ${fault?.expected}`)
  } catch (error) {
    return damaged(reasonOf(error))
  }
}

function isSame(a: About, b: About): boolean {
  return a.code === b.code && a.about === b.about
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
