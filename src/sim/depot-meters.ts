/** The meters of the simulated depot on real sockets: the one of the site over Modbus TCP, that of a feeder on a line behind a box. */
import { type ModbusServer, startModbusServer } from '../adapters/modbus-server.js'
import { type RtuGateway, type RtuUnit, startRtuGateway } from '../adapters/rtu-gateway.js'
import type { MeterDevice } from '../modbus/device-schema.js'
import { encodeRegisters } from '../modbus/encode.js'
import type { Depot } from './depot.js'
import type { MeterValues } from './meter.js'

export const FEEDER_UNIT = 5
const HOST = '127.0.0.1'
const FEEDER_BAUD = 19_200
/** Registers beside those of its map that a meter has. */
const NEAR = 16
/** One snapshot serves all words of a poll, or a float could be put together from two moments. */
const SNAPSHOT_MS = 50

/** What a meter of this model holds now, as words by address; taken anew after a moment. */
function registersOf(device: MeterDevice, values: () => MeterValues | undefined, monoMs: () => number) {
  let words: ReadonlyMap<number, number> = new Map()
  let takenMs = Number.NEGATIVE_INFINITY
  const probed = [...device.probe, ...device.tells].flatMap(({ address, expect }) =>
    (expect[0] ?? '').split(' ').map((hex, at) => [address + at, Number.parseInt(hex, 16)] as const),
  )
  return (): ReadonlyMap<number, number> => {
    if (monoMs() - takenMs > SNAPSHOT_MS) {
      words = new Map([...encodeRegisters(device, values() ?? {}), ...probed])
      takenMs = monoMs()
    }
    return words
  }
}

/** On a line of its own, which refuses what its map does not hold. */
export function startFeederMeter(device: MeterDevice, depot: Depot, speed: number): Promise<RtuGateway> {
  const registers = registersOf(
    device,
    () => depot.feederMeter.values(),
    () => performance.now(),
  )
  const unit: RtuUnit = ({ functionCode, address, count }) => {
    const words = registers()
    const isHeld = [...words.keys()].some(known => Math.abs(known - address) <= NEAR)
    if (functionCode !== device.functionCode || !isHeld) return { kind: 'exception', code: 2 }
    return { kind: 'words', words: Array.from({ length: count }, (_, at) => words.get(address + at) ?? 0) }
  }
  const units = new Map([[FEEDER_UNIT, unit]])
  return startRtuGateway({ host: HOST, port: 0, baudRate: FEEDER_BAUD, units, speed })
}

export function startMeter(device: MeterDevice, depot: Depot, monoMs: () => number): Promise<ModbusServer> {
  const registers = registersOf(device, () => depot.meterValues(), monoMs)
  return startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: (_functionCode, address) => registers().get(address) ?? 0,
  })
}
