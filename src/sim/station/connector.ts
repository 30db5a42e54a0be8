/**
 * One connector of a simulated station: cable, authorisation, transaction, availability, reservation, and the status
 * that follows from them (OCPP 1.6 §3.8, §4.9, §5.2, §5.11, §5.13). Survives a reboot of its station, as flash would.
 * Must not know sockets; the station carries its messages.
 */
import type { ConnectorStatus } from '../../core/events.js'
import type { PerPhase } from '../../core/site/phases.js'
import { type Car, LEAST_CURRENT_A } from '../car.js'
import { Admission, type AdmissionHost } from './admission.js'
import { type ConnectorElectrics, voltsOf } from './composite.js'
import { Outlet, wantsEnergy } from './outlet.js'
import type { ProfileTransaction } from './profiles.js'
import type { StationProfile } from './requests.js'
import { Reservation, type ReserveNow } from './reservation.js'
import { type Grant, type StopReason, sampleOf, Transaction, type TransactionHost } from './transaction.js'

/** What a connector needs of its station. */
export interface ConnectorHost extends TransactionHost, AdmissionHost {
  readonly fixedCable: boolean
  /** A message that is lost while offline. */
  sendNow(action: string, payload: object): void
  statusChanged(connectorId: number): void
  /** A transaction began or ended: the others' part of the ChargePointMaxProfile changed. */
  chargingChanged(): void
  /** The idTag that the car itself is, where the station goes by that. */
  tagOfCar(evccId: string | undefined): string | undefined
  /** Somebody is there. */
  touched(): void
}

export interface ConnectorOptions extends ConnectorElectrics {
  readonly acceptMs: number
  readonly pilotHoldMs: number
}

export class Connector {
  readonly electrics: ConnectorElectrics
  private readonly outlet: Outlet
  private session: Transaction | undefined
  private readonly admission: Admission
  private readonly reservation: Reservation
  private operative = true
  private scheduledOperative: boolean | undefined
  private finishing = false
  /** The car is gone, its cable is still in the socket. */
  private cableLocked = false
  private fault: string | undefined
  private lastStatus: ConnectorStatus = 'Available'

  constructor(
    private readonly host: ConnectorHost,
    options: ConnectorOptions,
  ) {
    this.electrics = options
    this.admission = new Admission(host, () => this.update())
    this.reservation = new Reservation({
      clock: host.clock,
      wallMs: () => host.wallMs(),
      ended: () => this.update(),
    })
    this.outlet = new Outlet({
      clock: host.clock,
      wiredPhases: options.wiredPhases,
      voltageV: voltsOf(options),
      acceptMs: options.acceptMs,
      pilotHoldMs: options.pilotHoldMs,
      changed: () => this.update(),
    })
  }

  get id(): number {
    return this.electrics.connectorId
  }

  // ------------------------------------------------------------ what is seen

  status(): ConnectorStatus {
    if (this.fault !== undefined) return 'Faulted'
    if (this.session) return this.chargingStatus()
    if (!this.operative) return 'Unavailable'
    if (this.outlet.car() || this.cableLocked) return this.finishing ? 'Finishing' : 'Preparing'
    if (this.admission.isGiven()) return 'Preparing'
    return this.reservation.current() ? 'Reserved' : 'Available'
  }

  errorCode(): string {
    return this.fault ?? 'NoError'
  }

  /** The running transaction as profiles see it. */
  transaction(): ProfileTransaction | undefined {
    return this.session?.forProfiles()
  }

  /** True current, in the connector's own phase order. */
  flowA(): PerPhase {
    return this.outlet.flowA()
  }

  /** What the pilot signal shows the car; 0 = paused or no transaction. */
  pilotA(): number {
    return this.outlet.pilotA()
  }

  /** What its profiles let a car take, which the pilot is to show; 0 = paused or no transaction. */
  offeredA(): number {
    return this.outlet.offeredA()
  }

