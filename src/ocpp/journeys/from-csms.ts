/**
 * Journey of a CALL from the CSMS: charging profiles go to the desk, ids are mapped to the station's, everything else
 * reaches the station unchanged and its answer goes back unchanged. Proxy rules 1, 5, 13; control rule 8.
 */
import { type Answer, type CallOutcome, callError, result } from '../../core/answer.js'
import { fieldsAt, integerAt, isFields, textAt } from '../../core/fields.js'
import { FROM_CSMS, type Mirror } from '../../core/policy/from-csms.js'
import { judgeChange, type KeyVerdict } from '../../core/policy/guarded-keys.js'
import { lacksLocalList } from '../../core/station/configuration.js'
import type { SessionParts } from '../session-parts.js'
import { Damper, type Pace } from '../wire/damper.js'
import { cutKey } from '../wire/edits.js'
import type { IncomingCall } from '../wire/leg.js'
import { parsePayload } from '../wire/payload.js'
import { replaceAt } from '../wire/splice.js'
import { stationTimeoutMs } from '../wire/waits.js'
import { changePassword } from './password-change.js'
import { UpliftJourney } from './uplift.js'

/** Whoever sets a station up resets it a few times. */
const BOOT_ORDERS: Pace = { burst: 20, everyMs: 60_000 }
const REJECTED: Answer = result({ status: 'Rejected' })

/** `raw`: what really came of it, where the answer had to be made up for a CSMS that waits for one. */
type Send = (answer: Answer, raw?: CallOutcome) => void
/** Who wants something of the station. */
type Commander = 'csms' | 'operator'

