import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createNetwork } from '../../src/adapters/network.js'
import { Outbox } from '../../src/adapters/outbox.js'
import type { DialOutcome, Listener, Socket, SocketHandlers, UpgradeRequest } from '../../src/ports.js'
import { keptLog } from '../ocpp/hand-clock.js'

const log = keptLog()
const network = createNetwork(log)
const OPTIONS = { host: '127.0.0.1', port: 0, maxFrameBytes: 1000 }

/** Handlers that write down what they get; `ended` settles with the code of `closed`. */
function recorder(onText: (text: string) => void = () => {}) {
  const seen: string[] = []
  let end: (code: number) => void = () => {}
  const ended = new Promise<number>(resolve => {
    end = resolve
  })
  const handlers: SocketHandlers = {
    text: text => {
      seen.push(`text ${text.slice(0, 40)}`)
      onText(text)
    },
    binary: () => void seen.push('binary'),
    ping: () => void seen.push('ping'),
    pong: () => void seen.push('pong'),
    closed: code => {
      seen.push(`closed ${code}`)
      end(code)
    },
  }
  return { seen, ended, handlers }
}

/** Listens, accepts every upgrade with ocpp1.6 and echoes; closed after the test. */
async function echo(t: Test, judge?: (request: UpgradeRequest) => boolean) {
  const records: ReturnType<typeof recorder>[] = []
  const sockets: Socket[] = []
  const listener = await network.listen(OPTIONS, request => {
    if (judge !== undefined && !judge(request)) return
    const record = recorder(text => socket?.sendText(text))
    const socket = request.accept('ocpp1.6', record.handlers)
    if (socket === undefined) return
    records.push(record)
    sockets.push(socket)
  })
  t.teardown(() => listener.stop())
  return { listener, records, sockets, url: `ws://127.0.0.1:${listener.port}/x` }
}

async function client(t: Test, url: string, protocols = ['ocpp1.6']): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols)
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

async function said(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [data] = await once(socket, 'message')
  return String(data)
}

/** Sends bytes and gives back everything that came until the other side closed. */
async function raw(listener: Listener, bytes: string | Buffer): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

const UPGRADE =
  'GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n'

t.test('carries texts in order and says once how a connection ended', async t => {
  const { url, records } = await echo(t)
  const socket = await client(t, url, ['ocpp2.0.1', 'ocpp1.6'])
  t.equal(socket.protocol, 'ocpp1.6')
  t.equal(socket.extensions, '', 'no compression')
  t.equal(await said(socket, '[1,"é€😀"]'), '[1,"é€😀"]')
  socket.ping()
  await once(socket, 'pong')
  socket.send(Buffer.from([1]))
  socket.close(3001, 'enough')
  t.equal(await records[0]!.ended, 3001)
  t.same(records[0]!.seen, ['text [1,"é€😀"]', 'ping', 'binary', 'closed 3001'])
})

t.test('shows the request as it came and refuses it with status and headers', async t => {
  const requests: UpgradeRequest[] = []
  const { listener } = await echo(t, request => {
    requests.push(request)
    request.reject(401, { 'WWW-Authenticate': 'Basic realm="x"' })
    t.equal(request.accept('ocpp1.6', recorder().handlers), undefined, 'answered already')
    return false
  })
  const target = `${UPGRADE.replace('/x', '/ocpp/RDAM%7C1/../?a=%41')}${KEY}X-Twice: a\r\nX-Twice: b\r\n\r\n`
  t.match(
    await raw(listener, target),
    /^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]*WWW-Authenticate: Basic realm="x"/,
  )
  t.equal(requests[0]?.rawPath, '/ocpp/RDAM%7C1/../?a=%41')
  t.equal(requests[0]?.headers['x-twice'], 'a, b')
  t.equal(requests[0]?.remote, '127.0.0.1')
})

