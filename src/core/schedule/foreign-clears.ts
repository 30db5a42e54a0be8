/**
 * The ClearChargingProfile requests that leave only Busbar's own profiles on a station (control rule 7): by purpose,
 * level and connector, never an unfiltered Clear, which would take the fail-safe with it.
 */
import type { ClearChargingProfileRequest } from './profile-requests.js'

/** Where Busbar keeps its own on connectors >= 1; undefined = the model has no room for it. */
export interface OwnLevels {
  readonly idleLevel: number | undefined
  readonly liveLevel: number
}

const FAIL_SAFE_LEVEL = 0

/** To be sent once fail-safe and live are installed. `connectorIds` without 0. */
export function foreignClears(
  connectorIds: readonly number[],
  maxStackLevel: number,
  own: OwnLevels,
): readonly ClearChargingProfileRequest[] {
  const requests: ClearChargingProfileRequest[] = []
  for (let stackLevel = 0; stackLevel <= maxStackLevel; stackLevel++) {
    requests.push({ connectorId: 0, chargingProfilePurpose: 'ChargePointMaxProfile', stackLevel })
    requests.push({ connectorId: 0, chargingProfilePurpose: 'TxDefaultProfile', stackLevel })
    for (const connectorId of connectorIds) {
      if (stackLevel !== FAIL_SAFE_LEVEL && stackLevel !== own.idleLevel)
        requests.push({ connectorId, chargingProfilePurpose: 'TxDefaultProfile', stackLevel })
      if (stackLevel !== own.liveLevel)
        requests.push({ connectorId, chargingProfilePurpose: 'TxProfile', stackLevel })
    }
  }
  return requests
}

/**
 * For a station that was read back holding more than was written, at a level that nobody knows: everything of one purpose
 * on a connector, Busbar's own too. Only to be sent while the connector is booked at its maximum, ours right behind.
 */
export function sweepClears(connectorIds: readonly number[]): readonly ClearChargingProfileRequest[] {
  const purposes = ['TxDefaultProfile', 'TxProfile'] as const
  return [0, ...connectorIds].flatMap(connectorId =>
    purposes.map(chargingProfilePurpose => ({ connectorId, chargingProfilePurpose })),
  )
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
