/**
 * Who gets how many amps: rank by rank admit → fill → quantise, the next rank out of what is left. Pure and total: same
 * input, same answer, whatever the order of the demands. What the ramp then lets out of it is not decided here
 * (`ramp.ts`), nor what a station has been told before, nor where ranks come from (`sharing.ts`).
 */
import { PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import { type Admission, admit, isLocked, nobodyOn } from './admit.js'
import type { Allocation, AllocationInput, AllocationResult, Bound } from './demand.js'
import { fill, OWN_CAP } from './fill.js'
import { charge, firstTight, layOut, type Problem, tightest } from './problem.js'
import { quantise } from './quantise.js'
import { squeezeIn } from './squeeze.js'

const OFF: Allocation = { allocationA: 0, bound: { kind: 'off' } }
/** As in quantise.ts: what is lost to rounding. */
const DUST_DA = 1e-6
const AT_MAX: Bound = { kind: 'max' }

/** Decides for all connectors of a site at once. Amps per phase; one answer per demand, in their order. */
export function allocate(input: AllocationInput): AllocationResult {
  const problem = layOut(input)
  const shares = new RankByRank(problem, input, 'steps').run()
  const result = new Array<Allocation>(problem.size).fill(OFF)
  for (let place = 0; place < problem.size; place++) {
    const allocationA = (shares.givenDa[place] ?? 0) / 10
    result[problem.inputIndex[place] ?? 0] = {
      allocationA,
      bound: boundOf(problem, shares, { place, allocationA }),
    }
  }
  return result
}

/** The fair shares before steps are made of them, in amps: what tests compare with an independent solver. */
export function continuousShares(input: AllocationInput): readonly number[] {
  const problem = layOut(input)
  const { givenDa } = new RankByRank(problem, input, 'continuous').run()
  const shares = new Array<number>(problem.size).fill(0)
  for (let place = 0; place < problem.size; place++)
    shares[problem.inputIndex[place] ?? 0] = (givenDa[place] ?? 0) / 10
  return shares
}

interface Shares {
  readonly admission: Admission
  readonly givenDa: Float64Array
  /** The constraint that stopped it, or OWN_CAP. */
  readonly stoppedAt: Int32Array
}

class RankByRank implements Shares {
  readonly admission: Admission
  readonly givenDa: Float64Array
  readonly stoppedAt: Int32Array
  readonly #problem: Problem
  readonly #input: AllocationInput
  readonly #inSteps: boolean
  readonly #restDa: Float64Array
  /** Of later ranks whose minimum is kept for them. */
  readonly #reserved: Uint8Array

  constructor(problem: Problem, input: AllocationInput, as: 'steps' | 'continuous') {
    this.#problem = problem
    this.#input = input
    this.#inSteps = as === 'steps'
    this.#restDa = problem.capacityDa.slice()
    this.#reserved = new Uint8Array(problem.size)
    this.admission = nobodyOn(problem.size)
    this.givenDa = new Float64Array(problem.size)
    this.stoppedAt = new Int32Array(problem.size).fill(OWN_CAP)
  }

  run(): Shares {
    const ranks = placesByRank(this.#problem)
    if (ranks.length === 1) {
      this.#serve(ranks[0] ?? [])
      return this
    }
    let priorityClass: number | undefined
    ranks.forEach((places, index) => {
      const now = this.#problem.priorityClass[places[0] ?? -1]
      if (now !== priorityClass) {
        priorityClass = now
        this.#reserve(ranks.slice(index), now)
      }
      this.#serve(places)
      if (this.#inSteps) squeezeIn(this.#problem, this.#input, this, { places, restDa: this.#restDa })
    })
    return this
  }

  /** A car that has just been switched on stays on, at its minimum, beside higher ranks of its own class. */
  #reserve(ranks: readonly (readonly number[])[], priorityClass: number | undefined): void {
    for (const place of ranks.flat()) {
      if (
        this.#problem.priorityClass[place] !== priorityClass ||
        !isLocked(this.#problem, this.#input, place)
      )
        continue
      const minDa = this.#problem.minDa[place] ?? 0
      if (firstTight(this.#problem, this.#restDa, place, minDa) >= 0) continue
      this.#reserved[place] = 1
      charge(this.#problem, this.#restDa, place, -minDa)
    }
  }

  /** A rank of one car needs no filling: it gets what there is. */
  #serveOne(place: number): void {
    const problem = this.#problem
    const maxDa = problem.maxDa[place] ?? -1
    const minDa = problem.minDa[place] ?? 0
    if (maxDa < 0) return
    const at = tightest(problem, this.#restDa, place)
    const roomDa = this.#restDa[at] ?? -1
    if (roomDa < minDa) {
      this.admission.waitsAt[place] = at
      return
    }
    const stepDa = problem.stepDa[place] ?? 10
    const shareDa = Math.min(maxDa, roomDa)
    const givenDa = this.#inSteps ? Math.floor((shareDa + DUST_DA) / stepDa) * stepDa : shareDa
    this.admission.on[place] = 1
    this.givenDa[place] = givenDa
    this.stoppedAt[place] = shareDa < maxDa ? at : OWN_CAP
    charge(problem, this.#restDa, place, -givenDa)
  }

  #serve(places: readonly number[]): void {
    const problem = this.#problem
    for (const place of places)
      if (this.#reserved[place] === 1) charge(problem, this.#restDa, place, problem.minDa[place] ?? 0)
    const [only] = places
    if (places.length === 1 && only !== undefined) {
      this.#serveOne(only)
      return
    }
    const capacityDa = this.#restDa.slice()
    const afterMinimaDa = this.#restDa.slice()
    admit(problem, this.#input, this.admission, { places, rest: afterMinimaDa })
    const on = new Uint8Array(problem.size)
    for (const place of places) on[place] = this.admission.on[place] ?? 0
    const filling = fill(problem, on, capacityDa)
    const givenDa = this.#inSteps ? quantise(problem, on, filling.shareDa, capacityDa) : filling.shareDa
    for (const place of places) {
      if (on[place] !== 1) continue
      this.givenDa[place] = givenDa[place] ?? 0
      this.stoppedAt[place] = filling.stoppedAt[place] ?? OWN_CAP
      charge(problem, this.#restDa, place, -(givenDa[place] ?? 0))
    }
  }
}

/** Lowest rank first; in each the places in key order. */
function placesByRank({ size, rank }: Problem): readonly (readonly number[])[] {
  const ranks = new Map<number, number[]>()
  for (let place = 0; place < size; place++) {
    const of = rank[place] ?? 0
    const places = ranks.get(of)
    if (places === undefined) ranks.set(of, [place])
    else places.push(place)
  }
  return [...ranks].sort(([a], [b]) => a - b).map(([, places]) => places)
}

function boundOf(
  problem: Problem,
  { admission, stoppedAt }: Shares,
  at: { readonly place: number; readonly allocationA: number },
): Bound {
  if (admission.on[at.place] !== 1) {
    const tight = admission.waitsAt[at.place] ?? -1
    return tight < 0 ? OFF.bound : { kind: 'waiting', node: Math.floor(tight / 3), phase: phaseOf(tight) }
  }
  const stopped = stoppedAt[at.place] ?? OWN_CAP
  if (stopped === OWN_CAP || at.allocationA * 10 >= (problem.maxDa[at.place] ?? 0)) return AT_MAX
  return { kind: 'circuit', node: Math.floor(stopped / 3), phase: phaseOf(stopped) }
}

function phaseOf(constraint: number): PhaseIndex {
  return PHASE_INDEXES[constraint % 3] ?? 0
}
