/**
 * A real Modbus TCP meter that shows what the cars draw, and other load on L1 that jumps: how long from the answer that
 * carries the jump to the last SetChargingProfile at the stations, all of which must give way.
 */
import { setTimeout as after } from 'node:timers/promises'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import {
  benchCatalogue,
  FULL_A,
  LOUD_OTHER_A,
  METER_DEVICE,
  QUIET_OTHER_A,
  STEP_STATIONS,
} from './bench-site.js'
import type { QuickStation } from './quick-station.js'
import type { Numbers } from './rpc.js'

/** A step that is not over by then has failed. */
const MAX_STEP_MS = 5_000
/** Ramps and bookings up to here are Busbar's right; before the first step it also has to prove the meter. */
const MAX_RECOVERY_MS = 150_000
/** Each car tells at least this often what it draws. */
const SAMPLE_MS = 10_000

export class MeterSteps {
  readonly port: number
  readonly #stations: readonly QuickStation[]
  readonly #sampling: NodeJS.Timeout
  readonly #set: (otherA: number) => void
  readonly #answeredMs: () => number | undefined

  private constructor(
    port: number,
    stations: readonly QuickStation[],
    show: { readonly set: (otherA: number) => void; readonly answeredMs: () => number | undefined },
  ) {
    this.port = port
    this.#stations = stations
    this.#set = show.set
    this.#answeredMs = show.answeredMs
    let turn = 0
    // One after the other: all at once would stand in the way of what is measured.
    this.#sampling = setInterval(() => {
      const station = stations[turn % Math.max(1, stations.length)]
      turn += 1
      station?.sample().catch(() => station.close())
    }, SAMPLE_MS / STEP_STATIONS)
  }

  /** `stations` may grow later. */
  static async start(stations: readonly QuickStation[]): Promise<MeterSteps> {
    const device = benchCatalogue(process.cwd()).meters.get(METER_DEVICE)
    if (device === undefined) throw new Error(`no device file ${METER_DEVICE}`)
    const currents = (l1A: number, drawnA: number) => ({
      'Current.L1': l1A + drawnA,
      'Current.L2': drawnA,
      'Current.L3': drawnA,
    })
    const volts = { 'Voltage.L1-N': 230, 'Voltage.L2-N': 230, 'Voltage.L3-N': 230 }
    const ofCurrents = [...encodeRegisters(device, currents(1, 1)).keys()]
    let otherA = QUIET_OTHER_A
    let words: ReadonlyMap<number, number> = new Map()
    let answeredMs: number | undefined
    const server = await startModbusServer({
      host: '127.0.0.1',
      port: 0,
      unitId: 1,
      read: (_functionCode, address) => words.get(address) ?? 0,
      exceptionOn: (_functionCode, address, count) => {
        const drawnA = stations.reduce((sum, station) => sum + station.drawnA, 0)
        words = encodeRegisters(device, { ...currents(otherA, drawnA), ...volts })
        if (ofCurrents.some(at => at >= address && at < address + count)) answeredMs ??= performance.now()
        return undefined
      },
    })
    const set = (amps: number): void => {
      otherA = amps
      answeredMs = undefined
    }
    return new MeterSteps(server.port, stations, { set, answeredMs: () => answeredMs })
  }

  /** `missing` stations were not told a lower limit in time. */
  async down(): Promise<Numbers> {
    const stations = this.#stations
    const before = stations.map(station => station.liveA ?? 0)
    const isLower = (station: QuickStation, at: number): boolean =>
      (station.liveA ?? FULL_A) < (before[at] ?? 0)
    this.#set(LOUD_OTHER_A)
    await until(MAX_STEP_MS, () => stations.every(isLower))
    const answeredMs = this.#answeredMs()
    if (answeredMs === undefined) throw new Error('the meter was not polled')
    const lastMs = Math.max(...stations.map(station => station.limitedMs))
    return {
      tookMs: lastMs - answeredMs,
      missing: stations.filter((station, at) => !isLower(station, at)).length,
      lowestA: Math.min(...stations.map(station => station.liveA ?? 0)),
    }
  }

  /** Waits until every station is back at its full offer. */
  async up(): Promise<Numbers> {
    this.#set(QUIET_OTHER_A)
    const isFull = (station: QuickStation): boolean => (station.liveA ?? 0) >= FULL_A
    await until(MAX_RECOVERY_MS, () => this.#stations.every(isFull))
    return { missing: this.#stations.filter(station => !isFull(station)).length }
  }

  stop(): void {
    clearInterval(this.#sampling)
  }
}

async function until(mostMs: number, isSo: () => boolean): Promise<void> {
  const startMs = performance.now()
  while (!isSo() && performance.now() - startMs < mostMs) await after(5)
}
