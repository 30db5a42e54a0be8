/**
 * Local Authorization List and Authorization Cache of one simulated station, and what they say about a tag
 * (OCPP 1.6 §3.4, §3.5, §4.1, §5.15). Survives reboots. Must not know the wire.
 */
import type { Configuration } from './configuration.js'
import type { IdTagInfo, RequestOf } from './requests.js'
import type { Commissioned } from './vendor-terms.js'

export type ListStatus = 'Accepted' | 'Failed' | 'NotSupported' | 'VersionMismatch'

/** `ask` = only the CSMS can say. */
export type LocalVerdict =
  | { readonly kind: 'accepted'; readonly parentIdTag: string | undefined }
  | { readonly kind: 'refused' }
  | { readonly kind: 'ask' }

export interface Authorization {
  /** What the station may decide by itself, online or offline. */
  judge(idTag: string, online: boolean, nowMs: number): LocalVerdict
  /** From Authorize.conf, StartTransaction.conf, StopTransaction.conf. Listed tags never enter the cache. */
  remember(idTag: string, info: IdTagInfo): void
  /** ClearCache.req: false when there is no cache. */
  clearCache(): boolean
  sendLocalList(request: RequestOf<'SendLocalList'>): ListStatus
  /** 0 = empty, -1 = no list here. */
  listVersion(): number
}

/** Tags a small station remembers; the oldest goes first. */
const MAX_CACHED = 500

export function createAuthorization(
  configuration: Configuration,
  commissioned: Commissioned = 'csms',
): Authorization {
  const list = new Map<string, IdTagInfo>()
  const cache = new Map<string, IdTagInfo>()
  let version = 0

  const listed = () => configuration.flag('LocalAuthListEnabled', false)
  const cached = () => configuration.flag('AuthorizationCacheEnabled', false)

  function known(idTag: string): IdTagInfo | undefined {
    const key = idTag.toLowerCase()
    return (listed() ? list.get(key) : undefined) ?? (cached() ? cache.get(key) : undefined)
  }

  return {
    judge(idTag, online, nowMs) {
      const info = commissioned === 'local list' ? list.get(idTag.toLowerCase()) : known(idTag)
      const good = info?.status === 'Accepted' && !isExpired(info, nowMs)
      const accepted: LocalVerdict = { kind: 'accepted', parentIdTag: info?.parentIdTag }
      if (commissioned === 'always') return accepted
      if (commissioned === 'local list') return good ? accepted : { kind: 'refused' }
      if (online) return good && configuration.flag('LocalPreAuthorize', false) ? accepted : { kind: 'ask' }
      // Vendor key of WEMOB (4.4.1): offline it behaves as if it were commissioned so.
      if (configuration.flag('AlwaysAllowOfflineTransactions', false)) return accepted
      // 4.3.12: no authorization at all without the CSMS
      if (!configuration.flag('LocalAuthorizeOffline', true)) return { kind: 'refused' }
      if (info) return good ? accepted : { kind: 'refused' }
      return configuration.flag('AllowOfflineTxForUnknownId', false) ? accepted : { kind: 'refused' }
    },
    remember(idTag, info) {
      const key = idTag.toLowerCase()
      if (!cached() || (listed() && list.has(key))) return
      cache.delete(key)
      cache.set(key, info)
      const oldest = cache.keys().next()
      if (cache.size > MAX_CACHED && !oldest.done) cache.delete(oldest.value)
    },
    clearCache() {
      if (!cached()) return false
      cache.clear()
      return true
    },
    sendLocalList(request) {
      if (!listed()) return 'NotSupported'
      const entries = request.localAuthorizationList ?? []
      const full = request.updateType === 'Full'
      if (!full && request.listVersion <= version) return 'VersionMismatch'
      const tags = new Set(entries.map(entry => entry.idTag.toLowerCase()))
      const after = new Set(full ? tags : [...list.keys(), ...tags])
      const tooLong =
        entries.length > configuration.integer('SendLocalListMaxLength', MAX_CACHED) ||
        after.size > configuration.integer('LocalAuthListMaxLength', MAX_CACHED)
      const incomplete = full && entries.some(entry => entry.idTagInfo === undefined)
      if (tooLong || incomplete || tags.size < entries.length || request.listVersion <= 0) return 'Failed'
      if (full) list.clear()
      for (const { idTag, idTagInfo } of entries) {
        if (idTagInfo) list.set(idTag.toLowerCase(), idTagInfo)
        else list.delete(idTag.toLowerCase())
      }
      version = request.listVersion
      return 'Accepted'
    },
    listVersion: () => (!listed() ? -1 : list.size === 0 ? 0 : version),
  }
}

function isExpired(info: IdTagInfo, nowMs: number): boolean {
  return info.expiryDate !== undefined && Date.parse(info.expiryDate) <= nowMs
}
