/**
 * What past sessions say of the next one: when whoever charges there usually leaves, and with how much energy. Learned per
 * tag, else per connector, on the same day of the week where there were enough, else on days of its kind. Unknown stays
 * unknown until enough sessions agree, and what is learned is only ever a guess: it decides who is served first, never how
 * much may flow, and leaves everybody its equal share (allocation/accounts.ts). Plain data, pure.
 */
import { MAX_ENERGY_WH } from '../config/site.js'

const DAY_MINUTES = 24 * 60
const MINUTE_MS = 60_000
/** Kept of each, the latest: some months of one weekday each. */
export const MAX_VISITS = 24
/** Looked at for one guess, the latest of the fitting ones. */
const LOOKED_AT = 8
/** With fewer nothing is said. */
const LEAST_VISITS = 5
/** So many of them have to agree. */
const AGREE_SHARE = 0.75
const AGREE_MIN = 30
/** Whoever comes at another time of day than they did has other plans. */
const COMES_WITHIN_MIN = 180
const AGREE_ENERGY = 0.3
/** A session shorter than this was no visit. */
const LEAST_STAY_MS = 10 * MINUTE_MS

export interface Visit {
  /** Local, 0 = Sunday. */
  readonly weekday: number
  /** Minutes since local midnight. */
  readonly cameMin: number
  readonly leftMin: number
  readonly stayMin: number
  readonly energyWh: number
}

/** Oldest first. */
export type Habit = readonly Visit[]

export interface Expected {
  /** Minutes since local midnight, the next time it is so late after the arrival. */
  readonly leavesMin: number
  /** So many of the visits looked at agree. */
  readonly times: number
  readonly of: number
  readonly energyWh?: number
}

/** A local day and time; see `localMoment`. */
export interface LocalMoment {
  readonly weekday: number
  readonly minute: number
}

export function visitOf(
  came: LocalMoment,
  left: LocalMoment,
  { stayMs, energyWh }: { readonly stayMs: number; readonly energyWh: number },
): Visit | undefined {
  if (!(stayMs >= LEAST_STAY_MS)) return undefined
  return {
    weekday: came.weekday,
    cameMin: came.minute,
    leftMin: left.minute,
    stayMin: Math.round(stayMs / MINUTE_MS),
    energyWh: Math.round(Math.min(MAX_ENERGY_WH, Math.max(0, energyWh))),
  }
}

export function withVisit(habit: Habit, visit: Visit): Habit {
  return [...habit, visit].slice(-MAX_VISITS)
}

/** Undefined while too few agree. */
export function expected(habit: Habit, came: LocalMoment): Expected | undefined {
  const fitting = habit.filter(({ cameMin }) => apart(cameMin, came.minute) <= COMES_WITHIN_MIN)
  const sameDay = fitting.filter(({ weekday }) => weekday === came.weekday)
  const sameKind = fitting.filter(({ weekday }) => isWeekend(weekday) === isWeekend(came.weekday))
  return agreed(sameDay, came) ?? (sameDay.length < LEAST_VISITS ? agreed(sameKind, came) : undefined)
}

function agreed(visits: Habit, came: LocalMoment): Expected | undefined {
  const latest = visits.slice(-LOOKED_AT)
  if (latest.length < LEAST_VISITS) return undefined
  const stays = latest.map(visit => ({ visit, min: stayOf(visit, came) }))
  const middle = median(stays.map(({ min }) => min))
  const agree = stays.filter(({ visit, min }) => visit.stayMin < DAY_MINUTES && near(min, middle))
  if (agree.length < AGREE_SHARE * latest.length) return undefined
  // The earliest: to be ready too soon harms nobody.
  const stayMin = Math.min(...agree.map(({ min }) => min))
  if (stayMin * MINUTE_MS < LEAST_STAY_MS) return undefined
  const energyWh = agreedEnergy(agree.map(({ visit }) => visit.energyWh))
  return {
    leavesMin: (came.minute + stayMin) % DAY_MINUTES,
    times: agree.length,
    of: latest.length,
    ...(energyWh !== undefined && { energyWh }),
  }
}

/** From this arrival to the time of day at which that one left. */
const stayOf = ({ leftMin }: Visit, { minute }: LocalMoment): number =>
  (leftMin - minute + DAY_MINUTES) % DAY_MINUTES

const near = (min: number, middle: number): boolean => Math.abs(min - middle) <= AGREE_MIN

/** The most of those that agree: what is still missing decides how urgent it is. */
function agreedEnergy(energiesWh: readonly number[]): number | undefined {
  const middle = median(energiesWh)
  const agree = energiesWh.filter(energyWh => Math.abs(energyWh - middle) <= AGREE_ENERGY * middle)
  return agree.length >= AGREE_SHARE * energiesWh.length && middle > 0 ? Math.max(...agree) : undefined
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}

/** Minutes between two times of day, the short way round. */
function apart(a: number, b: number): number {
  const ahead = (a - b + DAY_MINUTES) % DAY_MINUTES
  return Math.min(ahead, DAY_MINUTES - ahead)
}

const isWeekend = (weekday: number): boolean => weekday === 0 || weekday === 6

/** As read back from disk; what is no visit is left out. */
export function habitOf(value: unknown): Habit | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap(one => visitIn(one) ?? []).slice(-MAX_VISITS)
}

function visitIn(value: unknown): Visit | undefined {
  const number = (name: string, most: number): number | undefined => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    return typeof found === 'number' && found >= 0 && found <= most ? found : undefined
  }
  const weekday = number('weekday', 6)
  const cameMin = number('cameMin', DAY_MINUTES)
  const leftMin = number('leftMin', DAY_MINUTES)
  const stayMin = number('stayMin', Number.MAX_SAFE_INTEGER)
  const energyWh = number('energyWh', MAX_ENERGY_WH)
  if (weekday === undefined || cameMin === undefined || leftMin === undefined) return undefined
  if (stayMin === undefined || energyWh === undefined) return undefined
  return { weekday, cameMin, leftMin, stayMin, energyWh }
}