t.test('answers what is no upgrade and outlives what is no HTTP', async t => {
  const { listener, url } = await echo(t)
  t.match(await raw(listener, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 426 /)
  t.match(await raw(listener, '\x16\x03\x01\x00garbage\r\n\r\n'), /^HTTP\/1\.1 400 /)
  t.match(await raw(listener, `${UPGRADE}X: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
  t.match(await raw(listener, `${UPGRADE}\r\n`), /^HTTP\/1\.1 400 /, 'no key')
  const headers = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}: y\r\n`).join('')
  // The head itself has six.
  t.match(await raw(listener, `${UPGRADE}${KEY}${headers(59)}\r\n`), /^HTTP\/1\.1 431 /, '65 headers')
  t.match(await raw(listener, `${UPGRADE}${KEY}${headers(200)}\r\n`), /^HTTP\/1\.1 431 /, '206 headers')
  const full = connect(listener.port, '127.0.0.1')
  t.teardown(() => full.destroy())
  full.write(`${UPGRADE}${KEY}${headers(58)}\r\n`)
  t.match(String((await once(full, 'data'))[0]), /^HTTP\/1\.1 101 /, '64 headers')
  t.equal(await said(await client(t, url), 'alive'), 'alive')
})

t.test('answers 503 to who comes when the house is full, and is told of each', async t => {
  let turnedAway = 0
  const crowd = {
    maxConnections: 1,
    onTurnedAway: () => {
      turnedAway++
    },
  }
  const listener = await network.listen({ ...OPTIONS, crowd }, request => {
    request.accept('ocpp1.6', recorder().handlers)
  })
  t.teardown(() => listener.stop())
  const first = await client(t, `ws://127.0.0.1:${listener.port}/x`)
  const full = /^HTTP\/1\.1 503 [\s\S]*Retry-After: 60/
  t.match(await raw(listener, `${UPGRADE}${KEY}\r\n`), full, 'a station')
  t.match(await raw(listener, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), full, 'what is no station')
  t.equal(turnedAway, 2)
  first.terminate()
  // The close is seen here before it is there.
  let answer = ''
  while (!answer.startsWith('HTTP/1.1 426')) {
    answer = await raw(listener, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  }
  await client(t, `ws://127.0.0.1:${listener.port}/x`)
})

t.test('closes a peer that breaks the framing, and only that one', async t => {
  const { listener, url, records } = await echo(t)
  const neighbour = await client(t, url)
  const masked = (head: readonly number[], length: number) =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(4 + length)])
  const rows: readonly (readonly [string, Buffer, number])[] = [
    ['unmasked text', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['compressed without negotiation', masked([0xc1, 0x81], 1), 1002],
    ['reserved opcode', masked([0x83, 0x81], 1), 1002],
    ['fragmented ping', masked([0x09, 0x80], 0), 1002],
    ['continuation of nothing', masked([0x80, 0x81], 1), 1002],
    ['invalid UTF-8', Buffer.concat([Buffer.from([0x81, 0x81, 0, 0, 0, 0]), Buffer.from([0xff])]), 1007],
    ['longer than the limit', masked([0x81, 0xfe, 0x03, 0xe9], 1001), 1009],
    [
      'fragments without end',
      Buffer.concat([masked([0x01, 0xfe, 0x03, 0x00], 0x300), masked([0x00, 0xfe, 0x03, 0x00], 0x300)]),
      1009,
    ],
  ]
  for (const [name, frame, code] of rows) {
    const answer = await raw(listener, Buffer.concat([Buffer.from(`${UPGRADE}${KEY}\r\n`), frame]))
    const close = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')
    t.equal(close.readUInt8(0), 0x88, name)
    t.equal(close.readUInt16BE(2), code, name)
    t.equal((await records.at(-1)!.ended) > 0, true, name)
    t.equal(await said(neighbour, name), name, 'the neighbour is served')
  }
})

t.test('answers an upgrade later, and not at all when the peer has gone', async t => {
  const waiting: UpgradeRequest[] = []
  let arrived: () => void = () => {}
  const { url, listener, records } = await echo(t, request => {
    waiting.push(request)
    arrived()
    return false
  })
  const first = new Promise<void>(resolve => {
    arrived = resolve
  })
  const socket = new WebSocket(url, ['ocpp1.6'])
  t.teardown(() => socket.terminate())
  await first
  const record = recorder()
  t.ok(waiting[0]!.accept('ocpp1.6', record.handlers))
  await once(socket, 'open')

  const second = new Promise<void>(resolve => {
    arrived = resolve
  })
  const gone = connect(listener.port, '127.0.0.1')
  gone.write(`${UPGRADE}${KEY}\r\n`)
  await second
  gone.resetAndDestroy()
  const late = recorder()
  // either it is known to be gone, or the socket ends at once: never neither
  if (waiting[1]!.accept('ocpp1.6', late.handlers) !== undefined) await late.ended
  t.equal(records.length, 0)
  t.ok(waiting[0]!.accept('ocpp1.6', record.handlers) === undefined)
})

t.test('keeps the process when a handler of ours throws', async t => {
  const listener = await network.listen(OPTIONS, request => {
    if (request.rawPath === '/throw') throw new Error('ours')
    request.accept('ocpp1.6', {
      ...recorder().handlers,
      text: () => {
        throw new Error('ours')
      },
    })
  })
  t.teardown(() => listener.stop())
  const socket = await client(t, `ws://127.0.0.1:${listener.port}/x`)
  socket.send('x')
  t.equal((await once(socket, 'close'))[0], 1006)
  t.ok(log.events.includes('network.handler-failed'))
})

t.test('says why it cannot listen, and ends every socket when it stops', async t => {
  const { listener, url, records } = await echo(t)
  await t.rejects(
    network.listen({ ...OPTIONS, port: listener.port }, () => {}),
    /EADDRINUSE/,
  )
  const socket = await client(t, url)
  const gone = once(socket, 'close')
  await listener.stop()
  await listener.stop()
  t.equal((await gone)[0], 1006)
  t.equal(await records[0]!.ended, 1006)
})

// ---------------------------------------------------------------- dial

function dialled(url: string, timeoutMs = 5_000, protocols = ['ocpp1.6']) {
  const record = recorder()
  const target = { url, protocols, headers: { authorization: 'Basic eA==' }, timeoutMs, maxFrameBytes: 1000 }
  const outcome = new Promise<DialOutcome>(resolve => {
    network.dial(target, record.handlers, resolve)
  })
  return { ...record, outcome }
}

async function open(url: string) {
  const { outcome, ...record } = dialled(url)
  const opened = await outcome
  if (opened.kind !== 'open') throw new Error(`not open but ${opened.kind}`)
  return { ...record, socket: opened.socket, protocol: opened.protocol }
}

t.test('dials, speaks, and is told when the other side closes', async t => {
  const { url, sockets, records } = await echo(t)
  const { socket, protocol, seen, ended } = await open(url)
  t.equal(protocol, 'ocpp1.6')
  socket.ping()
  socket.sendText('hello')
  t.equal(socket.bufferedBytes() >= 0, true)
  await t.resolves(waitFor(() => seen.includes('text hello') && seen.includes('pong')))
  sockets[0]!.close(1006, 'é'.repeat(200))
  t.equal(await ended, 1000, 'a code that cannot be sent becomes 1000')
  await records[0]!.ended
  socket.sendText('late')
  socket.ping()
  socket.close(1000, '')
  socket.terminate()
  t.same(
    seen.filter(event => event.startsWith('closed')),
    ['closed 1000'],
  )
})

t.test('frames of every length arrive as they were sent, masked and bare', async t => {
  const lengths = [0, 1, 2, 3, 4, 5, 125, 126, 127, 128, 1000, 65_535, 65_536, 70_001]
  const texts = lengths.flatMap(length => ['a'.repeat(length), `é€😀\ud800${'ü'.repeat(length / 2)}`])
  const there: string[] = []
  const back: string[] = []
  const listener = await network.listen({ ...OPTIONS, maxFrameBytes: 100_000 }, request => {
    const { handlers } = recorder(text => {
      there.push(text)
      socket?.sendText(text)
    })
    const socket = request.accept('ocpp1.6', handlers)
  })
  t.teardown(() => listener.stop())
  const { handlers, ended } = recorder(text => {
    back.push(text)
    if (back.length === texts.length) opened.socket.close(1000, '')
  })
  const url = `ws://127.0.0.1:${listener.port}/x`
  const target = { url, protocols: ['ocpp1.6'], headers: {}, timeoutMs: 5_000, maxFrameBytes: 100_000 }
  const opened = await new Promise<Extract<DialOutcome, { kind: 'open' }>>((resolve, reject) => {
    network.dial(target, handlers, outcome =>
      outcome.kind === 'open' ? resolve(outcome) : reject(outcome.kind),
    )
  })
  for (const text of texts) opened.socket.sendText(text)
  const waitingBytes = opened.socket.bufferedBytes()
  t.equal(waitingBytes, opened.socket.sentBytes(), 'what waits for the end of the turn is counted')
  t.ok(waitingBytes > texts.join('').length)
  await ended
  const wellFormed = texts.map(text => text.replaceAll('\ud800', '\ufffd'))
  t.strictSame(there, wellFormed)
  t.strictSame(back, wellFormed)
})

t.test('what was sent before a close or a cut in the same turn still leaves, and in that order', async t => {
  for (const end of ['close', 'terminate'] as const) {
    const { url, sockets } = await echo(t)
    const { seen, ended } = await open(url)
    sockets[0]!.sendText('first')
    sockets[0]!.ping()
    sockets[0]!.sendText('second')
    sockets[0]![end](1000, '')
    await ended
    t.same(seen.slice(0, 3), ['text first', 'ping', 'text second'], end)
  }
})

t.test('a fault in writing to one peer costs that one, and the others are sent theirs', async t => {
  const sent: Buffer[] = []
  const faults: unknown[] = []
  const addressee = { isOpen: () => true, failed: (fault: unknown) => void faults.push(fault) }
  const broken = new PassThrough()
  broken.write = () => {
    throw new Error('broken')
  }
  const sound = new PassThrough()
  sound.on('data', chunk => sent.push(chunk))
  const boxes = [broken, sound].map(stream => new Outbox(stream, false, addressee))
  for (const box of boxes) box.put('[3]')
  for (const box of boxes) box.put('[4]')
  await once(sound, 'data')
  await new Promise(setImmediate)
  t.equal(Buffer.concat(sent).toString('latin1'), '\x81\x03[3]\x81\x03[4]')
  t.match(faults, [{ message: 'broken' }])
})

t.test('says 1006 when the connection is cut', async t => {
  const { url, sockets } = await echo(t)
  const { ended } = await open(url)
  sockets[0]!.terminate()
  t.equal(await ended, 1006)
})

t.test('tells refused, unreachable, silent and foreign servers apart', async t => {
  let visits = 0
  const elsewhere = createHttpServer(() => {
    visits += 1
  })
  elsewhere.on('upgrade', () => {
    visits += 1
  })
  const at = async (
    server: { listen(port: number, host: string): unknown; close(): unknown } & NodeJS.EventEmitter,
  ) => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
  }
  await at(elsewhere)
  const refusing = await network.listen(OPTIONS, request => {
    const port = (elsewhere.address() as AddressInfo).port
    if (request.rawPath === '/moved') request.reject(302, { Location: `ws://127.0.0.1:${port}/` })
    else if (request.rawPath === '/other') request.accept('ocpp2.0.1', recorder().handlers)
    else if (request.rawPath === '/none') request.accept(undefined, recorder().handlers)
    else request.reject(401)
  })
  t.teardown(() => refusing.stop())
  const silent = createTcpServer(socket => {
    t.teardown(() => socket.destroy())
  })
  await at(silent)
  const here = `127.0.0.1:${refusing.port}`
  t.same(await dialled(`ws://${here}/401`).outcome, { kind: 'refused', status: 401 })
  t.same(await dialled(`ws://${here}/moved`).outcome, { kind: 'refused', status: 302 })
  t.equal(visits, 0, 'a redirect is not followed')
  const failed = (reason: string) => ({ kind: 'failed', reason })
  t.match(await dialled(`ws://${here}/other`).outcome, failed('handshake'))
  t.match(await dialled(`ws://${here}/none`).outcome, failed('handshake'))
  t.match(await dialled('ws://').outcome, failed('handshake'))
  t.match(await dialled(`wss://${here}/`).outcome, failed('tls'))
  const { port } = silent.address() as AddressInfo
  t.match(await dialled(`ws://127.0.0.1:${port}/`, 50).outcome, failed('timeout'))
  await refusing.stop()
  t.match(await dialled(`ws://${here}/`).outcome, failed('tcp'))
})

t.test('does not speak of an attempt that was given up', async t => {
  const { listener } = await echo(t, request => {
    request.reject(500)
    return false
  })
  let spoke = false
  const target = {
    url: `ws://127.0.0.1:${listener.port}/`,
    protocols: ['ocpp1.6'],
    headers: {},
    timeoutMs: 5_000,
    maxFrameBytes: 1000,
  }
  const dialing = network.dial(target, recorder().handlers, () => {
    spoke = true
  })
  dialing.abort()
  dialing.abort()
  t.same(await dialled(target.url).outcome, { kind: 'refused', status: 500 })
  t.equal(spoke, false)
})

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}
