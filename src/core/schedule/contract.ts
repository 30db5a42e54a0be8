/**
 * The smart-charging contract with the CSMS, for all stations: Set, Clear and GetComposite are answered from here and
 * never sent on (control rule 8). Each function gives the answer and, where the contract changed, the new store to be
 * kept before the answer leaves. Knows no journal and no sockets.
 */
import { type Answer, callError, result } from '../answer.js'
import type { StationEvent } from '../events.js'
import type { PhaseSet } from '../site/phases.js'
import { type LimitStep, limitSteps } from './composite.js'
import { compositeSchedule } from './composite-answer.js'
import {
  parseChargingProfile,
  parseClearChargingProfile,
  parseGetCompositeSchedule,
  parseSetChargingProfile,
} from './profile-requests.js'
import {
  clearProfiles,
  EMPTY_STORE,
  type ProfileStore,
  purge,
  type StoreContext,
  setProfile,
} from './profile-store.js'
import { dropRemoteStart, offerRemoteStart, transactionStarted, transactionStopped } from './remote-start.js'

/** An answer, and the store to keep first when it changed. */
export interface ContractStep {
  readonly answer: Answer
  readonly store?: ProfileStore
}

export class SmartChargingContract {
  readonly #stores = new Map<string, ProfileStore>()

  constructor(stored: ReadonlyMap<string, ProfileStore>) {
    for (const [stationId, store] of stored) this.#stores.set(stationId, store)
  }

  /** Takes a store over, once it is durable. */
  keep(stationId: string, store: ProfileStore): void {
    this.#stores.set(stationId, store)
  }

  set(station: ContractStation, payload: unknown, site: ContractSite): ContractStep {
    const parsed = parseSetChargingProfile(payload)
    if (parsed.kind === 'fault') return { answer: callError(parsed.error, parsed.description) }
    const outcome = setProfile(this.#store(station.id), parsed.request, contextOf(station, site))
    if (outcome.kind === 'error') return { answer: callError(outcome.error, outcome.description) }
    const answer = result({ status: outcome.status })
    return outcome.status === 'Accepted' ? { answer, store: outcome.store } : { answer }
  }

  clear(station: ContractStation, payload: unknown): ContractStep {
    const parsed = parseClearChargingProfile(payload)
    if (parsed.kind === 'fault') return { answer: callError(parsed.error, parsed.description) }
    const outcome = clearProfiles(this.#store(station.id), parsed.request)
    const answer = result({ status: outcome.status })
    return outcome.status === 'Accepted' ? { answer, store: outcome.store } : { answer }
  }

  /** `localLimitA`: per connector 1, 2, … what is offered here; shown where it is the lower (control rule 19). */
  composite(
    station: ContractStation,
    payload: unknown,
    site: ContractSite & { readonly localLimitA?: readonly number[] },
  ): Answer {
    const parsed = parseGetCompositeSchedule(payload)
    if (parsed.kind === 'fault') return callError(parsed.error, parsed.description)
    const { localLimitA } = site
    const context = { ...contextOf(station, site), ...(localLimitA !== undefined && { localLimitA }) }
    return result(compositeSchedule(this.#store(station.id), parsed.request, context))
  }

  /** Undefined answer = the profile is good and waits in the new store. */
  offerRemoteStart(
    station: ContractStation,
    start: { readonly idTag: string; readonly connectorId: number | undefined; readonly profile: unknown },
    site: ContractSite,
  ): { readonly answer?: Answer; readonly store?: ProfileStore } {
    const parsed = parseChargingProfile(start.profile)
    if (parsed.kind === 'fault') return { answer: callError(parsed.error, parsed.description) }
    const outcome = offerRemoteStart(
      this.#store(station.id),
      { ...start, profile: parsed.request },
      contextOf(station, site),
    )
    return outcome.kind === 'refused' ? { answer: result({ status: 'Rejected' }) } : { store: outcome.store }
  }

  dropRemoteStart(stationId: string, idTag: string): ProfileStore {
    const store = this.#store(stationId)
    const waiting = store.pendingRemoteStarts.filter(pending => pending.idTag === idTag)
    return waiting.reduce(
      (left, pending) => dropRemoteStart(left, { idTag, connectorId: pending.connectorId }),
      store,
    )
  }

  /** A transaction began or ended: the new store when that changed the contract. */
  onStation(event: StationEvent, nowWallMs: number): ProfileStore | undefined {
    const store = this.#store(event.stationId)
    if (event.kind === 'transaction-stopped')
      return changed(store, purge(transactionStopped(store, event), nowWallMs))
    if (event.kind !== 'transaction-started') return undefined
    const { connectorId, transactionId, idTag } = event
    return changed(store, transactionStarted(store, { connectorId, transactionId, idTag, wallMs: nowWallMs }))
  }

  /** What the CSMS allows a connector over a window, A per phase; nothing installed = one step without a limit. */
  steps(
    station: ContractStation,
    connectorId: number,
    window: { readonly fromMs: number; readonly toMs: number },
    nominalVoltageV: number,
  ): readonly LimitStep[] {
    const store = this.#stores.get(station.id)
    if (store === undefined || store.profiles.length === 0)
      return [{ atMs: window.fromMs, limitA: undefined }]
    const context = contextOf(station, { nowWallMs: window.fromMs, nominalVoltageV })
    const phases = station.connectors.find(({ id }) => id === connectorId)?.phases
    const carPhases = phases?.filter(Boolean).length ?? 3
    return limitSteps(store, connectorId, window, { ...context, carPhases })
  }

  #store(stationId: string): ProfileStore {
    return this.#stores.get(stationId) ?? EMPTY_STORE
  }
}

/** What the contract must know of the station it answers for. */
export interface ContractStation {
  readonly id: string
  readonly model: {
    readonly smartCharging: StoreContext['limits']
    readonly dc?: { readonly efficiency: number } | undefined
  }
  readonly connectors: readonly {
    readonly id: number
    readonly config: { readonly maxCurrentA: number }
    /** Site phases the car may use. */
    readonly phases: PhaseSet
    readonly transaction: { readonly id: number; readonly startedWallMs: number } | undefined
  }[]
}

export interface ContractSite {
  readonly nowWallMs: number
  readonly nominalVoltageV: number
}

function changed(before: ProfileStore, after: ProfileStore): ProfileStore | undefined {
  const same =
    before.profiles.length === after.profiles.length &&
    before.pendingRemoteStarts.length === after.pendingRemoteStarts.length
  return same ? undefined : after
}

function contextOf(station: ContractStation, site: ContractSite): StoreContext {
  const { smartCharging } = station.model
  return {
    nowWallMs: site.nowWallMs,
    connectorCount: Math.max(0, ...station.connectors.map(connector => connector.id)),
    transactions: station.connectors.flatMap(({ id, transaction }) =>
      transaction === undefined
        ? []
        : [{ connectorId: id, transactionId: transaction.id, startedWallMs: transaction.startedWallMs }],
    ),
    limits: {
      rateUnits: smartCharging.rateUnits,
      maxStackLevel: smartCharging.maxStackLevel,
      maxPeriods: smartCharging.maxPeriods,
      maxProfiles: smartCharging.maxProfiles,
    },
    // of direct current the grid gives more than is written
    nominalVoltageV: site.nominalVoltageV * (station.model.dc?.efficiency ?? 1),
    maxCurrentA: station.connectors.map(connector => connector.config.maxCurrentA),
  }
}
