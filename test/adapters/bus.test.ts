// The Bus door and the demo's Modbus server over real sockets: right answers, and every wrong one of a hostile meter.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { createBus } from '../../src/adapters/bus.js'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { type RtuUnit, startRtuGateway } from '../../src/adapters/rtu-gateway.js'
import type { BusLine, BusReply } from '../../src/ports.js'

const HOST = '127.0.0.1'
const bus = createBus()

/** Answers each request frame with whatever bytes `answer` gives; undefined = silence. */
async function hostile(
  t: Test,
  answer: (request: Buffer, socket: net.Socket, number: number) => Buffer | undefined,
): Promise<number> {
  let number = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', request => {
      const bytes = answer(request, socket, number++)
      if (bytes !== undefined) socket.write(bytes)
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

async function open(t: Test, port: number, kind: 'tcp' | 'rtu-over-tcp' = 'tcp'): Promise<BusLine> {
  const opening = await bus.connect({ kind, host: HOST, port }, 1000)
  if (opening.kind !== 'open') throw new Error(opening.detail)
  t.teardown(() => opening.line.close())
  return opening.line
}

const read = (line: BusLine, timeoutMs = 2000, count = 2): Promise<BusReply> =>
  line.read({ unitId: 1, functionCode: 4, address: 0, count, timeoutMs })

/** An MBAP frame around unit, function and data. */
function frame(request: Buffer, pdu: number[], transaction = request.readUInt16BE(0)): Buffer {
  return Buffer.from([transaction >> 8, transaction & 255, 0, 0, pdu.length >> 8, pdu.length & 255, ...pdu])
}

function crc16(bytes: number[]): number[] {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return [crc & 255, crc >> 8]
}

t.test('registers are read by function code and address from the server, 125 at most', async t => {
  const server = await startModbusServer({
    host: HOST,
    port: 0,
    unitId: 1,
    read: (functionCode, address) => functionCode * 1000 + address,
    exceptionOn: (_functionCode, address) => (address === 66 ? 2 : address === 67 ? 4 : undefined),
  })
  t.teardown(() => server.stop())
  const line = await open(t, server.port)
  const request = { unitId: 1, functionCode: 3, address: 5, count: 3, timeoutMs: 2000 } as const
  t.same(await line.read(request), { kind: 'words', words: [3005, 3006, 3007] })
  t.same(await line.read({ ...request, functionCode: 4, count: 1 }), { kind: 'words', words: [4005] })
  t.match(await line.read({ ...request, count: 125 }), { kind: 'words' })
  t.same(await line.read({ ...request, address: 66 }), { kind: 'exception', code: 2 })
  t.same(await line.read({ ...request, address: 67 }), { kind: 'exception', code: 4 })
  t.same(await line.read({ ...request, unitId: 9, timeoutMs: 50 }), { kind: 'timeout' }, 'an absent unit')
})

t.test('a server taken off line breaks connections and stays silent until it is back', async t => {
  const server = await startModbusServer({ host: HOST, port: 0, unitId: 255, read: () => 7 })
  t.teardown(() => server.stop())
  const line = await open(t, server.port)
  t.match(await read(line), { kind: 'words' })
  server.setOnline(false)
  t.not((await read(line, 100)).kind, 'words')
  t.same(await read(await open(t, server.port), 50), { kind: 'timeout' })
  server.setOnline(true)
  t.same(await read(await open(t, server.port)), { kind: 'words', words: [7, 7] })
})

t.test('behind the virtual RTU gateway each unit answers for itself, as slow as its line', async t => {
  const asked: number[] = []
  const gateway = await startRtuGateway({
    host: HOST,
    port: 0,
    baudRate: 9600,
    units: new Map<number, RtuUnit>([
      [
        1,
        ({ functionCode, address, count }) => {
          asked.push(address)
          if (functionCode !== 4) return { kind: 'exception', code: 2 }
          return { kind: 'words', words: Array.from({ length: count }, (_, at) => address + at) }
        },
      ],
      [2, () => ({ kind: 'timeout' })],
    ]),
  })
  t.teardown(() => gateway.stop())
  const line = await open(t, gateway.port, 'rtu-over-tcp')
  const request = { unitId: 1, functionCode: 4, address: 7, count: 40, timeoutMs: 2000 } as const
  const beganMs = performance.now()
  t.match(await line.read(request), { kind: 'words', words: [7, 8, 9] })
  t.ok(performance.now() - beganMs >= 95, '8 and 85 characters at 9600 baud')
  t.same(await line.read({ ...request, functionCode: 3 }), { kind: 'exception', code: 2 })
  t.same(await read(await open(t, gateway.port), 60), { kind: 'timeout' }, 'Modbus TCP is noise to it')
  t.same(await line.read({ ...request, unitId: 2, timeoutMs: 60 }), { kind: 'timeout' })
  const next = await open(t, gateway.port, 'rtu-over-tcp')
  gateway.setOnline(false)
  t.not((await next.read({ ...request, timeoutMs: 100 })).kind, 'words')
  gateway.setOnline(true)
  const again = await open(t, gateway.port, 'rtu-over-tcp')
  t.match(await again.read({ ...request, count: 2 }), { kind: 'words', words: [7, 8] })
  t.same(asked, [7, 7, 7], 'nobody was asked what was not for it')
})

t.test('a port that cannot be bound rejects with the reason', async t => {
  const server = await startModbusServer({ host: HOST, port: 0, unitId: 1, read: () => 0 })
  t.teardown(() => server.stop())
  await t.rejects(
    startModbusServer({ host: HOST, port: server.port, unitId: 1, read: () => 0 }),
    /EADDRINUSE/,
  )
})

t.test('no connection is a value: refused, absent serial port', async t => {
  const server = await startModbusServer({ host: HOST, port: 0, unitId: 1, read: () => 0 })
  await server.stop()
  const refused = await bus.connect({ kind: 'tcp', host: HOST, port: server.port }, 1000)
  t.match(refused, { kind: 'failed', detail: /ECONNREFUSED/ })
  const serial = {
    kind: 'rtu',
    path: '/nowhere/tty',
    baudRate: 9600,
    parity: 'none',
    dataBits: 8,
    stopBits: 1,
  } as const
  t.match(await bus.connect(serial, 1000), { kind: 'failed', detail: /\w/ })
})

t.test('wrong answers on Modbus TCP are never words (MB1)', async t => {
  const cases: [string, (request: Buffer, socket: net.Socket) => Buffer | undefined][] = [
    ['silence', () => undefined],
    ['foreign unit', request => frame(request, [7, 4, 4, 0, 1, 0, 2])],
    ['foreign function', request => frame(request, [1, 3, 4, 0, 1, 0, 2])],
    ['foreign transaction', request => frame(request, [1, 4, 4, 0, 1, 0, 2], 4711)],
    ['one byte short', request => frame(request, [1, 4, 4, 0, 1, 0])],
    ['one register short', request => frame(request, [1, 4, 2, 0, 1])],
    ['one register too many', request => frame(request, [1, 4, 6, 0, 1, 0, 2, 0, 3])],
    ['byte count that lies', request => frame(request, [1, 4, 200, 0, 1, 0, 2])],
    ['byte count of one register', request => frame(request, [1, 4, 2, 0, 1, 0, 2])],
    ['length 0', request => frame(request, [])],
    ['length 65535', r => Buffer.from([...r.subarray(0, 4), 255, 255, 1, 4, 4, 0, 1, 0, 2])],
    ['the answer twice', r => Buffer.concat([0, 1].map(() => frame(r, [1, 4, 4, 0, 1, 0, 2])))],
    ['another answer behind it', r => Buffer.concat([1, 9].map(v => frame(r, [1, 4, 4, 0, v, 0, v])))],
    [
      'three stray bytes first',
      r => Buffer.concat([Buffer.from([1, 2, 3]), frame(r, [1, 4, 4, 0, 1, 0, 2])]),
    ],
    ['text', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['64 KiB of nothing', () => Buffer.alloc(65536)],
    ['FIN', (_request, socket) => void socket.end()],
    ['RST', (_request, socket) => void socket.resetAndDestroy()],
  ]
  for (const [name, answer] of cases) {
    const line = await open(t, await hostile(t, answer))
    const reply = await read(line, 150)
    t.ok(reply.kind === 'timeout' || reply.kind === 'failed', `${name}: ${JSON.stringify(reply)}`)
    line.close()
    t.match(await read(line, 150), { kind: 'failed' }, `${name}: a closed line stays closed`)
  }
})

t.test('wrong answers on RTU over TCP are never words, right ones are', async t => {
  const good = [1, 4, 4, 0, 1, 0, 2]
  const line = await open(t, await hostile(t, () => Buffer.from([...good, ...crc16(good)])), 'rtu-over-tcp')
  t.same(await read(line), { kind: 'words', words: [1, 2] })
  const refusal = [1, 0x84, 2]
  const refusing = await open(
    t,
    await hostile(t, () => Buffer.from([...refusal, ...crc16(refusal)])),
    'rtu-over-tcp',
  )
  t.same(await read(refusing), { kind: 'exception', code: 2 })
  const foreign = [7, 4, 4, 0, 1, 0, 2]
  const cases: [string, number[]][] = [
    ['wrong checksum', [...good, 0, 0]],
    ['foreign unit', [...foreign, ...crc16(foreign)]],
    ['one byte short', [...good, ...crc16(good)].slice(0, -1)],
    ['garbage', [0xff, 0xfe, 0xfd, 0x00, 0x01]],
    ['garbage before the answer', [0xff, 0xfe, ...good, ...crc16(good)]],
    ['the answer twice', [...good, ...crc16(good), ...good, ...crc16(good)]],
  ]
  for (const [name, bytes] of cases) {
    const reply = await read(await open(t, await hostile(t, () => Buffer.from(bytes)), 'rtu-over-tcp'), 150)
    t.ok(reply.kind === 'timeout' || reply.kind === 'failed', `${name}: ${JSON.stringify(reply)}`)
  }
})

t.test(
  'an answer that comes after its timeout breaks the line instead of answering the next request',
  async t => {
    for (const kind of ['tcp', 'rtu-over-tcp'] as const) {
      const late: { answer?: () => void } = {}
      const port = await hostile(t, (request, socket) => {
        const good = [1, 4, 4, 0, 99, 0, 99]
        late.answer = () =>
          socket.write(kind === 'tcp' ? frame(request, good) : Buffer.from([...good, ...crc16(good)]))
        return undefined
      })
      const line = await open(t, port, kind)
      t.same(await read(line, 50), { kind: 'timeout' }, kind)
      late.answer?.()
      t.match(await read(line, 50), { kind: 'failed' }, `${kind}: the line is not used again`)
    }
  },
)

t.test('bytes nobody asked for end the line before they can pass for an answer', async t => {
  for (const kind of ['tcp', 'rtu-over-tcp'] as const) {
    const good = [1, 4, 4, 0, 1, 0, 2]
    const sockets: net.Socket[] = []
    const port = await hostile(t, (request, socket) => {
      sockets.push(socket)
      return kind === 'tcp' ? frame(request, good) : Buffer.from([...good, ...crc16(good)])
    })
    const line = await open(t, port, kind)
    t.match(await read(line), { kind: 'words' }, kind)
    const gone = new Promise(resolve => sockets[0]?.once('close', resolve))
    sockets[0]?.write(Buffer.from([...good, ...crc16(good)]))
    await gone
    t.match(await read(line), { kind: 'failed', detail: /nobody asked/ }, kind)
  }
})

t.test('an answer byte by byte is the answer when it is whole, and nothing before', async t => {
  for (const kind of ['tcp', 'rtu-over-tcp'] as const) {
    const good = [1, 4, 4, 0, 1, 0, 2]
    const port = await hostile(t, (request, socket) => {
      const bytes = kind === 'tcp' ? frame(request, good) : Buffer.from([...good, ...crc16(good)])
      const drip = (at: number): void => {
        if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setTimeout(drip, 25, at + 1))
      }
      drip(0)
      return undefined
    })
    t.same(await read(await open(t, port, kind)), { kind: 'words', words: [1, 2] }, kind)
    t.same(await read(await open(t, port, kind), 100), { kind: 'timeout' }, `${kind}: too slow is silence`)
  }
})

t.test('a peer that takes the request and is never heard of again costs one time-out', async t => {
  const port = await hostile(t, (_request, socket) => void socket.pause())
  const line = await open(t, port)
  t.same(await read(line, 60), { kind: 'timeout' })
  t.match(await read(line, 60), { kind: 'failed' }, 'the line is not used again')
})

t.test('closing settles the request in flight, and a second request at once is refused', async t => {
  const line = await open(t, await hostile(t, () => undefined))
  const pending = read(line, 60_000)
  t.match(await read(line), { kind: 'failed', detail: /in flight/ })
  line.close()
  t.match(await pending, { kind: 'failed' })
  line.close()
})

t.test('an idle line that is reset is known to be lost', async t => {
  const sockets: net.Socket[] = []
  const port = await hostile(t, (request, socket) => {
    sockets.push(socket)
    return frame(request, [1, 4, 4, 0, 1, 0, 2])
  })
  const line = await open(t, port)
  t.match(await read(line), { kind: 'words' })
  sockets[0]?.resetAndDestroy()
  t.match(await read(line, 2000), { kind: 'failed' })
})

/** A serial line of two pseudo-terminals: `answer` plays the meter. Python has the only pty there is everywhere. */
const PTY = `
import os, pty, sys, tty, threading
master, slave = pty.openpty()
tty.setraw(master); tty.setraw(slave)
print(os.ttyname(slave), flush=True)
def up():
    while True:
        data = os.read(master, 256)
        print(data.hex(), flush=True)
threading.Thread(target=up, daemon=True).start()
for line in sys.stdin:
    os.write(master, bytes.fromhex(line.strip()))
`

/** Its device, what is written to it, and a line of hex for each request. */
async function pseudoLine(t: Test) {
  const pty = spawn('python3', ['-u', '-c', PTY], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => pty.once('exit', resolve))
  const unplug = async () => {
    pty.kill()
    await ended
  }
  t.teardown(unplug)
  const requests = createInterface({ input: pty.stdout })
  const path = await new Promise<string>(resolve => requests.once('line', resolve))
  return { path, requests, write: (hex: string) => pty.stdin.write(`${hex}\n`), unplug }
}

async function openSerial(path: string): Promise<BusLine> {
  const serial = { kind: 'rtu', path, baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const
  const opening = await bus.connect(serial, 2000)
  if (opening.kind !== 'open') throw new Error(opening.detail)
  return opening.line
}

t.test(
  'a serial line that was unplugged is back under its stable name, whatever the system calls it (US1)',
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'busbar-by-id-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const byId = join(folder, 'usb-FTDI_USB-RS485-if00-port0')
    const right = Buffer.from([1, 4, 4, 0, 7, 0, 7, ...crc16([1, 4, 4, 0, 7, 0, 7])]).toString('hex')
    const first = await pseudoLine(t)
    first.requests.on('line', () => first.write(right))
    symlinkSync(first.path, byId)
    const line = await openSerial(byId)
    t.match(await read(line), { kind: 'words' })
    await first.unplug()
    const gone = await read(line, 150)
    t.ok(gone.kind === 'failed' || gone.kind === 'timeout', JSON.stringify(gone))
    line.close()
    rmSync(byId)
    const serial = {
      kind: 'rtu',
      path: byId,
      baudRate: 9600,
      parity: 'none',
      dataBits: 8,
      stopBits: 1,
    } as const
    t.match(await bus.connect(serial, 1000), { kind: 'failed' }, 'while it is out')
    const second = await pseudoLine(t)
    second.requests.on('line', () => second.write(right))
    symlinkSync(second.path, byId)
    const back = await openSerial(byId)
    t.match(await read(back), { kind: 'words', words: [7, 7] })
    back.close()
  },
)

t.test('A10: a second complete answer on a serial line is dropped, counted, and answers nothing', async t => {
  const { path, write, requests } = await pseudoLine(t)
  const framed = (bytes: number[]) => Buffer.from([...bytes, ...crc16(bytes)]).toString('hex')
  const answer = (value: number, unit = 1) => framed([unit, 4, 4, 0, value, 0, value])
  let onRequest = (): void => undefined
  requests.on('line', () => onRequest())
  const openLine = () => openSerial(path)
  const line = await openLine()
  onRequest = () => write(answer(7))
  t.same(await read(line), { kind: 'words', words: [7, 7] }, 'a right answer')
  onRequest = () => write(`00${answer(8)}`)
  t.same(await read(line), { kind: 'words', words: [8, 8] }, 'a glitch of the line driver before it')
  t.equal(line.strayBytes(), 1)
  // Nobody asks, and a complete answer comes.
  write(answer(99))
  await new Promise(resolve => setTimeout(resolve, 150))
  onRequest = () => write(answer(9))
  t.same(await read(line), { kind: 'words', words: [9, 9] }, 'what came before the request is not its answer')
  t.equal(line.strayBytes(), 10)
  onRequest = () => write(answer(5, 2) + answer(10))
  t.match(await read(line), { kind: 'failed' }, 'two answers at once: neither is believed')
  line.close()
  const again = await openLine()
  onRequest = () => write(answer(11))
  t.same(await read(again), { kind: 'words', words: [11, 11] }, 'and the next request is answered by its own')
  t.equal(again.strayAnswers(), 0)
  // Two devices at one address, the other one slower: its answer comes into the next request, the right one behind it.
  onRequest = () => write(answer(66) + answer(13).slice(0, 2))
  await read(again)
  write(answer(13).slice(2))
  await new Promise(resolve => setTimeout(resolve, 100))
  t.equal(again.strayAnswers(), 1, 'nobody can tell which was the right one, and it shows')
  onRequest = () => write(answer(14))
  t.same(await read(again), { kind: 'words', words: [14, 14] })
  t.equal(again.strayAnswers(), 1, 'an answer alone is none more')
  write('ffff00ff00ff00ff00')
  write(answer(5, 2))
  await new Promise(resolve => setTimeout(resolve, 100))
  t.equal(again.strayAnswers(), 1, 'noise and the answers of other units are none')
  onRequest = () => write(answer(12, 2))
  t.same(await read(again, 150), { kind: 'timeout' }, 'another unit answers')
  again.close()
  for (const [name, hex] of [
    ['noise', 'ff00fe3c55aa'],
    ['two devices at once', `${answer(3).slice(0, 8)}${answer(4)}`],
    ['a wrong checksum', `${answer(3).slice(0, -4)}0000`],
  ] as const) {
    const noisy = await openLine()
    onRequest = () => write(hex)
    const reply = await read(noisy, 150)
    t.ok(reply.kind === 'timeout' || reply.kind === 'failed', `${name}: ${JSON.stringify(reply)}`)
    noisy.close()
  }
})
