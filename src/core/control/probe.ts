/**
 * A meter that is not proven yet keeps the worst case in force, and where nothing moves nothing can prove it. So Busbar moves
 * something: cars that take all they are offered are lowered to their minimum together, for as long as a step needs to be
 * seen at the meter, and then given back what they had. Where all stand at their minimum already, as few as make a step are
 * paused instead, seldom, where the model holds 0 A; their places stay theirs. Never raises anybody above what it had; gives
 * way to everything else (control rules 15, 20).
 */
import { newestAccepted } from '../allocation/booking.js'
import { judgementOf } from '../measuring/meter-judge.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { LEVEL_MS, STEP_MS } from '../measuring/own-steps.js'
import type { Takes } from '../measuring/station-evidence.js'
import { add, type PerPhase, PHASE_INDEXES, spread, ZERO } from '../site/phases.js'
import { isBelow } from '../site/tree.js'
import { type ConnectorControl, pauseA } from './connector.js'
import { giveBack } from './give-back.js'
import type { Now } from './now.js'
import { planned } from './plan-fault.js'
import type { ControlState, Probe } from './state.js'
import { factsOf } from './tree-facts.js'
import type { LeafState } from './weigh.js'
import { isTesting } from './wiring-step.js'
import { writeLive } from './write.js'

/** Nothing under the meter was written, began or ended for so long: what moves then is the probe's. */
const QUIET_MS = 15_000
/** Writes that nobody answers do not hold the others down. */
const LONGEST_MS = 50_000
/** The next poll of the meter judges the step. */
const JUDGED_MS = 2_500
/** Between two probes; after some that proved nothing ever longer. */
const FIRST_WAIT_MS = 20_000
const LONGEST_WAIT_MS = 900_000
const LONGER = 1.5
/** A step has to be this large, and this many times as large as what other load does meanwhile. */
const LEAST_A = 5
const TIMES_NOISE = 2.5
/** A pause costs its car more than a lower: it should be enough the first time. */
const PAUSE_TIMES_NOISE = 5
const NOISE_MS = 30_000
/** A gain below this is not worth it. */
const WORTH_A = 2

/** Per node: begins, goes on with and ends probes. What is raised beside them would hide the step. */
export function probeMeters(state: ControlState, steered: readonly LeafState[], now: Now): void {
  state.tree.nodes.forEach(({ circuit }, node) => {
    if (circuit.meter === undefined) return
    const probe = state.probes.get(node) ?? { nextMs: now.monoMs + QUIET_MS, waitMs: FIRST_WAIT_MS }
    state.probes.set(node, stepProbe(state, node, probe, { steered, now }))
  })
}

/** Nothing is raised there now but what starts. */
export function isProbed(state: ControlState, node: number): boolean {
  return state.tree.pathOf(node).some(above => state.probes.get(above)?.step !== undefined)
}

function stepProbe(
  state: ControlState,
  node: number,
  probe: Probe,
  at: { readonly steered: readonly LeafState[]; readonly now: Now },
): Probe {
  const { step } = probe
  const nowMs = at.now.monoMs
  if (step === undefined) {
    if (nowMs < probe.nextMs || !wantsProof(state, node, nowMs)) return probe
    const begun = begin(state, node, at)
    if (begun === undefined) return { ...probe, nextMs: nowMs + QUIET_MS }
    return { ...probe, step: { kind: 'down', sinceMs: nowMs, ...begun } }
  }
  const moved = state.connectors.filter(({ key }) => step.hadA.has(key))
  if (!isOver(moved, step.sinceMs, nowMs)) return probe
  if (step.kind === 'down') {
    for (const connector of moved) giveBack(state, connector, step.hadA.get(connector.key) ?? 0, at.now)
    return { ...probe, step: { ...step, kind: 'up', sinceMs: nowMs } }
  }
  const waitMs = Math.min(LONGEST_WAIT_MS, LONGER * probe.waitMs)
  return { nextMs: nowMs + (step.pauses ? LONGEST_WAIT_MS : probe.waitMs), waitMs }
}

