/**
 * What a station's own measurement says about the site's phases: a lower bound that may be taken out of the other
 * load (control rule 14), an upper bound that can prove a lower offer (rule 9), and amps to show. Many stations
 * report energy only; then both bounds come from the register. Never claims more than the sample shows.
 */
import type { ConnectorConfig } from '../config/site.js'
import type { StationSample } from '../events.js'
import {
  type KnownPerPhase,
  type KnownPhaseSet,
  maxOf,
  type PerPhase,
  PHASE_INDEXES,
  type PhaseIndex,
  type PhaseSet,
  sitePhase,
  spread,
  wiredPhases,
  ZERO,
} from '../site/phases.js'
import { likelyPowerW, type RegisterPoint, withPoint } from './best-estimate.js'
import { type CarPhases, carPhasesOn, countedUnder, type PowerBounds, phasesOf } from './car-phases.js'
import { directCurrentBounds, withoutDirectCurrent } from './direct-current.js'
import { mostBetween, ratedPowerW } from './energy-count.js'
import { steadyPowerW } from './steady-draw.js'
import type { ConductorsSeen } from './wiring-seen.js'

/** Voltage may be this much off nominal when the station does not report it (EN 50160: ±10 %). */
export const VOLTAGE_TOLERANCE = 0.1
/** Register steps closer than this say little; further apart they are no longer one steady draw. */
const MIN_ENERGY_SPAN_MS = 4_000
const MAX_ENERGY_SPAN_MS = 75_000
/** A figure above this many times the connector's rating is a fault of the station's meter: unknown. */
const PLAUSIBLE_TIMES_MAX = 2
const HOUR_MS = 3_600_000
/** A phase may carry this much of what is booked: ripple, and rounding of a register. */
const CARRIES = 1.1
/** Longer on its way, two values of a register say little of the power that is likely. */
const ON_TIME_MS = 2_000
const UNKNOWN = [undefined, undefined, undefined] as const
/** Below this a phase counts as unused. */
export const UNUSED_BELOW_A = 0.5

export interface ConnectorReading {
  readonly monoMs: number
  /** It tells of the time from here to then: of two values of a register. */
  readonly sinceMs: number
  /** Surely drawn, per site phase; 0 where unknown. */
  readonly lowerA: PerPhase
  /**
   * The same where a station tells no phases, laid on those that a car with as many phases uses: exact in the sum, and on
   * each phase no more than what is booked there for it anyway. Never to judge a meter or to free a phase by.
   */
  readonly placedA: PerPhase
  /** At most drawn, per site phase; undefined where the sample cannot tell. */
  readonly upperA: KnownPerPhase
  /** On all its phases together at most; absent where the sample tells them apart. */
  readonly sumMostA?: number
  /** For people; 0 where unknown. */
  readonly shownA: PerPhase
  /** For people: as measured, or the best estimate where amps per phase are not reported. */
  readonly bestA: PerPhase
  /** For people: as the station tells it, or likely by its register; absent where amps are all it tells. */
  readonly powerW?: number
  readonly best: 'measured' | 'estimate' | 'unknown'
  /** Site phases in use; undefined where the sample cannot tell. */
  readonly used: KnownPhaseSet
}

/** Memory of one connector's energy register. */
export interface EnergyMark {
  readonly monoMs: number
  readonly stationWallMs?: number
  readonly energyWh: number
  /** 1, 10, 100 or 1000: the largest that divides every value seen. */
  readonly resolutionWh: number
  /** Of the last minute, for the best estimate. */
  readonly points: readonly RegisterPoint[]
}

/** Before it is known how well the sample tells the amps. */
type Bounds = Omit<ConnectorReading, 'best' | 'bestA' | 'placedA' | 'powerW' | 'sinceMs'>

export interface ReadingContext {
  readonly connector: ConnectorConfig
  readonly nominalVoltageV: number
  /** Gives direct current, and takes at most so much more from the grid (control rule 16). */
  readonly dcEfficiency?: number
  /** The highest phase voltage the site meter shows: no station below it can have more. Absent = 10 % above nominal. */
  readonly siteVoltageV?: number
  /** Where its conductors hang by the sessions before: for the best estimate alone. */
  readonly seen?: ConductorsSeen
  /** What was booked when the sample was taken: no phase can carry more. */
  readonly bookedA: number
  readonly carPhases?: CarPhases
  /** What it was offered all the time since the last sample and longer; undefined = that changed. */
  readonly settledA?: number
  /** That it had its time to follow by then. */
  readonly settledSinceMs?: number
  readonly monoMs: number
  readonly mark?: EnergyMark
}

