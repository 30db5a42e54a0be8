// Finding meters over real sockets, reading one from the command line, and how a meter sits in its site.
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import t, { type Test } from 'tap'
import { createBus } from '../../src/adapters/bus.js'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import type { MeterReading } from '../../src/core/events.js'
import { metersCommand } from '../../src/meters-command.js'
import { parseMeterDevice } from '../../src/modbus/device-file.js'
import type { MeterDevice } from '../../src/modbus/device-schema.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import { scanLine } from '../../src/modbus/scan.js'
import { asWired } from '../../src/modbus/site-wiring.js'
import type { BusConnection } from '../../src/ports.js'

const HOST = '127.0.0.1'
const FOLDER = new URL('../../../devices/meters/', import.meta.url)
const DEVICES = new Map<string, MeterDevice>(
  readdirSync(FOLDER).map(name => {
    const parsed = parseMeterDevice(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')))
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    return [parsed.value.id, parsed.value]
  }),
)
const ports = { bus: createBus(), monoMs: () => 0 }

/** A meter that refuses what its map does not hold, as most do. */
async function meterOf(t: Test, id: string, extra: readonly (readonly [number, number])[] = []) {
  const device = DEVICES.get(id)!
  const words = new Map([...encodeRegisters(device, device.golden.values), ...extra])
  const has = (address: number) => [...words.keys()].some(known => Math.abs(known - address) <= 16)
  const server = await startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: (_code, address) => words.get(address) ?? 0,
    exceptionOn: (code, address) => (code === device.functionCode && has(address) ? undefined : 2),
  })
  t.teardown(() => server.stop())
  return { kind: 'tcp', host: HOST, port: server.port } as const
}

async function command(line: string) {
  const lines: string[] = []
  const status = await metersCommand(line.split(' '), {
    ...ports,
    devices: DEVICES,
    serialLines: () => [],
    print: text => lines.push(text),
  })
  return { status, text: lines.join('\n') }
}

t.test('a scan names the model by its identification, or every model that shares the map', async t => {
  const soco = [...'SOCO'].map((letter, i) => [50000 + i, letter.charCodeAt(0)] as const)
  const cases: [string, BusConnection, readonly string[]][] = [
    ['sunspec-203', await meterOf(t, 'sunspec-203'), ['identified sunspec-203']],
    ['socomec', await meterOf(t, 'socomec-diris-b30', soco), ['identified socomec-diris-b30']],
    [
      'eastron',
      await meterOf(t, 'eastron-sdm630-v2'),
      ['likely eastron-sdm630-v2', 'likely weidmueller-em120-em122'],
    ],
    [
      'janitza',
      await meterOf(t, 'janitza-umg-96rm'),
      ['likely janitza-b23', 'likely janitza-umg-604', 'likely janitza-umg-96rm'],
    ],
  ]
  for (const [name, connection, expected] of cases) {
    const found = await scanLine(ports, connection, DEVICES.values(), [1])
    if (typeof found === 'string') return t.fail(found)
    t.equal(found.length, 1, name)
    const guesses = found[0]!.guesses.map(({ device, confidence }) => `${confidence} ${device.id}`)
    for (const guess of expected) t.ok(guesses.includes(guess), `${name}: ${guesses}`)
    if (expected[0]!.startsWith('identified')) t.equal(guesses[0], expected[0], 'the best stands first')
  }
})

t.test('a unit that answers with exceptions only is somebody, a silent one nobody', async t => {
  const server = await startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: () => 0,
    exceptionOn: () => 2,
  })
  t.teardown(() => server.stop())
  const connection = { kind: 'tcp', host: HOST, port: server.port } as const
  t.same(await scanLine(ports, connection, DEVICES.values(), [1]), [{ connection, unitId: 1, guesses: [] }])
  const silent = net.createServer(socket => socket.on('error', () => undefined))
  await new Promise<void>(done => silent.listen(0, HOST, done))
  t.teardown(() => silent.close())
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  t.same(await scanLine(ports, { kind: 'tcp', host: HOST, port }, DEVICES.values(), [1]), [])
  t.match(await scanLine(ports, { kind: 'tcp', host: HOST, port: 1 }, DEVICES.values(), [1]), /ECONNREFUSED/)
})

t.test('"meters read" prints volts, amps and watts per phase and the counters', async t => {
  const { port } = await meterOf(t, 'eastron-sdm630-v2')
  const { status, text } = await command(
    `read --device eastron-sdm630-v2 --connection tcp://127.0.0.1:${port}`,
  )
  t.equal(status, 0, text)
  t.match(text, 'voltage    230.1 / 229.8 / 231.4 V')
  t.match(text, 'current    16.25 / -5.5 / 0 A (import positive)')
  t.match(text, 'import     1234500 Wh')
  const dump = await command(`dump --connection tcp://127.0.0.1:${port} --function 4 --address 0 --count 4`)
  t.equal(dump.text, '0: 4366 199A 4365 CCCD')
  const scan = await command(`scan --units 1 --connection tcp://127.0.0.1:${port}`)
  t.match(scan.text, 'unit 1: likely eastron-sdm630-v2 (Eastron SDM630-Modbus V2); 230.1 / 229.8 / 231.4 V')
  t.match(scan.text, '1 answered.')
})

t.test('a command line that is off is answered with what was found and expected', async t => {
  for (const [line, said] of [
    ['scan --connection http://x', /--connection: found "http:\/\/x", expected tcp:/],
    ['scan --units 1-255 --connection tcp://127.0.0.1:1', /--units: found 255, expected at most 64/],
    ['read --connection tcp://127.0.0.1:1 --device nope', /--device: found "nope", expected one of abb/],
    ['scan --connection rtu:///dev/null?parity=mark', /found parity "mark"/],
    ['write', /found "write", expected scan, read or dump/],
  ] as const) {
    const { status, text } = await command(line)
    t.equal(status, 2, line)
    t.match(text, said)
  }
  t.match((await command('scan')).text, 'No serial line is plugged in')
})

t.test(
  'invert turns amps, watts and both counters; a phase map moves volts, amps and watts together',
  async t => {
    const reading: MeterReading = {
      meterId: 'm',
      monoMs: 7,
      currentA: [10, 2, 0],
      powerW: [2300, -460, 0],
      voltageV: [231, 230, 229],
      totalPowerW: 1840,
      importWh: 100,
      exportWh: 5,
    }
    t.same(asWired(reading, {}), reading)
    t.same(asWired(reading, { invert: true }), {
      ...reading,
      currentA: [-10, -2, 0],
      powerW: [-2300, 460, 0],
      totalPowerW: -1840,
      importWh: 5,
      exportWh: 100,
    })
    t.same(
      asWired(reading, { phaseMap: 'L2L3L1' }),
      { ...reading, currentA: [0, 10, 2], powerW: [0, 2300, -460], voltageV: [229, 231, 230] },
      'its first input hangs on L2',
    )
    t.same(asWired(reading, { ctRatio: 50, vtRatio: 2 }), {
      ...reading,
      currentA: [500, 100, 0],
      powerW: [230_000, -46_000, 0],
      voltageV: [462, 460, 458],
      totalPowerW: 184_000,
      importWh: 10_000,
      exportWh: 500,
    })
    t.same(asWired({ meterId: 'm', monoMs: 7, fault: 'timeout' }, { invert: true }), {
      meterId: 'm',
      monoMs: 7,
      fault: 'timeout',
    })
  },
)
