import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createNetwork } from '../../src/adapters/network.js'
import { type CallOutcome, callError, result } from '../../src/core/answer.js'
import { type CsmsLinkHandlers, createCsmsLink, csmsUrl } from '../../src/ocpp/csms/csms-link.js'
import type { StationSecurity } from '../../src/ocpp/edge.js'
import { LearningRoom } from '../../src/ocpp/station/learning-room.js'
import { refusedList } from '../../src/ocpp/station/refused-list.js'
import { type AcceptedStation, startStationServer } from '../../src/ocpp/station/station-server.js'
import { type CallLeg, type FrameKind, openLeg } from '../../src/ocpp/wire/call-leg.js'
import type { Leg } from '../../src/ocpp/wire/leg.js'
import { checkCall } from '../../src/ocpp/wire/schemas.js'
import { MAX_TEXT_BYTES_BEFORE_BOOT } from '../../src/ocpp/wire/socket-rules.js'
import type { ListenOptions, Network, UpgradeRequest } from '../../src/ports.js'
import { comparing, handClock, keptLog } from './hand-clock.js'

const log = keptLog()
const network = createNetwork(log)
/** Demands nothing, has no certificate. */
const OPEN: StationSecurity = {
  serverTls: () => undefined,
  clientTls: () => undefined,
  leastProfileOf: () => 0,
  expectedNameOf: stationId => ({ stationId }),
  isRevoked: () => false,
  mayBeOutOfTime: () => false,
  proven: () => {},
  signsHere: () => false,
  sign: async () => undefined,
  onRenewed: () => {},
}
const SECRET = Buffer.from(Array.from({ length: 20 }, (_, at) => at))
const WITH_PASSWORD = new Set(['LOCKED'])
const KNOWN = new Set(['CP-1', 'CP-2', 'RDAM|123', 'LOCKED'])

/** A station server whose sessions answer known CALLs with the action's name, by the hand of a test's clock. */
async function stations(
  t: Test,
  securityProfile: 0 | 1 = 0,
  { arePasswordsLost = false, hasJudge = true } = {},
) {
  const clock = handClock()
  const accepted: AcceptedStation[] = []
  const legs: CallLeg[] = []
  const events: string[] = []
  const counted: FrameKind[] = []
  const refused = refusedList({ clock, log })
  const listener = await startStationServer({
    ports: { network, secrets: comparing, clock, log },
    doors: [{ host: '127.0.0.1', port: 0, securityProfile }],
    security: OPEN,
    admit: id => (KNOWN.has(id) ? 'known' : 'unknown'),
    mayOfferNone: () => false,
    passwordOf: id => (WITH_PASSWORD.has(id) ? SECRET : undefined),
    arePasswordsLost: () => arePasswordsLost,
    hasJudge: () => hasJudge,
    refused,
    onTurnedAway: () => {},
    onStranger: () => {},
    onStation: station => {
      const number = legs.length
      const leg = openLeg({
        socket: station.socket,
        clock,
        log,
        newMessageId: () => `m${number}`,
        onFrame: kind => void counted.push(kind),
        handlers: {
          call: call => {
            const verdict = checkCall(call.action, call.payload)
            const isKnown = verdict.ok || verdict.code !== 'NotImplemented'
            leg.answer(
              call.messageId,
              isKnown ? result({ did: call.action }) : callError('NotImplemented', ''),
            )
          },
          closed: code => void events.push(`${number} closed ${code}`),
        },
      })
      leg.maxTextBytes = MAX_TEXT_BYTES_BEFORE_BOOT
      events.push(`${number} in ${station.stationId}`)
      station.attach(leg.wire)
      accepted.push(station)
      legs.push(leg)
    },
  })
  t.teardown(() => listener.stop())
  return {
    clock,
    accepted,
    legs,
    events,
    counted,
    listener,
    refused,
    url: `ws://127.0.0.1:${listener.ports[0]}/ocpp`,
  }
}

interface DialOptions {
  readonly protocols?: string[]
  readonly password?: Buffer | string
  readonly user?: string
  readonly headers?: Record<string, string>
  readonly autoPong?: boolean
}

function basic(user: string, password: Buffer | string): string {
  return `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password)]).toString('base64')}`
}

