/**
 * What runs at a station that charged before Busbar was there, or of which nothing is remembered (control rule 12): it is
 * asked for its status, and where it charges for a sample, which names the transaction. Asked again with growing pauses.
 */
import type { ConnectorStatus } from '../events.js'
import { callStation } from './call.js'
import type { ConnectorControl } from './connector.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import { isThere, type StationControl } from './station.js'
import { growingPauseMs } from './write.js'

/** Most stations tell by themselves what they do. */
const BY_ITSELF_MS = 30_000
/** A station that has not said by then does not know how to. */
const MOST_TIMES = 8
const CHARGES: ReadonlySet<ConnectorStatus | 'unknown'> = new Set([
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
])

export function askWhatRuns(state: ControlState, station: StationControl, now: Now): void {
  if (!station.connected) return
  const open = station.connectors.filter(connector => isOpen(connector) && isThere(station, connector.id))
  if (open.length === 0) {
    station.asked = undefined
    return
  }
  const { asked } = station
  if (asked === undefined) {
    station.asked = { atMs: now.monoMs + BY_ITSELF_MS, times: 0 }
    return
  }
  if (now.monoMs < asked.atMs || asked.times >= MOST_TIMES) return
  station.asked = { atMs: now.monoMs + growingPauseMs(asked.times), times: asked.times + 1 }
  for (const { id, status } of open) {
    const requestedMessage = status === 'unknown' ? 'StatusNotification' : 'MeterValues'
    const payload = { requestedMessage, connectorId: id }
    const open = { kind: 'ask', stationId: station.id } as const
    callStation(state, station, { open, action: 'TriggerMessage', payload, urgency: 'normal' }, now)
  }
}

/** A session may run there that nobody knows of. */
function isOpen({ transaction, status }: ConnectorControl): boolean {
  return transaction === undefined && (status === 'unknown' || CHARGES.has(status))
}
