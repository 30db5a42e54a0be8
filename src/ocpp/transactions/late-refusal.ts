/**
 * A tag the CSMS refuses after the station was told Accepted (seed 001, 4.3.1, 4.3.20; OCPP 1.6 §9.1): the session may
 * still take MaxEnergyOnInvalidId, whichever of the two follows: it is stopped (StopTransactionOnInvalidId), or goes on
 * without energy. A stop the station refuses is asked for again, for as long as the session runs.
 */
import type { CallOutcome } from '../../core/answer.js'
import { textAt } from '../../core/fields.js'
import { meterReportOf } from '../../core/measuring/meter-values.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { parsePayload } from '../wire/payload.js'
import { STATION_TIMEOUT_MS } from '../wire/waits.js'

const AGAIN_AFTER_MS = 60_000

export class LateRefusal {
  readonly #parts: SessionParts
  /** By transaction: the energy register when the session was first heard of after the refusal. */
  readonly #refusedAtWh = new Map<number, number>()
  readonly #again = new Map<number, Timer>()
  readonly #onStopped: (record: TransactionRecord) => void

  /** `onStopped`: the station has agreed to stop it for Busbar. */
  constructor(parts: SessionParts, onStopped: (record: TransactionRecord) => void) {
    this.#parts = parts
    this.#onStopped = onStopped
  }

  /** The session is refused, or its station is there again. */
  refused(record: TransactionRecord): void {
    const { remembered, ports } = this.#parts
    const { allowanceWh, stopOnInvalid } = remembered.policy
    const { stationId, connectorId, transactionId } = record
    const fields = { station: stationId, connector: connectorId, transaction: transactionId }
    ports.log.write('warn', 'id-tag-refused-late', { ...fields, stops: stopOnInvalid, allowanceWh })
    if (stopOnInvalid && allowanceWh === 0) this.#stop(transactionId)
    else this.#parts.on({ kind: 'tag-refused', stationId, connectorId, transactionId, allowanceWh })
  }

  /** MeterValues of a refused session: is what it may still take used up? */
  measured({ transactionId }: TransactionRecord, payload: unknown): void {
    const { allowanceWh, stopOnInvalid } = this.#parts.remembered.policy
    const energyWh = meterReportOf(payload)?.sample.energyWh
    if (!stopOnInvalid || energyWh === undefined) return
    const fromWh = this.#refusedAtWh.get(transactionId) ?? energyWh
    this.#refusedAtWh.set(transactionId, fromWh)
    if (energyWh - fromWh >= allowanceWh && !this.#again.has(transactionId)) this.#stop(transactionId)
  }

  /** The session has ended. */
  ended(transactionId: number): void {
    this.#refusedAtWh.delete(transactionId)
    this.#again.get(transactionId)?.cancel()
    this.#again.delete(transactionId)
  }

  /** The station is gone; when it is back, `refused` comes again. */
  stationGone(): void {
    for (const timer of this.#again.values()) timer.cancel()
    this.#again.clear()
  }

  #stop(transactionId: number): void {
    const { book, down, ports, stationId } = this.#parts
    this.#again.get(transactionId)?.cancel()
    if (book.byStationId(stationId, transactionId)?.state !== 'open') return
    this.#again.set(
      transactionId,
      ports.clock.after(AGAIN_AFTER_MS, () => this.#stop(transactionId)),
    )
    const payloadText = JSON.stringify({ transactionId })
    down()?.call(
      { action: 'RemoteStopTransaction', payloadText, timeoutMs: STATION_TIMEOUT_MS, urgency: 'first' },
      outcome => this.#answered(transactionId, outcome),
    )
  }

  #answered(transactionId: number, outcome: CallOutcome): void {
    const { book, ports, stationId } = this.#parts
    const isTaken =
      outcome.kind === 'result' && textAt(parsePayload(outcome.payloadText), 'status') === 'Accepted'
    ports.log.write('info', 'refused-session-stop', {
      station: stationId,
      transaction: transactionId,
      outcome: isTaken ? 'Accepted' : outcome.kind,
    })
    const record = book.byStationId(stationId, transactionId)
    if (isTaken && record !== undefined && record.stoppedHere !== true)
      this.#onStopped({ ...record, stoppedHere: true })
  }
}
