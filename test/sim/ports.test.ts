import t from 'tap'
import type { Ports } from '../../src/ports.js'
import { EventQueue } from '../../src/sim/ports/event-queue.js'
import { compareUtf8 } from '../../src/sim/ports/ordered-map.js'
import { SimRandom } from '../../src/sim/ports/sim-random.js'
import { covers } from '../../src/sim/ports/topic-filter.js'
import { Trace } from '../../src/sim/ports/trace.js'
import { createWorld, type World } from '../../src/sim/ports/world.js'
import { acceptAll, dial, seen, target } from './sockets.js'

const put = (key: string, value = 'v') => ({ kind: 'put', key, value }) as const

/** Two stations over a jittery network to a server that journals what it hears; its power fails in the middle. */
async function smallDepot(seed: number): Promise<World> {
  const world = createWorld({ seed })
  world.network.setQuality({ toListenerMs: 20, toDialerMs: 30, jitterMs: 40, bytesPerSecond: 20_000 })
  const serve = async (ports: Ports) => {
    await ports.network.listen({ host: '0.0.0.0', port: 9000, maxFrameBytes: 65_536 }, request => {
      const socket = request.accept('ocpp1.6', {
        ...seen(text => {
          const durable = ports.random.next() < 0.5
          void ports.journal
            .commit([put(`${request.rawPath}/${text}`)], durable)
            .then(() => socket?.sendText(`ok ${text}`))
        }),
      })
    })
  }
  const station = (name: string) => {
    const ports = world.portsFor(name)
    const connect = () => {
      const handlers = { ...seen(), closed: () => void ports.clock.after(1000, connect) }
      ports.network.dial(target(`ws://busbar:9000/ocpp/${name}`), handlers, outcome => {
        if (outcome.kind !== 'open') {
          ports.clock.after(1000, connect)
          return
        }
        let sent = 0
        const timer = ports.clock.every(700, () => {
          outcome.socket.sendText(`${name} ${sent++} ${ports.secrets.token(8)}`)
          outcome.socket.ping()
        })
        ports.clock.after(30_000, () => timer.cancel())
      })
    }
    connect()
  }
  await serve(world.ports)
  station('CP-1')
  station('CP-2')
  await world.runFor(20_003)
  world.powerCut()
  await world.runFor(10_000)
  await serve(world.ports)
  await world.runFor(60_000)
  return world
}

const KEPT = { qos: 1, retain: true } as const

t.test('trace', async t => {
  const [first, second, other] = [await smallDepot(7), await smallDepot(7), await smallDepot(8)]
  t.ok(first.trace.count > 200, 'the scenario does something')
  t.equal(first.trace.hash(), second.trace.hash(), 'the same seed gives the same trace twice')
  t.same(first.trace.lines(), second.trace.lines())
  t.not(first.trace.hash(), other.trace.hash(), 'another seed gives another trace')
  t.same([...first.disk().durableEntries()], [...second.disk().durableEntries()])

  const trace = new Trace(() => 0)
  t.equal(trace.hash(), 'cbf29ce484222325', 'begins at the FNV-1a offset')
  trace.note('a')
  t.equal(trace.hash(), fnv64('0 a\n'), 'is FNV-1a with 64 bits')
  const long = Array.from({ length: 2_000 }, (_, at) => String.fromCharCode((at * 7_919) % 0xd800)).join('')
  trace.note(long)
  t.equal(trace.hash(), fnv64(`0 a\n0 ${long}\n`), 'and stays it over all code units')
})

