/**
 * Raises: only into what is free of bookings, in a fixed order, on the way a ramp allows (control rules 4, 12, 15).
 */
import { mostOf } from '../allocation/lasting.js'
import { firstRise, type RampProfile, ramp } from '../allocation/ramp.js'
import { judgementOf } from '../measuring/meter-judge.js'
import { maxOf, type PerPhase, PHASE_INDEXES, subtract, ZERO } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'
import { mayHangElsewhere } from './elsewhere.js'
import { bookedA } from './evidence.js'
import type { Now } from './now.js'
import { planned } from './plan-fault.js'
import { isPausedForProbe, isProbed } from './probe.js'
import { isStepWorthAWrite } from './refresh.js'
import { stationRoomA, takenA } from './room.js'
import type { ControlState } from './state.js'
import type { LeafState } from './weigh.js'
import { waitsForTest } from './wiring-step.js'
import { writeLive } from './write.js'

/** Raises in a fixed order: who has nothing yet first, then who has least. */
export function raiseAll(state: ControlState, steered: readonly LeafState[], now: Now): void {
  const order = steered
    .filter(leaf => mayRise(state, leaf))
    .sort((a, b) => a.connector.offerA - b.connector.offerA || (a.connector.key < b.connector.key ? -1 : 1))
  if (order.length === 0) return
  const free = state.limitsA.map((_, node): [number, number, number] => {
    const [l1, l2, l3] = stationRoomA(state, node)
    const booked = state.bookedA[node] ?? [0, 0, 0]
    return [l1 - booked[0], l2 - booked[1], l3 - booked[2]]
  })
  keepForFloors(state, free, now)
  const room: Room = { free, youngA: free.map((_, node) => youngA(state, node)) }
  for (const leaf of order) {
    if (isTooSoon(state, leaf, now.monoMs)) continue
    planned(state, leaf.station, now, () => raise(state, leaf, room, now))
  }
}

/** What a higher fail-safe that is to be laid adds to its booking is not free for anybody. */
function keepForFloors(state: ControlState, free: Room['free'], { monoMs }: Now): void {
  for (const station of state.stations.values()) {
    for (const connector of station.connectors) {
      const { awaitedFloorA, wired } = connector
      if (awaitedFloorA === undefined) continue
      const moreA = awaitedFloorA - bookedA(connector, station, monoMs)
      if (moreA > 0) take(state, { node: connector.node, phases: wired }, free, moreA)
    }
  }
}

interface Room {
  /** Per node: free of bookings and other load now; less what is taken. */
  readonly free: [number, number, number][]
  /** Of it what other load or an order has left only now. */
  readonly youngA: readonly PerPhase[]
}

/** By less other load moves all the time. */
const NOTICED_A = 1

/** Of one circuit's cars: after an overload or a restart they do not all begin in one moment (control rule 20). */
export const RESTARTS_APART_MS = 5_000

function isTooSoon(state: ControlState, { node, connector }: LeafState, nowMs: number): boolean {
  if (!isRestart(connector)) return false
  const beforeMs = state.restartedMs.get(node)
  return beforeMs !== undefined && nowMs - beforeMs < RESTARTS_APART_MS
}

/** Paused, and has charged in this session before. */
export function isRestart({ offerA, everOffered, model }: ConnectorControl): boolean {
  return everOffered && offerA < model.smartCharging.minCurrentA
}

/**
 * How fast it may rise now: where a meter has not shown yet that it hangs where it is said to, patiently, so that the meter
 * speaks before much flows (control rule 15).
 */
export function paceOf(state: ControlState, { risen, isSeenThere, node }: ConnectorControl): RampProfile {
  const { tree, site } = state
  const isMetered = tree.pathOf(node).some(above => tree.nodes[above]?.circuit.meter !== undefined)
  return risen || (isMetered && !isSeenThere) ? site.profile : firstRise(site.profile)
}

/** By then a meter that does not show a car has been found out. */
const SEEN_AFTER_MS = 60_000
/** So little more comes with the next refresh. */
const ALMOST_A = 1

/** Whether it has come to its share: from now on it rises patiently in this session. */
export function hasShare(state: ControlState, connector: ConnectorControl, { monoMs }: Now): void {
  const { everOffered, allocationA, offerA } = connector
  if (!everOffered || allocationA > offerA + ALMOST_A) return
  connector.risen = true
  const { isSeenThere, steady, config, node, raisedMs = monoMs } = connector
  if (isSeenThere || steady === undefined || steady.offerA <= config.failSafeCurrentA) return
  if (monoMs - raisedMs < SEEN_AFTER_MS) return
  const { tree, meters } = state
  connector.isSeenThere = tree.pathOf(node).every(above => {
    const meterId = tree.nodes[above]?.circuit.meter
    if (meterId === undefined) return true
    const judge = meters.get(meterId)?.judge
    if (judge === undefined || mayHangElsewhere(state, above)) return false
    const { verdict, doubt } = judgementOf(judge, monoMs)
    return verdict === undefined && doubt === undefined
  })
}

