/**
 * Who may charge at one station by what Busbar knows: the site's tags, the station's local list as the CSMS sent it, and
 * its reservations. Keeps list and reservations, in memory and on disk at once. Proxy rules 9-11; OCPP 1.6 §3.5, §3.13.
 */
import type { OfflineConfig } from '../../core/config/site.js'
import { integerAt, listAt, numberAt, textAt, timeAt } from '../../core/fields.js'
import {
  authorizeAlone,
  authorizeOffline,
  type IdTagEntry,
  idTagEntryOf,
  idTagKey,
  isKeepableTag,
  type KnownTag,
  type OfflinePolicy,
  type Verdict,
} from '../../core/offline/authorization.js'
import type { LocalList, Reservation, StoreChange } from '../../core/offline/records.js'
import type { CachedTag, SiteTags } from '../../core/offline/site-tags.js'

/** Above any LocalAuthListMaxLength seen; what lies beyond is not mirrored. */
const MAX_LISTED_TAGS = 10_000
/** One per connector, and the station as a whole. */
const MAX_RESERVATIONS = 65

export interface TagMemoryOptions {
  readonly stationId: string
  readonly list: LocalList
  readonly reservations: readonly Reservation[]
  readonly tags: SiteTags
  /** When the station was last told to clear its cache; undefined = never. */
  clearedWallMs(): number | undefined
  readonly hasCsms: boolean
  /** A session of this tag has had what an unknown one may take. */
  isSpent(idTag: string): boolean
  /** Whether tags nobody knows may charge where there is no CSMS; undefined = the operator has not said. */
  unknownAllowed(): OfflineConfig['AllowOfflineTxForUnknownId']
  policy(): OfflinePolicy
  write(changes: readonly StoreChange[]): void
}

export class TagMemory {
  readonly #options: TagMemoryOptions
  #list: LocalList
  #isListEmpty: boolean
  #reservations: readonly Reservation[]

  constructor(options: TagMemoryOptions) {
    this.#options = options
    this.#list = options.list
    this.#isListEmpty = isEmpty(options.list)
    this.#reservations = options.reservations
  }

  get listVersion(): number {
    return this.#list.version
  }

  /** What Busbar says about a tag by itself; with a connector, also whether that is kept for somebody else. */
  verdict(idTag: string, nowWallMs: number, connectorId?: number): Verdict {
    const ofTag = this.#ofTag(idTag, nowWallMs)
    const verdict: Verdict =
      isOfNobody(ofTag) && this.#options.isSpent(idTag) ? { status: 'Blocked', by: 'cap-spent' } : ofTag
    if (verdict.status !== 'Accepted' || connectorId === undefined) return verdict
    const reserved = this.reservedFor(connectorId, nowWallMs)
    if (reserved === undefined || isFor(reserved, idTag, verdict)) return verdict
    return { status: 'Invalid', by: 'reserved' }
  }

  /** A list or an answer of the CSMS lets the tag in: it is no policy for a CSMS that is away that does. */
  isVouchedFor(idTag: string, nowWallMs: number, connectorId: number): boolean {
    const policy = { ...this.#options.policy(), alwaysAllow: false, allowUnknown: false }
    const ofTag = authorizeOffline(policy, idTag, this.#known(idTagKey(idTag)), nowWallMs)
    return ofTag.status === 'Accepted' && this.verdict(idTag, nowWallMs, connectorId).status === 'Accepted'
  }

  #known(key: string): KnownTag {
    return { operator: this.#options.tags.listed(key), listed: this.#listed(key), cached: this.#cached(key) }
  }

  #ofTag(idTag: string, nowWallMs: number): Verdict {
    const { hasCsms, policy, tags, unknownAllowed } = this.#options
    const known = this.#known(idTagKey(idTag))
    if (hasCsms) return authorizeOffline(policy(), idTag, known, nowWallMs)
    const isNone = !tags.hasList && this.#isListEmpty && this.#list.version === 0
    return authorizeAlone(policy(), unknownAllowed(), { ...known, isNone, idTag }, nowWallMs)
  }

  /** The cache is the site's; what a station was told to forget lets nobody in there until the CSMS says so anew. */
  #cached(key: string): CachedTag | undefined {
    const { clearedWallMs, tags } = this.#options
    const cached = tags.cached(key)
    const isForgotten =
      cached !== undefined && cached.seenWallMs <= (clearedWallMs() ?? Number.NEGATIVE_INFINITY)
    return isForgotten && cached.status === 'Accepted' ? undefined : cached
  }

