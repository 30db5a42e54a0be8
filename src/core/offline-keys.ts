/**
 * Whose value of an offline key holds (proxy rule 9): the operator's for this station, else for the site, else the
 * station's own key as last read or as set by the CSMS, else the default of seed 001.
 */
import type { OfflinePolicy } from './authorization.js'
import type { OfflineConfig } from './config/site.js'

/** Keys of the station worth remembering; everything else it reports is not kept. */
export const MIRRORED_KEYS: ReadonlySet<string> = new Set([
  'AlwaysAllowOfflineTransactions',
  'AllowOfflineTxForUnknownId',
  'LocalAuthorizeOffline',
  'StopTransactionOnInvalidId',
  'AuthorizationCacheEnabled',
  'LocalAuthListEnabled',
])

/** The policy for one station. `stationKeys` are the mirrored keys as text. */
export function offlinePolicyOf(
  station: OfflineConfig,
  site: OfflineConfig,
  stationKeys: Readonly<Record<string, string>>,
): OfflinePolicy {
  const flag = (
    key:
      | 'AlwaysAllowOfflineTransactions'
      | 'AllowOfflineTxForUnknownId'
      | 'LocalAuthorizeOffline'
      | 'StopTransactionOnInvalidId',
    fallback: boolean,
  ): boolean => station[key] ?? site[key] ?? flagText(stationKeys[key]) ?? fallback
  return {
    alwaysAllow: flag('AlwaysAllowOfflineTransactions', false),
    alwaysAllowIdTag: station.AlwaysAllowIdTag ?? site.AlwaysAllowIdTag,
    allowUnknown: flag('AllowOfflineTxForUnknownId', false),
    localAuthorize: flag('LocalAuthorizeOffline', true),
    stopOnInvalid: flag('StopTransactionOnInvalidId', true),
    cacheEnabled: flagText(stationKeys.AuthorizationCacheEnabled) ?? true,
    // only lists the station itself accepted are kept here, so an unknown key means enabled
    listEnabled: flagText(stationKeys.LocalAuthListEnabled) ?? true,
    csmsTimeoutMs: station.csmsTimeoutMs ?? site.csmsTimeoutMs ?? 10_000,
  }
}

function flagText(text: string | undefined): boolean | undefined {
  const lower = text?.trim().toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}
