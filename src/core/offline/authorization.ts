/**
 * May this idTag charge while the CSMS is away? One decision, from the operator's policy, the local list and the
 * cache. Must not know where those come from. Proxy rule 10; OCPP 1.6 §3.5; seed 001, 4.3.1, 4.3.2, 4.3.12.
 */
import { asciiUpper, fieldsAt, textAt, timeAt } from '../fields.js'

/** The keys that decide, after `offline-keys.ts` has settled whose value holds. */
export interface OfflinePolicy {
  readonly alwaysAllow: boolean
  /** parentIdTag of every answer under `alwaysAllow`, so that any card can stop (proxy rule 11). */
  readonly alwaysAllowIdTag: string | undefined
  readonly allowUnknown: boolean
  readonly localAuthorize: boolean
  readonly cacheEnabled: boolean
  readonly listEnabled: boolean
  readonly stopOnInvalid: boolean
  /** MaxEnergyOnInvalidId: what a refused session that goes on may still take. */
  readonly allowanceWh: number
  readonly csmsTimeoutMs: number
  /** What a session may take whose tag nobody knows, until the CSMS has spoken; undefined = no cap. */
  readonly unknownCapWh: number | undefined
  readonly unknownCapMs: number | undefined
  /** Tags of vehicles (VID:) are not taken; else they go the way of all tags. */
  readonly autoChargeOff: boolean
  /** An older word of the CSMS no longer lets a tag in. Infinity = however old. */
  readonly acceptedWithinDays: number
  /** A station the CSMS has never accepted is taken in while the CSMS is away. */
  readonly commissionOffline: boolean
  /** Busbar starts a session again that a power cut has ended, where the station itself cannot (proxy rule 12). */
  readonly afterBrownOut: boolean
}

/** What the list or the cache says about one idTag. */
export interface IdTagEntry {
  /** OCPP 1.6 AuthorizationStatus; anything but "Accepted" refuses. */
  readonly status: string
  readonly expiryWallMs?: number
  readonly parentIdTag?: string
}

export interface Verdict {
  readonly status: 'Accepted' | 'Blocked' | 'Expired' | 'Invalid'
  readonly parentIdTag?: string
  readonly by:
    | 'always-allow'
    | 'no-tag'
    | 'auto-charge-off'
    | 'reserved'
    | 'operator-list'
    | 'local-list'
    | 'cache'
    | 'unknown-allowed'
    | 'unknown-refused'
    | 'not-local'
    | 'open-house'
    | 'cap-spent'
}

/** What is known of one idTag, by whom. */
export interface KnownTag {
  /** The operator's own list, for the whole site. */
  readonly operator?: IdTagEntry | undefined
  /** The station's local list as the CSMS sent it. */
  readonly listed?: IdTagEntry | undefined
  /** The last word of the CSMS about the card, at whichever station. */
  readonly cached?: (IdTagEntry & { readonly seenWallMs: number }) | undefined
}

/**
 * Answers for one idTag by proxy rule 10. A list beats the cache, and of two lists the one that refuses. What is known
 * to be refused stays so, also where the key that would let it in is off.
 */
export function authorizeOffline(
  policy: OfflinePolicy,
  idTag: string,
  known: KnownTag,
  nowWallMs: number,
): Verdict {
  if (policy.alwaysAllow) return alwaysAllowed(policy)
  if (!policy.localAuthorize) return { status: 'Invalid', by: 'not-local' }
  if (!isKeepableTag(idTag)) return { status: 'Invalid', by: 'no-tag' }
  if (policy.autoChargeOff && idTagKey(idTag).startsWith(VEHICLE))
    return { status: 'Invalid', by: 'auto-charge-off' }
  const listed = ofLists(known, policy.listEnabled, nowWallMs)
  if (listed !== undefined) return listed
  const { cached } = known
  const verdict = cached === undefined ? undefined : ({ ...judge(cached, nowWallMs), by: 'cache' } as const)
  if (verdict !== undefined && verdict.status !== 'Accepted') return verdict
  const isFresh =
    cached !== undefined && Math.abs(nowWallMs - cached.seenWallMs) <= policy.acceptedWithinDays * DAY_MS
  if (verdict !== undefined && policy.cacheEnabled && isFresh) return verdict
  return policy.allowUnknown
    ? { status: 'Accepted', by: 'unknown-allowed' }
    : { status: 'Invalid', by: 'unknown-refused' }
}

