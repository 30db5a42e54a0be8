/**
 * What is wrong with a meter, by name, and in the words an electrician acts on: what was expected, what was seen, what
 * is the likely cause. Pure: evidence in, one verdict out.
 */

import { type PerPhase, PHASE_INDEXES, PHASE_NAMES } from '../site/phases.js'
import { type Said, type SaidParam, say } from '../words/said.js'
import type { ClockContradiction } from './meter-clock.js'
import type { PowerContradiction } from './meter-power.js'
import type { SelfContradiction } from './meter-self.js'
import type { Episode } from './meter-steps.js'

export type VerdictKind =
  | 'factor'
  | 'sign'
  | 'swapped phases'
  | 'wrong circuit'
  | 'frozen'
  | 'replayed'
  | 'dead'
  | 'two devices'

/** What was expected, what was seen, and the likely cause. */
export interface Verdict extends Said {
  readonly kind: VerdictKind
}

/** Nothing at all: below what a meter shows at rest. */
const NOTHING_A = 0.3
/** Same factor on all phases: their shares lie this close together. */
const ALIKE = 0.25

export function byItself(contradiction: SelfContradiction): Verdict {
  switch (contradiction.kind) {
    case 'feeds back':
      return byDirection(contradiction)
    case 'power':
    case 'power factor':
      return byPower(contradiction)
    case 'clock stands':
    case 'clock back':
      return byClock(contradiction)
    case 'register rate':
      return {
        kind: 'factor',
        ...say('register-rate-wrong', {
          counted: energy(contradiction.countedWh),
          made: energy(contradiction.expectedWh),
        }),
      }
    case 'register stands':
      return {
        kind: 'frozen',
        ...say('register-stands', { at: energy(contradiction.atWh), made: energy(contradiction.expectedWh) }),
      }
    case 'jumps':
      return contradiction.factor < 0
        ? {
            kind: 'sign',
            ...say('direction-jumps', { from: triple(contradiction.fromA), to: triple(contradiction.toA) }),
          }
        : {
            kind: 'factor',
            ...say('scale-jumps', {
              factor: contradiction.factor,
              from: triple(contradiction.fromA),
              to: triple(contradiction.toA),
            }),
          }
    case 'register back':
      return contradiction.again
        ? {
            kind: 'two devices',
            ...say('register-keeps-running-back', {
              from: energy(contradiction.fromWh),
              to: energy(contradiction.toWh),
            }),
          }
        : {
            kind: 'replayed',
            ...say('register-ran-back', {
              from: energy(contradiction.fromWh),
              to: energy(contradiction.toWh),
            }),
          }
    case 'plays back':
      return { kind: 'replayed', ...say('recording-repeats', { count: contradiction.count }) }
    case 'turns':
      return {
        kind: 'two devices',
        ...say('two-devices-in-turn', {
          phase: PHASE_NAMES[contradiction.phase],
          one: amps(contradiction.oneA),
          other: amps(contradiction.otherA),
        }),
      }
  }
}

function byDirection(contradiction: Extract<SelfContradiction, { kind: 'feeds back' }>): Verdict {
  const { phase, currentA, ofTwoPhases, onAll } = contradiction
  const name = PHASE_NAMES[phase]
  if (ofTwoPhases)
    return {
      kind: 'swapped phases',
      ...say('half-power', { current: amps(currentA), phase: name }),
    }
  if (onAll)
    return {
      kind: 'sign',
      ...say('all-feed-back', { current: amps(currentA), phase: name }),
    }
  return {
    kind: 'sign',
    ...say('transformer-feeds-back', { current: amps(currentA), phase: name }),
  }
}

function byPower(contradiction: PowerContradiction): Verdict {
  switch (contradiction.kind) {
    case 'power':
      return {
        kind: 'factor',
        ...say('power-beyond-amps', {
          power: watts(contradiction.powerW),
          phase: PHASE_NAMES[contradiction.phase],
          possible: watts(contradiction.possibleW),
        }),
      }
    case 'power factor':
      return {
        kind: 'factor',
        ...say('power-factor-wrong', {
          power: watts(contradiction.powerW),
          phase: PHASE_NAMES[contradiction.phase],
          factor: Math.round(contradiction.powerFactor * 100) / 100,
          expected: watts(contradiction.expectedW),
        }),
      }
  }
}

function byClock(contradiction: ClockContradiction): Verdict {
  switch (contradiction.kind) {
    case 'clock stands':
      return {
        kind: 'frozen',
        ...say('clock-stands', { at: contradiction.atS, for: Math.round(contradiction.forMs / 1000) }),
      }
    case 'clock back':
      return {
        kind: 'replayed',
        ...say('clock-runs-back', { from: contradiction.fromS, to: contradiction.toS }),
      }
  }
}

/** It stood still while the stations moved. */
export function standingStill(
  { stepA, values }: { readonly stepA: PerPhase; readonly values: number },
  currentA: PerPhase,
): Verdict {
  if (values > 1)
    return {
      kind: 'frozen',
      ...say('readings-repeat', { step: triple(stepA), count: values }),
    }
  const facts = say('stood-still', { step: triple(stepA), current: triple(currentA) })
  if (PHASE_INDEXES.every(phase => Math.abs(currentA[phase]) < NOTHING_A)) return dead(facts)
  return {
    kind: 'frozen',
    ...say('repeats-one-value', { facts }),
  }
}

/** No verdict yet: it may have moved with them, and stands now. */
export function stands(it: { readonly stepA: PerPhase; readonly currentA: PerPhase }): Said {
  return say('moved-in-part', { step: triple(it.stepA), current: triple(it.currentA) })
}

