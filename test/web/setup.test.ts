/**
 * What the page asks for while a site is put into service, through the page's own fetch: who may, in what order, with what
 * in it; the test of a CSMS address over real sockets; and what a power cut leaves of it.
 */
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { readDataFiles } from '../../src/adapters/data-files.js'
import { createNetwork } from '../../src/adapters/network.js'
import type { SiteView } from '../../src/core/view/document.js'
import { AuditKeeper } from '../../src/gateway/audit-keeper.js'
import { buildCatalogue } from '../../src/gateway/catalogue.js'
import { ConfigurationDesk } from '../../src/gateway/configuration-desk.js'
import { type RunningSite, SetupDesk } from '../../src/gateway/setup-desk.js'
import type { Clock, Files, Ports } from '../../src/ports.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { createWeb } from '../../src/web/web.js'
import * as pki from '../adapters/fixtures/pki.js'
import { GOOD } from '../process/fixtures/site.js'
import { depotReader } from './fixtures/depot.js'

const ORIGIN = 'http://127.0.0.1:8080'
const HOST = '127.0.0.1'
const log: Ports['log'] = { write: () => undefined }
const built = buildCatalogue(readDataFiles(process.cwd()))
if (!built.ok) throw new Error('the catalogue has faults')
const catalogue = built.value

type Roles = 'admin' | 'operator' | 'viewer' | 'nobody'

