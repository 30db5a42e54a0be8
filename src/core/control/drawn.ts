/** What the stations below a circuit draw now, by what they and nobody else tell. Undefined is not zero. */
import { add, type PerPhase, ZERO } from '../site/phases.js'
import { type ConnectorControl, freshReading } from './connector.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'

export interface Drawn {
  readonly bestA: PerPhase
  readonly surelyA: PerPhase
  /** A part of it is not measured. */
  readonly isEstimate: boolean
}

/** Undefined when nothing below tells anything. */
export function drawnBelow(state: ControlState, node: number, now: Now): Drawn | undefined {
  let [bestA, surelyA] = [ZERO, ZERO]
  let [isTold, isEstimate] = [false, false]
  for (const connector of state.connectorsBelow[node] ?? []) {
    const part = drawnBy(state, connector, now)
    isEstimate ||= part === undefined || part.isEstimate
    if (part === undefined) continue
    isTold = true
    bestA = add(bestA, part.bestA)
    surelyA = add(surelyA, part.surelyA)
  }
  return isTold ? { bestA, surelyA, isEstimate } : undefined
}

/** Undefined where nobody knows. */
export function drawnBy(state: ControlState, connector: ConnectorControl, now: Now): Drawn | undefined {
  const reading = freshReading(connector, now.monoMs)
  if (reading !== undefined && reading.best !== 'unknown') {
    return { bestA: reading.bestA, surelyA: reading.lowerA, isEstimate: reading.best === 'estimate' }
  }
  if (connector.isolated) return { bestA: ZERO, surelyA: ZERO, isEstimate: false }
  // Its contactor is open: no transaction, no current.
  const isOpen = connector.transaction === undefined && !['unknown', 'Faulted'].includes(connector.status)
  const isConnected = state.stations.get(connector.stationId)?.connected === true
  return isOpen && isConnected ? { bestA: ZERO, surelyA: ZERO, isEstimate: false } : undefined
}
