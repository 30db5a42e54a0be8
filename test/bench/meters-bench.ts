/**
 * How well meters are read: 32 over Modbus TCP each second and 8 on one line of 9600 baud, how old their values are for
 * whoever looks, what it costs, and whether memory stays where it is over very many requests.
 */
import { setTimeout as after } from 'node:timers/promises'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { type RtuUnit, startRtuGateway } from '../../src/adapters/rtu-gateway.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import type { Stoppable } from '../../src/ports.js'
import { benchCatalogue, METER_DEVICE } from './bench-site.js'
import { report } from './figures.js'
import { BenchProcess } from './rpc.js'

const HOST = '127.0.0.1'
const TCP_METERS = 32
const SERIAL_METERS = 8
const BAUD = 9_600
const SETTLE_MS = 4_000
const LOOKED_MS = { short: 8_000, long: 30_000 } as const
const REQUESTS = { short: 50_000, long: 1_000_000 } as const
const MIB = 1024 * 1024

export async function benchMeters(isShort: boolean): Promise<void> {
  const device = benchCatalogue(process.cwd()).meters.get(METER_DEVICE)
  if (device === undefined) throw new Error(`no device file ${METER_DEVICE}`)
  const words = encodeRegisters(device, device.golden.values)
  const wordAt = (address: number): number => words.get(address) ?? 0
  const servers = await Promise.all(
    Array.from({ length: TCP_METERS }, () =>
      startModbusServer({ host: HOST, port: 0, unitId: 1, read: (_code, address) => wordAt(address) }),
    ),
  )
  const unit: RtuUnit = ({ address, count }) => ({
    kind: 'words',
    words: Array.from({ length: count }, (_, at) => wordAt(address + at)),
  })
  const units = new Map(Array.from({ length: SERIAL_METERS }, (_, at) => [at + 1, unit] as const))
  const line = await startRtuGateway({ host: HOST, port: 0, baudRate: BAUD, units })
  const reader = new BenchProcess('meters-process')
  const opened: readonly Stoppable[] = [...servers, line]
  try {
    const lookedMs = isShort ? LOOKED_MS.short : LOOKED_MS.long
    const ports = servers.map(({ port }) => port).join(',')
    await look(reader, { name: 'tcp', kind: 'tcp', ports, units: TCP_METERS, goalMs: 1_200, lookedMs })
    const serial = { kind: 'rtu-over-tcp', ports: `${line.port}`, units: SERIAL_METERS }
    await look(reader, { name: 'serial', ...serial, goalMs: 2_500, lookedMs })
  } finally {
    await reader.stop()
    for (const part of opened) await part.stop()
  }
}

/** Whether memory stays where it is. `requests`: where it is said. */
export async function benchMeterMemory(isShort: boolean, requests?: number): Promise<void> {
  const reader = new BenchProcess('meters-process', ['--expose-gc'])
  try {
    await flood(reader, requests ?? (isShort ? REQUESTS.short : REQUESTS.long))
  } finally {
    await reader.stop()
  }
}

async function look(
  reader: BenchProcess,
  it: {
    readonly name: string
    readonly kind: string
    readonly ports: string
    readonly units: number
    readonly goalMs: number
    readonly lookedMs: number
  },
): Promise<void> {
  await reader.ask('start', { kind: it.kind, ports: it.ports, units: it.units })
  await after(SETTLE_MS)
  await reader.ask('settle')
  const beganUs = await reader.number('cpu', 'cpuUs')
  const beganMs = performance.now()
  await after(it.lookedMs)
  const cpuUs = (await reader.number('cpu', 'cpuUs')) - beganUs
  const tookMs = performance.now() - beganMs
  const { meters = 0, p99Ms = 0, mostMs = 0, faults = 0 } = await reader.ask('ages')
  await reader.ask('end')
  const isWhole = meters === it.units
  report({
    name: `meters.${it.name}.age.p99`,
    value: isWhole ? p99Ms : undefined,
    unit: 'ms',
    goal: { at: 'most', value: it.goalMs },
    note: `${meters} of ${it.units} meters read each second; oldest ${Math.round(mostMs)} ms, ${faults} faults`,
  })
  report({
    name: `meters.${it.name}.cpu`,
    value: isWhole ? cpuUs / 10 / tookMs : undefined,
    unit: '% of a core',
    ...(it.kind === 'tcp' && { goal: { at: 'most', value: 5 } as const }),
    note: `reading alone, over ${Math.round(tookMs / 1000)} s; looking at the ages is in it`,
  })
}

async function flood(reader: BenchProcess, requests: number): Promise<void> {
  await reader.ask('flood', { requests: requests / 10 })
  const before = await reader.number('heap', 'heapB')
  const made = await reader.number('flood', 'requests', { requests })
  const grown = (await reader.number('heap', 'heapB')) - before
  report({
    name: 'meters.memory',
    value: grown / MIB,
    unit: 'MiB alive',
    goal: { at: 'most', value: 1 },
    note: `more after ${made} requests than before them, without a wire`,
  })
}
