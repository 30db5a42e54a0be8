/**
 * The ClearChargingProfile requests that leave only Busbar's own profiles on a station (control rule 7): by purpose,
 * connector and, where something of ours lies, by level; never an unfiltered Clear, which would take the fail-safe with it.
 */
import type { ClearChargingProfileRequest } from './profile-requests.js'

/** Where Busbar keeps its own on connectors >= 1; undefined = the model has no room for it. */
export interface OwnLevels {
  readonly idleLevel: number | undefined
  readonly liveLevel: number
}

const FAIL_SAFE_LEVEL = 0

/** On the station as a whole Busbar keeps nothing: all levels at once. */
export const STATION_CLEARS: readonly ClearChargingProfileRequest[] = [
  { connectorId: 0, chargingProfilePurpose: 'ChargePointMaxProfile' },
  { connectorId: 0, chargingProfilePurpose: 'TxDefaultProfile' },
]

/** Every level of one connector but those of ours; to be sent once fail-safe and live are installed. */
export function foreignClears(
  connectorId: number,
  maxStackLevel: number,
  own: OwnLevels,
): readonly ClearChargingProfileRequest[] {
  const requests: ClearChargingProfileRequest[] = []
  for (let stackLevel = 0; stackLevel <= maxStackLevel; stackLevel++) {
    if (stackLevel !== FAIL_SAFE_LEVEL && stackLevel !== own.idleLevel)
      requests.push({ connectorId, chargingProfilePurpose: 'TxDefaultProfile', stackLevel })
    if (stackLevel !== own.liveLevel)
      requests.push({ connectorId, chargingProfilePurpose: 'TxProfile', stackLevel })
  }
  return requests
}

/**
 * Everything of one purpose on a connector, Busbar's own too: one CALL in the place of one for each level. Only to be sent
 * while the connector is booked at its maximum, ours right behind.
 */
export function sweepClears(connectorId: number): readonly ClearChargingProfileRequest[] {
  return (['TxDefaultProfile', 'TxProfile'] as const).map(chargingProfilePurpose => ({
    connectorId,
    chargingProfilePurpose,
  }))
}

/** Busbar's own, live first, so that each step leaves what lies below it; for a station that is released. */
export function releaseClears(
  connectorIds: readonly number[],
  { idleLevel, liveLevel }: OwnLevels,
): readonly ClearChargingProfileRequest[] {
  const live = { chargingProfilePurpose: 'TxProfile', stackLevel: liveLevel } as const
  const levels = idleLevel === undefined ? [FAIL_SAFE_LEVEL] : [idleLevel, FAIL_SAFE_LEVEL]
  return connectorIds.flatMap(connectorId => [
    { connectorId, ...live },
    ...levels.map(stackLevel => ({
      connectorId,
      chargingProfilePurpose: 'TxDefaultProfile' as const,
      stackLevel,
    })),
  ])
}
