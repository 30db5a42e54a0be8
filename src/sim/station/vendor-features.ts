/**
 * What a WEMOB does by its own keys and by nobody's standard (seed 001, 4.4.2-4.4.7): silent mode by key or daily schedule,
 * what may be set at the display, when that is dimmed, whether it reports its health. Survives a reboot. Must not know the wire.
 */
import type { Configuration } from './configuration.js'

export interface SilentPeriod {
  /** Seconds from midnight. */
  readonly startPeriod: number
  readonly enable: 0 | 1
}

export interface VendorHost {
  readonly configuration: Configuration
  /** The station's own clock, ms since 1970; its day begins at midnight UTC. */
  wallMs(): number
  monoMs(): number
  isCharging(): boolean
}

const DAY_S = 86_400
const MINUTE_MS = 60_000

export class VendorFeatures {
  readonly #host: VendorHost
  #schedule: readonly SilentPeriod[] = []
  #inEffect = false
  #wasCharging = false
  #touchedMs: number

  constructor(host: VendorHost) {
    this.#host = host
    this.#touchedMs = host.monoMs()
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
  }

  /** Table 4.7: whoever wants it silent wins; a change waits for the end of a session. */
  isSilent(): boolean {
    if (!this.#host.isCharging()) this.#inEffect = this.#wanted()
    return this.#inEffect
  }

  /** Somebody sets it at the display; false where EnableHmiConfiguration forbids that. */
  setSilentAtDisplay(isOn: boolean): boolean {
    this.touched()
    const { configuration } = this.#host
    if (!configuration.flag('EnableHmiConfiguration', false)) return false
    configuration.write('SilentMode', `${isOn}`)
    return true
  }

  /** Somebody is at the station. */
  touched(): void {
    this.#touchedMs = this.#host.monoMs()
  }

  /** After ScreenSaverTime minutes without anybody; 0 = never. */
  isDimmed(): boolean {
    const minutes = this.#host.configuration.integer('ScreenSaverTime', 0)
    return minutes > 0 && this.#host.monoMs() - this.#touchedMs >= minutes * MINUTE_MS
  }

  /** Telemetry goes to the vendor, who may operate the station. */
  reportsHealth(): boolean {
    return this.#host.configuration.flag('EnableSystemHealth', false)
  }

  /** The idTag a car charges by, where its identity counts (4.4.2). */
  tagOf(evccId: string | undefined): string | undefined {
    const isOn = this.#host.configuration.flag('AutoChargeEnabled', false)
    return isOn && evccId !== undefined ? `VID:${evccId}` : undefined
  }

  #wanted(): boolean {
    if (this.#host.configuration.flag('SilentMode', false)) return true
    const secondS = Math.floor(this.#host.wallMs() / 1000) % DAY_S
    const now = this.#schedule.findLast(({ startPeriod }) => startPeriod <= secondS) ?? this.#schedule.at(-1)
    return now?.enable === 1
  }
}
