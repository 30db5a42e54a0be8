// Polling: over real sockets against a good and a hostile meter, and under a virtual clock where time decides.
import { readFileSync } from 'node:fs'
import net from 'node:net'
import t, { type Test } from 'tap'
import { createBus } from '../../src/adapters/bus.js'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { meterModelSchema } from '../../src/core/config/meter-model.js'
import type { MeterConfig } from '../../src/core/config/site.js'
import type { MeterReading } from '../../src/core/events.js'
import { meterStatus, meterStep, newMeter } from '../../src/core/measuring/meter-quality.js'
import { anySunspec } from '../../src/modbus/any-sunspec.js'
import { parseMeterDevice } from '../../src/modbus/device-file.js'
import type { MeterDevice } from '../../src/modbus/device-schema.js'
import { encodeRegisters } from '../../src/modbus/encode.js'
import { type Meters, startMeters } from '../../src/modbus/meter-poller.js'
import { withOwnModels } from '../../src/modbus/own-model.js'
import type { Bus, BusRead, BusReply, Clock } from '../../src/ports.js'

const HOST = '127.0.0.1'

function device(id: string, change: Partial<MeterDevice> = {}): MeterDevice {
  const file = new URL(`../../../devices/meters/${id}.json`, import.meta.url)
  const parsed = parseMeterDevice(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return { ...parsed.value, ...change }
}

const sdm630 = device('eastron-sdm630-v2', { timeoutMs: 3000, requestDelayMs: 0 })
/** For tests in which a time-out is wanted, and one more does no harm. */
const hasty: MeterDevice = { ...sdm630, timeoutMs: 100 }
const GOLDEN = sdm630.golden.values
const CURRENT = [16.25, -5.5, 0]
/** Where `encodeRegisters` puts the model: behind the marker and the common model. */
const MODEL_ORIGIN = 40_070

const realClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs)
    return { cancel: () => clearInterval(timer) }
  },
  eachMinute: () => ({ cancel: () => undefined }),
}

const random = { next: () => 0 }
const log = { write: () => undefined }

function meter(port: number, change: Partial<MeterConfig> = {}): MeterConfig {
  const connection = { kind: 'tcp', host: HOST, port } as const
  return { id: 'main', device: 'd', unitId: 1, pollMs: 20, connection, ...change }
}

/** A running poller whose readings can be awaited. */
function poll(t: Test, meters: MeterConfig[], map: MeterDevice = sdm630, bus: Bus = createBus()) {
  const readings: MeterReading[] = []
  const waiting: { match: (reading: MeterReading) => boolean; found: (reading: MeterReading) => void }[] = []
  const poller: Meters = startMeters({
    ports: { clock: realClock, random, bus, log },
    meters,
    devices: new Map([['d', map]]),
    on: reading => {
      readings.push(reading)
      for (const waiter of waiting.splice(0)) {
        if (waiter.match(reading)) waiter.found(reading)
        else waiting.push(waiter)
      }
    },
  })
  t.teardown(() => poller.stop())
  const next = (match: (reading: MeterReading) => boolean) =>
    new Promise<MeterReading>(found => waiting.push({ match, found }))
  return { readings, next, poller }
}

const isGood = (reading: MeterReading) => reading.currentA !== undefined
const isFault = (reading: MeterReading) => reading.fault !== undefined

async function goodServer(
  t: Test,
  map: MeterDevice,
  exceptionOn?: (address: number, count: number) => number | undefined,
) {
  return serverOf(t, encodeRegisters(map, map.golden.values), exceptionOn)
}

async function serverOf(
  t: Test,
  words: ReadonlyMap<number, number>,
  exceptionOn?: (address: number, count: number) => number | undefined,
) {
  const server = await startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: (_code, address) => words.get(address) ?? 0,
    exceptionOn: (_code, address, count) => exceptionOn?.(address, count),
  })
  t.teardown(() => server.stop())
  return server
}

