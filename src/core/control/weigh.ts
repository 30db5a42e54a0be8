/**
 * What is known of the circuits at this moment: other load, bookings, and where nothing may be raised. The first half
 * of every decision.
 */
import {
  BASE_HOLD_MS,
  heldA,
  hold,
  type LeafLoad,
  type OtherLoad,
  otherLoads,
  sumsBelow,
} from '../allocation/headroom.js'
import { lastingFrom, stepLasting } from '../allocation/lasting.js'
import { type MeterStatus, meterStatus } from '../measuring/meter-quality.js'
import { aboveWorstCase, otherLoadEdge } from '../measuring/other-load-edge.js'
import { add, maxOf, minOf, type PerPhase, type PhaseSet, subtract, ZERO } from '../site/phases.js'
import { type ConnectorControl, countedPhases, isVerified } from './connector.js'
import {
  type BookedOn,
  bookedOn,
  bookedPerPhase,
  fallingA,
  freedPerPhase,
  sampleAgeMs,
  surelyDrawn,
} from './evidence.js'
import { anywhereA } from './learn.js'
import { settleLeaving, withoutLeaving } from './leaving.js'
import { type CreditNow, withoutOwnRaises } from './own-raises.js'
import { isExplainedByRestart } from './restarted.js'
import { retiredLoads } from './retired.js'
import { takenA } from './room.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'
import { strayLoads } from './stray.js'
import { factsOf } from './tree-facts.js'
import { NOTHING_NOW, raiseCredits, underMeters, unheardBelow } from './untold.js'

/** A sample is this much older than its arrival, and a car ramps down for this long. */
const SEEN_LATE_MS = 5_000

export interface LeafState extends LeafLoad {
  readonly connector: ConnectorControl
  readonly station: StationControl
  /** Site phases its next amp may flow on. */
  readonly phases: PhaseSet
  readonly bookedOn: BookedOn
}

export interface Weighed {
  /** Every configured connector. */
  readonly leaves: readonly LeafState[]
  /** With what is booked and cannot be steered: retired stations, connectors nobody configured. */
  readonly booked: readonly (LeafState | LeafLoad)[]
  /** On every circuit once: stations of which nobody knows where they hang. */
  readonly anywhereA: PerPhase
}

