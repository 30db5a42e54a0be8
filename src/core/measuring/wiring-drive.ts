/**
 * The steps that Busbar itself makes in a wiring test: when the car stands still its offer is lowered, when the meter has
 * followed it is given back, and that again where a step was lost. What is asked for is a cap, never more than the connector
 * was offered before; whether and how it is raised again is control's. Knows no meters and no words: the steps are judged in
 * `station-wiring.ts`. Plain data, mutable, one per test.
 */
import { TELLS_A } from './wiring-watch.js'

/** A step is this large where the car draws enough, and no smaller than that. */
const STEP_A = 10
const LEAST_STEP_A = 6
/** The car has come to its offer by then, and stands still for as long. */
const REACTS_MS = 12_000
const STILL_MS = 6_000
/** Of a station whose answers take long, what it tells may be as old. */
const SLOW_ANSWER_MS = 5_000
const SLOW_STILL_MS = 30_000
const STILL_WITHIN_A = 1
/** So long a car that has just come is given to reach its share, so that it can be lowered rather than stopped. */
const RISES_MS = 20_000
/** Where other load never stands still it is begun all the same. */
const PATIENCE_MS = 20_000
/** Told to draw less, it has done so by then, or does not follow. */
const FOLLOWS_MS = 25_000
const FOLLOWS_WITHIN_A = 1.5
/** No sample of the station for so long: it tells no current. */
const SILENT_MS = 40_000
/** A step that nobody has seen by then was lost. */
const LOST_MS = 60_000
/** Control has not told it by then: something lower, or nothing, holds. A lower that no sample proves takes a lease. */
const UNTOLD_MS = 150_000
/** No raise comes by then. */
const NO_ROOM_MS = 5_000
/** A step that was lost, or a round of two that explains nothing. */
const TRIES = 8

/**
 * `no-car`: nobody charges there. `not-controlled`: its offer is not Busbar's to change now, somebody has to stop the car.
 * `no-amps`: its station tells no current. `settles`: until the car draws enough and stands still. `no-room`: it cannot be
 * lowered, or not be given back. `ignored`: told less, the car went on. `lost`: nothing that could be used, again and again.
 */
export const DRIVE_STAGES = [
  ...(['no-car', 'not-controlled', 'no-amps', 'settles', 'lowered', 'raised'] as const),
  ...(['no-room', 'ignored', 'lost', 'over'] as const),
] as const
export type DriveStage = (typeof DRIVE_STAGES)[number]

export interface Drive {
  stage: DriveStage
  sinceMs: number
  /** Before the first step, A; what is given back. */
  highA: number
  /** What it is told now, A; undefined = as control has it. */
  toldA: number | undefined
  /** What it drew when that was last another, and since when; told so often since. */
  levelA: number
  levelMs: number
  heardMs: number
  /** It was not connected. */
  silentMs: number
  hears: number
  /** Of the watch, when this stage began. */
  steps: number
  lost: number
  tries: number
  /** What this stage wants was told. */
  reachedMs: number | undefined
  /** Of one that was ignored. */
  unfollowed?: { readonly toldA: number; readonly drawnA: number }
}

export const newDrive = (nowMs: number): Drive => ({
  ...{ stage: 'settles', sinceMs: nowMs, highA: 0, toldA: undefined },
  ...{ levelA: 0, levelMs: nowMs, heardMs: nowMs, silentMs: nowMs, hears: 0, steps: 0, lost: 0, tries: 0 },
  reachedMs: undefined,
})

/** The one connector with a car, as it is now. */
export interface Driven {
  readonly isConnected: boolean
  readonly isControlled: boolean
  readonly offerA: number
  /** The newest offer was accepted then; undefined = not yet. */
  readonly acceptedMs: number | undefined
  /** What it would be given. */
  readonly allocationA: number
  readonly minA: number
  /** What it holds when it is stopped; above 0 it cannot be. */
  readonly pauseA: number
  /** On its phase with most, as its station tells; undefined = it does not. */
  readonly drawnA: number | undefined
  readonly toldMs: number | undefined
  /** Phase by phase: only that proves that a lower is followed, without it only a stop is seen at once. */
  readonly isMeasured: boolean
  /** Its answers take so long. */
  readonly answerMs: number
}

export interface Watched {
  readonly isWaiting: boolean
  /** Steps that count, and those that were lost. */
  readonly steps: number
  readonly lost: number
  readonly isJudged: boolean
  /** The meter stands still, for 8 s or since the step was told. */
  readonly isStill: boolean
}

/** After each reading of the meter. */
export function stepDrive(drive: Drive, car: Driven | undefined, watch: Watched, nowMs: number): void {
  if (isAtEnd(drive)) return
  const stage = nextStage(drive, car, watch, nowMs)
  if (stage === drive.stage) return
  Object.assign(drive, { stage, sinceMs: nowMs, reachedMs: undefined, steps: watch.steps, lost: watch.lost })
  if (stage === 'raised') drive.toldA = drive.highA
  else if (stage !== 'lowered') drive.toldA = undefined
}

/** Nothing more is done by itself. */
export const isAtEnd = ({ stage }: Drive): boolean => ENDS.has(stage)
const ENDS: ReadonlySet<DriveStage> = new Set(['over', 'no-room', 'ignored', 'lost', 'no-amps'])

