/**
 * An allocation input laid out for tight loops: demands in key order (so that nothing depends on the order they came
 * in), amps as whole tenths (so that sums are exact), one constraint per node and phase: index node * 3 + phase.
 * Capacities and maxima are rounded down, minima up.
 */
import type { SiteTree } from '../site/tree.js'
import type { AllocationInput, Demand } from './demand.js'

/** Tenths of an amp in 1e8 A: more than any circuit, and sums of it stay exact. */
const LARGEST_DA = 1e9
/** 9.2 A as a double is a hair under 92 tenths; rounding must not lose a step to it. */
const DUST = 1e-6
const LEAST_WEIGHT = 1e-6

export interface Problem {
  readonly tree: SiteTree
  readonly size: number
  /** Position in the input of the demand at each place. */
  readonly inputIndex: Int32Array
  readonly node: Int32Array
  /** Bit f set: used on phase f. */
  readonly phaseBits: Uint8Array
  readonly minDa: Float64Array
  /** -1 where nothing on the step grid lies between minimum and maximum. */
  readonly maxDa: Float64Array
  readonly stepDa: Float64Array
  readonly weight: Float64Array
  readonly rank: Float64Array
  readonly priorityClass: Float64Array
  /** 1 where what is given is never shortened for others. */
  readonly firm: Uint8Array
  /** 1 where a minimum is made of what others have above theirs. */
  readonly spared: Uint8Array
  /** Per constraint. */
  readonly capacityDa: Float64Array
}

export function layOut(input: AllocationInput): Problem {
  const { demands, tree } = input
  const size = demands.length
  const problem: Problem = {
    tree,
    size,
    inputIndex: keyOrder(demands),
    node: new Int32Array(size),
    phaseBits: new Uint8Array(size),
    minDa: new Float64Array(size),
    maxDa: new Float64Array(size),
    stepDa: new Float64Array(size),
    weight: new Float64Array(size),
    rank: new Float64Array(size),
    priorityClass: new Float64Array(size),
    firm: new Uint8Array(size),
    spared: new Uint8Array(size),
    capacityDa: new Float64Array(tree.nodes.length * 3).fill(-1),
  }
  input.availableA.forEach((available, node) => {
    for (let phase = 0; phase < 3; phase++)
      problem.capacityDa[node * 3 + phase] = floorDa(available[phase] ?? Number.NaN)
  })
  for (let place = 0; place < size; place++) {
    const demand = demands[problem.inputIndex[place] ?? 0]
    if (demand !== undefined) setDemand(problem, place, demand)
  }
  return problem
}

function setDemand(problem: Problem, place: number, demand: Demand): void {
  const bits = (demand.phases[0] ? 1 : 0) | (demand.phases[1] ? 2 : 0) | (demand.phases[2] ? 4 : 0)
  const stepDa = demand.stepA === 0.1 ? 1 : 10
  const leastDa = Math.max(stepDa, Math.ceil((demand.minA * 10 - DUST) / stepDa) * stepDa)
  const mostDa = Math.floor(Math.max(0, floorDa(demand.maxA)) / stepDa) * stepDa
  // Outside the tree nothing would limit it: unknown means off.
  const known = demand.node >= 0 && demand.node < problem.tree.nodes.length
  problem.node[place] = known ? demand.node : 0
  problem.phaseBits[place] = bits === 0 ? 7 : bits
  problem.stepDa[place] = stepDa
  problem.minDa[place] = leastDa
  // A minimum that is no number must switch off, not on: hence the comparison this way round.
  problem.maxDa[place] = known && mostDa >= leastDa ? mostDa : -1
  // A rank that is no number is no claim to anything: last.
  const { rank = 0 } = demand
  problem.rank[place] = Number.isNaN(rank) ? Number.MAX_VALUE : rank
  problem.priorityClass[place] = demand.turn.priorityClass
  problem.firm[place] = demand.firm === true ? 1 : 0
  problem.spared[place] = demand.spared === true ? 1 : 0
  problem.weight[place] = demand.weight > LEAST_WEIGHT ? Math.min(demand.weight, 1e6) : LEAST_WEIGHT
}

function floorDa(amps: number): number {
  const tenths = Math.floor(amps * 10 + DUST)
  return Number.isNaN(tenths) ? -1 : Math.min(LARGEST_DA, Math.max(-LARGEST_DA, tenths))
}

/** Input positions sorted by key; callers mostly keep theirs sorted, so look before sorting. */
function keyOrder(demands: readonly Demand[]): Int32Array {
  const order = Int32Array.from(demands, (_, index) => index)
  let previous = ''
  let sorted = true
  for (const { key } of demands) {
    if (key < previous) sorted = false
    previous = key
  }
  if (sorted) return order
  const keys = demands.map(demand => demand.key)
  return order.sort((a, b) => {
    const left = keys[a] ?? ''
    const right = keys[b] ?? ''
    return left < right ? -1 : left > right ? 1 : a - b
  })
}

/** Adds `amountDa` on every constraint that the demand at `place` touches. */
export function charge(problem: Problem, sums: Float64Array, place: number, amountDa: number): void {
  const bits = problem.phaseBits[place] ?? 7
  const { parents } = problem.tree
  for (let node = problem.node[place] ?? -1; node >= 0; node = parents[node] ?? -1) {
    for (let phase = 0; phase < 3; phase++) {
      if ((bits >> phase) & 1) sums[node * 3 + phase] = (sums[node * 3 + phase] ?? 0) + amountDa
    }
  }
}

/** The first constraint from the connector up where `rest` is below `neededDa`; -1 when it fits everywhere. */
export function firstTight(problem: Problem, rest: Float64Array, place: number, neededDa: number): number {
  const bits = problem.phaseBits[place] ?? 7
  const { parents } = problem.tree
  for (let node = problem.node[place] ?? -1; node >= 0; node = parents[node] ?? -1) {
    for (let phase = 0; phase < 3; phase++) {
      if ((bits >> phase) & 1 && (rest[node * 3 + phase] ?? -1) < neededDa) return node * 3 + phase
    }
  }
  return -1
}

/** The constraint with the least rest on the connector's path and phases, the lowest circuit first. */
export function tightest(problem: Problem, rest: Float64Array, place: number): number {
  const bits = problem.phaseBits[place] ?? 7
  const { parents } = problem.tree
  let found = -1
  for (let node = problem.node[place] ?? -1; node >= 0; node = parents[node] ?? -1) {
    for (let phase = 0; phase < 3; phase++) {
      const at = node * 3 + phase
      if ((bits >> phase) & 1 && (found < 0 || (rest[at] ?? -1) < (rest[found] ?? -1))) found = at
    }
  }
  return found
}
