/**
 * Watches what the meters show of each step that one car alone was told, and keeps by connector on which phases it came
 * (measuring/wiring-seen.ts). Where several are told at once, begin or end, nothing is learned.
 */
import { newestAccepted, newestWrite } from '../allocation/booking.js'
import { judgementOf } from '../measuring/meter-judge.js'
import {
  type FirstPhase,
  firstPhaseSeen,
  followedOn,
  LEVEL_MS,
  type Step,
  type WiringWatch,
  withStep,
} from '../measuring/wiring-seen.js'
import { PHASE_NAMES, type PhaseName, sitePhase } from '../site/phases.js'
import { REACTION_S } from '../site/promise.js'
import type { ConnectorControl } from './connector.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'

/** A smaller step is lost in other load. */
const LEAST_STEP_A = 4
/** Beginning and ceasing take a car as long as it likes: only what goes on is a step. */
const LEAST_OFFER_A = 6

/** One reading of a meter that is believed. */
export function watchWiring(state: ControlState, meterId: string, { monoMs }: Now): void {
  const node = state.tree.nodes.findIndex(({ circuit }) => circuit.meter === meterId)
  const judge = state.meters.get(meterId)?.judge
  if (node < 0 || judge === undefined) return
  const { verdict, doubt } = judgementOf(judge, monoMs)
  const isBelieved = verdict === undefined && doubt === undefined
  const end = state.tree.subtreeEnd[node] ?? node
  const below = state.connectors.filter(({ node: at }) => at >= node && at < end)
  for (const connector of below) {
    const { transaction } = connector
    const before = state.wiring.get(connector.key)
    if (nearestMeter(state, connector) !== meterId || (transaction === undefined && before === undefined))
      continue
    const told = steps(before ?? { seen: [] }, connector)
    const { step } = told
    if (step === undefined || monoMs < step.toMs + LEVEL_MS) {
      if (told !== before) state.wiring.set(connector.key, told)
      continue
    }
    const { step: _, ...rest } = told
    const isAlone = below.every(other => other === connector || !hasMoved(other, step))
    const shown =
      isBelieved && isAlone && transaction !== undefined ? followedOn(judge.path, step) : undefined
    const seen =
      shown === undefined || transaction === undefined
        ? rest.seen
        : withStep(rest.seen, { sessionWallMs: transaction.startedWallMs, by: laid(state, meterId) }, shown)
    state.wiring.set(connector.key, { ...rest, seen })
  }
}

/** With the step that an acceptance since the last time has begun. */
function steps(watch: WiringWatch, connector: ConnectorControl): WiringWatch {
  const { transaction, live } = connector
  const newest = newestAccepted(live)
  const { told, seen } = watch
  if (transaction === undefined || newest?.acceptedMs === undefined)
    return told === undefined && watch.step === undefined ? watch : { seen }
  const { offerA, sentMs, acceptedMs } = newest
  if (told?.transactionId === transaction.id && told.offerA === offerA) return watch
  const next = { seen, told: { transactionId: transaction.id, offerA } }
  const stepA = told?.transactionId === transaction.id ? offerA - told.offerA : 0
  // A second step before the first was seen: neither shows alone.
  if (watch.step !== undefined || Math.abs(stepA) < LEAST_STEP_A) return next
  if (Math.min(offerA, told?.offerA ?? 0) < LEAST_OFFER_A) return next
  return { ...next, step: { fromMs: sentMs, toMs: acceptedMs + REACTION_S * 1_000, stepA } }
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
  for (const at of tree.pathOf(node)) {
    const meter = tree.nodes[at]?.circuit.meter
    if (meter !== undefined) return meter
  }
  return undefined
}

const laid = ({ site }: ControlState, meterId: string): string =>
  `${meterId} ${site.config.meters.find(({ id }) => id === meterId)?.phaseMap ?? 'L1L2L3'}`

/** By what several sessions agree on. */
export function firstPhaseOf(state: ControlState, connector: ConnectorControl): FirstPhase | undefined {
  const seen = state.wiring.get(connector.key)?.seen
  const meterId = nearestMeter(state, connector)
  return seen === undefined || meterId === undefined ? undefined : firstPhaseSeen(seen, laid(state, meterId))
}

/** What several sessions agree on, and what the configuration says instead: `configured` is absent where it says nothing. */
export function wiringFound(
  state: ControlState,
  connector: ConnectorControl,
): { readonly first: FirstPhase; readonly configured?: PhaseName } | undefined {
  const first = firstPhaseOf(state, connector)
  if (first === undefined) return undefined
  const { config } = connector
  const configured = sitePhase(config.phases, config.phaseRotation, 0)
  if (first.phase === configured) return undefined
  return { first, ...(configured !== undefined && { configured: PHASE_NAMES[configured] }) }
}