  #listed(key: string): IdTagEntry | undefined {
    const { entries } = this.#list
    return Object.hasOwn(entries, key) ? entries[key] : undefined
  }

  /** What a conf of the CSMS said about a tag. ConcurrentTx says something about now, not about the tag. */
  noteIdTag(idTag: string | undefined, conf: unknown, nowWallMs: number): void {
    const entry = idTagEntryOf(conf)
    if (idTag === undefined || entry === undefined || entry.status === 'ConcurrentTx') return
    // list entries never enter the cache (OCPP 1.6 §3.5.2)
    if (this.#listed(idTagKey(idTag)) !== undefined) return
    const { clearedWallMs, tags } = this.#options
    this.#write(tags.note(idTag, entry, nowWallMs, clearedWallMs()))
  }

  // ---------------------------------------------------------------- the local list

  /** A SendLocalList.req the station accepted. An entry without idTagInfo deletes its tag (OCPP 1.6 §7.8). */
  noteLocalList(request: unknown): void {
    const isDifferential = textAt(request, 'updateType') === 'Differential'
    const entries = new Map(isDifferential ? Object.entries(this.#list.entries) : [])
    for (const item of listAt(request, 'localAuthorizationList')) {
      const idTag = textAt(item, 'idTag')
      if (idTag === undefined || !isKeepableTag(idTag)) continue
      const key = idTagKey(idTag)
      const entry = idTagEntryOf(item)
      if (entry === undefined) entries.delete(key)
      else if (entries.has(key) || entries.size < MAX_LISTED_TAGS) entries.set(key, entry)
    }
    this.#list = { version: numberAt(request, 'listVersion') ?? 0, entries: Object.fromEntries(entries) }
    this.#isListEmpty = entries.size === 0
    this.#write([{ kind: 'list', stationId: this.#options.stationId, list: this.#list }])
  }

  /** The same for a station that has no local list of its own: judged as a station would (OCPP 1.6 §5.15, errata 3.52). */
  sendLocalListHere(request: unknown): 'Accepted' | 'Failed' | 'VersionMismatch' {
    const version = integerAt(request, 'listVersion') ?? 0
    const items = listAt(request, 'localAuthorizationList')
    const keys = new Set(items.map(item => idTagKey(textAt(item, 'idTag') ?? '')))
    const isDifferential = textAt(request, 'updateType') === 'Differential'
    if (version < 1 || keys.size < items.length || items.length > MAX_LISTED_TAGS) return 'Failed'
    if (isDifferential && version <= this.#list.version) return 'VersionMismatch'
    this.noteLocalList(request)
    return 'Accepted'
  }

  // ---------------------------------------------------------------- reservations

  /** A ReserveNow.req the station accepted; the same id again replaces it (OCPP 1.6 §5.13). */
  noteReservation(request: unknown): void {
    const idTag = textAt(request, 'idTag')
    const expiryWallMs = timeAt(request, 'expiryDate')
    const reservationId = integerAt(request, 'reservationId')
    if (
      idTag === undefined ||
      !isKeepableTag(idTag) ||
      expiryWallMs === undefined ||
      reservationId === undefined
    )
      return
    const parentIdTag = textAt(request, 'parentIdTag')
    const reservation: Reservation = {
      reservationId,
      connectorId: integerAt(request, 'connectorId') ?? 0,
      idTag,
      expiryWallMs,
      ...(parentIdTag !== undefined && isKeepableTag(parentIdTag) && { parentIdTag }),
    }
    this.#keepReservations([...this.#without(reservationId), reservation].slice(-MAX_RESERVATIONS))
  }

  /** It is cancelled, or a transaction has used it. */
  reservationOver(reservationId: number | undefined): void {
    if (reservationId === undefined) return
    const left = this.#without(reservationId)
    if (left.length < this.#reservations.length) this.#keepReservations(left)
  }

  /** The reservation that holds for this very connector now. One for the station as a whole takes none of them. */
  reservedFor(connectorId: number, nowWallMs: number): Reservation | undefined {
    const valid = this.#reservations.filter(one => one.expiryWallMs > nowWallMs)
    return valid.find(one => one.connectorId === connectorId)
  }

  /** Somebody is to find a place here: this connector, or any of the station, is kept. */
  isReserved(connectorId: number, nowWallMs: number): boolean {
    return this.#reservations.some(
      one => one.expiryWallMs > nowWallMs && (one.connectorId === connectorId || one.connectorId === 0),
    )
  }

  #without(reservationId: number): readonly Reservation[] {
    return this.#reservations.filter(one => one.reservationId !== reservationId)
  }

  #keepReservations(reservations: readonly Reservation[]): void {
    this.#reservations = reservations
    this.#write([{ kind: 'reservations', stationId: this.#options.stationId, reservations }])
  }

  #write(changes: readonly StoreChange[]): void {
    if (changes.length > 0) this.#options.write(changes)
  }
}

/** Let in without anybody having said a word about the tag. */
export function isOfNobody({ status, by }: Verdict): boolean {
  return status === 'Accepted' && (by === 'unknown-allowed' || by === 'open-house')
}

function isFor(reserved: Reservation, idTag: string, { parentIdTag }: Verdict): boolean {
  if (idTagKey(reserved.idTag) === idTagKey(idTag)) return true
  return (
    reserved.parentIdTag !== undefined &&
    parentIdTag !== undefined &&
    idTagKey(reserved.parentIdTag) === idTagKey(parentIdTag)
  )
}

function isEmpty({ entries }: LocalList): boolean {
  for (const key in entries) if (Object.hasOwn(entries, key)) return false
  return true
}
