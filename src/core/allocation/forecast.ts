/**
 * What each car will have been given by a time if the rule goes on as it is: the same sharing and the same allocator as in each
 * decision, stepped ahead with what each still wants. Nobody leaves or comes in it, so it promises rather too little. Pure.
 */
import type { SharingRule } from '../config/site-profile.js'
import { equalShares, owed } from './accounts.js'
import type { AllocationInput } from './demand.js'
import { allocate } from './share.js'
import { ranked, type Sharer } from './sharing.js'
import { stepTurn } from './turn.js'

export interface Ahead {
  readonly rule: SharingRule
  /** As of the last decision; its demands are those of the sharers, in their order. */
  readonly input: AllocationInput
  readonly sharers: readonly Sharer[]
  /** Beside what is allocated each has this all the time, A. */
  readonly floorsA: readonly number[]
  /** Until when, from now, each is counted; 0 = not asked for. */
  readonly untilMs: readonly number[]
  /** What is available at a time from now; absent = as now. */
  availableAt?(aheadMs: number): AllocationInput['availableA']
  /** The class of each at a time from now. */
  classesAt(aheadMs: number): readonly number[]
}

/** Steps are no finer than this: cars are not told anew more often for the sake of sharing. */
const LEAST_STEP_MS = 60_000
/** Cars times steps, beyond the least steps: what a question costs grows with the cars and no more with the time. */
const MOST_WORK = 1_500
const LEAST_STEPS = 8
const MOST_STEPS = 48

/** Ampere-seconds per phase by the time of each, in the order of the sharers. */
export function givenAhead(ahead: Ahead): readonly number[] {
  const horizonMs = Math.max(0, ...ahead.untilMs)
  const steps = Math.min(MOST_STEPS, Math.max(LEAST_STEPS, MOST_WORK / Math.max(1, ahead.sharers.length)))
  const stepMs = Math.max(LEAST_STEP_MS, horizonMs / steps)
  const givenAs = ahead.sharers.map(() => 0)
  let sharers = ahead.sharers
  for (let atMs = 0; atMs < horizonMs; atMs += stepMs) {
    const amps = shareAt(ahead, sharers, atMs)
    ahead.untilMs.forEach((untilMs, index) => {
      const lastsMs = Math.min(stepMs, Math.max(0, untilMs - atMs))
      givenAs[index] = (givenAs[index] ?? 0) + ((amps[index]?.flowsA ?? 0) * lastsMs) / 1000
    })
    const nowMonoMs = ahead.input.nowMonoMs + atMs + stepMs
    sharers = sharers.map((one, index) => later(one, { stepMs, nowMonoMs, ...(amps[index] ?? NOTHING) }))
  }
  return givenAs
}

interface Share {
  readonly flowsA: number
  readonly equalA: number
  readonly isOwed: boolean
}

const NOTHING: Share = { flowsA: 0, equalA: 0, isOwed: false }

function shareAt(ahead: Ahead, sharers: readonly Sharer[], atMs: number): readonly Share[] {
  const { rule, floorsA } = ahead
  const input: AllocationInput = {
    ...ahead.input,
    availableA: ahead.availableAt?.(atMs) ?? ahead.input.availableA,
    demands: sharers.map(({ demand }) => demand),
    nowMonoMs: ahead.input.nowMonoMs + atMs,
  }
  const classes = ahead.classesAt(atMs)
  const isByNeed = rule === 'least-laxity'
  const equalA = isByNeed ? equalShares(input, sharers) : []
  const isOwed = isByNeed ? owed(input, sharers, equalA) : []
  const current = sharers.map((sharer, index) => ({
    ...sharer,
    demand: {
      ...sharer.demand,
      turn: {
        ...sharer.demand.turn,
        owed: isOwed[index] === true,
        priorityClass: classes[index] ?? sharer.demand.turn.priorityClass,
      },
    },
  }))
  const given = allocate({ ...input, demands: ranked(rule, current, input.quantumMs) })
  return sharers.map((_, index) => ({
    flowsA: (floorsA[index] ?? 0) + (given[index]?.allocationA ?? 0),
    equalA: equalA[index] ?? 0,
    isOwed: isOwed[index] === true,
  }))
}

/** What it wants is less by what it was given, and its departure nearer; a departure that has passed says nothing. */
function later(
  { stayMs, needAs, demand, ...rest }: Sharer,
  step: Share & { readonly stepMs: number; readonly nowMonoMs: number },
): Sharer {
  const { stepMs, nowMonoMs, flowsA, equalA, isOwed } = step
  const turn = stepTurn(demand.turn, {
    ...{ on: flowsA > 0, currentA: flowsA, equalA, owed: isOwed, elapsedMs: stepMs, nowMonoMs },
  })
  const leftMs = (stayMs ?? 0) - stepMs
  const leftAs = needAs === undefined ? undefined : Math.max(0, needAs - (flowsA * stepMs) / 1000)
  return {
    ...rest,
    demand: { ...demand, turn },
    ...(leftMs > 0 && leftAs !== 0 && { stayMs: leftMs }),
    ...(leftAs !== undefined && leftAs > 0 && { needAs: leftAs }),
  }
}
