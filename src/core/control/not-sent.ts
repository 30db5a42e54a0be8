/** A CALL that never left: nothing of it lies on the station, and what the disk has for it is not known any more. */
import { forgetRecorded } from './keep.js'
import type { Now } from './now.js'
import { guarded } from './plan-fault.js'
import { setupAnswered } from './setup.js'
import type { ControlState } from './state.js'
import { profileNotSent } from './write.js'

export function notSent(state: ControlState, tag: string, now: Now): void {
  const call = state.openCalls.get(tag)
  if (call === undefined || call.kind === 'check' || call.kind === 'ask' || call.kind === 'learner') return
  state.openCalls.delete(tag)
  const station = state.stations.get(call.stationId)
  if (station === undefined) return
  guarded(state, station, now, () => {
    if (call.kind !== 'setup') profileNotSent(state, tag, call, now)
    else for (const connector of station.connectors) forgetRecorded(connector)
    if (call.kind === 'setup' || call.setup) setupAnswered(state, station.id, { kind: 'closed' }, now)
  })
}
