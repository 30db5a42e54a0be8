/**
 * "Why 11 A?": the constraint that binds a connector, in words for the driver and the depot manager. Reads the state
 * of the last decision; decides nothing.
 */

import { type ConnectorControl, isKnown, pauseA } from '../control/connector.js'
import type { ControlState } from '../control/state.js'
import { PHASE_NAMES } from '../site/phases.js'
import type { WhyView } from './document.js'

export function explain(state: ControlState, connector: ConnectorControl, nowMs: number): WhyView {
  return (
    lostTouch(state, connector, nowMs) ??
    atRest(connector) ??
    held(state, connector) ??
    bound(state, connector)
  )
}

function lostTouch(state: ControlState, connector: ConnectorControl, nowMs: number): WhyView | undefined {
  const station = state.stations.get(connector.stationId)
  const keptA = amps(
    isKnown(connector)
      ? (connector.failSafeInstalledA ?? connector.config.maxCurrentA)
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
  if (!connector.verified) {
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

function held(state: ControlState, connector: ConnectorControl): WhyView | undefined {
  if (connector.allocationA <= connector.offerA) return undefined
  if (state.raiseBlocked[connector.node] === true) {
    return {
      code: 'meter',
      text: `Held at ${amps(connector.offerA)}: a meter above is not fresh, nothing is raised.`,
    }
  }
  return {
    code: 'ramp',
    text: `On the way from ${amps(connector.offerA)} to ${amps(connector.allocationA)}.`,
  }
}

function bound(state: ControlState, connector: ConnectorControl): WhyView {
  switch (connector.bound.kind) {
    case 'circuit':
    case 'waiting':
      return byCircuit(state, connector.bound)
    case 'max':
    case 'off':
      return byCap(connector)
  }
}

function byCircuit(
  state: ControlState,
  at: { readonly kind: 'circuit' | 'waiting'; readonly node: number; readonly phase: 0 | 1 | 2 },
): WhyView {
  const circuitId = state.tree.nodes[at.node]?.id ?? '?'
  const phase = PHASE_NAMES[at.phase]
  const limitA = state.limitsA[at.node] ?? 0
  const load = state.loads[at.node]
  const otherA = load?.otherA[at.phase] ?? 0
  const end = state.tree.subtreeEnd[at.node] ?? at.node
  const cars = state.connectors.filter(
    other =>
      other.node >= at.node && other.node < end && other.transaction !== undefined && other.phases[at.phase],
  ).length
  const source = load?.source === 'worst case' ? 'assumed' : 'measured'
  const others = `${amps(otherA)} of ${amps(limitA)} is other load (${source}), ${cars} ${cars === 1 ? 'car shares' : 'cars share'} the rest`
  const place = { circuitId, phase }
  if (at.kind === 'waiting')
    return {
      code: 'waiting',
      text: `Waits its turn: ${circuitId} has no ${amps(6)} left on ${phase}; ${others}.`,
      ...place,
    }
  return { code: 'circuit', text: `${circuitId} is full on ${phase}: ${others}.`, ...place }
}

function byCap(connector: ConnectorControl): WhyView {
  const { csmsLimitA } = connector
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

function amps(valueA: number): string {
  return `${Math.round(valueA * 10) / 10} A`
}