/** A raw server; `answer` gets the request's PDU and may do anything to the socket. */
async function rawServer(
  t: Test,
  answer: (
    request: { unitId: number; address: number; count: number; frame: Buffer },
    socket: net.Socket,
    n: number,
  ) => void,
  greet: (socket: net.Socket) => void = () => undefined,
  skip = 6,
) {
  let n = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    greet(socket)
    socket.on('data', frame => {
      const pdu = frame.subarray(skip)
      answer(
        { unitId: pdu[0]!, address: pdu.readUInt16BE(2), count: pdu.readUInt16BE(4), frame },
        socket,
        n++,
      )
    })
  })
  await new Promise<void>(resolve => server.listen(0, HOST, resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const goldenWords = encodeRegisters(sdm630, GOLDEN)

function pdu(unitId: number, address: number, count: number): Buffer {
  const body = Buffer.alloc(3 + 2 * count)
  body.set([unitId, 4, 2 * count])
  for (let i = 0; i < count; i++) body.writeUInt16BE(goldenWords.get(address + i) ?? 0, 3 + 2 * i)
  return body
}

function tcpFrame(frame: Buffer, body: Buffer): Buffer {
  return Buffer.concat([frame.subarray(0, 4), Buffer.from([body.length >> 8, body.length & 255]), body])
}

function rtuFrame(body: Buffer): Buffer {
  let crc = 0xffff
  for (const byte of body) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return Buffer.concat([body, Buffer.from([crc & 255, crc >> 8])])
}

t.test('each shipped meter is read over Modbus TCP, import positive', async t => {
  for (const id of [
    'eastron-sdm630-v2',
    'carlo-gavazzi-em340',
    'janitza-umg-96rm',
    'schneider-iem3155-iem3255',
    'sunspec-203',
  ]) {
    const map = device(id)
    const server = await goodServer(t, map)
    const { next, poller } = poll(t, [meter(server.port)], map)
    const reading = await next(() => true)
    t.match(reading, { meterId: 'main', currentA: CURRENT, totalPowerW: 2490, frequencyHz: 50 }, id)
    t.match(reading, { importWh: 1234500, exportWh: 67800, powerW: [3730, -1240, 0] }, id)
    t.ok(Math.abs((reading.voltageV?.[0] ?? 0) - 230.1) < 0.01, id)
    const later = await next(() => true)
    t.match(later, { currentA: CURRENT, importWh: 1234500 }, `${id}: energy stays from the slow poll`)
    await poller.stop()
  }
})

t.test('a SunSpec meter is read whichever model it has, wherever its list has it', async t => {
  const maps = [201, 202, 203, 204, 211, 212, 213, 214].map(model => device(`sunspec-${model}`))
  const any = anySunspec(maps)
  if (any === undefined) return t.fail('no SunSpec model')
  for (const map of maps) {
    const words = new Map<number, number>()
    // An inverter model of 50 registers stands before it in the list.
    for (const [address, word] of encodeRegisters(map, map.golden.values))
      words.set(address < MODEL_ORIGIN ? address : address + 52, word)
    words.set(MODEL_ORIGIN, 103).set(MODEL_ORIGIN + 1, 50)
    const server = await serverOf(t, words)
    const { next, poller } = poll(t, [meter(server.port)], any)
    const reading = await next(() => true)
    if (map.phases === 3) t.match(reading, { currentA: CURRENT, importWh: 1234500 }, map.id)
    else t.match(reading, { fault: new RegExp(`${map.id} measures (one|two) phases? only`) }, map.id)
    await poller.stop()
  }
  const other = await goodServer(t, sdm630)
  t.match(await poll(t, [meter(other.port)], any).next(() => true), { fault: /no SunSpec marker/ })
})

t.test('a meter described in five lines of the configuration is read like one with a file', async t => {
  const model = meterModelSchema.parse({
    id: 'sheet',
    functionCode: 4,
    currentA: [6, 8, 10],
    powerW: [12, 14, 16],
    voltageV: [0, 2, 4],
    importWh: { at: 72, scale: 1000 },
  })
  const map = withOwnModels(new Map(), [model]).get('sheet')
  const server = await goodServer(t, sdm630)
  const { next } = poll(t, [meter(server.port)], map)
  const reading = await next(() => true)
  t.match(reading, {
    currentA: CURRENT,
    powerW: [3730, -1240, 0],
    voltageV: [230.1, 229.8, 231.4],
    importWh: 1234500,
  })
  const { powerW: _, ...blind } = model
  const careful = withOwnModels(new Map(), [blind]).get('sheet')
  t.match(
    await poll(t, [meter(server.port)], careful).next(() => true),
    { currentA: [16.25, 5.5, 0] },
    'import',
  )
})

t.test('a SunSpec device without the model is refused as the wrong one', async t => {
  const server = await goodServer(t, sdm630)
  const { next } = poll(t, [meter(server.port)], device('sunspec-203'))
  t.match(await next(() => true), { fault: /no SunSpec marker/ })
})

t.test('a unit that takes 50 registers only is read in halves, and asked wrongly just once', async t => {
  const server = await goodServer(t, sdm630, (_address, count) => (count > 50 ? 3 : undefined))
  const { next, poller } = poll(t, [meter(server.port)])
  t.match(await next(() => true), { currentA: CURRENT, importWh: 1234500 })
  t.match(await next(() => true), { currentA: CURRENT })
  t.equal(poller.counters.exceptions, 1)
  t.match(poller.trafficOf('main'), { exceptions: { 3: 1 }, timeouts: 0, latencyMs: { mean: Number } })
})

t.test('a meter of another model is refused by its identification, not misread', async t => {
  const abb = device('abb-b23-b24', { requestDelayMs: 0 })
  const words = new Map(encodeRegisters(abb, abb.golden.values))
  const server = await startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: (_code, address) => words.get(address) ?? 0,
    exceptionOn: () => undefined,
  })
  t.teardown(() => server.stop())
  const foreign = poll(t, [meter(server.port)], abb)
  t.match((await foreign.next(isFault)).fault, /wrong model: type designation is 0000 0000/)
  await foreign.poller.stop()
  words.set(35168, 0x4232)
  words.set(35169, 0x3420)
  const own = poll(t, [meter(server.port)], abb)
  t.same((await own.next(isGood)).currentA, CURRENT)
})

