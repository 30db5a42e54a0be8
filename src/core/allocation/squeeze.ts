/**
 * Room that is too small for a minimum is lost to everybody: where higher ranks have left some, but less than the next car
 * needs, they give up as much above their own minima as completes it. The lowest rank gives first, the firm
 * never do. Nothing is taken where nothing would be won, but for a car that is asked whether it is full still: that has its
 * minimum of what others can spare, whatever their class.
 */
import { type Admission, isAble, isHeldOff } from './admit.js'
import type { AllocationInput } from './demand.js'
import { charge, firstTight, type Problem } from './problem.js'

interface Given {
  readonly admission: Admission
  readonly givenDa: Float64Array
  readonly stoppedAt: Int32Array
}

/** For those at `places` that wait; changes what is given, and `restDa` with it. */
export function squeezeIn(
  problem: Problem,
  input: AllocationInput,
  given: Given,
  at: { readonly places: readonly number[]; readonly restDa: Float64Array },
): void {
  for (const place of at.places) {
    if (given.admission.on[place] === 1 || !isAble(problem, place)) continue
    if (isHeldOff(problem, input, place)) continue
    const neededDa = problem.minDa[place] ?? 0
    const tight = firstTight(problem, at.restDa, place, neededDa)
    const isOpen = problem.spared[place] === 1 || firstTight(problem, at.restDa, place, 1) < 0
    if (tight >= 0 && (!isOpen || !clear(problem, given, place, at.restDa))) continue
    given.admission.on[place] = 1
    given.admission.waitsAt[place] = -1
    given.givenDa[place] = neededDa
    given.stoppedAt[place] = tight
    charge(problem, at.restDa, place, -neededDa)
  }
}

/** Makes room for the minimum of `place`; nothing is changed where that is not possible. */
function clear(problem: Problem, given: Given, place: number, restDa: Float64Array): boolean {
  const neededDa = problem.minDa[place] ?? 0
  const givers = giversFor(problem, given, place)
  const taken: [number, number][] = []
  for (const giver of givers) {
    const tight = firstTight(problem, restDa, place, neededDa)
    if (tight < 0) break
    if (!touches(problem, giver, tight)) continue
    const stepDa = problem.stepDa[giver] ?? 10
    const shortDa = neededDa - (restDa[tight] ?? 0)
    const spareDa = (given.givenDa[giver] ?? 0) - (problem.minDa[giver] ?? 0)
    const takenDa = Math.min(spareDa, Math.ceil(shortDa / stepDa) * stepDa)
    if (takenDa <= 0) continue
    taken.push([giver, takenDa])
    charge(problem, restDa, giver, takenDa)
  }
  const costDa = taken.reduce((sumDa, [, takenDa]) => sumDa + takenDa, 0)
  const isWorthIt = costDa < neededDa || problem.spared[place] === 1
  if (firstTight(problem, restDa, place, neededDa) < 0 && isWorthIt) {
    for (const [giver, takenDa] of taken) {
      given.givenDa[giver] = (given.givenDa[giver] ?? 0) - takenDa
      given.stoppedAt[giver] = sharedConstraint(problem, giver, place)
    }
    return true
  }
  for (const [giver, takenDa] of taken) charge(problem, restDa, giver, -takenDa)
  return false
}

/** Lowest rank first, then the latest key. */
function giversFor(problem: Problem, given: Given, place: number): readonly number[] {
  const givers: number[] = []
  const ofClass = problem.priorityClass[place]
  for (let other = 0; other < problem.size; other++) {
    if (other === place || given.admission.on[other] !== 1 || problem.firm[other] === 1) continue
    if (problem.priorityClass[other] !== ofClass && problem.spared[place] !== 1) continue
    if ((given.givenDa[other] ?? 0) > (problem.minDa[other] ?? 0)) givers.push(other)
  }
  return givers.sort((a, b) => (problem.rank[b] ?? 0) - (problem.rank[a] ?? 0) || b - a)
}

function touches(problem: Problem, place: number, constraint: number): boolean {
  if (!(((problem.phaseBits[place] ?? 7) >> (constraint % 3)) & 1)) return false
  const node = Math.floor(constraint / 3)
  const own = problem.node[place] ?? -1
  return own >= node && own < (problem.tree.subtreeEnd[node] ?? 0)
}

/** Where both meet first from the giver up. */
function sharedConstraint(problem: Problem, giver: number, place: number): number {
  const { parents } = problem.tree
  for (let node = problem.node[giver] ?? -1; node >= 0; node = parents[node] ?? -1) {
    for (let phase = 0; phase < 3; phase++) {
      const constraint = node * 3 + phase
      if (touches(problem, giver, constraint) && touches(problem, place, constraint)) return constraint
    }
  }
  return -1
}