/** Paused for the length of a probe: its place is kept, and nobody else raises it. */
export function isPausedForProbe(state: ControlState, { key, node, offerA }: ConnectorControl): boolean {
  return state.tree.pathOf(node).some(above => {
    const step = state.probes.get(above)?.step
    return step?.kind === 'down' && step.pauses && (step.hadA.get(key) ?? 0) > offerA
  })
}

/** The worst case stands in for a meter against which nothing speaks, and somebody could have more. */
function wantsProof(state: ControlState, node: number, nowMs: number): boolean {
  if (isTesting(state)) return false
  const meterId = state.tree.nodes[node]?.circuit.meter ?? ''
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs ?? 1000
  const { mayRaise, judgement, currentA } = meterStatus(state.meters.get(meterId), nowMs, pollMs)
  if (!mayRaise || judgement.verdict !== undefined || judgement.doubt !== undefined) return false
  const { above } = factsOf(state.tree)
  return state.connectors.some(({ bound, transaction }) => {
    if (transaction === undefined || (bound.kind !== 'circuit' && bound.kind !== 'waiting')) return false
    // A circuit without a meter carries no more other load than the meter above it sees.
    if ((above[bound.node] ?? bound.node) !== node || !judgement.worstCase[bound.phase]) return false
    const otherA = state.loads[bound.node]?.otherA ?? ZERO
    return otherA[bound.phase] > seenA(state, node)[bound.phase] + WORTH_A && currentA !== undefined
  })
}

function seenA(state: ControlState, node: number): PerPhase {
  const held = state.holds[node] ?? []
  return held.at(-1)?.otherA ?? ZERO
}

/** Lowers whoever can show a step; undefined when nobody can now. */
function begin(
  state: ControlState,
  node: number,
  { steered, now }: { readonly steered: readonly LeafState[]; readonly now: Now },
): { readonly pauses: boolean; readonly hadA: ReadonlyMap<string, number> } | undefined {
  const isQuiet = (state.connectorsBelow[node] ?? []).every(connector => isStill(connector, now.monoMs))
  const judge = state.meters.get(state.tree.nodes[node]?.circuit.meter ?? '')?.judge
  // A step is held against the level before it: without that it is for nothing.
  const isSeenLong = (judge?.path[0]?.monoMs ?? now.monoMs) <= now.monoMs - LEVEL_MS
  if (!isQuiet || judge === undefined || !isSeenLong) return undefined
  const { worstCase } = judgementOf(judge, now.monoMs)
  const { known } = judge.own
  const below = steered.filter(leaf => isBelow(state.tree, node, leaf.node) && isAlone(leaf, known))
  const noiseA = noiseOf(judge.path, now.monoMs)
  const isEnough = (steps: readonly Step[], timesNoise: number): boolean => {
    const sumA = steps.reduce((sum, { stepA }) => add(sum, stepA), ZERO)
    return PHASE_INDEXES.some(
      phase => worstCase[phase] && sumA[phase] >= Math.max(LEAST_A, timesNoise * noiseA[phase]),
    )
  }
  const lowered = below.flatMap(leaf => stepTo(leaf, known, takes => leastOf(leaf.connector, takes)))
  if (isEnough(lowered, TIMES_NOISE)) return { pauses: false, hadA: take(state, lowered, now) }
  // Beside what began or ended just now it would say nothing, and it is not done again soon.
  if (judge.own.changes.some(({ toMs }) => toMs > now.monoMs - LEVEL_MS)) return undefined
  const pausable = below
    .filter(({ connector }) => pauseA(connector) === 0)
    .sort((a, b) => b.connector.turn.servedAs - a.connector.turn.servedAs)
    .flatMap(leaf => stepTo(leaf, known, () => 0))
  const few = pausable.findIndex((_, at) => isEnough(pausable.slice(0, at + 1), PAUSE_TIMES_NOISE))
  const paused = few < 0 ? pausable : pausable.slice(0, few + 1)
  return isEnough(paused, TIMES_NOISE) ? { pauses: true, hadA: take(state, paused, now) } : undefined
}

