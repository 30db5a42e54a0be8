/**
 * A real Modbus TCP meter whose other load jumps: how long from the answer that carries the jump to the last
 * SetChargingProfile at the stations, all of which must give way.
 */
import { setTimeout as after } from 'node:timers/promises'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import { benchCatalogue, FULL_A, LOUD_OTHER_A, METER_DEVICE, QUIET_OTHER_A } from './bench-site.js'
import type { QuickStation } from './quick-station.js'
import type { Numbers } from './rpc.js'

/** A step that is not over by then has failed. */
const MAX_STEP_MS = 5_000
/** Ramps and bookings up to here are Busbar's right. */
const MAX_RECOVERY_MS = 30_000

export class MeterSteps {
  readonly port: number
  readonly #set: (otherA: number) => void
  readonly #answeredMs: () => number | undefined

  private constructor(port: number, set: (otherA: number) => void, answeredMs: () => number | undefined) {
    this.port = port
    this.#set = set
    this.#answeredMs = answeredMs
  }

  static async start(): Promise<MeterSteps> {
    const device = benchCatalogue(process.cwd()).meters.get(METER_DEVICE)
    if (device === undefined) throw new Error(`no device file ${METER_DEVICE}`)
    const currents = (otherA: number) => ({
      'Current.L1': otherA,
      'Current.L2': otherA,
      'Current.L3': otherA,
    })
    const wordsOf = (otherA: number) =>
      encodeRegisters(device, {
        ...currents(otherA),
        'Voltage.L1-N': 230,
        'Voltage.L2-N': 230,
        'Voltage.L3-N': 230,
      })
    const ofCurrents = [...encodeRegisters(device, currents(1)).keys()]
    let words = wordsOf(QUIET_OTHER_A)
    let answeredMs: number | undefined
    const server = await startModbusServer({
      host: '127.0.0.1',
      port: 0,
      unitId: 1,
      read: (_functionCode, address) => words.get(address) ?? 0,
      exceptionOn: (_functionCode, address, count) => {
        if (ofCurrents.some(at => at >= address && at < address + count)) answeredMs ??= performance.now()
        return undefined
      },
    })
    const set = (otherA: number): void => {
      words = wordsOf(otherA)
      answeredMs = undefined
    }
    return new MeterSteps(server.port, set, () => answeredMs)
  }

  /** `missing` stations were not told a lower limit in time. */
  async down(stations: readonly QuickStation[]): Promise<Numbers> {
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
  async up(stations: readonly QuickStation[]): Promise<Numbers> {
    this.#set(QUIET_OTHER_A)
    const isFull = (station: QuickStation): boolean => (station.liveA ?? 0) >= FULL_A
    await until(MAX_RECOVERY_MS, () => stations.every(isFull))
    return { missing: stations.filter(station => !isFull(station)).length }
  }
}

async function until(mostMs: number, isSo: () => boolean): Promise<void> {
  const startMs = performance.now()
  while (!isSo() && performance.now() - startMs < mostMs) await after(5)
}
