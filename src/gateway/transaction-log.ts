/** What the log says of sessions. */
import type { StationEvent } from '../core/events.js'
import type { Ports } from '../ports.js'

/** For whoever reads the log: when a session is known to run, and when it has ended. */
export function tellTransactions({ log }: Ports, event: StationEvent): void {
  if (event.kind !== 'transaction-started' && event.kind !== 'transaction-stopped') return
  const { connectorId: connector, stationId: station, transactionId: transaction } = event
  log.write('info', event.kind === 'transaction-started' ? 'transaction runs' : 'transaction ended', {
    station,
    connector,
    transaction,
  })
}
