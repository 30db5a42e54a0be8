// Every vector once through an independent server (pymodbus) and our whole reading path, and some registers through an
// independent client (mbpoll): on TCP, and as RTU on a virtual serial line.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { createBus } from '../../src/adapters/bus.js'
import { parseMeterDevice } from '../../src/modbus/device-file.js'
import type { MeterDevice } from '../../src/modbus/device-schema.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import { MeterUnit } from '../../src/modbus/meter-unit.js'
import type { BusConnection } from '../../src/ports.js'

/** Where Debian's packages are found; another Python may be first in the path. */
const PYTHON = '/usr/bin/python3'
const MODULES = 'import pymodbus, serial_asyncio'
const SERVER = fileURLToPath(new URL('../../../test/modbus/fixtures/meter_server.py', import.meta.url))
const DEVICES = new URL('../../../devices/meters/', import.meta.url)
const VECTORS = new URL('../../../test/vectors/meters/', import.meta.url)
const missing = [
  ...(spawnSync(PYTHON, ['-c', MODULES]).status === 0 ? [] : ['python3-pymodbus, python3-serial-asyncio']),
  ...['mbpoll', 'socat'].filter(tool => spawnSync('which', [tool]).status !== 0),
]
const options = missing.length === 0 ? {} : { skip: `not installed: ${missing.join(', ')}` }
const run = promisify(execFile)

interface Model {
  readonly device: MeterDevice
  /** As on the wire. */
  readonly words: Readonly<Record<string, number>>
  readonly values: Readonly<Record<string, number>>
}

/** The first vector of each model with three phases, at the addresses a real one has. */
const models: readonly Model[] = readdirSync(DEVICES).flatMap(name => {
  const parsed = parseMeterDevice(JSON.parse(readFileSync(new URL(name, DEVICES), 'utf8')))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  const device = parsed.value
  const { cases } = JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8'))
  const words: Record<string, number> = {}
  // The SunSpec chain is what leads to the map; the model's registers lie behind it.
  if (device.sunspec !== undefined)
    for (const [address, word] of encodeRegisters(device, {})) words[address] = word
  const origin = device.sunspec === undefined ? 0 : (device.sunspec.bases[0] ?? 0) + 70
  for (const [address, hex] of Object.entries<string>(cases[0].words))
    for (const [i, word] of hex.split(' ').entries())
      words[origin + Number(address) + i] = Number.parseInt(word, 16)
  for (const probe of device.probe)
    for (const [i, word] of (probe.expect[0] ?? '').split(' ').entries())
      words[probe.address + i] = Number.parseInt(word, 16)
  return device.phases < 3 ? [] : [{ device, words, values: cases[0].values }]
})

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function serve(t: Test, where: object, units: readonly Model[]) {
  const server = spawn(PYTHON, ['-u', SERVER], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(server, 'exit')
  t.teardown(async () => {
    server.kill()
    await ended
  })
  const given = { ...where, units: Object.fromEntries(units.map(({ words }, i) => [i + 1, words])) }
  server.stdin.write(`${JSON.stringify(given)}\n`)
  await once(server.stdout, 'data')
}

/** The line when it can be opened: the server says it is ready just before it listens. */
async function connected(connection: BusConnection) {
  for (;;) {
    const opening = await createBus().connect(connection, 5000)
    if (opening.kind === 'open') return opening.line
    if (!opening.detail.includes('ECONNREFUSED')) throw new Error(opening.detail)
  }
}

async function readingOf(connection: BusConnection, unitId: number, device: MeterDevice) {
  const line = await connected(connection)
  const unit = new MeterUnit({ id: 'm', device: device.id, unitId, pollMs: 1000, connection }, device)
  const { reading } = await unit.poll(
    (address, count, functionCode = device.functionCode) =>
      line.read({ unitId, functionCode, address, count, timeoutMs: 5000 }),
    0,
  )
  line.close()
  return reading
}

function same(t: Test, { device, values }: Model, reading: Awaited<ReturnType<typeof readingOf>>) {
  const found = {
    ...(reading.fault !== undefined && { fault: reading.fault }),
    'Current.L1': reading.currentA?.[0],
    'Current.L2': reading.currentA?.[1],
    'Voltage.L3-N': reading.voltageV?.[2],
    'Power.Active.L1': reading.powerW?.[0],
    'Power.Active.Total': reading.totalPowerW,
    'Energy.Active.Import.Total': reading.importWh,
    'Energy.Active.Export.Total': reading.exportWh,
  }
  const known = Object.entries(found).filter(([, value]) => value !== undefined)
  t.same(
    known.filter(([name, value]) => Math.abs(Number(value) - (values[name] ?? Number.NaN)) > 1e-3),
    [],
    device.id,
  )
  t.ok(reading.currentA !== undefined, `${device.id} has currents`)
}

t.test('an independent Modbus TCP server with every vector is read right', options, async t => {
  const port = await freePort()
  const connection = { kind: 'tcp', host: '127.0.0.1', port } as const
  await serve(t, { tcp: port }, models)
  for (const [i, model] of models.entries()) same(t, model, await readingOf(connection, i + 1, model.device))
  t.equal(models.length, 36, 'the others measure fewer phases')
})

t.test('an independent client reads the same volts from the same registers', options, async t => {
  const port = await freePort()
  await serve(t, { tcp: port }, models)
  await (await connected({ kind: 'tcp', host: '127.0.0.1', port })).close()
  const volts = async (id: string, type: string, byteOrder: readonly string[]) => {
    const at = models.findIndex(({ device }) => device.id === id)
    const value = models[at]!.device.values.find(({ measurand }) => measurand === 'Voltage.L1-N')!
    const args = ['-m', 'tcp', '-p', `${port}`, '-a', `${at + 1}`, '-t', type, ...byteOrder, '-0']
    const { stdout } = await run('mbpoll', [...args, '-r', `${value.address}`, '-c', '1', '-1', '127.0.0.1'])
    return Number(/\]:\s+([\d.]+)/.exec(stdout)?.[1]) * value.scale
  }
  t.equal((await volts('eastron-sdm630-v2', '3:float', ['-B'])).toFixed(1), '230.1', 'high word first')
  t.equal((await volts('siemens-pac3200', '4:float', ['-B'])).toFixed(1), '230.1')
  t.equal((await volts('abb-b23-b24', '4:int', ['-B'])).toFixed(1), '230.1')
  t.equal((await volts('carlo-gavazzi-et340', '3:int', [])).toFixed(1), '230.1', 'low word first')
})

t.test('an independent RTU server on a virtual serial line is read right', options, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-rtu-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [ours, theirs] = [join(folder, 'a'), join(folder, 'b')]
  const pair = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`])
  const gone = once(pair, 'exit')
  t.teardown(async () => {
    pair.kill()
    await gone
  })
  while (!existsSync(ours) || !existsSync(theirs)) await once(pair.stderr, 'data')
  const wanted = models.filter(({ device }) => /sdm630|em340|b23-b24/.test(device.id))
  await serve(t, { serial: theirs }, wanted)
  const line = { baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const
  for (const [i, model] of wanted.entries())
    same(t, model, await readingOf({ kind: 'rtu', path: ours, ...line }, i + 1, model.device))
})
