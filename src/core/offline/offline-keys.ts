/**
 * Whose value of an offline key holds (proxy rule 9): the operator's for this station, else for the site, else the
 * station's own key as last read or as set by the CSMS, else the default of seed 001.
 */

import type { OfflineConfig } from '../config/site.js'
import type { StationConfiguration } from '../events.js'
import { reportedValue } from '../station/configuration.js'
import type { OfflinePolicy } from './authorization.js'

/** The policy for one station. `reported` is the station's own configuration. */
export function offlinePolicyOf(
  station: OfflineConfig,
  site: OfflineConfig,
  reported: StationConfiguration,
): OfflinePolicy {
  const flag = (
    key:
      | 'AlwaysAllowOfflineTransactions'
      | 'AllowOfflineTxForUnknownId'
      | 'LocalAuthorizeOffline'
      | 'StopTransactionOnInvalidId'
      | 'AuthorizationCacheEnabled'
      | 'LocalAuthListEnabled',
    fallback: boolean,
  ): boolean => station[key] ?? site[key] ?? flagText(reportedValue(reported, key)) ?? fallback
  return {
    alwaysAllow: flag('AlwaysAllowOfflineTransactions', false),
    alwaysAllowIdTag: station.AlwaysAllowIdTag ?? site.AlwaysAllowIdTag,
    allowUnknown: flag('AllowOfflineTxForUnknownId', false),
    localAuthorize: flag('LocalAuthorizeOffline', true),
    stopOnInvalid: flag('StopTransactionOnInvalidId', true),
    allowanceWh:
      station.MaxEnergyOnInvalidId ??
      site.MaxEnergyOnInvalidId ??
      wholeText(reported, 'MaxEnergyOnInvalidId'),
    cacheEnabled: flag('AuthorizationCacheEnabled', true),
    // only lists the station itself accepted are kept here, so an unknown key means enabled
    listEnabled: flag('LocalAuthListEnabled', true),
    csmsTimeoutMs: station.csmsTimeoutMs ?? site.csmsTimeoutMs ?? 10_000,
    unknownCapWh: station.unknownIdMaxEnergyWh ?? site.unknownIdMaxEnergyWh,
    unknownCapMs: minutes(station.unknownIdMaxTimeMin ?? site.unknownIdMaxTimeMin),
    autoChargeOff: (station.AutoChargeEnabled ?? site.AutoChargeEnabled) === false,
    acceptedWithinDays: station.acceptedWithinDays ?? site.acceptedWithinDays ?? Number.POSITIVE_INFINITY,
    // the station's own key says what the station does, not what Busbar may do
    afterBrownOut: station.AllowChargeAfterBrownOut ?? site.AllowChargeAfterBrownOut ?? false,
    commissionOffline: station.commissionOffline ?? site.commissionOffline ?? false,
  }
}

const minutes = (min: number | undefined): number | undefined =>
  min === undefined ? undefined : min * 60_000

function flagText(text: string | undefined): boolean | undefined {
  const lower = text?.trim().toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

/** 0 where the station does not say: no more energy. */
function wholeText(reported: StationConfiguration, key: string): number {
  const text = reportedValue(reported, key)?.trim() ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}
