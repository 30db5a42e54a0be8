/**
 * Where the energy went that cars could have had: at one moment, from what a car could take back to the first decision that
 * gave it less, with the cause by name. Reads the control's state beside the truth; decides nothing. Pure.
 */
import { isUnconfirmed } from '../../core/allocation/booking.js'
import { type ConnectorControl, isVerified, pauseA } from '../../core/control/connector.js'
import { clockEvidence, surelyDrawn } from '../../core/control/evidence.js'
import { waitsForRoom } from '../../core/control/raise.js'
import type { ControlState } from '../../core/control/state.js'
import { clockOf, type StationControl } from '../../core/control/station.js'
import type { PerPhase, PhaseIndex } from '../../core/site/phases.js'
import type { Amps3 } from '../wiring.js'

/** One car at one moment, A per used phase. */
export interface Short {
  readonly stationId: string
  readonly possibleA: number
  readonly takenA: number
  readonly pilotA: number
}

/** What is true beside what control believes. */
export interface Truth {
  /** Other load per circuit, in their order. */
  readonly baseA: readonly Amps3[]
  /** What a station really draws, on site phases. */
  flowA(stationId: string): PerPhase
  /** What its car could take now; 0 without a car that wants. */
  wantsA(stationId: string): number
  readonly nowMs: number
}

export type Losses = Map<string, number>

/** Adds the amps that this car lacks, by cause; more than was possible counts against it. */
export function addLosses(losses: Losses, state: ControlState, short: Short, truth: Truth): void {
  const add = (cause: string, amps: number): void => {
    if (amps !== 0) losses.set(cause, (losses.get(cause) ?? 0) + amps)
  }
  const { possibleA, takenA, pilotA } = short
  const station = state.stations.get(short.stationId)
  const connector = station?.connectors[0]
  if (takenA >= possibleA) add('more than an equal share (counts against)', takenA - possibleA)
  else if (station === undefined || connector === undefined || connector.transaction === undefined)
    add('no session known', possibleA - takenA)
  else {
    let restA = possibleA
    const upTo = (cause: string, amps: number): void => {
      const least = Math.max(takenA, Math.min(restA, amps))
      add(cause, restA - least)
      restA = least
    }
    const idle = notSteered(station, connector, truth.nowMs)
    if (idle !== undefined) upTo(idle, connector.offerA)
    else {
      const lackingA = restA - Math.max(takenA, Math.min(restA, connector.allocationA))
      for (const [cause, share] of allocationCauses(state, station, connector, truth))
        add(cause, lackingA * share)
      restA -= lackingA
      upTo(raiseCause(state, connector, truth.nowMs), connector.offerA)
    }
    upTo('profile or pilot on its way', pilotA)
    add('car reacts', restA - takenA)
  }
}

function notSteered(station: StationControl, connector: ConnectorControl, nowMs: number): string | undefined {
  if (!station.connected) return 'station away'
  if (!isVerified(connector)) return 'waits for verification'
  if (connector.disobeys) return 'taken for disobedient'
  if (connector.exceeds) return 'draws more than may be in force'
  if (connector.follows?.unfollowedA !== undefined) return 'its power did not follow a lower'
  if ((connector.refusedUntilMs ?? 0) > nowMs) return 'refused a profile'
  if (nowMs < connector.followsFromMs) return 'follows what was read back'
  if (isUnconfirmed(connector.live, nowMs, clockEvidence(station, nowMs))) return 'its own lower unconfirmed'
  return undefined
}

function raiseCause(state: ControlState, connector: ConnectorControl, nowMs: number): string {
  if (state.raiseBlocked[connector.node] === true) return 'raise: meter does not allow'
  const { raiseEveryMs } = state.site.profile
  if (waitsForRoom(state, connector, nowMs)) return 'raise: room has to last'
  if (connector.raisedMs !== undefined && nowMs - connector.raisedMs <= raiseEveryMs) return 'raise: ramp'
  return 'raise: still booked, small or shared'
}

type Shares = readonly (readonly [string, number])[]