export function readSample(
  given: StationSample,
  context: ReadingContext,
): { reading?: ConnectorReading; mark?: EnergyMark; carPhases?: CarPhases; settledPower?: PowerBounds } {
  const sample = context.dcEfficiency === undefined ? given : withoutDirectCurrent(given)
  const mark = sample.energyWh === undefined ? context.mark : markOf(sample, sample.energyWh, context)
  const byAmps = byPhases(sample, context) ?? byCurrent(sample, context)
  const power = powerOf(sample, context)
  const bounds = byAmps ?? byDirectCurrent(power, context) ?? byPower(power, sample, context)
  if (bounds === undefined) return { ...(mark !== undefined && { mark }) }
  const isMeasured = bounds.used.every(phase => phase !== undefined)
  const bestW = measuredPower(sample, context.connector)?.lowerW ?? likelyW(mark)
  const settledPower = measuredPower(sample, context.connector) ?? countedUnder(mark, context.settledSinceMs)
  const carPhases: CarPhases | undefined =
    context.dcEfficiency !== undefined
      ? { count: 3 }
      : phasesOf(settledPower, { ...context, voltageV: sample.voltageV ?? context.nominalVoltageV })
  const on = isMeasured ? undefined : carPhasesOn(context.connector, carPhases?.count)
  const best =
    byAmps === undefined && context.dcEfficiency === undefined
      ? bestByPower(bestW, on ?? likelyOn(carPhases, context), sample, context)
      : bounds.shownA
  const isByRegister = byAmps === undefined && measuredPower(sample, context.connector) === undefined
  // Named one by one: an object that begins as a copy and grows is one of a kind to V8, and slow wherever it is read.
  const { lowerA, upperA, sumMostA, shownA, used } = bounds
  const reading: ConnectorReading = {
    monoMs: bounds.monoMs,
    lowerA,
    upperA,
    ...(sumMostA !== undefined && { sumMostA }),
    shownA,
    used,
    sinceMs: (isByRegister ? context.mark?.monoMs : undefined) ?? context.monoMs,
    placedA:
      on === undefined
        ? lowerA
        : placed(steady(power, on, isByRegister ? mark : undefined, context), on, sample, {
            ...context,
            leastA: lowerA,
          }),
    bestA: best ?? shownA,
    best: best === undefined ? 'unknown' : isMeasured ? 'measured' : 'estimate',
    ...(bestW !== undefined && { powerW: bestW }),
  }
  return {
    reading,
    ...(mark !== undefined && { mark }),
    ...(carPhases !== undefined && { carPhases }),
    ...(settledPower !== undefined && context.settledA !== undefined && { settledPower }),
  }
}

const likelyW = (mark: EnergyMark | undefined): number | undefined =>
  mark && likelyPowerW(mark.points, mark.resolutionWh)

/** With the lower edge of a longer time, where a register shows that the car takes all of an offer that lasts. */
function steady(
  power: PowerBounds | undefined,
  on: PhaseSet,
  mark: EnergyMark | undefined,
  { settledA, settledSinceMs, nominalVoltageV }: ReadingContext,
): PowerBounds | undefined {
  if (power === undefined || mark === undefined || settledA === undefined || settledSinceMs === undefined)
    return power
  const offeredW = settledA * nominalVoltageV * on.filter(Boolean).length
  const lowerW = steadyPowerW(mark.points, mark.resolutionWh, { offeredW, sinceMs: settledSinceMs }) ?? 0
  return { ...power, lowerW: Math.max(power.lowerW, lowerW) }
}

/** A car on fewer phases than a connector has whose rotation nobody has said. */
function likelyOn(carPhases: CarPhases | undefined, { seen }: ReadingContext): PhaseSet | undefined {
  const [first, third] = [seen?.first?.phase, seen?.third?.phase]
  if (carPhases?.count === 1 && first !== undefined) return [first === 0, first === 1, first === 2]
  if (carPhases?.count === 2 && third !== undefined) return [third !== 0, third !== 1, third !== 2]
  return undefined
}

function placed(
  power: PowerBounds | undefined,
  on: PhaseSet,
  sample: StationSample,
  context: ReadingContext & { readonly leastA: PerPhase },
): PerPhase {
  if (power === undefined) return context.leastA
  const highV = sample.voltageV ?? context.siteVoltageV ?? context.nominalVoltageV * (1 + VOLTAGE_TOLERANCE)
  const eachA = power.lowerW / highV / on.filter(Boolean).length
  // More than they can carry: it has taken others since.
  if (eachA > context.bookedA * CARRIES) return context.leastA
  return maxOf(context.leastA, spread(Math.min(context.bookedA, eachA), on))
}