t.test('an export register that answers exception 2 is left out and never asked again', async t => {
  const map = device('carlo-gavazzi-em340')
  const server = await goodServer(t, map, (address, count) =>
    address <= 79 && address + count > 78 ? 2 : undefined,
  )
  const { next, poller } = poll(t, [meter(server.port)], map)
  const reading = await next(() => true)
  t.match(reading, { currentA: CURRENT, importWh: 1234500 })
  t.notOk('exportWh' in reading)
  await next(isGood)
  t.equal(poller.counters.exceptions, 1)
})

t.test('a needed register that is refused is a fault in words; so is any other exception', async t => {
  const refusals = new Set([2, 3])
  for (const code of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]) {
    const fault = new RegExp(`^exception ${code}${refusals.has(code) ? ' on Current\\.L1' : ''}$`)
    const server = await goodServer(t, sdm630, (address, count) =>
      address <= 6 && address + count > 6 ? code : undefined,
    )
    const { next, poller } = poll(t, [meter(server.port)])
    t.match(await next(() => true), { fault, currentA: undefined })
    t.equal(poller.counters.connects, 1, 'the line is kept')
    await poller.stop()
  }
})

t.test('markers, NaN and impossible values are faults, never 0 A (MB2)', async t => {
  for (const [high, low, fault] of [
    [0x7fc0, 0x0000, /marked invalid/],
    [0xffff, 0xffff, /marked invalid/],
    [0x7f80, 0x0000, /marked invalid/],
    [0xff80, 0x0000, /marked invalid/],
    [0x467a, 0x0000, /not plausible: Current\.L1 16000 A/],
  ] as const) {
    const words = new Map(goldenWords).set(6, high).set(7, low)
    const server = await startModbusServer({
      host: HOST,
      port: 0,
      unitId: 1,
      read: (_c, a) => words.get(a) ?? 0,
    })
    t.teardown(() => server.stop())
    const { next } = poll(t, [meter(server.port)])
    t.match(await next(() => true), { fault, currentA: undefined })
  }
})

