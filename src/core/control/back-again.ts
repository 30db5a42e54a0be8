/**
 * A station that is back after Busbar's own restart is given time to say that it has booted before anything is laid on it, so that
 * what survived can be seen (control rule 11). A lower that a meter shows to be due does not wait for that (control rule 13): where
 * nothing runs any more it is refused, and the station counts as written to.
 */
import { fittingA } from './fitting.js'
import type { Now } from './now.js'
import { planned } from './plan-fault.js'
import { isAwaited } from './restarted.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'
import { writeLive } from './write.js'

export function lowerReturned(state: ControlState, now: Now): void {
  for (const station of state.stations.values())
    if (isGivenTime(station)) planned(state, station, now, () => lowerOne(state, station, now))
}

/** Nothing was laid on it since it is back. */
function isGivenTime({ connected, release, setup, withoutSmartCharging }: StationControl): boolean {
  if (!connected || release !== undefined || withoutSmartCharging) return false
  return setup?.cause === 'reconnect' && setup.steps === undefined
}

function lowerOne(state: ControlState, station: StationControl, now: Now): void {
  for (const connector of station.connectors) {
    if (connector.transaction === undefined || !isAwaited(connector, now.monoMs)) continue
    if (!state.tree.pathOf(connector.node).some(node => state.isSeenInside[node] === false)) continue
    const offerA = fittingA(state, station, connector, now)
    if (offerA < connector.offerA)
      writeLive(state, station, connector, { offerA, now, setup: false, cause: 'lower' })
  }
}