/** The textbook form, slow and obvious. */
function fnv64(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const char of text) hash = ((hash ^ BigInt(char.charCodeAt(0))) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

t.test('clock', async t => {
  t.test('a jump of the wall clock moves no timer', async t => {
    const world = createWorld({ seed: 1, startWallMs: Date.UTC(2026, 0, 1, 0, 0, 30) })
    const { clock } = world.ports
    const fired: string[] = []
    const note = (name: string) => () => fired.push(`${name} ${clock.monoMs()}`)
    clock.after(10_000, note('after'))
    clock.every(8000, note('every'))
    clock.eachMinute(note('minute'))
    await world.runFor(1000)
    world.jumpWall(3_600_000 + 20_000)
    t.equal(clock.wallMs(), Date.UTC(2026, 0, 1, 1, 0, 51))
    await world.runFor(23_000)
    t.same(fired, ['every 8000', 'after 10000', 'minute 10000', 'every 16000', 'every 24000'])
    t.equal(clock.monoMs(), 24_000)
  })

  t.test('each minute comes at the start of a wall minute', async t => {
    const world = createWorld({ seed: 1, startWallMs: Date.UTC(2026, 0, 1, 0, 0, 59, 500) })
    const { clock } = world.ports
    const minutes: number[] = []
    const timer = clock.eachMinute(() => minutes.push(clock.wallMs()))
    await world.runFor(120_500)
    timer.cancel()
    await world.runFor(0.3)
    let turns = 0
    clock.eachMinute(() => turns++)
    await world.runFor(600_000)
    t.equal(turns, 10, 'once a minute, also when armed between two milliseconds')
    await world.runFor(120_000)
    t.same(
      minutes,
      [1, 2, 3].map(minute => Date.UTC(2026, 0, 1, 0, minute)),
    )
  })

  t.test('events at one instant keep their order, and all that awaits is done before the next', async t => {
    const world = createWorld({ seed: 1 })
    const { clock } = world.ports
    const order: string[] = []
    clock.after(5, async () => {
      for (let hop = 0; hop < 20; hop++) await Promise.resolve()
      order.push('first, after twenty awaits')
      clock.after(0, () => order.push('third'))
    })
    clock.after(5, () => order.push('second'))
    const cancelled = clock.after(5, () => order.push('never'))
    cancelled.cancel()
    await world.runFor(5)
    t.same(order, ['first, after twenty awaits', 'second', 'third'])
  })

  t.test('an event that throws ends the run with its error', async t => {
    const world = createWorld({ seed: 1 })
    world.ports.clock.after(1, () => {
      throw new Error('a bug')
    })
    await t.rejects(world.runFor(2), { message: 'a bug' })
    await world.runFor(2)
    t.equal(world.time.nowMs, 3, 'and time can go on')
  })

  t.test('a promise nobody settles is reported, not waited for', async t => {
    const world = createWorld({ seed: 1 })
    await t.rejects(world.until(new Promise(() => {}), 1000), /still pending after 1000 ms/)
  })

  t.test('the queue gives events by time, then by order, also after many were cancelled', async t => {
    const queue = new EventQueue()
    const random = new SimRandom(3)
    const kept: { dueMs: number; order: number }[] = []
    for (let n = 0; n < 6000; n++) {
      const event = queue.add(Math.floor(random.next() * 500), { on: true }, () => {})
      if (n % 3 === 0) kept.push(event)
      else queue.cancel(event)
    }
    t.ok(queue.size < 4500, 'cancelled events do not pile up')
    const wanted = kept.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order).map(one => one.order)
    const given = wanted.map(() => queue.take(500)?.order)
    t.same(given, wanted)
    t.equal(queue.take(500), undefined)
  })
})

t.test('random and secrets', async t => {
  const draw = (seed: number, fork: string) => {
    const random = new SimRandom(seed).fork(fork)
    return Array.from({ length: 4 }, () => random.next())
  }
  t.same(draw(1, 'a'), draw(1, 'a'))
  t.notSame(draw(1, 'a'), draw(1, 'b'))
  t.notSame(draw(1, 'a'), draw(2, 'a'))
  const many = new SimRandom(5)
  const mean = Array.from({ length: 5000 }, () => many.next()).reduce((sum, one) => sum + one) / 5000
  t.ok(Math.abs(mean - 0.5) < 0.02, 'uniform in [0, 1)')

  const { secrets } = createWorld({ seed: 1 }).ports
  t.match(secrets.token(16), /^[A-Za-z0-9_-]{22}$/)
  const hash = await secrets.hash('hunter2')
  t.equal(await secrets.verify('hunter2', hash), true)
  t.equal(await secrets.verify('hunter3', hash), false)
  t.equal(await secrets.verify('hunter2', 'nonsense'), false)
  t.equal(secrets.equal(new Uint8Array([1, 2]), new Uint8Array([1, 2])), true)
  t.equal(secrets.equal(new Uint8Array([1]), new Uint8Array([1, 2])), false)
})

