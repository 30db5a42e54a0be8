/**
 * GetCompositeSchedule answered as a spec-true station would (OCPP 1.6 §5.7, errata 3.57): from now, for the time asked,
 * what the CSMS itself installed (control rule 19), the connector's own maximum where it installed nothing.
 * Indicative: rounded down to 0.1 A or 1 W.
 */
import type { ChargingSchedulePeriod, RateUnit } from './charging-profile.js'
import { connectorComposite, stationComposite } from './composite.js'
import type { Curve, Limit } from './curve.js'
import { floorSecond } from './installed.js'
import type { GetCompositeScheduleRequest } from './profile-requests.js'
import type { ProfileStore, StoreContext } from './profile-store.js'

export type GetCompositeScheduleConf =
  | { readonly status: 'Rejected' }
  | {
      readonly status: 'Accepted'
      readonly connectorId: number
      readonly scheduleStart: string
      readonly chargingSchedule: {
        readonly duration: number
        readonly chargingRateUnit: RateUnit
        readonly chargingSchedulePeriod: readonly ChargingSchedulePeriod[]
      }
    }

/** A week shows every recurrence once; a request for years must not cost seconds. */
const MAX_DURATION_S = 7 * 86_400
const MAX_PERIODS = 1024
const DEFAULT_PHASES = 3
const DUST = 1e-6

export function compositeSchedule(
  store: ProfileStore,
  request: GetCompositeScheduleRequest,
  context: StoreContext,
): GetCompositeScheduleConf {
  const { connectorId } = request
  if (connectorId > context.connectorCount) return { status: 'Rejected' }
  const unit = request.chargingRateUnit ?? context.limits.rateUnits[0] ?? 'A'
  const fromMs = floorSecond(context.nowWallMs)
  const askedS = Math.min(request.duration, MAX_DURATION_S)
  const window = { fromMs, toMs: fromMs + Math.max(1, askedS) * 1000 }
  const ceilingsA = context.maxCurrentA.slice(0, context.connectorCount)
  const maximum: Limit = { limitA: ofConnector(ceilingsA, connectorId) ?? 0 }
  const localA = ofConnector(context.localLimitA, connectorId)
  const curve =
    connectorId === 0
      ? stationComposite(store, window, context)
      : connectorComposite(store, connectorId, window, context)
  const periods = toPeriods(curve, fromMs, limit => {
    const told = limit ?? maximum
    const shown = localA === undefined || told.limitA <= localA ? told : { ...told, limitA: localA }
    return inUnit(shown, unit, context.nominalVoltageV)
  })
  const cut = periods[MAX_PERIODS]
  return {
    status: 'Accepted',
    connectorId,
    scheduleStart: new Date(fromMs).toISOString(),
    chargingSchedule: {
      duration: cut === undefined ? askedS : cut.startPeriod,
      chargingRateUnit: unit,
      chargingSchedulePeriod: periods.slice(0, MAX_PERIODS),
    },
  }
}

/** Of connector 1, 2, …; for connector 0 their sum. */
function ofConnector(valuesA: readonly number[] | undefined, connectorId: number): number | undefined {
  return connectorId === 0 ? valuesA?.reduce((sumA, valueA) => sumA + valueA, 0) : valuesA?.[connectorId - 1]
}

type PlainLimit = Omit<ChargingSchedulePeriod, 'startPeriod'>

function toPeriods(
  curve: Curve,
  fromMs: number,
  plain: (limit: Limit | undefined) => PlainLimit,
): ChargingSchedulePeriod[] {
  const periods: ChargingSchedulePeriod[] = []
  for (const { atMs, limit } of curve) {
    const period = { startPeriod: (atMs - fromMs) / 1000, ...plain(limit) }
    const last = periods.at(-1)
    if (last?.limit !== period.limit || last.numberPhases !== period.numberPhases) periods.push(period)
  }
  return periods
}

function inUnit({ limitA, numberPhases }: Limit, unit: RateUnit, nominalVoltageV: number): PlainLimit {
  const phases = numberPhases === undefined ? {} : { numberPhases }
  if (unit === 'A') return { limit: Math.floor(limitA * 10 + DUST) / 10, ...phases }
  const powerW = limitA * nominalVoltageV * (numberPhases ?? DEFAULT_PHASES)
  return { limit: Math.floor(powerW + DUST), ...phases }
}
