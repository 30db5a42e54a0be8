/**
 * What the controller, MQTT and the page learn from a station's messages while they pass. Reads only; a message it
 * cannot read changes nothing. Old news (a station emptying its own offline queue) is told apart by its timestamp.
 */
import type { BootInfo, ConnectorStatus, StationEvent } from '../../core/events.js'
import { integerAt, textAt, timeAt } from '../../core/fields.js'
import { meterReportOf } from '../../core/measuring/meter-values.js'
import {
  type ClockReading,
  isClockTime,
  isSameClock,
  isSteadyFrom,
  readClock,
  STALE_AFTER_MS,
} from '../../core/station/clock.js'
import { CONNECTOR_STATUSES } from '../../core/station/wire-enums.js'

const STATUSES: ReadonlySet<string> = new Set(CONNECTOR_STATUSES)

/**
 * One per station: it learns how the station's clock stands while the messages pass. What a station may have queued while
 * it was away does not say where its clock stands before two of them agree (control rule 6).
 */
export class Observer {
  readonly #stationId: string
  readonly #on: (event: StationEvent) => void
  #reading: ClockReading | undefined
  /** Of messages that may be old: where the clock would stand, until another one agrees. */
  #claimed: { readonly offsetMs: number; readonly sinceMs: number } | undefined

  constructor(stationId: string, on: (event: StationEvent) => void) {
    this.#stationId = stationId
    this.#on = on
  }

  /** A CALL the station has just sent. False where it tells of earlier times. */
  saw(action: string, payload: unknown, nowWallMs: number): boolean {
    switch (action) {
      case 'StatusNotification':
        this.#status(payload)
        this.#clock(timeAt(payload, 'timestamp'), nowWallMs, false)
        break
      case 'BootNotification':
        // It may have started with another clock.
        this.#reading = undefined
        this.#claimed = undefined
        break
      case 'MeterValues':
        return this.#measured(payload, nowWallMs)
      case 'StartTransaction':
      case 'StopTransaction':
        this.#clock(timeAt(payload, 'timestamp'), nowWallMs, true)
        break
    }
    return true
  }

  #status(payload: unknown): void {
    const connectorId = integerAt(payload, 'connectorId')
    const status = textAt(payload, 'status')
    if (connectorId === undefined || !isStatus(status)) return
    const errorCode = textAt(payload, 'errorCode') ?? 'NoError'
    this.#on({ kind: 'status', stationId: this.#stationId, connectorId, status, errorCode })
  }

  #measured(payload: unknown, nowWallMs: number): boolean {
    const report = meterReportOf(payload)
    const connectorId = integerAt(payload, 'connectorId')
    if (report === undefined || connectorId === undefined) return false
    this.#clock(report.stationWallMs, nowWallMs, true)
    // Until its clock is known it is taken as ours, which it was given.
    const isHistory =
      report.stationWallMs !== undefined &&
      report.stationWallMs - nowWallMs < (this.#reading?.offsetMs ?? 0) - STALE_AFTER_MS
    if (isHistory) return false
    const { stationWallMs } = report
    const sample = { ...report.sample, ...(stationWallMs !== undefined && { stationWallMs }) }
    this.#on({ kind: 'measured', stationId: this.#stationId, connectorId, sample })
    return true
  }

  #clock(stationWallMs: number | undefined, nowWallMs: number, mayBeOld: boolean): void {
    if (stationWallMs === undefined || !isClockTime(stationWallMs)) return
    if (mayBeOld && this.#reading === undefined && !this.#isConfirmed(stationWallMs, nowWallMs)) return
    const { reading, isNow } = readClock(this.#reading, stationWallMs, nowWallMs)
    this.#reading = reading
    if (!isNow) return
    this.#on({ kind: 'clock-seen', stationId: this.#stationId, stationWallMs })
  }

  #isConfirmed(stationWallMs: number, nowWallMs: number): boolean {
    const offsetMs = stationWallMs - nowWallMs
    const claimed = this.#claimed
    if (claimed !== undefined && isSteadyFrom(claimed, offsetMs, nowWallMs)) return true
    if (claimed === undefined || !isSameClock(claimed, offsetMs))
      this.#claimed = { offsetMs, sinceMs: nowWallMs }
    return false
  }
}

export function isStatus(text: string | undefined): text is ConnectorStatus {
  return text !== undefined && STATUSES.has(text)
}

/** Twice what the standard gives its longest field. */
const MAX_BOOT_FIELD_CHARS = 100

export function bootInfoOf(payload: unknown): BootInfo {
  const field = (key: string): string | undefined => textAt(payload, key)?.slice(0, MAX_BOOT_FIELD_CHARS)
  const serialNumber = field('chargePointSerialNumber') ?? field('chargeBoxSerialNumber')
  const firmware = field('firmwareVersion')
  return {
    vendor: field('chargePointVendor') ?? '',
    model: field('chargePointModel') ?? '',
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(firmware === undefined ? {} : { firmware }),
  }
}
