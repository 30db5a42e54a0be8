/** The sessions of a site without a CSMS as CSV, oldest first, for whoever bills them. */
import type { LedgerEntry } from '../core/offline/records.js'
import { csv } from './csv.js'

const HEAD = [
  'transactionId',
  'stationId',
  'connectorId',
  'idTag',
  'startedAt',
  'meterStartWh',
  'stoppedAt',
  'meterStopWh',
  'energyWh',
  'reason',
]

export function ledgerCsv(entries: readonly LedgerEntry[]): string {
  const rows = entries.map(entry => [
    entry.transactionId,
    entry.stationId,
    entry.connectorId,
    entry.idTag,
    entry.startedAt,
    entry.meterStartWh,
    entry.stoppedAt,
    entry.meterStopWh,
    entry.meterStopWh === undefined ? undefined : entry.meterStopWh - entry.meterStartWh,
    entry.reason,
  ])
  return csv(HEAD, rows)
}
