/**
 * The account of equal shares: what each car would have been given so far if all had shared equally, against what it was
 * given. A claim may move current in time, but whoever is behind must still be able to catch up before it leaves, with
 * everybody else who is behind on the same circuits; as soon as that becomes tight they are *owed* and come before every
 * claim. So a false claim takes nothing from others for good. Pure; times are relative to now.
 */
import type { AllocationInput, Turn } from './demand.js'
import { continuousShares } from './share.js'
import type { Sharer } from './sharing.js'

/** Served this long before it would be too late: cars that share, starts and ramps take time. */
const AHEAD_MS = 10 * 60_000

/**
 * What each would get now if all shared equally and no minimum bound, A: the rate at which its account grows. Nothing is
 * due to a car that takes nothing.
 */
export function equalShares(input: AllocationInput, sharers: readonly Sharer[] = []): readonly number[] {
  const turn: Turn = { on: true, sinceMonoMs: 0, servedAs: 0, priorityClass: 1, entitledAs: 0, owed: false }
  return continuousShares({
    ...input,
    demands: input.demands.map(({ key, node, phases, maxA }, index) => ({
      ...{ key, node, phases, turn },
      maxA: sharers[index]?.isFull === true ? 0 : maxA,
      minA: 0,
      weight: 1,
      stepA: 0.1,
    })),
  })
}

interface Due {
  readonly index: number
  readonly constraints: readonly number[]
  readonly stayMs: number
  /** What it must still be given until then, ampere-seconds. */
  readonly dueAs: number
}

/** Who is owed from now on, in the order of the sharers; once owed a car stays so until there is time to spare again. */
export function owed(
  input: AllocationInput,
  sharers: readonly Sharer[],
  equalA: readonly number[],
): readonly boolean[] {
  const capacityA = input.availableA.flat()
  /** Goes to those who say nothing of their departure, whatever happens. */
  const steadyA = capacityA.map(() => 0)
  const dues: Due[] = []
  sharers.forEach((sharer, index) => {
    const constraints = constraintsOf(input, sharer)
    const shareA = equalA[index] ?? 0
    const stayMs = saidStayMs(sharer)
    if (stayMs === undefined) for (const at of constraints) steadyA[at] = (steadyA[at] ?? 0) + shareA
    else dues.push({ index, constraints, stayMs, dueAs: dueOf(sharer, stayMs, shareA) })
  })
  dues.sort((a, b) => a.stayMs - b.stayMs)
  const freeA = capacityA.map((amps, at) => Math.max(0, amps - (steadyA[at] ?? 0)))
  const enters = tightUntil(dues, freeA, AHEAD_MS)
  const stays = tightUntil(dues, freeA, AHEAD_MS + input.quantumMs)
  const found = sharers.map((sharer, index) => isBehind(sharer, equalA[index] ?? 0, input.quantumMs))
  for (const { index, constraints, stayMs, dueAs } of dues) {
    const sharer = sharers[index]
    if (sharer === undefined || dueAs <= 0 || sharer.isFull) continue
    const { turn, maxA } = sharer.demand
    const tight = turn.owed ? stays : enters
    const aheadMs = turn.owed ? AHEAD_MS + input.quantumMs : AHEAD_MS
    const isLate = stayMs - (dueAs / Math.max(maxA, 1)) * 1000 < aheadMs
    found[index] = isLate || constraints.some(at => (tight[at] ?? -1) >= stayMs)
  }
  return found
}

/** A guess may be wrong both ways, and nobody answers for it. */
const saidStayMs = ({ stayMs, isGuess }: Sharer): number | undefined =>
  isGuess === true ? undefined : stayMs

function dueOf({ demand, needAs, isFull }: Sharer, stayMs: number, equalA: number): number {
  if (isFull) return 0
  const entitledAs = demand.turn.entitledAs - demand.turn.servedAs + (equalA * stayMs) / 1000
  return Math.max(0, Math.min(needAs ?? Number.MAX_VALUE, entitledAs))
}

/** Nobody knows when it leaves: it may never fall behind by more than a quantum. */
function isBehind(sharer: Sharer, equalA: number, quantumMs: number): boolean {
  const { demand, isFull } = sharer
  if (saidStayMs(sharer) !== undefined || isFull || equalA <= 0) return false
  const debtAs = demand.turn.entitledAs - demand.turn.servedAs
  return demand.turn.owed ? debtAs > 0 : debtAs > (equalA * quantumMs) / 1000
}

/**
 * Per constraint the latest departure up to which all that is due there only just fits, or no longer does: dues are put one
 * after another in the order of departure. -1 = nothing is tight.
 */
function tightUntil(dues: readonly Due[], freeA: readonly number[], aheadMs: number): readonly number[] {
  const loadAs = freeA.map(() => 0)
  const untilMs = freeA.map(() => -1)
  for (const { constraints, stayMs, dueAs } of dues) {
    for (const at of constraints) {
      loadAs[at] = (loadAs[at] ?? 0) + dueAs
      const roomAs = ((freeA[at] ?? 0) * (stayMs - aheadMs)) / 1000
      if ((loadAs[at] ?? 0) > roomAs) untilMs[at] = stayMs
    }
  }
  return untilMs
}

function constraintsOf({ tree }: AllocationInput, { demand }: Sharer): readonly number[] {
  const phases = demand.phases.some(Boolean) ? demand.phases : [true, true, true]
  return tree
    .pathOf(demand.node)
    .flatMap(node => [0, 1, 2].flatMap(phase => (phases[phase] ? [node * 3 + phase] : [])))
}
