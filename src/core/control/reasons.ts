/**
 * The chain of reasons of each connector, read off the state of the last decision (reason.ts). Decides nothing; says no more
 * than what the code that decides goes by: caps in `decide.ts`, bounds of the allocator, holds in `raise.ts`.
 */
import { isUnconfirmed, newestWrite } from '../allocation/booking.js'
import type { Bound } from '../allocation/demand.js'
import { FULL_PROBE_MS, isTakenForFull, nextProbeMs } from '../allocation/reclaim.js'
import { isDrivenByCsms } from '../config/site.js'
import type { LimitInForce } from '../limits/limit.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { PHASE_INDEXES, PHASE_NAMES, type PhaseIndex } from '../site/phases.js'
import { type ConnectorControl, drawsBeyond, isKnown, isVerified, pauseA } from './connector.js'
import { mayHangElsewhere } from './elsewhere.js'
import { bookedA, clockEvidence } from './evidence.js'
import type { Now } from './now.js'
import { isPausedForProbe, isProbed } from './probe.js'
import { isRestart, paceOf, RESTARTS_APART_MS, waitsForRoom } from './raise.js'
import { type HeldReason, heldSince, type Order, type Reason } from './reason.js'
import { isRaiseWorthAWrite, smallRaiseMs } from './refresh.js'
import { stationRoomA } from './room.js'
import type { ControlState } from './state.js'
import { clockOf, type StationControl } from './station.js'
import { waitsForTest } from './wiring-step.js'

/** By key of the connector. */
export type Reasons = ReadonlyMap<string, readonly HeldReason[]>

export function reasonsOfAll(state: ControlState, before: Reasons, now: Now): Reasons {
  return reasonsOfSome(state, before, now)
}

/** Of these stations; absent = all. */
export function reasonsOfSome(
  state: ControlState,
  before: Reasons,
  now: Now,
  ids?: ReadonlySet<string>,
): Reasons {
  const sharers = new Map<string, number>()
  const found = new Map<string, readonly HeldReason[]>()
  for (const station of state.stations.values())
    for (const connector of station.connectors) {
      if (ids?.has(station.id) === false) continue
      const reasons = reasonsOf({ state, station, connector, now, sharers })
      found.set(connector.key, heldSince(before.get(connector.key) ?? [], reasons, now.wallMs))
    }
  return found
}

interface About {
  readonly state: ControlState
  readonly station: StationControl
  readonly connector: ConnectorControl
  readonly now: Now
  /** Cars that share a circuit and phase, counted once. */
  readonly sharers: Map<string, number>
}

/** Widest first; never empty. The last one is the answer to "why not more?". */
function reasonsOf(about: About): readonly Reason[] {
  const { connector } = about
  const most: Reason = { code: 'connector', valueA: connector.config.maxCurrentA, lift: 'configuration' }
  const unsteered = outOfReach(about)
  if (unsteered !== undefined) return [most, unsteered]
  if (connector.transaction === undefined) {
    const code = connector.status === 'Available' ? 'no car' : 'no session'
    return [{ code, valueA: pauseA(connector), lift: 'session' }]
  }
  const owing = owes(about)
  if (owing !== undefined) return [most, owing]
  const caps = capsOf(about, most)
  const chain = [...caps, ...allotted(about, caps.at(-1) ?? most)]
  const held = heldBack(about)
  return held === undefined ? chain : [...chain, held]
}

/** The station, or what lies on it, is not Busbar's to say now. */
function outOfReach({ station, connector, now }: About): Reason | undefined {
  const { maxCurrentA, failSafeCurrentA } = connector.config
  const installedA = connector.failSafe?.valueA ?? maxCurrentA
  const say = (code: Reason['code'], valueA: number, lift: Reason['lift']): Reason => ({ code, valueA, lift })
  if (connector.isolated && !station.connected) return say('isolated', 0, 'station')
  if (!station.connected) return say('away', isKnown(connector) ? installedA : maxCurrentA, 'station')
  if (isDrivenByCsms(station.config)) return say('driven', maxCurrentA, 'configuration')
  if (station.release !== undefined) return say('released', maxCurrentA, 'operator')
  if (station.planFault !== undefined) return say('fault', failSafeCurrentA, 'none')
  if (station.withoutSmartCharging) return say('unable', maxCurrentA, 'none')
  const { refusedUntilMs } = connector
  const isRefused = refusedUntilMs !== undefined && refusedUntilMs > now.monoMs
  if (!connector.disobeys && !isRefused && isVerified(connector)) return undefined
  const countedA = bookedA(connector, station, now.monoMs)
  if (connector.disobeys) return say('disobeys', countedA, 'station')
  if (isRefused) return { ...say('refused', countedA, 'time'), liftWallMs: wallAt(now, refusedUntilMs) }
  return say('unverified', countedA, 'station')
}