t.test('network', async t => {
  t.test('a dialed socket carries text, pings and a closing handshake both ways', async t => {
    const world = createWorld({ seed: 1 })
    const accepted = await acceptAll(world.ports)
    const station = seen()
    const url = 'ws://user:pass@busbar:9000/ocpp/RDAM%7C1?x=1'
    const one = dial(world.portsFor('CP-1'), target(url, { headers: { 'X-Depot': 'north' } }), station)
    await world.runFor(10)
    t.match(accepted, [{ rawPath: '/ocpp/RDAM%7C1?x=1' }])
    t.match(accepted[0]!.headers, {
      'x-depot': 'north',
      'sec-websocket-protocol': 'ocpp1.6',
      authorization: `Basic ${btoa('user:pass')}`,
    })
    one.socket.sendText('up')
    one.socket.ping()
    accepted[0]!.socket.sendText('down')
    world.network.links({ from: 'CP-1' })[0]!.dialerEnd.sendBinary()
    await world.runFor(10)
    one.socket.close(1000, 'bye')
    one.socket.sendText('too late')
    await world.runFor(10)
    one.socket.terminate()
    await world.runFor(10)
    t.same(accepted[0]!.seen.events, ['text up', 'ping', 'binary', 'closed 1000 bye'])
    t.same(station.events, ['text down', 'pong', 'closed 1000 bye'])
  })

  t.test('order within a connection holds under jittered latency', async t => {
    const world = createWorld({ seed: 4 })
    world.network.setQuality({ jitterMs: 200 })
    const accepted = await acceptAll(world.ports)
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'))
    await world.runFor(2000)
    for (let n = 0; n < 50; n++) one.socket.sendText(String(n))
    await world.runFor(2000)
    t.same(
      accepted[0]!.seen.events,
      Array.from({ length: 50 }, (_, n) => `text ${n}`),
    )
  })

  t.test('bandwidth shows in the buffered bytes', async t => {
    const world = createWorld({ seed: 1 })
    world.network.setQuality({ bytesPerSecond: 1000 })
    await acceptAll(world.ports)
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'))
    await world.runFor(5000)
    t.equal(one.socket.bufferedBytes(), 0)
    one.socket.sendText('x'.repeat(2000))
    t.ok(one.socket.bufferedBytes() >= 2000)
    await world.runFor(1000)
    t.ok(
      one.socket.bufferedBytes() > 900 && one.socket.bufferedBytes() < 1100,
      '1000 bytes less a second later',
    )
    await world.runFor(1100)
    t.equal(one.socket.bufferedBytes(), 0)
  })

  t.test('half-open sockets never tell: no frame, no pong, no close', async t => {
    const world = createWorld({ seed: 1 })
    const accepted = await acceptAll(world.ports)
    const station = seen()
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/ocpp/CP-1'), station)
    await world.runFor(100)
    t.equal(world.network.halfOpen({ path: '/CP-1' }), 1)
    one.socket.sendText('lost')
    one.socket.ping()
    accepted[0]!.socket.sendText('lost')
    await world.runFor(3_600_000)
    t.same([station.events, accepted[0]!.seen.events], [[], []])
    one.socket.sendText('x'.repeat(1_000_000))
    await world.runFor(10_000)
    t.ok(one.socket.bufferedBytes() > 500_000, 'what nobody acknowledges stays in the process')
    accepted[0]!.socket.terminate()
    await world.runFor(3_600_000)
    t.same(accepted[0]!.seen.events, ['closed 1006'], 'terminate closes the local side')
    t.same(station.events, [], 'and the far side does not hear of it')
    one.socket.close(1000, '')
    await world.runFor(60_000)
    t.same(station.events, ['closed 1006'], 'a closing handshake nobody answers ends by itself')
  })

  t.test('one direction alone can die', async t => {
    const world = createWorld({ seed: 1 })
    const accepted = await acceptAll(world.ports)
    const station = seen()
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'), station)
    await world.runFor(100)
    world.network.halfOpen({ from: 'CP-1' }, 'to-dialer')
    one.socket.sendText('up')
    one.socket.ping()
    accepted[0]!.socket.sendText('down')
    await world.runFor(1000)
    t.same(accepted[0]!.seen.events, ['text up', 'ping'])
    t.same(station.events, [])
  })

  t.test('a cut closes both ends with 1006, once, and nothing comes after', async t => {
    const world = createWorld({ seed: 1 })
    const accepted = await acceptAll(world.ports)
    const station = seen()
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'), station)
    await world.runFor(100)
    one.socket.sendText('lost on the way')
    t.equal(world.network.cut({ to: 'busbar:9000' }), 1)
    await world.runFor(1000)
    accepted[0]!.socket.terminate()
    one.socket.close(1000, '')
    await world.runFor(60_000)
    t.same([station.events, accepted[0]!.seen.events], [['closed 1006'], ['closed 1006']])
    t.same(world.network.links(), [])
  })

  t.test('terminate drops both ends with 1006, after what was sent before', async t => {
    const world = createWorld({ seed: 1 })
    const accepted = await acceptAll(world.ports)
    const station = seen()
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'), station)
    await world.runFor(100)
    one.socket.sendText('last words')
    one.socket.terminate()
    t.same(station.events, [], 'not while terminate is still being called')
    accepted[0]!.socket.sendText('nobody hears')
    await world.runFor(100)
    t.same(station.events, ['closed 1006'])
    t.same(accepted[0]!.seen.events, ['text last words', 'closed 1006'])
  })

  t.test('a frame over the limit closes with 1009', async t => {
    const world = createWorld({ seed: 1 })
    const accepted = await acceptAll(world.ports, 10)
    const station = seen()
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'), station)
    await world.runFor(100)
    one.socket.sendText('éééée')
    one.socket.sendText('ééééée')
    one.socket.sendText('after')
    await world.runFor(100)
    t.same(accepted[0]!.seen.events, ['text éééée', 'closed 1009'])
    t.same(station.events, ['closed 1009'])
  })

  t.test('dialing fails as a real network makes it fail', async t => {
    const world = createWorld({ seed: 1 })
    world.network.setResolvable('nowhere', false)
    world.network.block('filtered', 9000)
    const { network } = world.portsFor('csms')
    await network.listen({ host: '0.0.0.0', port: 1, maxFrameBytes: 99 }, request => request.reject(401))
    await network.listen({ host: '0.0.0.0', port: 2, maxFrameBytes: 99 }, request =>
      request.accept(undefined, seen()),
    )
    await network.listen({ host: '0.0.0.0', port: 3, maxFrameBytes: 99 }, () => {})
    const outcome = async (url: string, protocols = ['ocpp1.6']) => {
      const attempt = dial(world.ports, target(url, { protocols }))
      await world.runFor(10_000)
      t.equal(attempt.outcomes.length, 1, `${url} ends exactly once`)
      const [only] = attempt.outcomes
      if (only?.kind === 'refused') return only.status
      return only?.kind === 'failed' ? only.reason : only?.protocol
    }
    t.equal(await outcome('ws://nobody:9000/'), 'tcp')
    t.equal(await outcome('ws://nowhere:9000/'), 'dns')
    t.equal(await outcome('ws://filtered:9000/'), 'timeout')
    t.equal(await outcome('http://csms:1/'), 'handshake')
    t.equal(await outcome('ws://csms:1/'), 401)
    t.equal(await outcome('ws://csms:2/'), 'handshake', 'no sub-protocol came back')
    t.equal(await outcome('ws://csms:2/', []), '', 'none was asked for')
    t.equal(await outcome('ws://localhost:3/'), 'timeout', 'the upgrade is never answered')
    world.network.unblock('filtered', 9000)
    t.equal(await outcome('ws://filtered:9000/'), 'tcp')
    await t.rejects(
      network.listen({ host: '0.0.0.0', port: 3, maxFrameBytes: 9 }, () => {}),
      /EADDRINUSE/,
    )
  })

  t.test(
    'a stopped listener refuses, resets who was about to ask, and leaves open sockets alone',
    async t => {
      const world = createWorld({ seed: 1 })
      const handlers = seen()
      const listener = await world.ports.network.listen(
        { host: '127.0.0.1', port: 0, maxFrameBytes: 99 },
        request => request.accept('ocpp1.6', handlers),
      )
      const ports = world.portsFor('CP-1')
      const to = target(`ws://127.0.0.1:${listener.port}/`)
      const open = dial(ports, to)
      await world.runFor(100)
      const asking = dial(ports, to)
      await listener.stop()
      const refused = dial(ports, to)
      await world.runFor(100)
      open.socket.sendText('still here')
      await world.runFor(100)
      t.match(asking.outcomes, [{ kind: 'failed', reason: 'tcp', detail: /ECONNRESET/ }])
      t.match(refused.outcomes, [{ kind: 'failed', reason: 'tcp', detail: /ECONNREFUSED/ }])
      t.same(handlers.events, ['text still here'])
    },
  )

  t.test('an aborted dial tells nobody, and the listener learns that the peer is gone', async t => {
    const world = createWorld({ seed: 1 })
    const late: (() => unknown)[] = []
    await world.ports.network.listen({ host: '0.0.0.0', port: 9000, maxFrameBytes: 99 }, request => {
      late.push(() => request.accept('ocpp1.6', seen()))
    })
    const one = dial(world.portsFor('CP-1'), target('ws://busbar:9000/'))
    await world.runFor(100)
    one.dialing.abort()
    await world.runFor(100)
    t.same(one.outcomes, [])
    t.equal(late[0]?.(), undefined)
  })

  t.test('a power cut is silent until the machine is up again; a kill is told at once', async t => {
    const world = createWorld({ seed: 1 })
    await acceptAll(world.ports)
    const station = seen()
    const ports = world.portsFor('CP-1')
    const one = dial(ports, target('ws://busbar:9000/'), station)
    await world.runFor(100)
    let fired = 0
    world.ports.clock.every(10, () => fired++)
    world.powerCut()
    one.socket.sendText('into the dark')
    const unanswered = dial(ports, target('ws://busbar:9000/'))
    await world.runFor(10_000)
    t.same(station.events, [])
    t.equal(fired, 0, 'timers die with their peer')
    t.match(unanswered.outcomes, [{ kind: 'failed', reason: 'timeout' }])
    await acceptAll(world.ports)
    one.socket.sendText('who are you?')
    await world.runFor(100)
    t.same(station.events, ['closed 1006'], 'the new process resets the old connection')

    const again = seen()
    const accepted = dial(ports, target('ws://busbar:9000/'), again)
    await world.runFor(100)
    t.equal(accepted.outcomes[0]?.kind, 'open')
    world.kill()
    await world.runFor(100)
    t.same(again.events, ['closed 1006'])
    const refused = dial(ports, target('ws://busbar:9000/'))
    await world.runFor(100)
    t.match(refused.outcomes, [{ kind: 'failed', reason: 'tcp' }])
  })
})

