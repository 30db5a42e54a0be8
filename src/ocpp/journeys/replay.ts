/**
 * What the CSMS is told first when it is back: the boot it missed and must accept, then statuses that differ, then
 * the newest of what is only kept; the transaction queue follows. Proxy rules 3, 13; facts/ocpp16.md §4.3.
 */
import type { CallOutcome } from '../../core/answer.js'
import { integerAt, textAt } from '../../core/fields.js'
import { unsetTimes } from '../../core/offline/unset-times.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { cutKey } from '../wire/edits.js'
import { parsePayload } from '../wire/payload.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'
import type { Boot } from './boot.js'
import type { FromStation } from './from-station.js'

/** Boot again after this when the CSMS gave no interval or no answer. */
const BOOT_RETRY_S = 30
/** No CSMS needs to wait longer than this for a station that wants in. */
const MAX_BOOT_RETRY_S = 3600

export class Replay {
  readonly #parts: SessionParts
  readonly #boot: Boot
  readonly #fromStation: FromStation
  readonly #done: () => void
  #retry: Timer | undefined

  /** `done` when live messages may flow: boot accepted, statuses on their way. */
  constructor(parts: SessionParts, boot: Boot, fromStation: FromStation, done: () => void) {
    this.#boot = boot
    this.#parts = parts
    this.#fromStation = fromStation
    this.#done = done
  }

  /** The upstream can be used. */
  begin(): void {
    this.stop()
    const { upstream, remembered } = this.#parts
    const isOwed = remembered.memory.bootDue && remembered.memory.boot !== undefined
    if (isOwed && !this.#fromStation.holdsBoot) {
      upstream.holdForBoot(true)
      this.#sendBoot()
      return
    }
    this.#afterBoot()
  }

  stop(): void {
    this.#retry?.cancel()
    this.#retry = undefined
  }

  #sendBoot(): void {
    const { upstream, remembered } = this.#parts
    const payloadText = remembered.memory.boot?.payloadText ?? '{}'
    upstream.send(
      { action: 'BootNotification', payloadText, timeoutMs: CSMS_SLOT_MS, urgency: 'first' },
      outcome => this.#bootOutcome(payloadText, outcome),
    )
  }

  #bootOutcome(payloadText: string, outcome: CallOutcome): void {
    const { upstream } = this.#parts
    if (outcome.kind === 'closed') return
    if (outcome.kind !== 'result') {
      this.#bootLater(BOOT_RETRY_S)
      return
    }
    const conf = parsePayload(outcome.payloadText)
    const status = textAt(conf, 'status')
    const intervalS = integerAt(conf, 'interval')
    this.#boot.judged({ payloadText, payload: parsePayload(payloadText) }, conf, false)
    if (status === 'Accepted') {
      upstream.holdForBoot(false)
      this.#afterBoot()
    } else this.#bootLater(intervalS !== undefined && intervalS > 0 ? intervalS : BOOT_RETRY_S)
  }

  #bootLater(afterS: number): void {
    this.stop()
    this.#retry = this.#parts.ports.clock.after(Math.min(afterS, MAX_BOOT_RETRY_S) * 1000, () => {
      this.#retry = undefined
      this.#sendBoot()
    })
  }

  #afterBoot(): void {
    // a station that is not here has no present status
    if (this.#parts.down() !== undefined) {
      this.#sendStatuses()
      this.#sendKept()
    }
    this.#done()
  }

  #sendStatuses(): void {
    const { upstream, remembered } = this.#parts
    for (const { connectorId, notice } of remembered.dueStatuses()) {
      if (this.#fromStation.isOnItsWay(notice)) continue
      const payloadText = withoutUnsetTime(notice.payloadText)
      const call = { action: 'StatusNotification', payloadText, timeoutMs: CSMS_SLOT_MS }
      upstream.send(call, outcome => {
        // an error is an answer too: repeating the same status would not change it
        if (outcome.kind === 'result' || outcome.kind === 'error')
          remembered.acknowledgeStatus(connectorId, notice)
      })
    }
  }

  #sendKept(): void {
    const { upstream, remembered } = this.#parts
    for (const [action, payloadText] of Object.entries(remembered.memory.kept)) {
      upstream.send({ action, payloadText, timeoutMs: CSMS_SLOT_MS }, outcome => {
        if (outcome.kind === 'result' || outcome.kind === 'error')
          remembered.deliveredLast(action, payloadText)
      })
    }
  }
}

/** Of a clock that was not set; a StatusNotification needs none (OCPP 1.6 §6.47). */
function withoutUnsetTime(payloadText: string): string {
  return unsetTimes(parsePayload(payloadText)).length === 0 ? payloadText : cutKey(payloadText, 'timestamp')
}
