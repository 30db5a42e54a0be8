/**
 * Who gets how many amps: admit → fill → quantise. Pure and total: same input, same answer, whatever the order of the
 * demands. What the ramp then lets out of it is not decided here (`ramp.ts`), nor what a station has been told before.
 */
import { PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'
import { type Admission, admit } from './admit.js'
import type { Allocation, AllocationInput, AllocationResult, Bound } from './demand.js'
import { type Filling, fill, OWN_CAP } from './fill.js'
import { layOut, type Problem } from './problem.js'
import { quantise } from './quantise.js'

const OFF: Allocation = { allocationA: 0, bound: { kind: 'off' } }
const AT_MAX: Bound = { kind: 'max' }

/** Decides for all connectors of a site at once. Amps per phase; one answer per demand, in their order. */
export function allocate(input: AllocationInput): AllocationResult {
  const problem = layOut(input)
  const admission = admit(problem, input)
  const filling = fill(problem, admission.on)
  const givenDa = quantise(problem, admission.on, filling.shareDa)
  const result = new Array<Allocation>(problem.size).fill(OFF)
  for (let place = 0; place < problem.size; place++) {
    const allocationA = (givenDa[place] ?? 0) / 10
    result[problem.inputIndex[place] ?? 0] = {
      allocationA,
      bound: boundOf(problem, admission, filling, { place, allocationA }),
    }
  }
  return result
}

/** The fair shares before steps are made of them, in amps: what tests compare with an independent solver. */
export function continuousShares(input: AllocationInput): readonly number[] {
  const problem = layOut(input)
  const { shareDa } = fill(problem, admit(problem, input).on)
  const shares = new Array<number>(problem.size).fill(0)
  for (let place = 0; place < problem.size; place++)
    shares[problem.inputIndex[place] ?? 0] = (shareDa[place] ?? 0) / 10
  return shares
}

function boundOf(
  problem: Problem,
  admission: Admission,
  filling: Filling,
  at: { readonly place: number; readonly allocationA: number },
): Bound {
  if (admission.on[at.place] !== 1) {
    const tight = admission.waitsAt[at.place] ?? -1
    return tight < 0 ? OFF.bound : { kind: 'waiting', node: Math.floor(tight / 3), phase: phaseOf(tight) }
  }
  const stoppedAt = filling.stoppedAt[at.place] ?? OWN_CAP
  if (stoppedAt === OWN_CAP || at.allocationA * 10 >= (problem.maxDa[at.place] ?? 0)) return AT_MAX
  return { kind: 'circuit', node: Math.floor(stoppedAt / 3), phase: phaseOf(stoppedAt) }
}

function phaseOf(constraint: number): PhaseIndex {
  return PHASE_INDEXES[constraint % 3] ?? 0
}