/** Measures every circuit and stores loads, bookings and raise blocks in the state. */
export function weigh(state: ControlState, nowMs: number): Weighed {
  const leaves: LeafState[] = []
  const fixed: LeafLoad[] = [...retiredLoads(state.retired, nowMs)]
  for (const station of state.stations.values()) {
    for (const connector of station.connectors) leaves.push(leafOf(connector, station, nowMs))
    if (station.strays.size > 0) fixed.push(...strayLoads(station, nowMs))
  }
  const booked = fixed.length === 0 ? leaves : [...leaves, ...fixed]
  const { parents } = state.tree
  const meters = state.tree.nodes.map(node => statusOf(state, node.circuit.meter, nowMs))
  const worst = factsOf(state.tree).worstA
  const credits = raiseCredits(state, leaves, nowMs)
  const holdsMs = oldestSamples(state, nowMs)
  const placedA = sumsBelow(parents, booked, leaf => leaf.bookedA)
  const explainedA = state.tree.nodes.map(() => ZERO)
  const ownShownA = state.tree.nodes.map(() => ZERO)
  const toComeA = state.tree.nodes.map(() => ZERO)
  const holds = [...state.holds]
  const circuits = state.tree.nodes.map((node, index) => ({
    worstCaseOtherLoadA: node.circuit.worstCaseOtherLoadA,
    meterA: usableCurrent(meters[index]),
  }))
  const summed = otherLoads(parents, circuits, leaves, (index, load) => {
    const meter = meters[index]
    if (meter === undefined) return load
    const holdMs = holdsMs[index] ?? BASE_HOLD_MS
    const credit = credits[index] ?? NOTHING_NOW
    const own = explained(state, load, {
      ...{ index, meter, credit, holdMs, nowMs },
      worstA: worst[index] ?? ZERO,
    })
    explainedA[index] = subtract(load.otherA, own.otherA)
    toComeA[index] = minOf(explainedA[index] ?? ZERO, credit.newA)
    // A car that takes less for a moment takes back what samples go on to tell of it.
    ownShownA[index] = add(credit.lowerA, maxOf(explainedA[index] ?? ZERO, credit.toldA))
    const held = holdLoad(state, {
      index,
      load: own,
      meter,
      worstA: worst[index] ?? ZERO,
      holdMs,
      nowMs,
    })
    holds[index] = held.held
    return held.load
  })
  state.holds = holds
  state.explainedA = explainedA
  state.ownShownA = ownShownA
  state.fallingA = sumsBelow(parents, leaves, leaf => fallingA(leaf.connector, leaf.lowerA))
  state.freedA = leaves.some(({ connector }) => connector.seenOn !== undefined)
    ? sumsBelow(parents, leaves, ({ connector, station }) => freedPerPhase(connector, station, nowMs))
    : []
  const untoldA = { toComeA, credits, unheardA: unheardBelow(state, leaves, nowMs) }
  state.loads = underMeters(state, summed, untoldA)
  const { raiseAfterMs } = state.site.profile
  const lastingLoads =
    state.leaving.size === 0
      ? state.loads
      : underMeters(
          state,
          otherLoads(parents, circuits, leaves, (index, load) =>
            circuits[index]?.meterA === undefined
              ? load
              : withoutLeaving(state, index, summed[index] ?? load),
          ),
          untoldA,
        )
  state.lasting = state.loads.map((_, node) =>
    stepLasting(
      state.lasting[node] ?? lastingFrom(nowMs),
      nowMs,
      takenA(state, node, lastingLoads),
      raiseAfterMs,
    ),
  )
  const unplacedA = anywhereA(state)
  state.bookedA = unplacedA === ZERO ? placedA : placedA.map(sumA => add(sumA, unplacedA))
  const mostOthersA = watchWorst(state, booked, meters, { worst, unplacedA })
  state.unaccounted = mostOthersA.map(above => above !== undefined)
  state.aboveWorst = mostOthersA.map((above, node) =>
    above === undefined || meters[node]?.quality !== 'fresh'
      ? undefined
      : { ...above, sinceMs: state.aboveWorst[node]?.sinceMs ?? nowMs },
  )
  state.isSeenInside = seenInside(state, meters)
  state.raiseBlocked = raiseBlocks(state, meters, nowMs)
  state.unledA = undefined
  return { leaves, booked, anywhereA: unplacedA }
}

function leafOf(connector: ConnectorControl, station: StationControl, nowMs: number): LeafState {
  return {
    node: connector.node,
    connector,
    station,
    phases: countedPhases(connector, nowMs),
    lowerA: surelyDrawn(connector, nowMs),
    bookedA: bookedPerPhase(connector, station, nowMs),
    bookedOn: bookedOn(connector, station),
  }
}

function statusOf(state: ControlState, meterId: string | undefined, nowMs: number): MeterStatus | undefined {
  if (meterId === undefined) return undefined
  const meter = state.meters.get(meterId)
  const pollMs = state.site.config.meters.find(config => config.id === meterId)?.pollMs ?? 1000
  return meterStatus(meter, nowMs, pollMs)
}

function usableCurrent(meter: MeterStatus | undefined): PerPhase | undefined {
  return meter === undefined || meter.worstCase ? undefined : meter.currentA
}

function seenInside(
  state: ControlState,
  meters: readonly (MeterStatus | undefined)[],
): ControlState['isSeenInside'] {
  const { above } = factsOf(state.tree)
  return state.isSeenInside.map((before, node) => {
    const meter = meters[above[node] ?? node]
    const meterA = usableCurrent(meter)
    if (before === false || meterA === undefined) return before
    const limitA = state.limitsA[node] ?? 0
    const fits = Math.max(...meterA) <= limitA || isWithinMargin(state, { index: node, meterA, limitA })
    return fits && meter?.quality === 'fresh'
  })
}

/** Without what our own raises explain of it (control rule 14). */
function explained(
  state: ControlState,
  load: OtherLoad,
  at: {
    readonly index: number
    readonly meter: MeterStatus
    readonly credit: CreditNow
    readonly holdMs: number
    readonly nowMs: number
    readonly worstA: PerPhase
  },
): OtherLoad {
  const { index, nowMs } = at
  const meterA = usableCurrent(at.meter)
  if (meterA === undefined) return load
  const otherA = withoutOwnRaises(load.otherA, at.credit, {
    beforeA: heldA(state.holds[index] ?? [], nowMs, at.holdMs) ?? at.worstA,
    meterA,
    limitA: state.limitsA[index] ?? 0,
  })
  return { ...load, otherA }
}