function socketTo(t: Test, url: string, options: DialOptions = {}): WebSocket {
  const { password, user = 'LOCKED', protocols = ['ocpp1.6'], autoPong = true } = options
  const authorization = password === undefined ? {} : { authorization: basic(user, password) }
  const socket = new WebSocket(url, protocols, {
    autoPong,
    headers: { ...authorization, ...options.headers },
  })
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  return socket
}

async function connected(t: Test, url: string, options: DialOptions = {}): Promise<WebSocket> {
  const socket = socketTo(t, url, options)
  await once(socket, 'open')
  return socket
}

/** The HTTP status with which the upgrade was refused, 101 when it was not. */
async function statusOf(t: Test, url: string, options: DialOptions = {}): Promise<number> {
  const socket = socketTo(t, url, options)
  return new Promise(resolve => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
  })
}

async function asked(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [data] = await once(socket, 'message')
  return String(data)
}

const HEARTBEAT = '[2,"hb","Heartbeat",{}]'
const BEAT = '[3,"hb",{"did":"Heartbeat"}]'

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

// ---------------------------------------------------------------- handshake

t.test('lets a known station in by its percent-encoded identity, with exactly ocpp1.6', async t => {
  const { url, accepted } = await stations(t)
  const socket = await connected(t, `${url}/RDAM%7C123`, { protocols: ['ocpp0.1', 'ocpp1.6'] })
  t.equal(socket.protocol, 'ocpp1.6')
  t.equal(await asked(socket, HEARTBEAT), BEAT)
  t.match(accepted, [{ stationId: 'RDAM|123', authenticated: false, remote: '127.0.0.1' }])
  t.notOk('authorization' in accepted[0]!)
})

t.test('refuses before the upgrade what it does not know or cannot speak with', async t => {
  const { url, accepted } = await stations(t)
  const rows: readonly (readonly [string, DialOptions, number])[] = [
    ['/CP-9', {}, 404],
    ['/', {}, 404],
    ['/a%2Fb', {}, 404],
    ['/%2e%2e%2f%2e%2e%2fetc%2fpasswd', {}, 404],
    ['/CP-1%2500', {}, 404],
    ['/RDAM%257C123', {}, 404],
    [`/${'x'.repeat(300)}`, {}, 404],
    ['/CP-1', { protocols: [] }, 400],
    ['/CP-1', { protocols: ['ocpp2.0.1'] }, 400],
    ['/CP-1', { protocols: ['OCPP1.6'] }, 400],
    ['/LOCKED', {}, 401],
    ['/LOCKED', { headers: { authorization: 'Basic ###' } }, 401],
    ['/LOCKED', { headers: { authorization: `Basic ${Buffer.from('LOCKED').toString('base64')}` } }, 401],
    ['/LOCKED', { password: SECRET, user: 'CP-1' }, 401],
  ]
  for (const [path, options, status] of rows) t.equal(await statusOf(t, url + path, options), status, path)
  t.equal(accepted.length, 0)
})

t.test('lists who was not let in: one line each, the latest first, until it is let in', async t => {
  const { url, clock, refused } = await stations(t, 1)
  const before = log.events.length
  await statusOf(t, `${url}/CP-9`)
  await statusOf(t, `${url}/CP-1`)
  await statusOf(t, url.replace('/ocpp', '/CP-2'))
  clock.advance(3_000)
  await statusOf(t, `${url}/LOCKED`, { password: 'wrong' })
  await statusOf(t, `${url}/CP-1`, { protocols: ['ocpp2.0.1'], user: 'CP-1', password: 'x' })
  await statusOf(t, `${url}/CP-9`)
  const remote = '127.0.0.1'
  t.same(refused.list(), [
    { stationId: 'CP-9', path: '/ocpp/CP-9', reason: 'unknown-station', count: 2, lastWallMs: 3_000, remote },
    { stationId: 'CP-1', path: '/ocpp/CP-1', reason: 'sub-protocol', count: 1, lastWallMs: 3_000, remote },
    {
      stationId: 'LOCKED',
      path: '/ocpp/LOCKED',
      reason: 'wrong-password',
      count: 1,
      lastWallMs: 3_000,
      remote,
    },
    { path: '/CP-2', reason: 'wrong-path', count: 1, lastWallMs: 0, remote },
    { stationId: 'CP-1', path: '/ocpp/CP-1', reason: 'no-password', count: 1, lastWallMs: 0, remote },
  ])
  const lines = log.events.slice(before).filter(event => event === 'station.refused')
  t.equal(lines.length, 5, 'the second attempt of CP-9 is counted, not logged')
  await connected(t, `${url}/CP-1`, { user: 'CP-1', password: 'x' })
  t.same(
    refused.list().map(entry => entry.stationId),
    ['CP-9', 'LOCKED', undefined],
  )
  t.equal(refused.totals().get('no-password'), 1, 'totals never fall')
})

