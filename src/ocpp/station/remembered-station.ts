/**
 * What Busbar remembers of one station, in memory and on disk at once: boot, configuration, local list, cache and
 * statuses. Small news is written without waiting; what must be durable before an answer goes through the
 * transaction queue instead. Proxy rules 3, 8-10.
 */

import type { OfflineConfig } from '../../core/config/site.js'
import type { StationConfiguration } from '../../core/events.js'
import { listAt, numberAt, textAt } from '../../core/fields.js'
import {
  authorizeAlone,
  authorizeOffline,
  type IdTagEntry,
  idTagEntryOf,
  idTagKey,
  type OfflinePolicy,
  type Verdict,
} from '../../core/offline/authorization.js'
import { offlinePolicyOf } from '../../core/offline/offline-keys.js'
import type {
  LocalList,
  StationMemory,
  StationStore,
  StoreChange,
  StoredStation,
} from '../../core/offline/records.js'
import {
  acknowledgeStatus,
  dueStatuses,
  noteStatus,
  oweStatus,
  type StatusNotice,
  type StatusRecord,
} from '../../core/station/status-memory.js'
import type { Log } from '../../ports.js'

/** A depot's cards of a year; the oldest give way. */
const MAX_CACHED_TAGS = 2000
/** Above any LocalAuthListMaxLength seen; what lies beyond is not mirrored. */
const MAX_LISTED_TAGS = 10_000
/** Connector ids a station may claim: more than any has. */
const MAX_STATUS_RECORDS = 65

export interface RememberedOptions {
  readonly stored: StoredStation
  readonly store: StationStore
  readonly station: OfflineConfig
  readonly site: OfflineConfig
  readonly hasCsms: boolean
  readonly log: Log
}

export class RememberedStation {
  readonly #options: RememberedOptions
  readonly #statuses: Map<number, StatusRecord>
  readonly #cache: Map<string, IdTagEntry>
  #memory: StationMemory
  #list: LocalList
  #configuration: StationConfiguration
  #policy: OfflinePolicy

  constructor(options: RememberedOptions) {
    this.#options = options
    this.#memory = options.stored.memory
    this.#list = options.stored.list
    this.#configuration = options.stored.configuration
    this.#cache = new Map(options.stored.cache)
    this.#statuses = new Map(options.stored.statuses.map(record => [record.connectorId, record]))
    this.#policy = this.#derivePolicy()
  }

  get memory(): StationMemory {
    return this.#memory
  }

  get policy(): OfflinePolicy {
    return this.#policy
  }

  update(news: Partial<Omit<StationMemory, 'stationId'>>): void {
    this.#memory = { ...this.#memory, ...news }
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

  // ---------------------------------------------------------------- idTags

  /** What Busbar says about a tag by itself. */
  verdict(idTag: string, nowWallMs: number): Verdict {
    const key = idTagKey(idTag)
    const { entries } = this.#list
    const listed = Object.hasOwn(entries, key) ? entries[key] : undefined
    const { hasCsms, site, station } = this.#options
    if (hasCsms) return authorizeOffline(this.#policy, listed, this.#cache.get(key), nowWallMs)
    const unknownAllowed = station.AllowOfflineTxForUnknownId ?? site.AllowOfflineTxForUnknownId
    const isEmpty = Object.keys(entries).length === 0
    return authorizeAlone(this.#policy, unknownAllowed, { isEmpty, listed }, nowWallMs)
  }

  /** What a conf of the CSMS said about a tag. ConcurrentTx says something about now, not about the tag. */
  noteIdTag(idTag: string | undefined, conf: unknown): void {
    const entry = idTagEntryOf(conf)
    if (idTag === undefined || idTag === '' || entry === undefined || entry.status === 'ConcurrentTx') return
    const key = idTagKey(idTag)
    // list entries never enter the cache (OCPP 1.6 §3.5.2)
    if (Object.hasOwn(this.#list.entries, key)) return
    const changes: StoreChange[] = []
    const { stationId } = this.#memory
    const known = this.#cache.get(key)
    this.#cache.delete(key)
    this.#cache.set(key, entry)
    if (!isSame(known, entry)) changes.push({ kind: 'cached', stationId, idTag: key, entry })
    const oldest = this.#cache.size > MAX_CACHED_TAGS ? this.#cache.keys().next().value : undefined
    if (oldest !== undefined) {
      this.#cache.delete(oldest)
      changes.push({ kind: 'cached', stationId, idTag: oldest, entry: undefined })
    }
    if (changes.length > 0) this.#write(changes)
  }

  clearCache(): void {
    const { stationId } = this.#memory
    const gone = [...this.#cache.keys()]
    this.#cache.clear()
    this.#write(gone.map(idTag => ({ kind: 'cached', stationId, idTag, entry: undefined })))
  }

  /** A SendLocalList.req the station accepted. An entry without idTagInfo deletes its tag (OCPP 1.6 §7.8). */
  noteLocalList(request: unknown): void {
    const entries: Record<string, IdTagEntry> =
      textAt(request, 'updateType') === 'Differential' ? { ...this.#list.entries } : {}
    for (const item of listAt(request, 'localAuthorizationList')) {
      const idTag = textAt(item, 'idTag')
      if (idTag === undefined) continue
      const entry = idTagEntryOf(item)
      if (entry === undefined) delete entries[idTagKey(idTag)]
      else if (Object.keys(entries).length < MAX_LISTED_TAGS) entries[idTagKey(idTag)] = entry
    }
    this.#list = { version: numberAt(request, 'listVersion') ?? 0, entries }
    this.#write([{ kind: 'list', stationId: this.#memory.stationId, list: this.#list }])
  }

  // ---------------------------------------------------------------- what the CSMS is still owed

  noteStatus(connectorId: number, notice: StatusNotice): void {
    if (!this.#statuses.has(connectorId) && this.#statuses.size >= MAX_STATUS_RECORDS) return
    this.#setStatus(noteStatus(this.#statuses.get(connectorId), connectorId, notice))
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
    return offlinePolicyOf(this.#options.station, this.#options.site, this.#configuration)
  }

  #write(changes: readonly StoreChange[]): void {
    this.#options.store.commit(changes, false).catch((fault: unknown) => {
      const detail = fault instanceof Error ? fault.message : 'unknown'
      this.#options.log.write('error', 'journal-write-failed', { station: this.#memory.stationId, detail })
    })
  }
}

function isSame(a: IdTagEntry | undefined, b: IdTagEntry): boolean {
  return a?.status === b.status && a.expiryWallMs === b.expiryWallMs && a.parentIdTag === b.parentIdTag
}
