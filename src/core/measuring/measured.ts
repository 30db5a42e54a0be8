/**
 * What a station's own measurement says about the site's phases: a lower bound that may be taken out of the other
 * load (control rule 14), an upper bound that can prove a lower offer (rule 9), and amps to show. Many stations
 * report energy only; then both bounds come from the register. Never claims more than the sample shows.
 */
import type { ConnectorConfig } from '../config/site.js'
import type { StationSample } from '../events.js'
import {
  type PerPhase,
  PHASE_INDEXES,
  type PhaseSet,
  sitePhase,
  spread,
  wiredPhases,
  ZERO,
} from '../site/phases.js'
import { likelyPowerW, type RegisterPoint, withPoint } from './best-estimate.js'

/** Voltage may be this much off nominal when the station does not report it (EN 50160: ±10 %). */
const VOLTAGE_TOLERANCE = 0.1
/** Register steps closer than this say little; further apart they are no longer one steady draw. */
const MIN_ENERGY_SPAN_MS = 4_000
const MAX_ENERGY_SPAN_MS = 60_000
/** Below this a phase counts as unused. */
export const UNUSED_BELOW_A = 0.5

export interface ConnectorReading {
  readonly monoMs: number
  /** Surely drawn, per site phase. */
  readonly lowerA: PerPhase
  /** At most drawn on any one phase; undefined when the sample cannot tell. */
  readonly upperA?: number
  readonly shownA: PerPhase
  /** For people: as measured, or the best estimate where amps per phase are not reported. */
  readonly bestA: PerPhase
  readonly best: 'measured' | 'estimate' | 'unknown'
  /** Site phases in use, where the sample tells them. */
  readonly used?: PhaseSet
}

/** Memory of one connector's energy register. */
export interface EnergyMark {
  readonly monoMs: number
  readonly energyWh: number
  /** 1, 10, 100 or 1000: the largest that divides every value seen. */
  readonly resolutionWh: number
  /** Of the last minute, for the best estimate. */
  readonly points: readonly RegisterPoint[]
}

/** Before it is known how well the sample tells the amps. */
type Bounds = Omit<ConnectorReading, 'best' | 'bestA'>

export interface ReadingContext {
  readonly connector: ConnectorConfig
  readonly nominalVoltageV: number
  /** The highest phase voltage the site meter shows: no station below it can have more. Absent = 10 % above nominal. */
  readonly siteVoltageV?: number
  /** What was booked when the sample was taken: no phase can carry more. */
  readonly bookedA: number
  readonly monoMs: number
  readonly mark?: EnergyMark
}

export function readSample(
  sample: StationSample,
  context: ReadingContext,
): { reading?: ConnectorReading; mark?: EnergyMark } {
  const mark = sample.energyWh === undefined ? context.mark : markOf(sample.energyWh, context)
  const byAmps = byPhases(sample, context) ?? byCurrent(sample, context)
  const bounds = byAmps ?? byPower(powerOf(sample, context), sample, context)
  if (bounds === undefined) return { ...(mark !== undefined && { mark }) }
  const best = byAmps === undefined ? bestByPower(sample, mark, context) : byAmps.shownA
  const reading: ConnectorReading = {
    ...bounds,
    bestA: best ?? bounds.shownA,
    best: best === undefined ? 'unknown' : bounds.used === undefined ? 'estimate' : 'measured',
  }
  return { reading, ...(mark !== undefined && { mark }) }
}

/** The power that is most likely, alike on the phases that are wired. */
function bestByPower(
  sample: StationSample,
  mark: EnergyMark | undefined,
  { connector, nominalVoltageV }: ReadingContext,
): PerPhase | undefined {
  const powerW = sample.powerW ?? (mark && likelyPowerW(mark.points, mark.resolutionWh))
  if (powerW === undefined) return undefined
  const wired = wiredPhases(connector.phases)
  const count = wired.filter(Boolean).length
  return spread(Math.max(0, powerW) / (sample.voltageV ?? nominalVoltageV) / count, wired)
}

