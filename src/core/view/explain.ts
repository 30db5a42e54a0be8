/**
 * "Why 11 A?": the constraint that binds a connector, in words for the driver and the depot manager. Reads the state
 * of the last decision; decides nothing.
 */

import { isDrivenByCsms } from '../config/site.js'
import { type ConnectorControl, isKnown, isVerified, pauseA } from '../control/connector.js'
import { isRaiseWorthAWrite } from '../control/refresh.js'
import type { ControlState } from '../control/state.js'
import { PHASE_INDEXES, PHASE_NAMES } from '../site/phases.js'
import type { CircuitLoad } from './circuit-view.js'
import type { WhyView } from './document.js'
import { bindingText } from './limits-view.js'
import { setAside } from './set-aside.js'

export function explain(
  state: ControlState,
  connector: ConnectorControl,
  nowMs: number,
  loads: readonly CircuitLoad[],
): WhyView {
  return (
    lostTouch(state, connector, nowMs) ??
    atRest(connector) ??
    held(state, connector, nowMs, loads) ??
    bound(state, connector, nowMs, loads)
  )
}

function lostTouch(state: ControlState, connector: ConnectorControl, nowMs: number): WhyView | undefined {
  const station = state.stations.get(connector.stationId)
  const keptA = amps(
    isKnown(connector)
      ? (connector.failSafe?.valueA ?? connector.config.maxCurrentA)
      : connector.config.maxCurrentA,
  )
  if (connector.isolated) {
    return {
      code: 'unreachable',
      text: 'Isolated by an operator: nothing is kept free for it until it connects.',
    }
  }
  if (station === undefined || !station.connected) {
    return { code: 'unreachable', text: `Station not connected: at least ${keptA} are kept free for it.` }
  }
  if (station.release !== undefined) {
    const whose = isDrivenByCsms(station.config) ? 'Driven by its CSMS' : 'Released by an operator'
    const mostA = amps(connector.config.maxCurrentA)
    return { code: 'csms', text: `${whose}: Busbar writes nothing to it, ${mostA} are kept free for it.` }
  }
  if (station.withoutSmartCharging) {
    return {
      code: 'refused',
      text: `Station knows no charging profiles: ${amps(connector.config.maxCurrentA)} are kept free for it.`,
    }
  }
  if (connector.disobeys) {
    return {
      code: 'refused',
      text: `Station draws more than offered: ${amps(connector.config.maxCurrentA)} are counted until it obeys.`,
    }
  }
  if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > nowMs) {
    return { code: 'refused', text: 'Station refused the last profile; it is offered again shortly.' }
  }
  if (!isVerified(connector)) {
    return {
      code: 'unverified',
      text: `Profiles on the station not read back yet: ${amps(connector.config.maxCurrentA)} are counted.`,
    }
  }
  return undefined
}

function atRest(connector: ConnectorControl): WhyView | undefined {
  if (connector.transaction !== undefined) return undefined
  const standby = pauseA(connector)
  const text =
    connector.status === 'Available' ? 'No car.' : `No transaction: ${amps(standby)} until one starts.`
  return { code: 'idle', text }
}

/** Less is offered than was allocated: who holds it, and whether anything moves. */
function held(
  state: ControlState,
  connector: ConnectorControl,
  nowMs: number,
  loads: readonly CircuitLoad[],
): WhyView | undefined {
  const { allocationA, offerA, raisedMs, roomSinceMs } = connector
  const { raiseAfterMs, raiseEveryMs } = state.site.profile
  if (allocationA <= offerA) return undefined
  const nowA = offerA === 0 ? 'Paused' : amps(offerA)
  if (state.raiseBlocked[connector.node] === true) {
    return { code: 'meter', text: `Held at ${amps(offerA)}: a meter above is not fresh, nothing is raised.` }
  }
  if (raisedMs !== undefined && nowMs - raisedMs <= MOVING_TURNS * raiseEveryMs) {
    return { code: 'ramp', text: `Rising: ${nowA} now, step by step to ${amps(allocationA)}.` }
  }
  if (roomSinceMs !== undefined && nowMs - roomSinceMs < raiseAfterMs) {
    const waitS = Math.round(raiseAfterMs / 1000)
    return { code: 'ramp', text: `${nowA} now; more when there has been room for ${waitS} s.` }
  }
  if (!isRaiseWorthAWrite({ connector }, nowMs))
    return {
      code: 'ramp',
      text: `${nowA} now; the ${amps(allocationA - offerA)} more come with the next refresh of its profile.`,
    }
  const tight = tightest(state, connector, loads)
  return {
    code: 'circuit',
    text: `${nowA} now; ${amps(allocationA)} is its share, but ${tight.circuitId} has no room for the next step on ${tight.phase} yet.`,
    ...tight,
  }
}