interface Shown {
  readonly currentA: PerPhase
  /** It followed its stations before, and nothing looks like a change of its scale. */
  readonly followedBefore: boolean
}

/** It shows less than its stations alone draw, all the time. */
export function showsLess(
  { sumA, currentA, followedBefore }: Shown & { readonly sumA: PerPhase },
  episodes: readonly Episode[],
): Verdict {
  const facts = say('shows-less', { drawn: triple(sumA), shown: triple(currentA) })
  const loaded = PHASE_INDEXES.filter(phase => sumA[phase] >= 5)
  if (PHASE_INDEXES.every(phase => Math.abs(currentA[phase]) < NOTHING_A)) return dead(facts)
  const reversed = PHASE_INDEXES.filter(phase => currentA[phase] < -1)
  if (reversed.length > 0) return turned(facts, reversed)
  const bySteps = nameOfSteps(episodes, facts)
  if (bySteps !== undefined) return bySteps
  if (followedBefore) return otherValues(facts)
  const shares = loaded.map(phase => currentA[phase] / sumA[phase])
  if (loaded.length === 3 && alike(shares) && mean(shares) > 0.03)
    return factor(facts, mean(shares), say('at-most'))
  return wrongCircuit(facts)
}

/** No verdict yet: all phases fell in one proportion, below what the stations draw. */
export function fellAtOnce(fromA: PerPhase, toA: PerPhase): Said {
  return say('fell-at-once', { from: triple(fromA), to: triple(toA) })
}

/** It did not follow the known steps of these episodes. */
export function doesNotFollow(episodes: readonly Episode[], { currentA, followedBefore }: Shown): Verdict {
  const last = episodes.at(-1)
  const facts = last === undefined ? say('does-not-follow') : movedOtherwise(last)
  if (PHASE_INDEXES.every(phase => Math.abs(currentA[phase]) < NOTHING_A)) return dead(facts)
  return nameOfSteps(episodes, facts) ?? (followedBefore ? otherValues(facts) : wrongCircuit(facts))
}

/** It shows the same part of each step. */
export function showsAPart(episode: Episode, share: number): Verdict {
  return factor(movedOtherwise(episode), share, say('about'))
}

/** One step, and what it showed of it. */
export function movedOtherwise({ stepA, movedA }: Episode): Said {
  return say('moved-otherwise', { step: triple(stepA), moved: triple(movedA) })
}

function nameOfSteps(episodes: readonly Episode[], facts: Said): Verdict | undefined {
  const told = episodes.flatMap(episode =>
    PHASE_INDEXES.filter(phase => Math.abs(episode.stepA[phase]) >= 5).map(phase => ({
      episode,
      phase,
      share: episode.movedA[phase] / episode.stepA[phase],
      bad: episode.outcomes[phase] === 'contradicts',
    })),
  )
  const bad = told.filter(entry => entry.bad)
  if (bad.length === 0) return undefined
  const reversed = PHASE_INDEXES.filter(phase => {
    const own = bad.filter(entry => entry.phase === phase)
    return own.length > 0 && mean(own.map(({ share }) => share)) < -0.5
  })
  if (reversed.length > 0) return turned(facts, reversed)
  for (const { episode, phase, share } of bad) {
    const to = PHASE_INDEXES.find(
      other =>
        Math.abs(episode.stepA[other]) < 1 &&
        Math.abs(episode.movedA[other] - episode.stepA[phase]) <= 0.3 * Math.abs(episode.stepA[phase]) + 1,
    )
    if (to !== undefined && Math.abs(share) < 0.4) return swapped(facts, phase, to)
  }
  const shares = bad.map(({ share }) => share)
  if (bad.length * 2 > told.length && alike(shares) && mean(shares) > 0.05 && mean(shares) < 0.75)
    return factor(facts, mean(shares), say('about'))
  return undefined
}

function factor(facts: Said, share: number, how: Said): Verdict {
  const times = share < 0.2 ? Math.round(share * 100) / 100 : Math.round(share * 10) / 10
  return {
    kind: 'factor',
    ...say('wrong-factor', { facts, how, times }),
  }
}

function turned(facts: Said, phases: readonly (0 | 1 | 2)[]): Verdict {
  const [first, ...others] = phases.map((phase): SaidParam => PHASE_NAMES[phase])
  const names = others.reduce((one, other) => say('both', { one, other }), first ?? '')
  return {
    kind: 'sign',
    ...say('transformer-turned', { facts, phases: names }),
  }
}

function swapped(facts: Said, from: 0 | 1 | 2, to: 0 | 1 | 2): Verdict {
  return {
    kind: 'swapped phases',
    ...say('phases-exchanged', { facts, from: PHASE_NAMES[from], to: PHASE_NAMES[to] }),
  }
}

function dead(facts: Said): Verdict {
  return {
    kind: 'dead',
    ...say('transformers-dead', { facts }),
  }
}

function otherValues(facts: Said): Verdict {
  return {
    kind: 'replayed',
    ...say('other-values', { facts }),
  }
}

function wrongCircuit(facts: Said): Verdict {
  return {
    kind: 'wrong circuit',
    ...say('wrong-circuit', { facts }),
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
const alike = (values: readonly number[]): boolean => Math.max(...values) - Math.min(...values) <= ALIKE
const tenth = (value: number): string => `${Math.round(value * 10) / 10 + 0}`
const amps = (value: number): string => `${tenth(value)} A`
const watts = (value: number): string => `${Math.round(value)} W`
const energy = (wh: number): string => `${Math.round(wh) / 1000} kWh`
const triple = (values: PerPhase): string => `${values.map(tenth).join(' / ')} A`
