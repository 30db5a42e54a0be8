/**
 * Watches what the meters show of each step that one car alone was told, and keeps by connector on which phases it came
 * (measuring/wiring-seen.ts). Where several are told at once, begin or end, nothing is learned.
 */
import { newestAccepted, newestWrite } from '../allocation/booking.js'
import { withCarStep } from '../measuring/car-seen.js'
import { judgementOf } from '../measuring/meter-judge.js'
import {
  type ConductorsSeen,
  conductorsSeen,
  followedOn,
  LEVEL_MS,
  type PhaseSeen,
  type Step,
  type WiringWatch,
  withStep,
} from '../measuring/wiring-seen.js'
import { PHASE_NAMES, type PhaseName, sitePhase } from '../site/phases.js'
import { REACTION_S } from '../site/promise.js'
import type { ConnectorControl } from './connector.js'
import { freePhases, watchSudden } from './freed-phases.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import { factsOf } from './tree-facts.js'

/** A smaller step is lost in other load. */
const LEAST_STEP_A = 4
/** In a longer time other load moves too. */
const LONGEST_MS = 70_000
/** Beginning and ceasing take a car as long as it likes: only what goes on is a step. */
const LEAST_OFFER_A = 6

/** One reading of a meter. `watched`: by node, where a phase that is taken back is seen at once. */
export function watchWiring(
  state: ControlState,
  meterId: string,
  { now: { monoMs }, watched }: { readonly now: Now; readonly watched: readonly boolean[] },
): void {
  const node = state.tree.nodes.findIndex(({ circuit }) => circuit.meter === meterId)
  const judge = state.meters.get(meterId)?.judge
  if (node < 0 || judge === undefined) return
  const { verdict, doubt } = judgementOf(judge, monoMs)
  const isBelieved = verdict === undefined && doubt === undefined
  const below = state.connectorsBelow[node] ?? []
  watchSudden(state, meterId, node, monoMs)
  const free = (connector: ConnectorControl, watch: WiringWatch): WiringWatch =>
    freePhases(state, connector, watch, {
      ...{ meterId, node, nowMs: monoMs },
      isWatched: watched[connector.node] === true,
    })
  for (const connector of below) {
    const { transaction } = connector
    const before = state.wiring.get(connector.key)
    if (nearestMeter(state, connector) !== meterId || (transaction === undefined && before === undefined))
      continue
    const told = steps(before ?? { seen: [] }, connector)
    const { step } = told
    if (step === undefined || monoMs < step.toMs + LEVEL_MS) {
      const now = free(connector, told)
      if (now !== before) state.wiring.set(connector.key, now)
      continue
    }
    const { step: _, ...rest } = told
    const isAlone = below.every(other => other === connector || !hasMoved(other, step))
    const shown =
      isBelieved && isAlone && transaction !== undefined && Math.abs(step.stepA) >= LEAST_STEP_A
        ? followedOn(judge.path, step)
        : undefined
    const seen =
      shown === undefined || transaction === undefined
        ? rest.seen
        : withStep(rest.seen, { sessionWallMs: transaction.startedWallMs, by: laid(state, meterId) }, shown)
    const car =
      shown === undefined || transaction === undefined
        ? rest.car
        : withCarStep(rest.car, { transactionId: transaction.id, phases: shown.phases, stepA: step.stepA })
    state.wiring.set(connector.key, free(connector, { ...rest, seen, ...(car !== undefined && { car }) }))
  }
}

/** With the step that an acceptance since the last time has begun. */
function steps(watch: WiringWatch, connector: ConnectorControl): WiringWatch {
  const { transaction, live } = connector
  const newest = newestAccepted(live)
  const { told, seen, car } = watch
  if (transaction === undefined || newest?.acceptedMs === undefined)
    return told === undefined && watch.step === undefined ? watch : { seen }
  const { offerA, sentMs, acceptedMs } = newest
  if (told?.transactionId === transaction.id && told.offerA === offerA) return watch
  const next = { seen, told: { transactionId: transaction.id, offerA }, ...(car !== undefined && { car }) }
  const stepA = told?.transactionId === transaction.id ? offerA - told.offerA : 0
  if (Math.min(offerA, told?.offerA ?? 0) < LEAST_OFFER_A) return next
  const toMs = acceptedMs + REACTION_S * 1_000
  const { step } = watch
  if (step === undefined) return { ...next, ...(stepA !== 0 && { step: { fromMs: sentMs, toMs, stepA } }) }
  // A raise comes in parts: those are one step. Back before the first was seen nothing shows.
  const isOneWay = Math.sign(stepA) === Math.sign(step.stepA) && toMs - step.fromMs <= LONGEST_MS
  return isOneWay ? { ...next, step: { fromMs: step.fromMs, toMs, stepA: step.stepA + stepA } } : next
}

/** Something else may have moved the meter meanwhile. */
function hasMoved({ live, steady, transaction }: ConnectorControl, { fromMs, toMs }: Step): boolean {
  const isIn = (atMs: number | undefined): boolean =>
    atMs !== undefined && atMs + REACTION_S * 1_000 >= fromMs - LEVEL_MS && atMs <= toMs + LEVEL_MS
  // A refresh writes the same again: `steady` knows that nothing changed.
  const written = steady === undefined ? newestWrite(live)?.sentMs : steady.sinceMs
  return isIn(written) || isIn(transaction?.startedMonoMs)
}

function nearestMeter({ tree }: ControlState, { node }: ConnectorControl): string | undefined {
  return factsOf(tree).meter[node]
}

const laid = ({ site }: ControlState, meterId: string): string =>
  `${meterId} ${site.config.meters.find(({ id }) => id === meterId)?.phaseMap ?? 'L1L2L3'}`

/** By what several sessions agree on. */
export function conductorsOf(state: ControlState, connector: ConnectorControl): ConductorsSeen {
  const seen = state.wiring.get(connector.key)?.seen
  const meterId = nearestMeter(state, connector)
  if (seen === undefined || meterId === undefined) return {}
  const { first, third } = conductorsSeen(seen, laid(state, meterId))
  // Only a connector with three phases has a third conductor to be unused.
  const isThree = connector.config.phases === 'L1L2L3'
  return { ...(first !== undefined && { first }), ...(isThree && third !== undefined && { third }) }
}

/** What several sessions agree on and the configuration says otherwise, or not at all: then `configured` is absent. */
export interface WiringFound {
  readonly own: 'first' | 'third'
  readonly seen: PhaseSeen
  readonly configured?: PhaseName
}

export function wiringFound(state: ControlState, connector: ConnectorControl): readonly WiringFound[] {
  const conductors = conductorsOf(state, connector)
  return OWN.flatMap(({ own, index }) => {
    const seen = conductors[own]
    if (seen === undefined) return []
    const configured = sitePhase(connector.config.phases, connector.config.phaseRotation, index)
    if (seen.phase === configured) return []
    return [{ own, seen, ...(configured !== undefined && { configured: PHASE_NAMES[configured] }) }]
  })
}

const OWN = [
  { own: 'first', index: 0 },
  { own: 'third', index: 2 },
] as const
