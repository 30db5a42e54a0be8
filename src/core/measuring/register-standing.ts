/**
 * A meter repeats itself: its energy register stands while its own power says that it must have counted on, whatever its
 * stations do (control rule 15: "its own counters must progress"). How often it moves, and for how much, is learnt from itself:
 * some count each watt-hour, some each kilowatt-hour, some are renewed every quarter of an hour. Mutable plain data, owned by
 * one meter's judgement.
 */
import type { MeterReading } from '../events.js'
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import {
  COUNTS_W,
  LATE_LEAST_S,
  LATE_TIMES,
  REGISTER_GAP_S,
  REGISTER_READ_S,
} from '../site/standing-meter.js'

/**
 * Its pace is the longest of so many steps in a row, in time and in energy, each at its best so far: by its energy a coarse
 * register moves seldom at little load, by its time one that is renewed seldom does at any.
 */
const STEPS = 10
/** Where all that it shows stands with it: as long as two of them, and one more read of the register. */
const ALIKE_LEAST_MS = LATE_LEAST_S * 1_000
const READ_EVERY_MS = REGISTER_READ_S * 1_000
/** What answers out of a store may hold another moment for each way in which it is asked. */
const MOMENTS = 4
/** Where its amps move: a register alone may come late, by a gateway that renews it when it has time. */
const MOVING_TIMES = 8
const MOVING_LEAST_MS = 60_000
const GAP_MS = REGISTER_GAP_S * 1_000

export interface RegisterStands {
  readonly kind: 'register stands'
  readonly atWh: number
  readonly expectedWh: number
}

interface Stretch {
  readonly lastsMs: number
  /** What its power made, by the lesser of two readings. */
  readonly expectedWh: number
}

/** Since the last step, or since it is watched. */
interface Now extends Stretch {
  /** The same by the greater of two readings. */
  readonly mostWh: number
  /** It began with a step, and its power was all the time one that the register has to count. */
  readonly isWhole: boolean
  /** Since its amps and watts are, to the last bit, some that it showed just before. */
  readonly alike: Stretch
  /** It was said to stand. */
  readonly isTold: boolean
}

const NOTHING: Stretch = { lastsMs: 0, expectedWh: 0 }
const STEPPED: Now = { ...NOTHING, mostWh: 0, isWhole: true, alike: NOTHING, isTold: false }

export interface StandingWatch {
  now: Now
  before: Shown | undefined
  /** Its last readings that differ. */
  lately: readonly Shown[]
  /** The last steps. */
  steps: readonly Stretch[]
  pace: Stretch | undefined
}

interface Shown {
  readonly monoMs: number
  readonly currentA: PerPhase
  readonly powerW: number
  readonly importWh: number
  readonly exportWh: number | undefined
}

export function newStandingWatch(): StandingWatch {
  return { now: { ...STEPPED, isWhole: false }, before: undefined, lately: [], steps: [], pace: undefined }
}

/** One good reading. `generation`: something under the meter can feed back. */
export function watchStanding(
  watch: StandingWatch,
  reading: MeterReading & { readonly currentA: PerPhase },
  generation: boolean,
): RegisterStands | undefined {
  const shown = shownBy(reading)
  const { before, now } = watch
  watch.before = shown
  if (shown === undefined || before === undefined || shown.monoMs - before.monoMs > GAP_MS) {
    watch.now = { ...STEPPED, isWhole: false, isTold: now.isTold }
    return undefined
  }
  const isNew = !watch.lately.some(one => isAlike(one, shown))
  if (isNew) watch.lately = [...watch.lately.slice(1 - MOMENTS), shown]
  const later = goneOn(now, isNew, before, shown)
  if (shown.importWh !== before.importWh || shown.exportWh !== before.exportWh) {
    stepped(watch, later, shown.importWh - before.importWh)
    watch.now = STEPPED
    return undefined
  }
  const isTold = watch.pace !== undefined && isTooLong(later, watch.pace, generation)
  watch.now = { ...later, isTold: later.isTold || isTold }
  return isTold ? { kind: 'register stands', atWh: shown.importWh, expectedWh: later.expectedWh } : undefined
}

function shownBy(reading: MeterReading & { readonly currentA: PerPhase }): Shown | undefined {
  const { monoMs, currentA, importWh, exportWh, totalPowerW: powerW } = reading
  if (importWh === undefined || powerW === undefined || powerW < 0) return undefined
  return { monoMs, currentA, powerW, importWh, exportWh }
}

/** Only that time counts in which its power is one that the register has to count. */
function goneOn(now: Now, isNew: boolean, before: Shown, shown: Shown): Now {
  const powerW = Math.min(before.powerW, shown.powerW)
  const counts = powerW >= COUNTS_W
  const elapsedMs = counts ? shown.monoMs - before.monoMs : 0
  const more: Stretch = { lastsMs: elapsedMs, expectedWh: energyWh(powerW, elapsedMs) }
  return {
    ...both(now, more),
    mostWh: now.mostWh + energyWh(Math.max(before.powerW, shown.powerW), elapsedMs),
    isWhole: now.isWhole && counts,
    alike: isNew ? NOTHING : both(now.alike, more),
    isTold: now.isTold,
  }
}

/** One that was said to stand and goes on may have another pace now. */
function stepped(watch: StandingWatch, { lastsMs, mostWh, isWhole, isTold }: Now, stepWh: number): void {
  if (isTold) {
    watch.steps = []
    watch.pace = undefined
    return
  }
  if (!isWhole) return
  watch.steps = [...watch.steps.slice(1 - STEPS), { lastsMs, expectedWh: Math.max(mostWh, stepWh) }]
  if (watch.steps.length < STEPS) return
  const longest: Stretch = {
    lastsMs: Math.max(...watch.steps.map(step => step.lastsMs)),
    expectedWh: Math.max(...watch.steps.map(step => step.expectedWh)),
  }
  const { lastsMs: bestMs, expectedWh: bestWh } = watch.pace ?? longest
  watch.pace = {
    lastsMs: Math.min(bestMs, longest.lastsMs),
    expectedWh: Math.min(bestWh, longest.expectedWh),
  }
}

function isTooLong({ alike, ...now }: Now, pace: Stretch, generation: boolean): boolean {
  const exceeds = (stretch: Stretch, times: number, leastMs: number): boolean =>
    stretch.lastsMs >= leastMs &&
    stretch.lastsMs >= times * pace.lastsMs &&
    stretch.expectedWh >= times * pace.expectedWh
  const alikeMs = Math.max(ALIKE_LEAST_MS, LATE_TIMES * pace.lastsMs + READ_EVERY_MS)
  if (exceeds(alike, LATE_TIMES, alikeMs)) return true
  // What feeds back may be shown without its sign, and is counted by another register.
  return !generation && exceeds(now, MOVING_TIMES, MOVING_LEAST_MS)
}

const both = (a: Stretch, b: Stretch): Stretch => ({
  lastsMs: a.lastsMs + b.lastsMs,
  expectedWh: a.expectedWh + b.expectedWh,
})

const energyWh = (powerW: number, ms: number): number => (powerW * ms) / 3_600_000

const isAlike = (a: Shown, b: Shown): boolean =>
  a.powerW === b.powerW && PHASE_INDEXES.every(phase => a.currentA[phase] === b.currentA[phase])
