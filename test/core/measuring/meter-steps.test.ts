/** What of the known steps of its stations a meter's path holds (control rule 15). */
import t from 'tap'
import { newJudge } from '../../../src/core/measuring/judge-state.js'
import { watchSteps } from '../../../src/core/measuring/judge-steps.js'
import type { PathPoint } from '../../../src/core/measuring/meter-path.js'
import { prove } from '../../../src/core/measuring/meter-proof.js'
import { isBehind } from '../../../src/core/measuring/meter-steps.js'
import type { KnownStep } from '../../../src/core/measuring/station-evidence.js'
import { ALL_PHASES, type PerPhase } from '../../../src/core/site/phases.js'

const NOW_MS = 100_000

/** A reading each second; `movedA` more from so long before now on. */
function pathWith(movedA: PerPhase, agoMs = 20_000): PathPoint[] {
  return Array.from({ length: 91 }, (_, s) => {
    const monoMs = 10_000 + s * 1_000
    const moved = monoMs >= NOW_MS - agoMs
    const ripple = (s % 3) / 10
    const on = (phase: 0 | 1 | 2): number => 40 + ripple + (moved ? movedA[phase] : 0)
    return { monoMs, currentA: [on(0), on(1), on(2)] }
  })
}

const rise = (stepA: PerPhase): KnownStep => ({ fromMs: NOW_MS - 40_000, toMs: NOW_MS - 17_000, stepA })

t.test('a meter is behind while its path holds less than its stations rose by', async t => {
  const twelve = [rise([12, 12, 12])]
  t.equal(isBehind(twelve, pathWith([12, 12, 12]), NOW_MS), false)
  t.equal(isBehind(twelve, pathWith([12, 4, 12]), NOW_MS), true, 'on one phase')
  t.equal(isBehind(twelve, pathWith([0, 0, 0]), NOW_MS), true)
  t.equal(
    isBehind(twelve, pathWith([12, 12, 12], 70_000), NOW_MS),
    false,
    'it is the station that tells late',
  )
  t.equal(isBehind([], pathWith([0, 0, 0]), NOW_MS), false)
  t.equal(isBehind([rise([-12, -12, -12])], pathWith([0, 0, 0]), NOW_MS), false, 'a fall is none')
  t.equal(isBehind([rise([4, 4, 4])], pathWith([0, 0, 0]), NOW_MS), false, 'too small to tell')
  const small = [rise([1.5, 1.5, 1.5]), rise([1.5, 1.5, 1.5]), rise([1.5, 1.5, 1.5]), rise([1.5, 1.5, 1.5])]
  t.equal(isBehind(small, pathWith([0, 0, 0]), NOW_MS), true, 'many small ones are one')
})

/** What a proven meter is proven on after one step of all phases alike, of which it shows so much. */
function provenAfter(movedA: PerPhase, { generation = false, agoMs = 20_000 } = {}): unknown {
  const state = newJudge()
  prove(state.proof, ALL_PHASES)
  state.path = pathWith(movedA, agoMs)
  state.steps = [rise([12, 12, 12])]
  watchSteps(state, state.path.at(-1)?.currentA ?? movedA, { nowMs: NOW_MS, generation })
  t.equal(state.verdict, undefined, 'one is no verdict')
  return state.proof.proven
}

t.test('the first step that a proven meter does not show takes its proof on that phase', async t => {
  t.strictSame(provenAfter([12, 1, 12]), [true, false, true])
  t.strictSame(provenAfter([12, 11, 12]), [true, true, true])
  t.strictSame(provenAfter([12, 12, 12], { agoMs: 70_000 }), [true, true, true], 'told late')
  t.strictSame(provenAfter([1, 1, 1], { generation: true }), [true, true, true], 'what feeds in may hide it')
})