/** The power that is most likely, alike on the phases of the car, or of the connector where that is not known. */
function bestByPower(
  powerW: number | undefined,
  on: PhaseSet | undefined,
  sample: StationSample,
  { connector, nominalVoltageV, siteVoltageV }: ReadingContext,
): PerPhase | undefined {
  if (powerW === undefined) return undefined
  const phases = on ?? wiredPhases(connector.phases)
  const voltageV = sample.voltageV ?? siteVoltageV ?? nominalVoltageV
  return spread(Math.max(0, powerW) / voltageV / phases.filter(Boolean).length, phases)
}

function byPhases(sample: StationSample, context: ReadingContext): Bounds | undefined {
  if (sample.ownPhasesA === undefined) return undefined
  const { phases, phaseRotation, maxCurrentA } = context.connector
  const own = mapPhases(index => {
    const amps = sample.ownPhasesA?.[index]
    return amps !== undefined && amps <= maxCurrentA * PLAUSIBLE_TIMES_MAX ? amps : undefined
  })
  const at = PHASE_INDEXES.map(index => sitePhase(phases, phaseRotation, index))
  const isStrayed = PHASE_INDEXES.some(
    index => at[index] === undefined && (own[index] ?? 0) >= UNUSED_BELOW_A,
  )
  const wired = wiredPhases(phases)
  if (isStrayed || (phases === 'L1L2L3' && phaseRotation === 'Unknown')) return unplaced(own, context, wired)
  const site = mapPhases(phase => {
    const index = PHASE_INDEXES.find(candidate => at[candidate] === phase)
    return index === undefined ? 0 : own[index]
  })
  return {
    monoMs: context.monoMs,
    lowerA: orZero(site),
    upperA: site,
    shownA: orZero(site),
    used: mapPhases(phase => isUsed(site[phase])),
  }
}

/** Own phases that nobody can lay on the site's: what all carry is drawn on each, what the most carries at most. */
function unplaced(own: KnownPerPhase, context: ReadingContext, wired: PhaseSet): Bounds {
  const known = own.filter(amps => amps !== undefined)
  const isWhole = known.length === 3
  const mostA = isWhole || context.connector.phases !== 'L1L2L3' ? Math.max(...known) : undefined
  const isIdle = mostA !== undefined && mostA < UNUSED_BELOW_A
  return {
    monoMs: context.monoMs,
    lowerA: spread(isWhole ? Math.min(...known) : 0, wired),
    upperA: mapPhases(phase => (wired[phase] ? mostA : 0)),
    shownA: orZero(own),
    used: mapPhases(phase => (isIdle || !wired[phase] ? false : undefined)),
  }
}

function byCurrent(sample: StationSample, context: ReadingContext): Bounds | undefined {
  const { currentA } = sample
  const { phases, maxCurrentA } = context.connector
  if (currentA === undefined || currentA > maxCurrentA * PLAUSIBLE_TIMES_MAX) return undefined
  const wired = wiredPhases(phases)
  const drawn = spread(currentA, wired)
  const onAll = { monoMs: context.monoMs, lowerA: drawn, upperA: drawn, shownA: drawn }
  if (phases !== 'L1L2L3') return { ...onAll, used: wired }
  const voltageV = sample.voltageV ?? context.nominalVoltageV
  const count =
    sample.powerW === undefined || currentA < 1
      ? undefined
      : Math.round(sample.powerW / (voltageV * currentA))
  if (count === 3) return { ...onAll, used: wired }
  // Sum, mean or one phase: a single figure does not say.
  return { ...onAll, lowerA: ZERO, upperA: UNKNOWN, sumMostA: 3 * currentA, used: UNKNOWN }
}

function powerOf(sample: StationSample, context: ReadingContext): PowerBounds | undefined {
  const bounds = measuredPower(sample, context.connector) ?? registerPower(sample, context)
  if (bounds === undefined) return undefined
  const { phases, maxCurrentA } = context.connector
  const count = phases === 'L1L2L3' ? 3 : 1
  const mostW = count * maxCurrentA * PLAUSIBLE_TIMES_MAX * context.nominalVoltageV
  return bounds.lowerW > mostW ? undefined : bounds
}