/** A cabinet on files in memory; `file` absent is set-up mode, without a site that runs. */
async function cabinet(file?: object) {
  const texts = new Map<string, string>(file === undefined ? [] : [['config', JSON.stringify(file)]])
  const fault: { onSave?: string } = {}
  const files: Files = {
    load: async name => (texts.has(name) ? JSON.parse(texts.get(name) ?? '') : undefined),
    text: async name => texts.get(name),
    save: async (name, document) => {
      if (fault.onSave === name) throw new Error('ENOSPC')
      texts.set(name, JSON.stringify(document))
    },
  }
  const timer = { cancel: () => undefined }
  const looks = new Set<() => void>()
  let nowMs = 1_790_000_000_000
  const clock: Clock = {
    wallMs: () => nowMs,
    monoMs: () => performance.now(),
    after: () => timer,
    every: (_periodMs, look) => {
      looks.add(look)
      return timer
    },
    eachMinute: () => timer,
  }
  const secrets: Ports['secrets'] = {
    token: () => 'token',
    hash: async password => password,
    verify: async (password, hash) => password === hash,
    equal: () => false,
    digest: text => text,
  }
  const desk = new ConfigurationDesk({ ports: { clock, files, log }, catalogue, missing: () => [] })
  desk.begun(await desk.load())
  const ports = { clock, files, log, network: createNetwork(log) }
  const store = { document: async () => ({ users: [], stations: {}, named: {} }) as never }
  const setup = await SetupDesk.open(ports, store, desk)
  const switches = { csmsOff: false, meterOff: false, brokerOff: false }
  const site = depotReader({ stations: 3, startS: 1_790_000_000, switches }, () => nowMs / 1000)
  const audit = new AuditKeeper({ files, log })
  const web = createWeb({
    ports: { clock, secrets, assets: { load: async () => undefined }, log },
    site,
    users: { find: async name => ({ name, passwordHash: 'copper', role: name as 'admin' }) },
    ...{ configuration: desk, setup, audit },
  })
  const ask = async (
    [method, path]: readonly [method: string, path: string],
    body?: unknown,
    { role = 'admin', headers = {} }: { role?: Roles; headers?: Record<string, string> } = {},
  ) =>
    web(
      new Request(`${ORIGIN}/api/v1/${path}`, {
        method,
        headers: {
          ...{ origin: ORIGIN, 'content-type': 'application/json' },
          ...(role !== 'nobody' && { authorization: `Basic ${btoa(`${role}:copper`)}` }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
      { remote: '10.0.0.5' },
    )
  /** Control begins to run, as far as the desk sees it. */
  const runs = (view: () => SiteView = () => site.view()) => {
    const tests: RunningSite['tests'] = {
      run: (stationId, running) => (stationId === 'CP-01' ? { ...FOUND, running } : undefined),
      view: stationId => (stationId === 'CP-01' ? FOUND : undefined),
    }
    return setup.watch({ view, tests })
  }
  const passes = (ms: number) => {
    nowMs += ms
    for (const look of looks) look()
  }
  return { ask, audit, desk, fault, passes, ports, runs, setup, site, store, switches, texts }
}

const FOUND = {
  ...{ stationId: 'CP-01', meterId: 'main', running: true, finding: 'judged' as const },
  ...{ faults: [], steps: [], disturbed: 0, unread: 0, late: 0, orderUnknown: false, unseen: [] },
}
const WISH = { revision: 0, state: 'open', step: 'circuits', entered: { siteId: 'depot' } }
const PUT = ['PUT', 'setup'] as const
const CSMS = ['POST', 'setup/csms-test'] as const
const DRILL = ['POST', 'setup/drill'] as const
const WIRING = ['POST', 'stations/CP-01/wiring'] as const
const RESTART = ['POST', 'restart'] as const
const CHANGES = [
  [PUT, WISH],
  [CSMS, { url: 'ws://127.0.0.1:1/ocpp', stationId: 'CP-9' }],
  [DRILL, { kind: 'uplink' }],
  [WIRING, { running: true }],
  [RESTART, {}],
] as const

t.test("putting into service is the admin's, from our own page, and nobody else's", async t => {
  const { ask, runs, setup, texts } = await cabinet(GOOD)
  const running = runs()
  for (const [route, body] of CHANGES) {
    const name = route.join(' ')
    t.equal((await ask(route, body, { role: 'nobody' })).status, 401, `a stranger: ${name}`)
    for (const role of ['viewer', 'operator'] as const)
      t.equal((await ask(route, body, { role })).status, 403, `${role}: ${name}`)
    for (const origin of ['null', 'http://evil.example', 'http://127.0.0.1:9999'])
      t.equal((await ask(route, body, { headers: { origin } })).status, 403, `${origin}: ${name}`)
    t.equal((await ask(route, body, { headers: { 'content-type': 'text/plain' } })).status, 415, name)
    t.equal((await ask(route, body, { headers: { host: 'evil.example' } })).status, 421, name)
  }
  for (const path of ['setup', 'restart'])
    for (const role of ['viewer', 'operator'] as const)
      t.equal((await ask(['GET', path], undefined, { role })).status, 403, `${role}: ${path}`)
  t.equal((await ask(['GET', 'stations/CP-01/wiring'], undefined, { role: 'viewer' })).status, 200)
  t.match(setup.view(), { state: 'none', drills: [] }, 'nothing of it was done')
  t.equal(texts.get('setup'), undefined)
  await running.stop()
  const without = createWeb({
    ports: { ...(await cabinet()).ports, secrets: NO_SECRETS, assets: { load: async () => undefined } },
    site: depotReader(
      { stations: 1, startS: 0, switches: { csmsOff: false, meterOff: false, brokerOff: false } },
      () => 0,
    ),
    users: { find: async name => ({ name, passwordHash: 'x' }) },
  })
  for (const [[method, path], body] of CHANGES) {
    const request = new Request(`${ORIGIN}/api/v1/${path}`, {
      ...{ method, body: JSON.stringify(body) },
      headers: {
        origin: ORIGIN,
        'content-type': 'application/json',
        authorization: `Basic ${btoa('admin:x')}`,
      },
    })
    t.equal((await without(request, { remote: '10.0.0.5' })).status, 404, `${path} is not there in the demo`)
  }
})

const NO_SECRETS: Ports['secrets'] = {
  token: () => 'token',
  hash: async password => password,
  verify: async () => true,
  equal: () => false,
  digest: text => text,
}

t.test('what is no order of ours changes nothing, and what is wrong with it is said', async t => {
  const { ask, setup } = await cabinet(GOOD)
  t.equal((await ask(PUT, WISH)).status, 200)
  const before = JSON.stringify(setup.view())
  const csms = { url: 'ws://127.0.0.1:1/ocpp', stationId: 'CP-9' }
  const odd: readonly (readonly [readonly [string, string], unknown])[] = [
    ...['', '{', '[]', 'null', '"x"', '[{}]', '\uFEFF'].flatMap(body =>
      [PUT, CSMS, DRILL, WIRING, RESTART].map(route => [route, body] as const),
    ),
    [PUT, { ...WISH, revision: -1 }],
    [PUT, { ...WISH, revision: 0.5 }],
    [PUT, { ...WISH, revision: 1e308 }],
    [PUT, { ...WISH, revision: '1' }],
    [PUT, { ...WISH, state: 'none' }],
    [PUT, { ...WISH, step: '' }],
    [PUT, { ...WISH, step: 'x'.repeat(41) }],
    [PUT, { ...WISH, entered: [] }],
    [PUT, { ...WISH, drills: [] }],
    [PUT, '{"revision":1,"state":"open","step":"site","entered":{},"__proto__":{"x":1}}'],
    [CSMS, { ...csms, url: 'http://127.0.0.1/' }],
    [CSMS, { ...csms, url: 'file:///etc/passwd' }],
    [CSMS, { ...csms, url: `ws://${'a'.repeat(500)}` }],
    [CSMS, { ...csms, stationId: '../../etc/passwd' }],
    [CSMS, { ...csms, stationId: 'x'.repeat(49) }],
    [CSMS, { ...csms, stationId: '' }],
    [CSMS, { ...csms, password: '' }],
    [CSMS, { ...csms, password: 'x'.repeat(257) }],
    [CSMS, { ...csms, headers: { 'x-y': 'z' } }],
    [DRILL, { kind: 'fuse' }],
    [DRILL, { kind: 'meter', meterId: 'x'.repeat(49) }],
    [DRILL, { kind: 'uplink', by: 'somebody else' }],
    [WIRING, { running: 'yes' }],
    [RESTART, { now: true }],
  ]
  for (const [route, body] of odd) {
    const answer = await ask(route, body)
    const name = `${route.join(' ')} ${JSON.stringify(body).slice(0, 90)}`
    t.equal(answer.status, 400, name)
    t.match(await answer.json(), { error: String, found: String, expected: String }, name)
  }
  for (const url of ['ws://', 'ws://[::1', 'ws://a b/', 'ws://host:99999/'])
    t.ok([200, 400].includes((await ask(CSMS, { ...csms, url })).status), `${url} does not end anything`)
  const deep = `{"revision":1,"state":"open","step":"site","entered":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`
  t.equal((await ask(PUT, deep)).status, 400, 'nesting')
  t.equal((await ask(PUT, { ...WISH, entered: { a: 'x'.repeat(70_000) } })).status, 413, 'size')
  t.equal((await ask(['POST', 'stations/%2e%2e%2fx/wiring'], { running: true })).status, 400)
  t.equal((await ask(['POST', 'stations/CP-99/wiring'], { running: true })).status, 404)
  t.match(setup.view().state, 'open')
  t.match(JSON.parse(before), { entered: { siteId: 'depot' } })
})

t.test('in another order than it can be done', async t => {
  const { ask, desk, fault, passes, runs, setup, store, ports, switches, texts } = await cabinet(GOOD)

  await t.test('of two people at once one is told, and a disk that refuses is told too', async t => {
    t.equal((await ask(PUT, WISH)).status, 200)
    const late = await ask(PUT, { ...WISH, entered: { siteId: 'other' } })
    t.equal(late.status, 409)
    t.match(await late.json(), { error: 'somebody else changed it' })
    fault.onSave = 'setup'
    t.equal((await ask(PUT, { ...WISH, revision: 1, entered: { siteId: 'third' } })).status, 507)
    delete fault.onSave
    t.match(setup.view(), { revision: 1, entered: { siteId: 'depot' } })
    const both = await Promise.all(
      ['a', 'b'].map(siteId => ask(PUT, { ...WISH, revision: 1, entered: { siteId } })),
    )
    t.same(both.map(({ status }) => status).sort(), [200, 409], 'side by side')
  })

  await t.test('each change of step is in the audit log, not each sign that is typed', async t => {
    const { ask, audit } = await cabinet(GOOD)
    for (const [revision, step] of ['site', 'site', 'site', 'circuits', 'circuits'].entries())
      t.equal((await ask(PUT, { ...WISH, revision, step, entered: { siteId: `d${revision}` } })).status, 200)
    t.same(
      (await audit.list()).map(({ what }) => what),
      ['putting into service: circuits, open', 'putting into service: site, open'],
    )
  })

  await t.test('a drill wants a site that runs, and something to pull', async t => {
    const refused = async (order: object, why: string) => {
      const answer = await ask(DRILL, order)
      t.equal(answer.status, 409, why)
      t.match(await answer.json(), { found: why })
    }
    await refused({ kind: 'uplink' }, 'not-running')
    await refused({ kind: 'restart' }, 'not-running')
    t.same(await (await ask(['GET', 'restart'])).json(), { needs: [], sessions: 3, links: 3 })
    const running = runs()
    await refused({ kind: 'meter', meterId: 'nowhere' }, 'no-such-meter')
    await refused({ kind: 'meter' }, 'no-such-meter')
    switches.meterOff = true
    await refused({ kind: 'meter', meterId: 'main' }, 'meter-not-fresh')
    switches.meterOff = false
    switches.csmsOff = true
    await refused({ kind: 'uplink' }, 'no-csms')
    switches.csmsOff = false
    fault.onSave = 'setup'
    await refused({ kind: 'uplink' }, 'not-written')
    delete fault.onSave
    t.equal((await ask(DRILL, { kind: 'uplink' })).status, 200)
    await refused({ kind: 'meter', meterId: 'main' }, 'busy')
    t.equal((await ask(DRILL, {})).status, 200, 'given up')
    t.equal((await ask(DRILL, {})).status, 200, 'and once more')
    t.same(setup.view().drills, [], 'what was given up is no result')
    await running.stop()
  })

  await t.test('what a drill came to is kept, and one that a restart broke off is not', async t => {
    const running = runs()
    await ask(DRILL, { kind: 'uplink' })
    switches.csmsOff = true
    for (let s = 0; s < 12; s++) passes(1_000)
    t.equal(setup.view().drill?.stage, 'plug in')
    switches.csmsOff = false
    passes(1_000)
    await ask(DRILL, { kind: 'meter', meterId: 'main' })
    await running.stop()
    t.match(JSON.parse(texts.get('setup') ?? ''), {
      drills: [{ kind: 'uplink', passed: true, by: 'admin', outS: 12 }],
      drill: { kind: 'meter', about: 'main' },
    })
    const next = await SetupDesk.open(ports, store, desk)
    const again = next.watch({ view: () => NOTHING_THERE, tests: NO_TESTS })
    await again.stop()
    t.match(next.view(), { drills: [{ kind: 'uplink' }] })
    t.notOk(next.view().drill, 'a plug that was pulled on the Busbar before cannot be watched')
  })

  await t.test('a second restart waits for the first, and none leads to a file with faults', async t => {
    t.equal((await ask(RESTART, {})).status, 200)
    t.equal((await ask(RESTART, {})).status, 409)
    const faulty = await cabinet(GOOD)
    faulty.texts.set('config', '{"version":1}')
    const answer = await faulty.ask(RESTART, {})
    t.equal(answer.status, 409)
    t.match(await answer.json(), { error: 'not restarted', found: /faults in the file/ })
  })

  await t.test('a record that cannot be read begins anew, and control does not depend on it', async t => {
    for (const text of ['{"version":2}', '{"version":1,"drills":7}', '[]']) {
      texts.set('setup', text)
      const next = await SetupDesk.open(ports, store, desk)
      t.match(next.view(), { state: 'none', revision: 0 })
    }
  })
})

const NO_TESTS: RunningSite['tests'] = { run: () => undefined, view: () => undefined }
const NOTHING_THERE = depotReader(
  { stations: 0, startS: 0, switches: { csmsOff: false, meterOff: false, brokerOff: false } },
  () => 0,
).view()

async function listening(server: Server): Promise<number> {
  await new Promise<void>(done => server.listen(0, HOST, done))
  return (server.address() as AddressInfo).port
}

t.test('the test of a CSMS address says what failed, over real sockets', async t => {
  const { ask, audit, runs } = await cabinet(GOOD)
  const root = await pki.ca('Nobody knows it')
  const keys = await pki.identity(root)
  const old = await pki.identity(root, { fromDays: -30, untilDays: -1 })
  const refusing = (status: number) =>
    createHttpServer().on('upgrade', (_request, socket) =>
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 16\r\n\r\ncanary of inside`),
    )
  const sockets = (protocol: string | false) => {
    const server = createHttpServer()
    const upgrader = new WebSocketServer({ server, handleProtocols: () => protocol })
    t.teardown(() => upgrader.close())
    return server
  }
  const secure = ({ keyPem, chainPem }: typeof keys) => createHttpsServer({ key: keyPem, cert: chainPem })
  const seen: (string | undefined)[] = []
  const guarded = createHttpServer().on('upgrade', (request, socket) => {
    seen.push(request.headers.authorization)
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
  })
  const table: readonly (readonly [
    name: string,
    server: Server,
    reason: string | undefined,
    scheme?: 'wss',
  ])[] = [
    ['403', refusing(403), 'forbidden'],
    ['404', refusing(404), 'not-found'],
    ['401', guarded, 'unauthorized'],
    ['503', refusing(503), 'status'],
    ['429', refusing(429), 'status'],
    ['no sub-protocol', sockets(false), 'sub-protocol'],
    ['another sub-protocol', sockets('ocpp2.0.1'), 'sub-protocol'],
    [
      'a page, no WebSocket',
      createHttpServer((_request, response) => response.end('canary of inside')),
      'status',
    ],
    ['something else on that port', createServer(socket => socket.end('SSH-2.0-canary\r\n')), 'handshake'],
    ['a root that nobody knows', secure(keys), 'tls-', 'wss'],
    ['an expired certificate', secure(old), 'tls-', 'wss'],
    ['no TLS there', refusing(200), 'tls', 'wss'],
    ['ocpp1.6', sockets('ocpp1.6'), undefined],
  ]
  for (const [name, server, reason, scheme = 'ws'] of table) {
    const port = await listening(server)
    t.teardown(() => server.close())
    const wish = { url: `${scheme}://${HOST}:${port}/ocpp`, stationId: 'CP-9', password: 'pass-word' }
    const answer = await ask(CSMS, wish)
    t.equal(answer.status, 200, name)
    const told = await answer.json()
    if (reason === undefined) t.match(told, { open: true }, name)
    else t.match(told, { open: false, reason: new RegExp(`^${reason}`), detail: String }, name)
    t.notMatch(JSON.stringify(told), /canary|pass-word/, 'nothing of what stands there is shown')
  }
  t.same(seen, [`Basic ${btoa('CP-9:pass-word')}`], 'with the password that was given')
  t.match(await (await ask(CSMS, { url: 'ws://nowhere.invalid/ocpp', stationId: 'CP-9' })).json(), {
    open: false,
    reason: /^(dns|timeout)$/,
  })
  t.match(await (await ask(CSMS, { url: 'ws://127.0.0.1:1/ocpp', stationId: 'CP-9' })).json(), {
    reason: 'tcp',
  })
  const silent = createServer(() => undefined)
  const silentPort = await listening(silent)
  t.teardown(() => silent.close())
  const both = await Promise.all(
    ['CP-8', 'CP-9'].map(stationId => ask(CSMS, { url: `ws://${HOST}:${silentPort}/ocpp`, stationId })),
  )
  t.same(both.map(({ status }) => status).sort(), [200, 409], 'one at a time')
  t.match(await both.find(({ status }) => status === 200)?.json(), { open: false, reason: 'timeout' })
  const running = runs()
  const connected = await ask(CSMS, { url: `ws://${HOST}:${silentPort}/ocpp`, stationId: 'CP-01' })
  t.equal(connected.status, 409, 'a station that is connected would lose its link')
  await running.stop()
  t.same(await audit.list(), [], 'a test is no change')
})

t.test('a power cut while a site is put into service leaves the old or the new of each', async t => {
  const outcomes = new Set<string>()
  const other = { ...WISH, state: 'open' as const, step: 'csms', entered: { siteId: 'new' } }
  for (let cutMs = 0; cutMs <= 30; cutMs++) {
    const world = createWorld({ seed: cutMs })
    const open = async () => {
      const desk = new ConfigurationDesk({ ports: world.ports, catalogue, missing: () => [] })
      const store = { document: async () => ({ users: [], stations: {}, named: {} }) as never }
      return { desk, setup: await SetupDesk.open(world.ports, store, desk) }
    }
    const first = await world.until(open())
    await world.until(first.setup.put({ ...WISH, state: 'open', step: 'site' }))
    // the last step before control: the record and the first configuration, one after the other as the page does
    void first.setup
      .put({ ...other, revision: 1 })
      .then(() => first.desk.read())
      .then(({ tag }) => first.desk.put(JSON.stringify(GOOD), { tag, by: 'admin' }))
    await world.runFor(cutMs)
    world.powerCut()
    const next = await world.until(open())
    const { proven, document } = await world.until(next.desk.load())
    const { step, entered } = next.setup.view()
    t.ok(['site depot', 'csms new'].includes(`${step} ${entered.siteId}`), `${cutMs} ms: ${step}`)
    if (document !== undefined) {
      t.same(document, GOOD)
      t.equal(proven?.ok, true)
    }
    outcomes.add(`${step}, ${document === undefined ? 'set-up mode' : 'control'}`)
    t.equal(
      await world.until(next.setup.put({ ...other, revision: next.setup.view().revision })),
      'kept',
      'and it goes on',
    )
  }
  t.same([...outcomes], ['site, set-up mode', 'csms, set-up mode', 'csms, control'])
})
