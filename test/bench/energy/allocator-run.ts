/**
 * The allocator alone through the month: a decision every five minutes, every car takes at once what it is given, no
 * least times and no ramps. What the sharing rule and the whole amps cost, and nothing else.
 */
import { equalShares, owed } from '../../../src/core/allocation/accounts.js'
import type { AllocationInput, Demand, Turn } from '../../../src/core/allocation/demand.js'
import { allocate, continuousShares } from '../../../src/core/allocation/share.js'
import { ranked, type Sharer } from '../../../src/core/allocation/sharing.js'
import { firstTurn, stepTurn } from '../../../src/core/allocation/turn.js'
import type { SharingRule } from '../../../src/core/config/site-profile.js'
import type { PerPhase } from '../../../src/core/site/phases.js'
import { buildSiteTree } from '../../../src/core/site/tree.js'
import {
  type AcnSession,
  CAR_A,
  CONNECTOR_A,
  circuits,
  limitA,
  STATIONS,
  STEP_MS,
  VOLTS,
  wantedWh,
} from './acn.js'
import { type Guess, type Knows, Learned } from './learned.js'

interface Car {
  readonly session: AcnSession
  readonly phases: [boolean, boolean, boolean]
  readonly node: number
  readonly guess?: Guess
  leftWh: number
  turn: Turn
}

const NO_TIMES = { minOnMs: 0, minOffMs: 0, quantumMs: STEP_MS }
const AS_PER_WH = 3_600 / VOLTS

/** Percent of the energy that was wanted. */
export function playAllocator(
  sessions: readonly AcnSession[],
  site: {
    readonly capacityKw: number
    readonly sharing: SharingRule
    readonly knows: Knows
    /** Without minimum and whole amps: the fair shares themselves. */
    readonly isContinuous?: boolean
  },
): number {
  const tree = buildSiteTree(circuits(site.capacityKw))
  const availableA = tree.nodes.map((node): PerPhase => {
    const amps = node.depth === 0 ? limitA(site.capacityKw) : node.circuit.ratedCurrentA
    return [amps, amps, amps]
  })
  const waiting = [...sessions].sort((a, b) => a.arrival - b.arrival)
  const learned = new Learned()
  let present: Car[] = []
  let gone: Car[] = []
  let givenWh = 0
  const lastStep = Math.max(...sessions.map(({ departure }) => departure))
  for (let step = waiting[0]?.arrival ?? 0; step < lastStep; step++) {
    // A full car stays, and wants nothing.
    gone = [...gone, ...present.filter(({ leftWh }) => leftWh <= 1e-6)]
    const left = [...gone, ...present].filter(({ session }) => session.departure <= step)
    for (const { session, leftWh } of left) learned.learn(session, session.needWh - leftWh)
    gone = gone.filter(({ session }) => session.departure > step)
    present = present.filter(({ session, leftWh }) => session.departure > step && leftWh > 1e-6)
    const nowMonoMs = step * STEP_MS
    while ((waiting[0]?.arrival ?? lastStep) <= step) {
      const session = waiting.shift()
      if (session === undefined) continue
      const car = arrive(session, present, nowMonoMs, tree.indexById)
      const guess = site.knows === 'learned' ? learned.expect(session) : undefined
      present.push({ ...car, ...(guess !== undefined && { guess }) })
    }
    if (present.length === 0) continue
    const told = present.map((car): Sharer => sharerOf(car, nowMonoMs, site.knows))
    const sharers = site.isContinuous === true ? told.map(withoutMinimum) : told
    const input = { tree, availableA, demands: sharers.map(({ demand }) => demand), nowMonoMs, ...NO_TIMES }
    givenWh += serve(present, sharers, input, site)
  }
  return (100 * givenWh) / wantedWh(sessions)
}

function arrive(
  session: AcnSession,
  present: readonly Car[],
  nowMonoMs: number,
  nodes: ReadonlyMap<string, number>,
): Car {
  const station = STATIONS.find(({ id }) => id === session.stationId)
  const phase = station?.phase ?? 0
  const turns = present.map(({ turn }) => ({ turn, weight: 1 }))
  return {
    session,
    phases: [phase === 0, phase === 1, phase === 2],
    node: nodes.get(station?.circuit ?? 'main') ?? 0,
    leftWh: session.needWh,
    turn: firstTurn({ nowMonoMs, waitsForMs: STEP_MS, weight: 1 }, 1, turns),
  }
}

function sharerOf(car: Car, nowMonoMs: number, knows: Knows): Sharer {
  const { session, phases, node, leftWh, turn, guess } = car
  const demand: Demand = {
    ...{ key: session.stationId, node, phases, turn },
    minA: 6,
    maxA: CONNECTOR_A,
    weight: 1,
    stepA: 1,
  }
  const claim = {
    ...(knows === 'departures' && {
      stayMs: session.departure * STEP_MS - nowMonoMs,
      needAs: leftWh * AS_PER_WH,
    }),
    ...(guess !== undefined && guessed(car, guess, nowMonoMs)),
  }
  return { demand, arrivedMs: session.arrival, isFull: false, ...claim }
}

/** As the Controller takes it: a time that has passed, or nothing left to be charged, says nothing any more. */
function guessed({ session, leftWh }: Car, guess: Guess, nowMonoMs: number): Partial<Sharer> {
  const stayMs = session.arrival * STEP_MS + guess.stayMs - nowMonoMs
  const { energyWh } = guess
  const needAs = energyWh === undefined ? undefined : (energyWh - (session.needWh - leftWh)) * AS_PER_WH
  return {
    isGuess: true,
    ...(stayMs > 0 && (needAs ?? 1) > 0 && { stayMs }),
    ...(needAs !== undefined && needAs > 0 && { needAs }),
  }
}

function withoutMinimum(sharer: Sharer): Sharer {
  return { ...sharer, demand: { ...sharer.demand, minA: 0, maxA: CAR_A, stepA: 0.1 } }
}

/** One step of all cars, Wh. */
function serve(
  present: readonly Car[],
  sharers: readonly Sharer[],
  input: AllocationInput,
  { sharing, isContinuous }: { readonly sharing: SharingRule; readonly isContinuous?: boolean },
): number {
  const equalA = sharing === 'least-laxity' ? equalShares(input) : []
  const isOwed = sharing === 'least-laxity' ? owed(input, sharers, equalA) : []
  const judged = sharers.map((sharer, index): Sharer => {
    const turn = { ...sharer.demand.turn, owed: isOwed[index] === true }
    return { ...sharer, demand: { ...sharer.demand, turn } }
  })
  const asked = { ...input, demands: ranked(sharing, judged, input.quantumMs) }
  const givenA =
    isContinuous === true ? continuousShares(asked) : allocate(asked).map(({ allocationA }) => allocationA)
  return present.reduce((sumWh, car, index) => {
    const allocationA = givenA[index] ?? 0
    const takenWh = Math.min(car.leftWh, (Math.min(allocationA, CAR_A) * VOLTS * STEP_MS) / 3_600_000)
    car.leftWh -= takenWh
    car.turn = stepTurn(
      { ...car.turn, owed: judged[index]?.demand.turn.owed === true },
      {
        ...{ on: allocationA > 0, currentA: allocationA, equalA: equalA[index] ?? 0 },
        elapsedMs: STEP_MS,
        nowMonoMs: input.nowMonoMs + STEP_MS,
      },
    )
    return sumWh + takenWh
  }, 0)
}
