/**
 * A simulated charging station that behaves as OCPP 1.6J says: boot, heartbeat, statuses, transactions, meter values,
 * smart charging, offline queue, own clock. Configured by a model file. It is the other side of the wire: it must not
 * know Busbar's own OCPP code.
 */
import type { Stoppable, Timer } from '../../ports.js'
import type { WireAnswer } from '../framing.js'
import { AlignedClock } from './aligned-clock.js'
import { type Authorization, createAuthorization } from './authorization.js'
import { certificateCommands } from './certificate-commands.js'
import { CertificateStore } from './certificate-store.js'
import { type CommandHost, coreCommands } from './commands.js'
import { type Configuration, createConfiguration } from './configuration.js'
import { Connector } from './connector.js'
import { Delivery } from './delivery.js'
import { takeEffect } from './key-effects.js'
import { Link } from './link.js'
import { Maintenance } from './maintenance.js'
import { maintenanceCommands } from './maintenance-commands.js'
import { ProfileStack } from './profiles.js'
import { Reboot } from './reboot.js'
import { bootPayloadOf, Registration } from './registration.js'
import { type IdTagInfo, idTagAnswer } from './requests.js'
import { smartCommands } from './smart-commands.js'
import type { StationOptions } from './station-options.js'
import { type ShownStatus, StatusBoard } from './status-board.js'
import { loadShareOf, VendorFeatures } from './vendor-features.js'

const BOOT_MS = 5_000
const ACCEPT_MS = 200
const PILOT_HOLD_MS = 5_000
const ANSWER_TIMEOUT_MS = 30_000
/** A new password holds from the next connection on; the answer leaves first. */
const RECONNECT_DELAY_MS = 200

const COMMANDS = { ...certificateCommands, ...coreCommands, ...maintenanceCommands, ...smartCommands }

export class Station implements Stoppable {
  readonly id: string
  readonly configuration: Configuration
  readonly connectors: readonly Connector[]
  readonly profiles: ProfileStack
  /** What the next update or upload comes to. */
  readonly maintenance: Maintenance
  /** Of a WEMOB; of other models the keys are not there. */
  readonly vendor: VendorFeatures
  /** A socket whose lock does not open on UnlockConnector. */
  unlockFails = false
  private readonly delivery: Delivery
  private readonly authorization: Authorization
  private readonly link: Link
  private readonly registration: Registration
  private readonly commands: CommandHost
  readonly certificates = new CertificateStore()
  private readonly statuses: StatusBoard
  private operative = true
  private offsetMs = 0
  private password: string | undefined
  private cutTimer: Timer | undefined
  private readonly aligned: AlignedClock
  private readonly reboot: Reboot

  constructor(private readonly options: StationOptions) {
    const { ports, model } = options
    this.id = options.id
    this.password = options.password
    this.configuration = createConfiguration(model, options.connectors.length, options.settings ?? {}, key =>
      this.keyChanged(key),
    )
    this.vendor = new VendorFeatures({
      clock: ports.clock,
      stationId: this.id,
      commissioned: options.commissioned ?? 'csms',
      configuration: this.configuration,
      wallMs: () => this.wallMs(),
      isOnline: () => this.isOnline(),
      isCharging: () => this.connectors.some(connector => connector.transaction()),
      loadShare: () => loadShareOf(this.connectors),
      limitsChanged: () => this.limitsChanged(),
      reset: () => this.reset('Soft'),
      tellHealth: report => options.vendorService?.(report),
    })
    const { rateUnits, maxStackLevel, maxPeriods, maxProfiles } = model.smartCharging
    this.profiles = new ProfileStack({ rateUnits, maxStackLevel, maxPeriods, maxProfiles })
    this.authorization = createAuthorization(this.configuration, options.commissioned ?? 'csms')
    this.link = new Link(
      {
        ports,
        url: `${options.url}/${encodeURIComponent(options.id)}`,
        stationId: options.id,
        answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
        password: () => this.password,
        pingIntervalS: () => this.configuration.integer('WebSocketPingInterval', 0),
      },
      {
        call: (action, payload, reply) => this.answer(action, payload, reply),
        opened: () => this.opened(),
        lost: () => this.registration.lost(),
      },
    )
    this.registration = this.createRegistration()
    this.delivery = new Delivery({
      clock: ports.clock,
      configuration: this.configuration,
      isOnline: () => this.isOnline(),
      send: (action, payload, done) => this.link.call(action, payload, done),
    })
    this.statuses = new StatusBoard({
      statusOf: connectorId => this.statusOf(connectorId),
      isOnline: () => this.isOnline(),
      wallMs: () => this.wallMs(),
      send: (action, payload, done) => this.link.call(action, payload, done),
    })
    this.maintenance = new Maintenance({
      send: (action, payload) => this.sendNow(action, payload),
      availabilityChanged: () => this.tellStatuses(),
      restart: () => this.reset('Soft'),
      wallMs: () => this.wallMs(),
    })
    this.aligned = new AlignedClock({
      clock: ports.clock,
      wallMs: () => this.wallMs(),
      intervalMs: () => this.configuration.integer('ClockAlignedDataInterval', 0) * 1000,
      due: () => {
        for (const connector of this.connectors) connector.sample('Sample.Clock')
      },
    })
    this.reboot = new Reboot({
      clock: ports.clock,
      bootMs: options.bootMs ?? BOOT_MS,
      waiting: () => this.delivery.waiting() + this.link.pending(),
      down: () => this.powerOff(),
      up: () => {
        for (const connector of this.connectors) connector.powerUp()
        this.start()
      },
    })
    this.connectors = options.connectors.map((connector, index) => this.createConnector(connector, index + 1))
    this.commands = this.commandHost()
  }

