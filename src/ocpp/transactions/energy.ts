/**
 * Energy of the sessions that ended here while the CSMS could not be asked, and how much of it the CSMS has since taken:
 * where they differ for long, somebody is owed an explanation.
 */
import { numberAt, timeAt, toWallMs } from '../../core/fields.js'
import { energyBetween } from '../../core/measuring/energy-count.js'
import type { EnergyTally, StoreChange } from '../../core/offline/records.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'

export class EnergyBook {
  readonly #stationId: string
  readonly #counted = new Set<string>()
  readonly #ratedW: (connectorId: number) => number
  #tally: EnergyTally

  constructor(stationId: string, stored: EnergyTally, ratedW: (connectorId: number) => number) {
    this.#stationId = stationId
    this.#ratedW = ratedW
    this.#tally = stored
  }

  get tally(): EnergyTally {
    return this.#tally
  }

  /** A StopTransaction is kept (`offlineWh`) or was delivered (`acceptedWh`); each counts once per message. */
  note(
    what: keyof EnergyTally,
    stop: { readonly seq: number; readonly payload: unknown },
    record: TransactionRecord | undefined,
  ): readonly StoreChange[] {
    const energyWh = energyOf(stop.payload, record, this.#ratedW)
    const mark = `${what} ${stop.seq}`
    if (energyWh === undefined || this.#counted.has(mark)) return []
    this.#counted.add(mark)
    const [oldest] = this.#counted
    if (oldest !== undefined && this.#counted.size > MOST_COUNTED) this.#counted.delete(oldest)
    this.#tally = { ...this.#tally, [what]: this.#tally[what] + energyWh }
    return [{ kind: 'energy', stationId: this.#stationId, tally: this.#tally }]
  }
}

/** Messages that may be written more than once: those of the last minutes. */
const MOST_COUNTED = 64

/** Undefined where the registers cannot be: unknown is not zero. */
export function energyOf(
  payload: unknown,
  record: TransactionRecord | undefined,
  ratedW: (connectorId: number) => number,
): number | undefined {
  const meterStopWh = numberAt(payload, 'meterStop')
  if (meterStopWh === undefined || record === undefined || record.timestamp === '') return undefined
  const { connectorId, meterStartWh, timestamp } = record
  const ends = {
    meterStartWh,
    meterStopWh,
    fromWallMs: toWallMs(timestamp),
    toWallMs: timeAt(payload, 'timestamp'),
  }
  return energyBetween(ends, ratedW(connectorId))
}
