/**
 * One station, for as long as the process runs: its connection when it is there, its way to the CSMS, and the four
 * journeys between them. Wiring only; the rules are in the journeys. One live socket per identity (I5).
 */
import type { CallOutcome } from '../core/answer.js'
import type { Leniency } from '../core/config/leniencies.js'
import type { TryOutcome } from '../core/events.js'
import { textAt } from '../core/fields.js'
import type { StoredStation } from '../core/offline/records.js'
import type { Secrets } from '../ports.js'
import { type Credentials, Upstream, type UpstreamOptions } from './csms/upstream.js'
import type { KeyRestored, OwnCall, StationBacklog, StationLinkState } from './edge.js'
import { Boot } from './journeys/boot.js'
import { BootAsk } from './journeys/boot-ask.js'
import { ConfigurationJourney } from './journeys/configuration.js'
import { FromCsms } from './journeys/from-csms.js'
import { FromStation } from './journeys/from-station.js'
import { Provoked } from './journeys/provoked.js'
import { Replay } from './journeys/replay.js'
import { StationCertificate } from './journeys/station-certificate.js'
import { Repairs } from './repairs.js'
import { countFrame, type SessionParts } from './session-parts.js'
import { CredentialProof } from './station/credential-proof.js'
import { isStatus } from './station/observe.js'
import type { RefusedList } from './station/refused-list.js'
import type { AcceptedStation } from './station/station-server.js'
import { TransactionEffects } from './transactions/effects.js'
import type { Resend } from './transactions/letters.js'
import { TransactionQueue } from './transactions/queue.js'
import { type CallLeg, openLeg } from './wire/call-leg.js'
import type { IncomingCall } from './wire/leg.js'
import { parsePayload } from './wire/payload.js'
import { MAX_FRAME_BYTES, MAX_TEXT_BYTES_BEFORE_BOOT } from './wire/socket-rules.js'

export interface SessionOptions {
  readonly parts: Omit<
    SessionParts,
    'upstream' | 'configuration' | 'provoked' | 'down' | 'isProven' | 'isAuthenticated' | 'certificate'
  >
  readonly stored: StoredStation
  readonly leniency: ReadonlySet<Leniency>
  readonly openLink: UpstreamOptions['openLink']
  readonly secrets: Pick<Secrets, 'token' | 'digest'>
  readonly refused: Pick<RefusedList, 'note' | 'acceptedByCsms'>
  /** Of the password kept here; the station's own header is used where there is none. */
  authorization(): string | undefined
  newMessageId(): string
}