function byPhases(sample: StationSample, context: ReadingContext): Bounds | undefined {
  const own = sample.ownPhasesA
  if (own === undefined) return undefined
  const { phases, phaseRotation } = context.connector
  const upperA = Math.max(...own, 0)
  const site: [number, number, number] = [0, 0, 0]
  let placed = true
  for (const index of PHASE_INDEXES) {
    const at = sitePhase(phases, phaseRotation, index)
    if (at !== undefined) site[at] = Math.max(0, own[index])
    else if (own[index] >= UNUSED_BELOW_A) placed = false
  }
  if (placed) {
    const used: PhaseSet = [site[0] >= UNUSED_BELOW_A, site[1] >= UNUSED_BELOW_A, site[2] >= UNUSED_BELOW_A]
    return { monoMs: context.monoMs, lowerA: site, upperA, shownA: site, used }
  }
  const least = Math.max(0, Math.min(...own))
  return {
    monoMs: context.monoMs,
    lowerA: spread(least, wiredPhases(phases)),
    upperA,
    shownA: [own[0], own[1], own[2]],
  }
}

function byCurrent(sample: StationSample, context: ReadingContext): Bounds | undefined {
  if (sample.currentA === undefined) return undefined
  const currentA = Math.max(0, sample.currentA)
  const wired = wiredPhases(context.connector.phases)
  const base = { monoMs: context.monoMs, upperA: currentA }
  if (context.connector.phases !== 'L1L2L3')
    return { ...base, lowerA: spread(currentA, wired), shownA: spread(currentA, wired), used: wired }
  const voltageV = sample.voltageV ?? context.nominalVoltageV
  const count =
    sample.powerW === undefined || currentA < 1
      ? undefined
      : Math.round(sample.powerW / (voltageV * currentA))
  if (count === 3)
    return { ...base, lowerA: spread(currentA, wired), shownA: spread(currentA, wired), used: wired }
  return { ...base, lowerA: ZERO, shownA: spread(currentA, wired) }
}

interface PowerBounds {
  readonly lowerW: number
  readonly upperW: number
}

function powerOf(sample: StationSample, context: ReadingContext): PowerBounds | undefined {
  if (sample.powerW !== undefined)
    return { lowerW: Math.max(0, sample.powerW), upperW: Math.max(0, sample.powerW) }
  const { mark, monoMs } = context
  if (sample.energyWh === undefined || mark === undefined) return undefined
  const spanMs = monoMs - mark.monoMs
  const drawnWh = sample.energyWh - mark.energyWh
  if (spanMs < MIN_ENERGY_SPAN_MS || spanMs > MAX_ENERGY_SPAN_MS || drawnWh < 0) return undefined
  const perHour = 3_600_000 / spanMs
  return {
    lowerW: Math.max(0, (drawnWh - mark.resolutionWh) * perHour),
    upperW: (drawnWh + mark.resolutionWh) * perHour,
  }
}

function byPower(
  power: PowerBounds | undefined,
  sample: StationSample,
  context: ReadingContext,
): Bounds | undefined {
  if (power === undefined) return undefined
  const wired = wiredPhases(context.connector.phases)
  const count = wired.filter(Boolean).length
  const highV = sample.voltageV ?? context.siteVoltageV ?? context.nominalVoltageV * (1 + VOLTAGE_TOLERANCE)
  const lowV = sample.voltageV ?? context.nominalVoltageV * (1 - VOLTAGE_TOLERANCE)
  // With the other phases at their booking, this phase must carry what is left over.
  const leastA = Math.max(0, power.lowerW / highV - (count - 1) * context.bookedA)
  const shown = power.lowerW / (sample.voltageV ?? context.nominalVoltageV) / count
  return {
    monoMs: context.monoMs,
    lowerA: spread(leastA, wired),
    upperA: power.upperW / lowV,
    shownA: spread(shown, wired),
  }
}

function markOf(energyWh: number, context: ReadingContext): EnergyMark {
  const { mark, monoMs } = context
  const known = mark?.resolutionWh ?? 1000
  const resolutionWh = [1000, 100, 10].find(step => step <= known && energyWh % step === 0) ?? 1
  const points = withPoint(mark?.points ?? [], { monoMs, energyWh })
  if (mark !== undefined && monoMs - mark.monoMs < MIN_ENERGY_SPAN_MS)
    return { ...mark, resolutionWh, points }
  return { monoMs, energyWh, resolutionWh, points }
}
