/**
 * What a WEMOB does by its own keys and by nobody's standard (seed 001, 4.4.2-4.4.7): silent mode by key or daily schedule
 * and what it costs, what may be set at the display, when that is dimmed, its health and who may operate it. Survives a
 * reboot. Must not know the wire.
 */
import type { PerPhase } from '../../core/site/phases.js'
import type { Clock, Timer } from '../../ports.js'
import type { Configuration } from './configuration.js'
import { Cooling } from './cooling.js'
import type { Commissioned, HealthReport } from './vendor-terms.js'

export interface SilentPeriod {
  /** Seconds from midnight. */
  readonly startPeriod: number
  readonly enable: 0 | 1
}

export type VendorOrder =
  | { readonly kind: 'reset' }
  | { readonly kind: 'change'; readonly key: string; readonly value: string }

export interface VendorHost {
  readonly clock: Clock
  readonly stationId: string
  readonly commissioned: Commissioned
  readonly configuration: Configuration
  isOnline(): boolean
  /** The station's own clock, ms since 1970; its day begins at midnight UTC. */
  wallMs(): number
  isCharging(): boolean
  /** What flows, of the station's rating, 0-1. */
  loadShare(): number
  /** It offers more or less than before. */
  limitsChanged(): void
  reset(): void
  /** The vendor's service, beside OCPP. */
  tellHealth(report: HealthReport): void
}

const DAY_S = 86_400
const MINUTE_MS = 60_000
const HEALTH_MS = 300_000
/** Of a session that nobody has shown a tag for; the seed does not say which. */
const FREE_TAG = 'FREE'
/** A display starts in the language of its maker. */
const FIRST_LANGUAGE = 'pt'

export class VendorFeatures {
  readonly #host: VendorHost
  readonly #cooling: Cooling
  #schedule: readonly SilentPeriod[] = []
  #inEffect = false
  #wasCharging = false
  #touchedMs: number
  #shownLanguage = FIRST_LANGUAGE
  #warming: Timer | undefined
  #health: Timer | undefined

  constructor(host: VendorHost) {
    this.#host = host
    this.#touchedMs = host.clock.monoMs()
    this.#cooling = new Cooling(this.#touchedMs)
  }

  /** Table 4.6; none removes it. Every day alike. */
  schedule(periods: readonly SilentPeriod[]): void {
    this.isSilent()
    this.#schedule = [...periods].sort((a, b) => a.startPeriod - b.startPeriod)
  }

  /** A session begins or has ended. */
  chargingChanged(): void {
    const isCharging = this.#host.isCharging()
    // what held when it began holds to its end (4.4.3.3)
    if (isCharging && !this.#wasCharging) this.#inEffect = this.#wanted()
    this.#wasCharging = isCharging
    this.#followWarmth(isCharging && this.#inEffect)
  }

  /** Table 4.7: whoever wants it silent wins; a change waits for the end of a session. */
  isSilent(): boolean {
    if (!this.#host.isCharging()) this.#inEffect = this.#wanted()
    return this.#inEffect
  }

  /** Of its rating that it offers: less as it warms while it is silent (4.4.3), 0.6-1. */
  offeredShare(): number {
    return this.isSilent() ? this.#cooling.quietShare() : 1
  }

  /** Somebody sets it at the display; false where EnableHmiConfiguration forbids that. */
  setSilentAtDisplay(isOn: boolean): boolean {
    if (!this.#maySetAtDisplay()) return false
    this.#host.configuration.write('SilentMode', `${isOn}`)
    return true
  }

  /** As above. */
  setLanguageAtDisplay(language: string): boolean {
    if (!this.#maySetAtDisplay()) return false
    this.#shownLanguage = language
    return true
  }

  language(): string {
    return this.#shownLanguage
  }

  /** Somebody is at the station. */
  touched(): void {
    this.#touchedMs = this.#host.clock.monoMs()
  }

  /** After ScreenSaverTime minutes without anybody; 0 = never. */
  isDimmed(): boolean {
    const { clock, configuration } = this.#host
    const minutes = configuration.integer('ScreenSaverTime', 0)
    return minutes > 0 && clock.monoMs() - this.#touchedMs >= minutes * MINUTE_MS
  }

  /** Telemetry goes to the vendor, who may operate the station. */
  reportsHealth(): boolean {
    return this.#host.configuration.flag('EnableSystemHealth', false)
  }

  /** Power is there, or the key has changed. */
  restartHealth(): void {
    this.#health?.cancel()
    const { clock, stationId, tellHealth } = this.#host
    this.#health = this.reportsHealth()
      ? clock.every(HEALTH_MS, () =>
          tellHealth({
            stationId,
            wallMs: this.#host.wallMs(),
            isSilent: this.isSilent(),
            loadShare: this.#host.loadShare(),
          }),
        )
      : undefined
  }

  /** The vendor operates it, beside whoever else does; false where EnableSystemHealth forbids that. */
  operate(order: VendorOrder): boolean {
    if (!this.reportsHealth()) return false
    if (order.kind === 'reset') this.#host.reset()
    else return this.#host.configuration.change(order.key, order.value) === 'Accepted'
    return true
  }

  /** The idTag a car charges by that has just come (4.4.2): its own, or anybody's where none is asked for (4.4.1). */
  tagOf(evccId: string | undefined): string | undefined {
    const { commissioned, configuration, isOnline } = this.#host
    const countsAsTag = configuration.flag('AutoChargeEnabled', false) && commissioned !== 'local list'
    if (countsAsTag && evccId !== undefined) return `VID:${evccId}`
    const isFreeOffline = !isOnline() && configuration.flag('AlwaysAllowOfflineTransactions', false)
    return commissioned === 'always' || isFreeOffline ? FREE_TAG : undefined
  }

  /** Power is gone. */
  stop(): void {
    this.#warming?.cancel()
    this.#health?.cancel()
  }

  #maySetAtDisplay(): boolean {
    this.touched()
    return this.#host.configuration.flag('EnableHmiConfiguration', false)
  }

  /** Only a station that must be quiet gets warm: with its fans free it is kept cold. */
  #followWarmth(isQuiet: boolean): void {
    const { clock, limitsChanged, loadShare } = this.#host
    this.#warming?.cancel()
    const settle = (): void => this.#cooling.carries(isQuiet ? loadShare() : 0, clock.monoMs())
    settle()
    this.#warming = isQuiet
      ? clock.every(MINUTE_MS, () => {
          settle()
          limitsChanged()
        })
      : undefined
  }

  #wanted(): boolean {
    if (this.#host.configuration.flag('SilentMode', false)) return true
    const secondS = Math.floor(this.#host.wallMs() / 1000) % DAY_S
    const now = this.#schedule.findLast(({ startPeriod }) => startPeriod <= secondS) ?? this.#schedule.at(-1)
    return now?.enable === 1
  }
}

/** What flows of what all of them are rated for, 0-1. */
export function loadShareOf(
  connectors: readonly { readonly electrics: { readonly ratedA: number }; flowA(): PerPhase }[],
): number {
  const ratedA = connectors.reduce((sum, { electrics }) => sum + electrics.ratedA, 0)
  const flowA = connectors.reduce((sum, connector) => sum + Math.max(...connector.flowA()), 0)
  return ratedA > 0 ? flowA / ratedA : 0
}