t.test('values that cannot belong together are a fault, never "no load"', async t => {
  const shifted = encodeRegisters(sdm630, { ...GOLDEN, 'Current.L1': 0, 'Power.Active.L1': 3730 })
  for (const [words, fault] of [
    [new Map<number, number>(), /no voltage on any phase/],
    [shifted, /3730 W on L1 at 230.1 V and 0 A/],
  ] as const) {
    const server = await startModbusServer({
      host: HOST,
      port: 0,
      unitId: 1,
      read: (_c, a) => words.get(a) ?? 0,
    })
    t.teardown(() => server.stop())
    const { next } = poll(t, [meter(server.port)])
    t.match(await next(() => true), { fault, currentA: undefined })
  }
})

t.test('after silence the line is dropped, a new one opened, and values come back', async t => {
  const server = await goodServer(t, sdm630)
  const { next, poller } = poll(t, [meter(server.port)], hasty)
  await next(isGood)
  server.setOnline(false)
  await next(reading => reading.fault === 'timeout')
  server.setOnline(true)
  t.match(await next(isGood), { currentA: CURRENT })
  t.ok(poller.counters.connects >= 2)
  t.ok((poller.trafficOf('main')?.timeouts ?? 0) >= 1)
  t.equal(poller.trafficOf('nobody'), undefined)
})

