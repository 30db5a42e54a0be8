/**
 * What Busbar remembers of one station, in memory and on disk at once: boot, configuration, tags and statuses. Small news is written without waiting; what must be durable before an answer goes through the
 * transaction queue instead. Proxy rules 3, 8-10.
 */

import type { OfflineConfig } from '../../core/config/site.js'
import type { StationConfiguration } from '../../core/events.js'
import type { OfflinePolicy } from '../../core/offline/authorization.js'
import { offlinePolicyOf } from '../../core/offline/offline-keys.js'
import type {
  KeptCredential,
  StationMemory,
  StationStore,
  StoreChange,
  StoredStation,
} from '../../core/offline/records.js'
import type { SiteTags } from '../../core/offline/site-tags.js'
import {
  acknowledgeStatus,
  dueStatuses,
  noteStatus,
  oweStatus,
  type StatusNotice,
  type StatusRecord,
} from '../../core/station/status-memory.js'
import type { Log } from '../../ports.js'
import { TagMemory } from './tag-memory.js'

/** Connector ids a station may claim: more than any has. */
const MAX_STATUS_RECORDS = 65

export interface RememberedOptions {
  readonly stored: StoredStation
  readonly store: StationStore
  /** As it is configured now. */
  offline(): { readonly station: OfflineConfig; readonly site: OfflineConfig }
  readonly hasCsms: boolean
  /** See TransactionBook. */
  isSpent(idTag: string): boolean
  readonly tags: SiteTags
  readonly log: Log
}

export class RememberedStation {
  readonly #options: RememberedOptions
  readonly #statuses: Map<number, StatusRecord>
  /** Who may charge. */
  readonly tags: TagMemory
  #memory: StationMemory
  #configuration: StationConfiguration
  #policy: OfflinePolicy

  constructor(options: RememberedOptions) {
    this.#options = options
    this.#memory = options.stored.memory
    this.#configuration = options.stored.configuration
    this.#statuses = new Map(options.stored.statuses.map(record => [record.connectorId, record]))
    this.#policy = this.#derivePolicy()
    const { hasCsms, stored, tags } = options
    this.tags = new TagMemory({
      stationId: stored.memory.stationId,
      list: stored.list,
      reservations: stored.reservations,
      tags,
      hasCsms,
      isSpent: idTag => options.isSpent(idTag),
      unknownAllowed: () => {
        const { site, station } = options.offline()
        return station.AllowOfflineTxForUnknownId ?? site.AllowOfflineTxForUnknownId
      },
      policy: () => this.#policy,
      clearedWallMs: () => this.#memory.cacheClearedWallMs,
      write: changes => this.#write(changes),
    })
  }

  get memory(): StationMemory {
    return this.#memory
  }

  get policy(): OfflinePolicy {
    return this.#policy
  }

  /** The configuration is another. */
  reconfigured(): void {
    this.#policy = this.#derivePolicy()
  }

  update(news: Partial<Omit<StationMemory, 'stationId'>>): void {
    this.#memory = { ...this.#memory, ...news }
    this.#write([{ kind: 'memory', memory: this.#memory }])
  }

  /** Undefined: none is asked for any more. */
  keepCredential(credential: KeptCredential | undefined): void {
    const { credential: _, ...memory } = this.#memory
    this.#memory = credential === undefined ? memory : { ...memory, credential }
    this.#write([{ kind: 'memory', memory: this.#memory }])
  }

  get configuration(): StationConfiguration {
    return this.#configuration
  }

  setConfiguration(configuration: StationConfiguration): void {
    this.#configuration = configuration
    this.#policy = this.#derivePolicy()
    this.#write([{ kind: 'configuration', stationId: this.#memory.stationId, configuration }])
  }

  // ---------------------------------------------------------------- what the CSMS is still owed

  noteStatus(connectorId: number, notice: StatusNotice): void {
    if (!this.#statuses.has(connectorId) && this.#statuses.size >= MAX_STATUS_RECORDS) return
    this.#setStatus(noteStatus(this.#statuses.get(connectorId), connectorId, notice))
  }

  /** The CSMS was told this state last, and has answered. */
  isAcknowledged(connectorId: number, { signature }: StatusNotice): boolean {
    const record = this.#statuses.get(connectorId)
    return record?.acknowledged === signature && record.latest.signature === signature
  }

  /** The station was answered here. */
  oweStatus(connectorId: number, notice: StatusNotice): void {
    const record = this.#statuses.get(connectorId)
    if (record !== undefined) this.#setStatus(oweStatus(record, notice))
  }

  acknowledgeStatus(connectorId: number, notice: StatusNotice): void {
    const record = this.#statuses.get(connectorId)
    if (record !== undefined) this.#setStatus(acknowledgeStatus(record, notice))
  }

  /** Connector 0 first. */
  dueStatuses(): readonly { readonly connectorId: number; readonly notice: StatusNotice }[] {
    return this.statuses().flatMap(record =>
      dueStatuses(record).map(notice => ({ connectorId: record.connectorId, notice })),
    )
  }

  statuses(): readonly StatusRecord[] {
    return [...this.#statuses.values()].sort((a, b) => a.connectorId - b.connectorId)
  }

  keepLast(action: string, payloadText: string): void {
    this.update({ kept: { ...this.#memory.kept, [action]: payloadText } })
  }

  deliveredLast(action: string, payloadText: string): void {
    if (this.#memory.kept[action] !== payloadText) return
    const { [action]: _, ...kept } = this.#memory.kept
    this.update({ kept })
  }

  #setStatus(record: StatusRecord): void {
    this.#statuses.set(record.connectorId, record)
    this.#write([{ kind: 'status', stationId: this.#memory.stationId, record }])
  }

  #derivePolicy(): OfflinePolicy {
    const { site, station } = this.#options.offline()
    return offlinePolicyOf(station, site, this.#configuration)
  }

  #write(changes: readonly StoreChange[]): void {
    this.#options.store.commit(changes, false).catch((fault: unknown) => {
      const detail = fault instanceof Error ? fault.message : 'unknown'
      this.#options.log.write('error', 'journal-write-failed', { station: this.#memory.stationId, detail })
    })
  }
}
