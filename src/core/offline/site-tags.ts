/**
 * The tags of the whole site: what the CSMS said of each card at whichever station it was shown, and the operator's own
 * list, which a site without a CSMS is judged by. Bounded; the cache gives way by what it knows least of. Holds no IO:
 * what it changes, it returns, and the caller makes it durable. OCPP 1.6 §3.5; proxy rule 10.
 */
import { type IdTagEntry, idTagKey, isKeepableTag } from './authorization.js'

/** A depot's cards of years. */
export const MAX_CACHED_TAGS = 10_000
export const MAX_OPERATOR_TAGS = 10_000
export const MAX_NOTE_CHARS = 200
/** An hour late is early enough for a rule that counts days. */
const SEEN_EVERY_MS = 3_600_000

export interface CachedTag extends IdTagEntry {
  /** When the CSMS last said so. */
  readonly seenWallMs: number
}

/** One line of the operator's list. */
export interface OperatorTag extends IdTagEntry {
  /** As the operator wrote it. */
  readonly idTag: string
  readonly note?: string
}

/** `entry` undefined: forgotten. Keys are in `idTagKey` form. */
export type TagChange =
  | { readonly kind: 'cached'; readonly idTag: string; readonly entry: CachedTag | undefined }
  | { readonly kind: 'operator-tag'; readonly idTag: string; readonly entry: OperatorTag | undefined }
  | { readonly kind: 'operator-list'; readonly changedWallMs: number }

export interface StoredTags {
  /** In any order. */
  readonly cache: ReadonlyMap<string, CachedTag>
  readonly operator: ReadonlyMap<string, OperatorTag>
  /** When the operator last wrote the list; undefined = never. */
  readonly operatorChangedWallMs?: number
}

export const NO_TAGS: StoredTags = { cache: new Map(), operator: new Map() }

export class SiteTags {
  /** The one seen longest ago first. */
  readonly #cache: Map<string, CachedTag>
  /** Keys of those in the cache that would be refused: the first to give way. */
  readonly #refusing: Set<string>
  #operator: ReadonlyMap<string, OperatorTag>
  #operatorChangedWallMs: number | undefined

  constructor(stored: StoredTags) {
    this.#cache = new Map([...stored.cache].sort(([, a], [, b]) => a.seenWallMs - b.seenWallMs))
    this.#refusing = new Set(
      [...this.#cache].flatMap(([key, { status }]) => (status === 'Accepted' ? [] : [key])),
    )
    this.#operator = stored.operator
    this.#operatorChangedWallMs = stored.operatorChangedWallMs
  }

  /** By `idTagKey`. */
  cached(key: string): CachedTag | undefined {
    return this.#cache.get(key)
  }

  /** By `idTagKey`. */
  listed(key: string): OperatorTag | undefined {
    return this.#operator.get(key)
  }

  /** The operator has written a list, were it an empty one. */
  get hasList(): boolean {
    return this.#operatorChangedWallMs !== undefined
  }

  /**
   * The CSMS said so. A tag that cannot be written down is not remembered. What was said before `staleWallMs` is said anew.
   */
  note(
    idTag: string,
    entry: IdTagEntry,
    nowWallMs: number,
    staleWallMs = Number.NEGATIVE_INFINITY,
  ): readonly TagChange[] {
    if (!isKeepableTag(idTag)) return []
    const key = idTagKey(idTag)
    const known = this.#cache.get(key)
    const isNews =
      known === undefined ||
      known.status !== entry.status ||
      known.expiryWallMs !== entry.expiryWallMs ||
      known.parentIdTag !== entry.parentIdTag ||
      known.seenWallMs <= staleWallMs ||
      Math.abs(nowWallMs - known.seenWallMs) >= SEEN_EVERY_MS
    const now = isNews ? { ...entry, seenWallMs: nowWallMs } : known
    this.#put(key, now)
    const changes: TagChange[] = isNews ? [{ kind: 'cached', idTag: key, entry: now }] : []
    if (this.#cache.size > MAX_CACHED_TAGS) {
      const [oldest] = this.#refusing.size > 0 ? this.#refusing : this.#cache.keys()
      if (oldest !== undefined) changes.push(this.#forget(oldest))
    }
    return changes
  }

  /** In the order of their tags. */
  operatorList(): readonly OperatorTag[] {
    return [...this.#operator].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  }

  /** What writing this list would change; it holds only after `replaced`. The tags are known to be fit and different. */
  replacing(entries: readonly OperatorTag[], nowWallMs: number): readonly TagChange[] {
    const next = keyed(entries)
    const gone = [...this.#operator.keys()].filter(key => !next.has(key))
    return [
      ...gone.map(idTag => ({ kind: 'operator-tag', idTag, entry: undefined }) as const),
      ...[...next].map(([idTag, entry]) => ({ kind: 'operator-tag', idTag, entry }) as const),
      { kind: 'operator-list', changedWallMs: nowWallMs },
    ]
  }

  replaced(entries: readonly OperatorTag[], nowWallMs: number): void {
    this.#operator = keyed(entries)
    this.#operatorChangedWallMs = nowWallMs
  }

  #put(key: string, entry: CachedTag): void {
    this.#cache.delete(key)
    this.#cache.set(key, entry)
    this.#refusing.delete(key)
    if (entry.status !== 'Accepted') this.#refusing.add(key)
  }

  #forget(key: string): TagChange {
    this.#cache.delete(key)
    this.#refusing.delete(key)
    return { kind: 'cached', idTag: key, entry: undefined }
  }
}

function keyed(entries: readonly OperatorTag[]): ReadonlyMap<string, OperatorTag> {
  return new Map(entries.map(entry => [idTagKey(entry.idTag), entry]))
}
