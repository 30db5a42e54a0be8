/**
 * What is wrong with a meter, by name, and in the words an electrician acts on: what was expected, what was seen, what
 * is the likely cause. Pure: evidence in, one verdict out.
 */
import { type PerPhase, PHASE_INDEXES, PHASE_NAMES } from '../site/phases.js'
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

export interface Verdict {
  readonly kind: VerdictKind
  /** What was expected, what was seen, and the likely cause. */
  readonly text: string
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
        text: `its energy register counted ${energy(contradiction.countedWh)} while its power made ${energy(contradiction.expectedWh)}: one of them has a wrong scale, check device file and transformer ratio`,
      }
    case 'register stands':
      return {
        kind: 'frozen',
        text: `its energy register stands at ${energy(contradiction.atWh)} while its power made ${energy(contradiction.expectedWh)}: its measuring part has stopped or old values are repeated, restart the meter or its gateway`,
      }
    case 'jumps':
      return contradiction.factor < 0
        ? {
            kind: 'sign',
            text: `its direction changes from one reading to the next (${triple(contradiction.fromA)}, then ${triple(contradiction.toA)}): two devices answer under one address, or words of two moments are put together`,
          }
        : {
            kind: 'factor',
            text: `all its phases jump ${contradiction.factor}-fold from one reading to the next and back (${triple(contradiction.fromA)}, then ${triple(contradiction.toA)}): its scale is read at another moment than its values, or two devices answer under one address`,
          }
    case 'register back':
      return contradiction.again
        ? {
            kind: 'two devices',
            text: `its energy register keeps running back (${energy(contradiction.fromWh)}, then ${energy(contradiction.toWh)}): two devices answer under one address`,
          }
        : {
            kind: 'replayed',
            text: `its energy register ran back from ${energy(contradiction.fromWh)} to ${energy(contradiction.toWh)}: old values are repeated, or another device answers under this address (if the meter was changed, this ends by itself)`,
          }
    case 'turns':
      return {
        kind: 'two devices',
        text: `${PHASE_NAMES[contradiction.phase]} changes between ${amps(contradiction.oneA)} and ${amps(contradiction.otherA)} at each reading: two devices answer under one address`,
      }
  }
}

function byDirection(contradiction: Extract<SelfContradiction, { kind: 'feeds back' }>): Verdict {
  const { phase, currentA, ofTwoPhases, onAll } = contradiction
  const name = PHASE_NAMES[phase]
  if (ofTwoPhases)
    return {
      kind: 'swapped phases',
      text: `it shows ${amps(currentA)} on ${name}, flowing out, with only half of the power that its volts and amps make: its current transformer and its voltage input on ${name} are of different phases, put them on the same one`,
    }
  if (onAll)
    return {
      kind: 'sign',
      text: `it shows ${amps(currentA)} on ${name} and the other phases flowing out too, and no generation is declared here: it is mounted the other way round, set "invert" or turn all its transformers`,
    }
  return {
    kind: 'sign',
    text: `it shows ${amps(currentA)} on ${name}, flowing out, and no generation is declared here: the current transformer on ${name} is turned round (K and L, P1 and P2), or its two wires are`,
  }
}

function byPower(contradiction: PowerContradiction): Verdict {
  switch (contradiction.kind) {
    case 'power':
      return {
        kind: 'factor',
        text: `its power of ${watts(contradiction.powerW)} on ${PHASE_NAMES[contradiction.phase]} needs more than its own volts and amps allow (${watts(contradiction.possibleW)}): scale or word order of the current is wrong, check device file and transformer ratio`,
      }
    case 'power factor':
      return {
        kind: 'factor',
        text: `its power of ${watts(contradiction.powerW)} on ${PHASE_NAMES[contradiction.phase]} is not what its own volts, amps and power factor of ${Math.round(contradiction.powerFactor * 100) / 100} make (${watts(contradiction.expectedW)}): current or power has a wrong scale or stands still, check device file and transformer ratio`,
      }
  }
}