t.test('garbage, short and foreign answers, FIN and RST: a fault each, then values again', async t => {
  const wrong: ((frame: Buffer, socket: net.Socket) => void)[] = [
    (frame, socket) => socket.write(tcpFrame(frame, pdu(7, 0, 76))),
    (frame, socket) => socket.write(tcpFrame(frame, pdu(1, 0, 75))),
    (frame, socket) => socket.write(tcpFrame(frame, pdu(1, 0, 76).subarray(0, 100))),
    (frame, socket) => socket.write(Buffer.concat([0, 1].map(() => tcpFrame(frame, pdu(1, 0, 76))))),
    (_frame, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    (_frame, socket) => socket.end(),
    (_frame, socket) => socket.resetAndDestroy(),
  ]
  for (const [i, misbehave] of wrong.entries()) {
    const port = await rawServer(t, ({ unitId, address, count, frame }, socket, n) => {
      if (n === 0) misbehave(frame, socket)
      else socket.write(tcpFrame(frame, pdu(unitId, address, count)))
    })
    const { next, readings, poller } = poll(t, [meter(port)], hasty)
    t.match(await next(isGood), { currentA: CURRENT }, `case ${i}`)
    t.ok(isFault(readings[0]!), `case ${i}: ${readings[0]?.fault}`)
    await poller.stop()
  }
})

t.test('behind an RTU gateway a late answer is never taken for another register', async t => {
  const late: { bytes?: Buffer } = {}
  const port = await rawServer(
    t,
    ({ unitId, address, count }, socket, n) => {
      // The first answer is kept and comes as the greeting of the next connection, as from a gateway with a queue.
      if (n === 0) late.bytes = rtuFrame(Buffer.from(pdu(unitId, 0, count)).fill(0x41, 3))
      else socket.write(rtuFrame(pdu(unitId, address, count)))
    },
    socket => {
      if (late.bytes !== undefined) socket.write(late.bytes)
      delete late.bytes
    },
    0,
  )
  const connection = { kind: 'rtu-over-tcp', host: HOST, port } as const
  const { next, readings, poller } = poll(t, [meter(port, { connection })], hasty)
  t.match(await next(isGood), { currentA: CURRENT })
  for (const reading of readings) t.ok(isFault(reading) || reading.currentA?.[0] === 16.25)
  const { timeouts, staleReplies = 0, crcErrors = 0 } = poller.trafficOf('main') ?? {}
  // It greets the new connection, or comes into the first request over it: dropped either way, and counted once.
  t.strictSame([timeouts, staleReplies + crcErrors], [1, 1])
  t.equal(poller.strangersOf('main'), 0, 'late, and not of a stranger')
})

t.test('answers to another master on the line are counted apart, and never values', async t => {
  const foreign = rtuFrame(Buffer.from(pdu(1, 0, 76)).fill(0x41, 3))
  const sockets: net.Socket[] = []
  const port = await rawServer(
    t,
    ({ unitId, address, count }, socket) => {
      sockets.push(socket)
      socket.write(rtuFrame(pdu(unitId, address, count)))
    },
    undefined,
    0,
  )
  const connection = { kind: 'rtu-over-tcp', host: HOST, port } as const
  const { next, readings, poller } = poll(t, [meter(port, { connection, pollMs: 200 })])
  await next(isGood)
  while ((poller.strangersOf('main') ?? 0) < 3) {
    sockets.at(-1)?.write(foreign)
    await next(isFault)
  }
  for (const reading of readings) t.ok(isFault(reading) || reading.currentA?.[0] === 16.25)
})

t.test('an answer whose checksum does not fit is a fault, counted as such, then values again', async t => {
  const port = await rawServer(
    t,
    ({ unitId, address, count }, socket, n) => {
      const frame = rtuFrame(pdu(unitId, address, count))
      if (n === 1) frame.writeUInt16LE(frame.readUInt16LE(frame.length - 2) ^ 0x0101, frame.length - 2)
      socket.write(frame)
    },
    undefined,
    0,
  )
  const connection = { kind: 'rtu-over-tcp', host: HOST, port } as const
  const { next, poller } = poll(t, [meter(port, { connection })], hasty)
  t.match(await next(isFault), { fault: /CRC/ })
  t.match(await next(isGood), { currentA: CURRENT })
  t.match(poller.trafficOf('main'), { crcErrors: 1, failures: 0 })
})

t.test('a meter without a device file says so and disturbs no other', async t => {
  const server = await goodServer(t, sdm630)
  const { next, readings } = poll(t, [
    meter(server.port, { id: 'odd', device: 'nobody' }),
    meter(server.port),
  ])
  t.match(readings[0], { meterId: 'odd', fault: /no device file for nobody/ })
  t.match(await next(isGood), { meterId: 'main' })
})

t.test('a virtual meter is the difference of two, and unknown as soon as one of them is', async t => {
  const [grid, house] = [await goodServer(t, sdm630), await goodServer(t, sdm630)]
  const parts = [
    { meter: 'grid', factor: 1 },
    { meter: 'house', factor: -0.5 },
  ]
  const { next } = poll(
    t,
    [
      meter(grid.port, { id: 'grid' }),
      meter(house.port, { id: 'house' }),
      meter(0, { id: 'ev', device: 'virtual', connection: { kind: 'virtual', parts } }),
    ],
    hasty,
  )
  const isOf = (id: string) => (reading: MeterReading) => reading.meterId === id
  const found = await next(reading => isOf('ev')(reading) && isGood(reading))
  t.same(
    found.currentA,
    CURRENT.map(amps => amps / 2),
  )
  t.same([found.importWh, found.exportWh], [undefined, undefined], 'registers cannot be taken off')
  house.setOnline(false)
  t.match(await next(reading => isOf('ev')(reading) && isFault(reading)), { fault: /^part house: / })
  house.setOnline(true)
  await next(reading => isOf('ev')(reading) && isGood(reading))
})

t.test('others read a meter that lets in one client only through the server, between its polls', async t => {
  const seen: { code: number; address: number }[] = []
  let clients = 0
  const port = await rawServer(
    t,
    ({ unitId, address, count, frame }, socket) => {
      seen.push({ code: frame.readUInt8(7), address })
      if (address === 5_555) return
      if (address === 9_999) socket.write(tcpFrame(frame, Buffer.from([unitId, 0x84, 2])))
      else socket.write(tcpFrame(frame, pdu(unitId, address, count)))
    },
    socket => {
      clients++
      socket.on('close', () => clients--)
      if (clients > 1) socket.destroy()
    },
  )
  const map = { ...sdm630, timeoutMs: 300 }
  const { next, poller } = poll(t, [meter(port, { pollMs: 200 })], map)
  await next(isGood)
  const server = await startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: () => 4711,
    write: async () => undefined,
    passThrough: new Map([
      [11, read => poller.passThrough('main', read)],
      [13, read => poller.passThrough('nobody', read)],
    ]),
  })
  t.teardown(() => server.stop())
  const bus = createBus()
  const guest = async (unitId: number, address: number, count = 2, timeoutMs = 3_000): Promise<BusReply> => {
    const opening = await bus.connect({ kind: 'tcp', host: HOST, port: server.port }, 1_000)
    if (opening.kind === 'failed') throw new Error(opening.detail)
    const reply = await opening.line.read({ unitId, functionCode: 4, address, count, timeoutMs })
    opening.line.close()
    return reply
  }
  const amps = { kind: 'words', words: [goldenWords.get(6), goldenWords.get(7)] }
  t.same(await guest(11, 6), amps)
  t.same(await guest(1, 0, 1), { kind: 'words', words: [4711] }, 'its own unit is the site')
  t.same(await guest(12, 6, 2, 60), { kind: 'timeout' }, 'a unit that is not there')
  t.same(await guest(13, 6), { kind: 'exception', code: 10 })
  t.same(await guest(11, 9_999), { kind: 'exception', code: 2 }, 'what the meter refuses is refused')
  const before = seen.filter(({ address }) => address === 8).length
  const crowd = await Promise.all(Array.from({ length: 10 }, () => guest(11, 8)))
  t.ok(crowd.every(reply => reply.kind === 'words'))
  t.equal(seen.filter(({ address }) => address === 8).length - before, 1, 'ten ask, the meter is asked once')
  const writing = net.connect(server.port, HOST)
  writing.on('error', () => undefined)
  writing.end(Buffer.from([0, 1, 0, 0, 0, 6, 11, 6, 0, 6, 0, 1]))
  await new Promise(done => writing.once('close', done).resume())
  t.same(await guest(11, 5_555), { kind: 'exception', code: 11 }, 'what it leaves open')
  t.same(await guest(11, 10), { kind: 'exception', code: 6 }, 'then guests wait')
  t.match(await next(isGood), { currentA: CURRENT }, 'and the site reads on')
  t.ok(
    seen.every(({ code }) => code === 4),
    'nothing was written',
  )
  t.ok(clients <= 1, 'one client')
})