/** No rating is exceeded; a limit that somebody ordered has no margin. */
function isWithinMargin(
  { tree, carriesA }: ControlState,
  { index, meterA, limitA }: { readonly index: number; readonly meterA: PerPhase; readonly limitA: number },
): boolean {
  const ratedA = tree.nodes[index]?.circuit.ratedCurrentA ?? 0
  return limitA === carriesA[index] && Math.max(...meterA) <= ratedA
}

/** Per node: a dip of the meter is believed only when every station below was heard of since. */
function oldestSamples(state: ControlState, nowMs: number): readonly number[] {
  const oldestMs = state.tree.nodes.map(() => BASE_HOLD_MS)
  for (const connector of state.connectors) {
    const ageMs = sampleAgeMs(connector, nowMs)
    if (ageMs + SEEN_LATE_MS <= BASE_HOLD_MS) continue
    for (const node of state.tree.pathOf(connector.node))
      oldestMs[node] = Math.max(oldestMs[node] ?? 0, ageMs + SEEN_LATE_MS)
  }
  return oldestMs
}

function holdLoad(
  state: ControlState,
  at: {
    readonly index: number
    readonly load: OtherLoad
    readonly meter: MeterStatus
    readonly worstA: PerPhase
    readonly holdMs: number
    readonly nowMs: number
  },
): { held: ControlState['holds'][number]; load: OtherLoad } {
  const { index, load, meter, nowMs, holdMs } = at
  const held = hold(state.holds[index] ?? [], nowMs, load.otherA)
  const settled = settleLeaving(state, held, { index, meter, otherA: load.otherA, nowMs })
  const edge = otherLoadEdge({
    status: meter,
    heldA: heldA(settled, nowMs, holdMs) ?? load.otherA,
    worstA: at.worstA,
  })
  const source = edge.worstCase ? 'worst case' : load.source
  return { held: settled, load: { otherA: edge.otherA, source } }
}

/** Other load beyond what the fail-safe proof counts on, by what meters show, believed or not (control rule 15). */
function watchWorst(
  state: ControlState,
  leaves: readonly LeafLoad[],
  meters: readonly (MeterStatus | undefined)[],
  at: { readonly worst: readonly PerPhase[]; readonly unplacedA: PerPhase },
): readonly ReturnType<typeof aboveWorstCase>[] {
  let atMostA: readonly PerPhase[] | undefined
  return meters.map((meter, node) => {
    if (meter?.currentA === undefined || meter.worstCase) return undefined
    const worstA = at.worst[node] ?? ZERO
    // They may draw more than is booked for them, never less: most circuits need no closer look.
    if (aboveWorstCase(meter.currentA, state.bookedA[node] ?? ZERO, worstA) === undefined) return undefined
    atMostA ??= sumsBelow(state.tree.parents, leaves, leaf => maxOf(leaf.bookedA, leaf.lowerA))
    const mostA = add(atMostA[node] ?? ZERO, at.unplacedA)
    return aboveWorstCase(meter.currentA, mostA, worstA)
  })
}

/** A raise needs fresh meters on the whole path, and no unconfirmed booking anywhere below it (control rules 12, 15). */
function raiseBlocks(
  state: ControlState,
  meters: readonly (MeterStatus | undefined)[],
  nowMs: number,
): readonly boolean[] {
  const blocked = meters.map(meter => meter !== undefined && !meter.mayRaise)
  const unconfirmed = state.connectors.some(
    connector =>
      !isVerified(connector) && connector.restored !== undefined && connector.restored.untilMs > nowMs,
  )
  for (const connector of state.connectors) {
    if (!isExplainedByRestart(connector, nowMs)) continue
    for (const node of state.tree.pathOf(connector.node)) blocked[node] = true
  }
  return state.tree.nodes.map(
    (_, index) => unconfirmed || state.tree.pathOf(index).some(node => blocked[node] === true),
  )
}