  car(): Car | undefined {
    return this.outlet.car()
  }

  switchPhases(phases: Car['phases']): void {
    this.outlet.switchPhases(phases)
  }

  // ------------------------------------------------------------ the driver

  plugIn(car: Car): void {
    this.host.touched()
    this.outlet.plug(car)
    this.finishing = false
    this.startIfReady()
    this.update()
    const own = this.session === undefined ? this.host.tagOfCar(car.spec.evccId) : undefined
    if (own !== undefined) this.presentTag(own)
  }

  /**
   * The cable leaves the car. EVDisconnected ends the transaction unless StopTransactionOnEVSideDisconnect is false;
   * a cable of the driver's own stays locked until UnlockConnector where UnlockConnectorOnEVSideDisconnect is false.
   */
  unplug(): void {
    this.host.touched()
    const { configuration } = this.host
    const ran = this.session !== undefined
    if (configuration.flag('StopTransactionOnEVSideDisconnect', true)) this.endTransaction('EVDisconnected')
    const unlocks = this.host.fixedCable || configuration.flag('UnlockConnectorOnEVSideDisconnect', true)
    this.cableLocked = ran && !unlocks
    this.finishing = this.cableLocked
    this.outlet.unplug()
    this.update()
  }

  /** UnlockConnector.req (§5.18): ends the transaction and frees the cable. */
  unlock(): void {
    this.endTransaction('UnlockCommand')
    if (!this.cableLocked) return
    this.cableLocked = false
    this.finishing = false
    this.update()
  }

  /** A tag at the reader: starts, or ends, a transaction here. */
  presentTag(idTag: string): void {
    this.host.touched()
    const session = this.session
    if (!session) {
      this.requestStart(idTag)
      return
    }
    if (session.grant.idTag.toLowerCase() === idTag.toLowerCase()) {
      this.endTransaction('Local', idTag)
      return
    }
    this.admission.ask(idTag, (good, parentIdTag) => {
      const sameGroup = parentIdTag !== undefined && parentIdTag === session.grant.parentIdTag
      if (good && sameGroup && this.session === session) this.endTransaction('Local', idTag)
    })
  }

  setFault(errorCode: string | undefined): void {
    this.fault = errorCode
    this.update()
  }

  // ------------------------------------------------------------ commands of the CSMS

  /** RemoteStartTransaction.req (§5.11). */
  remoteStart(idTag: string, profile: StationProfile | undefined): 'Accepted' | 'Rejected' {
    if (this.session || this.admission.isGiven() || !this.operative || this.fault !== undefined)
      return 'Rejected'
    const asks = this.host.configuration.flag('AuthorizeRemoteTxRequests', false)
    // whose group the tag is of is known only once it was asked for
    const mayStillFit = asks && this.reservation.hasGroup()
    if (!mayStillFit && !this.reservation.admits(idTag, undefined)) return 'Rejected'
    if (asks)
      this.admission.ask(idTag, (good, parentIdTag) => {
        if (good && this.reservation.admits(idTag, parentIdTag)) this.grantTo({ idTag, parentIdTag, profile })
      })
    else this.grantTo({ idTag, parentIdTag: undefined, profile })
    return 'Accepted'
  }

  changeAvailability(operative: boolean): 'Accepted' | 'Scheduled' {
    if (this.session) {
      this.scheduledOperative = operative
      return 'Scheduled'
    }
    this.operative = operative
    this.update()
    return 'Accepted'
  }

  reserve(request: ReserveNow): 'Accepted' | 'Faulted' | 'Occupied' | 'Unavailable' {
    if (this.fault !== undefined) return 'Faulted'
    if (!this.operative) return 'Unavailable'
    const same = this.reservation.current()?.reservationId === request.reservationId
    if (!same && this.status() !== 'Available') return 'Occupied'
    this.reservation.keep(request)
    this.update()
    return 'Accepted'
  }

  /** False when this connector has no such reservation. */
  cancelReservation(reservationId: number): boolean {
    return this.reservation.cancel(reservationId)
  }