/** Why the allocation is below what is possible, each with its part of the whole. */
function allocationCauses(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  truth: Truth,
): Shares {
  const { bound } = connector
  if (clockOf(station) === undefined && connector.allocationA <= connector.config.failSafeCurrentA)
    return [['clock of the station unknown', 1]]
  if (bound.kind === 'max' || bound.kind === 'off')
    return [[connector.reclaim.cap === undefined ? 'limit of the CSMS' : 'reclaimed though it wants more', 1]]
  const parts = reserves(state, bound.node, bound.phase, truth).filter(([, amps]) => amps > 0.05)
  const sumA = parts.reduce((sum, [, amps]) => sum + amps, 0)
  if (sumA < 0.5) return [[bound.kind === 'waiting' ? 'waits its turn' : 'whole amps', 1]]
  return parts.map(([cause, amps]) => [cause, amps / sumA] as const)
}

/** What a circuit keeps on a phase beyond what truly flows there, A by cause. */
function reserves(state: ControlState, node: number, phase: PhaseIndex, truth: Truth): Shares {
  const parts = new Map<string, number>()
  const add = (cause: string, amps: number): void => void parts.set(cause, (parts.get(cause) ?? 0) + amps)
  const end = state.tree.subtreeEnd[node] ?? node
  let unprovenA = 0
  for (const connector of state.connectors) {
    if (connector.node < node || connector.node >= end) continue
    const station = state.stations.get(connector.stationId)
    if (station === undefined) continue
    const flow = truth.flowA(connector.stationId)
    unprovenA += flow[phase] - Math.min(surelyDrawn(connector, truth.nowMs)[phase], flow[phase])
    const [cause, amps] = heldFor(station, connector, phase, { flow, truth })
    add(cause, amps)
  }
  const load = state.loads[node]
  const overA = (load?.otherA[phase] ?? 0) - (truth.baseA[node]?.[phase] ?? 0)
  const hasMeter = state.tree.nodes[node]?.circuit.meter !== undefined
  if (!hasMeter) add('other load: no meter, worst case', overA)
  else if (load?.source === 'worst case') add('other load: meter not proven', overA)
  else {
    const doubtA = Math.max(0, Math.min(overA, unprovenA))
    add('other load: draw of stations not proven', doubtA)
    add('other load: held after a peak', overA - doubtA)
  }
  return [...parts]
}

function heldFor(
  station: StationControl,
  connector: ConnectorControl,
  phase: PhaseIndex,
  { flow, truth }: { readonly flow: PerPhase; readonly truth: Truth },
): readonly [string, number] {
  const idle = notSteered(station, connector, truth.nowMs)
  const bookedA = connector.wired[phase] ? (connector.phases[phase] ? connector.offerA : 0) : 0
  if (connector.transaction === undefined)
    return [
      pauseA(connector) > 0 ? 'booked: fail-safe without a car' : 'booked: no car',
      booked(connector, phase),
    ]
  const wantsA = truth.wantsA(connector.stationId)
  if (wantsA === 0) return ['booked: full car', Math.max(bookedA, booked(connector, phase)) - flow[phase]]
  if (idle !== undefined) return [`booked: ${idle}`, booked(connector, phase) - flow[phase]]
  const givenA = connector.phases[phase] ? connector.allocationA : 0
  const isUsed = flow[phase] > 0 || Math.max(...flow) === 0
  if (!isUsed) return [`booked: phase unused, ${whyBooked(connector)}`, givenA]
  return ['booked: car takes less than its share', givenA - Math.max(flow[phase], Math.min(wantsA, givenA))]
}

function whyBooked({ reading, carPhases }: ConnectorControl): string {
  if (reading?.best === 'measured') return 'feeder without a meter'
  return carPhases?.count === undefined
    ? 'power alone, phases not learned'
    : 'power alone, phases by its size'
}

/** Roughly what stays booked: the highest of what was written and the pause. */
function booked(connector: ConnectorControl, phase: PhaseIndex): number {
  if (!connector.wired[phase]) return 0
  return Math.max(pauseA(connector), ...connector.live.map(({ offerA }) => offerA))
}
