/**
 * What a fail-safe waits for before it is laid on a station, and what is laid meanwhile (control rules 11, 12). The room is
 * `floor-room.ts`'s, what the disk has `keep.ts`'s; the sending is set-up's.
 */
import type { ConnectorControl } from './connector.js'
import { FloorRoom } from './floor-room.js'
import type { Now } from './now.js'
import { type ControlState, connectorOf } from './state.js'
import { clockOf, type SetupStep, type StationControl } from './station.js'
import { idleA, idleNowA } from './write.js'

/** A fail-safe above the one that lies there: what had room when it was decided may have none any more when it is sent. */
export function waitsForRoom(
  state: ControlState,
  station: StationControl,
  step: SetupStep,
  now: Now,
): boolean {
  if (step.kind !== 'fail-safe') return false
  const connector = connectorOf(state, station.id, step.connectorId)
  const toA = connector?.config.failSafeCurrentA ?? 0
  if (connector?.failSafe === undefined || toA <= connector.failSafe.valueA) return false
  if (new FloorRoom(state, now.monoMs).claim(connector, station, toA)) return false
  connector.awaitedFloorA = toA
  return true
}

/**
 * What would be written is the fail-safe, for no clock ends a pause, and there is no room for it yet: whatever else has changed,
 * what lies there stays.
 */
export function isIdleHeldBack(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  now: Now,
): boolean {
  const isTimeless = clockOf(station) === undefined
  return isTimeless && idleNowA(state, station, connector, now) < idleA(station, connector)
}

/**
 * A station that may have lost its profiles waits for no disk with them: the fail-safe that is surely kept goes first, a
 * higher one follows like every raise.
 */
export function keepsToDisk(station: StationControl, connector: ConnectorControl): void {
  const { config, failSafe, leastFailSafeA: keptA } = connector
  if (failSafe !== undefined || keptA === undefined || keptA >= config.failSafeCurrentA) return
  connector.next ??= config
  connector.config = { ...config, failSafeCurrentA: keptA }
  station.floorsDue = true
}
