/**
 * `busbar meters scan | read | dump`: what answers on a line, what a meter says now, and its raw registers for whoever
 * helps from afar. For the electrician before there is a configuration. Never writes a register. Text in, lines out; the
 * Bus and the list of serial lines are handed in.
 */
import { parseArgs } from 'node:util'
import type { PerPhase } from './core/site/phases.js'
import type { MeterDevice } from './modbus/device-schema.js'
import { MeterUnit } from './modbus/meter-unit.js'
import type { FoundUnit, Guess, ScanPorts } from './modbus/scan.js'
import { hostOf, nameOf, type SearchTarget, searchTarget, unitIdsOf } from './modbus/search.js'
import type { BusConnection } from './ports.js'

export const METERS_USAGE = `usage:
  node dist/main.js meters scan [--connection C ...] [--units 1-10,255]
  node dist/main.js meters read --device D --connection C [--unit N]
  node dist/main.js meters dump --connection C --address N [--count N] [--function 3|4] [--unit N]
C is tcp://host[:502], rtu-over-tcp://host:port, host[:502] (both are tried) or
rtu:///dev/serial/by-id/...[?baud=9600&parity=none&stop=1].
Without --connection, scan tries every serial line that is plugged in, at the usual rates where ?baud does not say one, and
whoever announces Modbus in the network (mDNS).`

export interface MetersTools extends ScanPorts {
  readonly devices: ReadonlyMap<string, MeterDevice>
  readonly lines: {
    /** Paths, by-id names where the system has them. */
    list(): readonly string[]
    /** Hosts that announce Modbus in the network. */
    announced(): Promise<readonly { readonly name: string; readonly host: string; readonly port: number }[]>
  }
  readonly print: (line: string) => void
}

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
  readonly targets: readonly SearchTarget[]
  /** To be read or dumped. */
  readonly connection: BusConnection | undefined
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
    const [first = ''] = values.connection
    if (command !== 'scan' && values.connection.length !== 1)
      return `--connection: found ${values.connection.length}, expected one`
    return {
      command,
      targets: command === 'scan' ? values.connection.map(targetOf) : [],
      connection: command === 'scan' ? undefined : parseConnection(first),
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

/** A bare host may speak either way, a serial line without a rate at any. */
function targetOf(text: string): SearchTarget {
  const host = hostOf(text)
  if (host !== undefined) return { kind: 'host', ...host }
  const connection = parseConnection(text)
  return connection.kind === 'rtu' && !/[?&]baud=/.test(text)
    ? { kind: 'serial', path: connection.path }
    : { kind: 'line', connection }
}

function parseConnection(text: string): BusConnection {
  const expected = 'expected host[:502], tcp://host[:502], rtu-over-tcp://host:port or rtu:///dev/...'
  const plain = hostOf(text)
  if (plain !== undefined) return { kind: 'tcp', ...plain }
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
  return {
    kind: 'rtu',
    path: decodeURIComponent(url.pathname),
    baudRate: whole(url.searchParams.get('baud') ?? '9600', 'baud', 1200, 230400),
    parity,
    dataBits: 8,
    stopBits: whole(url.searchParams.get('stop') ?? '1', 'stop', 1, 2) === 2 ? 2 : 1,
  }
}

function unitList(text: string): readonly number[] {
  const read = unitIdsOf(text)
  if ('found' in read) throw new Error(`--units: found ${read.found}, expected ${read.expected}`)
  return read.unitIds
}

function whole(text: string, name: string, least: number, most: number): number {
  const number = Number(text)
  if (!/^\d{1,6}$/.test(text) || number < least || number > most)
    throw new Error(`${name}: found "${text}", expected a number from ${least} to ${most}`)
  return number
}

async function scan(given: Arguments, tools: MetersTools): Promise<number> {
  const targets = given.targets.length > 0 ? given.targets : await whatIsThere(tools)
  if (targets.length === 0) {
    tools.print(
      'No serial line is plugged in, nobody announces Modbus in the network, and no --connection was given.',
    )
    return 1
  }
  let found = 0
  for (const target of targets) {
    const { units, fault } = await searchTarget(tools, target, {
      devices: tools.devices,
      unitIds: given.units,
      trying: connection => tools.print(`${nameOf(connection)}: units ${given.units.join(', ')}`),
    })
    if (fault !== undefined) tools.print(`  cannot be opened: ${fault}`)
    for (const unit of units) for (const line of unitLines(unit)) tools.print(line)
    found += units.length
  }
  tools.print(found === 0 ? 'Nothing answered.' : `${found} answered.`)
  return found === 0 ? 1 : 0
}

async function whatIsThere(tools: MetersTools): Promise<readonly SearchTarget[]> {
  const announced = await tools.lines.announced()
  for (const { name, host, port } of announced) tools.print(`${host}:${port} announces itself as ${name}`)
  return [
    ...tools.lines.list().map(path => ({ kind: 'serial' as const, path })),
    ...announced.map(({ host, port }) => ({ kind: 'host' as const, host, port })),
  ]
}

function unitLines({ unitId, guesses, saysOfItself, alike }: FoundUnit): readonly string[] {
  const said = saysOfItself === undefined ? [] : [`  unit ${unitId} says of itself: ${saysOfItself}`]
  if (guesses.length === 0)
    return [`  unit ${unitId}: answers, but no device file fits; see "meters dump"`, ...said]
  return [...guesses.map(guess => guessLine(unitId, guess)), ...said, ...alikeLine(unitId, guesses, alike)]
}

function alikeLine(
  unitId: number,
  [first]: FoundUnit['guesses'],
  alike: FoundUnit['alike'],
): readonly string[] {
  if (alike === undefined || first === undefined) return []
  const which =
    first.confidence === 'identified'
      ? `take ${first.device.id}`
      : 'no register tells which it is, so take the one on the name plate'
  return [
    `  unit ${unitId}: ${alike.join(', ')} keep the same values in the same registers and are read alike; ${which}.`,
  ]
}

function guessLine(unitId: number, { device, confidence, reading, evidence }: Guess): string {
  return (
    `  unit ${unitId}: ${confidence}${evidence === undefined ? '' : ` by ${evidence}:`} ${device.id} (${device.manufacturer} ${device.model})` +
    `${reading.voltageV === undefined ? '' : `; ${phases(reading.voltageV, 'V')}`}` +
    `${reading.currentA === undefined ? '' : `; ${phases(reading.currentA, 'A')}`}`
  )
}

async function read(given: Arguments, tools: MetersTools): Promise<number> {
  const device = tools.devices.get(given.device)
  const { connection } = given
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
  if (reading.powerFactor !== undefined)
    tools.print(`  factor     ${reading.powerFactor.map(it => it ?? '-').join(' / ')}`)
  if (reading.totalPowerW !== undefined) tools.print(`  total      ${reading.totalPowerW} W`)
  if (reading.frequencyHz !== undefined) tools.print(`  frequency  ${reading.frequencyHz} Hz`)
  if (reading.importWh !== undefined) tools.print(`  import     ${reading.importWh} Wh`)
  if (reading.exportWh !== undefined) tools.print(`  export     ${reading.exportWh} Wh`)
  if (reading.clockS !== undefined) tools.print(`  clock      ${reading.clockS} s`)
  if (reading.fault !== undefined) tools.print(`  FAULT      ${reading.fault}`)
  return reading.fault === undefined ? 0 : 1
}

/** In blocks of ten, so that a hole in the map costs ten registers at most. */
const DUMP_STEP = 10

async function dump(given: Arguments, tools: MetersTools): Promise<number> {
  const { functionCode, units, connection } = given
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
