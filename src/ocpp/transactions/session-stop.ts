/**
 * Busbar ends a session by itself: RemoteStopTransaction, asked for again while the station refuses it and the session
 * runs. Knows nothing of why.
 */
import type { CallOutcome } from '../../core/answer.js'
import { textAt } from '../../core/fields.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { parsePayload } from '../wire/payload.js'
import { STATION_TIMEOUT_MS } from '../wire/waits.js'

const AGAIN_AFTER_MS = 60_000

export class SessionStop {
  readonly #parts: SessionParts
  readonly #again = new Map<number, Timer>()
  readonly #onStopped: (record: TransactionRecord) => void

  /** `onStopped`: the station has agreed. */
  constructor(parts: SessionParts, onStopped: (record: TransactionRecord) => void) {
    this.#parts = parts
    this.#onStopped = onStopped
  }

  /** True while it is asked for. */
  has(transactionId: number): boolean {
    return this.#again.has(transactionId)
  }

  stop(transactionId: number): void {
    const { book, down, ports, stationId } = this.#parts
    this.#again.get(transactionId)?.cancel()
    if (book.byStationId(stationId, transactionId)?.state !== 'open') return
    this.#again.set(
      transactionId,
      ports.clock.after(AGAIN_AFTER_MS, () => this.stop(transactionId)),
    )
    const payloadText = JSON.stringify({ transactionId })
    down()?.call(
      { action: 'RemoteStopTransaction', payloadText, timeoutMs: STATION_TIMEOUT_MS, urgency: 'first' },
      outcome => this.#answered(transactionId, outcome),
    )
  }

  /** The session has ended, or may go on. */
  over(transactionId: number): void {
    this.#again.get(transactionId)?.cancel()
    this.#again.delete(transactionId)
  }

  /** The station is gone; whoever wanted the stop asks again when it is back. */
  stationGone(): void {
    for (const timer of this.#again.values()) timer.cancel()
    this.#again.clear()
  }

  #answered(transactionId: number, outcome: CallOutcome): void {
    const { book, ports, stationId } = this.#parts
    const isTaken =
      outcome.kind === 'result' && textAt(parsePayload(outcome.payloadText), 'status') === 'Accepted'
    ports.log.write('info', 'session-stop-asked', {
      station: stationId,
      transaction: transactionId,
      outcome: isTaken ? 'Accepted' : outcome.kind,
    })
    const record = book.byStationId(stationId, transactionId)
    if (isTaken && record !== undefined) this.#onStopped(record)
  }
}
