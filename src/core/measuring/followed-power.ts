/**
 * Whether the power of a station that tells no amps goes down with its offer (control rules 9, 14). Power alone is a range of
 * amps: as much on three phases of an obedient car as on one of a car that nothing holds. A lower that the power did not follow
 * is not confirmed as long as the car may be on so few phases that it is above the offer; that it is on more shows by steps
 * of the offer that its power took in proportion. Knows no circuits. Pure.
 */
import { PROOF_TOLERANCE_A } from '../allocation/booking.js'
import type { ConnectorConfig } from '../config/site.js'
import { wiredPhases } from '../site/phases.js'
import { ALIKE_SHARE, countOf, isFarFrom, type PhaseCount, type PowerBounds } from './car-phases.js'

/** What the powers of a session have shown so far, each under an offer that had had its time. */
export interface PowerTrail {
  /** All it was offered, on so many phases. */
  readonly took?: { readonly count: PhaseCount; readonly power: PowerBounds }
  /** On how many phases it charges: it followed a step of the offer in proportion. */
  readonly shown?: PhaseCount
  /** Its power now, and the highest offer under which that was the same. */
  readonly last?: { readonly offerA: number; readonly power: PowerBounds }
  /** It did not follow: so much it may draw on any of its phases, A. */
  readonly unfollowedA?: number
  /** An offer below what it draws on however many phases: a car that follows shows it under this one. */
  readonly testA?: number
}

export interface PowerAt {
  readonly connector: ConnectorConfig
  readonly offerA: number
  readonly voltageV: number
  /** The lowest and the highest that it can be. */
  readonly lowV: number
  readonly highV: number
  readonly minCurrentA: number
  /** On how many phases it seemed to charge until now. */
  readonly seemed: PhaseCount | undefined
}

/** A fall, or a rise, by less is the car's own. */
const MOVED_SHARE = 0.1
/** A range of power that is wider than this tells no number of phases. */
const WIDEST = 1.4
/** No phase carries more of a connector's rating. */
const CARRIES = 1.1
/** What is tried: so much of what it draws if all phases carry the same. */
const TEST_SHARE = 0.75

/** The trail with one more power. */
export function withPower(before: PowerTrail, power: PowerBounds, at: PowerAt): PowerTrail {
  const count = tookAll(power, at)
  const steps = before.took !== undefined && count === before.took.count && hasMoved(before.took.power, power)
  const lands = count !== undefined && before.last !== undefined && hasLanded(before.last, power, at.offerA)
  const shown = steps || lands ? count : before.shown
  const last = lastOf(before.last, power, at.offerA)
  const took = count === undefined ? before.took : { count, power }
  const { connector, lowV } = at
  const isHeld = before.unfollowedA !== undefined || hasIgnored(before, power, at)
  if (steps || lands || !isHeld || !isAbove(shown, power, at))
    return { last, ...(took !== undefined && { took }), ...(shown !== undefined && { shown }) }
  // It is not what it seemed.
  const mostA = power.upperW / (fewest(power, at) * lowV)
  const testA = testOf(power, at)
  return {
    ...{ last, unfollowedA: Math.min(connector.maxCurrentA, mostA) },
    ...(testA !== undefined && { testA }),
  }
}

/** On as few phases as it may be on it is more than it is offered. */
function isAbove(shown: PhaseCount | undefined, power: PowerBounds, at: PowerAt): boolean {
  const { offerA, voltageV, lowV } = at
  // That many phases were seen by this very voltage.
  if (shown !== undefined)
    return (
      power.lowerW / (shown * voltageV) > Math.max(offerA + PROOF_TOLERANCE_A, offerA * (1 + ALIKE_SHARE))
    )
  return power.lowerW / (fewest(power, at) * lowV) > offerA + PROOF_TOLERANCE_A
}

/** More than its phases carry at this offer, or as much as under one that was far higher. */
function hasIgnored({ shown, last }: PowerTrail, power: PowerBounds, at: PowerAt): boolean {
  const phases = shown ?? at.seemed
  if (phases !== undefined && power.lowerW > phases * at.offerA * at.voltageV * (1 + 3 * ALIKE_SHARE))
    return true
  if (last === undefined || last.offerA <= at.offerA || !isFarFrom(last.offerA, at.offerA)) return false
  return power.lowerW > 0 && power.lowerW >= last.power.upperW * (1 - MOVED_SHARE)
}

/** The only number of phases on which this is all it is offered. */
function tookAll(power: PowerBounds, { connector, offerA, voltageV }: PowerAt): PhaseCount | undefined {
  if (power.lowerW <= 0 || power.upperW > power.lowerW * WIDEST) return undefined
  const fits = ([1, 2, 3] as const).filter(phases => {
    const wholeW = phases * offerA * voltageV
    const isReached = power.upperW >= wholeW * (1 - ALIKE_SHARE)
    return phases <= mostOf(connector) && isReached && power.lowerW <= wholeW * (1 + ALIKE_SHARE)
  })
  return fits.length === 1 && fits[0] !== undefined ? countOf(fits[0]) : undefined
}

/** Surely another power than it was. */
function hasMoved(from: PowerBounds, to: PowerBounds): boolean {
  return to.upperW < from.lowerW * (1 - MOVED_SHARE) || to.lowerW > from.upperW * (1 + MOVED_SHARE)
}

/** From more down to just what the lower offer leaves. */
function hasLanded(last: NonNullable<PowerTrail['last']>, power: PowerBounds, offerA: number): boolean {
  return offerA < last.offerA && power.upperW < last.power.lowerW * (1 - MOVED_SHARE)
}

function lastOf(
  last: PowerTrail['last'],
  power: PowerBounds,
  offerA: number,
): NonNullable<PowerTrail['last']> {
  if (last === undefined || offerA > last.offerA || hasMoved(last.power, power)) return { offerA, power }
  if (offerA < last.offerA) return last
  // The longer a register counts, the narrower the range.
  const both = {
    lowerW: Math.max(last.power.lowerW, power.lowerW),
    upperW: Math.min(last.power.upperW, power.upperW),
  }
  return { offerA, power: both.lowerW <= both.upperW ? both : power }
}

/** It cannot be on fewer phases than can carry it. */
function fewest(power: PowerBounds, { connector, highV }: PowerAt): number {
  const onOneW = connector.maxCurrentA * CARRIES * highV
  return Math.max(1, Math.min(mostOf(connector), Math.ceil(power.lowerW / onOneW)))
}

function testOf(power: PowerBounds, { connector, minCurrentA, highV }: PowerAt): number | undefined {
  const eachA = power.lowerW / (mostOf(connector) * highV)
  const testA = Math.max(minCurrentA, Math.floor(eachA * TEST_SHARE))
  return testA <= eachA * (1 - MOVED_SHARE) ? testA : undefined
}

const mostOf = ({ phases }: ConnectorConfig): number => wiredPhases(phases).filter(Boolean).length