// ---------------------------------------------------------------- virtual time

interface Pending {
  readonly atMs: number
  readonly run: () => void
}

/** Time that moves only when told; between timers everything that was promised settles. */
function virtualTime() {
  let nowMs = 0
  const timers = new Set<Pending>()
  const after = (delayMs: number, run: () => void) => {
    const timer = { atMs: nowMs + delayMs, run }
    timers.add(timer)
    return { cancel: () => void timers.delete(timer) }
  }
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))
  const advance = async (toMs: number) => {
    for (await settle(); ; await settle()) {
      const [first] = [...timers].filter(timer => timer.atMs <= toMs).sort((a, b) => a.atMs - b.atMs)
      if (first === undefined) break
      timers.delete(first)
      nowMs = Math.max(nowMs, first.atMs)
      first.run()
    }
    nowMs = toMs
  }
  const clock: Clock = { ...realClock, wallMs: () => nowMs, monoMs: () => nowMs, after }
  return { clock, advance }
}

/** A bus in virtual time: `answers` decides per request; undefined = silence until the time-out. */
function virtualBus(
  clock: Clock,
  isUp: () => boolean,
  answers: (request: BusRead) => BusReply | undefined,
  strayAnswers = () => 0,
) {
  const seen: { atMs: number; unitId: number }[] = []
  const open = { lines: 0, inFlight: 0, mostInFlight: 0 }
  const bus: Bus = {
    connect: async () => {
      if (!isUp()) return { kind: 'failed', detail: 'ECONNREFUSED' }
      open.lines++
      let closed = false
      return {
        kind: 'open',
        line: {
          read: async request => {
            seen.push({ atMs: clock.monoMs(), unitId: request.unitId })
            open.mostInFlight = Math.max(open.mostInFlight, ++open.inFlight)
            const reply = answers(request)
            if (reply === undefined) await new Promise<void>(done => clock.after(request.timeoutMs, done))
            open.inFlight--
            return reply ?? { kind: 'timeout' }
          },
          strayBytes: () => 0,
          strayAnswers,
          close: () => {
            if (!closed) open.lines--
            closed = true
          },
        },
      }
    },
  }
  return { bus, seen, open }
}

