/**
 * The way of a station's event: what has to be known before control decides by it, control, and what is kept of it. What breaks on
 * the way keeps no event from control; where control would decide without what it has to know, the station is left to its
 * fail-safe (invariant I7).
 */
import type { Controller } from '../core/control/controller.js'
import type { StationEvent } from '../core/events.js'
import type { SmartChargingContract } from '../core/schedule/contract.js'
import type { ProfileStore } from '../core/schedule/profile-store.js'
import type { Ports } from '../ports.js'
import type { ControlLoop } from './control-loop.js'
import type { StateKeeper } from './kept-state.js'
import type { SessionClaims } from './session-claims.js'
import { energyOf } from './session-habits.js'
import type { SessionRecords } from './session-records.js'
import { beside, tellTransactions, tried } from './transaction-log.js'

interface EventWay {
  readonly ports: Ports
  readonly keeper: StateKeeper
  readonly contract: SmartChargingContract
  readonly controller: Controller
  readonly loop: ControlLoop
  readonly sessions: SessionRecords
  readonly claims: SessionClaims
  keep(stationId: string, changed: ProfileStore): Promise<boolean>
}

/** What takes every event of a configured station, in their order. */
export function stationEvents(way: EventWay): (event: StationEvent) => void {
  const { ports, keeper, contract, controller, loop, sessions, claims } = way
  return event => {
    const { kind, stationId } = event
    beside(ports.log, kind, () => {
      if (kind === 'connected') keeper.connected(stationId)
      tellTransactions(ports, event)
    })
    // Without it control would decide by profiles of the CSMS that hold no more, or not by those that do.
    const { value: changed, fault } = tried(ports.log, kind, () =>
      contract.onStation(event, ports.clock.wallMs()),
    )
    // Gone from the controller with the session.
    const { value: energyWh } = tried(ports.log, kind, () => energyOf(controller.state, event))
    loop.onStation(event)
    if (fault !== undefined) loop.leave(stationId, fault)
    // Records and wishes.
    beside(ports.log, kind, () => sessions.onStation(event, energyWh))
    beside(ports.log, kind, () => claims.onStation(event, { atWallMs: ports.clock.wallMs(), energyWh }))
    // In memory at once; should the write be lost in a power cut, the profile is only held too long: the lower wins.
    if (changed !== undefined) void way.keep(stationId, changed)
  }
}