  /** Power on for the first time: connects and boots. */
  start(): void {
    this.aligned.restart()
    this.vendor.restartHealth()
    this.link.up()
  }

  async stop(): Promise<void> {
    this.delivery.stop()
    this.halt()
    for (const connector of this.connectors) connector.stop()
  }

  /** Connected and accepted. */
  isOnline(): boolean {
    return this.link.isOpen() && this.registration.state() === 'Accepted'
  }

  /** The station's own clock, ms since 1970. */
  wallMs(): number {
    return this.options.ports.clock.wallMs() + this.offsetMs
  }

  /** Sets the clock wrong by this; the next `currentTime` corrects it (OCPP 1.6 §4.6). */
  setClockOffset(offsetMs: number): void {
    this.offsetMs = offsetMs
    this.limitsChanged()
    this.aligned.restart()
  }

  /** DataTransfer.req of the vendor's own. */
  transferData(payload: object): void {
    this.sendNow('DataTransfer', payload)
  }

  /** Transaction messages not delivered yet. */
  waitingMessages(): number {
    return this.delivery.waiting()
  }

  /** The line breaks; the station dials again by itself. */
  cutLine(): void {
    this.link.cut()
  }

  /** No way to the CSMS until `online` again; the station goes on by its offline rules. */
  setReachable(reachable: boolean): void {
    if (reachable) this.link.up()
    else this.link.down()
  }

  /** Supply fails: socket, pilots and contactors drop at once. */
  powerOff(): void {
    this.halt()
    for (const connector of this.connectors) connector.powerDown()
  }

  /** Supply fails while a battery lasts: transactions end with PowerLoss and are told before the station is gone. */
  powerFailing(): void {
    for (const connector of this.connectors) connector.endTransaction('PowerLoss')
  }

  /** Supply is back: boots after the start-up time. */
  powerOn(): void {
    this.reboot.powerOn()
  }

  private createConnector(spec: StationOptions['connectors'][number], connectorId: number): Connector {
    const { options } = this
    return new Connector(
      {
        clock: options.ports.clock,
        configuration: this.configuration,
        authorization: this.authorization,
        profiles: this.profiles,
        delivery: this.delivery,
        fixedCable: options.fixedCable ?? true,
        phaseReports: options.phaseReports ?? 'all',
        wallMs: () => this.wallMs(),
        isOnline: () => this.isOnline(),
        authorize: (idTag, done) => this.authorize(idTag, done),
        sendNow: (action, payload) => this.sendNow(action, payload),
        statusChanged: id => this.statuses.tellIfNew(id),
        chargingCount: () => this.connectors.filter(connector => connector.transaction()).length,
        chargingChanged: () => {
          this.vendor.chargingChanged()
          this.limitsChanged()
        },
        tagOfCar: evccId => this.vendor.tagOf(evccId),
        touched: () => this.vendor.touched(),
        offeredShare: () => this.vendor.offeredShare(),
      },
      {
        ...spec,
        connectorId,
        acceptMs: options.acceptMs ?? ACCEPT_MS,
        pilotHoldMs: options.pilotHoldMs ?? PILOT_HOLD_MS,
      },
    )
  }

