// Finding meters over real sockets, reading one from the command line, and how a meter sits in its site.

import dgram from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import t, { type Test } from 'tap'
import { announcedHosts } from '../../src/adapters/announced-hosts.js'
import { createBus } from '../../src/adapters/bus.js'
import { identityOf } from '../../src/adapters/bus-identity.js'
import { createClock } from '../../src/adapters/clock.js'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { siteConfigSchema } from '../../src/core/config/site.js'
import type { OrderDesk, OrderOutcome } from '../../src/core/control/order-desk.js'
import type { MeterReading } from '../../src/core/events.js'
import { refusal } from '../../src/core/words/refused.js'
import { meterDesk } from '../../src/gateway/meter-desk.js'
import { startSiteRegisters } from '../../src/gateway/site-registers.js'
import { metersCommand } from '../../src/meters-command.js'
import { parseMeterDevice } from '../../src/modbus/device-file.js'
import type { MeterDevice } from '../../src/modbus/device-schema.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import { scanLine } from '../../src/modbus/scan.js'
import { siteRegisters } from '../../src/modbus/site-map.js'
import { asWired } from '../../src/modbus/site-wiring.js'
import type { Bus, BusConnection, BusReply } from '../../src/ports.js'
import { depotView } from '../web/fixtures/depot.js'

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
    exceptionOn: (code, address) =>
      (code === device.functionCode && has(address)) || extra.some(([at]) => at === address) ? undefined : 2,
  })
  t.teardown(() => server.stop())
  return { kind: 'tcp', host: HOST, port: server.port } as const
}

