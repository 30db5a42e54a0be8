/**
 * A simulated site meter at the main circuit: what flows, as measurand values by the names of the device files
 * (`Current.L1` in A, `Power.Active.L1` in W, `Energy.Active.Import.Total` in Wh). Must not know registers or Modbus.
 */
import type { PerPhase } from '../core/site/phases.js'
import type { Clock } from '../ports.js'

/** Values by measurand, in A, V, W, VA, Hz and Wh. */
export type MeterValues = Readonly<Record<string, number>>

const NO_LOAD_V = 232
/** A site transformer sags by about this much per amp. */
const SAG_V_PER_A = 0.015
const FREQUENCY_HZ = 50

export class SiteMeter {
  private importWh = 1_234_500
  private readMs: number
  private online = true

  constructor(
    private readonly clock: Clock,
    private readonly currentA: () => PerPhase,
  ) {
    this.readMs = clock.monoMs()
  }

  /** Off: the meter does not answer. */
  setOnline(online: boolean): void {
    this.online = online
  }

  isOnline(): boolean {
    return this.online
  }

  /** What the meter shows now; undefined while it is off. Energy is counted from one call to the next. */
  values(): MeterValues | undefined {
    const [a1, a2, a3] = this.currentA()
    const volts = (amps: number) => NO_LOAD_V - SAG_V_PER_A * amps
    const [v1, v2, v3] = [volts(a1), volts(a2), volts(a3)]
    const totalW = a1 * v1 + a2 * v2 + a3 * v3
    const nowMs = this.clock.monoMs()
    this.importWh += (totalW * (nowMs - this.readMs)) / 3_600_000
    this.readMs = nowMs
    if (!this.online) return undefined
    return {
      'Current.L1': a1,
      'Current.L2': a2,
      'Current.L3': a3,
      'Voltage.L1-N': v1,
      'Voltage.L2-N': v2,
      'Voltage.L3-N': v3,
      'Power.Active.L1': a1 * v1,
      'Power.Active.L2': a2 * v2,
      'Power.Active.L3': a3 * v3,
      'Power.Active.Total': totalW,
      'Power.Apparent.Total': totalW,
      'PowerFactor.Total': 1,
      Frequency: FREQUENCY_HZ,
      'Energy.Active.Import.Total': this.importWh,
      'Energy.Active.Export.Total': 0,
    }
  }
}