/** It has something to do, and nobody else should. */
export const isUnderWay = ({ stage }: Drive): boolean =>
  stage === 'settles' || stage === 'lowered' || stage === 'raised'

function nextStage(drive: Drive, car: Driven | undefined, watch: Watched, nowMs: number): DriveStage {
  if (watch.isJudged) return 'over'
  if (car === undefined) return 'no-car'
  hear(drive, car, nowMs)
  // Its silence counts from when it could speak.
  if (!car.isConnected) drive.silentMs = nowMs
  const isSilent = nowMs - Math.max(drive.heardMs, drive.sinceMs, drive.silentMs) > SILENT_MS
  if (isSilent && drive.stage !== 'lowered') return 'no-amps'
  if (!car.isControlled && drive.stage !== 'lowered') return 'not-controlled'
  switch (drive.stage) {
    case 'lowered':
      return afterLowering(drive, car, watch, nowMs)
    case 'raised':
      return afterRaising(drive, car, watch, nowMs)
    case 'settles':
      return whileSettling(drive, car, watch, nowMs)
    default:
      return 'settles'
  }
}

function hear(drive: Drive, { drawnA, toldMs }: Driven, nowMs: number): void {
  if (drawnA === undefined || toldMs === undefined || toldMs <= drive.heardMs) return
  drive.heardMs = toldMs
  drive.hears++
  if (Math.abs(drawnA - drive.levelA) <= STILL_WITHIN_A) return
  Object.assign(drive, { levelA: drawnA, levelMs: nowMs, hears: 1 })
}

function whileSettling(drive: Drive, car: Driven, watch: Watched, nowMs: number): DriveStage {
  const fromA = Math.min(car.offerA, drive.levelA)
  const canLower = fromA - car.minA >= LEAST_STEP_A && (car.isMeasured || car.pauseA > 0)
  const isRising = !canLower && car.allocationA >= car.offerA + 1 && stoodFor(drive, nowMs) < RISES_MS
  // What it has is enough: it is not to rise while a step is waited for.
  drive.highA = car.offerA
  drive.toldA = canLower ? car.offerA : undefined
  if (isRising || drive.levelA < TELLS_A || !hasSettled(drive, car, watch, nowMs)) return 'settles'
  const lowA = canLower ? Math.max(car.minA, Math.floor(fromA - STEP_A)) : 0
  if (lowA === 0 && car.pauseA > 0) return 'no-room'
  drive.toldA = lowA
  return 'lowered'
}

const stoodFor = ({ levelMs, sinceMs }: Drive, nowMs: number): number => nowMs - Math.max(levelMs, sinceMs)

function hasSettled(drive: Drive, car: Driven, { isWaiting, isStill }: Watched, nowMs: number): boolean {
  const stillMs = car.answerMs > SLOW_ANSWER_MS ? SLOW_STILL_MS : STILL_MS
  const isFollowed = car.acceptedMs !== undefined && nowMs - car.acceptedMs >= REACTS_MS
  const isSeenStill = isStill || stoodFor(drive, nowMs) >= PATIENCE_MS
  return !isWaiting && isFollowed && isSeenStill && drive.hears >= 2 && stoodFor(drive, nowMs) >= stillMs
}

function afterLowering(drive: Drive, car: Driven, watch: Watched, nowMs: number): DriveStage {
  const { toldA = 0, levelA, sinceMs } = drive
  if (watch.steps > drive.steps) return 'raised'
  if (drive.reachedMs === undefined && car.offerA <= toldA + 0.5) drive.reachedMs = nowMs
  const { reachedMs = nowMs } = drive
  const waitsMs = FOLLOWS_MS + Math.max(0, car.answerMs - SLOW_ANSWER_MS)
  // By what it tells after the whole time: silence is no answer. A meter that moved says that the news is old.
  const goesOn = levelA > toldA + FOLLOWS_WITHIN_A && drive.heardMs >= reachedMs + waitsMs
  if (goesOn && !watch.isWaiting && watch.isStill) {
    drive.unfollowed = { toldA, drawnA: levelA }
    return 'ignored'
  }
  const isLost = nowMs - reachedMs >= LOST_MS || nowMs - sinceMs >= UNTOLD_MS
  if (watch.lost === drive.lost && !isLost) return 'lowered'
  drive.tries++
  return 'raised'
}

function afterRaising(drive: Drive, car: Driven, watch: Watched, nowMs: number): DriveStage {
  const forMs = nowMs - drive.sinceMs
  if (drive.reachedMs === undefined && car.offerA >= drive.highA - 1) drive.reachedMs = nowMs
  const isLost = nowMs - (drive.reachedMs ?? nowMs) >= LOST_MS || forMs >= UNTOLD_MS
  if (watch.steps > drive.steps || watch.lost > drive.lost || isLost) {
    drive.tries++
    return drive.tries >= TRIES ? 'lost' : 'settles'
  }
  // It is not given back what it had: another step down tells as much, where it can be stopped.
  const hasNoRoom = car.allocationA < car.offerA + LEAST_STEP_A && car.offerA < drive.highA - 1
  const isDown = drive.levelA < drive.highA - 1 && !watch.isWaiting
  return hasNoRoom && isDown && forMs >= NO_ROOM_MS ? 'settles' : 'raised'
}
