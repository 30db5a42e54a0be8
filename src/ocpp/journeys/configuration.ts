/**
 * Reads a station's configuration after each accepted boot, keeps it, and sets what control needs, one CALL at a time
 * and only what the station has and has otherwise. Follows what the CSMS reads and changes, so that virtual keys stay
 * its own to the CSMS (proxy rule 4). Never reboots a station. Which values are wished is known to core alone.
 */
import type { CallOutcome } from '../../core/answer.js'
import type { StationConfiguration } from '../../core/events.js'
import { integerAt, textAt, toWallMs } from '../../core/fields.js'
import {
  type ChangeStatus,
  changedByOthers,
  changedByUs,
  csmsReads,
  isHeavy,
  type KeyChange,
  nextWish,
  readAll,
  readSome,
  restoring,
  samplingOf,
} from '../../core/station/configuration.js'
import { isDue, periodicSampleMs } from '../../core/station/virtual-meter-values.js'
import type { Timer } from '../../ports.js'
import type { KeyRestored } from '../edge.js'
import type { ConfigurationKeeper, SessionParts } from '../session-parts.js'
import { replaceKeyValues } from '../wire/edits.js'
import { parsePayload } from '../wire/payload.js'

/** A station that did not answer is asked again, so often at most per boot. */
const MAX_TRIES = 3
const RETRY_MS = 60_000
/** Nobody else's CALL waits longer behind ours; a whole configuration takes a slow line some seconds. */
const READ_TIMEOUT_MS = 10_000
const SET_TIMEOUT_MS = 5_000
/** A station that was asked for MeterValues sends them soon (PICS: triggered function 60 s). */
const ASKED_FOR_MS = 60_000
/** A station that has restarted sends its boot first. */
const BOOT_GRACE_MS = 5_000
/** Connectors and running transactions looked at: more than any station has. */
const MAX_RUNNING = 65

type Parts = Omit<SessionParts, 'configuration'>

