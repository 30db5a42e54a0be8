/**
 * A simulated site meter at the main circuit: what flows, as measurand values by the names of the device files
 * (`Current.L1` in A, `Power.Active.L1` in W, `Energy.Active.Import.Total` in Wh). Must not know registers or Modbus.
 */
import type { PerPhase } from '../core/site/phases.js'
import type { Clock } from '../ports.js'

/** Values by measurand, in A, V, W, VA, %, Hz, Wh and s. */
export type MeterValues = Readonly<Record<string, number>>

const NO_LOAD_V = 232
/** A site transformer sags by about this much per amp. */
const SAG_V_PER_A = 0.015
const FREQUENCY_HZ = 50

/** Ways to be wrong although it answers: what installers and gateways are known to make of a meter. */
export const WRONG_METERS = ['x0.1', 'x10', 'reversed', 'inverted', 'swapped', 'frozen', 'replayed'] as const
export type WrongMeter = (typeof WRONG_METERS)[number]

/** A replayed meter shows what it was this long ago. */
const REPLAY_MS = 300_000
const REPLAY_STEP_MS = 1_000
const REPLAY_NOISE_A = 0.2

type Distortion = Exclude<WrongMeter, 'frozen' | 'replayed'>

/** All that a meter's values follow from. */
interface Moment {
  readonly monoMs: number
  readonly currentA: PerPhase
  readonly importWh: number
  readonly distortion: Distortion | undefined
}

export class SiteMeter {
  private importWh = 1_234_500
  private wrong: WrongMeter | undefined
  private readonly past: Moment[] = []
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

  /** Undefined = right again. */
  setWrong(wrong: WrongMeter | undefined): void {
    this.wrong = wrong
  }

  /** What the meter shows now; undefined while it is off. Energy is counted from one call to the next. */
  values(): MeterValues | undefined {
    const now = this.measure()
    if (!this.online) return undefined
    const newest = this.past.at(-1)
    if (this.wrong === 'frozen') return shownAt(newest ?? now)
    if (this.wrong === 'replayed') return this.replayed(now.monoMs) ?? shownAt(now)
    if (newest === undefined || now.monoMs - newest.monoMs >= REPLAY_STEP_MS) {
      this.past.push(now)
      this.forget(now.monoMs)
    }
    return shownAt(now)
  }

  /** Many at once: the first of a long list is not taken off at each reading. */
  private forget(nowMs: number): void {
    const [oldest] = this.past
    if (oldest === undefined || oldest.monoMs >= nowMs - 4 * REPLAY_MS) return
    const kept = this.past.findIndex(({ monoMs }) => monoMs >= nowMs - 2 * REPLAY_MS)
    this.past.splice(0, kept)
  }

  /** The recording runs on from where it was, and begins anew at its end; a little noise makes no two alike. */
  private replayed(nowMs: number): MeterValues | undefined {
    const first = this.past[0]
    const last = this.past.at(-1)
    if (first === undefined || last === undefined) return undefined
    const lengthMs = Math.max(REPLAY_STEP_MS, Math.min(REPLAY_MS, last.monoMs - first.monoMs))
    const atMs = last.monoMs - lengthMs + ((nowMs - last.monoMs) % lengthMs)
    const then = this.past.find(({ monoMs }) => monoMs >= atMs) ?? last
    const noiseA = Math.sin(nowMs) * REPLAY_NOISE_A
    return Object.fromEntries(
      Object.entries(shownAt(then)).map(([name, value]) => [
        name,
        name.startsWith('Current.') ? Math.max(0, value + noiseA) : value,
      ]),
    )
  }

  private measure(): Moment {
    const currentA = this.currentA()
    const monoMs = this.clock.monoMs()
    this.importWh += (totalOf(currentA) * (monoMs - this.readMs)) / 3_600_000
    this.readMs = monoMs
    const { wrong, importWh } = this
    const distortion = wrong === 'frozen' || wrong === 'replayed' ? undefined : wrong
    return { monoMs, currentA, importWh, distortion }
  }
}

const voltsAt = (amps: number): number => NO_LOAD_V - SAG_V_PER_A * amps

/** W. */
function totalOf([a1, a2, a3]: PerPhase): number {
  return a1 * voltsAt(a1) + a2 * voltsAt(a2) + a3 * voltsAt(a3)
}

function shownAt({ monoMs, currentA, importWh, distortion }: Moment): MeterValues {
  const [a1, a2, a3] = currentA
  const [v1, v2, v3] = [voltsAt(a1), voltsAt(a2), voltsAt(a3)]
  const totalW = totalOf(currentA)
  const right: MeterValues = {
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
    'PowerFactor.L1': 100,
    'PowerFactor.L2': 100,
    'PowerFactor.L3': 100,
    Clock: Math.floor(monoMs / 1000),
    Frequency: FREQUENCY_HZ,
    'Energy.Active.Import.Total': importWh,
    'Energy.Active.Export.Total': 0,
  }
  return distortion === undefined ? right : distorted(right, distortion)
}

/** Where a meter whose inputs are rotated takes what it shows as L1, L2, L3. */
const ROTATED = { L1: 'L2', L2: 'L3', L3: 'L1' } as const

/**
 * A tenth or tenfold of everything but volts and hertz; inputs rotated; L2 turned round, which its unsigned current
 * shows only by its power; or all of it mounted the other way round.
 */
function distorted(values: MeterValues, wrong: Distortion): MeterValues {
  const scaled = (name: string, value: number): number => {
    if (wrong === 'x0.1' || wrong === 'x10') {
      const factor = wrong === 'x10' ? 10 : 0.1
      return /^(Current|Power\.(Active|Apparent)|Energy)/.test(name) ? value * factor : value
    }
    if (wrong === 'swapped') {
      const from = name.replace(/\.(L[123])/, (_, phase: keyof typeof ROTATED) => `.${ROTATED[phase]}`)
      return values[from] ?? value
    }
    if (wrong === 'inverted') {
      if (name.startsWith('Power.Active')) return -value
      if (name === 'Energy.Active.Import.Total') return values['Energy.Active.Export.Total'] ?? value
      return name === 'Energy.Active.Export.Total' ? (values['Energy.Active.Import.Total'] ?? value) : value
    }
    if (name === 'Power.Active.L2') return -value
    if (name === 'Power.Active.Total') return value - 2 * (values['Power.Active.L2'] ?? 0)
    return value
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, scaled(name, value)]))
}