t.test('who is judged by nobody is not let in', async t => {
  const header = { user: 'CP-1', password: 'x' }
  const status = async (profile: 0 | 1, room: { arePasswordsLost?: boolean; hasJudge?: boolean }) => {
    const { url, refused } = await stations(t, profile, room)
    const answers = [await statusOf(t, `${url}/CP-1`), await statusOf(t, `${url}/CP-1`, header)]
    return {
      answers,
      reasons: [...refused.totals()].flatMap(([reason, count]) => (count > 0 ? [reason] : [])),
    }
  }
  t.same(await status(1, { hasJudge: false }), { answers: [401, 401], reasons: ['password-unknown'] })
  t.same(await status(1, { hasJudge: true }), { answers: [401, 101], reasons: ['no-password'] })
  t.same(await status(0, { hasJudge: false }), { answers: [101, 101], reasons: [] })
  const lost = { arePasswordsLost: true }
  t.same(await status(0, { ...lost, hasJudge: false }), {
    answers: [401, 401],
    reasons: ['password-unknown'],
  })
  t.same(await status(0, { ...lost, hasJudge: true }), { answers: [101, 101], reasons: [] })
})

t.test('a scanner with ever new identities fills neither list nor log (ST1)', async t => {
  const clock = handClock()
  const lines = keptLog()
  const refused = refusedList({ clock, log: lines })
  for (let n = 0; n < 1000; n += 1)
    refused.note({
      stationId: `X${n}`,
      rawPath: `/ocpp/${'x'.repeat(5000)}`,
      reason: 'unknown-station',
      remote: '10.0.0.1',
    })
  t.equal(refused.list().length, 50)
  t.equal(refused.list()[0]?.stationId, 'X999')
  t.equal(refused.list()[0]?.path.length, 100)
  t.equal(lines.events.length, 20)
  t.equal(refused.totals().get('unknown-station'), 1000)
})

t.test('takes a password raw or as hex text, and passes on what it cannot check', async t => {
  const { url, accepted } = await stations(t)
  for (const password of [SECRET, SECRET.toString('hex'), SECRET.toString('hex').toUpperCase()]) {
    await connected(t, `${url}/LOCKED`, { password })
  }
  await connected(t, `${url}/CP-1`, { password: 'from the CSMS', user: 'CP-1' })
  t.match(accepted.slice(0, 3), [{ authenticated: true }, { authenticated: true }, { authenticated: true }])
  t.notOk('authorization' in accepted[0]!, 'a checked password stays here')
  t.match(accepted[3], { authenticated: false, authorization: basic('CP-1', 'from the CSMS') })
})

t.test('wants credentials of every station under security profile 1', async t => {
  const { url } = await stations(t, 1)
  t.equal(await statusOf(t, `${url}/CP-1`), 401)
  t.equal(await statusOf(t, `${url}/CP-1`, { password: 'x', user: 'CP-2' }), 401)
  t.equal(await statusOf(t, `${url}/CP-1`, { password: 'x', user: 'CP-1' }), 101)
})

t.test('slows guessing down per address and identity, without touching the live station', async t => {
  const { url, clock, events } = await stations(t)
  const live = await connected(t, `${url}/LOCKED`, { password: SECRET })
  const wrong: DialOptions = { password: 'guess' }
  for (let n = 0; n < 5; n += 1) t.equal(await statusOf(t, `${url}/LOCKED`, wrong), 401)
  t.equal(await statusOf(t, `${url}/LOCKED`, wrong), 429)
  t.equal(await statusOf(t, `${url}/CP-1`), 101, 'another identity is not held up')
  t.equal(await asked(live, HEARTBEAT), BEAT)
  clock.advance(10_000)
  t.equal(await statusOf(t, `${url}/LOCKED`, wrong), 401)
  t.notOk(events.includes('0 closed 1001'))
})