t.test('storage', async t => {
  const keys = async (ports: Ports) => (await ports.journal.scan('', '~', 100)).map(entry => entry.key)

  t.test('a power cut loses exactly what was not durable', async t => {
    const world = createWorld({ seed: 1 })
    const { journal } = world.ports
    const settled: string[] = []
    const commit = (key: string, durable: boolean) =>
      void journal.commit([put(key)], durable).then(() => settled.push(key))
    commit('a written', false)
    commit('b durable', true)
    await world.runFor(20)
    commit('c written', false)
    await world.runFor(20)
    commit('d durable, too late', true)
    t.same(
      await keys(world.ports),
      ['a written', 'b durable', 'c written', 'd durable, too late'],
      'a scan sees every commit called before',
    )
    world.powerCut()
    await world.runFor(1000)
    t.same(settled, ['a written', 'b durable', 'c written'], 'what was under way never settles')
    t.same(await keys(world.ports), ['a written', 'b durable'])
  })

  t.test('a flush under way may still reach the platter, whole commits and oldest first', async t => {
    const world = createWorld({ seed: 1 })
    const { journal } = world.ports
    void journal.commit([put('a'), put('b')], false)
    void journal.commit([put('c')], true)
    world.powerCut('busbar', 1)
    t.same(await keys(world.ports), ['a', 'b'])
  })

  t.test('a kill loses nothing that was written', async t => {
    const world = createWorld({ seed: 1 })
    await world.until(world.ports.journal.commit([put('a')], false))
    world.kill()
    t.same(await keys(world.ports), ['a'])
  })

  t.test('what was committed during a flush goes with the next one', async t => {
    const world = createWorld({ seed: 1 })
    world.disk().fsyncMs = 10
    const { journal, clock } = world.ports
    const doneAtMs = new Map<string, number>()
    const commit = (key: string) =>
      void journal.commit([put(key)], true).then(() => doneAtMs.set(key, clock.monoMs()))
    commit('first')
    for (const [at, key] of ['b', 'c', 'd', 'e'].entries()) clock.after(at + 1, () => commit(key))
    await world.runFor(100)
    t.same(
      [...doneAtMs],
      [
        ['first', 10],
        ['b', 20],
        ['c', 20],
        ['d', 20],
        ['e', 20],
      ],
    )
  })

  t.test('a failing disk rejects, and nothing rejected is seen again', async t => {
    const world = createWorld({ seed: 1 })
    const { journal, files } = world.ports
    const failed: string[] = []
    const commit = (key: string) =>
      void journal.commit([put(key)], true).catch((error: Error) => failed.push(`${key}: ${error.message}`))
    commit('under way')
    await world.runFor(1)
    world.disk().fault = 'full'
    commit('refused')
    void files.save('state', { a: 1 }).catch((error: Error) => failed.push(`state: ${error.message}`))
    await world.runFor(100)
    t.same(failed.sort(), [
      'refused: ENOSPC: no space left on device',
      'state: ENOSPC: no space left on device',
      'under way: ENOSPC: no space left on device',
    ])
    t.same(await keys(world.ports), [])
    world.disk().fault = 'none'
    await world.until(journal.commit([put('healed')], true))
    t.same(await keys(world.ports), ['healed'])
  })

  t.test('keys sort by their UTF-8 bytes, deletes and limits hold', async t => {
    const world = createWorld({ seed: 1 })
    const { journal } = world.ports
    const names = ['b', 'a', '\u{1f50c}', '\uffee', 'é', 'ab', '']
    void journal.commit(
      names.map(name => put(`k${name}`)),
      false,
    )
    void journal.commit([{ kind: 'delete', key: 'kb' }], false)
    const bytes = (text: string) => Buffer.from(text)
    const wanted = names
      .filter(name => name !== 'b')
      .map(name => `k${name}`)
      .sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
    t.same(
      (await journal.scan('k', 'l', 100)).map(entry => entry.key),
      wanted,
    )
    t.equal((await journal.scan('k', 'l', 2)).length, 2)
    t.same(
      (await journal.scan('ka', 'kab', 100)).map(entry => entry.key),
      ['ka'],
    )
    t.ok(compareUtf8('\u{1f50c}', '\uffee') > 0, 'unlike by UTF-16 units')
    t.ok((await journal.sizeBytes()) > 0)
  })

  t.test('files are saved whole, the latest waiting wins, and broken ones are named', async t => {
    const world = createWorld({ seed: 1 })
    const { files } = world.ports
    const settled: number[] = []
    for (const n of [1, 2, 3]) void files.save('state', { n }).then(() => settled.push(n))
    t.equal(await files.load('state'), undefined)
    await world.runFor(100)
    t.same(settled, [1, 2, 3])
    t.same(await files.load('state'), { n: 3 })
    void files.save('state', { n: 4 })
    world.powerCut()
    t.same(await world.ports.files.load('state'), { n: 3 })
    world.disk().putFile('config', '{"version":')
    await t.rejects(world.ports.files.load('config'), /config/)
  })
})

