/** Clock, randomness, secrets, page files, log, HTTP and MQTT doors: each as its port promises. */

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { open, symlink } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { createAssets } from '../../src/adapters/assets.js'
import { createBroker } from '../../src/adapters/broker.js'
import { createClock } from '../../src/adapters/clock.js'
import { createHttp } from '../../src/adapters/http.js'
import { LineWriter } from '../../src/adapters/line-writer.js'
import { createLog } from '../../src/adapters/log.js'
import { PacketBound } from '../../src/adapters/mqtt-bound.js'
import { startMqttServer } from '../../src/adapters/mqtt-server.js'
import { createRandom } from '../../src/adapters/random.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import type { BrokerClosing, Log } from '../../src/ports.js'

const SILENT: Log = { write: () => undefined }

t.test('clock', t => {
  t.test(
    'a fast clock advances wall and monotonic time together, and its timers never fire early',
    async t => {
      const clock = createClock({ speed: 1000 })
      const wallMs = clock.wallMs()
      const monoMs = clock.monoMs()
      await new Promise<void>(resolve => void clock.after(20_000, resolve))
      t.ok(clock.monoMs() - monoMs >= 20_000)
      t.ok(clock.wallMs() - wallMs >= 19_999)
    },
  )

  t.test('a delay longer than setTimeout can take does not fire at once', async t => {
    const clock = createClock()
    let fired = false
    const timer = clock.after(2 ** 31 + 1000, () => {
      fired = true
    })
    await new Promise<void>(resolve => void clock.after(5, resolve))
    t.equal(fired, false)
    timer.cancel()
    timer.cancel()
  })

  t.test('every comes after one period each, until it is cancelled from within', async t => {
    const clock = createClock({ speed: 100 })
    const startMs = clock.monoMs()
    const turnsMs: number[] = []
    await new Promise<void>(resolve => {
      const timer = clock.every(500, () => {
        turnsMs.push(clock.monoMs() - startMs)
        if (turnsMs.length < 4) return
        timer.cancel()
        resolve()
      })
    })
    t.ok(turnsMs.every((atMs, turn) => atMs >= 500 * (turn + 1)))
    await new Promise<void>(resolve => void clock.after(2000, resolve))
    t.equal(turnsMs.length, 4)
  })

  t.test('every does not make up for turns it missed', async t => {
    const clock = createClock({ speed: 1000 })
    const turnsMs: number[] = []
    await new Promise<void>(resolve => {
      const timer = clock.every(1000, () => {
        turnsMs.push(clock.monoMs())
        const blockedFromMs = clock.monoMs()
        while (turnsMs.length === 1 && clock.monoMs() - blockedFromMs < 30_000);
        if (turnsMs.length < 3) return
        timer.cancel()
        resolve()
      })
    })
    t.ok((turnsMs[1] ?? 0) - (turnsMs[0] ?? 0) >= 30_000, 'one turn for thirty')
  })

  t.test('the minute tick of a fast clock comes at the start of each minute', async t => {
    const clock = createClock({ speed: 3000 })
    const minutes: number[] = []
    await new Promise<void>(resolve => {
      const timer = clock.eachMinute(() => {
        minutes.push(Math.floor(clock.wallMs() / 60_000))
        if (minutes.length < 3) return
        timer.cancel()
        resolve()
      })
    })
    t.same(minutes, [...new Set(minutes)].sort(), 'no minute twice')
  })

  t.test('the minute tick of real time can be started and cancelled', t => {
    const timer = createClock().eachMinute(() => undefined)
    timer.cancel()
    timer.cancel()
    t.throws(() => createClock({ speed: 0 }), RangeError)
    t.end()
  })
  t.end()
})

t.test('randomness is the same for the same seed, and inside [0, 1)', async t => {
  const draw = (seed?: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 1000 }, () => random.next())
  }
  t.same(draw(7), draw(7))
  t.notSame(draw(7), draw(8))
  t.notSame(draw(), draw())
  const drawn = draw(1)
  t.ok(drawn.every(value => value >= 0 && value < 1))
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length
  t.ok(mean > 0.45 && mean < 0.55, `mean ${mean}`)
})

