/**
 * Energy of the sessions that ended here while the CSMS could not be asked, and how much of it the CSMS has since taken:
 * where they differ for long, somebody is owed an explanation.
 */
import { numberAt } from '../../core/fields.js'
import { isRegister } from '../../core/measuring/meter-values.js'
import type { EnergyTally, StoreChange } from '../../core/offline/records.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'

export class EnergyBook {
  readonly #stationId: string
  readonly #counted = new Set<string>()
  #tally: EnergyTally

  constructor(stationId: string, stored: EnergyTally) {
    this.#stationId = stationId
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
    const energyWh = energyOf(stop.payload, record)
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

/** Undefined where either register is not plausible: unknown is not zero. */
function energyOf(payload: unknown, record: TransactionRecord | undefined): number | undefined {
  const stopWh = numberAt(payload, 'meterStop')
  if (stopWh === undefined || record === undefined || record.timestamp === '') return undefined
  const energyWh = stopWh - record.meterStartWh
  return isRegister(stopWh) && isRegister(record.meterStartWh) && energyWh >= 0 ? energyWh : undefined
}
