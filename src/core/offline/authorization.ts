/**
 * May this idTag charge while the CSMS is away? One decision, from the operator's policy, the local list and the
 * cache. Must not know where those come from. Proxy rule 10; OCPP 1.6 §3.5; seed 001, 4.3.1, 4.3.2, 4.3.12.
 */
import { fieldsAt, textAt, timeAt } from '../fields.js'

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
    | 'local-list'
    | 'cache'
    | 'unknown-allowed'
    | 'unknown-refused'
    | 'not-local'
    | 'open-house'
}

/** Answers for one idTag by proxy rule 10. List beats cache; an entry that refuses is never overruled by a later step. */
export function authorizeOffline(
  policy: OfflinePolicy,
  listed: IdTagEntry | undefined,
  cached: IdTagEntry | undefined,
  nowWallMs: number,
): Verdict {
  if (policy.alwaysAllow) return alwaysAllowed(policy)
  if (!policy.localAuthorize) return { status: 'Invalid', by: 'not-local' }
  if (policy.listEnabled && listed !== undefined) return { ...judge(listed, nowWallMs), by: 'local-list' }
  if (policy.cacheEnabled && cached !== undefined) return { ...judge(cached, nowWallMs), by: 'cache' }
  return policy.allowUnknown
    ? { status: 'Accepted', by: 'unknown-allowed' }
    : { status: 'Invalid', by: 'unknown-refused' }
}

/**
 * Answers for one idTag where no CSMS is configured and Busbar is the Central System: the list the station was given
 * decides; `unknownAllowed` is the operator's word about tags that are not on it. Without either everybody may charge.
 */
export function authorizeAlone(
  policy: Pick<OfflinePolicy, 'alwaysAllow' | 'alwaysAllowIdTag'>,
  unknownAllowed: boolean | undefined,
  list: { readonly isEmpty: boolean; readonly listed: IdTagEntry | undefined },
  nowWallMs: number,
): Verdict {
  if (policy.alwaysAllow) return alwaysAllowed(policy)
  if (list.listed !== undefined) return { ...judge(list.listed, nowWallMs), by: 'local-list' }
  if (unknownAllowed === undefined && list.isEmpty) return { status: 'Accepted', by: 'open-house' }
  return unknownAllowed === true
    ? { status: 'Accepted', by: 'unknown-allowed' }
    : { status: 'Invalid', by: 'unknown-refused' }
}

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

/** OCPP 1.6 IdToken is case-insensitive: the form in which tags are compared and kept. */
export function idTagKey(idTag: string): string {
  return idTag.toUpperCase()
}

/** The `idTagInfo` of a conf or of a list entry; undefined when there is none. */
export function idTagEntryOf(holder: unknown): IdTagEntry | undefined {
  const info = fieldsAt(holder, 'idTagInfo')
  const status = textAt(info, 'status')
  if (status === undefined) return undefined
  const expiryWallMs = timeAt(info, 'expiryDate')
  const parentIdTag = textAt(info, 'parentIdTag')
  return {
    status,
    ...(expiryWallMs === undefined ? {} : { expiryWallMs }),
    ...(parentIdTag === undefined ? {} : { parentIdTag }),
  }
}