const answerAll = (request: BusRead): BusReply => ({
  kind: 'words',
  words: Array.from({ length: request.count }, (_, i) => goldenWords.get(request.address + i) ?? 0),
})

t.test(
  'A10: a meter whose requests get two answers shows no value until 10 s after the last one, its neighbour does',
  async t => {
    const { clock, advance } = virtualTime()
    let [twice, strays] = [false, 0]
    // The second answer is known of only when the next unit is asked.
    const answers = (request: BusRead): BusReply => {
      if (twice && request.unitId === 1) strays++
      return answerAll(request)
    }
    let told = 0
    const { bus } = virtualBus(
      clock,
      () => true,
      answers,
      () => {
        const known = told
        told = strays
        return known
      },
    )
    const readings: MeterReading[] = []
    const poller = startMeters({
      ports: { clock, random, bus, log },
      meters: [meter(502, { pollMs: 1000 }), meter(502, { id: 'other', unitId: 2, pollMs: 1000 })],
      devices: new Map([['d', sdm630]]),
      on: reading => readings.push(reading),
    })
    const since = (ms: number, id: string) =>
      readings.filter(({ meterId, monoMs }) => meterId === id && monoMs > ms)
    await advance(3_500)
    t.ok(since(0, 'main').length >= 3 && since(0, 'main').every(isGood))
    twice = true
    await advance(10_500)
    t.ok(since(5_500, 'main').every(isFault), 'from the second poll on')
    t.match(since(5_500, 'main').at(-1)?.fault, /another device at address 1/)
    twice = false
    await advance(19_500)
    t.ok(since(5_500, 'main').every(isFault), 'and for ten seconds more')
    await advance(23_500)
    t.ok(isGood(since(22_000, 'main').at(-1)!), 'then it is believed again')
    t.ok(since(0, 'other').every(isGood), 'the other unit is not blamed')
    await poller.stop()
  },
)

t.test('a dead unit costs its neighbour on the line at most one time-out per back-off step', async t => {
  const { clock, advance } = virtualTime()
  const { bus, seen, open } = virtualBus(
    clock,
    () => true,
    request => (request.unitId === 9 ? undefined : answerAll(request)),
  )
  const readings: MeterReading[] = []
  const map = device('eastron-sdm630-v2', { timeoutMs: 1000 })
  const poller = startMeters({
    ports: { clock, random, bus, log },
    meters: [meter(502, { id: 'dead', unitId: 9, pollMs: 1000 }), meter(502, { id: 'live', pollMs: 1000 })],
    devices: new Map([['d', map]]),
    on: reading => readings.push(reading),
  })
  await advance(120_000)
  const live = readings.filter(reading => reading.meterId === 'live')
  t.ok(live.every(isGood), 'every poll of the live one has values')
  t.ok(live.length >= 115, `${live.length} readings in 120 s`)
  const gaps = live.map((reading, i) => reading.monoMs - (live[i - 1]?.monoMs ?? reading.monoMs))
  t.ok(Math.max(...gaps) <= 2000, 'at most one time-out between two of its readings')
  const dead = readings.filter(reading => reading.meterId === 'dead')
  t.ok(dead.length >= 110 && dead.every(isFault), 'the dead one has a fault each poll all the same')
  t.ok(seen.filter(request => request.unitId === 9).length <= 26, 'but is asked at growing intervals')
  t.equal(open.mostInFlight, 1, 'one request in flight')
  const stopped = poller.stop()
  await advance(130_000)
  await stopped
  t.equal(open.lines, 0, 'no line is left open')
})