function measuredPower(sample: StationSample, connector: ConnectorConfig): PowerBounds | undefined {
  const [l1, l2, l3] = sample.ownPhasesW ?? UNKNOWN
  const isThree = connector.phases === 'L1L2L3'
  const whole =
    l1 === undefined || (isThree && (l2 === undefined || l3 === undefined))
      ? undefined
      : l1 + (l2 ?? 0) + (l3 ?? 0)
  const powerW = sample.powerW ?? whole
  return powerW === undefined ? undefined : { lowerW: powerW, upperW: powerW }
}

/** From two values of the energy register; one that went back has restarted and tells nothing. */
function registerPower(sample: StationSample, context: ReadingContext): PowerBounds | undefined {
  const { mark, monoMs } = context
  if (sample.energyWh === undefined || mark === undefined) return undefined
  const spanMs = monoMs - mark.monoMs
  const drawnWh = sample.energyWh - mark.energyWh
  // What waited on its way comes closer together than it was taken; a clock that was set tells as little as the way.
  const ownMs = ownSpanMs(sample, mark) ?? spanMs
  const [leastMs, mostMs] = [Math.min(spanMs, ownMs), Math.max(spanMs, ownMs)]
  if (leastMs < MIN_ENERGY_SPAN_MS || mostMs > MAX_ENERGY_SPAN_MS || drawnWh < 0) return undefined
  return {
    lowerW: Math.max(0, ((drawnWh - mark.resolutionWh) * HOUR_MS) / mostMs),
    upperW: ((drawnWh + mark.resolutionWh) * HOUR_MS) / leastMs,
  }
}

/** By the station's own times. */
function ownSpanMs(sample: StationSample, mark: EnergyMark | undefined): number | undefined {
  const [fromMs, toMs] = [mark?.stationWallMs, sample.stationWallMs]
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs
}

function byDirectCurrent(power: PowerBounds | undefined, context: ReadingContext): Bounds | undefined {
  const { connector, dcEfficiency, monoMs, nominalVoltageV, siteVoltageV } = context
  if (dcEfficiency === undefined || power === undefined) return undefined
  const highV = siteVoltageV ?? nominalVoltageV * (1 + VOLTAGE_TOLERANCE)
  const lowV = nominalVoltageV * (1 - VOLTAGE_TOLERANCE)
  const eachA = directCurrentBounds(power, { dcEfficiency, highV, lowV, nominalVoltageV })
  const wired = wiredPhases(connector.phases)
  const isDrawing = eachA.upperA >= UNUSED_BELOW_A
  return {
    monoMs,
    lowerA: spread(eachA.lowerA, wired),
    upperA: spread(eachA.upperA, wired),
    shownA: spread(eachA.likelyA, wired),
    used: mapPhases(phase => isDrawing && wired[phase]),
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
    upperA: spread(power.upperW / lowV, wired),
    sumMostA: power.upperW / lowV,
    shownA: spread(shown, wired),
    used: mapPhases(phase => (wired[phase] ? undefined : false)),
  }
}

function mapPhases<T>(of: (phase: PhaseIndex) => T): readonly [T, T, T] {
  return [of(0), of(1), of(2)]
}

/** Of a literal of its own: the one above makes lists of other things too, and V8 would keep these numbers in a slower form. */
function orZero(amps: KnownPerPhase): PerPhase {
  return [amps[0] ?? 0, amps[1] ?? 0, amps[2] ?? 0]
}

function isUsed(amps: number | undefined): boolean | undefined {
  return amps === undefined ? undefined : amps >= UNUSED_BELOW_A
}

function markOf(sample: StationSample, energyWh: number, context: ReadingContext): EnergyMark {
  const { mark, monoMs } = context
  const known = mark?.resolutionWh ?? 1000
  const resolutionWh = [1000, 100, 10].find(step => step <= known && energyWh % step === 0) ?? 1
  const spanMs = monoMs - (mark?.monoMs ?? monoMs)
  const waited = Math.abs((ownSpanMs(sample, mark) ?? spanMs) - spanMs) > ON_TIME_MS
  const mostWh = mostBetween(ratedPowerW(context.connector, context.nominalVoltageV), spanMs)
  const jumped = mark !== undefined && energyWh - mark.energyWh > mostWh
  const points = withPoint(waited || jumped ? [] : (mark?.points ?? []), { monoMs, energyWh })
  if (mark !== undefined && monoMs - mark.monoMs < MIN_ENERGY_SPAN_MS)
    return { ...mark, resolutionWh, points }
  const { stationWallMs } = sample
  return { monoMs, energyWh, resolutionWh, points, ...(stationWallMs !== undefined && { stationWallMs }) }
}