t.test('secrets', async t => {
  const secrets = createSecrets()
  t.match(secrets.token(24), /^[A-Za-z0-9_-]{32}$/)
  t.not(secrets.token(24), secrets.token(24))
  const hash = await secrets.hash('pässword')
  t.match(hash, /^scrypt\$16384\$8\$1\$/)
  t.equal(await secrets.verify('pässword', hash), true)
  t.equal(await secrets.verify('password', hash), false)
  t.not(await secrets.hash('pässword'), hash, 'salted')
  let [turns, isOver] = [0, false]
  const ended = secrets.verify('pässword', hash).finally(() => {
    isOver = true
  })
  for (; !isOver; turns++) await new Promise(resolve => setImmediate(resolve))
  await ended
  t.ok(turns > 50, `beside the loop, which goes on: ${turns} turns in one hash`)
  for (const unreadable of [
    '',
    'demo',
    'scrypt$0$8$1$a$b',
    'scrypt$16384$999$1$aa$bb',
    'scrypt$3$8$1$aa$bb',
  ]) {
    t.equal(await secrets.verify('demo', unreadable), false, unreadable)
  }
  const bytes = (text: string) => new TextEncoder().encode(text)
  t.equal(secrets.equal(bytes('abc'), bytes('abc')), true)
  t.equal(secrets.equal(bytes('abc'), bytes('abd')), false)
  t.equal(secrets.equal(bytes('abc'), bytes('abcd')), false)
  t.equal(secrets.equal(bytes(''), bytes('a')), false)
})

t.test('page files', async t => {
  const folder = t.testdir({
    web: {
      'index.html': '<p>',
      assets: { 'page-1a2b.js': 'let a', 'page-1a2b.js.br': 'b', 'page-1a2b.js.gz': 'g' },
      'a b.txt': 'x',
    },
    'secrets.json': '{}',
  })
  await symlink(join(folder, 'secrets.json'), join(folder, 'web', 'link.json'))
  const assets = createAssets({ folder: join(folder, 'web') })
  const text = async (path: string) => {
    const found = await assets.load(path)
    return found && [Buffer.from(found.body).toString(), found.contentType]
  }
  t.same(await text('/index.html'), ['<p>', 'text/html; charset=utf-8'])
  t.same(await text('/assets/page-1a2b.js'), ['let a', 'text/javascript; charset=utf-8'])
  const { packed, tag } = (await assets.load('/assets/page-1a2b.js')) ?? {}
  t.same([Buffer.from(packed?.br ?? []).toString(), Buffer.from(packed?.gzip ?? []).toString()], ['b', 'g'])
  t.match(tag, /^[\w-]{16}$/)
  t.equal(await assets.load('/assets/page-1a2b.js.br'), undefined, 'a packed file is no file of its own')
  t.same(await text('/a%20b.txt'), ['x', 'text/plain; charset=utf-8'])
  const outside = [
    '/../secrets.json',
    '/%2e%2e/secrets.json',
    '/%2e%2e%2fsecrets.json',
    '/..%2fsecrets.json',
    '/%252e%252e/secrets.json',
    '/assets/../../secrets.json',
    '/..\\secrets.json',
    '/%5c..%5csecrets.json',
    '//secrets.json',
    '/link.json',
    '/index.html%00.png',
    '/%',
    '/%c0%ae%c0%ae/secrets.json',
    '/',
    '',
    '/assets',
    '/assets/',
    'index.html',
    '/INDEX.HTML',
    '/constructor',
  ]
  for (const path of outside) t.equal(await assets.load(path), undefined, `nothing at ${path}`)
  t.equal(await createAssets({ folder: join(folder, 'absent') }).load('/index.html'), undefined)
})

t.test('log', async t => {
  const lines: string[] = []
  const options = {
    write: (line: string) => void lines.push(line),
    wallMs: () => Date.parse('2026-11-21T12:00:00Z'),
  }
  createLog(options).write('warn', 'meter-stale', { meter: 'main', ageMs: 5000, reason: undefined })
  t.same(JSON.parse(lines[0] ?? ''), {
    level: 'warn',
    time: '2026-11-21T12:00:00.000Z',
    event: 'meter-stale',
    meter: 'main',
    ageMs: 5000,
  })
  createLog(options).write('debug', 'left-out')
  t.equal(lines.length, 1)
  createLog({ ...options, format: 'human' }).write('info', 'station-connected', {
    station: 'CP-1',
    vendor: 'A\nB c=d',
  })
  t.match(lines[1], /^\d\d:\d\d:\d\d info {2}station connected {2}station=CP-1 {2}vendor="A\\nB c=d"\n$/)
})