  private commandHost(): CommandHost {
    return {
      model: this.options.model,
      configuration: this.configuration,
      authorization: this.authorization,
      profiles: this.profiles,
      connectors: this.connectors,
      fixedCable: this.options.fixedCable ?? true,
      wallMs: () => this.wallMs(),
      registration: () => this.registration.state(),
      boot: () => this.registration.boot(),
      heartbeat: () => this.registration.heartbeat(),
      notifyStatus: id => this.statuses.tell(id),
      setOperative: operative => {
        this.operative = operative
        this.statuses.tellIfNew(0)
      },
      sendNow: (action, payload) => this.sendNow(action, payload),
      reset: kind => this.reset(kind),
      maintenance: this.maintenance,
      vendor: this.vendor,
      certificates: this.certificates,
      reconnect: () => this.reconnect(),
      unlockFails: () => this.unlockFails,
      limitsChanged: () => this.limitsChanged(),
    }
  }

  private opened(): void {
    if (this.registration.state() !== 'Accepted') {
      this.registration.boot()
      return
    }
    // No BootNotification after a mere loss of the line (OCPP-J §5.4): only what changed meanwhile.
    this.registration.restartHeartbeats()
    this.goOn(false)
  }

  private goOn(repeatStatuses: boolean): void {
    if (repeatStatuses) this.statuses.forget()
    const isNewFirmware = this.maintenance.isInstalling()
    if (isNewFirmware) this.maintenance.accepted()
    else this.tellStatuses()
    this.delivery.resume()
  }

  private tellStatuses(): void {
    for (let id = 0; id <= this.connectors.length; id += 1) this.statuses.tellIfNew(id)
  }

  private createRegistration(): Registration {
    const { model, ports } = this.options
    return new Registration({
      clock: ports.clock,
      link: this.link,
      configuration: this.configuration,
      bootPayload: bootPayloadOf(model, this.id),
      setClock: toldMs => {
        if (toldMs !== this.wallMs()) this.setClockOffset(toldMs - ports.clock.wallMs())
      },
      accepted: first => this.goOn(first),
    })
  }

  // ------------------------------------------------------------ messages

  private sendNow(action: string, payload: object): void {
    if (!this.isOnline()) return
    this.link.call(action, payload, outcome => {
      if (outcome.kind === 'error')
        this.options.ports.log.write('warn', 'sim-station-refused', {
          station: this.id,
          action,
          code: outcome.code,
        })
    })
  }

  private authorize(idTag: string, done: (info: IdTagInfo | undefined) => void): void {
    this.link.call('Authorize', { idTag }, outcome => {
      done(outcome.kind === 'result' ? idTagAnswer.safeParse(outcome.payload).data?.idTagInfo : undefined)
    })
  }

  private statusOf(connectorId: number): ShownStatus {
    const connector = this.connectors[connectorId - 1]
    if (connector) {
      const isTaken = connector.transaction() !== undefined || connector.errorCode() !== 'NoError'
      const status = this.maintenance.isInstalling() && !isTaken ? 'Unavailable' : connector.status()
      return { status, errorCode: connector.errorCode() }
    }
    return { status: this.operative ? 'Available' : 'Unavailable', errorCode: 'NoError' }
  }

  private answer(action: string, payload: unknown, reply: (answer: WireAnswer) => void): void {
    // Rejected by the CSMS: silence until the next BootNotification (§4.2).
    if (this.registration.state() === 'Rejected') {
      reply({ kind: 'none' })
      return
    }
    const run = COMMANDS[action]
    if (!run) {
      reply({ kind: 'error', code: 'NotImplemented', description: action })
      return
    }
    const reaction = run(this.commands, payload)
    reply(reaction.answer)
    reaction.after?.()
  }

  // ------------------------------------------------------------ timers and reset

  private keyChanged(key: string): void {
    takeEffect(key, {
      configuration: this.configuration,
      registration: this.registration,
      link: this.link,
      aligned: this.aligned,
      connectors: this.connectors,
      vendor: this.vendor,
      // the new password counts from the next connection on (white paper A01)
      passwordSet: password => {
        this.password = password
        this.reconnect()
      },
    })
  }

  private reconnect(): void {
    this.cutTimer = this.options.ports.clock.after(RECONNECT_DELAY_MS, () => this.link.cut())
  }

  private limitsChanged(): void {
    for (const connector of this.connectors) connector.refreshLimit()
  }

  private reset(kind: 'Hard' | 'Soft'): void {
    for (const connector of this.connectors)
      connector.endTransaction(kind === 'Hard' ? 'HardReset' : 'SoftReset')
    if (kind === 'Hard') this.reboot.hard()
    else this.reboot.soft()
  }

  /** What ends with power: sockets, timers, registration. What is in flash stays. */
  private halt(): void {
    this.registration.forget()
    this.cutTimer?.cancel()
    this.aligned.stop()
    this.vendor.stop()
    this.reboot.cancel()
    this.link.down()
  }
}