t.test('bus', async t => {
  const world = createWorld({ seed: 1 })
  const connection = { kind: 'tcp', host: 'meter', port: 502 } as const
  const { bus } = world.ports
  t.match(await world.until(bus.connect(connection, 1000)), { kind: 'failed' }, 'nothing is wired')
  world.bus.fit('meter:502', 1, (read, nowMs) => ({
    kind: 'words',
    words: [read.address, Math.floor(nowMs)],
  }))
  const opening = await world.until(bus.connect(connection, 1000))
  if (opening.kind !== 'open') return t.fail('the line should open')
  const { line } = opening
  const read = (unitId = 1) => line.read({ unitId, functionCode: 3, address: 52, count: 2, timeoutMs: 500 })
  const first = await world.until(read())
  t.same(first, { kind: 'words', words: [52, Math.floor(world.time.nowMs)] })
  world.bus.setFault('meter:502', 1, { kind: 'frozen' })
  t.same(await world.until(read()), first, 'a frozen meter repeats itself')
  world.bus.setFault('meter:502', 1, { kind: 'exception', code: 2 })
  t.same(await world.until(read()), { kind: 'exception', code: 2 })
  world.bus.setFault('meter:502', 1, { kind: 'silent' })
  const askedMs = world.time.nowMs
  t.same(await world.until(read()), { kind: 'timeout' })
  t.equal(world.time.nowMs - askedMs, 500)
  t.same(await world.until(read(9)), { kind: 'timeout' }, 'nobody has that unit id')
  const inFlight = read()
  line.close()
  t.match(await world.until(inFlight), { kind: 'failed' }, 'closing settles the read')
  t.match(await world.until(read()), { kind: 'failed' })
  world.bus.setRefused('meter:502', true)
  t.match(await world.until(bus.connect(connection, 1000)), { kind: 'failed' })
})

