/**
 * The sessions of a site without a CSMS as CSV (RFC 4180), oldest first, for whoever bills them. A cell that a
 * spreadsheet would take for a formula is quoted as text.
 */
import type { LedgerEntry } from '../core/offline/records.js'

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
  return `${[HEAD, ...rows].map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