/** A station that was raised within so many turns of the ramp is on its way. */
const MOVING_TURNS = 3

/** Circuit and phase on the connector's path with the least room. */
function tightest(
  state: ControlState,
  connector: ConnectorControl,
  loads: readonly CircuitLoad[],
): { readonly circuitId: string; readonly phase: (typeof PHASE_NAMES)[number] } {
  const places = state.tree.pathOf(connector.node).flatMap(node =>
    PHASE_INDEXES.filter(phase => connector.phases[phase]).map(phase => ({
      circuitId: state.tree.nodes[node]?.id ?? '?',
      phase: PHASE_NAMES[phase],
      freeA: loads[node]?.freeA[phase] ?? 0,
    })),
  )
  const [least] = places.sort((a, b) => a.freeA - b.freeA)
  return { circuitId: least?.circuitId ?? '?', phase: least?.phase ?? 'L1' }
}

function bound(
  state: ControlState,
  connector: ConnectorControl,
  nowMs: number,
  loads: readonly CircuitLoad[],
): WhyView {
  const { offerA, reclaim, model } = connector
  if (reclaim.fullSinceMonoMs !== undefined && offerA < model.smartCharging.minCurrentA)
    return { code: 'car', text: 'Car is full: paused while others wait, asked again every 15 minutes.' }
  switch (connector.bound.kind) {
    case 'circuit':
    case 'waiting':
      return byCircuit(state, connector, { ...connector.bound, nowMs }, loads)
    case 'max':
    case 'off':
      return byCap(connector)
  }
}

/** In whole amps: a tenth more or less is no news to anybody. */
function byCircuit(
  state: ControlState,
  connector: ConnectorControl,
  at: {
    readonly kind: 'circuit' | 'waiting'
    readonly node: number
    readonly phase: 0 | 1 | 2
    readonly nowMs: number
  },
  loads: readonly CircuitLoad[],
): WhyView {
  const circuitId = state.tree.nodes[at.node]?.id ?? '?'
  const phase = PHASE_NAMES[at.phase]
  const load = loads[at.node]
  const end = state.tree.subtreeEnd[at.node] ?? at.node
  const cars = state.connectors.filter(
    other =>
      other.node >= at.node && other.node < end && other.transaction !== undefined && other.phases[at.phase],
  ).length
  const ordered = state.limitBindings[at.node]
  const whole = (valueA: number): string => `${Math.round(valueA)} A`
  // Why is said once, at the circuit.
  const assumed = load?.assumed === undefined ? 'assumed' : `assumed, see ${circuitId}`
  const source = load?.otherSource === 'worst case' ? assumed : 'measured'
  const parts = [
    ...(ordered === undefined ? [] : [`as ${bindingText(ordered.limit)} says`]),
    `other load takes ${whole(load?.otherA[at.phase] ?? 0)} (${source})`,
    ...setAside(state, at, load).map(({ amps: asideA, because }) => `${whole(asideA)} are kept ${because}`),
    cars === 1 ? 'this car gets the rest' : `${cars} cars share the rest`,
  ]
  const others = `of its ${whole(state.limitsA[at.node] ?? 0)}, ${parts.join(', ')}`
  const place = { circuitId, phase }
  if (at.kind === 'waiting') {
    const leastA = amps(connector.model.smartCharging.minCurrentA)
    return {
      code: 'waiting',
      text: `Waits its turn: ${circuitId} has no ${leastA} left on ${phase}; ${others}.`,
      ...place,
    }
  }
  return { code: 'circuit', text: `${circuitId} is full on ${phase}: ${others}.`, ...place }
}

function byCap(connector: ConnectorControl): WhyView {
  const { csmsLimitA, ordered } = connector
  if (ordered !== undefined && ordered.limitA <= connector.allocationA + 0.1) {
    return { code: 'order', text: `${sentence(bindingText(ordered.limit))} allows ${amps(ordered.limitA)}.` }
  }
  if (csmsLimitA !== undefined && csmsLimitA <= connector.allocationA + 0.1) {
    return { code: 'csms', text: `CSMS allows ${amps(csmsLimitA)}.` }
  }
  const cap = connector.reclaim.cap
  if (cap !== undefined && cap.limitA <= connector.allocationA + 1) {
    return { code: 'car', text: `Car takes less than offered; ${amps(connector.allocationA)} leave it room.` }
  }
  if (connector.allocationA >= connector.config.maxCurrentA - 0.1) {
    return { code: 'full', text: `Full: all the connector can give, ${amps(connector.config.maxCurrentA)}.` }
  }
  return { code: 'csms', text: `Paused at ${amps(connector.allocationA)}.` }
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function amps(valueA: number): string {
  return `${Math.round(valueA * 10) / 10} A`
}