t.test('lines', t => {
  t.test('all of them leave in order before empty settles', async t => {
    const { reader, far, writer } = await pipeIn(t.testdir())
    const lines = Array.from({ length: 3000 }, (_, count) => `line ${count}\n`)
    for (const line of lines) writer.write(line)
    const read = reader.toArray()
    await writer.empty(10_000)
    await far.close()
    t.equal((await read).join(''), lines.join(''))
  })

  t.test('a reader that is gone ends the writing, not the process', async t => {
    const { reader, far, writer } = await pipeIn(t.testdir())
    reader.destroy()
    await once(reader, 'close')
    for (let count = 0; count < 3; count++) {
      writer.write('into the void\n')
      await writer.empty(10_000)
    }
    t.equal(writer.takeDropped(), 0)
    await far.close()
  })

  t.test(
    'a reader that does not read costs a bounded number of lines, and hears how many are missing',
    async t => {
      const { reader, far, writer } = await pipeIn(t.testdir())
      const line = `${'x'.repeat(99_999)}\n`
      for (let count = 0; count < 40; count++) writer.write(line)
      t.equal(writer.takeDropped(), 0, 'no room to say so')
      const read = reader.toArray()
      await writer.empty(10_000)
      await far.close()
      const dropped = writer.takeDropped()
      t.ok(dropped > 20 && dropped < 40, `${dropped} of 40`)
      t.equal((await read).join('').length, (40 - dropped) * line.length)
    },
  )
  t.end()
})

/** A writer and both ends of its pipe. */
async function pipeIn(folder: string) {
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const [near, far] = await Promise.all([open(path, 'r'), open(path, 'w')])
  return { reader: near.createReadStream({ encoding: 'utf8' }), far, writer: new LineWriter(far.fd) }
}

