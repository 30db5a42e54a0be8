/**
 * The charging profiles the Central System put on the scripted station, judged by the field rules (OCPP 1.6 §3.13, §7.8;
 * facts/ocpp16.md §3.1) and evaluated as a station would. Must not know who sent them nor why.
 */
import { compositePeriods } from '../../../src/sim/station/composite.js'
import { ProfileStack } from '../../../src/sim/station/profiles.js'
import { requests } from '../../../src/sim/station/requests.js'
import type { Fields } from '../check.js'

/** What the simulated hardware carries, A per phase. */
export const RATED_A = 32
/** As seed 001: the larger of both station seeds. */
const LIMITS = { rateUnits: ['A', 'W'], maxStackLevel: 10, maxPeriods: 10, maxProfiles: 30 } as const
const PHASES = 3

export interface RunningTransaction {
  readonly id: number
  readonly startedMs: number
}

export class ProfileMemory {
  readonly #stack = new ProfileStack(LIMITS)

  /** Installs what SetChargingProfile brings; the status to answer. */
  set(payload: Fields, nowMs: number, transaction: RunningTransaction | undefined): 'Accepted' | 'Rejected' {
    const request = requests.SetChargingProfile.parse(payload)
    const verdict = this.#stack.set(request, { nowMs, connectorCount: 1, transaction })
    return verdict === 'Accepted' ? 'Accepted' : 'Rejected'
  }

  clear(payload: Fields): 'Accepted' | 'Unknown' {
    return this.#stack.clear(requests.ClearChargingProfile.parse(payload)) > 0 ? 'Accepted' : 'Unknown'
  }

  ended(): void {
    this.#stack.endTransaction(1)
  }

  /** A TxProfile is in force: what flows is no longer the station's own choice. */
  isSteered(): boolean {
    return this.#stack.installed().some(({ profile }) => profile.chargingProfilePurpose === 'TxProfile')
  }

  /** A per phase that connector 1 would let flow over the next seconds, one value a second. */
  heldA(nowMs: number, durationS: number, transaction: RunningTransaction | undefined): readonly number[] {
    const periods = this.#periods({ connectorId: 1, durationS, unit: 'A', nowMs }, transaction)
    return Array.from(
      { length: durationS },
      (_, second) => periods.findLast(period => period.startPeriod <= second)?.limit ?? RATED_A,
    )
  }

  composite(payload: Fields, nowMs: number, transaction: RunningTransaction | undefined): object {
    const { connectorId, duration, chargingRateUnit = 'A' } = requests.GetCompositeSchedule.parse(payload)
    if (connectorId > 1) return { status: 'Rejected' }
    const request = { connectorId, durationS: duration, unit: chargingRateUnit, nowMs }
    return {
      status: 'Accepted',
      connectorId,
      scheduleStart: new Date(Math.floor(nowMs / 1000) * 1000).toISOString(),
      chargingSchedule: {
        duration,
        chargingRateUnit,
        chargingSchedulePeriod: this.#periods(request, transaction),
      },
    }
  }

  #periods(
    request: Parameters<typeof compositePeriods>[2],
    transaction: RunningTransaction | undefined,
  ): ReturnType<typeof compositePeriods> {
    const electrics = { connectorId: 1, wiredPhases: PHASES, ratedA: RATED_A } as const
    return compositePeriods(this.#stack, [{ ...electrics, startedMs: transaction?.startedMs }], request)
  }
}

/** What is wrong with the fields of a SetChargingProfile beyond its schema; `undefined` when nothing is. */
export function profileFault(
  payload: Fields,
  transaction: RunningTransaction | undefined,
): string | undefined {
  const { connectorId, csChargingProfiles: profile } = payload
  const { chargingProfilePurpose: purpose, chargingProfileKind: kind, chargingSchedule } = profile
  const periods: readonly Fields[] = chargingSchedule.chargingSchedulePeriod
  const starts = periods.map(period => period.startPeriod)
  if (starts[0] !== 0) return `the first period starts at ${starts[0]}, not at 0`
  if (starts.some((start, index) => index > 0 && start <= starts[index - 1]))
    return 'periods are not in order'
  if (periods.some(({ limit }) => Math.abs(limit * 10 - Math.round(limit * 10)) > 1e-6))
    return 'a limit has more than one decimal'
  if (purpose === 'ChargePointMaxProfile' && connectorId !== 0)
    return `a ChargePointMaxProfile on connector ${connectorId}`
  if (purpose === 'TxProfile' && connectorId === 0) return 'a TxProfile on connector 0'
  if (purpose === 'TxProfile' && profile.transactionId !== transaction?.id)
    return `a TxProfile for transaction ${profile.transactionId} while ${transaction?.id ?? 'none'} runs`
  if (purpose !== 'TxProfile' && profile.transactionId !== undefined)
    return `a ${purpose} with a transactionId`
  if (kind !== 'Recurring' && profile.recurrencyKind !== undefined) return `${kind} with a recurrencyKind`
  if (kind === 'Recurring' && profile.recurrencyKind === undefined) return 'Recurring without recurrencyKind'
  if (kind === 'Relative' && chargingSchedule.startSchedule !== undefined)
    return 'Relative with startSchedule'
  return undefined
}
