/**
 * Why a station says Rejected to a charging profile (OCPP 1.6 §3.13, §5.16, errata 3.56) and what the model takes.
 * Each answer is a reason in words for the log, or undefined. Must not know the store.
 */
import type { ChargingProfile } from './charging-profile.js'
import { type ProfileLimits, type RunningTransaction, wallMsOf } from './installed.js'

/** Why a profile cannot be on this connector. */
export function placeFault(
  connectorId: number,
  profile: ChargingProfile,
  transactions: readonly RunningTransaction[],
): string | undefined {
  switch (profile.chargingProfilePurpose) {
    case 'ChargePointMaxProfile':
      return connectorId === 0 ? undefined : 'ChargePointMaxProfile only on connector 0'
    case 'TxDefaultProfile':
      return undefined
    case 'TxProfile': {
      if (connectorId === 0) return 'TxProfile not on connector 0'
      const running = transactions.find(transaction => transaction.connectorId === connectorId)
      if (running === undefined) return `no transaction on connector ${connectorId}`
      if ((profile.transactionId ?? running.transactionId) !== running.transactionId)
        return 'transactionId is not the running one'
      return undefined
    }
  }
}

/** Why a station of this model takes no such profile, wherever it is meant to go. */
export function profileFault(profile: ChargingProfile, limits: ProfileLimits): string | undefined {
  const { chargingSchedule: schedule, chargingProfileKind: kind, validFrom, validTo } = profile
  const periods = schedule.chargingSchedulePeriod
  if (profile.stackLevel > limits.maxStackLevel) return `stackLevel above ${limits.maxStackLevel}`
  if (!limits.rateUnits.includes(schedule.chargingRateUnit)) return `unit ${schedule.chargingRateUnit}`
  if (periods.length > limits.maxPeriods) return `more than ${limits.maxPeriods} periods`
  if (periods[0]?.startPeriod !== 0) return 'the first period does not start at 0'
  if (periods.some((period, i) => i > 0 && period.startPeriod <= (periods[i - 1]?.startPeriod ?? 0)))
    return 'periods are not in ascending order'
  if (kind !== 'Recurring' && profile.recurrencyKind !== undefined)
    return 'recurrencyKind only with Recurring'
  if (kind === 'Recurring' && profile.recurrencyKind === undefined) return 'Recurring without recurrencyKind'
  if (kind === 'Recurring' && schedule.startSchedule === undefined) return 'Recurring without startSchedule'
  if (
    validFrom !== undefined &&
    validTo !== undefined &&
    (wallMsOf(validTo) ?? 0) <= (wallMsOf(validFrom) ?? 0)
  )
    return 'validTo is not after validFrom'
  return undefined
}
