/**
 * `busbar meters scan | read | dump`: what answers on a line, what a meter says now, and its raw registers for whoever
 * helps from afar. For the electrician before there is a configuration. Never writes a register. Text in, lines out; the
 * Bus and the list of serial lines are handed in.
 */
import { parseArgs } from 'node:util'
import type { PerPhase } from './core/site/phases.js'
import type { MeterDevice } from './modbus/device-schema.js'
import { MeterUnit } from './modbus/meter-unit.js'
import { type FoundUnit, type ScanPorts, scanLine } from './modbus/scan.js'
import type { BusConnection } from './ports.js'

export const METERS_USAGE = `usage:
  node dist/main.js meters scan [--connection C ...] [--units 1-10,255]
  node dist/main.js meters read --device D --connection C [--unit N]
  node dist/main.js meters dump --connection C --address N [--count N] [--function 3|4] [--unit N]
C is tcp://host[:502], rtu-over-tcp://host:port or rtu:///dev/serial/by-id/...[?baud=9600&parity=none&stop=1].
Without --connection, scan tries every serial line that is plugged in; a line without ?baud is tried at the usual rates.`

export interface MetersTools extends ScanPorts {
  readonly devices: ReadonlyMap<string, MeterDevice>
  /** Paths, by-id names where the system has them. */
  readonly serialLines: () => readonly string[]
  readonly print: (line: string) => void
}

type SerialConnection = Extract<BusConnection, { readonly kind: 'rtu' }>
/** In the order in which meters leave the factories. */
const USUAL_RATES: readonly Pick<SerialConnection, 'baudRate' | 'parity'>[] = [
  { baudRate: 9600, parity: 'none' },
  { baudRate: 9600, parity: 'even' },
  { baudRate: 19200, parity: 'even' },
  { baudRate: 19200, parity: 'none' },
  { baudRate: 38400, parity: 'none' },
  { baudRate: 115200, parity: 'none' },
  { baudRate: 2400, parity: 'none' },
]
/** More would take minutes on a silent line: 0.8 s per silent unit and rate. */
const MAX_UNITS = 64
const USUAL_UNITS = '1-5'

/** The exit code: 0 = something answered, 1 = nothing did, 2 = the command line is off. */
export async function metersCommand(args: readonly string[], tools: MetersTools): Promise<number> {
  const given = readArguments(args)
  if (typeof given === 'string') {
    tools.print(given)
    tools.print(METERS_USAGE)
    return 2
  }
  switch (given.command) {
    case 'scan':
      return scan(given, tools)
    case 'read':
      return read(given, tools)
    case 'dump':
      return dump(given, tools)
  }
}

interface Arguments {
  readonly command: 'scan' | 'read' | 'dump'
  readonly connections: readonly BusConnection[]
  /** Serial lines whose rate was not given. */
  readonly anyRate: ReadonlySet<BusConnection>
  readonly units: readonly number[]
  readonly device: string
  readonly address: number
  readonly count: number
  readonly functionCode: 3 | 4
}

function readArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        connection: { type: 'string', multiple: true, default: [] },
        units: { type: 'string', default: USUAL_UNITS },
        unit: { type: 'string' },
        device: { type: 'string', default: '' },
        address: { type: 'string', default: '0' },
        count: { type: 'string', default: '10' },
        function: { type: 'string', default: '3' },
      },
    })
    const [command, ...more] = positionals
    if (more.length > 0 || (command !== 'scan' && command !== 'read' && command !== 'dump'))
      return `found "${positionals.join(' ')}", expected scan, read or dump`
    const anyRate = new Set<BusConnection>()
    const connections = values.connection.map(text => {
      const connection = parseConnection(text)
      if (connection.kind === 'rtu' && !/[?&]baud=/.test(text)) anyRate.add(connection)
      return connection
    })
    if (command !== 'scan' && connections.length !== 1)
      return `--connection: found ${connections.length}, expected one`
    return {
      command,
      connections,
      anyRate,
      units: unitList(values.unit ?? (command === 'scan' ? values.units : '1')),
      device: values.device,
      address: whole(values.address, '--address', 0, 65535),
      count: whole(values.count, '--count', 1, 1000),
      functionCode: whole(values.function, '--function', 3, 4) === 3 ? 3 : 4,
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function parseConnection(text: string): BusConnection {
  const expected = 'expected tcp://host[:502], rtu-over-tcp://host:port or rtu:///dev/...'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw new Error(`--connection: found "${text}", ${expected}`)
  const port = url.port === '' ? 502 : Number(url.port)
  // Of a scheme that URL does not know the host is kept as it was written.
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '')
  if (url.protocol === 'tcp:' && host !== '') return { kind: 'tcp', host, port }
  if (url.protocol === 'rtu-over-tcp:' && host !== '') return { kind: 'rtu-over-tcp', host, port }
  if (url.protocol !== 'rtu:' || url.pathname.length < 2)
    throw new Error(`--connection: found "${text}", ${expected}`)
  const parity = url.searchParams.get('parity') ?? 'none'
  if (parity !== 'none' && parity !== 'even' && parity !== 'odd')
    throw new Error(`--connection: found parity "${parity}", expected none, even or odd`)
  return serial(decodeURIComponent(url.pathname), {
    baudRate: whole(url.searchParams.get('baud') ?? '9600', 'baud', 1200, 230400),
    parity,
    stopBits: whole(url.searchParams.get('stop') ?? '1', 'stop', 1, 2) === 2 ? 2 : 1,
  })
}

function serial(
  path: string,
  rate: Pick<SerialConnection, 'baudRate' | 'parity'> & { readonly stopBits?: 1 | 2 },
): SerialConnection {
  return { kind: 'rtu', path, dataBits: 8, stopBits: 1, ...rate }
}