function portOf(server: net.Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What hangs behind it speaks RTU: a frame whose checksum does not fit is noise to it. */
function rtuGateway(socket: net.Socket, meterPort: number): void {
  socket.on('error', () => undefined)
  const meter = net.connect(meterPort, HOST)
  meter.on('error', () => undefined)
  socket.on('close', () => meter.destroy())
  socket.on('data', frame => {
    const body = frame.subarray(0, -2)
    if (frame.length < 4 || crcOf(body) !== frame.readUInt16LE(frame.length - 2)) return
    meter.write(Buffer.concat([Buffer.from([0, 1, 0, 0, 0, body.length]), body]))
  })
  meter.on('data', frame => {
    const body = frame.subarray(6)
    const crc = Buffer.alloc(2)
    crc.writeUInt16LE(crcOf(body))
    socket.write(Buffer.concat([body, crc]))
  })
}

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

/** Who announces Modbus while a command runs. */
let announcedNow: readonly { name: string; host: string; port: number }[] = []

async function command(line: string) {
  const lines: string[] = []
  const status = await metersCommand(line.split(' '), {
    ...ports,
    devices: DEVICES,
    lines: { list: () => [], announced: async () => announcedNow },
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
      'eastron with its product code',
      await meterOf(t, 'eastron-sdm72d-m-v2', [[64514, 0x0089]]),
      ['identified eastron-sdm72d-m-v2', 'likely weidmueller-em120-em122'],
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
    if (name.endsWith('code')) {
      t.notOk(
        guesses.some(guess => guess.endsWith('eastron-sdm630-v2')),
        'a code of another model rules it out',
      )
      t.equal(found[0]!.guesses[0]!.evidence, 'product code 0089')
    }
    if (name === 'eastron')
      t.same(found[0]!.alike, ['eastron-sdm630-v2', 'eastron-sdm72d-m-v2', 'weidmueller-em120-em122'])
    if (name === 'socomec') t.equal(found[0]!.guesses[0]!.evidence !== undefined, true)
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
  t.match(
    scan.text,
    'unit 1: eastron-sdm630-v2, eastron-sdm72d-m-v2, weidmueller-em120-em122 keep the same values in the same registers',
  )
  t.match(scan.text, 'take the one on the name plate')
  t.match(text, 'factor     0.998 / -0.981 / 1')
  announcedNow = [{ name: 'rail', host: HOST, port }]
  const search = await command('scan --units 1')
  announcedNow = []
  t.match(search.text, `${HOST}:${port} announces itself as rail`)
  t.match(search.text, 'unit 1: likely eastron-sdm630-v2')
})

t.test(
  'a scan, a reading and a dump send function codes 3 and 4, and 43 once for a unit that answers',
  async t => {
    const { port } = await meterOf(t, 'eastron-sdm630-v2')
    const codes = new Map<number, number>()
    const recorder = net.createServer(socket => {
      const meter = net.connect(port, HOST)
      for (const end of [socket, meter]) end.on('error', () => undefined)
      socket.on('data', frame => {
        const code = frame[7] ?? 0
        codes.set(code, (codes.get(code) ?? 0) + 1)
        meter.write(frame)
      })
      meter.on('data', frame => socket.write(frame))
      socket.on('close', () => meter.destroy())
    })
    await new Promise<void>(done => recorder.listen(0, HOST, done))
    t.teardown(() => recorder.close())
    const at = `--connection tcp://127.0.0.1:${portOf(recorder)}`
    await command(`scan --units 1 ${at}`)
    await command(`read --device eastron-sdm630-v2 ${at}`)
    await command(`dump ${at} --function 4 --address 0 --count 4`)
    t.same(
      [...codes.keys()].sort((a, b) => a - b),
      [3, 4, 43],
    )
    t.equal(codes.get(43), 1)
  },
)

/** Answers function code 43 with these objects, or with whatever bytes. */
async function saying(t: Test, answer: (transaction: Buffer) => Buffer) {
  const server = net.createServer(socket => {
    socket.on('error', () => undefined)
    socket.on('data', frame => socket.write(answer(frame.subarray(0, 2))))
  })
  await new Promise<void>(done => server.listen(0, HOST, done))
  t.teardown(() => server.close())
  return { host: HOST, port: portOf(server) }
}

t.test(
  'what a device says of itself is read; a short, long, foreign or endless answer says nothing',
  async t => {
    const objects = [...[0, 3], ...Buffer.from('Rai'), ...[1, 4], ...Buffer.from('M\u0007-1'), ...[2, 0]]
    const pdu = [1, 0x2b, 0x0e, 1, 1, 0, 0, 3, ...objects]
    const framed = (transaction: Buffer, body: readonly number[], length = body.length) =>
      Buffer.from([...transaction, 0, 0, length >> 8, length & 0xff, ...body])
    t.equal(await identityOf(await saying(t, id => framed(id, pdu)), 1, 2_000), 'Rai, M-1')
    const bad: [string, (id: Buffer) => Buffer][] = [
      ['exception 1', id => framed(id, [1, 0xab, 1])],
      ['an object longer than the answer', id => framed(id, pdu.with(9, 200))],
      ['a length of 65535', id => framed(id, pdu, 65_535)],
      ['more bytes than it says', id => framed(id, [...pdu, 9], pdu.length)],
      ['a foreign transaction', () => framed(Buffer.from([7, 7]), pdu)],
      ['a foreign unit', id => framed(id, pdu.with(0, 9))],
      ['a length of 0', id => framed(id, [], 0)],
      ['nothing but its head', id => framed(id, pdu.slice(0, 3))],
    ]
    for (const [name, answer] of bad)
      t.equal(await identityOf(await saying(t, answer), 1, 2_000), undefined, name)
    t.equal(await identityOf({ host: HOST, port: 1 }, 1, 2_000), undefined, 'nobody there')
    t.equal(await identityOf(await saying(t, () => Buffer.alloc(0)), 1, 50), undefined, 'silent')
  },
)

t.test(
  'who announces Modbus is found where the answer came from, and a broken answer ends nothing',
  async t => {
    const responder = dgram.createSocket('udp4')
    await new Promise<void>(done => responder.bind(0, HOST, done))
    t.teardown(() => responder.close())
    const name = (...labels: string[]) =>
      Buffer.concat([
        ...labels.map(label => Buffer.from([label.length, ...Buffer.from(label)])),
        Buffer.of(0),
      ])
    const record = (of: Buffer, type: number, data: Buffer) =>
      Buffer.concat([of, Buffer.from([0, type, 0, 1, 0, 0, 0, 120, 0, data.length]), data])
    const service = name('_modbus', '_tcp', 'local')
    const instance = name('rail', '_modbus', '_tcp', 'local')
    const target = name('elsewhere', 'local')
    const ptr = record(service, 12, instance)
    const srv = record(instance, 33, Buffer.concat([Buffer.from([0, 0, 0, 0, 0x13, 0x9c]), target]))
    const a = record(target, 1, Buffer.from([8, 8, 8, 8]))
    const answer = (...records: Buffer[]) =>
      Buffer.concat([Buffer.from([0, 0, 0x84, 0, 0, 0, 0, records.length, 0, 0, 0, 0]), ...records])
    responder.on('message', (_question, from) => {
      for (const bytes of [
        Buffer.from('noise'),
        answer(record(service, 12, Buffer.alloc(0))),
        answer(ptr, record(instance, 33, Buffer.alloc(0)), record(instance, 16, Buffer.alloc(0))),
        answer(ptr, srv, a),
      ])
        responder.send(bytes, from.port, from.address)
    })
    const via = { ip: HOST, port: responder.address().port, multicast: false, bind: false }
    t.same(await announcedHosts(via), [{ name: 'rail', host: HOST, port: 5020, alias: 'elsewhere.local' }])
  },
)

t.test('a command line that is off is answered with what was found and expected', async t => {
  for (const [line, said] of [
    ['scan --connection http://x', /--connection: found "http:\/\/x", expected host/],
    ['scan --units 1-255 --connection tcp://127.0.0.1:1', /--units: found 255, expected at most 64/],
    ['read --connection tcp://127.0.0.1:1 --device nope', /--device: found "nope", expected one of abb/],
    ['scan --connection rtu:///dev/null?parity=mark', /found parity "mark"/],
    ['write', /found "write", expected scan, read or dump/],
  ] as const) {
    const { status, text } = await command(line)
    t.equal(status, 2, line)
    t.match(text, said)
  }
  t.match((await command('scan')).text, 'No serial line is plugged in, nobody announces Modbus')
})

t.test(
  'invert turns amps, watts, power factor and both counters; a phase map moves volts, amps, watts and factor',
  async t => {
    const reading: MeterReading = {
      meterId: 'm',
      monoMs: 7,
      currentA: [10, 2, 0],
      powerW: [2300, -460, 0],
      voltageV: [231, 230, 229],
      powerFactor: [0.99, -0.87, undefined],
      totalPowerW: 1840,
      importWh: 100,
      exportWh: 5,
    }
    t.same(asWired(reading, {}), reading)
    t.same(asWired(reading, { invert: true }), {
      ...reading,
      currentA: [-10, -2, 0],
      powerW: [-2300, 460, 0],
      powerFactor: [-0.99, 0.87, undefined],
      totalPowerW: -1840,
      importWh: 5,
      exportWh: 100,
    })
    t.same(
      asWired(reading, { phaseMap: 'L2L3L1' }),
      {
        ...reading,
        currentA: [0, 10, 2],
        powerW: [0, 2300, -460],
        voltageV: [229, 231, 230],
        powerFactor: [undefined, 0.99, -0.87],
      },
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

/** The desk behind the API, with one meter running at `busy`. */
function desk(
  running: BusConnection | undefined,
  plugged: readonly string[] = [],
  announced: readonly { name: string; host: string; port: number; alias: string }[] = [],
) {
  const { element } = siteConfigSchema.shape.meters.unwrap()
  const meters =
    running === undefined ? [] : [element.parse({ id: 'main', device: 'x', connection: running })]
  return meterDesk({
    ports: { bus: createBus(), clock: createClock(), log: { write: () => undefined } },
    devices: DEVICES,
    serial: {
      list: () => plugged,
      realPath: path => path.replace('/by-id/', '/'),
      announced: async () => announced,
    },
    meters,
    values: () => undefined,
  })
}

t.test('a host is asked both ways, and a meter behind an RTU gateway is found as such', async t => {
  const { port } = await meterOf(t, 'eastron-sdm630-v2')
  const gateway = net.createServer(socket => rtuGateway(socket, port))
  await new Promise<void>(done => gateway.listen(0, HOST, done))
  t.teardown(() => gateway.close())
  const rtu = portOf(gateway)
  const found = await desk(undefined).scan({
    hosts: [`${HOST}:${port}`, `${HOST}:${rtu}`, `${HOST}:1`],
    unitIds: '1',
  })
  if (found.kind !== 'done') return t.fail(found.kind)
  t.same(
    found.lines.map(({ state, units }) => [state, units[0]?.connection.kind, units[0]?.models[0]?.device]),
    [
      ['searched', 'tcp', 'eastron-sdm630-v2'],
      ['searched', 'rtu-over-tcp', 'eastron-sdm630-v2'],
      ['not opened', undefined, undefined],
    ],
  )
  t.same(found.lines[1]?.units[0]?.models[0]?.values.currentA, [16.25, -5.5, 0])
  t.match(found.lines[2]?.text, /ECONNREFUSED/)
})

t.test('a line that a running meter uses is left alone, whatever it is called', async t => {
  const { port } = await meterOf(t, 'eastron-sdm630-v2')
  const running = desk({ kind: 'tcp', host: HOST, port })
  const scanned = await running.scan({ hosts: [`${HOST}:${port}`], unitIds: '1' })
  t.match(scanned, { kind: 'done', lines: [{ state: 'in use', text: 'by meter main', units: [] }] })
  const wish = {
    device: 'eastron-sdm630-v2',
    unitId: 1,
    connection: { kind: 'tcp' as const, host: HOST, port },
  }
  t.same(await running.read(wish), { kind: 'in use', meters: ['main'] })
  const rtu = {
    kind: 'rtu',
    path: '/dev/a',
    baudRate: 9600,
    parity: 'none',
    dataBits: 8,
    stopBits: 1,
  } as const
  const named = desk(
    { kind: 'tcp', host: 'rail.local', port },
    [],
    [{ name: 'rail', host: HOST, port, alias: 'rail.local' }],
  )
  t.match(await named.scan({ hosts: [], announced: true, unitIds: '1' }), {
    kind: 'done',
    lines: [{ where: `${HOST}:${port} (rail)`, state: 'in use' }],
  })
  const found = await desk(undefined, [], [{ name: 'rail', host: HOST, port, alias: '' }]).scan({
    hosts: [],
    announced: true,
    unitIds: '1',
  })
  t.match(found, {
    lines: [{ units: [{ alike: ['eastron-sdm630-v2', 'eastron-sdm72d-m-v2', 'weidmueller-em120-em122'] }] }],
  })
  const serial = await desk(rtu, ['/dev/by-id/a']).scan({ hosts: [], unitIds: '1' })
  t.match(serial, { kind: 'done', lines: [{ where: '/dev/by-id/a', state: 'in use' }] })
})

t.test('one reading of a meter that is not configured yet, as it will be wired', async t => {
  const { port } = await meterOf(t, 'eastron-sdm630-v2')
  const wish = {
    device: 'eastron-sdm630-v2',
    unitId: 1,
    connection: { kind: 'tcp' as const, host: HOST, port },
  }
  const here = desk(undefined)
  t.match(await here.read(wish), {
    kind: 'read',
    values: { currentA: [16.25, -5.5, 0], voltageV: [230.1, 229.8, 231.4] },
  })
  t.match(await here.read({ ...wish, invert: true, phaseMap: 'L2L3L1' }), {
    values: { currentA: [0, -16.25, 5.5] },
  })
  t.match(await here.read({ ...wish, unitId: 9 }), { kind: 'read', values: { fault: 'timeout' } })
  t.match(await here.read({ ...wish, device: 'nope' }), { kind: 'unfit', path: 'device', found: 'nope' })
})

t.test('a scan runs once at a time, and opens nothing but hosts and lines that are plugged in', async t => {
  const here = desk(undefined, ['/dev/ttyUSB0'])
  const first = here.scan({ hosts: [`${HOST}:1`], unitIds: '1' })
  t.same(await here.scan({ hosts: [`${HOST}:1`], unitIds: '1' }), { kind: 'busy' })
  t.match(await first, { kind: 'done' })
  t.match(await here.scan({ hosts: [], serialLines: ['/etc/passwd'], unitIds: '1' }), {
    kind: 'unfit',
    path: 'serialLines[0]',
    found: '/etc/passwd',
  })
  t.match(await here.scan({ hosts: ['http://x/'], unitIds: '1' }), { kind: 'unfit', path: 'hosts[0]' })
  t.match(await here.scan({ hosts: [], unitIds: '1-255' }), { kind: 'unfit', path: 'unitIds' })
  const path = '/etc/passwd'
  const connection = { kind: 'rtu', path, baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const
  t.match(await here.read({ device: 'eastron-sdm630-v2', unitId: 1, connection }), {
    kind: 'unfit',
    found: path,
  })
})

/** A depot of twelve stations whose meter is lost where `meterOff`. */
const depot = (meterOff: boolean) =>
  depotView(1_790_000_100, {
    stations: 12,
    startS: 1_790_000_000,
    switches: { csmsOff: false, meterOff, brokerOff: false },
  })

const NO_LIMITS = { windows: [], gridControls: [], meanLimits: [], importLimits: [] }
const noOrder = async (): Promise<OrderOutcome> => ({
  kind: 'refused',
  why: refusal('no-order', { found: 'x' }),
})
const nobody = async (): Promise<BusReply> => ({ kind: 'exception', code: 10 })
const noDesk: OrderDesk = {
  limit: noOrder,
  enable: noOrder,
  clear: noOrder,
  departure: noOrder,
  grid: noOrder,
}

t.test('a building controller walks the list of the server and reads amps, limits and headroom', async t => {
  const view = depot(false)
  const bus = createBus()
  let port = 0
  const serve: Bus['serve'] = async options => {
    const server = await startModbusServer(options)
    port = server.port
    return server
  }
  const log = { write: () => undefined }
  const config = { host: HOST, port: 0, unitId: 1 }
  const server = await startSiteRegisters(
    { bus: { ...bus, serve }, clock: createClock(), log },
    { modbusServer: config, limits: { ...NO_LIMITS, sources: [] } },
    { view: () => view, book: () => new Map(), orders: noDesk, passThrough: nobody },
  )
  t.teardown(() => server.stop())
  const opening = await bus.connect({ kind: 'tcp', host: HOST, port }, 2_000)
  if (opening.kind === 'failed') return t.fail(opening.detail)
  const { line } = opening
  const read = async (address: number, count: number, functionCode: 3 | 4 = 3) =>
    line.read({ unitId: 1, functionCode, address, count, timeoutMs: 2_000 })
  t.same(await read(40_000, 2), { kind: 'words', words: [0x5375, 0x6e53] })
  t.same(await read(40_000, 2, 4), { kind: 'words', words: [0x5375, 0x6e53] }, 'input registers are the same')
  t.same(await read(39_999, 2), { kind: 'exception', code: 2 })
  const models: number[] = []
  for (let address = 40_002; ; ) {
    const reply = await read(address, 2)
    const [model = 0xffff, length = 0] = reply.kind === 'words' ? reply.words : []
    if (model === 0xffff) break
    models.push(model)
    if (models.filter(one => one === 64_902).length === 1 && model === 64_902) {
      const circuit = await read(address + 2, length)
      const words = circuit.kind === 'words' ? circuit.words : []
      const int32 = (at: number) => ((words[at] ?? 0) << 16) | (words[at + 1] ?? 0)
      const [main] = view.circuits
      t.equal(int32(16), Math.round((main?.ratedCurrentA ?? 0) * 100), 'rating')
      t.equal(int32(18), Math.round((main?.limitA ?? 0) * 100), 'limit')
      t.equal(int32(20), Math.round((main?.measuredA?.[0] ?? 0) * 100), 'measured on L1')
      t.equal(int32(38), Math.round((main?.headroomA[0] ?? 0) * 100), 'headroom on L1')
    }
    address += 2 + length
  }
  t.same(models.slice(0, 3), [1, 64_901, 64_902])
  t.equal(models.filter(model => model === 64_902).length, view.circuits.length)
  t.equal(models.filter(model => model === 64_903).length, view.meters.length)
  line.close()
  for (const attack of ['\x00\x01\x00\x00\xff\xff\x01\x03', 'GET / HTTP/1.1\r\n\r\n', WRITE_ONE]) {
    const socket = net.connect(port, HOST)
    socket.on('error', () => undefined)
    socket.end(Buffer.from(attack, 'latin1'))
    await new Promise(done => socket.once('close', done).resume())
  }
  const again = await bus.connect({ kind: 'tcp', host: HOST, port }, 2_000)
  if (again.kind === 'failed') return t.fail(again.detail)
  const still = await again.line.read({
    unitId: 1,
    functionCode: 3,
    address: 40_000,
    count: 2,
    timeoutMs: 2_000,
  })
  t.same(still, { kind: 'words', words: [0x5375, 0x6e53] }, 'garbage and a write change nothing')
  again.line.close()
})

/** Function code 6: 0 to register 40000. */
const WRITE_ONE = '\x00\x01\x00\x00\x00\x06\x01\x06\x9c\x40\x00\x00'

t.test('the limit register is written by function codes 6 and 16, and nothing else is', async t => {
  const view = depot(false)
  const given: { door: string; limitA: number | undefined; durationS: number }[] = []
  const outcome = async (): Promise<OrderOutcome> => ({
    kind: 'done',
    done: { dryRun: false, text: '', parts: [], isDurable: true },
  })
  const desk: OrderDesk = {
    limit: async (from, { limitA, durationS }) => {
      given.push({ door: from.door, limitA, durationS })
      return outcome()
    },
    enable: outcome,
    clear: outcome,
    departure: outcome,
    grid: outcome,
  }
  const limits = { ...NO_LIMITS, sources: [{ id: 'ems', door: 'modbus' as const, circuit: 'main' }] }
  let port = 0
  const serve: Bus['serve'] = async options => {
    const server = await startModbusServer(options)
    port = server.port
    return server
  }
  const server = await startSiteRegisters(
    { bus: { ...createBus(), serve }, clock: createClock(), log: { write: () => undefined } },
    { modbusServer: { host: HOST, port: 0, unitId: 1, limit: { source: 'ems', validForS: 60 } }, limits },
    { view: () => view, book: () => new Map(), orders: desk, passThrough: nobody },
  )
  t.teardown(() => server.stop())
  const ask = (body: number[]) =>
    new Promise<number[]>(resolve => {
      const socket = net.connect(port, HOST)
      socket.once('data', data => {
        socket.destroy()
        resolve([...data.subarray(7)])
      })
      socket.write(Buffer.from([0, 9, 0, 0, 0, body.length, ...body]))
    })
  t.same(await ask([1, 6, 0x9c, 0x92, 1, 44]), [6, 0x9c, 0x92, 1, 44], 'function code 6: 30 A')
  t.same(await ask([1, 16, 0x9c, 0x92, 0, 1, 2, 0, 200]), [16, 0x9c, 0x92, 0, 1], 'function code 16: 20 A')
  t.same(await ask([1, 16, 0x9c, 0x92, 0, 2, 4, 0, 200, 0, 1]), [0x90, 2], 'two registers')
  t.same(await ask([1, 6, 0x9c, 0x93, 0, 1]), [0x86, 2], 'the register beside it')
  t.same(await ask([1, 6, 0x9c, 0x92, 0xff, 0xfe]), [0x86, 3], 'no 6,553 A')
  t.same(given, [
    { door: 'modbus', limitA: 30, durationS: 65 },
    { door: 'modbus', limitA: 20, durationS: 65 },
  ])
})

t.test(
  'what is not known has its marker in the registers, never 0; a list that is too long ends whole',
  async t => {
    const view = depot(true)
    const circuit = { ...view.circuits[0]!, measuredA: undefined }
    const { measuredA: _, ...unmeasured } = circuit
    const [known] = view.meters
    if (known === undefined) return t.fail('no meter')
    const { currentA: _amps, voltageV: _volts, importWh: _energy, ...silent } = known
    const lost = { ...silent, quality: 'absent' as const }
    const words = [...siteRegisters({ ...view, circuits: [unmeasured], meters: [lost] })]
    const at = words.indexOf(64_902)
    t.same(words.slice(at + 2 + 20, at + 2 + 26), [0x8000, 0, 0x8000, 0, 0x8000, 0])
    const meter = words.indexOf(64_903)
    t.equal(words[meter + 2 + 16], 0, 'absent')
    t.same(words.slice(meter + 2 + 17, meter + 2 + 23), [0x8000, 0, 0x8000, 0, 0x8000, 0], 'amps')
    const many = siteRegisters({ ...view, circuits: Array.from({ length: 900 }, () => unmeasured) })
    t.ok(many.length < 25_536)
    t.same([...many.slice(-2)], [0xffff, 0])
  },
)