export class StationSession {
  readonly #options: SessionOptions
  readonly #parts: SessionParts
  readonly #configuration: ConfigurationJourney
  readonly #upstream: Upstream
  readonly #effects: TransactionEffects
  readonly #queue: TransactionQueue
  readonly #proof: CredentialProof
  readonly #fromStation: FromStation
  readonly #fromCsms: FromCsms
  readonly #replay: Replay
  readonly #bootAsk: BootAsk
  #leg: CallLeg | undefined
  #sinceWallMs: number
  /** Of the last connection the CSMS has let in, for the drain after the station has gone. */
  #passed: Credentials = { authorization: undefined, through: undefined }
  /** Of the connection there is. */
  #newcomer: AcceptedStation | undefined
  #isAdmitted = false
  readonly #repairs: Repairs
  #isRestored = false
  #isStopping = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { parts, stored } = options
    this.#repairs = new Repairs(parts, options.leniency)
    this.#sinceWallMs = parts.ports.clock.wallMs()
    this.#upstream = new Upstream({
      clock: parts.ports.clock,
      openLink: options.openLink,
      onOpen: () => this.#opened(),
      onRefused: () => this.#refusedByCsms(),
      onAway: () => this.#away(),
      onState: state => {
        this.#fromStation.upstream(state === 'away')
        parts.on({ kind: 'upstream', stationId: parts.stationId, state })
      },
      onCall: (call, leg) => this.#fromCsms.handle(call, answer => leg.answer(call.messageId, answer)),
    })
    this.#proof = new CredentialProof({
      secrets: options.secrets,
      isJudgedHere: () => options.openLink === undefined || parts.holdsPassword(),
      isUnclear: () => parts.arePasswordsLost() && this.#newcomer?.authenticated !== true,
      kept: () => parts.remembered.memory.credential,
      keep: credential => parts.remembered.keepCredential(credential),
    })
    const shared = {
      ...parts,
      upstream: this.#upstream,
      provoked: new Provoked(parts.ports.clock),
      down: () => (this.#proof.isProven ? this.#leg : undefined),
      isProven: () => this.#proof.isProven,
      isAuthenticated: () => this.#newcomer?.authenticated === true,
    }
    const certificate = new StationCertificate(shared)
    this.#configuration = new ConfigurationJourney({ ...shared, certificate })
    this.#parts = { ...shared, certificate, configuration: this.#configuration }
    this.#effects = new TransactionEffects(this.#parts, stored.energy)
    this.#queue = new TransactionQueue(this.#parts, this.#effects, stored, () => this.#drained())
    const boot = new Boot(this.#parts, () => this.#accepted())
    this.#fromStation = new FromStation(this.#parts, boot, this.#queue, () => {
      if (this.#upstream.usable) this.#replay.begin()
    })
    this.#fromCsms = new FromCsms(this.#parts)
    this.#bootAsk = new BootAsk(this.#parts)
    this.#replay = new Replay(this.#parts, boot, this.#fromStation, () => {
      this.#fromStation.release()
      this.#queue.pump()
    })
  }

  /** After a restart: what lies in the journal goes up without waiting for the station. */
  resume(): void {
    if (this.#queue.waiting() > 0) this.#connectUpstream()
  }

  connected(station: AcceptedStation): void {
    const { ports, remembered, counters } = this.#parts
    const leg: CallLeg = openLeg({
      socket: station.socket,
      clock: ports.clock,
      log: ports.log,
      newMessageId: () => this.#options.newMessageId(),
      onFrame: kind => countFrame(counters, kind),
      limits: { room: this.#parts.room },
      handlers: {
        call: call => this.#fromStationCall(leg, call),
        closed: () => this.#gone(leg),
      },
    })
    leg.maxTextBytes = remembered.memory.accepted ? MAX_FRAME_BYTES : MAX_TEXT_BYTES_BEFORE_BOOT
    this.#leg = leg
    this.#repairs.connected()
    this.#sinceWallMs = ports.clock.wallMs()
    this.#newcomer = station
    this.#notePassing(station.authorization !== undefined)
    this.#proof.connected(station.authorization)
    station.attach(leg.wire)
    if (this.#proof.isProven) this.#admit()
    this.#connectUpstream()
    // the link may be open already, to drain the journal
    if (this.#upstream.usable) this.#opened()
  }

  /** It is the station it says: from here on it is one that is there. */
  #admit(): void {
    if (this.#isAdmitted) return
    this.#isAdmitted = true
    const { stationId } = this.#parts
    this.#parts.on({ kind: 'connected', stationId })
    this.#parts.mirrors?.here(this.#newcomer?.via)
    this.#restore()
    this.#parts.configuration.reconnected()
    this.#bootAsk.begin()
    for (const record of this.#parts.book.unfinished(stationId)) {
      if (record.state === 'open') this.#effects.stationBack(record)
    }
  }

  call(call: OwnCall, done: (outcome: CallOutcome) => void): void {
    const leg = this.#parts.down()
    if (leg === undefined) {
      done({ kind: 'closed' })
      return
    }
    const { payload, ...rest } = call
    if (call.action === 'TriggerMessage') this.#parts.provoked.ours(payload)
    leg.call({ ...rest, payloadText: JSON.stringify(payload) }, done)
  }

  /** An operator's command, checked before; `closed` when the station is not connected. */
  command(action: string, payload: unknown): Promise<CallOutcome> {
    if (this.#parts.down() === undefined) return Promise.resolve({ kind: 'closed' })
    const call = { messageId: '""', action, payload, payloadText: JSON.stringify(payload) }
    return new Promise(done => this.#fromCsms.command(call, done))
  }

  state(): StationLinkState {
    return {
      connected: this.#parts.down() !== undefined,
      sinceWallMs: this.#sinceWallMs,
      upstream: this.#upstream.state,
      csms: this.#upstream.status(),
      boot: this.#parts.remembered.memory.boot?.info,
    }
  }

  /** Keys that Busbar has changed go back to what was found; gives what the station said to each. */
  release(): Promise<readonly KeyRestored[]> {
    return this.#configuration.release()
  }

  takeBack(): void {
    this.#configuration.takeBack()
  }

  /** See Upstream.tryNow. */
  tryCsms(): TryOutcome {
    return this.#upstream.tryNow()
  }

  waiting(): number {
    return this.#queue.waiting()
  }

  drain(): void {
    this.resume()
    this.#queue.pump()
  }

  backlog(): StationBacklog {
    return this.#queue.state()
  }

  /** See Letters.resend. */
  async resend(seq: number, how: Resend): Promise<number> {
    const sent = await this.#queue.letters.resend(seq, how)
    if (sent > 0) this.resume()
    return sent
  }

  /** See Letters.giveUp. */
  giveUp(seq: number, by: string): Promise<number> {
    return this.#queue.letters.giveUp(seq, by)
  }

  hourly(): void {
    const { ports, stationId } = this.#parts
    this.#queue.letters.tick().catch((fault: unknown) => {
      const detail = fault instanceof Error ? fault.message : 'unknown'
      ports.log.write('error', 'dead-letters-not-read', { station: stationId, detail })
    })
  }

  stop(): void {
    this.#isStopping = true
    this.#bootAsk.stop()
    this.#replay.stop()
    this.#queue.stop()
    this.#effects.stop()
    this.#fromStation.stationGone()
    this.#fromCsms.stationGone()
    this.#parts.configuration.stationGone()
    this.#upstream.disconnect()
  }

  /** Ends for good: another session takes over its station, or none does. */
  leave(): void {
    this.stop()
    this.#end(1012, 'the configuration has changed')
  }

  /** The CSMS is at another address. */
  redial(): void {
    if (!this.#upstream.started) return
    this.#upstream.disconnect()
    this.#connectUpstream()
  }

  /** Offline policies are others. */
  reconfigured(): void {
    this.#parts.remembered.reconfigured()
  }

  // ---------------------------------------------------------------- the station

  #fromStationCall(leg: CallLeg, received: IncomingCall): void {
    const call = this.#repairs.repaired(received)
    this.#fromStation.handle(call, answer => {
      if (answer === undefined) leg.forget(call.messageId)
      else leg.answer(call.messageId, answer)
    })
  }

  #gone(leg: CallLeg): void {
    if (this.#leg !== leg) return
    this.#leg = undefined
    this.#sinceWallMs = this.#parts.ports.clock.wallMs()
    this.#bootAsk.stop()
    this.#replay.stop()
    this.#fromStation.stationGone()
    this.#fromCsms.stationGone()
    this.#parts.configuration.stationGone()
    this.#queue.stationGone()
    this.#effects.stationGone()
    // a CALL of a transaction message that is cut off would have to be repeated (proxy rule 15)
    if (!this.#queue.isSending) this.#upstream.disconnect()
    this.#parts.mirrors?.gone()
    if (this.#isAdmitted) this.#parts.on({ kind: 'gone', stationId: this.#parts.stationId })
    this.#isAdmitted = false
    if (this.#queue.waiting() > 0 && !this.#isStopping) this.#connectUpstream()
  }

  /** What was so before the restart still is, until the station says otherwise. */
  #restore(): void {
    if (this.#isRestored) return
    this.#isRestored = true
    const { book, remembered, stationId } = this.#parts
    for (const { connectorId, latest } of remembered.statuses()) {
      const payload = parsePayload(latest.payloadText)
      const status = textAt(payload, 'status')
      const errorCode = textAt(payload, 'errorCode') ?? 'NoError'
      if (isStatus(status)) this.#parts.on({ kind: 'status', stationId, connectorId, status, errorCode })
    }
    for (const record of book.unfinished(stationId)) this.#effects.announce(record)
  }

  #notePassing(passesPassword: boolean): void {
    const { arePasswordsLost, holdsPassword, remembered } = this.#parts
    const known = remembered.memory.passesPassword === true
    if (!holdsPassword() && !arePasswordsLost() && known !== passesPassword)
      remembered.update({ passesPassword })
  }

  #accepted(): void {
    if (this.#leg !== undefined) this.#leg.maxTextBytes = MAX_FRAME_BYTES
  }

  // ---------------------------------------------------------------- the CSMS

  #connectUpstream(): void {
    const credentials = this.#credentials()
    const { credential, passesPassword } = this.#parts.remembered.memory
    // those of a station that passes its own are not known before it is here: it would be refused, or be somebody else
    const passesItsOwn = credential !== undefined || passesPassword === true || this.#parts.arePasswordsLost()
    const areUnknown = credentials.authorization === undefined && passesItsOwn
    if (areUnknown && this.#leg === undefined) return
    this.#upstream.connect(credentials)
  }

  #credentials(): Credentials {
    const presented = { authorization: this.#newcomer?.authorization, through: this.#newcomer?.via }
    const passed = this.#leg === undefined ? this.#passed : presented
    return { ...passed, authorization: this.#options.authorization() ?? passed.authorization }
  }

  #opened(): void {
    if (this.#leg !== undefined) {
      this.#proof.accepted()
      if (this.#newcomer?.authorization !== undefined) this.#newcomer.proven()
      this.#passed = { authorization: this.#newcomer?.authorization, through: this.#newcomer?.via }
      this.#options.refused.acceptedByCsms(this.#parts.stationId)
      this.#admit()
      this.#fromStation.proven()
      this.#fromCsms.linkOpened()
    }
    this.#replay.begin()
  }

  /** It is not away: it does not want this station, and neither is there anything for it here (proxy rule 8). */
  #refusedByCsms(): void {
    const { ports, stationId } = this.#parts
    if (this.#leg === undefined) return
    this.#proof.refused()
    this.#options.refused.note({
      stationId,
      rawPath: '',
      reason: 'csms-refused',
      remote: this.#newcomer?.remote ?? '',
    })
    this.#end(1008, 'refused by the CSMS')
    ports.log.write('warn', 'csms-refuses-station', { station: stationId })
  }

  #end(code: number, reason: string): void {
    const leg = this.#leg
    if (leg === undefined) return
    leg.close(code, reason)
    this.#gone(leg)
  }

  #away(): void {
    this.#replay.stop()
    if (this.#leg !== undefined && !this.#proof.isProven) {
      // the CSMS alone could say who this is
      this.#parts.ports.log.write('warn', 'station-not-proven', { station: this.#parts.stationId })
      this.#end(1013, 'the CSMS is away')
      return
    }
    this.#fromStation.answerAllHere()
    this.#queue.answerAllHere()
  }

  /** The journal is empty: a station that is gone is gone for the CSMS too (proxy rule 5). */
  #drained(): void {
    if (this.#leg === undefined && this.#upstream.started) this.#upstream.disconnect()
  }
}