t.test('a meter that does not answer is asked at once when somebody says so', async t => {
  const { clock, advance } = virtualTime()
  let isUp = false
  const { bus, seen, open } = virtualBus(
    clock,
    () => true,
    request => (isUp ? answerAll(request) : undefined),
  )
  const readings: MeterReading[] = []
  const poller = startMeters({
    // the longest pauses
    ports: { clock, random: { next: () => 0.999 }, bus, log },
    meters: [meter(502, { id: 'main', pollMs: 60_000 })],
    devices: new Map([['d', device('eastron-sdm630-v2', { timeoutMs: 1000 })]]),
    on: reading => readings.push(reading),
  })
  await advance(130_000)
  t.ok(readings.length > 0 && readings.every(isFault))
  const asked = seen.length
  isUp = true
  await advance(5_000)
  t.equal(seen.length, asked, 'the next poll is far away')
  t.equal(poller.tryNow('nobody'), false)
  t.equal(poller.tryNow('main'), true)
  await advance(1_500)
  t.ok(seen.length > asked)
  t.ok(isGood(readings.at(-1)!), 'it answers')
  const good = readings.length
  t.equal(poller.tryNow('main'), true)
  await advance(1_500)
  t.equal(readings.length, good, 'one that answers is not asked more often')
  t.equal(open.mostInFlight, 1, 'one request in flight')
  const stopped = poller.stop()
  await advance(130_000)
  await stopped
})

t.test(
  'a lost meter goes from fresh over stale to worst case by 8 s and absent after 60 s, then recovers',
  async t => {
    const { clock, advance } = virtualTime()
    const up = { now: true }
    const { bus } = virtualBus(
      clock,
      () => up.now,
      request => (up.now ? answerAll(request) : undefined),
    )
    let state = newMeter()
    const poller = startMeters({
      ports: { clock, random: { next: () => 0.999 }, bus, log },
      meters: [meter(502, { pollMs: 1000 })],
      devices: new Map([['d', sdm630]]),
      on: reading => {
        state = meterStep(state, { reading, nowMs: reading.monoMs, stations: [], generation: true })
      },
    })
    const statusAt = async (ms: number) => {
      await advance(ms)
      return meterStatus(state, ms, 1000)
    }
    t.match(await statusAt(10_500), { quality: 'fresh', mayRaise: true, worstCase: false, currentA: CURRENT })
    up.now = false
    t.match(await statusAt(12_501), { quality: 'stale', mayRaise: false, worstCase: false })
    t.match(await statusAt(18_000), { quality: 'stale', mayRaise: false, worstCase: true })
    t.match(await statusAt(71_000), { quality: 'absent', worstCase: true, fault: /ECONNREFUSED/ })
    up.now = true
    t.match(await statusAt(83_000), { quality: 'fresh', mayRaise: true, worstCase: false, currentA: CURRENT })
    await poller.stop()
  },
)

t.test(
  'a meter that refuses everything while it starts is read in whole blocks once it is ready',
  async t => {
    const { clock, advance } = virtualTime()
    const ready = { now: false }
    const { bus, seen } = virtualBus(
      clock,
      () => true,
      request => (ready.now ? answerAll(request) : { kind: 'exception', code: 2 }),
    )
    const readings: MeterReading[] = []
    const poller = startMeters({
      ports: { clock, random, bus, log },
      meters: [meter(502, { pollMs: 1000 })],
      devices: new Map([['d', sdm630]]),
      on: reading => readings.push(reading),
    })
    await advance(3500)
    t.ok(readings.length > 0 && readings.every(isFault))
    ready.now = true
    const before = seen.length
    await advance(4500)
    t.ok(isGood(readings.at(-1)!))
    t.equal(seen.length - before, 1, 'one block')
    await poller.stop()
  },
)