/** It can be told something, but what it was told last is not settled: others make room meanwhile. */
function owes({ station, connector, now }: About): Reason | undefined {
  const { offerA: towardsA, followsFromMs } = connector
  const valueA = bookedA(connector, station, now.monoMs)
  if (now.monoMs < followsFromMs)
    return { code: 'settling', valueA, lift: 'time', liftWallMs: wallAt(now, followsFromMs) }
  if (connector.exceeds) return { code: 'exceeds', valueA, lift: 'proof', towardsA }
  if (drawsBeyond(connector) || isUnconfirmed(connector.live, now.monoMs, clockEvidence(station, now.monoMs)))
    return { code: 'unproven', valueA, lift: 'proof', towardsA }
  const newest = newestWrite(connector.live)
  const isSilent =
    newest !== undefined && newest.acceptedMs === undefined && now.monoMs - newest.sentMs > SILENT_MS
  return isSilent ? { code: 'unanswered', valueA, lift: 'station', towardsA } : undefined
}

/** An answer that takes longer is worth a word. */
const SILENT_MS = 3_000

/** What it may have at most, each lower than the one before (`demandOf`). */
function capsOf({ state, station, connector, now }: About, most: Reason): readonly Reason[] {
  const { csmsLimitA, transaction, reclaim, config } = connector
  const { profile } = state.site
  const caps: Reason[] = []
  if (clockOf(station) === undefined)
    caps.push({ code: 'no clock', valueA: config.failSafeCurrentA, lift: 'clock' })
  else if (profile.ceiling === 'fail-safe')
    caps.push({ code: 'ceiling', valueA: config.failSafeCurrentA, lift: 'configuration' })
  if (mayHangElsewhere(state, connector.node))
    caps.push({ code: 'elsewhere', valueA: config.failSafeCurrentA, lift: 'meter' })
  if (csmsLimitA !== undefined) {
    const isSpent = transaction?.refusedBeyondWh !== undefined && csmsLimitA === 0
    caps.push(
      isSpent
        ? { code: 'tag refused', valueA: 0, lift: 'session' }
        : { code: 'csms', valueA: csmsLimitA, lift: 'csms' },
    )
  }
  if (connector.ordered !== undefined) {
    const { limitA, limit } = connector.ordered
    caps.push({ code: 'order', valueA: limitA, lift: 'order', order: orderOf(limit), ...ends(limit, now) })
  }
  if (reclaim.cap !== undefined && !isTakenForFull(reclaim)) {
    const liftWallMs = wallAt(now, nextProbeMs(reclaim, profile.reclaim) ?? now.monoMs)
    caps.push({ code: 'car', valueA: reclaim.cap.limitA, lift: 'car', liftWallMs })
  }
  const chain = [most]
  for (const cap of caps.sort((a, b) => b.valueA - a.valueA))
    if (cap.valueA < (chain.at(-1)?.valueA ?? 0) - DUST_A) chain.push(cap)
  return chain
}

export const orderOf = ({ source, state, id, by }: LimitInForce): Order => ({ source, state, id, by })

const ends = ({ untilMonoMs }: LimitInForce, now: Now): Pick<Reason, 'liftWallMs'> =>
  untilMonoMs === undefined ? {} : { liftWallMs: wallAt(now, untilMonoMs) }

const DUST_A = 1e-9

/** What sharing leaves of that. */
function allotted(about: About, narrowest: Reason): readonly Reason[] {
  const { state, connector, now } = about
  const { bound, allocationA, offerA, model, reclaim } = connector
  const leastA = model.smartCharging.minCurrentA
  if (isTakenForFull(reclaim)) {
    const { fullSinceMonoMs } = reclaim
    const isPaused = offerA < leastA && fullSinceMonoMs !== undefined
    const liftWallMs = wallAt(now, (fullSinceMonoMs ?? 0) + FULL_PROBE_MS)
    return [{ code: 'full car', valueA: allocationA, lift: 'car', ...(isPaused && { liftWallMs }) }]
  }
  if (bound.kind === 'max') return []
  if (bound.kind === 'off') {
    if (narrowest.valueA >= leastA) return [{ code: 'starting', valueA: allocationA, lift: 'time' }]
    if (narrowest.valueA <= allocationA) return []
    return [{ code: 'minimum', valueA: allocationA, towardsA: leastA, lift: narrowest.lift }]
  }
  const common = {
    circuitId: state.tree.nodes[bound.node]?.id ?? '?',
    phase: PHASE_NAMES[bound.phase],
    cars: carsThere(about, bound),
    valueA: allocationA,
    rule: state.site.profile.sharing,
  }
  const ordered = orderOnStations(state, bound)
  if (bound.kind === 'waiting')
    return [{ code: 'turn', lift: 'turn', towardsA: leastA, ...common, ...ordered }]
  return [{ code: 'share', lift: 'room', ...common, ...ordered }]
}