/** A station server without sockets: what it was asked to listen with, and the judge it gave. */
async function bareServer() {
  const clock = handClock()
  const kept = keptLog()
  const given: { options?: ListenOptions; judge(request: UpgradeRequest): void; turnedAway: number } = {
    judge: () => {},
    turnedAway: 0,
  }
  const listen: Network['listen'] = (options, onUpgrade) => {
    given.options = options
    given.judge = onUpgrade
    return Promise.resolve({ port: 1, stop: () => Promise.resolve() })
  }
  await startStationServer({
    ports: { secrets: comparing, clock, log: kept, network: { ...network, listen } },
    doors: [{ host: '', port: 0, securityProfile: 0 }],
    security: OPEN,
    admit: () => 'known',
    mayOfferNone: () => false,
    passwordOf: () => SECRET,
    arePasswordsLost: () => false,
    hasJudge: () => true,
    refused: refusedList({ clock, log: kept }),
    onStation: () => {},
    onStranger: () => {},
    onTurnedAway: () => {
      given.turnedAway++
    },
  })
  return { clock, kept, given }
}

t.test(
  'has room for 1,000 stations twice and 500 others, counts whom it turns away, tells of them once',
  async t => {
    const { clock, kept, given } = await bareServer()
    const crowd = given.options?.crowd
    t.equal(crowd?.maxConnections, 2_500)
    for (let n = 0; n < 3; n += 1) crowd?.onTurnedAway()
    clock.advance(59_000)
    crowd?.onTurnedAway()
    t.same(kept.events, ['station.too-many-connections'])
    clock.advance(60_000)
    crowd?.onTurnedAway()
    t.equal(kept.events.length, 2, 'another crowd, a minute later')
    t.equal(given.turnedAway, 5)
  },
)

t.test('gates guesses by address, so the true station elsewhere is in at once (ST7)', async t => {
  const { given } = await bareServer()
  const knock = (remote: string, password: Buffer | string): number => {
    let status = 101
    given.judge({
      rawPath: '/ocpp/LOCKED',
      remote,
      repeatedHeaders: new Set<string>(),
      headers: { authorization: basic('LOCKED', password), 'sec-websocket-protocol': 'ocpp1.6' },
      accept: () => undefined,
      reject: code => {
        status = code
      },
    })
    return status
  }
  for (let n = 0; n < 50; n += 1) knock('10.0.0.66', 'guess')
  t.equal(knock('10.0.0.66', SECRET), 429)
  t.equal(knock('10.0.0.7', SECRET), 101)
  for (let n = 0; n < 2000; n += 1) knock(`10.1.${n >> 8}.${n & 255}`, 'guess')
  t.equal(knock('10.0.0.7', SECRET), 101)
})

// ---------------------------------------------------------------- one socket per identity

t.test(
  'with a password the newest connection wins at once; the late close of the old is nothing (ST4)',
  async t => {
    const { url, events, legs } = await stations(t)
    const old = await connected(t, `${url}/LOCKED`, { password: SECRET })
    const outcomes: CallOutcome['kind'][] = []
    legs[0]!.call(
      { action: 'Reset', payloadText: '{}', timeoutMs: 1000 },
      ({ kind }) => void outcomes.push(kind),
    )
    const oldClosed = once(old, 'close')
    const young = await connected(t, `${url}/LOCKED`, { password: SECRET })
    t.same(events, ['0 in LOCKED', '0 closed 1001', '1 in LOCKED'])
    t.same(outcomes, ['closed'], 'CALLs to the old one end with it')
    t.equal((await oldClosed)[0], 1001)
    t.equal(await asked(young, HEARTBEAT), BEAT)
    const third = await connected(t, `${url}/LOCKED`, { password: SECRET })
    t.equal(await asked(third, HEARTBEAT), BEAT)
    t.same(events.slice(3), ['1 closed 1001', '2 in LOCKED'])
  },
)

t.test('a wrong password does not displace the live twin (ST3)', async t => {
  const { url, events } = await stations(t)
  const live = await connected(t, `${url}/LOCKED`, { password: SECRET })
  t.equal(await statusOf(t, `${url}/LOCKED`, { password: 'wrong' }), 401)
  t.equal(await asked(live, HEARTBEAT), BEAT)
  t.same(events, ['0 in LOCKED'])
})

t.test('without a password the old one stays when it answers the ping', async t => {
  const { url, events } = await stations(t)
  const live = await connected(t, `${url}/CP-1`)
  t.equal(await statusOf(t, `${url}/CP-1`), 409)
  t.equal(await asked(live, HEARTBEAT), BEAT)
  t.same(events, ['0 in CP-1'])
})