/**
 * Answers for one idTag where no CSMS is configured and Busbar is the Central System: the operator's list decides, and the
 * list the station was given; `unknownAllowed` is the operator's word about tags on neither. Where there has never been a
 * list, nor a word, everybody may charge.
 */
export function authorizeAlone(
  policy: Pick<OfflinePolicy, 'alwaysAllow' | 'alwaysAllowIdTag'>,
  unknownAllowed: boolean | undefined,
  lists: { readonly isNone: boolean; readonly idTag: string } & Omit<KnownTag, 'cached'>,
  nowWallMs: number,
): Verdict {
  if (policy.alwaysAllow) return alwaysAllowed(policy)
  const listed = ofLists(lists, true, nowWallMs)
  if (listed !== undefined) return listed
  if (unknownAllowed === undefined && lists.isNone) return { status: 'Accepted', by: 'open-house' }
  return unknownAllowed === true && isKeepableTag(lists.idTag)
    ? { status: 'Accepted', by: 'unknown-allowed' }
    : { status: 'Invalid', by: 'unknown-refused' }
}

/** Undefined: on neither, or let in by one that is off. */
function ofLists(
  { operator, listed }: KnownTag,
  listEnabled: boolean,
  nowWallMs: number,
): Verdict | undefined {
  const own = operator === undefined ? undefined : judge(operator, nowWallMs)
  const theirs = listed === undefined ? undefined : judge(listed, nowWallMs)
  if (own !== undefined && own.status !== 'Accepted') return { ...own, by: 'operator-list' }
  if (theirs !== undefined && theirs.status !== 'Accepted') return { ...theirs, by: 'local-list' }
  if (own !== undefined) return { ...own, by: 'operator-list' }
  return theirs !== undefined && listEnabled ? { ...theirs, by: 'local-list' } : undefined
}

/** Seed 001, 4.4.2: the idTag of a vehicle that charges by its own identity. */
const VEHICLE = 'VID:'
const DAY_MS = 86_400_000

function alwaysAllowed({ alwaysAllowIdTag }: Pick<OfflinePolicy, 'alwaysAllowIdTag'>): Verdict {
  const parent = alwaysAllowIdTag === undefined ? {} : { parentIdTag: alwaysAllowIdTag }
  return { status: 'Accepted', by: 'always-allow', ...parent }
}

function judge(entry: IdTagEntry, nowWallMs: number): Pick<Verdict, 'status' | 'parentIdTag'> {
  if (entry.status !== 'Accepted')
    return { status: entry.status === 'Blocked' || entry.status === 'Expired' ? entry.status : 'Invalid' }
  if (entry.expiryWallMs !== undefined && entry.expiryWallMs <= nowWallMs) return { status: 'Expired' }
  return {
    status: 'Accepted',
    ...(entry.parentIdTag === undefined ? {} : { parentIdTag: entry.parentIdTag }),
  }
}

/** An IdToken has 20 characters; some stations send longer ones. */
export const MAX_TAG_CHARS = 64

/** OCPP 1.6 IdToken is case-insensitive: the form in which tags are compared and kept. */
export function idTagKey(idTag: string): string {
  return asciiUpper(idTag)
}

/** Whether a tag may be remembered: short, and text that can be written (half a surrogate pair cannot). */
export function isKeepableTag(idTag: string): boolean {
  return idTag !== '' && idTag.length <= MAX_TAG_CHARS && !LONE_SURROGATE.test(idTag)
}
const LONE_SURROGATE = /\p{Surrogate}/u

/** "ConcurrentTx" has 12. */
const MAX_STATUS_CHARS = 20

/** The `idTagInfo` of a conf or of a list entry; undefined when there is none. */
export function idTagEntryOf(holder: unknown): IdTagEntry | undefined {
  const info = fieldsAt(holder, 'idTagInfo')
  const status = textAt(info, 'status')
  if (status === undefined || status.length > MAX_STATUS_CHARS) return undefined
  const expiryWallMs = timeAt(info, 'expiryDate')
  const parent = textAt(info, 'parentIdTag')
  const parentIdTag = parent !== undefined && isKeepableTag(parent) ? parent : undefined
  return {
    status,
    ...(expiryWallMs === undefined ? {} : { expiryWallMs }),
    ...(parentIdTag === undefined ? {} : { parentIdTag }),
  }
}
