/**
 * What a connector may draw at an instant, in amps per phase, and GetCompositeSchedule (OCPP 1.6 §5.7, §3.13.5).
 * Combines the profile stack with the connector's rating. Must not know transactions beyond their start.
 */
import type { ProfileStack, ScheduleLimit } from './profiles.js'
import type { RateUnit } from './requests.js'

export interface ConnectorElectrics {
  readonly connectorId: number
  readonly wiredPhases: 1 | 3
  /** Amps of the grid. */
  readonly ratedA: number
  /** Gives direct current: what it gives by what it takes. */
  readonly dcEfficiency?: number
}

export interface CompositeRequest {
  readonly connectorId: number
  readonly durationS: number
  readonly unit: RateUnit
  /** The station's clock, ms. */
  readonly nowMs: number
}

export interface CompositePeriod {
  readonly startPeriod: number
  readonly limit: number
}

/** Limits in W are turned to A at this, not at what is measured (errata 3.69). */
export const NOMINAL_VOLTAGE_V = 230

/** Longest answer; more edges than this are cut at the end. */
const MAX_PERIODS = 1024

type Wired = Pick<ConnectorElectrics, 'wiredPhases' | 'dcEfficiency'>

/** Of what it gives, for each amp of the grid on one phase. */
export const voltsOf = ({ dcEfficiency = 1 }: Wired): number => NOMINAL_VOLTAGE_V * dcEfficiency

/** Amps per phase for one schedule limit. One-phase wiring carries the whole power on its one phase, direct current comes of all. */
function perPhaseA(limit: ScheduleLimit, electrics: Wired): number {
  if (limit.unit === 'A') return limit.limit
  const { dcEfficiency, wiredPhases } = electrics
  const phases = dcEfficiency === undefined ? Math.min(limit.numberPhases, wiredPhases) : wiredPhases
  return limit.limit / (voltsOf(electrics) * phases)
}

/** Least of rating, TxProfile or TxDefaultProfile, and the connector's part of the ChargePointMaxProfile. */
export function limitA(
  stack: ProfileStack,
  electrics: ConnectorElectrics,
  at: { readonly nowMs: number; readonly startedMs: number; readonly shareOf: number },
): number {
  const own = stack.transactionLimit(electrics.connectorId, at.nowMs, at.startedMs)
  const whole = stack.stationLimit(at.nowMs, at.startedMs)
  const ownA = own ? perPhaseA(own, electrics) : electrics.ratedA
  const wholeA = whole ? perPhaseA(whole, electrics) / Math.max(1, at.shareOf) : electrics.ratedA
  return Math.min(electrics.ratedA, ownA, wholeA)
}

/**
 * The periods of GetCompositeSchedule.conf, relative to now, equal neighbours merged. Connector 0 = the sum of the
 * connectors under the ChargePointMaxProfile. `startedMs` gives each connector's transaction start; one that idles is
 * shown as if it started now.
 */
export function compositePeriods(
  stack: ProfileStack,
  connectors: readonly (ConnectorElectrics & { readonly startedMs: number | undefined })[],
  request: CompositeRequest,
): readonly CompositePeriod[] {
  // Whole seconds, so that the periods are where the schedules have them.
  const baseMs = Math.floor(request.nowMs / 1000) * 1000
  const endMs = baseMs + request.durationS * 1000
  const shown = connectors.filter(
    connector => request.connectorId === 0 || connector.connectorId === request.connectorId,
  )
  const edges = shown.flatMap(({ startedMs }) => stack.edges(baseMs, endMs - 1, startedMs ?? baseMs))
  const offsets = [...new Set([0, ...edges.map(edge => Math.ceil((edge - baseMs) / 1000))])]
  offsets.sort((a, b) => a - b)
  const periods: CompositePeriod[] = []
  for (const startPeriod of offsets.slice(0, MAX_PERIODS)) {
    if (startPeriod >= request.durationS && startPeriod > 0) break
    const limit = roundDown(totalAt(stack, shown, request, baseMs + startPeriod * 1000), request.unit)
    if (periods.at(-1)?.limit !== limit) periods.push({ startPeriod, limit })
  }
  return periods
}

function totalAt(
  stack: ProfileStack,
  shown: readonly (ConnectorElectrics & { readonly startedMs: number | undefined })[],
  request: CompositeRequest,
  atMs: number,
): number {
  const nowS = Math.floor(request.nowMs / 1000) * 1000
  let total = 0
  let wholeCap = Number.POSITIVE_INFINITY
  for (const connector of shown) {
    const at = { nowMs: atMs, startedMs: connector.startedMs ?? nowS, shareOf: 1 }
    const watts = request.unit === 'W' ? voltsOf(connector) * connector.wiredPhases : 1
    total += limitA(stack, connector, at) * watts
    const whole = stack.stationLimit(atMs, at.startedMs)
    if (whole) wholeCap = perPhaseA(whole, connector) * watts
  }
  return Math.min(total, wholeCap)
}

/** One decimal in A, whole W; never up. The small term keeps 9.3 from becoming 9.2 in binary. */
function roundDown(value: number, unit: RateUnit): number {
  return unit === 'A' ? Math.floor(value * 10 + 1e-6) / 10 : Math.floor(value + 1e-6)
}
