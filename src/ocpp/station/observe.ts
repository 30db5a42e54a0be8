/**
 * What the controller, MQTT and the page learn from a station's messages while they pass. Reads only; a message it
 * cannot read changes nothing. Old news (a station emptying its own offline queue) is told apart by its timestamp.
 */
import type { BootInfo, ConnectorStatus, StationEvent } from '../../core/events.js'
import { integerAt, textAt, timeAt } from '../../core/fields.js'
import { meterReportOf } from '../../core/measuring/meter-values.js'
import { type ClockReading, isClockTime, readClock, STALE_AFTER_MS } from '../../core/station/clock.js'
import { CONNECTOR_STATUSES } from '../../core/station/wire-enums.js'

const STATUSES: ReadonlySet<string> = new Set(CONNECTOR_STATUSES)

/** One per connection: it learns how the station's clock stands while the messages pass. */
export class Observer {
  readonly #stationId: string
  readonly #on: (event: StationEvent) => void
  #reading: ClockReading | undefined

  constructor(stationId: string, on: (event: StationEvent) => void) {
    this.#stationId = stationId
    this.#on = on
  }

  /** A CALL the station has just sent. */
  saw(action: string, payload: unknown, nowWallMs: number): void {
    switch (action) {
      case 'StatusNotification':
        this.#status(payload)
        this.#clock(timeAt(payload, 'timestamp'), nowWallMs)
        break
      case 'MeterValues':
        this.#measured(payload, nowWallMs)
        break
      case 'StartTransaction':
      case 'StopTransaction':
        this.#clock(timeAt(payload, 'timestamp'), nowWallMs)
        break
    }
  }

  #status(payload: unknown): void {
    const connectorId = integerAt(payload, 'connectorId')
    const status = textAt(payload, 'status')
    if (connectorId === undefined || !isStatus(status)) return
    const errorCode = textAt(payload, 'errorCode') ?? 'NoError'
    this.#on({ kind: 'status', stationId: this.#stationId, connectorId, status, errorCode })
  }

  #measured(payload: unknown, nowWallMs: number): void {
    const report = meterReportOf(payload)
    const connectorId = integerAt(payload, 'connectorId')
    if (report === undefined || connectorId === undefined) return
    this.#clock(report.stationWallMs, nowWallMs)
    const isHistory =
      report.stationWallMs !== undefined &&
      this.#reading !== undefined &&
      report.stationWallMs - nowWallMs < this.#reading.offsetMs - STALE_AFTER_MS
    if (isHistory) return
    this.#on({ kind: 'measured', stationId: this.#stationId, connectorId, sample: report.sample })
  }

  #clock(stationWallMs: number | undefined, nowWallMs: number): void {
    if (stationWallMs === undefined || !isClockTime(stationWallMs)) return
    const { reading, isNow } = readClock(this.#reading, stationWallMs, nowWallMs)
    this.#reading = reading
    if (!isNow) return
    this.#on({ kind: 'clock-seen', stationId: this.#stationId, stationWallMs })
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