t.test('without a password a dead one makes room after 5 s, and one newcomer waits at a time', async t => {
  const { url, events, clock } = await stations(t)
  const dead = await connected(t, `${url}/CP-1`, { autoPong: false })
  const probed = once(dead, 'ping')
  const newcomer = socketTo(t, `${url}/CP-1`)
  const isOpen = once(newcomer, 'open')
  await probed
  t.equal(await statusOf(t, `${url}/CP-1`), 503)
  clock.advance(4_999)
  t.same(events, ['0 in CP-1'])
  clock.advance(1)
  await isOpen
  t.equal(await asked(newcomer, HEARTBEAT), BEAT)
  dead.terminate()
  t.same(events, ['0 in CP-1', '0 closed 1001', '1 in CP-1'])
  t.equal(await asked(newcomer, HEARTBEAT), BEAT)
})

t.test('without a password the newcomer is in as soon as the old one closes', async t => {
  const { url, events } = await stations(t)
  const old = await connected(t, `${url}/CP-1`, { autoPong: false })
  const probed = once(old, 'ping')
  const newcomer = socketTo(t, `${url}/CP-1`)
  const isOpen = once(newcomer, 'open')
  await probed
  old.terminate()
  await isOpen
  t.equal(await asked(newcomer, HEARTBEAT), BEAT)
  t.same(events, ['0 in CP-1', '0 closed 1006', '1 in CP-1'])
})

t.test('drops a station 20 s after its last frame', async t => {
  const { url, events, clock } = await stations(t)
  const silent = await connected(t, `${url}/CP-1`, { autoPong: false })
  const pinged = once(silent, 'ping')
  clock.advance(10_000)
  await pinged
  t.equal(await asked(silent, HEARTBEAT), BEAT)
  clock.advance(19_999)
  t.same(events, ['0 in CP-1'])
  const closed = once(silent, 'close')
  clock.advance(1)
  t.equal((await closed)[0], 1006)
  await waitFor(() => events.includes('0 closed 1006'))
})

t.test('tells its stations 1001 when it stops', async t => {
  const { url, events, listener } = await stations(t)
  const socket = await connected(t, `${url}/CP-1`)
  const closed = once(socket, 'close')
  await listener.stop()
  t.equal((await closed)[0], 1001)
  t.same(events, ['0 in CP-1', '0 closed 1001'])
})

// ---------------------------------------------------------------- frames