export class ConfigurationJourney implements ConfigurationKeeper {
  readonly #parts: Parts
  /** Last periodic sample by connector, station's time. */
  readonly #sampledMs = new Map<number, number>()
  /** Periodic samples by running transaction. */
  readonly #samples = new Map<number, number>()
  #askedMs = Number.NEGATIVE_INFINITY
  /** Connectors that have answered since. */
  readonly #answeredFor = new Set<number>()
  #retry: Timer | undefined
  #isReading = false
  #isSetting = false
  #released = false
  #tries = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get isReleased(): boolean {
    return this.#released
  }

  begin(): void {
    this.#tries = 0
    this.#read()
  }

  reconnected(): void {
    const { ports, remembered } = this.#parts
    const wasRead = remembered.configuration.readWallMs !== undefined
    if (wasRead) this.#tell(remembered.configuration)
    if (!remembered.memory.accepted) return
    this.#retry = ports.clock.after(BOOT_GRACE_MS, () => {
      if (wasRead) this.#setNext()
      else this.begin()
    })
  }

  /**
   * Sets every key that Busbar has changed back to what was found, and none any more from now on; gives what the station
   * said to each.
   */
  async release(): Promise<readonly KeyRestored[]> {
    this.#released = true
    const restored: KeyRestored[] = []
    for (;;) {
      // Asked anew each time: a change that was out when the station was released may have been accepted since.
      const due = restoring(this.#parts.remembered.configuration)
      const change = due.find(({ key }) => !restored.some(done => done.key === key))
      if (change === undefined) return restored
      restored.push({ ...change, status: await this.#restore(change) })
    }
  }

  /** The station is controlled again. */
  takeBack(): void {
    this.#released = false
    this.#setNext()
  }

  #restore(change: KeyChange): Promise<KeyRestored['status']> {
    const { ports, remembered, stationId } = this.#parts
    const leg = this.#parts.down()
    if (leg === undefined) return Promise.resolve('NoAnswer')
    const call = {
      action: 'ChangeConfiguration',
      payloadText: JSON.stringify(change),
      timeoutMs: SET_TIMEOUT_MS,
    }
    return new Promise(done => {
      leg.call(call, outcome => {
        const isAnswer = outcome.kind === 'result' || outcome.kind === 'error'
        const conf = outcome.kind === 'result' ? parsePayload(outcome.payloadText) : undefined
        const status = statusIn(conf) ?? (isAnswer ? 'Rejected' : 'NoAnswer')
        if (status === 'Accepted' || status === 'RebootRequired')
          this.#keep(changedByUs(remembered.configuration, change, status))
        ports.log.write('info', 'configuration-restored', { station: stationId, ...change, status })
        done(status)
      })
    })
  }

  stationGone(): void {
    this.#retry?.cancel()
    this.#retry = undefined
    this.#isReading = false
    this.#isSetting = false
    if (this.#parts.isDrivenByCsms) this.#released = false
  }

  readByOthers(confText: string): string {
    const { remembered } = this.#parts
    this.#keep(readSome(remembered.configuration, parsePayload(confText)))
    return replaceKeyValues(confText, csmsReads(remembered.configuration))
  }

  changedByOthers(request: unknown, conf: unknown): void {
    const change = changeIn(request)
    const status = statusIn(conf)
    if (change === undefined || status === undefined) return
    const { guardedKeys, remembered } = this.#parts
    const isGuarded = guardedKeys.affectsLimits.some(key => key.toLowerCase() === change.key.toLowerCase())
    this.#keep(changedByOthers(remembered.configuration, change, status, isGuarded))
    this.#setNext()
  }

  askedForMeterValues(): void {
    this.#askedMs = this.#parts.ports.clock.monoMs()
    this.#answeredFor.clear()
  }

  isForCsms(payload: unknown): boolean {
    const { book, remembered, stationId } = this.#parts
    const sampling = samplingOf(remembered.configuration)
    const sampleMs = sampling === undefined ? undefined : periodicSampleMs(payload)
    if (sampling === undefined || sampleMs === undefined) return true
    const connectorId = integerAt(payload, 'connectorId') ?? 0
    const transactionId = integerAt(payload, 'transactionId')
    if (transactionId !== undefined) this.#count(transactionId)
    const record = transactionId === undefined ? undefined : book.byStationId(stationId, transactionId)
    const anchorMs = record === undefined ? undefined : toWallMs(record.timestamp)
    const previousMs = this.#sampledMs.get(connectorId)
    if (previousMs !== undefined || this.#sampledMs.size < MAX_RUNNING)
      this.#sampledMs.set(connectorId, sampleMs)
    if (this.#wasAskedFor(connectorId)) return true
    const isLater = previousMs === undefined || previousMs < sampleMs
    const times = { sampleMs, previousMs: isLater ? previousMs : undefined, anchorMs: anchorMs ?? 0 }
    return isDue(times, sampling)
  }

  /** Stations that leave the context out of what they were asked for: the first of each connector counts as that. */
  #wasAskedFor(connectorId: number): boolean {
    const isSoon = this.#parts.ports.clock.monoMs() - this.#askedMs <= ASKED_FOR_MS
    if (!isSoon || this.#answeredFor.has(connectorId) || this.#answeredFor.size >= MAX_RUNNING) return false
    this.#answeredFor.add(connectorId)
    return true
  }

  transactionEnded(payload: unknown): void {
    const transactionId = integerAt(payload, 'transactionId')
    if (transactionId === undefined || !this.#samples.delete(transactionId)) return
    this.#setNext()
  }

  #count(transactionId: number): void {
    const { configuration } = this.#parts.remembered
    const count = (this.#samples.get(transactionId) ?? 0) + 1
    this.#samples.delete(transactionId)
    this.#samples.set(transactionId, count)
    const oldest = this.#samples.size > MAX_RUNNING ? this.#samples.keys().next().value : undefined
    if (oldest !== undefined) this.#samples.delete(oldest)
    if (isHeavy(configuration, count) && !isHeavy(configuration, count - 1)) this.#setNext()
  }

  #isSparing(): boolean {
    const { book, remembered, stationId } = this.#parts
    // one that ended unseen holds nothing back
    const isOpen = (id: number): boolean => book.byStationId(stationId, id)?.state === 'open'
    return [...this.#samples].some(([id, count]) => isOpen(id) && isHeavy(remembered.configuration, count))
  }

  // ---------------------------------------------------------------- reading

  #read(): void {
    const leg = this.#parts.down()
    if (leg === undefined || this.#isReading) return
    this.#isReading = true
    this.#retry?.cancel()
    this.#tries++
    const call = { action: 'GetConfiguration', payloadText: '{}', timeoutMs: READ_TIMEOUT_MS }
    leg.call(call, outcome => {
      if (this.#parts.down() !== leg) return
      this.#isReading = false
      this.#wasRead(outcome)
    })
  }

  #wasRead(outcome: CallOutcome): void {
    const { ports, remembered, stationId } = this.#parts
    if (outcome.kind !== 'result') {
      ports.log.write('warn', 'configuration-not-read', { station: stationId, outcome: outcome.kind })
      if (outcome.kind === 'timeout' && this.#tries < MAX_TRIES)
        this.#retry = ports.clock.after(RETRY_MS, () => this.#read())
      return
    }
    const firmware = remembered.memory.boot?.info.firmware
    const at = { wallMs: ports.clock.wallMs(), firmware }
    this.#keep(readAll(remembered.configuration, parsePayload(outcome.payloadText), at))
    ports.log.write('info', 'configuration-read', {
      station: stationId,
      keys: Object.keys(remembered.configuration.keys).length,
    })
    this.#setNext()
  }

  // ---------------------------------------------------------------- setting

  #setNext(): void {
    const { ports, remembered, stationId } = this.#parts
    if (this.#parts.isDrivenByCsms) {
      this.#giveBack()
      return
    }
    const leg = this.#parts.down()
    const change = nextWish(remembered.configuration, this.#isSparing())
    if (leg === undefined || this.#isSetting || this.#released || change === undefined) return
    this.#isSetting = true
    const payloadText = JSON.stringify(change)
    const call = { action: 'ChangeConfiguration', payloadText, timeoutMs: SET_TIMEOUT_MS }
    leg.call(call, outcome => {
      if (this.#parts.down() !== leg) return
      this.#isSetting = false
      // a station that does not answer is left alone until its next boot
      if (outcome.kind !== 'result' && outcome.kind !== 'error') return
      const conf = outcome.kind === 'result' ? parsePayload(outcome.payloadText) : undefined
      const status = statusIn(conf) ?? 'Rejected'
      this.#keep(changedByUs(remembered.configuration, change, status))
      ports.log.write(status === 'Accepted' ? 'info' : 'warn', 'configuration-set', {
        station: stationId,
        key: change.key,
        value: change.value,
        status,
      })
      this.#setNext()
    })
  }

  /** What was set before its CSMS drove it is as it was found, once per connection. */
  #giveBack(): void {
    const { ports, remembered, stationId } = this.#parts
    if (this.#released || restoring(remembered.configuration).length === 0) return
    this.release().catch((fault: unknown) => {
      const detail = fault instanceof Error ? fault.message : 'unknown'
      ports.log.write('error', 'configuration-not-restored', { station: stationId, detail })
    })
  }

  #keep(configuration: StationConfiguration): void {
    const { remembered } = this.#parts
    if (configuration === remembered.configuration) return
    remembered.setConfiguration(configuration)
    this.#tell(configuration)
  }

  #tell(configuration: StationConfiguration): void {
    this.#parts.on({ kind: 'configured', stationId: this.#parts.stationId, configuration })
  }
}

function changeIn(request: unknown): KeyChange | undefined {
  const key = textAt(request, 'key')
  const value = textAt(request, 'value')
  return key === undefined || value === undefined ? undefined : { key, value }
}

function statusIn(conf: unknown): ChangeStatus | undefined {
  const status = textAt(conf, 'status')
  return status === 'Accepted' ||
    status === 'RebootRequired' ||
    status === 'Rejected' ||
    status === 'NotSupported'
    ? status
    : undefined
}