t.test('http', t => {
  t.test('serves the handler, tells the remote address and hides what went wrong', async t => {
    const events: string[] = []
    const http = createHttp({ log: { write: (_level, event) => void events.push(event) } })
    const listener = await http.listen({ host: '127.0.0.1', port: 0 }, async (request, from) => {
      if (request.url.endsWith('/broken')) throw new Error('a secret reason')
      return new Response(
        `${request.method} ${new URL(request.url).pathname} ${from.remote} ${await request.text()}`,
      )
    })
    t.teardown(() => listener.stop())
    const at = `http://127.0.0.1:${listener.port}`
    t.equal(
      await (await fetch(`${at}/a%2Fb`, { method: 'POST', body: 'x' })).text(),
      'POST /a%2Fb 127.0.0.1 x',
    )
    const broken = await fetch(`${at}/broken`)
    t.equal(broken.status, 500)
    t.equal(await broken.text(), 'internal error')
    t.same(events, ['http-handler-failed'])
    await t.rejects(
      http.listen({ host: '127.0.0.1', port: listener.port }, () => new Response()),
      {
        message: /cannot listen on 127\.0\.0\.1:\d+: the port is in use/,
      },
    )
  })

  t.test('a crowd from elsewhere does not keep out what asks from the machine itself', async t => {
    const http = createHttp({ log: SILENT, isOwn: remote => remote === '127.0.0.1' })
    const listener = await http.listen({ host: '0.0.0.0', port: 0 }, () => new Response('here'))
    const crowd: Socket[] = []
    t.teardown(async () => {
      for (const socket of crowd) socket.destroy()
      await listener.stop()
    })
    const another = async (): Promise<Socket> => {
      const socket = connect({ port: listener.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
      socket.on('error', () => undefined)
      crowd.push(socket)
      await once(socket, 'connect')
      return socket
    }
    while (crowd.length < 256) await another()
    await once((await another()).resume(), 'close')
    t.equal(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text(), 'here')
  })

  t.test('stops although a live stream, an idle and a half-sent request are open', async t => {
    const listener = await createHttp({ log: SILENT }).listen({ host: '127.0.0.1', port: 0 }, () => {
      const body = new ReadableStream({
        start: stream => stream.enqueue(new TextEncoder().encode('data: 1\n\n')),
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
    const stream = await fetch(`http://127.0.0.1:${listener.port}/`)
    const reader = stream.body?.getReader()
    t.match(Buffer.from((await reader?.read())?.value ?? []).toString(), /data: 1/)
    const half = connect(listener.port, '127.0.0.1')
    half.on('error', () => undefined)
    await once(half, 'connect')
    half.write('GET / HTTP/1.1\r\nHost: a\r\n')
    // Ends by FIN or by RST, as the version of Node has it; `once` would reject for the second.
    const halfClosed = new Promise(resolve => half.once('close', resolve))
    await listener.stop()
    await listener.stop()
    await halfClosed
    await t.rejects(async () => void (await reader?.read()))
  })

  t.test('an answer nobody takes ends after its time, and the page is there for others', async t => {
    const untakenTimeoutMs = 300
    const endless = new TextEncoder().encode('x'.repeat(65_536))
    let beganMs = 0
    let ended: (afterMs: number) => void = () => {}
    const endedAfter = new Promise<number>(done => {
      ended = done
    })
    const listener = await createHttp({ log: SILENT, untakenTimeoutMs }).listen(
      { host: '127.0.0.1', port: 0 },
      request => {
        if (!request.url.endsWith('/large')) return new Response('ok')
        beganMs = performance.now()
        return new Response(
          new ReadableStream({
            pull: stream => stream.enqueue(endless),
            cancel: () => ended(performance.now() - beganMs),
          }),
        )
      },
    )
    t.teardown(() => listener.stop())
    const deaf = connect(listener.port, '127.0.0.1')
    deaf.on('error', () => undefined)
    deaf.pause()
    deaf.write('GET /large HTTP/1.1\r\nhost: a\r\n\r\n')
    t.equal(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text(), 'ok')
    t.ok((await endedAfter) >= untakenTimeoutMs, 'not before')
    t.equal(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text(), 'ok')
    deaf.destroy()
  })

  t.test('nonsense on the socket is answered with 400 and hurts nobody else', async t => {
    const listener = await createHttp({ log: SILENT }).listen(
      { host: '127.0.0.1', port: 0 },
      () => new Response('ok'),
    )
    t.teardown(() => listener.stop())
    const socket = connect(listener.port, '127.0.0.1')
    socket.write('\u0000\u0001 nonsense\r\n\r\n')
    const [answer] = await once(socket, 'data')
    t.match(String(answer), /^HTTP\/1\.1 400/)
    t.equal(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text(), 'ok')
  })
  t.end()
})

const WILL = { topic: 'site/status', payload: 'offline', retain: true }
const link = (url: string) =>
  ({ url, clientId: 'busbar-test', protocolVersion: 4, will: WILL, connectTimeoutMs: 2000 }) as const

t.test('broker', t => {
  t.test('an address nobody answers at ends in one closed, later than connect', async t => {
    const bad = [
      ['mqtt://127.0.0.1:1', ['tcp']],
      ['mqtt://no-such-host.invalid', ['dns']],
      ['nonsense://x', ['dns']],
    ] as const
    for (const [url, expected] of bad) {
      let calls = 0
      const [reason, detail] = await new Promise<[BrokerClosing, string]>(resolve => {
        const opened = createBroker().connect(link(url), {
          open: () => t.fail('open'),
          message: () => undefined,
          closed: (why, words) => {
            calls++
            resolve([why, words])
          },
        })
        t.equal(calls, 0, 'not from within connect')
        opened.publish('a', 'b', { qos: 1, retain: false }, taken => t.equal(taken, false))
      })
      t.same([reason], expected, url)
      t.not(detail, '')
      await new Promise(resolve => setImmediate(resolve))
      t.equal(calls, 1, url)
    }
  })

  t.test(
    'a publish without an answer is told false when the connection is cut, and closed comes once',
    async t => {
      const server = await startMqttServer()
      t.teardown(() => server.stop())
      const told: boolean[] = []
      let closedCount = 0
      await new Promise<void>(resolve => {
        const opened = createBroker().connect(link(`mqtt://127.0.0.1:${server.port}`), {
          open: () =>
            opened.publish('a', '1', { qos: 1, retain: true }, taken => {
              told.push(taken)
              void server.off()
              opened.publish('a', '2', { qos: 1, retain: true }, again => told.push(again))
            }),
          message: () => undefined,
          closed: () => {
            closedCount++
            resolve()
          },
        })
      })
      t.same(told, [true, false])
      t.equal(closedCount, 1)
      await server.on()
      await server.on()
    },
  )

  for (const [what, goesOn] of [
    ['grows beyond its bound', true],
    ['claims more than its bound and never comes', false],
  ] as const) {
    t.test(`a packet that ${what} ends the connection, not the memory`, async t => {
      // claims 200 MB and, where it goes on, does so for as long as somebody listens
      const head = Buffer.from([0x20, 0x02, 0x00, 0x00, 0x30, 0x80, 0x84, 0xaf, 0x5f, 0x00, 0x01, 0x61])
      let sent = 0
      const server = createServer((socket: Socket) => {
        socket.on('error', () => undefined)
        const pour = (): void => {
          if (socket.destroyed || !goesOn) return
          sent += 65_536
          socket.write(Buffer.alloc(65_536, 0x61), pour)
        }
        socket.once('data', () => socket.write(head, pour))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const beganMs = performance.now()
      const reason = await new Promise<string>(closed => {
        createBroker().connect(link(`mqtt://127.0.0.1:${port}`), {
          open: () => undefined,
          message: () => undefined,
          closed: (why, words) => closed(`${why}: ${words}`),
        })
      })
      t.match(reason, /a packet of more than 262144 bytes/)
      t.ok(sent < 16 * 1024 * 1024, `${sent} bytes`)
      t.ok(performance.now() - beganMs < 10_000, 'long before a silent broker is noticed, after 30 s')
      server.close()
    })
  }

  t.test('a bound of packets holds however their octets are cut, and for no smaller one', t => {
    const lengths = (bytes: number): number[] => {
      const octets: number[] = []
      for (let left = bytes; ; left = Math.floor(left / 128)) {
        octets.push((left % 128) | (left >= 128 ? 0x80 : 0))
        if (left < 128) return octets
      }
    }
    const packet = (bytes: number): Buffer =>
      Buffer.concat([Buffer.from([0x30, ...lengths(bytes)]), Buffer.alloc(bytes, 0xff)])
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { maxLength: 8 }),
        fc.option(fc.integer({ min: 1_001, max: 20_000_000 })),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        (sound, tooMuch, cuts) => {
          const bound = new PacketBound(1_000)
          const head = tooMuch === null ? Buffer.alloc(0) : Buffer.from([0x30, ...lengths(tooMuch), 0x00])
          const all = Buffer.concat([...sound.map(packet), head])
          let isBroken = false
          for (let at = 0, n = 0; at < all.length && !isBroken; n++) {
            const next = at + (cuts[n % cuts.length] ?? 1)
            isBroken = bound.isBroken(all.subarray(at, next))
            at = next
          }
          return isBroken === (tooMuch !== null)
        },
      ),
    )
    t.equal(
      new PacketBound(1_000).isBroken(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])),
      true,
      'no length ends',
    )
    t.end()
  })

  t.test('whatever a hostile broker sends ends in closed and nothing else (MQ5)', async t => {
    const connack = Buffer.from([0x20, 0x02, 0x00, 0x00])
    const hostile: readonly (readonly [string, Buffer])[] = [
      ['garbage', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
      ['refusal', Buffer.from([0x20, 0x02, 0x00, 0x05])],
      ['zeros', Buffer.alloc(64)],
      ['0xff', Buffer.alloc(64, 0xff)],
      [
        'an endless length after the acknowledgement',
        Buffer.concat([connack, Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff])]),
      ],
      ['a cut PUBLISH', Buffer.concat([connack, Buffer.from([0x32, 0x04, 0x00, 0x09, 0x61, 0x62])])],
      ['an answer to nothing', Buffer.concat([connack, Buffer.from([0x40, 0x02, 0x12, 0x34])])],
    ]
    for (const [what, bytes] of hostile) {
      const server = createServer((socket: Socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () => socket.end(bytes))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const reason = await new Promise<string>(closed => {
        createBroker().connect(link(`mqtt://127.0.0.1:${port}`), {
          open: () => undefined,
          message: () => undefined,
          closed: (why, words) => closed(`${why}: ${words}`),
        })
      })
      if (what === 'refusal') t.equal(reason, 'refused: not authorized')
      else t.notMatch(reason, /^refused/, `${what}: ${reason}`)
      server.close()
    }
  })
  t.end()
})