t.test('answers the next CALL of that station and of its neighbour after every bad frame', async t => {
  const { url, counted } = await stations(t)
  const socket = await connected(t, `${url}/CP-1`)
  const neighbour = await connected(t, `${url}/CP-2`)
  const error = (id: string, code = 'FormationViolation') => new RegExp(`^\\[4,${id},"${code}"`)
  const rows: readonly (readonly [string, RegExp?])[] = [
    [''],
    ['[]'],
    ['{}'],
    ['null'],
    ['[2]'],
    ['[2,"1"]', error('"1"')],
    ['[2,"1","Heartbeat"]', /^\[3,"1"/],
    ['[2,"1","Heartbeat",null]', /^\[3,"1"/],
    ['[2,1,"Heartbeat",{}]', /^\[3,1,/],
    ['[9,"1","X",{}]'],
    ['[3,"nobody",{}]'],
    ['[4,"1"]'],
    ['[2,"1","Nonsense",{}]', error('"1"', 'NotImplemented')],
    ['[2,"1","constructor",{}]', error('"1"', 'NotImplemented')],
    [`[2,"${'i'.repeat(37)}","Heartbeat",{}]`, /^\[3,"i{37}"/],
    [`[2,"${'i'.repeat(10_000)}","Heartbeat",{}]`],
    ['[2,"1","BootNotification",{"__proto__":{"x":1}}]', /^\[3,"1"/],
    [`[2,"1","DataTransfer",${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}]`, error('"1"')],
    ['[2,"1","DataTransfer",{"data":"<img src=x onerror=alert(1)>"}]', /^\[3,"1"/],
    ['[2,"1","DataTransfer",{"data":1,}]', error('"1"')],
  ]
  for (const [text, expected] of rows) {
    const name = text.slice(0, 50)
    if (expected === undefined) socket.send(text)
    else t.match(await asked(socket, text), expected, name)
    t.equal(await asked(socket, HEARTBEAT), BEAT, name)
    t.equal(await asked(neighbour, HEARTBEAT), BEAT, name)
  }
  t.ok(counted.includes('ignored'))
  t.equal(counted.filter(kind => kind === 'unknown-answer').length, 2)
})

t.test('answers two CALLs sent at once, each in its turn', async t => {
  const { url } = await stations(t)
  const socket = await connected(t, `${url}/CP-1`)
  const answers: string[] = []
  socket.on('message', data => void answers.push(String(data)))
  for (const id of ['a', 'b', 'c']) socket.send(`[2,"${id}","Heartbeat",{}]`)
  await waitFor(() => answers.length === 3)
  t.same(
    answers.map(text => JSON.parse(text)[1]),
    ['a', 'b', 'c'],
  )
})

t.test(
  'closes a station that sends binary, too much, or bad frames for ever, and only that one (ST9)',
  async t => {
    const { url, legs } = await stations(t)
    const neighbour = await connected(t, `${url}/CP-2`)
    const text = (bytes: number) => `[2,"1","DataTransfer",{"data":"${'x'.repeat(bytes)}"}]`
    const closing: readonly (readonly [number, (socket: WebSocket) => void])[] = [
      [1003, socket => socket.send(Buffer.from('[2]'))],
      [1009, socket => socket.send(text(MAX_TEXT_BYTES_BEFORE_BOOT))],
      [1009, socket => socket.send(text(1024 * 1024))],
      [1008, socket => Array.from({ length: 21 }, () => socket.send('{'))],
    ]
    for (const [code, misbehave] of closing) {
      const socket = await connected(t, `${url}/CP-1`)
      const closed = once(socket, 'close')
      misbehave(socket)
      t.equal((await closed)[0], code)
      t.equal(await asked(neighbour, HEARTBEAT), BEAT)
    }
    const booted = await connected(t, `${url}/CP-1`)
    legs.at(-1)!.maxTextBytes = undefined
    t.match(await asked(booted, text(1_000_000)), /^\[3,"1"/, 'a megabyte after the boot')
  },
)

t.test('outlives a raw peer that ends in the middle of a frame', async t => {
  const { url, listener, events } = await stations(t)
  const peer = connect(listener.ports[0]!, '127.0.0.1')
  peer.write(
    'GET /ocpp/CP-1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n',
  )
  await once(peer, 'data')
  peer.write(Buffer.from([0x81, 0xfe, 0x40]))
  peer.resetAndDestroy()
  await waitFor(() => events.includes('0 closed 1006'))
  t.equal(await asked(await connected(t, `${url}/CP-1`), HEARTBEAT), BEAT)
})

// ---------------------------------------------------------------- link

/** A CSMS whose answer to each upgrade the test decides. */
async function csms(t: Test) {
  const requests: UpgradeRequest[] = []
  const listener = await network.listen({ host: '127.0.0.1', port: 0, maxFrameBytes: 1000 }, request => {
    requests.push(request)
  })
  t.teardown(() => listener.stop())
  const next = async (count: number) => {
    await waitFor(() => requests.length >= count)
    return requests[count - 1]!
  }
  return { next, requests, url: csmsUrl(`ws://127.0.0.1:${listener.port}/up/`, 'RDAM|123') }
}

function link(t: Test, url: string) {
  const clock = handClock()
  const events: string[] = []
  const legs: Leg[] = []
  const handlers: CsmsLinkHandlers = {
    open: leg => {
      legs.push(leg)
      events.push('open')
    },
    closed: () => void events.push('closed'),
    call: call => void events.push(`call ${call.action}`),
  }
  const upstream = createCsmsLink({
    ports: { clock, log, network, random: { next: () => 0 } },
    url,
    headers: { Authorization: 'Basic eA==' },
    handlers,
    newMessageId: () => `m${events.length}`,
  })
  t.teardown(() => upstream.stop())
  return { upstream, clock, events, legs }
}

function plain(onText: (text: string) => void = () => {}) {
  return { text: onText, binary: () => {}, ping: () => {}, pong: () => {}, closed: () => {} }
}

t.test('dials the CSMS as the station, and speaks both ways', async t => {
  const { next, url } = await csms(t)
  const { upstream, events, legs } = link(t, url)
  t.equal(upstream.state(), 'stopped')
  upstream.start()
  upstream.start()
  t.equal(upstream.state(), 'dialling')
  const request = await next(1)
  t.equal(request.rawPath, '/up/RDAM%7C123')
  t.match(request.headers, { authorization: 'Basic eA==', 'sec-websocket-protocol': 'ocpp1.6' })
  const texts: string[] = []
  const socket = request.accept(
    'ocpp1.6',
    plain(text => void texts.push(text)),
  )!
  await waitFor(() => upstream.state() === 'open')
  t.equal(upstream.leg(), legs[0])
  const outcomes: CallOutcome[] = []
  legs[0]!.call(
    { action: 'Heartbeat', payloadText: '{ }', timeoutMs: 1000 },
    outcome => void outcomes.push(outcome),
  )
  await waitFor(() => texts.length === 1)
  t.equal(texts[0], '[2,"m1","Heartbeat",{ }]')
  socket.sendText('[3,"m1",{"currentTime":"x"}]')
  socket.sendText('[2,"9","Reset",{"type":"Soft"}]')
  await waitFor(() => events.includes('call Reset'))
  t.same(outcomes, [{ kind: 'result', payloadText: '{"currentTime":"x"}' }])
})

t.test(
  'dials again after growing waits until the CSMS lets it in, and anew after a good connection',
  async t => {
    const { next, requests, url } = await csms(t)
    const { upstream, clock, events } = link(t, url)
    upstream.start()
    ;(await next(1)).reject(503)
    await waitFor(() => upstream.state() === 'waiting')
    clock.advance(999)
    t.equal(upstream.state(), 'waiting')
    clock.advance(1)
    ;(await next(2)).accept(undefined, plain())
    await waitFor(() => upstream.state() === 'waiting')
    upstream.start()
    ;(await next(3)).accept('ocpp2.0.1', plain())
    await waitFor(() => upstream.state() === 'waiting')
    t.same(events, [], 'a server without ocpp1.6 is no link')
    clock.advance(1_000)
    const socket = (await next(4)).accept('ocpp1.6', plain())!
    await waitFor(() => upstream.state() === 'open')
    socket.close(1012, 'restart')
    await waitFor(() => events.includes('closed'))
    t.equal(upstream.state(), 'waiting')
    clock.advance(1_000)
    await next(5)
    t.equal(requests.length, 5)
  },
)

t.test('a link that does not open says why, since when and when it is tried next', async t => {
  const { next, url } = await csms(t)
  const { upstream, clock } = link(t, url)
  t.same(upstream.status(), { state: 'idle', sinceWallMs: 0 })
  clock.advance(500)
  upstream.start()
  t.same(upstream.status(), { state: 'connecting', sinceWallMs: 500 })
  const refusals: readonly (readonly [number, string])[] = [
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [503, 'status'],
  ]
  let count = 0
  for (const [code, reason] of refusals) {
    count += 1
    ;(await next(count)).reject(code)
    await waitFor(() => upstream.state() === 'waiting')
    const nextTryWallMs = clock.wallMs() + 1_000
    const expected = { state: 'waiting', reason, detail: `HTTP ${code}`, sinceWallMs: 500, nextTryWallMs }
    t.same(upstream.status(), expected)
    clock.advance(1_000)
    t.match(upstream.status(), { state: 'connecting', reason }, 'known until the next answer')
  }
  ;(await next(5)).accept(undefined, plain())
  await waitFor(() => upstream.state() === 'waiting')
  t.match(upstream.status(), { reason: 'sub-protocol', sinceWallMs: 500 })
  clock.advance(1_000)
  const socket = (await next(6)).accept('ocpp1.6', plain())!
  await waitFor(() => upstream.state() === 'open')
  t.same(upstream.status(), { state: 'open', sinceWallMs: clock.wallMs() })
  clock.advance(700)
  socket.close(1012, 'restart')
  await waitFor(() => upstream.state() === 'waiting')
  t.match(upstream.status(), {
    reason: 'closed',
    detail: 'code 1012: restart',
    sinceWallMs: clock.wallMs(),
  })
})

t.test('a name that cannot be found and a port nobody listens on are told apart', async t => {
  for (const [url, reason] of [
    ['ws://no-such-host.invalid/ocpp', 'dns'],
    ['ws://127.0.0.1:1/ocpp', 'tcp'],
  ] as const) {
    const { upstream } = link(t, url)
    upstream.start()
    await waitFor(() => upstream.state() === 'waiting')
    t.match(upstream.status(), { reason, detail: /E[A-Z_]+/ })
  }
})

t.test('drops a CSMS that has said nothing for 20 s', async t => {
  const { next, url } = await csms(t)
  const { upstream, clock, events } = link(t, url)
  let pings = 0
  upstream.start()
  const socket = (await next(1)).accept('ocpp1.6', {
    ...plain(),
    ping: () => {
      pings += 1
    },
  })!
  await waitFor(() => upstream.state() === 'open')
  clock.advance(20_000)
  await waitFor(() => events.includes('closed'))
  t.same(events, ['open', 'closed'])
  t.equal(upstream.state(), 'waiting')
  t.ok(pings <= 1)
  socket.terminate()
})

t.test('ends the leg at once when it is stopped, and can be started again', async t => {
  const { next, url, requests } = await csms(t)
  const { upstream, clock, events, legs } = link(t, url)
  upstream.start()
  await next(1)
  upstream.stop()
  t.equal(upstream.state(), 'stopped')
  clock.advance(600_000)
  t.equal(requests.length, 1, 'a stopped link does not dial')
  upstream.start()
  let code = 0
  ;(await next(2)).accept('ocpp1.6', {
    ...plain(),
    closed: closedWith => {
      code = closedWith
    },
  })
  await waitFor(() => upstream.state() === 'open')
  const outcomes: string[] = []
  legs[0]!.call(
    { action: 'Heartbeat', payloadText: '{}', timeoutMs: 1000 },
    ({ kind }) => void outcomes.push(kind),
  )
  upstream.stop()
  upstream.stop()
  t.same(outcomes, ['closed'])
  t.same(events, ['open', 'closed'])
  t.equal(upstream.leg(), undefined)
  upstream.start()
  ;(await next(3)).accept('ocpp1.6', plain())
  await waitFor(() => upstream.state() === 'open' && code === 1000)
  t.same(events, ['open', 'closed', 'open'], 'the late close of the old socket is nothing')
})

t.test('unknown stations come in for 15 minutes only, 16 of them, 4 from one address', async t => {
  const clock = handClock()
  const told: string[] = []
  const room = new LearningRoom({
    ports: { clock, log },
    newMessageId: () => 'm',
    on: ({ kind, stationId }) => void told.push(`${kind} ${stationId}`),
  })
  const closed: string[] = []
  const enter = (stationId: string, remote: string) => {
    const admission = room.admits(stationId, remote)
    if (admission !== 'learner') return admission
    let end: (code: number, reason: string) => void = () => {}
    const socket = {
      sendText: () => {},
      ping: () => {},
      terminate: () => {},
      bufferedBytes: () => 0,
      sentBytes: () => 0,
      receivedBytes: () => 0,
      close: (code: number, reason: string) => {
        closed.push(`${stationId} ${code}`)
        end(code, reason)
      },
    }
    const attach: AcceptedStation['attach'] = handlers => {
      end = (code, reason) => handlers.closed(code, reason)
    }
    room.connected({ stationId, remote, authenticated: false, socket, proven: () => {}, attach })
    return admission
  }
  t.equal(enter('A', '10.0.0.1'), 'unknown', 'shut until somebody opens it')
  room.open()
  t.equal(room.openForMs(), 900_000)
  for (let at = 0; at < 4; at++) t.equal(enter(`A${at}`, '10.0.0.1'), 'learner')
  t.equal(enter('A4', '10.0.0.1'), 'too-many', 'a fifth identity from the same address')
  t.equal(enter('A3', '10.0.0.1'), 'learner', 'one that comes back')
  for (let at = 0; at < 12; at++) t.equal(enter(`B${at}`, `10.0.1.${at}`), 'learner')
  t.equal(enter('C', '10.0.2.1'), 'too-many', 'the seventeenth')
  clock.advance(899_000)
  t.equal(enter('B0', '10.0.1.0'), 'learner')
  t.same(closed, [])
  clock.advance(1_000)
  t.equal(enter('B0', '10.0.1.0'), 'unknown')
  t.equal(
    closed.filter(text => text.endsWith(' 1008')).length,
    16,
    'all that were in are closed with a reason',
  )
  t.equal(told.filter(text => text.startsWith('gone')).length >= 16, true)
  room.open()
  t.equal(enter('C', '10.0.2.1'), 'learner', 'a new window begins anew')
  room.stop()
})