  /** Without effect when none runs. */
  endTransaction(reason: StopReason, idTag?: string): void {
    const { session } = this
    if (!session) return
    this.session = undefined
    this.finishing = this.outlet.car() !== undefined || this.cableLocked
    if (this.scheduledOperative !== undefined) this.operative = this.scheduledOperative
    this.scheduledOperative = undefined
    session.end(reason, idTag)
    this.update()
    this.host.chargingChanged()
  }

  // ------------------------------------------------------------ limits and samples

  /** The profiles, the clock or the number of sharers changed. */
  refreshLimit(): void {
    this.session?.refreshLimit()
  }

  /** MeterValueSampleInterval changed. */
  restartSampling(): void {
    this.session?.restartSampling()
  }

  /** Sends a sample; without a transaction, or when triggered, it is lost while offline. */
  sample(context: 'Sample.Clock' | 'Trigger'): void {
    const { session, host } = this
    if (session && context !== 'Trigger') {
      session.sample(context)
      return
    }
    const payload = sampleOf(host, { electrics: this.electrics, outlet: this.outlet }, context)
    const transactionId = session?.ref.id
    host.sendNow('MeterValues', { ...payload, ...(transactionId === undefined ? {} : { transactionId }) })
  }

  // ------------------------------------------------------------ power

  /** Supply gone: the contactor falls, timers die; session, reservation and availability stay in flash. */
  powerDown(): void {
    this.session?.pause()
    this.admission.forget()
  }

  /** Back with supply: a session that was cut ends with PowerLoss, and goes on where the model allows it. */
  powerUp(): void {
    const cut = this.session
    if (!cut) return
    this.endTransaction('PowerLoss')
    if (this.host.configuration.flag('AllowChargeAfterBrownOut', false) && this.outlet.car())
      this.grantTo({ ...cut.grant, profile: undefined })
  }

  stop(): void {
    this.powerDown()
    this.reservation.stop()
    this.outlet.stop()
  }

  // ------------------------------------------------------------ inside

  private requestStart(idTag: string): void {
    if (this.admission.isGiven() || !this.operative || this.fault !== undefined) return
    if (!this.reservation.hasGroup() && !this.reservation.admits(idTag, undefined)) return
    this.admission.ask(idTag, (good, parentIdTag) => {
      const free = !this.session && !this.admission.isGiven() && this.operative
      if (good && free && this.reservation.admits(idTag, parentIdTag))
        this.grantTo({ idTag, parentIdTag, profile: undefined })
    })
  }

  private grantTo(grant: Grant): void {
    this.admission.give(grant)
    this.finishing = false
    this.startIfReady()
    this.update()
  }

  private startIfReady(): void {
    if (!this.outlet.car() || this.session) return
    const grant = this.admission.take()
    if (!grant) return
    // The cable and the tag are there: "Preparing" shows before "Charging" (§4.9).
    this.update()
    this.begin(grant)
  }

  private begin(grant: Grant): void {
    const session: Transaction = new Transaction(
      this.host,
      { electrics: this.electrics, outlet: this.outlet },
      grant,
      () => {
        if (this.session === session) this.endTransaction('DeAuthorized')
      },
    )
    const reservationId = this.reservation.current()?.reservationId
    if (reservationId !== undefined) this.cancelReservation(reservationId)
    this.session = session
    session.begin(reservationId)
    this.host.chargingChanged()
    this.update()
  }

  private chargingStatus(): ConnectorStatus {
    if (this.outlet.pilotA() < LEAST_CURRENT_A) return this.outlet.car() ? 'SuspendedEVSE' : 'SuspendedEV'
    return wantsEnergy(this.outlet) ? 'Charging' : 'SuspendedEV'
  }

  private update(): void {
    const status = this.status()
    if (status === this.lastStatus) return
    this.lastStatus = status
    this.host.statusChanged(this.id)
  }
}
