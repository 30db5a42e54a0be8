/**
 * Whether a station is in: what the CSMS said to its BootNotification, live or replayed, and what it is told here
 * while the CSMS is away. OCPP 1.6 §4.2; proxy rules 6, 9, 13; errata 3.8.
 */
import { type Answer, result } from '../../core/answer.js'
import { integerAt, textAt } from '../../core/fields.js'
import type { StationMemory } from '../../core/offline/records.js'
import type { SessionParts } from '../session-parts.js'
import { bootInfoOf } from '../station/observe.js'
import { isoTime } from '../wire/payload.js'

/** A station the CSMS has never accepted asks again this soon. */
const PENDING_INTERVAL_S = 10
/** Where the CSMS has never said. */
const DEFAULT_INTERVAL_S = 300
/** So many refusals of its boot, and the CSMS does not want this station's sessions (proxy rule 13). */
const MAX_REFUSALS = 3

export interface BootMessage {
  readonly payloadText: string
  readonly payload: unknown
}

export class Boot {
  readonly #parts: SessionParts
  readonly #onAccepted: () => void
  /** Who answered its boot on this connection with anything but Accepted. */
  #keptWaitingBy: 'csms' | 'here' | undefined
  #refusals = 0
  /** Accepted, and to be told here once the station has its answer. */
  #unannounced: BootMessage | undefined

  constructor(parts: SessionParts, onAccepted: () => void) {
    this.#parts = parts
    this.#onAccepted = onAccepted
  }

  /** Its boot on this connection was not accepted: nothing else is answered here (errata 3.8). */
  get isKeptWaiting(): boolean {
    return this.#keptWaitingBy !== undefined
  }

  /** Nor goes anything up; but where the CSMS itself keeps it waiting, the CSMS judges what else comes (proxy rule 2). */
  get isHeldBack(): boolean {
    return this.#keptWaitingBy === 'here' || (this.#keptWaitingBy === 'csms' && !this.#parts.upstream.usable)
  }

  /** The CSMS refuses it again and again: no new sessions are authorized here. */
  get isUnwelcome(): boolean {
    return this.#refusals >= MAX_REFUSALS
  }

  stationGone(): void {
    this.#keptWaitingBy = undefined
    this.#unannounced = undefined
  }

  /** What the CSMS said. `isLive`: the station gets this very conf. */
  judged(boot: BootMessage, conf: unknown, isLive: boolean): void {
    const status = textAt(conf, 'status')
    const intervalS = integerAt(conf, 'interval')
    if (isLive) this.#keptWaitingBy = status === 'Accepted' ? undefined : 'csms'
    if (status !== 'Accepted') {
      this.#refusals = status === 'Rejected' ? this.#refusals + 1 : 0
      return
    }
    this.#refusals = 0
    this.#parts.remembered.update({
      accepted: true,
      bootDue: false,
      boot: keptBoot(boot),
      ...(intervalS === undefined ? {} : { intervalS }),
    })
    this.#onAccepted()
    if (isLive) this.#unannounced = boot
  }

  /** Accepted where it was accepted before, or where Busbar is the Central System; else Pending. */
  answerHere(boot: BootMessage): Answer {
    const { remembered, upstream, ports } = this.#parts
    const currentTime = isoTime(ports.clock.wallMs())
    const isAlone = upstream.state === 'none'
    const wasAccepted = isAlone || remembered.memory.accepted
    const accepted = wasAccepted || remembered.policy.commissionOffline
    remembered.update({ boot: keptBoot(boot), accepted: wasAccepted, bootDue: !isAlone })
    this.#keptWaitingBy = accepted ? undefined : 'here'
    if (!accepted) return result({ status: 'Pending', currentTime, interval: PENDING_INTERVAL_S })
    this.#onAccepted()
    this.#unannounced = boot
    const interval = remembered.memory.intervalS ?? DEFAULT_INTERVAL_S
    return result({ status: 'Accepted', currentTime, interval })
  }

  /** The answer to its boot has left: now it may be sent CALLs (OCPP 1.6 §4.2). */
  answered(): void {
    const boot = this.#unannounced
    if (boot === undefined) return
    this.#unannounced = undefined
    const { configuration, stationId } = this.#parts
    this.#parts.on({ kind: 'booted', stationId, info: bootInfoOf(boot.payload) })
    configuration.begin()
  }
}

/** Ten times the longest the standard allows; a longer one is kept as what it says of itself. */
const MAX_KEPT_CHARS = 4_000

function keptBoot({ payload, payloadText }: BootMessage): NonNullable<StationMemory['boot']> {
  const info = bootInfoOf(payload)
  if (payloadText.length <= MAX_KEPT_CHARS) return { payloadText, info }
  const { vendor, model, serialNumber, firmware } = info
  const short = {
    chargePointVendor: vendor,
    chargePointModel: model,
    chargePointSerialNumber: serialNumber,
    firmwareVersion: firmware,
  }
  return { payloadText: JSON.stringify(short), info }
}
