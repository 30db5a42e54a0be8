/** The sessions of a site without a CSMS as CSV, oldest first, for whoever bills them. */

import { isRegister } from '../core/measuring/meter-values.js'
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
    isRegister(entry.meterStartWh) ? entry.meterStartWh : undefined,
    entry.stoppedAt,
    entry.meterStopWh,
    energyWh(entry),
    entry.reason,
  ])
  return csv(HEAD, rows)
}

/** Blank where the registers cannot be: nobody is billed what a meter cannot have counted. */
function energyWh({ meterStartWh, meterStopWh, isEnergyInDoubt }: LedgerEntry): number | undefined {
  if (meterStopWh === undefined || isEnergyInDoubt === true || meterStopWh < meterStartWh) return undefined
  return isRegister(meterStartWh) && isRegister(meterStopWh) ? meterStopWh - meterStartWh : undefined
}
