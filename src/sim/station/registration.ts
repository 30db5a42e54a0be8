/**
 * BootNotification and Heartbeat of a simulated station, and what the CSMS's answers do: accepted, pending, rejected,
 * intervals, clock (OCPP 1.6 §4.2, §4.6). Must not know connectors.
 */
import type { StationModel } from '../../core/config/station-model.js'
import type { Clock, Timer } from '../../ports.js'
import type { Configuration } from './configuration.js'
import type { Link } from './link.js'
import { bootAnswer, heartbeatAnswer } from './requests.js'

export type RegistrationState = 'none' | 'Accepted' | 'Pending' | 'Rejected'

export interface RegistrationDeps {
  readonly clock: Clock
  readonly link: Link
  readonly configuration: Configuration
  /** BootNotification.req. */
  readonly bootPayload: object
  /** `currentTime` of an answer, ms since 1970. */
  setClock(toldMs: number): void
  /** Accepted now; `first` unless it already was. */
  accepted(first: boolean): void
}

/** BootNotification is repeated this often when the CSMS gives no interval or no answer. */
const BOOT_RETRY_S = 30

export class Registration {
  private current: RegistrationState = 'none'
  private bootTimer: Timer | undefined
  private heartbeats: Timer | undefined

  constructor(private readonly deps: RegistrationDeps) {}

  state(): RegistrationState {
    return this.current
  }

  boot(): void {
    this.bootTimer?.cancel()
    this.deps.link.call('BootNotification', this.deps.bootPayload, outcome => {
      if (outcome.kind === 'closed') return
      const conf = outcome.kind === 'result' ? bootAnswer.safeParse(outcome.payload).data : undefined
      this.tell(conf?.currentTime)
      this.booted(conf?.status ?? 'Rejected', conf?.interval ?? 0)
    })
  }

  heartbeat(): void {
    this.deps.link.call('Heartbeat', {}, outcome => {
      if (outcome.kind === 'result') this.tell(heartbeatAnswer.safeParse(outcome.payload).data?.currentTime)
    })
  }

  restartHeartbeats(): void {
    this.heartbeats?.cancel()
    const { clock, link, configuration } = this.deps
    const intervalS = configuration.integer('HeartbeatInterval', 300)
    if (!link.isOpen() || this.current !== 'Accepted' || intervalS <= 0) return
    this.heartbeats = clock.every(intervalS * 1000, () => this.heartbeat())
  }

  /** The line is gone. An accepted station stays accepted (OCPP-J §5.4). */
  lost(): void {
    if (this.current !== 'Accepted') this.current = 'none'
    this.bootTimer?.cancel()
    this.heartbeats?.cancel()
  }

  /** The station restarts: it has to boot again. */
  forget(): void {
    this.current = 'none'
    this.lost()
  }

  private booted(state: 'Accepted' | 'Pending' | 'Rejected', intervalS: number): void {
    const first = this.current !== 'Accepted'
    this.current = state
    if (state !== 'Accepted') {
      const waitS = intervalS > 0 ? intervalS : BOOT_RETRY_S
      this.bootTimer = this.deps.clock.after(waitS * 1000, () => this.boot())
      return
    }
    if (intervalS > 0) this.deps.configuration.write('HeartbeatInterval', `${intervalS}`)
    this.restartHeartbeats()
    this.deps.accepted(first)
  }

  private tell(currentTime: string | undefined): void {
    const toldMs = Date.parse(currentTime ?? '')
    if (!Number.isNaN(toldMs)) this.deps.setClock(toldMs)
  }
}

/** The lengths are those of BootNotification.req (§6.3). */
export function bootPayloadOf({ id, models, vendor }: StationModel, stationId: string): object {
  return {
    chargePointVendor: vendor.slice(0, 20),
    chargePointModel: (models[0] ?? id).slice(0, 20),
    chargePointSerialNumber: stationId.slice(0, 25),
    firmwareVersion: 'sim 1.0',
  }
}