interface Step {
  readonly leaf: LeafState
  readonly offerA: number
  readonly stepA: PerPhase
}

function stepTo(
  leaf: LeafState,
  known: ReadonlyMap<string, Told>,
  to: (takes: Exclude<Takes, 'less'>) => number,
): readonly Step[] {
  const { connector } = leaf
  const takes = known.get(connector.key)?.takes
  const offerA = takes === undefined ? connector.offerA : to(takes)
  if (takes === undefined || connector.offerA <= offerA) return []
  return [{ leaf, offerA, stepA: spread((connector.offerA - offerA) * takes.share, takes.phases) }]
}

function take(state: ControlState, steps: readonly Step[], now: Now): ReadonlyMap<string, number> {
  const hadA = new Map<string, number>()
  for (const { leaf, offerA } of steps) {
    const { connector, station } = leaf
    hadA.set(connector.key, connector.offerA)
    planned(state, station, now, () =>
      writeLive(state, station, connector, { offerA, now, setup: false, cause: 'lower' }),
    )
  }
  return hadA
}

function isStill(connector: ConnectorControl, nowMs: number): boolean {
  const { transaction, live } = connector
  const began = transaction?.startedMonoMs ?? Number.NEGATIVE_INFINITY
  const newest = live.at(-1)
  const isAnswered = newest === undefined || newest.acceptedMs !== undefined
  const wasRaised = connector.raisedMs !== undefined && nowMs - connector.raisedMs < QUIET_MS
  return nowMs - began >= QUIET_MS && isAnswered && !wasRaised
}

type Told = { readonly takes: Exclude<Takes, 'less'> | undefined; readonly mostA: number }

/** Its offer is the only one in force, and it was seen to take all of it. */
function isAlone({ connector }: Pick<LeafState, 'connector'>, known: ReadonlyMap<string, Told>): boolean {
  const told = known.get(connector.key)
  const isOne = connector.live.length === 1 && newestAccepted(connector.live) !== undefined
  return isOne && told?.takes !== undefined && told.mostA >= connector.offerA
}

/** The least at which it goes on charging; a station that turns watts into amps shows its car a little less. */
function leastOf({ model }: ConnectorControl, { share }: Exclude<Takes, 'less'>): number {
  const { minCurrentA, stepA, rateUnits } = model.smartCharging
  if (rateUnits.includes('A')) return minCurrentA
  return Math.ceil(minCurrentA / Math.min(1, share) / stepA) * stepA
}

function isOver(moved: readonly ConnectorControl[], sinceMs: number, nowMs: number): boolean {
  if (nowMs - sinceMs >= LONGEST_MS) return true
  return moved.every(({ live }) => {
    const newest = live.at(-1)
    return (
      newest === undefined ||
      (newest.acceptedMs !== undefined && nowMs > newest.acceptedMs + STEP_MS + JUDGED_MS)
    )
  })
}

function noiseOf(
  path: readonly { readonly monoMs: number; readonly currentA: PerPhase }[],
  nowMs: number,
): PerPhase {
  const recent = path.filter(({ monoMs }) => nowMs - monoMs <= NOISE_MS)
  const spreadOf = (phase: 0 | 1 | 2): number => {
    const amps = recent.map(({ currentA }) => currentA[phase])
    const meanA = amps.reduce((sum, value) => sum + value, 0) / amps.length
    return Math.sqrt(
      amps.reduce((sum, value) => sum + (value - meanA) ** 2, 0) / Math.max(1, amps.length - 1),
    )
  }
  return recent.length < 3 ? [LEAST_A, LEAST_A, LEAST_A] : [spreadOf(0), spreadOf(1), spreadOf(2)]
}
