/**
 * On how many phases a session's car charges, by its power under offers that stand (control rules 14, 16): never by what it drew
 * before an offer had its time, and never by less than a register shows for certain. Pure.
 */
import type { ConnectorConfig } from '../config/site.js'
import { PHASE_INDEXES, type PhaseSet, sitePhase, wiredPhases } from '../site/phases.js'
import type { RegisterPoint } from './best-estimate.js'

const HOUR_MS = 3_600_000
/** No car draws less on a phase it uses, and no station offers less (IEC 61851-1). */
const LEAST_CURRENT_A = 6
/** So far from a whole number of phases may the power be off: metering, voltage, register steps. */
export const ALIKE_SHARE = 0.07

/** What the power of this session's car has said of its phases. */
export interface CarPhases {
  /** Undefined = not known yet. */
  readonly count?: PhaseCount
  /** Not proven: under this offer its power was that of so many phases. */
  readonly seemed?: { readonly count: PhaseCount; readonly offerA: number }
}

export type PhaseCount = 1 | 2 | 3

/** Between two values of a register, or as the station tells it. */
export interface PowerBounds {
  readonly lowerW: number
  readonly upperW: number
}

export interface UnderOffer {
  readonly connector: ConnectorConfig
  readonly voltageV: number
  /** What it was offered all the time since the last sample and longer; undefined = that changed. */
  readonly settledA?: number
  /** What was known before. */
  readonly carPhases?: CarPhases
}

/**
 * A car that takes all it is offered shows its number of phases by its power; that stays for its session. Less than the offer
 * on more phases can look alike: fewer than all are proven where it would then be below the least that a car takes, or by
 * two offers far apart.
 */
export function phasesOf(
  power: PowerBounds | undefined,
  { connector, voltageV, settledA, carPhases: known }: UnderOffer,
): CarPhases | undefined {
  const most = wiredPhases(connector.phases).filter(Boolean).length
  if (most === 1) return { count: 1 }
  if (power === undefined || settledA === undefined || settledA < LEAST_CURRENT_A) return known
  const onePhaseW = voltageV * settledA
  const [leastTimes, mostTimes] = [power.lowerW / onePhaseW, power.upperW / onePhaseW]
  if (leastTimes >= most * (1 - ALIKE_SHARE) && leastTimes <= most * (1 + ALIKE_SHARE))
    return { count: countOf(most) }
  // A car that has taken more phases since draws more than those can carry.
  const isMore = known?.count !== undefined && leastTimes > known.count * (1 + 3 * ALIKE_SHARE)
  const carPhases = isMore ? {} : known
  const nearest = Math.round((leastTimes + mostTimes) / 2)
  if (nearest < 1 || nearest >= most) return carPhases
  const isWithin = (share: number): boolean =>
    leastTimes >= nearest * (1 - share) && mostTimes <= nearest * (1 + share)
  const count = countOf(nearest)
  const mostOnEachA = (Math.max(mostTimes, count * (1 + ALIKE_SHARE)) * settledA) / (count + 1)
  if (mostOnEachA < LEAST_CURRENT_A && isWithin(3 * ALIKE_SHARE)) return { count }
  if (!isWithin(ALIKE_SHARE)) return carPhases
  const { seemed } = carPhases ?? {}
  if (seemed?.count !== count) return { ...carPhases, seemed: { count, offerA: settledA } }
  return isFarFrom(seemed.offerA, settledA) ? { count } : carPhases
}

export const countOf = (phases: number): PhaseCount => (phases <= 1 ? 1 : phases === 2 ? 2 : 3)

interface Register {
  readonly points: readonly RegisterPoint[]
  readonly resolutionWh: number
}

/** What the register has counted since the offer that stands has had its time; of before it tells nothing here. */
export function countedUnder(
  mark: Register | undefined,
  settledSinceMs: number | undefined,
): PowerBounds | undefined {
  const last = mark?.points.at(-1)
  if (mark === undefined || last === undefined || settledSinceMs === undefined) return undefined
  let [lowerW, upperW] = [0, Number.MAX_VALUE]
  for (const { monoMs, energyWh } of mark.points.slice(0, -1)) {
    if (monoMs < settledSinceMs) continue
    const perHour = HOUR_MS / (last.monoMs - monoMs)
    lowerW = Math.max(lowerW, (last.energyWh - energyWh - mark.resolutionWh) * perHour)
    upperW = Math.min(upperW, (last.energyWh - energyWh + mark.resolutionWh) * perHour)
  }
  return lowerW <= upperW ? { lowerW, upperW } : undefined
}

/** No steady draw is alike under both. */
export function isFarFrom(offerA: number, otherA: number): boolean {
  return Math.max(offerA, otherA) > Math.min(offerA, otherA) * (1 + 3 * ALIKE_SHARE)
}

/** The first phases of the connector, as IEC 61851-1 cars with fewer phases use them; undefined where nobody knows. */
export function carPhasesOn(connector: ConnectorConfig, count: PhaseCount | undefined): PhaseSet | undefined {
  if (count === undefined) return undefined
  const wired = wiredPhases(connector.phases)
  if (count === wired.filter(Boolean).length) return wired
  const at = PHASE_INDEXES.slice(0, count).map(own =>
    sitePhase(connector.phases, connector.phaseRotation, own),
  )
  return at.includes(undefined) ? undefined : [at.includes(0), at.includes(1), at.includes(2)]
}