/** "1-5,255" as numbers. */
function unitList(text: string): readonly number[] {
  const units = text.split(',').flatMap(part => {
    const [first, last = first] = part.split('-')
    const from = whole(first ?? '', '--units', 0, 255)
    const to = whole(last ?? '', '--units', from, 255)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
  if (units.length > MAX_UNITS)
    throw new Error(`--units: found ${units.length}, expected at most ${MAX_UNITS} at a time`)
  return units
}

function whole(text: string, name: string, least: number, most: number): number {
  const number = Number(text)
  if (!/^\d{1,6}$/.test(text) || number < least || number > most)
    throw new Error(`${name}: found "${text}", expected a number from ${least} to ${most}`)
  return number
}

async function scan(given: Arguments, tools: MetersTools): Promise<number> {
  const lines = tools.serialLines()
  const targets =
    given.connections.length > 0
      ? given.connections.map(connection => ({ connection, anyRate: given.anyRate.has(connection) }))
      : lines.map(path => ({ connection: serial(path, { baudRate: 9600, parity: 'none' }), anyRate: true }))
  if (targets.length === 0) {
    tools.print('No serial line is plugged in, and no --connection was given.')
    return 1
  }
  let found = 0
  for (const { connection, anyRate } of targets) found += await scanTarget(given, tools, connection, anyRate)
  tools.print(found === 0 ? 'Nothing answered.' : `${found} answered.`)
  return found === 0 ? 1 : 0
}

/** How many answered on it. */
async function scanTarget(
  given: Arguments,
  tools: MetersTools,
  connection: BusConnection,
  anyRate: boolean,
): Promise<number> {
  const rates =
    anyRate && connection.kind === 'rtu'
      ? USUAL_RATES.map(rate => serial(connection.path, rate))
      : [connection]
  for (const rate of rates) {
    tools.print(`${nameOf(rate)}: units ${given.units.join(', ')}`)
    const found = await scanLine(tools, rate, tools.devices.values(), given.units)
    if (typeof found === 'string') {
      tools.print(`  cannot be opened: ${found}`)
      return 0
    }
    for (const unit of found) for (const line of unitLines(unit)) tools.print(line)
    // Two meters on one line share its rate.
    if (found.length > 0) return found.length
  }
  return 0
}

function unitLines({ unitId, guesses }: FoundUnit): readonly string[] {
  if (guesses.length === 0) return [`  unit ${unitId}: answers, but no device file fits; see "meters dump"`]
  return guesses.map(
    ({ device, confidence, reading }) =>
      `  unit ${unitId}: ${confidence} ${device.id} (${device.manufacturer} ${device.model})` +
      `${reading.voltageV === undefined ? '' : `; ${phases(reading.voltageV, 'V')}`}` +
      `${reading.currentA === undefined ? '' : `; ${phases(reading.currentA, 'A')}`}`,
  )
}

async function read(given: Arguments, tools: MetersTools): Promise<number> {
  const device = tools.devices.get(given.device)
  const [connection] = given.connections
  const [unitId] = given.units
  if (device === undefined || connection === undefined || unitId === undefined) {
    tools.print(`--device: found "${given.device}", expected one of ${[...tools.devices.keys()].join(', ')}`)
    return 2
  }
  const opening = await tools.bus.connect(connection, 2000)
  if (opening.kind === 'failed') {
    tools.print(`${nameOf(connection)} cannot be opened: ${opening.detail}`)
    return 1
  }
  const unit = new MeterUnit({ id: 'read', device: device.id, unitId, pollMs: 1000, connection }, device)
  const { reading } = await unit.poll(
    (address, count, functionCode = device.functionCode) =>
      opening.line.read({ unitId, functionCode, address, count, timeoutMs: device.timeoutMs }),
    tools.monoMs(),
  )
  opening.line.close()
  tools.print(`${device.manufacturer} ${device.model}, unit ${unitId} at ${nameOf(connection)}`)
  if (reading.voltageV !== undefined) tools.print(`  voltage    ${phases(reading.voltageV, 'V')}`)
  if (reading.currentA !== undefined)
    tools.print(`  current    ${phases(reading.currentA, 'A')} (import positive)`)
  if (reading.powerW !== undefined) tools.print(`  power      ${phases(reading.powerW, 'W')}`)
  if (reading.totalPowerW !== undefined) tools.print(`  total      ${reading.totalPowerW} W`)
  if (reading.frequencyHz !== undefined) tools.print(`  frequency  ${reading.frequencyHz} Hz`)
  if (reading.importWh !== undefined) tools.print(`  import     ${reading.importWh} Wh`)
  if (reading.exportWh !== undefined) tools.print(`  export     ${reading.exportWh} Wh`)
  if (reading.fault !== undefined) tools.print(`  FAULT      ${reading.fault}`)
  return reading.fault === undefined ? 0 : 1
}

/** In blocks of ten, so that a hole in the map costs ten registers at most. */
const DUMP_STEP = 10

async function dump(given: Arguments, tools: MetersTools): Promise<number> {
  const { functionCode, units, connections } = given
  const [connection] = connections
  const [unitId] = units
  if (connection === undefined || unitId === undefined) return 2
  let answered = 0
  const end = Math.min(65536, given.address + given.count)
  for (let address = given.address; address < end; address += DUMP_STEP) {
    const opening = await tools.bus.connect(connection, 2000)
    if (opening.kind === 'failed') {
      tools.print(`${nameOf(connection)} cannot be opened: ${opening.detail}`)
      return 1
    }
    const count = Math.min(DUMP_STEP, end - address)
    const reply = await opening.line.read({ unitId, functionCode, address, count, timeoutMs: 1000 })
    opening.line.close()
    if (reply.kind === 'words') answered++
    const text =
      reply.kind === 'words'
        ? reply.words.map(word => word.toString(16).toUpperCase().padStart(4, '0')).join(' ')
        : reply.kind === 'exception'
          ? `exception ${reply.code}`
          : reply.kind === 'timeout'
            ? 'timeout'
            : reply.detail
    tools.print(`${address}: ${text}`)
  }
  return answered === 0 ? 1 : 0
}

function phases(values: PerPhase, unit: string): string {
  return `${values.map(value => Number(value.toFixed(2))).join(' / ')} ${unit}`
}

function nameOf(connection: BusConnection): string {
  return connection.kind === 'rtu'
    ? `${connection.path} at ${connection.baudRate} 8${connection.parity[0]?.toUpperCase()}${connection.stopBits}`
    : `${connection.kind}://${connection.host}:${connection.port}`
}
