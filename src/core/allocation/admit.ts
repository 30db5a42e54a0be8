/**
 * Who is on. Where every minimum fits, everyone is on at once; where not, places go by class, then to those whose turn
 * runs, then by the fair clock (ampere-seconds per weight), so that cars rotate by the quantum and never flap: a car
 * stays on for at least max(minOn, quantum) unless its place is really gone, and off for minOff unless all fit. Nobody gives
 * way to a car that has been off for less than a quantum: so whatever there is room for, each car is switched at most
 * once per quantum, in the mean over all.
 * Deterministic: ties go by key.
 */
import type { AllocationInput, Turn } from './demand.js'
import { charge, firstTight, type Problem } from './problem.js'

export interface Admission {
  /** 1 = on, per place. */
  readonly on: Uint8Array
  /** The constraint at which the minimum did not fit; -1 when on or when the connector is off by its own cap. */
  readonly waitsAt: Int32Array
}

/** A car that has waited this many quanta keeps others from slipping into the room it needs. */
const STARVED_QUANTA = 2

const TURN_LOCKED = 0
const TURN_RUNNING = 1
const TURN_OPEN = 2
/** Takes what the others leave. */
const TURN_OVER = 3
const TURN_HELD_OFF = 4

interface Candidate {
  readonly place: number
  readonly turn: Turn
  readonly group: number
  /** Orders within a group: on since, or the fair clock. */
  readonly order: number
  readonly starved: boolean
}

/** Decides for the demands at `places` (one rank) by what there is; `rest` is less their minima afterwards. */
export function admit(
  problem: Problem,
  input: AllocationInput,
  admission: Admission,
  at: { readonly places: readonly number[]; readonly rest: Float64Array },
): void {
  const { rest } = at
  const spare = rest.slice()
  const able = at.places.filter(place => isAble(problem, place))
  for (const place of able) charge(problem, spare, place, -(problem.minDa[place] ?? 0))
  const contested: Candidate[] = []
  for (const place of able) {
    const tight = firstTight(problem, spare, place, 0)
    if (tight < 0) {
      admission.on[place] = 1
      charge(problem, rest, place, -(problem.minDa[place] ?? 0))
      continue
    }
    admission.waitsAt[place] = tight
    const turn = turnAt(problem, input, place)
    if (turn !== undefined) contested.push(candidate(problem, place, turn, input))
  }
  placeInTurn(problem, contested.sort(byTurn), rest, admission)
}

export function nobodyOn(size: number): Admission {
  return { on: new Uint8Array(size), waitsAt: new Int32Array(size).fill(-1) }
}

/** On for less than the least time on: it keeps its place against others of its class, whatever their rank. */
export function isLocked(problem: Problem, input: AllocationInput, place: number): boolean {
  const turn = turnAt(problem, input, place)
  return turn?.on === true && isAble(problem, place) && input.nowMonoMs - turn.sinceMonoMs < input.minOnMs
}

/** Off for less than the least time off. */
export function isHeldOff(problem: Problem, input: AllocationInput, place: number): boolean {
  const turn = turnAt(problem, input, place)
  return turn === undefined || (!turn.on && input.nowMonoMs - turn.sinceMonoMs < input.minOffMs)
}

function turnAt(problem: Problem, input: AllocationInput, place: number): Turn | undefined {
  return input.demands[problem.inputIndex[place] ?? -1]?.turn
}

/** Something on the step grid lies between its minimum and maximum. */
export function isAble(problem: Problem, place: number): boolean {
  return (problem.maxDa[place] ?? -1) >= 0
}

function candidate(problem: Problem, place: number, turn: Turn, input: AllocationInput): Candidate {
  const ageMs = input.nowMonoMs - turn.sinceMonoMs
  const fairClock = turn.servedAs / (problem.weight[place] ?? 1)
  const starved = !turn.on && ageMs >= STARVED_QUANTA * input.quantumMs
  if (turn.on && ageMs < input.minOnMs)
    return { place, turn, group: TURN_LOCKED, order: turn.sinceMonoMs, starved }
  if (turn.on && ageMs < input.quantumMs)
    return { place, turn, group: TURN_RUNNING, order: turn.sinceMonoMs, starved }
  if (!turn.on && ageMs < input.minOffMs)
    return { place, turn, group: TURN_HELD_OFF, order: fairClock, starved }
  if (!turn.on && ageMs < input.quantumMs) return { place, turn, group: TURN_OVER, order: fairClock, starved }
  return { place, turn, group: TURN_OPEN, order: fairClock, starved }
}

function byTurn(a: Candidate, b: Candidate): number {
  return (
    a.turn.priorityClass - b.turn.priorityClass ||
    a.group - b.group ||
    a.order - b.order ||
    Number(b.turn.on) - Number(a.turn.on) ||
    a.place - b.place
  )
}

function placeInTurn(
  problem: Problem,
  candidates: readonly Candidate[],
  rest: Float64Array,
  admission: Admission,
): void {
  let priorityClass: number | undefined
  let classRest = rest
  /** Constraints that a starved car waits for: not to be taken by a car that is off now. */
  const claimed = new Float64Array(rest.length)
  for (const { place, turn, group, starved } of candidates) {
    if (turn.priorityClass !== priorityClass) {
      priorityClass = turn.priorityClass
      classRest = rest.slice()
    }
    if (group === TURN_HELD_OFF) continue
    const neededDa = problem.minDa[place] ?? 0
    const tight = firstTight(problem, rest, place, neededDa)
    const taken = turn.on || tight >= 0 ? -1 : firstTight(problem, claimed, place, 0)
    if (tight < 0 && taken < 0) {
      admission.on[place] = 1
      admission.waitsAt[place] = -1
      charge(problem, rest, place, -neededDa)
      continue
    }
    admission.waitsAt[place] = tight >= 0 ? tight : taken
    // Only where it could fit once its own class makes room: a car that never fits must not lock others out.
    if (starved && firstTight(problem, classRest, place, neededDa) < 0) charge(problem, claimed, place, -1)
  }
}