function mayRise(state: ControlState, { node, connector }: LeafState): boolean {
  if (connector.allocationA <= connector.offerA || state.raiseBlocked[node] === true) return false
  if (isPausedForProbe(state, connector) || waitsForTest(state, connector)) return false
  const isRunning = connector.offerA >= connector.model.smartCharging.minCurrentA
  return !(isRunning && isProbed(state, node))
}

function raise(state: ControlState, leaf: LeafState, room: Room, now: Now): void {
  const { connector, station } = leaf
  const { minCurrentA, stepA } = connector.model.smartCharging
  const wantedA = ramp(
    {
      offeredA: connector.offerA,
      wantedA: connector.allocationA,
      minA: minCurrentA,
      roomSinceMonoMs: connector.roomSinceMs,
      raisedMonoMs: connector.raisedMs,
      firstOffer: !connector.everOffered,
      nowMonoMs: now.monoMs,
    },
    paceOf(state, connector),
  )
  if (wantedA <= connector.offerA) return
  const bookedNowA = bookedA(connector, station, now.monoMs)
  // The first minimum of a car need not wait for the room to last.
  const isOpen = !connector.everOffered || hasLasted(state, connector, now.monoMs)
  if (!isOpen && isInDoubt(state, connector)) return
  const roomA = roomFor(state, leaf, room, !isOpen)
  const offerA = Math.floor((Math.min(wantedA, bookedNowA + roomA) + 1e-9) / stepA) * stepA
  const enough =
    offerA >=
    Math.max(
      minCurrentA,
      connector.offerA + Math.min(state.site.profile.deadBandA, wantedA - connector.offerA),
    )
  if (!enough || offerA <= connector.offerA) return
  if (!isStepWorthAWrite(connector, offerA, now.monoMs)) return
  if (isRestart(connector)) state.restartedMs.set(leaf.node, now.monoMs)
  writeLive(state, station, connector, {
    offerA: Math.round(offerA * 10) / 10,
    now,
    setup: false,
    cause: 'raise',
  })
  take(state, leaf, room.free, Math.max(0, bookedA(connector, station, now.monoMs) - bookedNowA))
}

/**
 * What the connector may be raised by, by the tightest circuit and phase on its path. Below zero where more is booked
 * than there is: then nobody takes up what is only booked for him in doubt.
 */
function roomFor(state: ControlState, leaf: LeafState, { free, youngA }: Room, hasToLast: boolean): number {
  let roomA = Number.MAX_VALUE
  for (const node of state.tree.pathOf(leaf.node)) {
    for (const phase of PHASE_INDEXES) {
      if (!leaf.phases[phase]) continue
      const notYetA = hasToLast ? (youngA[node]?.[phase] ?? 0) : 0
      roomA = Math.min(roomA, (free[node]?.[phase] ?? 0) - notYetA)
    }
  }
  return roomA
}

/** The room has to last: there was none before, and what there is now other load or an order may have left. */
export function waitsForRoom(state: ControlState, connector: ConnectorControl, nowMs: number): boolean {
  if (!connector.everOffered || hasLasted(state, connector, nowMs)) return false
  if (isInDoubt(state, connector)) return true
  const path = state.tree.pathOf(connector.node)
  return path.some(node => PHASE_INDEXES.some(phase => youngA(state, node)[phase] > NOTICED_A))
}

function hasLasted(state: ControlState, { roomSinceMs }: ConnectorControl, nowMs: number): boolean {
  return roomSinceMs !== undefined && nowMs - roomSinceMs >= state.site.profile.raiseAfterMs
}

/** A meter on its path is not believed: what it would show of a step is needed to prove it, one after another. */
function isInDoubt(state: ControlState, { node }: ConnectorControl): boolean {
  return state.tree
    .pathOf(node)
    .some(at => state.tree.nodes[at]?.circuit.meter !== undefined && state.loads[at]?.source === 'worst case')
}

function youngA(state: ControlState, node: number): PerPhase {
  return maxOf(subtract(mostOf(state.lasting[node] ?? []), takenA(state, node)), ZERO)
}

function take(
  state: ControlState,
  leaf: Pick<LeafState, 'node' | 'phases'>,
  free: Room['free'],
  gainA: number,
): void {
  for (const node of state.tree.pathOf(leaf.node)) {
    const at = free[node]
    if (at === undefined) continue
    for (const phase of PHASE_INDEXES) if (leaf.phases[phase]) at[phase] -= gainA
  }
}
