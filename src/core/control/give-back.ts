/** What a step of ours took from a connector for seconds goes back in one write, into what is free of bookings and no more. */
import { add, PHASE_INDEXES, spread, subtract, ZERO } from '../site/phases.js'
import { type ConnectorControl, drawsBeyond } from './connector.js'
import { bookedA } from './evidence.js'
import type { Now } from './now.js'
import { planned } from './plan-fault.js'
import { stationRoomA } from './room.js'
import type { ControlState } from './state.js'
import { writeLive } from './write.js'

/** What it had is still booked for it, or there is room; else the ramp finds room for it as for everybody. */
export function giveBack(state: ControlState, connector: ConnectorControl, hadA: number, now: Now): void {
  const station = state.stations.get(connector.stationId)
  if (station === undefined || connector.transaction === undefined || !station.connected) return
  if (state.raiseBlocked[connector.node] === true || connector.disobeys || drawsBeyond(connector)) return
  const offerA = Math.min(hadA, connector.allocationA)
  if (offerA <= connector.offerA) return
  const moreA = Math.max(0, offerA - bookedA(connector, station, now.monoMs))
  const fits = state.tree.pathOf(connector.node).every(node => {
    const restA = subtract(stationRoomA(state, node), state.bookedA[node] ?? ZERO)
    return PHASE_INDEXES.every(phase => !connector.wired[phase] || restA[phase] >= moreA)
  })
  if (!fits) return
  planned(state, station, now, () =>
    writeLive(state, station, connector, { offerA, now, setup: false, cause: 'raise' }),
  )
  // Several are given back in one decision: what one takes is not there for the next.
  const takenA = spread(moreA, connector.wired)
  state.bookedA = state.bookedA.map((sum, node) =>
    state.tree.pathOf(connector.node).includes(node) ? add(sum, takenA) : sum,
  )
}
