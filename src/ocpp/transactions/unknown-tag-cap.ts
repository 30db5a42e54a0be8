/**
 * What a session may take whose tag nobody knows: energy and time, until the CSMS has spoken about the tag
 * (`unknownIdMaxEnergyWh`, `unknownIdMaxTimeMin`). At the cap it is stopped, or goes on without energy, by
 * StopTransactionOnInvalidId. A tag that has used its cap begins nothing more before that (TransactionBook.isSpent).
 */
import { isRegister } from '../../core/measuring/meter-values.js'
import type { TransactionRecord } from '../../core/offline/transactions.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { EnergyWatch } from './energy-watch.js'
import { SessionStop } from './session-stop.js'
import { mustStop } from './without-energy.js'

const MINUTE_MS = 60_000
/** A clock that stands before the session's beginning by more tells nothing of its age. */
const CLOCK_TOLERANCE_MS = 60_000
const LONGEST_TIMER_MS = 24 * 3_600_000

export class UnknownTagCap {
  readonly #parts: SessionParts
  readonly #energy: EnergyWatch
  readonly #stop: SessionStop
  readonly #timers = new Map<number, Timer>()
  readonly #keep: (record: TransactionRecord) => void

  /** `keep`: the record has changed and is to be written. */
  constructor(parts: SessionParts, keep: (record: TransactionRecord) => void) {
    this.#parts = parts
    this.#keep = keep
    this.#energy = new EnergyWatch(parts.ports.clock)
    this.#stop = new SessionStop(parts, () => undefined)
  }

  /** The session runs: it has begun, or Busbar has. */
  begun(record: TransactionRecord): void {
    const { unknownTag, transactionId, connectorId, meterStartWh } = record
    if (unknownTag === undefined || record.state !== 'open') return
    if (unknownTag.isSpent === true) {
      this.#end(record)
      return
    }
    const { ports, remembered, ratedW } = this.#parts
    const { unknownCapWh, unknownCapMs } = remembered.policy
    const ageMs = ports.clock.wallMs() - unknownTag.sinceWallMs
    const hasCap = unknownCapWh !== undefined || unknownCapMs !== undefined
    if (hasCap && ageMs < -CLOCK_TOLERANCE_MS) {
      this.#reached(transactionId, 'age not known')
      return
    }
    const sinceMonoMs = ports.clock.monoMs() - Math.max(0, ageMs)
    if (unknownCapMs !== undefined) this.#until(transactionId, sinceMonoMs + unknownCapMs)
    if (unknownCapWh !== undefined)
      this.#energy.begin(
        {
          transactionId,
          registerWh: isRegister(meterStartWh) ? meterStartWh : undefined,
          sinceMonoMs,
          limitWh: unknownCapWh,
          ratedW: ratedW(connectorId),
        },
        () => this.#reached(transactionId, 'energy'),
      )
  }

  measured({ transactionId }: TransactionRecord, payload: unknown): void {
    this.#energy.measured(transactionId, payload)
  }

  /** The station is there again. */
  stationBack(record: TransactionRecord): void {
    if (record.unknownTag?.isSpent === true) this.#end(record)
  }

  /** The CSMS has accepted the tag: gives the record without the cap. */
  vouched(record: TransactionRecord): TransactionRecord {
    const { unknownTag, ...known } = record
    if (unknownTag === undefined) return record
    const { stationId, connectorId, transactionId } = record
    this.ended(transactionId)
    if (unknownTag.isSpent === true && record.state === 'open')
      this.#parts.on({ kind: 'tag-accepted', stationId, connectorId, transactionId })
    return known
  }

  ended(transactionId: number): void {
    this.#energy.end(transactionId)
    this.#stop.over(transactionId)
    this.#timers.get(transactionId)?.cancel()
    this.#timers.delete(transactionId)
  }

  stationGone(): void {
    this.#stop.stationGone()
  }

  stop(): void {
    this.#energy.stop()
    this.#stop.stationGone()
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  #until(transactionId: number, untilMs: number): void {
    this.#timers.get(transactionId)?.cancel()
    const { clock } = this.#parts.ports
    const leftMs = untilMs - clock.monoMs()
    if (leftMs <= 0) this.#reached(transactionId, 'time')
    else
      this.#timers.set(
        transactionId,
        clock.after(Math.min(leftMs, LONGEST_TIMER_MS), () => this.#until(transactionId, untilMs)),
      )
  }

  #reached(transactionId: number, what: 'energy' | 'time' | 'age not known'): void {
    const { book, ports, remembered, stationId } = this.#parts
    const record = book.byStationId(stationId, transactionId)
    this.ended(transactionId)
    if (record?.unknownTag === undefined || record.state !== 'open') return
    const spent: TransactionRecord = { ...record, unknownTag: { ...record.unknownTag, isSpent: true } }
    this.#keep(spent)
    const { unknownCapMs, unknownCapWh } = remembered.policy
    ports.log.write('warn', 'unknown-tag-cap', {
      station: stationId,
      connector: record.connectorId,
      transaction: transactionId,
      reached: what,
      ...(unknownCapWh !== undefined && { capWh: unknownCapWh }),
      ...(unknownCapMs !== undefined && { capMin: unknownCapMs / MINUTE_MS }),
      stops: mustStop(this.#parts),
    })
    this.#end(spent)
  }

  #end({ stationId, connectorId, transactionId }: TransactionRecord): void {
    if (mustStop(this.#parts)) this.#stop.stop(transactionId)
    else this.#parts.on({ kind: 'tag-refused', stationId, connectorId, transactionId, allowanceWh: 0 })
  }
}