t.test('broker', async t => {
  const will = { topic: 'busbar/status', payload: 'offline', retain: true }
  const options = { url: 'mqtt://b', protocolVersion: 4, will, connectTimeoutMs: 5000 } as const
  const client = (world: World, clientId: string, ports = world.ports) => {
    const events: string[] = []
    const link = ports.broker.connect(
      { ...options, clientId },
      {
        open: () => events.push('open'),
        message: (topic, payload, retained) =>
          events.push(`${topic}=${payload}${retained ? ' (retained)' : ''}`),
        closed: (reason, detail) => events.push(`closed ${reason}: ${detail}`),
      },
    )
    return { events, link }
  }

  t.test('retained messages meet late subscribers, and the will follows a cut but not an end', async t => {
    const world = createWorld({ seed: 1 })
    const busbar = client(world, 'busbar')
    await world.runFor(100)
    const taken: boolean[] = []
    busbar.link.publish('busbar/status', 'online', KEPT, ok => taken.push(ok))
    busbar.link.publish('busbar/event', 'gone', { ...KEPT, retain: false })
    await world.runFor(100)
    const viewer = client(world, 'viewer', world.portsFor('viewer'))
    await world.runFor(100)
    viewer.link.subscribe('busbar/#')
    await world.runFor(100)
    t.equal(world.broker.cut('busbar'), true)
    busbar.link.publish('busbar/status', 'lost', KEPT, ok => taken.push(ok))
    await world.runFor(100)
    t.same(taken, [true, false])
    t.same(viewer.events, ['open', 'busbar/status=online (retained)', 'busbar/status=offline'])
    t.same(busbar.events, ['open', 'closed closed: connection lost'])
    t.same([...world.broker.retained()], [['busbar/status', 'offline']])
    const back = client(world, 'busbar')
    await world.runFor(100)
    back.link.publish('busbar/status', '', KEPT)
    await world.runFor(100)
    t.same([...world.broker.retained()], [], 'an empty payload clears a retained topic')
    back.link.publish('busbar/status', 'stopped', KEPT, ok => taken.push(ok))
    back.link.end()
    await world.runFor(100)
    t.same(back.events, ['open', 'closed closed: ended'])
    t.same(taken, [true, false, true])
    t.same(
      [...world.broker.retained()],
      [['busbar/status', 'stopped']],
      'an orderly end comes after the last message and brings no will',
    )
  })

  t.test('a power cut brings the will after the keep-alive', async t => {
    const world = createWorld({ seed: 1 })
    client(world, 'busbar')
    await world.runFor(100)
    world.powerCut()
    await world.runFor(60_000)
    t.equal(world.broker.retained().get('busbar/status'), undefined)
    await world.runFor(60_000)
    t.equal(world.broker.retained().get('busbar/status'), 'offline')
  })

  t.test('a broker that is down, refuses or is silent ends each attempt once', async t => {
    const world = createWorld({ seed: 1 })
    const moods = [
      { kind: 'down' },
      { kind: 'refusing', reason: 'not authorized' },
      { kind: 'silent' },
    ] as const
    for (const mood of moods) {
      world.broker.setMood(mood)
      const one = client(world, 'busbar')
      await world.runFor(10_000)
      t.match(one.events, [/^closed /], mood.kind)
    }
  })

  t.test('filters cover topics as MQTT 3.1.1 §4.7 says', async t => {
    const table: [string, string, boolean][] = [
      ['a/b', 'a/b', true],
      ['a/+', 'a/b', true],
      ['a/+', 'a/b/c', false],
      ['a/#', 'a/b/c', true],
      ['a/#', 'a', true],
      ['a/+', 'a', false],
      ['+/+', '/a', true],
      ['#', '$SYS/x', false],
      ['$SYS/#', '$SYS/x', true],
    ]
    for (const [filter, topic, wanted] of table)
      t.equal(covers(filter, topic), wanted, `${filter} on ${topic}`)
  })
})

t.test('page and log', async t => {
  const world = createWorld({ seed: 1 })
  const { http, log, assets } = world.ports
  const listener = await http.listen({ host: '127.0.0.1', port: 0 }, async (request, from) => {
    return new Response(`${from.remote} asks ${await request.text()}`)
  })
  const ask = () => new Request(`http://busbar:${listener.port}/api`, { method: 'POST', body: 'why' })
  const response = await world.http.request(ask(), '10.9.9.9')
  t.equal(await response.text(), '10.9.9.9 asks why')
  await listener.stop()
  await t.rejects(world.http.request(ask()), /ECONNREFUSED/)
  log.write('warn', 'meter stale', { meter: 'main', ageMs: 5000 })
  t.match(world.log().events('meter stale'), [{ level: 'warn', fields: { meter: 'main', ageMs: 5000 } }])
  world.assets.put('/app.js', 'x')
  t.match(await assets.load('/app.js'), { contentType: /javascript/ })
  t.equal(await assets.load('/none'), undefined)
})
