/**
 * Continuous shares to whole steps that a station obeys: each down to its step, then the steps left over by largest
 * remainder, key as tie-break. Counted in whole tenths against the exact capacities, so no circuit is ever over.
 */
import { charge, firstTight, type Problem } from './problem.js'

/** A share of 7.9999999 A is 8 A; the exact sums below decide whether it fits. */
const DUST_DA = 1e-6

/** Tenths of an amp per place: 0, or min..max on the step grid. `restDa` is what there is, and less what was given afterwards. */
export function quantise(
  problem: Problem,
  on: Uint8Array,
  shareDa: Float64Array,
  restDa: Float64Array,
): Float64Array {
  const givenDa = new Float64Array(problem.size)
  for (let place = 0; place < problem.size; place++) {
    if (on[place] !== 1) continue
    givenDa[place] = problem.minDa[place] ?? 0
    charge(problem, restDa, place, -(problem.minDa[place] ?? 0))
  }
  const left: { readonly place: number; readonly remainder: number }[] = []
  for (let place = 0; place < problem.size; place++) {
    if (on[place] !== 1) continue
    const stepDa = problem.stepDa[place] ?? 10
    const wantedDa = Math.floor(((shareDa[place] ?? 0) + DUST_DA) / stepDa) * stepDa
    const moreDa = wantedDa - (givenDa[place] ?? 0)
    if (moreDa > 0 && firstTight(problem, restDa, place, moreDa) < 0) {
      givenDa[place] = wantedDa
      charge(problem, restDa, place, -moreDa)
    }
    const remainder = Math.round((((shareDa[place] ?? 0) - (givenDa[place] ?? 0)) / stepDa) * 1e6)
    if (remainder > 0) left.push({ place, remainder })
  }
  left.sort((a, b) => b.remainder - a.remainder || a.place - b.place)
  // A remainder means the share is below the maximum, which is on the grid: one step more never passes it.
  for (const { place } of left) {
    const stepDa = problem.stepDa[place] ?? 10
    const nextDa = (givenDa[place] ?? 0) + stepDa
    if (firstTight(problem, restDa, place, stepDa) >= 0) continue
    givenDa[place] = nextDa
    charge(problem, restDa, place, -stepDa)
  }
  return givenDa
}