export class FromCsms {
  readonly #parts: SessionParts
  readonly #boots: Damper
  readonly #uplift: UpliftJourney

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#boots = new Damper(parts.ports.clock, BOOT_ORDERS)
    this.#uplift = new UpliftJourney(parts)
  }

  linkOpened(): void {
    this.#uplift.linkOpened()
  }

  stationGone(): void {
    this.#uplift.stationGone()
  }

  handle(call: IncomingCall, send: Send): void {
    this.#parts.counters.callsFromCsms++
    this.#route(call, 'csms', send)
  }

  /** An operator's command: the same way, with the transaction ids the station knows and no CSMS to wait for. */
  command(call: IncomingCall, done: (outcome: CallOutcome) => void): void {
    this.#route(call, 'operator', (answer, raw) => done(raw ?? answer))
  }

  #route(call: IncomingCall, by: Commander, send: Send): void {
    const row = FROM_CSMS.get(call.action)
    if (this.#parts.down() === undefined) {
      send(
        row?.gone === undefined
          ? callError('GenericError', 'station is not connected')
          : result({ status: row.gone }),
      )
      return
    }
    switch (row?.route) {
      case 'set-profile':
      case 'clear-profile':
      case 'composite':
        if (!this.#parts.isDrivenByCsms) this.#desk(call, by, send)
        else if (row.route === 'composite' || this.#isHandedOver()) this.#profileThrough(call, by, send)
        else send(result({ status: row.route === 'clear-profile' ? 'Unknown' : 'Rejected' }))
        break
      case 'remote-start':
        if (this.#mustWait(by)) send(REJECTED)
        else this.#remoteStart(call, send)
        break
      case 'remote-stop':
        if (this.#mustWait(by)) send(REJECTED)
        else this.#remoteStop(call, by, send)
        break
      case 'send-list':
      case 'list-version':
        if (by === 'csms' && this.#keepsList()) this.#listHere(call, send)
        else this.#plain(call, by, send)
        break
      case 'forward':
      case undefined: {
        const forward = () => this.#plain(call, by, send)
        if (by === 'operator' || !this.#uplift.takes(call, send, forward)) forward()
        break
      }
    }
  }

  /** What goes to the station as it came, unless it is not to. */
  #plain(call: IncomingCall, by: Commander, send: Send): void {
    const verdict = this.#judge(call, by)
    if (verdict.kind === 'password') {
      changePassword(this.#parts, { value: verdict.value, by }, send, done =>
        this.#forward(call, call.payloadText, done, outcome => outcome),
      )
      return
    }
    if (verdict.kind === 'refuse' || this.#isTooOften(call)) {
      send(REJECTED)
      return
    }
    if (call.action.endsWith('TriggerMessage')) this.#parts.provoked.others(call.payload)
    const requested = textAt(call.payload, 'requestedMessage')
    if (requested === 'MeterValues') this.#parts.configuration.askedForMeterValues()
    if (requested === 'SignChargePointCertificate' && by === 'operator') this.#parts.certificate.ordered()
    const mirror = FROM_CSMS.get(call.action)?.mirror ?? 'nothing'
    this.#forward(call, call.payloadText, send, outcome => {
      if (outcome.kind !== 'result') return outcome
      const forCsms = this.#mirror(mirror, call.payload, outcome.payloadText)
      const isRead = by === 'csms' && mirror === 'keys-read'
      const payloadText = isRead ? this.#uplift.read(call.payload, forCsms) : forCsms
      return by === 'csms' ? { ...outcome, payloadText } : outcome
    })
  }

  /** It says what it can, and a local list is not among it; nor is it driven by its CSMS, which is to see just that. */
  #keepsList(): boolean {
    const { isDrivenByCsms, remembered } = this.#parts
    return !isDrivenByCsms && lacksLocalList(remembered.configuration)
  }

  #listHere({ action, payload }: IncomingCall, send: Send): void {
    const { tags } = this.#parts.remembered
    if (action === 'GetLocalListVersion') send(result({ listVersion: tags.listVersion }))
    else send(result({ status: tags.sendLocalListHere(payload) }))
  }

  /** A CSMS that has not accepted the station yet may not start or stop anything there (proxy rule 13). */
  #mustWait(by: Commander): boolean {
    return by === 'csms' && this.#parts.upstream.bootGate
  }

  #judge(call: IncomingCall, by: Commander): KeyVerdict {
    const { doors, guardedKeys, holdsPassword, ports, security, stationId, upstream } = this.#parts
    const verdict = judgeChange(call, guardedKeys, {
      by,
      judgesPassword: holdsPassword() || upstream.state === 'none',
      leastProfile: security.leastProfileOf(stationId),
      doors,
    })
    if (verdict.kind === 'pass') return verdict
    const events = {
      refuse: 'key change refused',
      audit: 'key change affects limits or security',
      password: 'password change',
    }
    ports.log.write('warn', events[verdict.kind], { station: stationId, key: verdict.key, by })
    return verdict
  }

  /** A station that is made to boot again and again never charges. */
  #isTooOften({ action, payload }: IncomingCall): boolean {
    const provokes = action === 'Reset' || textAt(payload, 'requestedMessage') === 'BootNotification'
    if (!provokes || this.#boots.pass()) return false
    const { counters, ports, stationId } = this.#parts
    counters.damped++
    ports.log.write('warn', 'order-refused-too-often', { station: stationId, action })
    return true
  }

  /** Keeps what a conf of the station says about keys, list and cache; gives the conf as the CSMS is to read it. */
  #mirror(mirror: Mirror, request: unknown, confText: string): string {
    if (mirror === 'nothing') return confText
    const { configuration, remembered } = this.#parts
    const conf = parsePayload(confText)
    const isAccepted = textAt(conf, 'status') === 'Accepted'
    switch (mirror) {
      case 'keys-read':
        return configuration.readByOthers(confText)
      case 'key-set':
        // a password is kept nowhere but in secrets.json
        if (textAt(request, 'key')?.toLowerCase() !== 'authorizationkey')
          configuration.changedByOthers(request, conf)
        return confText
      case 'local-list':
        if (isAccepted) remembered.tags.noteLocalList(request)
        return confText
      case 'cache-cleared':
        if (isAccepted) remembered.update({ cacheClearedWallMs: this.#parts.ports.clock.wallMs() })
        return confText
      case 'reserved':
        if (isAccepted) remembered.tags.noteReservation(request)
        return confText
      case 'reservation-cancelled':
        if (isAccepted) remembered.tags.reservationOver(integerAt(request, 'reservationId'))
        return confText
    }
  }

  /** `seen` reads what came of it and gives what is to be passed on. */
  #forward(
    call: IncomingCall,
    payloadText: string,
    send: Send,
    seen: (outcome: CallOutcome) => CallOutcome,
  ): void {
    const leg = this.#parts.down()
    if (leg === undefined) {
      send(callError('GenericError', 'station is not connected'))
      return
    }
    leg.call({ action: call.action, payloadText, timeoutMs: stationTimeoutMs(payloadText) }, came => {
      const outcome = seen(came)
      switch (outcome.kind) {
        case 'result':
        case 'error':
          send(outcome)
          break
        case 'timeout':
          send(callError('GenericError', 'the station did not answer in time'), outcome)
          break
        case 'closed':
          send(callError('GenericError', 'the station disconnected'), outcome)
          break
      }
    })
  }

  #desk(call: IncomingCall, by: Commander, send: Send): void {
    const { desk, stationId } = this.#parts
    switch (call.action) {
      case 'SetChargingProfile': {
        const payload = this.#withStationId(call.payload, by)
        if (payload === undefined) send(REJECTED)
        else this.#settle(desk.setChargingProfile(stationId, payload), send)
        break
      }
      case 'ClearChargingProfile':
        this.#settle(desk.clearChargingProfile(stationId, call.payload), send)
        break
      default:
        this.#settle(desk.getCompositeSchedule(stationId, call.payload), send)
    }
  }

  /** Until its circuits carry it at its maximum, what Busbar laid there keeps it low, and is not to be outbid. */
  #isHandedOver(): boolean {
    const { desk, stationId } = this.#parts
    return desk.isHandedOver(stationId)
  }

  /** As it came, but for the transaction as the station knows it; one that nobody here knows is the station's to judge. */
  #profileThrough(call: IncomingCall, by: Commander, send: Send): void {
    const id = integerAt(fieldsAt(call.payload, 'csChargingProfiles'), 'transactionId')
    const stationId = id === undefined ? undefined : this.#stationsId(id, by)
    if (id === stationId) this.#forward(call, call.payloadText, send, outcome => outcome)
    else if (stationId === undefined) send(REJECTED)
    else {
      const path = ['csChargingProfiles', 'transactionId']
      const payloadText = replaceAt(call.payloadText, path, String(stationId))
      this.#forward(call, payloadText, send, outcome => outcome)
    }
  }

  /**
   * The id to be used on the station that is driven from elsewhere; undefined where the same number means another transaction
   * there.
   */
  #stationsId(id: number, by: Commander): number | undefined {
    const record = this.#openTransaction(id, by)
    if (record !== undefined) return record.transactionId
    const { book, stationId } = this.#parts
    return book.byStationId(stationId, id)?.state === 'open' ? undefined : id
  }

  /** SetChargingProfile with the transaction as the station knows it; undefined when no such transaction runs. */
  #withStationId(payload: unknown, by: Commander): unknown {
    const profile = fieldsAt(payload, 'csChargingProfiles')
    const csmsId = integerAt(profile, 'transactionId')
    if (csmsId === undefined || !isFields(payload)) return payload
    const record = this.#openTransaction(csmsId, by)
    if (record === undefined) return undefined
    return { ...payload, csChargingProfiles: { ...profile, transactionId: record.transactionId } }
  }

  #remoteStop(call: IncomingCall, by: Commander, send: Send): void {
    const csmsId = integerAt(call.payload, 'transactionId')
    const transactionId = csmsId === undefined ? undefined : this.#idToStop(csmsId, by)
    if (transactionId === undefined) {
      send(REJECTED)
      return
    }
    const payloadText =
      isFields(call.payload) && call.payload.transactionId === transactionId
        ? call.payloadText
        : replaceAt(call.payloadText, ['transactionId'], String(transactionId))
    this.#forward(call, payloadText, send, outcome => outcome)
  }

  #idToStop(id: number, by: Commander): number | undefined {
    return this.#parts.isDrivenByCsms
      ? this.#stationsId(id, by)
      : this.#openTransaction(id, by)?.transactionId
  }

  /** `id` as the commander knows it: the CSMS by its own ids, an operator by what the page shows. */
  #openTransaction(id: number, by: Commander): { readonly transactionId: number } | undefined {
    const { book, stationId } = this.#parts
    const record = by === 'csms' ? book.byCsmsId(stationId, id) : book.byStationId(stationId, id)
    return record?.state === 'open' ? record : undefined
  }

  #remoteStart(call: IncomingCall, send: Send): void {
    const { desk, stationId } = this.#parts
    const { payload } = call
    const profile = isFields(payload) ? payload.chargingProfile : undefined
    const { isDrivenByCsms } = this.#parts
    if (profile !== undefined && isDrivenByCsms && !this.#isHandedOver()) {
      send(REJECTED)
      return
    }
    if (profile === undefined || isDrivenByCsms) {
      this.#forward(call, call.payloadText, send, outcome => outcome)
      return
    }
    const idTag = textAt(payload, 'idTag') ?? ''
    const offered = desk.offerRemoteStartProfile(stationId, idTag, integerAt(payload, 'connectorId'), profile)
    this.#guard(offered, send, refusal => {
      if (refusal !== undefined) {
        send(refusal)
        return
      }
      this.#forward(call, cutKey(call.payloadText, 'chargingProfile'), send, outcome => {
        const isTaken =
          outcome.kind === 'result' && textAt(parsePayload(outcome.payloadText), 'status') === 'Accepted'
        if (!isTaken) desk.dropRemoteStartProfile(stationId, idTag)
        return outcome
      })
    })
  }

  #settle(judged: Promise<Answer>, send: Send): void {
    this.#guard(judged, send, answer => send(answer))
  }

  #guard<T>(judged: Promise<T>, send: Send, then: (value: T) => void): void {
    judged.then(then).catch((fault: unknown) => {
      const detail = fault instanceof Error ? fault.message : 'unknown'
      this.#parts.ports.log.write('error', 'smart-charging-failed', {
        station: this.#parts.stationId,
        detail,
      })
      send(callError('InternalError', 'smart charging failed'))
    })
  }
}
