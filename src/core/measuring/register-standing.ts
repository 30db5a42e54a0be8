/**
 * A meter repeats itself: its energy register stands while its own power says that it must have counted on, whatever its
 * stations do (control rule 15: "its own counters must progress"). How often a register moves, and by how much, is learnt from
 * itself: some count each watt-hour, some each kilowatt-hour, some are renewed every quarter of an hour. Mutable plain data,
 * owned by one meter's judgement.
 */
import type { MeterReading } from '../events.js'
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'

/** Of so many of its last steps the longest is what to expect; nothing is expected of a register that took fewer. */
const STEPS_KEPT = 12
const STEPS_LEAST = 8
/** Where all that it shows stands with it: as long as two of its longest, and one more read of the register. */
const ALIKE_TIMES = 2
const READ_EVERY_MS = 5_000
const ALIKE_LEAST_MS = 15_000
/** Where its amps move: a register alone may come late, by a gateway that renews it when it has time. */
const MOVING_TIMES = 8
const MOVING_LEAST_MS = 60_000
/** Large transformers show less than this and count nothing of it. */
const COUNTS_W = 500
/** After a longer silence nothing is known of what it should have counted. */
const GAP_MS = 10_000

export interface RegisterStands {
  readonly kind: 'register stands'
  readonly atWh: number
  readonly expectedWh: number
}

/** From one step of the register to the next: how long, and what its power made meanwhile. */
interface Stretch {
  readonly lastsMs: number
  readonly expectedWh: number
}

/** Since the last step, or since it is watched. */
interface Now extends Stretch {
  /** Its power was all the time one that the register has to count. */
  readonly isWhole: boolean
  /** Since its amps and watts are the same to the last bit. */
  readonly alike: Stretch
}

const NOTHING: Stretch = { lastsMs: 0, expectedWh: 0 }

export interface StandingWatch {
  now: Now | undefined
  before: Shown | undefined
  stretches: readonly Stretch[]
}

interface Shown {
  readonly monoMs: number
  readonly currentA: PerPhase
  readonly powerW: number
  readonly importWh: number
  readonly exportWh: number | undefined
}

export function newStandingWatch(): StandingWatch {
  return { now: undefined, before: undefined, stretches: [] }
}

/** One good reading. `generation`: something under the meter can feed back. */
export function watchStanding(
  watch: StandingWatch,
  reading: MeterReading & { readonly currentA: PerPhase },
  generation: boolean,
): RegisterStands | undefined {
  const shown = shownBy(reading)
  const { before } = watch
  watch.before = shown
  if (shown === undefined || before === undefined || shown.monoMs - before.monoMs > GAP_MS) {
    watch.now = undefined
    return undefined
  }
  if (shown.importWh !== before.importWh || shown.exportWh !== before.exportWh) {
    const ended = watch.now === undefined ? undefined : goneOn(watch.now, before, shown)
    if (ended?.isWhole === true) watch.stretches = [...watch.stretches.slice(1 - STEPS_KEPT), ended]
    watch.now = { ...NOTHING, isWhole: true, alike: NOTHING }
    return undefined
  }
  if (watch.now === undefined) return undefined
  watch.now = goneOn(watch.now, before, shown)
  // What feeds back may be shown without its sign, and is counted by the other register.
  const tells = !generation || shown.exportWh !== undefined
  return tells && isTooLong(watch.now, watch.stretches, generation)
    ? { kind: 'register stands', atWh: shown.importWh, expectedWh: watch.now.expectedWh }
    : undefined
}

function shownBy(reading: MeterReading & { readonly currentA: PerPhase }): Shown | undefined {
  const { monoMs, currentA, importWh, exportWh, totalPowerW: powerW } = reading
  if (importWh === undefined || powerW === undefined || powerW < 0) return undefined
  return { monoMs, currentA, powerW, importWh, exportWh }
}

/** The lesser of two powers counts, and the time only where it is one that the register has to count. */
function goneOn(now: Now, before: Shown, shown: Shown): Now {
  const powerW = Math.min(before.powerW, shown.powerW)
  const counts = powerW >= COUNTS_W
  const elapsedMs = counts ? shown.monoMs - before.monoMs : 0
  const more: Stretch = { lastsMs: elapsedMs, expectedWh: (powerW * elapsedMs) / 3_600_000 }
  return {
    ...both(now, more),
    isWhole: now.isWhole && counts,
    alike: isAlike(before, shown) ? both(now.alike, more) : NOTHING,
  }
}

const both = (a: Stretch, b: Stretch): Stretch => ({
  lastsMs: a.lastsMs + b.lastsMs,
  expectedWh: a.expectedWh + b.expectedWh,
})

function isTooLong({ alike, ...now }: Now, stretches: readonly Stretch[], generation: boolean): boolean {
  if (stretches.length < STEPS_LEAST) return false
  const longest: Stretch = {
    lastsMs: Math.max(...stretches.map(({ lastsMs }) => lastsMs)),
    expectedWh: Math.max(...stretches.map(({ expectedWh }) => expectedWh)),
  }
  const exceeds = (stretch: Stretch, times: number, leastMs: number): boolean =>
    stretch.lastsMs >= leastMs &&
    stretch.lastsMs >= times * longest.lastsMs &&
    stretch.expectedWh >= times * longest.expectedWh
  if (exceeds(alike, ALIKE_TIMES, Math.max(ALIKE_LEAST_MS, ALIKE_TIMES * longest.lastsMs + READ_EVERY_MS)))
    return true
  return !generation && exceeds(now, MOVING_TIMES, MOVING_LEAST_MS)
}

const isAlike = (a: Shown, b: Shown): boolean =>
  a.powerW === b.powerW && PHASE_INDEXES.every(phase => a.currentA[phase] === b.currentA[phase])
