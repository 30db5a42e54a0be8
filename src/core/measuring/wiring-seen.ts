/**
 * How a connector hangs, by what the meter above it showed when its car was told another current: on which phases of the site,
 * one picture per session and some sessions of each connector. What sessions agree on is said to people and taken for a best
 * estimate, and decides nothing; what the running session shows is `car-seen.ts` (control rules 14, 16). Plain data, pure.
 */
import { isFields } from '../fields.js'
import { PHASE_INDEXES, type PhaseIndex, type PhaseRotation, type PhaseSet } from '../site/phases.js'
import type { CarSeen } from './car-seen.js'
import { type PathPoint, seen } from './meter-path.js'

/** Kept of each connector, the latest. */
export const MAX_SIGHTS = 12
/** With fewer sessions of one-phase cars that agree nothing is said. */
const LEAST_SESSIONS = 3
/** So many steps of one session have to be alike. */
const LEAST_STEPS = 2
/** Level before and after, as meter-path.ts takes it. */
export const LEVEL_MS = 5_000
/** A phase that moved did so by as much of the step, straight on. */
const MOVED = [0.75, 1.2] as const
const BACK_SHARE = 0.3
/** One that did not stood still but for this share, and ripple. */
const STILL_SHARE = 0.2
const RIPPLE_A = 0.3

/** What one session showed. */
export interface Sight {
  /** When the session began: it is told again by its later steps. */
  readonly sessionWallMs: number
  /** The meter, and how its phases are laid: under another it says nothing. */
  readonly by: string
  readonly phases: PhaseSet
  /** How much of each step came, on each of these phases. */
  readonly share: number
  readonly steps: number
  /** Its steps contradict one another: the car changed its phases, or the meter saw something else. */
  readonly isMixed: boolean
}

/** Oldest first. */
export type WiringSeen = readonly Sight[]

export interface Step {
  readonly fromMs: number
  readonly toMs: number
  readonly stepA: number
}

/** Of one connector. */
export interface WiringWatch {
  readonly seen: WiringSeen
  /** What was accepted last in the running session. */
  readonly told?: { readonly transactionId: number; readonly offerA: number }
  /** To be looked for at the meter. */
  readonly step?: Step
  /** Of the running session alone, never kept. */
  readonly car?: CarSeen
}

/** On which phases the meter followed a step; undefined where it does not show clearly. */
export function followedOn(
  path: readonly PathPoint[],
  { fromMs, toMs, stepA }: Step,
): Pick<Sight, 'phases' | 'share'> | undefined {
  const shares: number[] = []
  const on: boolean[] = []
  for (const phase of PHASE_INDEXES) {
    const way = seen(path, phase, fromMs - LEVEL_MS, toMs + LEVEL_MS)
    if (way === undefined) return undefined
    const share = way.netA / stepA
    const backA = stepA > 0 ? way.dropA : way.climbA
    const isStill = Math.abs(way.netA) <= STILL_SHARE * Math.abs(stepA) + RIPPLE_A
    const hasMoved = share >= MOVED[0] && share <= MOVED[1] && backA <= BACK_SHARE * Math.abs(stepA)
    if (!isStill && !hasMoved) return undefined
    on.push(hasMoved)
    if (hasMoved) shares.push(share)
  }
  if (shares.length === 0) return undefined
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length
  return { phases: [on[0] === true, on[1] === true, on[2] === true], share }
}

/** With one more step of that session. */
export function withStep(
  seenSo: WiringSeen,
  session: Pick<Sight, 'sessionWallMs' | 'by'>,
  { phases, share }: Pick<Sight, 'phases' | 'share'>,
): WiringSeen {
  const last = seenSo.at(-1)
  if (last?.sessionWallMs !== session.sessionWallMs || last.by !== session.by)
    return [...seenSo, { ...session, phases, share, steps: 1, isMixed: false }].slice(-MAX_SIGHTS)
  const isAlike = PHASE_INDEXES.every(phase => last.phases[phase] === phases[phase])
  const steps = last.steps + 1
  const mean = last.share + (share - last.share) / steps
  return [...seenSo.slice(0, -1), { ...last, steps, share: mean, isMixed: last.isMixed || !isAlike }]
}

export interface PhaseSeen {
  readonly phase: PhaseIndex
  /** By so many sessions that agree. */
  readonly sessions: number
}

/** On which site phases a connector's own first and third conductor were seen. */
export interface ConductorsSeen {
  readonly first?: PhaseSeen
  readonly third?: PhaseSeen
}

/**
 * Cars on one phase use the first conductor, cars on two the first and the second (IEC 61851-1): where all of a kind were seen on
 * the same phases, those are told, unless the two kinds contradict each other.
 */
export function conductorsSeen(seenSo: WiringSeen, by: string): ConductorsSeen {
  const clear = seenSo.filter(sight => sight.by === by && sight.steps >= LEAST_STEPS && !sight.isMixed)
  const used = clear.flatMap(({ phases }) => onlyOf(phases) ?? [])
  const unused = clear.flatMap(({ phases: [l1, l2, l3] }) => onlyOf([!l1, !l2, !l3]) ?? [])
  // One of the two kinds is no car on its first conductors, and nobody knows which.
  if (used.some(phase => unused.includes(phase))) return {}
  const [first, third] = [agreed(used), agreed(unused)]
  return { ...(first !== undefined && { first }), ...(third !== undefined && { third }) }
}

function agreed(phases: readonly PhaseIndex[]): PhaseSeen | undefined {
  const [phase] = phases
  if (phase === undefined || phases.length < LEAST_SESSIONS) return undefined
  return phases.every(one => one === phase) ? { phase, sessions: phases.length } : undefined
}

/** Both ends tell the middle. */
export function rotationSeen({ first, third }: ConductorsSeen): PhaseRotation | undefined {
  if (first === undefined || third === undefined) return undefined
  const second = PHASE_INDEXES.find(phase => phase !== first.phase && phase !== third.phase) ?? 0
  const text = [first.phase, second, third.phase].map(phase => 'RST'[phase]).join('')
  return ROTATIONS.find(rotation => rotation === text)
}

const ROTATIONS: readonly PhaseRotation[] = ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR']

function onlyOf(phases: PhaseSet): PhaseIndex | undefined {
  const [only, ...others] = PHASE_INDEXES.filter(phase => phases[phase])
  return others.length === 0 ? only : undefined
}

/** As read back from disk; what is no sight is left out. */
export function wiringSeenOf(value: unknown): WiringSeen | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap(one => sightIn(one) ?? []).slice(-MAX_SIGHTS)
}

function sightIn(value: unknown): Sight | undefined {
  if (!isFields(value)) return undefined
  const number = (name: string, most: number): number | undefined => {
    const found = value[name]
    return typeof found === 'number' && found >= 0 && found <= most ? found : undefined
  }
  const [sessionWallMs, share] = [number('sessionWallMs', Number.MAX_SAFE_INTEGER), number('share', MOVED[1])]
  const steps = number('steps', Number.MAX_SAFE_INTEGER)
  const { phases, isMixed, by } = value
  if (sessionWallMs === undefined || share === undefined || steps === undefined) return undefined
  if (typeof by !== 'string' || typeof isMixed !== 'boolean') return undefined
  if (!Array.isArray(phases) || phases.length !== 3) return undefined
  if (!phases.every(phase => typeof phase === 'boolean')) return undefined
  return {
    ...{ sessionWallMs, by, share, steps, isMixed },
    phases: [phases[0] === true, phases[1] === true, phases[2] === true],
  }
}
