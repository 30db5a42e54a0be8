/**
 * Why a connector gets no more: one chain from what it can give to what it is told now, each link a source with the most it
 * leaves, since when, and what would lift it. Codes and parameters only; page, MQTT and the decision journal say it in the
 * words of `view/why-words.ts`. Plain data.
 */
import type { SharingRule } from '../config/site-profile.js'
import type { LimitInForce } from '../limits/limit.js'
import type { PhaseName } from '../site/phases.js'

/** From the widest to the narrowest: what it can ever have, what it is allotted, what holds the rest back for now. */
export const REASON_CODES = [
  // Nothing to share out to.
  ...(['no car', 'no session'] as const),
  // What it may have.
  ...([
    'connector',
    'csms',
    'order',
    'tag refused',
    'no clock',
    'ceiling',
    'car',
    'full car',
    'minimum',
  ] as const),
  // What it is allotted.
  ...(['starting', 'share', 'turn'] as const),
  // What holds back the rest of that for now.
  ...(['meter', 'elsewhere', 'restart', 'probe', 'refresh', 'room', 'ramp', 'stagger', 'proof'] as const),
  // Nothing can be told to it now.
  ...([
    'isolated',
    'away',
    'driven',
    'released',
    'fault',
    'unable',
    'disobeys',
    'refused',
    'unverified',
  ] as const),
  ...(['unanswered', 'unproven', 'exceeds', 'settling'] as const),
] as const
export type ReasonCode = (typeof REASON_CODES)[number]

/** What would lift it. */
export const LIFTS = [
  ...([
    'configuration',
    'csms',
    'order',
    'session',
    'car',
    'clock',
    'room',
    'turn',
    'meter',
    'station',
  ] as const),
  ...(['operator', 'proof', 'time', 'none'] as const),
] as const
export type Lift = (typeof LIFTS)[number]

export interface Reason {
  readonly code: ReasonCode
  /** The most it leaves, A; where nothing can be told to the station, what is counted for it. */
  readonly valueA: number
  readonly lift: Lift
  /** When it is lifted at the latest, or looked at again, ms since 1970. */
  readonly liftWallMs?: number
  readonly circuitId?: string
  readonly phase?: PhaseName
  /** The meter it is about. */
  readonly about?: string
  /** Towards this, A: the least a car takes, what it is on the way to. */
  readonly towardsA?: number
  /** Who share there. */
  readonly cars?: number
  readonly rule?: SharingRule
  /** The limit from outside that it is. */
  readonly order?: Order
}

/** What names a limit from outside. */
export type Order = Pick<LimitInForce, 'source' | 'state' | 'id' | 'by'>

/** Why the meter of a circuit does not say what other load is. */
export const OTHER_LOAD_DOUBTS = ['absent', 'not believed', 'not proven'] as const
export type OtherLoadDoubt = (typeof OTHER_LOAD_DOUBTS)[number]

/** What stands on a circuit's phase beside one another; together they are its limit. */
export const PART_CODES = [
  ...(['other load', 'meter', 'stations', 'dip', 'never seen', 'unreachable', 'unverified'] as const),
  ...(['unproven', 'standby', 'retired', 'stray', 'learner', 'cars', 'free'] as const),
] as const
export type PartCode = (typeof PART_CODES)[number]

export interface CircuitPart {
  readonly code: PartCode
  /** `free` is below zero where more is set aside than there is. */
  readonly valueA: number
  /** Stations or the meter meant, the first few. */
  readonly about: readonly string[]
  /** How many it is about in all. */
  readonly count: number
  /** Why other load is not measured. */
  readonly assumed?: string
}

/** What a circuit's limit is made up of on the phase with the least left. */
export interface CircuitParts {
  readonly circuitId: string
  readonly phase: PhaseName
  readonly limitA: number
  /** What makes the limit lower than what it carries. */
  readonly order?: Order
  /** The limit is that of its stations together: other load is no part of it. */
  readonly onlyStations?: true
  readonly parts: readonly CircuitPart[]
}

/** With the time since it holds, ms since 1970. */
export interface HeldReason extends Reason {
  readonly sinceWallMs: number
}

/** A link that was there before, of the same source, holds since then. A chain that says the same is the one from before. */
export function heldSince(
  before: readonly HeldReason[],
  now: readonly Reason[],
  wallMs: number,
): readonly HeldReason[] {
  if (before.length === now.length && before.every((held, place) => saysAsMuch(held, now[place])))
    return before
  return now.map(reason => {
    const same = before.find(({ code, circuitId }) => code === reason.code && circuitId === reason.circuitId)
    return { ...reason, sinceWallMs: same?.sinceWallMs ?? wallMs }
  })
}

function saysAsMuch(held: Reason, reason: Reason | undefined): boolean {
  if (reason === undefined || held.code !== reason.code || held.valueA !== reason.valueA) return false
  const isSamePlace = held.circuitId === reason.circuitId && held.phase === reason.phase
  const isSameWay =
    held.towardsA === reason.towardsA && held.cars === reason.cars && held.rule === reason.rule
  const isSameLift = held.lift === reason.lift && held.liftWallMs === reason.liftWallMs
  const isSameMeter = held.about === reason.about
  return isSamePlace && isSameWay && isSameLift && isSameMeter && isSameOrder(held.order, reason.order)
}

function isSameOrder(held: Order | undefined, order: Order | undefined): boolean {
  if (held === order || held === undefined || order === undefined) return held === order
  const isSameGiver = held.source === order.source && held.by === order.by
  return isSameGiver && held.id === order.id && held.state === order.state
}
