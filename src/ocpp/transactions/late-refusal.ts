/**
 * A tag the CSMS refuses after the station was told Accepted (seed 001, 4.3.1, 4.3.20; OCPP 1.6 §9.1): the session may
 * still take MaxEnergyOnInvalidId, whichever of the two follows: it is stopped (StopTransactionOnInvalidId), or goes on
 * without energy. A stop the station refuses is asked for again, for as long as the session runs; what it may take is not
 * given twice, over whatever restart.
 */
import type { TransactionRecord } from '../../core/offline/transactions.js'
import type { SessionParts } from '../session-parts.js'
import { EnergyWatch } from './energy-watch.js'
import { SessionStop } from './session-stop.js'
import { mustStop } from './without-energy.js'

export class LateRefusal {
  readonly #parts: SessionParts
  readonly #energy: EnergyWatch
  readonly #stop: SessionStop
  readonly #keep: (record: TransactionRecord) => void

  /** `keep`: the record has changed and is to be written. */
  constructor(parts: SessionParts, keep: (record: TransactionRecord) => void) {
    this.#parts = parts
    this.#keep = keep
    this.#energy = new EnergyWatch(parts.ports.clock)
    this.#stop = new SessionStop(parts, record => {
      if (record.stoppedHere !== true) keep({ ...record, stoppedHere: true })
    })
  }

  /** The session is refused, or its station is there again. */
  refused(refusedRecord: TransactionRecord): void {
    const { remembered, ports } = this.#parts
    const { allowanceWh } = remembered.policy
    const stops = mustStop(this.#parts)
    const record = this.#begun(refusedRecord)
    const { stationId, connectorId, transactionId } = record
    const fields = { station: stationId, connector: connectorId, transaction: transactionId }
    ports.log.write('warn', 'id-tag-refused-late', { ...fields, stops, allowanceWh })
    if (stops && allowanceWh === 0) {
      this.#stop.stop(transactionId)
      return
    }
    this.#parts.on({ kind: 'tag-refused', stationId, connectorId, transactionId, allowanceWh })
    this.#watch(record)
  }

  /** MeterValues of a refused session: is what it may still take used up? */
  measured({ transactionId }: TransactionRecord, payload: unknown): void {
    if (!this.#energy.has(transactionId)) return
    const registerWh = this.#energy.measured(transactionId, payload)
    const { book, stationId } = this.#parts
    const record = book.byStationId(stationId, transactionId)
    if (registerWh === undefined || record?.refusedFrom === undefined) return
    if (record.refusedFrom.registerWh === undefined)
      this.#keep({ ...record, refusedFrom: { ...record.refusedFrom, registerWh } })
  }

  /** The session has ended. */
  ended(transactionId: number): void {
    this.#energy.end(transactionId)
    this.#stop.over(transactionId)
  }

  /** The station is gone; when it is back, `refused` comes again. */
  stationGone(): void {
    this.#stop.stationGone()
  }

  stop(): void {
    this.#energy.stop()
    this.#stop.stationGone()
  }

  #begun(record: TransactionRecord): TransactionRecord {
    if (record.refusedFrom !== undefined) return record
    const begun = { ...record, refusedFrom: { wallMs: this.#parts.ports.clock.wallMs() } }
    this.#keep(begun)
    return begun
  }

  #watch({ transactionId, connectorId, refusedFrom }: TransactionRecord): void {
    if (this.#energy.has(transactionId) || refusedFrom === undefined) return
    const { ports, ratedW, remembered } = this.#parts
    const ageMs = Math.max(0, ports.clock.wallMs() - refusedFrom.wallMs)
    this.#energy.begin(
      {
        transactionId,
        registerWh: refusedFrom.registerWh,
        sinceMonoMs: ports.clock.monoMs() - ageMs,
        limitWh: remembered.policy.allowanceWh,
        ratedW: ratedW(connectorId),
      },
      () => this.#spent(transactionId),
    )
  }

  #spent(transactionId: number): void {
    const { book, stationId } = this.#parts
    const record = book.byStationId(stationId, transactionId)
    if (record?.state !== 'open') return
    const { connectorId } = record
    if (mustStop(this.#parts)) this.#stop.stop(transactionId)
    else this.#parts.on({ kind: 'tag-refused', stationId, connectorId, transactionId, allowanceWh: 0 })
  }
}
