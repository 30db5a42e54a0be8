/** What the log says of sessions, and of faults of ours beside them. */
import type { StationEvent } from '../core/events.js'
import type { Log, Ports } from '../ports.js'

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

/** Runs what stands beside the way of an event: a fault of ours in it is told, and costs the event nothing. */
export function beside(log: Log, event: StationEvent['kind'], run: () => void): void {
  tried(log, event, run)
}

/** The same, with what came of it: a value, or the fault. */
export function tried<T>(
  log: Log,
  event: StationEvent['kind'],
  run: () => T,
): { readonly value?: T; readonly fault?: Error } {
  try {
    return { value: run() }
  } catch (thrown) {
    const fault = thrown instanceof Error ? thrown : new Error(String(thrown))
    log.write('error', 'listener-threw', { event, reason: fault.message })
    return { fault }
  }
}