/** The order for the stations alone, where it and not the circuit leaves the least. */
function orderOnStations(
  state: ControlState,
  { node, phase }: Extract<Bound, { readonly node: number; readonly phase: PhaseIndex }>,
): Pick<Reason, 'order'> {
  const binding = state.stationBindings[node]
  const leftA = (state.limitsA[node] ?? 0) - (state.loads[node]?.otherA[phase] ?? 0)
  return binding === undefined || binding.limitA >= leftA ? {} : { order: orderOf(binding.limit) }
}

/** With a session there and something to be had for it. */
function carsThere(
  { state, sharers }: About,
  at: Extract<Bound, { readonly node: number; readonly phase: PhaseIndex }>,
): number {
  const key = `${at.node} ${at.phase}`
  const known = sharers.get(key)
  if (known !== undefined) return known
  const below = state.connectorsBelow[at.node] ?? []
  const cars = below.filter(
    ({ transaction, phases, reclaim }) =>
      transaction !== undefined && phases[at.phase] && !isTakenForFull(reclaim),
  ).length
  sharers.set(key, cars)
  return cars
}

/** It is told less than it was allotted: what the rest waits for (`raise.ts`, in its order). */
function heldBack(about: About): Reason | undefined {
  const { state, connector, now } = about
  const { allocationA, offerA, raisedMs, roomSinceMs, node } = connector
  const { raiseEveryMs } = paceOf(state, connector)
  if (allocationA <= offerA + DUST_A) return undefined
  const base = { valueA: offerA, towardsA: allocationA }
  if (!isRaiseWorthAWrite({ connector }, now.monoMs)) {
    const atMs = smallRaiseMs(connector)
    const liftWallMs = atMs === undefined ? {} : { liftWallMs: wallAt(now, atMs) }
    return { code: 'refresh', lift: 'time', ...base, ...liftWallMs }
  }
  if (state.raiseBlocked[node] === true) return blocked(about)
  const isRunning = offerA >= connector.model.smartCharging.minCurrentA
  if (
    (isRunning && isProbed(state, node)) ||
    isPausedForProbe(state, connector) ||
    waitsForTest(state, connector)
  )
    return { code: 'probe', lift: 'time', ...base }
  const restartedMs = state.restartedMs.get(node)
  if (isRestart(connector) && restartedMs !== undefined && now.monoMs - restartedMs < RESTARTS_APART_MS)
    return { code: 'stagger', lift: 'time', ...base }
  if (waitsForRoom(state, connector, now.monoMs)) {
    // Room has to last as long for a car that has just come.
    const liftWallMs = wallAt(now, (roomSinceMs ?? now.monoMs) + state.site.profile.raiseAfterMs)
    return { code: 'room', lift: 'time', liftWallMs, ...base }
  }
  if (raisedMs !== undefined && now.monoMs - raisedMs <= MOVING_TURNS * raiseEveryMs)
    return { code: 'ramp', lift: 'time', ...base }
  return { code: 'proof', lift: 'proof', ...tightest(about), ...base }
}

/** A station that was raised within so many turns of the ramp is on its way. */
const MOVING_TURNS = 3

/** Nothing is raised there: a meter on the path, or a restart of Busbar after which not every station was read yet. */
function blocked({ state, connector, now }: About): Reason {
  const base = { valueA: connector.offerA, towardsA: connector.allocationA }
  for (const node of state.tree.pathOf(connector.node)) {
    const meterId = state.tree.nodes[node]?.circuit.meter
    const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs
    if (meterId === undefined || pollMs === undefined) continue
    if (!meterStatus(state.meters.get(meterId), now.monoMs, pollMs).mayRaise)
      return { code: 'meter', lift: 'meter', about: meterId, ...base }
  }
  const untilMs = state.connectors.reduce(
    (latest, { restored }) => Math.max(latest, restored?.untilMs ?? latest),
    now.monoMs,
  )
  return { code: 'restart', lift: 'time', liftWallMs: wallAt(now, untilMs), ...base }
}

/** Circuit and phase on the connector's path with the least room. */
function tightest({ state, connector }: About): Pick<Reason, 'circuitId' | 'phase'> {
  const places = state.tree.pathOf(connector.node).flatMap(node =>
    PHASE_INDEXES.filter(phase => connector.phases[phase]).map(phase => ({
      circuitId: state.tree.nodes[node]?.id ?? '?',
      phase: PHASE_NAMES[phase],
      freeA: stationRoomA(state, node)[phase] - (state.bookedA[node]?.[phase] ?? 0),
    })),
  )
  const [least] = places.sort((a, b) => a.freeA - b.freeA)
  return { circuitId: least?.circuitId ?? '?', phase: least?.phase ?? 'L1' }
}

const wallAt = ({ wallMs, monoMs }: Now, atMs: number): number => Math.round(wallMs + atMs - monoMs)