function byClock(contradiction: ClockContradiction): Verdict {
  switch (contradiction.kind) {
    case 'clock stands':
      return {
        kind: 'frozen',
        text: `its own clock stands still at ${contradiction.atS} s for ${Math.round(contradiction.forMs / 1000)} s, and so do its values: it repeats old values, restart the meter or its gateway`,
      }
    case 'clock back':
      return {
        kind: 'replayed',
        text: `its own clock keeps running back (${contradiction.fromS} s, then ${contradiction.toS} s): old values are repeated, or two devices answer under one address`,
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
      text: `its stations changed by ${triple(stepA)} and it went through the same ${values} readings over and over: it repeats old values, restart the meter or its gateway`,
    }
  const facts = `its stations changed by ${triple(stepA)} and it stood still at ${triple(currentA)}`
  if (PHASE_INDEXES.every(phase => Math.abs(currentA[phase]) < NOTHING_A)) return dead(facts)
  return {
    kind: 'frozen',
    text: `${facts}: it repeats one value, restart the meter or its gateway`,
  }
}

/** No verdict yet: it may have moved with them, and stands now. */
export function stands(it: { readonly stepA: PerPhase; readonly currentA: PerPhase }): string {
  return `its stations changed by ${triple(it.stepA)}, it showed only a part of that and repeats ${triple(it.currentA)} since. This ends when it moves`
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
  const facts = `its stations alone draw ${triple(sumA)} and it shows ${triple(currentA)}`
  const loaded = PHASE_INDEXES.filter(phase => sumA[phase] >= 5)
  if (PHASE_INDEXES.every(phase => Math.abs(currentA[phase]) < NOTHING_A)) return dead(facts)
  const reversed = PHASE_INDEXES.filter(phase => currentA[phase] < -1)
  if (reversed.length > 0) return turned(facts, reversed)
  const bySteps = nameOfSteps(episodes, facts)
  if (bySteps !== undefined) return bySteps
  if (followedBefore) return otherValues(facts)
  const shares = loaded.map(phase => currentA[phase] / sumA[phase])
  if (loaded.length === 3 && alike(shares) && mean(shares) > 0.03)
    return factor(facts, mean(shares), 'at most')
  return wrongCircuit(facts)
}

/** No verdict yet: all phases fell in one proportion, below what the stations draw. */
export function fellAtOnce(fromA: PerPhase, toA: PerPhase): string {
  return `all its phases fell at once from ${triple(fromA)} to ${triple(toA)}, below what its stations drew: a changed ratio, or several stations that lost their supply. This ends with the first step of its stations that it follows`
}

/** It did not follow the known steps of these episodes. */
export function doesNotFollow(episodes: readonly Episode[], { currentA, followedBefore }: Shown): Verdict {
  const last = episodes.at(-1)
  const facts =
    last === undefined
      ? 'it does not follow its stations'
      : `its stations changed by ${triple(last.stepA)} and it moved by ${triple(last.movedA)}`
  if (PHASE_INDEXES.every(phase => Math.abs(currentA[phase]) < NOTHING_A)) return dead(facts)
  return nameOfSteps(episodes, facts) ?? (followedBefore ? otherValues(facts) : wrongCircuit(facts))
}

function nameOfSteps(episodes: readonly Episode[], facts: string): Verdict | undefined {
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
    return factor(facts, mean(shares), 'about')
  return undefined
}

function factor(facts: string, share: number, how: string): Verdict {
  const times = share < 0.2 ? Math.round(share * 100) / 100 : Math.round(share * 10) / 10
  return {
    kind: 'factor',
    text: `${facts}, ${how} ${times} times of what flows: wrong transformer ratio in the meter, or wrong scale in the device file`,
  }
}

function turned(facts: string, phases: readonly (0 | 1 | 2)[]): Verdict {
  const names = phases.map(phase => PHASE_NAMES[phase]).join(' and ')
  return {
    kind: 'sign',
    text: `${facts}: the current transformer on ${names} is turned round (K and L, P1 and P2), or its two wires are`,
  }
}

function swapped(facts: string, from: 0 | 1 | 2, to: 0 | 1 | 2): Verdict {
  return {
    kind: 'swapped phases',
    text: `${facts}: what happens on ${PHASE_NAMES[from]} is seen on ${PHASE_NAMES[to]}, current transformers or phases of a station are exchanged`,
  }
}

function dead(facts: string): Verdict {
  return {
    kind: 'dead',
    text: `${facts}: transformers open or short-circuited, or not connected to this meter`,
  }
}

function otherValues(facts: string): Verdict {
  return {
    kind: 'replayed',
    text: `${facts}, though it followed them before: old values are repeated, or another device answers in its place`,
  }
}

function wrongCircuit(facts: string): Verdict {
  return {
    kind: 'wrong circuit',
    text: `${facts}: it measures another circuit, or the stations hang elsewhere than configured`,
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
