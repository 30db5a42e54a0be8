/**
 * What a meter says against itself, without any station: its energy register runs back or counts something else than
 * its own power, its current is too small for its power, all of it jumps by a decade or turns its sign, two devices answer in turn, a phase feeds back where nothing
 * generates. Plain data, mutable, owned by one meter's judgement. A register that never moved is none.
 */
import type { MeterReading } from '../events.js'
import { type PerPhase, PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import { type ClockContradiction, type ClockWatch, newClockWatch, watchClock } from './meter-clock.js'
import { type CycleContradiction, type CycleWatch, watchCycle } from './meter-cycle.js'
import {
  isOfTwoPhases,
  newPowerWatch,
  type PowerContradiction,
  type PowerWatch,
  watchPower,
} from './meter-power.js'
import {
  newStandingWatch,
  type RegisterStands,
  type StandingWatch,
  watchStanding,
} from './register-standing.js'

/** Below this a feed-back is noise of a meter at rest. */
const FEED_BACK_A = 1
const FEED_BACK_MS = 5_000
/** Two sources in turn: this many polls, each far from the one before and close to the one before that. */
const TURNS = 20
const APART_A = 5
const ALIKE_A = 1
/** All phases change by one of these at once: no load does, again and again. */
const JUMPS = [10, 100, 1000] as const
const JUMP_ALIKE = 0.05
const JUMP_LEAST_A = 0.5
const JUMP_MOST_A = 5
const JUMPS_TOLD = 3
const JUMP_MS = 600_000
/** The register is held against the power over at least this. */
const REGISTER_WH = 500
const REGISTER_MS = 300_000
const REGISTER_SHARE = [0.6, 1.6] as const
/** So many times in a row the register did not count what the power made. */
export const REGISTER_WRONG = 2
const BACK_AGAIN_MS = 600_000
const GAP_MS = 10_000

export type SelfContradiction =
  | PowerContradiction
  | ClockContradiction
  | {
      readonly kind: 'feeds back'
      readonly phase: PhaseIndex
      readonly currentA: number
      /** By half of what flows: volts and amps are of different phases. */
      readonly ofTwoPhases: boolean
      /** All three do: the meter is mounted the other way round. */
      readonly onAll: boolean
    }
  | CycleContradiction
  | {
      readonly kind: 'jumps'
      /** -1: turned round. */
      readonly factor: number
      readonly fromA: PerPhase
      readonly toA: PerPhase
    }
  | RegisterStands
  | {
      readonly kind: 'register back'
      readonly fromWh: number
      readonly toWh: number
      readonly again: boolean
    }
  | { readonly kind: 'register rate'; readonly countedWh: number; readonly expectedWh: number }

export interface SelfWatch {
  feedsBackSinceMs: [number | undefined, number | undefined, number | undefined]
  readonly power: PowerWatch
  readonly clock: ClockWatch
  readonly cycle: CycleWatch
  turns: [number, number, number]
  jumpsMs: readonly number[]
  before: PerPhase | undefined
  beforeThat: PerPhase | undefined
  register: Register | undefined
  readonly standing: StandingWatch
  backMs: number | undefined
}

interface Register {
  lastWh: number
  markWh: number
  markMs: number
  expectedWh: number
  seenMs: number
  moved: boolean
  /** The largest step seen: a coarse register says nothing about less than a few of them. */
  stepWh: number
  disagrees: number
}

export function newSelfWatch(): SelfWatch {
  return {
    feedsBackSinceMs: [undefined, undefined, undefined],
    power: newPowerWatch(),
    clock: newClockWatch(),
    cycle: [],
    turns: [0, 0, 0],
    jumpsMs: [],
    before: undefined,
    beforeThat: undefined,
    register: undefined,
    standing: newStandingWatch(),
    backMs: undefined,
  }
}

/** One good reading; what it says against the meter, if anything. */
export function watchSelf(
  watch: SelfWatch,
  reading: MeterReading & { readonly currentA: PerPhase },
  generation: boolean,
): SelfContradiction | undefined {
  const found = [
    register(watch, reading),
    watchStanding(watch.standing, reading, generation),
    jumps(watch, reading),
    turns(watch, reading.currentA),
    watchCycle(watch.cycle, reading),
    ...(generation ? [] : [feedsBack(watch, reading)]),
    watchPower(watch.power, reading),
    watchClock(watch.clock, reading),
  ]
  return found.find(contradiction => contradiction !== undefined)
}

function feedsBack(
  watch: SelfWatch,
  reading: MeterReading & { readonly currentA: PerPhase },
): SelfContradiction | undefined {
  const { monoMs, currentA } = reading
  let found: SelfContradiction | undefined
  for (const phase of PHASE_INDEXES) {
    const negative = currentA[phase] < -FEED_BACK_A
    const since = negative ? (watch.feedsBackSinceMs[phase] ?? monoMs) : undefined
    watch.feedsBackSinceMs[phase] = since
    if (since !== undefined && monoMs - since >= FEED_BACK_MS)
      found ??= {
        kind: 'feeds back',
        phase,
        currentA: currentA[phase],
        ofTwoPhases: isOfTwoPhases(reading, phase),
        onAll: currentA.every(amps => amps < -FEED_BACK_A),
      }
  }
  return found
}

function jumps(
  watch: SelfWatch,
  { monoMs, currentA }: MeterReading & { readonly currentA: PerPhase },
): SelfContradiction | undefined {
  const { before } = watch
  const factor = before === undefined ? undefined : jumpOf(before, currentA)
  if (before === undefined || factor === undefined) return undefined
  watch.jumpsMs = [...watch.jumpsMs.filter(ms => monoMs - ms < JUMP_MS), monoMs].slice(-JUMPS_TOLD)
  return watch.jumpsMs.length < JUMPS_TOLD
    ? undefined
    : { kind: 'jumps', factor, fromA: before, toA: currentA }
}

/** 10, 100, 1000, up or down, or -1, where at least two phases did the same; undefined = an ordinary change. */
function jumpOf(before: PerPhase, now: PerPhase): number | undefined {
  const phases = PHASE_INDEXES.filter(
    phase => Math.min(Math.abs(before[phase]), Math.abs(now[phase])) >= JUMP_LEAST_A,
  )
  const most = Math.max(...phases.map(phase => Math.max(Math.abs(before[phase]), Math.abs(now[phase]))))
  if (phases.length < 2 || most < JUMP_MOST_A) return undefined
  const shares = phases.map(phase => now[phase] / before[phase])
  const isAll = (wanted: number) => shares.every(share => Math.abs(share / wanted - 1) <= JUMP_ALIKE)
  if (isAll(-1)) return -1
  return JUMPS.find(factor => isAll(factor) || isAll(1 / factor))
}

function turns(watch: SelfWatch, currentA: PerPhase): SelfContradiction | undefined {
  const { before, beforeThat } = watch
  watch.beforeThat = before
  watch.before = currentA
  if (before === undefined || beforeThat === undefined) return undefined
  for (const phase of PHASE_INDEXES) {
    const apart = Math.abs(currentA[phase] - before[phase]) >= APART_A
    const alike = Math.abs(currentA[phase] - beforeThat[phase]) <= ALIKE_A
    watch.turns[phase] = apart && alike ? watch.turns[phase] + 1 : 0
    if (watch.turns[phase] >= TURNS)
      return { kind: 'turns', phase, oneA: before[phase], otherA: currentA[phase] }
  }
  return undefined
}

function register(watch: SelfWatch, reading: MeterReading): SelfContradiction | undefined {
  const { importWh, monoMs, totalPowerW } = reading
  if (importWh === undefined) return undefined
  const known = watch.register
  if (known === undefined) {
    watch.register = { ...fresh(importWh, monoMs), moved: false }
    return undefined
  }
  if (importWh < known.lastWh - Math.max(1, known.lastWh * 1e-6)) {
    const again = watch.backMs !== undefined && monoMs - watch.backMs <= BACK_AGAIN_MS
    watch.backMs = monoMs
    watch.register = { ...fresh(importWh, monoMs), moved: known.moved, stepWh: known.stepWh }
    return known.moved ? { kind: 'register back', fromWh: known.lastWh, toWh: importWh, again } : undefined
  }
  const elapsedMs = monoMs - known.seenMs
  const usable = totalPowerW !== undefined && totalPowerW >= 0 && elapsedMs <= GAP_MS
  if (!usable) {
    const { moved, stepWh, disagrees } = known
    watch.register = {
      ...fresh(importWh, monoMs),
      moved: moved || importWh > known.lastWh,
      stepWh,
      disagrees,
    }
    return undefined
  }
  known.expectedWh += (totalPowerW * elapsedMs) / 3_600_000
  known.seenMs = monoMs
  return counted(watch, known, importWh)
}

function counted(watch: SelfWatch, known: Register, importWh: number): SelfContradiction | undefined {
  const step = importWh - known.lastWh
  const stepWh = Math.max(known.stepWh, step)
  if (step > 0 && !known.moved) {
    watch.register = { ...fresh(importWh, known.seenMs), stepWh }
    return undefined
  }
  known.lastWh = importWh
  known.stepWh = stepWh
  const { expectedWh, markWh, markMs, seenMs } = known
  const leastWh = Math.max(REGISTER_WH, 4 * stepWh)
  const complete = step > 0 || expectedWh > 2 * leastWh
  if (!known.moved || seenMs - markMs < REGISTER_MS || expectedWh < leastWh || !complete) return undefined
  const countedWh = importWh - markWh
  const share = countedWh / expectedWh
  const disagrees = share < REGISTER_SHARE[0] || share > REGISTER_SHARE[1] ? known.disagrees + 1 : 0
  watch.register = { ...fresh(importWh, seenMs), stepWh, disagrees }
  if (disagrees >= REGISTER_WRONG && countedWh === 0)
    return { kind: 'register stands', atWh: importWh, expectedWh }
  return disagrees >= REGISTER_WRONG ? { kind: 'register rate', countedWh, expectedWh } : undefined
}

function fresh(importWh: number, monoMs: number): Register {
  return {
    lastWh: importWh,
    markWh: importWh,
    markMs: monoMs,
    expectedWh: 0,
    seenMs: monoMs,
    moved: true,
    stepWh: 0,
    disagrees: 0,
  }
}
