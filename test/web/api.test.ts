import t from 'tap'
import type { OrderOutcome } from '../../src/core/control/order-desk.js'
import { NO_TAGS, SiteTags } from '../../src/core/offline/site-tags.js'
import type { MeterValuesView } from '../../src/core/view/meter-values.js'
import { refusal } from '../../src/core/words/refused.js'
import { say } from '../../src/core/words/said.js'
import type { Clock, Ports, Timer } from '../../src/ports.js'
import { SimBlobs } from '../../src/sim/ports/sim-blobs.js'
import { localNames } from '../../src/web/guards.js'
import { MAX_STREAMS, STALLED_MS } from '../../src/web/live.js'
import type { ScanOutcome, WiringCheckView } from '../../src/web/meter-desk.js'
import { MAX_WAITING } from '../../src/web/password-check.js'
import { ROWS_AT_ONCE } from '../../src/web/portions.js'
import type { CommandDesk } from '../../src/web/site-reader.js'
import { createRouter, createWeb, type WebDeps } from '../../src/web/web.js'
import { depotReader } from './fixtures/depot.js'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const START_S = 1_790_000_000

interface ManualClock extends Clock {
  advance(ms: number): void
  pending(): number
}

function manualClock(): ManualClock {
  let nowMs = 0
  const timers = new Set<{ dueMs: number; periodMs: number | undefined; run: () => void }>()
  const add = (delayMs: number, periodMs: number | undefined, run: () => void): Timer => {
    const timer = { dueMs: nowMs + delayMs, periodMs, run }
    timers.add(timer)
    return { cancel: () => timers.delete(timer) }
  }
  return {
    wallMs: () => START_S * 1000 + nowMs,
    monoMs: () => nowMs,
    after: (delayMs, run) => add(delayMs, undefined, run),
    every: (periodMs, run) => add(periodMs, periodMs, run),
    eachMinute: run => add(MINUTE_MS, MINUTE_MS, run),
    pending: () => timers.size,
    advance(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        const next = [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0]
        if (next === undefined) break
        nowMs = next.dueMs
        if (next.periodMs === undefined) timers.delete(next)
        else next.dueMs += next.periodMs
        next.run()
      }
      nowMs = untilMs
    },
  }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const conf = (payload: object) => ({ kind: 'result' as const, payloadText: JSON.stringify(payload) })

function faultOf(stationId: string, payload: unknown): ReturnType<CommandDesk['fault']> {
  if (stationId !== 'CP-1') return { kind: 'unknown-station' }
  if (JSON.stringify(payload) !== '{"bad":1}') return undefined
  return {
    kind: 'unfit',
    code: 'FormationViolation',
    path: '/bad',
    found: 'a number',
    expected: 'no such field',
  }
}

function setUp(extra: Partial<WebDeps> = {}) {
  const clock = manualClock()
  const counts = { verified: 0, tokens: 0 }
  const secrets: Ports['secrets'] = {
    token: bytes => `${'t'.repeat(bytes)}${counts.tokens++}`,
    hash: async password => `hash of ${password}`,
    verify: async (password, hash) => {
      counts.verified++
      return hash === `hash of ${password}`
    },
    digest: text => text,
    equal: (a, b) => Buffer.compare(a, b) === 0,
  }
  const files = new Map([
    ['/index.html', 'text/html'],
    ['/assets/index-abc.js', 'text/javascript'],
  ])
  const assets: Ports['assets'] = {
    load: async path => {
      const contentType = files.get(path)
      if (contentType === undefined) return undefined
      const body = new TextEncoder().encode(path)
      if (!path.startsWith('/assets/')) return { body, contentType }
      return { body, contentType, tag: 'abc', packed: { br: bytes('br'), gzip: bytes('gzip') } }
    },
  }
  const users = new Map([['admin', 'hash of copper']])
  const switches = { csmsOff: false, meterOff: false, brokerOff: false }
  const tags = new SiteTags(NO_TAGS)
  const site = {
    ...depotReader({ stations: 12, startS: START_S, switches }, () => clock.wallMs() / 1000),
    tags: () => tags.operatorList(),
  }
  const levers = {
    list: () => [{ id: 'csms', label: 'CSMS off', kind: 'unplugged' as const, on: switches.csmsOff }],
    set: async (id: string, on: boolean) => {
      if (id === 'csms') switches.csmsOff = on
      return id === 'csms'
    },
  }
  const deps: WebDeps = {
    ports: { clock, secrets, assets, log: { write: () => undefined } },
    blobs: new SimBlobs(),
    site,
    users: {
      find: async name => {
        const passwordHash = users.get(name)
        return passwordHash === undefined ? undefined : { name, passwordHash }
      },
    },
    levers,
    meters: {
      values: id => (id === 'main' ? METER_VALUES : undefined),
      checkWiring: (id, running) => (id === 'main' ? { ...WIRING_CHECK, running } : undefined),
      wiringCheck: id => (id === 'main' ? WIRING_CHECK : undefined),
      scan: async ({ hosts }) => (hosts.includes('busy') ? { kind: 'busy' } : FOUND_METERS),
      read: async ({ unitId }) =>
        unitId === 1
          ? { kind: 'read', values: { currentA: [1, 2, 3] } }
          : { kind: 'in use', meters: ['main'] },
    },
    commands: {
      orders: {
        limit: async () => ({
          kind: 'refused',
          why: refusal('no-circuit', { found: '"x"' }),
        }),
        grid: async () => ORDER_DONE,
        enable: async () => ORDER_DONE,
        clear: async () => ORDER_DONE,
        departure: async () => ORDER_DONE,
      },
      fault: (stationId, _action, payload) => faultOf(stationId, payload),
      send: async (stationId, action) =>
        action === 'ClearCache' ? { kind: 'closed' } : conf({ status: 'Accepted', stationId }),
      isolate: (stationId: string) => stationId === 'CP-1',
      session: async () => undefined,
      tryCsms: stationId => CSMS_TRIES.get(stationId),
      tryCsmsForAll: () => 3,
      tryMqtt: () => 'trying',
      tryMeter: meterId => meterId === 'main',
      resend: async (stationId, seq, how) => {
        if (seq === 13) throw new Error('ENOSPC')
        return stationId === 'CP-1' ? (how === 'whole' ? 3 : 2) : undefined
      },
      giveUp: async (stationId, seq) => {
        if (seq === 13) throw new Error('ENOSPC')
        return stationId === 'CP-1' ? 3 : undefined
      },
      releaseJournal: async by => by === 'admin',
      learn: () => undefined,
      takeBack: stationId => stationId === 'CP-1',
      release: async stationId =>
        stationId === 'CP-1'
          ? { keys: [{ key: 'K', value: '60', status: 'Accepted' }], clearedProfiles: [] }
          : undefined,
      acknowledge: ({ code }) => code === 'station-gone',
      setTags: async entries => {
        if (entries.some(({ note }) => note === 'full disk')) return false
        tags.replaced(entries, 0)
        return true
      },
    },
    ...extra,
  }
  const web = createWeb(deps)
  const ask = async (path: string, init: RequestInit & { remote?: string } = {}) =>
    web(new Request(path.startsWith('https:') ? path : `http://127.0.0.1:8080${path}`, init), {
      remote: init.remote ?? '10.0.0.5',
    })
  return { clock, counts, users, site, switches, deps, ask }
}

const ORDER_DONE: OrderOutcome = {
  kind: 'done',
  done: {
    dryRun: false,
    text: 'nothing changes now',
    parts: [say('order-changes-nothing')],
    isDurable: true,
  },
}
const METER_VALUES: MeterValuesView = {
  id: 'main',
  device: 'eastron-sdm630-v2',
  quality: 'fresh',
  ageMs: 400,
  phases: [{ phase: 'L1', currentA: 16.25, stationsA: 16, proven: true }],
  stationsEstimated: false,
}
const WIRING_CHECK: WiringCheckView = {
  running: true,
  steps: [{ agoS: 12, stationsA: [16, 0, 0], meterA: [0, 15.9, 0] }],
  disturbed: 0,
  finding: 'found',
  change: { phaseMap: 'L2L1L3' },
  text: 'Set phaseMap L2L1L3.',
}
const FOUND_METERS: ScanOutcome = {
  kind: 'done',
  serialLines: ['/dev/serial/by-id/usb-485'],
  lines: [
    {
      where: '10.0.0.5',
      state: 'searched',
      units: [
        {
          unitId: 1,
          connection: { kind: 'tcp', host: '10.0.0.5', port: 502 },
          models: [
            {
              device: 'eastron-sdm630-v2',
              manufacturer: 'Eastron',
              model: 'SDM630-Modbus V2',
              confidence: 'likely',
              values: { voltageV: [230, 231, 229] },
            },
          ],
        },
      ],
    },
  ],
}
const CSMS_TRIES = new Map<string, 'trying' | 'open' | 'idle' | 'none'>([
  ['CP-1', 'trying'],
  ['CP-2', 'open'],
  ['CP-3', 'idle'],
  ['CP-4', 'none'],
])

type Ask = ReturnType<typeof setUp>['ask']

const OUR_ORIGIN = { origin: 'http://127.0.0.1:8080', 'content-type': 'application/json' }
const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})
const post = (document: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { ...OUR_ORIGIN, ...headers },
  body: JSON.stringify(document),
})
const logIn = (ask: Ask, password = 'copper', headers = {}) =>
  ask('/api/v1/login', post({ name: 'admin', password }, headers))

async function sessionOf(ask: Ask): Promise<{ cookie: string }> {
  const answer = await logIn(ask)
  return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
}

async function nextText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read()
  return value === undefined ? '(end)' : new TextDecoder().decode(value)
}

const nextBytes = async (reader: ReadableStreamDefaultReader<Uint8Array>) => (await reader.read()).value

const dataOf = (event: string) => JSON.parse(/data: (.*)\n/.exec(event)?.[1] ?? 'null')
/** Lets promises that are already settled run. */
const settle = () => new Promise(resolve => setImmediate(resolve))

t.test('who may call what', async t => {
  t.test('every route but the written allow-list refuses a stranger (UI1, UI2)', async t => {
    const { deps, ask } = setUp()
    const open = new Set(['GET /healthz', 'GET /readyz', 'POST /api/v1/login', 'GET /*'])
    const routes = createRouter(deps).routes.filter(route => route.method !== 'ALL')
    t.ok(routes.length >= 10, 'the router lists its routes')
    for (const { method, path } of routes) {
      if (open.has(`${method} ${path}`)) continue
      const answer = await ask(path, { method, headers: method === 'GET' ? {} : OUR_ORIGIN })
      t.equal(answer.status, 401, `${method} ${path}`)
      t.match(await answer.json(), {
        error: String,
        found: String,
        expected: String,
        code: String,
        params: Object,
      })
    }
    for (const path of ['/api', '/api/v2/status', '/nothing', '/.well-known', '/assets'])
      t.not((await ask(path)).status, 200, path)
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      t.equal((await ask('/api/v1/status', { method })).status, 401, method)
    t.equal((await ask('/healthz', { method: 'POST' })).status, 401, 'only reading is open')
  })

  t.test('health and page files are open, and carry the secure headers', async t => {
    const { ask } = setUp()
    const health = await ask('/healthz')
    t.equal(health.status, 200)
    t.same(await health.json(), { status: 'ok', reasons: [] })
    const page = await ask('/')
    t.equal(await page.text(), '/index.html')
    t.match(page.headers.get('content-security-policy'), /default-src 'self'/)
    t.match(page.headers.get('content-security-policy'), /frame-ancestors 'none'/)
    t.notMatch(page.headers.get('content-security-policy'), /unsafe/)
    t.equal(page.headers.get('x-content-type-options'), 'nosniff')
    t.match((await ask('/assets/index-abc.js')).headers.get('cache-control'), /immutable/)
    const refused = await ask('/api/v1/status')
    t.equal(refused.headers.get('cache-control'), 'no-store')
    t.match(refused.headers.get('content-security-policy'), /frame-ancestors 'none'/)
    t.equal((await ask('/assets/none.js')).status, 404)
  })

  t.test('a page file goes packed to who takes it, and not at all to who has it', async t => {
    const { ask } = setUp()
    const js = (headers: Record<string, string>) => ask('/assets/index-abc.js', { headers })
    const table: [accepts: string | undefined, body: string, encoding: string | null, etag: string][] = [
      ['gzip, deflate, br, zstd', 'br', 'br', '"abc-br"'],
      ['gzip, deflate', 'gzip', 'gzip', '"abc-gzip"'],
      ['br;q=0, gzip;q=0.5', 'gzip', 'gzip', '"abc-gzip"'],
      ['*', 'br', 'br', '"abc-br"'],
      ['br;q=nonsense', '/assets/index-abc.js', null, '"abc"'],
      ['identity', '/assets/index-abc.js', null, '"abc"'],
      [undefined, '/assets/index-abc.js', null, '"abc"'],
    ]
    for (const [accepts, body, encoding, etag] of table) {
      const answer = await js(accepts === undefined ? {} : { 'accept-encoding': accepts })
      t.equal(await answer.text(), body, accepts ?? 'nothing said')
      t.equal(answer.headers.get('content-encoding'), encoding)
      t.equal(answer.headers.get('etag'), etag)
      t.equal(answer.headers.get('vary'), 'accept-encoding')
    }
    const again = await js({ 'accept-encoding': 'br', 'if-none-match': 'W/"other", W/"abc-br"' })
    t.equal(again.status, 304)
    t.equal(again.headers.get('etag'), '"abc-br"')
    t.equal(again.headers.get('vary'), 'accept-encoding')
    t.equal(
      (await js({ 'accept-encoding': 'gzip', 'if-none-match': '"abc-br"' })).status,
      200,
      'another packing',
    )
    t.equal((await ask('/', { headers: { 'accept-encoding': 'br' } })).headers.get('content-encoding'), null)
  })

  t.test('a login gives an HttpOnly SameSite=Strict session that a logout ends', async t => {
    const { ask } = setUp()
    const answer = await logIn(ask)
    t.equal(answer.status, 200)
    t.match(answer.headers.get('set-cookie'), /HttpOnly/)
    t.match(answer.headers.get('set-cookie'), /SameSite=Strict/)
    const headers = await sessionOf(ask)
    t.equal((await ask('/api/v1/status', { headers })).status, 200)
    t.equal((await ask('/api/v1/logout', post({}, headers))).status, 200)
    t.equal((await ask('/api/v1/status', { headers })).status, 401)
  })

  t.test(
    'a session ends after 12 idle hours, at a changed password, and changes its id at a login',
    async t => {
      const { ask, clock, users } = setUp()
      const idle = await sessionOf(ask)
      clock.advance(11 * HOUR_MS)
      t.equal((await ask('/api/v1/status', { headers: idle })).status, 200)
      clock.advance(13 * HOUR_MS)
      t.equal((await ask('/api/v1/status', { headers: idle })).status, 401)
      const before = await sessionOf(ask)
      t.equal((await logIn(ask, 'copper', before)).status, 200)
      t.equal((await ask('/api/v1/status', { headers: before })).status, 401, 'the old id is gone')
      const third = await sessionOf(ask)
      users.set('admin', 'hash of silver')
      t.equal((await ask('/api/v1/status', { headers: third })).status, 401)
    },
  )

  t.test('HTTP Basic is hashed once a minute, not once a request', async t => {
    const { ask, clock, counts, users } = setUp()
    for (let n = 0; n < 5; n++)
      t.equal((await ask('/metrics', { headers: basic('admin', 'copper') })).status, 200)
    t.equal(counts.verified, 1)
    clock.advance(MINUTE_MS + 1)
    await ask('/metrics', { headers: basic('admin', 'copper') })
    t.equal(counts.verified, 2)
    users.set('admin', 'hash of silver')
    t.equal((await ask('/metrics', { headers: basic('admin', 'copper') })).status, 401)
    const fresh = setUp()
    const headers = basic('admin', 'copper')
    const together = await Promise.all(Array.from({ length: 10 }, () => fresh.ask('/metrics', { headers })))
    t.ok(together.every(({ status }) => status === 200))
    t.equal(fresh.counts.verified, 1, 'also when they come at once')
    for (const authorization of ['Basic', 'Basic ###', 'Basic YQ', 'Bearer abc', `Basic ${'A'.repeat(5000)}`])
      t.equal((await ask('/metrics', { headers: { authorization } })).status, 401, authorization.slice(0, 12))
  })

  t.test('the sixth wrong password in a minute is refused unseen, also on HTTP Basic (UI3)', async t => {
    const { ask, clock, counts } = setUp()
    for (let n = 0; n < 5; n++) t.equal((await logIn(ask, 'tin')).status, 401)
    const refused = await logIn(ask, 'copper')
    t.equal(refused.status, 429)
    t.ok(Number(refused.headers.get('retry-after')) > 0)
    t.equal((await ask('/api/v1/status', { headers: basic('admin', 'copper') })).status, 429)
    t.equal(counts.verified, 5)
    const elsewhere = await ask('/api/v1/login', {
      ...post({ name: 'admin', password: 'copper' }),
      remote: '10.0.0.6',
    })
    t.equal(elsewhere.status, 200, 'another remote is not locked out')
    clock.advance(MINUTE_MS)
    t.equal((await logIn(ask, 'copper')).status, 200)
  })

  t.test('tries sent side by side do not get past the count', async t => {
    const { ask, counts } = setUp()
    const answers = await Promise.all(Array.from({ length: 40 }, () => logIn(ask, 'tin')))
    t.ok(counts.verified <= 5, `${counts.verified} hashes`)
    t.ok(answers.every(({ status }) => status === 401 || status === 429))
  })

  t.test('strangers from everywhere do not keep out who was in from here', async t => {
    const { ask } = setUp()
    t.equal((await logIn(ask)).status, 200)
    const flood = Array.from({ length: 200 }, (_, n) =>
      ask('/api/v1/login', { ...post({ name: 'admin', password: 'wrong' }), remote: `10.1.0.${n}` }),
    )
    const ours = logIn(ask)
    t.equal((await ours).status, 200)
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    t.ok(statuses.filter(status => status === 429).length > 180, 'and the flood is bounded')
  })

  t.test('a burst of logins is hashed one at a time, and what waits for its turn is bounded', async t => {
    const { ask, deps } = setUp()
    const { secrets } = deps.ports
    const open: (() => void)[] = []
    const [before, seen] = [secrets.verify, { atOnce: 0, most: 0, hashed: 0 }]
    secrets.verify = async (password, hash) => {
      seen.most = Math.max(seen.most, ++seen.atOnce)
      seen.hashed++
      await new Promise<void>(done => open.push(done))
      seen.atOnce--
      return before(password, hash)
    }
    const statuses: number[] = []
    const burst = Array.from({ length: 300 }, async (_, n) => {
      const answer = await ask('/api/v1/login', {
        ...post({ name: 'admin', password: `wrong ${n}` }),
        remote: `10.1.${n % 2}.${n}`,
      })
      statuses.push(answer.status)
    })
    // no hash has ended yet: nobody but those in the queue waits for one, and what needs no password is answered
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    t.equal((await ask('/healthz')).status, 200)
    t.equal(statuses.filter(status => status === 429).length, 300 - 1 - MAX_WAITING)
    t.equal(seen.hashed, 1)
    while (statuses.length < 300) {
      open.shift()?.()
      await new Promise(resolve => setImmediate(resolve))
    }
    await Promise.all(burst)
    t.match(seen, { most: 1, hashed: 1 + MAX_WAITING })
  })

  t.test('one remote cannot try many names', async t => {
    const { ask, counts } = setUp()
    for (let n = 0; n < 40; n++) await ask('/api/v1/login', post({ name: `user${n}`, password: 'x' }))
    t.equal(counts.verified, 20)
  })
})

t.test('requests that are not for us', async t => {
  t.test('a foreign Host is refused with 421, also on open routes (UI5)', async t => {
    const { ask } = setUp({ hostNames: ['depot.lan'] })
    const table: [string, number][] = [
      ['evil.example', 421],
      ['127.0.0.1.evil.example', 421],
      ['localhost.evil.example:8080', 421],
      ['', 421],
      ['a b', 421],
      ['1.2.3.400', 421],
      ['192.168.1.20:8080', 200],
      ['[fd00::1]:8080', 200],
      ['LOCALHOST:8080', 200],
      ['depot.lan', 200],
    ]
    for (const [host, status] of table)
      t.equal((await ask('/healthz', { headers: { host } })).status, status, `Host ${host}`)
  })

  t.test('a machine is known by its mDNS name, whatever its domain', async t => {
    t.same(localNames('Cabinet-7'), ['cabinet-7.local'])
    t.same(localNames('cabinet-7.depot.example'), ['cabinet-7.local'])
    t.same(localNames(''), [])
    t.same(localNames('no_name here'), [])
  })

  t.test('each mutating route wants proof of the same origin (UI4)', async t => {
    const { deps, ask } = setUp()
    const session = await sessionOf(ask)
    const posts = createRouter(deps).routes.filter(({ method }) => method === 'POST')
    // a station is no browser: the one-time address is its proof (files.test.ts)
    const own = posts.filter(({ path }) => !path.startsWith('/files/uploads/'))
    const mutating = [...new Set(own.map(({ path }) => path))].sort()
    t.same(mutating, [
      '/api/v1/alarms/acknowledgement',
      '/api/v1/csms/try',
      '/api/v1/dead-letters/give-up',
      '/api/v1/dead-letters/resend',
      '/api/v1/demo/levers',
      '/api/v1/departures',
      '/api/v1/files/upload-addresses',
      '/api/v1/grid-orders',
      '/api/v1/journal/release',
      '/api/v1/learn',
      '/api/v1/limits',
      '/api/v1/login',
      '/api/v1/logout',
      '/api/v1/meters/:id/commissioning',
      '/api/v1/meters/:id/try',
      '/api/v1/meters/read',
      '/api/v1/meters/scan',
      '/api/v1/mqtt/try',
      '/api/v1/pauses',
      '/api/v1/stations/:id/commands/:action',
      '/api/v1/stations/:id/connectors/:connector/session',
      '/api/v1/stations/:id/csms/try',
      '/api/v1/stations/:id/isolation',
      '/api/v1/stations/:id/release',
    ])
    const proofs: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'http://evil.example' },
      { origin: 'http://127.0.0.1:9999' },
      { origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const path of mutating)
      for (const proof of proofs) {
        const headers = { 'content-type': 'application/json', ...session, ...proof }
        const answer = await ask(path, { method: 'POST', headers, body: '{}' })
        t.equal(answer.status, 403, `${path} ${JSON.stringify(proof)}`)
      }
    const headers = { ...session, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
    t.equal((await ask('/api/v1/logout', { method: 'POST', headers, body: '{}' })).status, 200)
  })

  t.test('no spelling of a path gets past the guards (UI8)', async t => {
    const { ask } = setUp()
    const paths = [
      '//api/v1/status',
      '/api//v1/status',
      '/..%2f',
      '/%2e%2e/api/v1/status',
      '/assets/..%2fapi/v1/status',
      '/assets/%2e%2e%2fapi/v1/status',
      '/assets/%252e%252e/api/v1/status',
      '/api%2fv1%2fstatus',
      '/%61pi/v1/status',
      '/api/v1/status/',
      '/API/v1/status',
      '/api/v1/status;a',
      '/assets/../api/v1/status',
      '/healthz/../api/v1/status',
      '/\\api/v1/status',
    ]
    for (const path of paths) {
      const answer = await ask(path)
      t.ok([400, 401].includes(answer.status), `${path} ${answer.status}`)
    }
  })

  t.test(
    'bodies: too large, chunked without end, another type, no JSON, unknown keys (UI9, UI10)',
    async t => {
      const { ask } = setUp()
      const big = JSON.stringify({ name: 'admin', password: 'x'.repeat(70_000) })
      const declared = { ...OUR_ORIGIN, 'content-length': String(big.length) }
      t.equal((await ask('/api/v1/login', { method: 'POST', headers: declared, body: big })).status, 413)
      let chunks = 0
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          chunks++
          controller.enqueue(new Uint8Array(16_384))
        },
      })
      const init: RequestInit = { method: 'POST', headers: OUR_ORIGIN, body: endless, duplex: 'half' }
      t.equal((await ask('/api/v1/login', init)).status, 413)
      t.ok(chunks < 10, `read ${chunks} chunks of 16 KiB`)
      const table: [string, string, number][] = [
        ['text/plain', '{"name":"admin","password":"copper"}', 415],
        ['application/x-www-form-urlencoded', 'name=admin&password=copper', 415],
        ['application/json', '{"name":', 400],
        ['application/json', '', 400],
        ['application/json', '[]', 400],
        ['application/json', 'null', 400],
        ['application/json', `${'['.repeat(32_000)}${']'.repeat(32_000)}`, 400],
        ['application/json', `${'{"name":'.repeat(7_000)}1${'}'.repeat(7_000)}`, 400],
        ['application/json', '{"name":"admin","password":"copper","name":1e309}', 400],
        ['application/json', '{"name":-0,"password":"copper"}', 400],
        ['application/json', '\u0000', 400],
        ['application/json', '{"name":"admin","password":"copper","role":"root"}', 400],
        ['application/json', '{"name":"admin","password":"copper","__proto__":{"a":1}}', 400],
        ['application/json', '{"name":["admin"],"password":{"$ne":1}}', 400],
      ]
      for (const [type, body, status] of table) {
        const answer = await ask('/api/v1/login', {
          method: 'POST',
          headers: { ...OUR_ORIGIN, 'content-type': type },
          body,
        })
        t.equal(answer.status, status, `${type} ${body.slice(0, 60)}`)
        const text = await answer.text()
        t.match(JSON.parse(text), {
          error: String,
          found: String,
          expected: String,
          code: String,
          params: Object,
        })
        t.notMatch(text, /copper/, 'no password comes back')
      }
      t.equal((await logIn(ask)).status, 200, 'the next valid request is answered')
    },
  )
})

t.test('in the clear, where there is a certificate', async t => {
  const { ask } = setUp({ redirectsPlain: true })
  const far = { remote: '192.168.1.9' }

  t.test('whoever asks is sent to https, on the same port', async t => {
    for (const path of ['/', '/api/v1/status?x=1', '/metrics']) {
      const answer = await ask(path, far)
      t.same([answer.status, answer.headers.get('location')], [308, `https://127.0.0.1:8080${path}`])
    }
    t.equal((await ask('/', { ...far, remote: '::ffff:10.0.0.1' })).status, 308)
  })

  t.test('no password is taken, by form or by HTTP Basic; not even to say whether it is right', async t => {
    for (const password of ['copper', 'wrong']) {
      const form = await ask('/api/v1/login', { ...post({ name: 'admin', password }), ...far })
      const program = await ask('/api/v1/status', { headers: basic('admin', password), ...far })
      t.same([form.status, program.status], [403, 403])
      t.match(await program.json(), { error: 'not in the clear', expected: 'https://127.0.0.1:8080' })
    }
  })

  t.test('the machine itself, the question of health and stations are served', async t => {
    for (const remote of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      t.equal((await ask('/api/v1/status', { headers: basic('admin', 'copper'), remote })).status, 200)
    t.equal((await ask('/healthz', far)).status, 200)
    t.equal((await ask('/files/firmware/x.bin', far)).status, 404, 'asked, and not there')
  })

  t.test('the session of https is another, and what http sends does not count for it', async t => {
    const secure = (headers: Record<string, string>) =>
      ask('https://127.0.0.1:8080/api/v1/login', {
        ...post({ name: 'admin', password: 'copper' }, headers),
        ...far,
      })
    t.equal((await secure({ origin: 'http://127.0.0.1:8080' })).status, 403)
    const cookie = (await secure({ origin: 'https://127.0.0.1:8080' })).headers.get('set-cookie') ?? ''
    t.match(cookie, /^__Host-busbar_session=.*; Secure/)
    t.notMatch(cookie, /Domain/i)
    const [held = ''] = cookie.split(';')
    t.equal(
      (await ask('https://127.0.0.1:8080/api/v1/status', { headers: { cookie: held }, ...far })).status,
      200,
    )
    const planted = held.replace('__Host-', '')
    t.equal(
      (await ask('https://127.0.0.1:8080/api/v1/status', { headers: { cookie: planted }, ...far })).status,
      401,
    )
  })
})

t.test('what the API tells', async t => {
  t.test('what waits and what the CSMS would not take are shown, exported and sent again', async t => {
    const { ask } = setUp()
    const headers = basic('admin', 'copper')
    t.match(await (await ask('/api/v1/journal', { headers })).json(), {
      hold: /another site/,
      stations: [{ stationId: 'WEG-01', waiting: 3, deadLetters: 1, offlineWh: 800, acceptedWh: 0 }],
    })
    t.match(await (await ask('/api/v1/journal.csv', { headers })).text(), 'WEG-01,yes,3,900,')
    t.match(await (await ask('/api/v1/dead-letters', { headers })).json(), [
      { stationId: 'WEG-01', reason: /^FormationViolation/, payload: '{"idTag":"=1+1"}' },
    ])
    t.match(await (await ask('/api/v1/dead-letters.csv', { headers })).text(), 'FormationViolation: no')
    const send = async (path: string, body: object) => {
      const answer = await ask(path, post(body, headers))
      return [answer.status, await answer.json()] as const
    }
    const resend = '/api/v1/dead-letters/resend'
    t.match(await send(resend, { stationId: 'CP-1', seq: 1 }), [200, { messages: 3 }])
    t.match(await send(resend, { stationId: 'CP-1', seq: 1, withoutStart: true }), [200, { messages: 2 }])
    t.match(await send(resend, { stationId: 'CP-9', seq: 1 }), [404, {}])
    t.match(await send(resend, { stationId: 'CP-1', seq: 13 }), [503, { found: 'ENOSPC' }])
    t.match(await send('/api/v1/mqtt/try', {}), [200, { state: 'trying' }])
    t.match(await send('/api/v1/meters/main/try', {}), [200, { state: 'trying' }])
    t.match(await send('/api/v1/meters/nobody/try', {}), [404, { found: 'nobody' }])
    const giveUp = '/api/v1/dead-letters/give-up'
    t.match(await send(giveUp, { stationId: 'CP-1', seq: 1, giveUp: true }), [200, { messages: 3 }])
    t.match(await send(giveUp, { stationId: 'CP-1', seq: 1 }), [400, {}], 'not by chance')
    t.match(await send(giveUp, { stationId: 'CP-9', seq: 1, giveUp: true }), [404, {}])
    t.match(await send(giveUp, { stationId: 'CP-1', seq: 13, giveUp: true }), [503, { found: 'ENOSPC' }])
    t.match(await send('/api/v1/journal/release', { release: true }), [200, { release: true }])
    t.equal((await send('/api/v1/journal/release', {}))[0], 400)
  })

  t.test('who has the status already is sent it again only when it is another', async t => {
    const { ask, site } = setUp()
    const headers = basic('admin', 'copper')
    const before = site.view()
    site.view = () => before
    const first = await ask('/api/v1/status', { headers })
    const tag = first.headers.get('etag') ?? ''
    t.match(tag, /^"\w+-\d+"$/)
    t.equal(first.headers.get('content-type'), 'application/json')
    const again = (etag: string) => ask('/api/v1/status', { headers: { ...headers, 'if-none-match': etag } })
    const same = await again(tag)
    t.same([same.status, await same.text(), same.headers.get('etag')], [304, '', tag])
    t.equal((await again('"another"')).status, 200)
    site.view = () => ({ ...before, siteId: 'another' })
    const changed = await again(tag)
    t.equal(changed.status, 200, 'what has changed is sent at once')
    t.match(await changed.json(), { siteId: 'another' })
    t.not(changed.headers.get('etag'), tag)
    t.equal((await ask('/api/v1/status', { headers: { 'if-none-match': tag } })).status, 401)
  })

  t.test('status, history, metrics and the OpenAPI document', async t => {
    const { ask, site } = setUp()
    const headers = basic('admin', 'copper')
    t.same(await (await ask('/api/v1/status', { headers })).json(), JSON.parse(JSON.stringify(site.view())))
    const history = JSON.parse(
      await (await ask('/api/v1/history?circuit=main&seconds=60', { headers })).text(),
    )
    const csv = await ask('/api/v1/transactions.csv', { headers })
    t.same((await csv.text()).split('\r\n'), [
      'transactionId,stationId,connectorId,idTag,startedAt,meterStartWh,stoppedAt,meterStopWh,energyWh,reason',
      `1500000000,WEG-01,1,'=1+1,2026-01-14T06:00:00Z,100,2026-01-14T07:00:00Z,900,800,"Local, ""by hand"""`,
      '',
    ])
    const configuration = await ask('/api/v1/stations/WEG-01/configuration', { headers })
    t.match(JSON.parse(await configuration.text()), {
      stationId: 'WEG-01',
      keys: [{ key: 'HeartbeatInterval', value: '60', modelValue: '300', difference: 'value' }],
    })
    t.equal((await ask('/api/v1/stations/none/configuration', { headers })).status, 404)
    t.equal(history.circuitId, 'main')
    t.equal(history.atS.length, 30)
    t.equal(history.limitA[0], 245)
    for (const [query, status] of [
      ['', 400],
      ['?circuit=main&seconds=0', 400],
      ['?circuit=main&seconds=1e9', 400],
      ['?circuit=main&seconds=x', 400],
      ['?circuit=none', 404],
    ] as const)
      t.equal((await ask(`/api/v1/history${query}`, { headers })).status, status, query)
    const metrics = await ask('/metrics', { headers })
    t.match(metrics.headers.get('content-type'), /text\/plain; version=0\.0\.4/)
    t.match(await metrics.text(), /busbar_up 1/)
    const document = JSON.parse(await (await ask('/api/v1/openapi.json', { headers })).text())
    t.ok(document.paths['/api/v1/status'].get)
    t.ok(document.components.schemas.Site.properties.circuits)
    t.equal((await ask('/api/v1/none', { headers })).status, 404)
  })

  t.test('a fault of ours is a 500 without its details, and the next request is answered', async t => {
    const broken = setUp()
    const logged: string[] = []
    const log = { write: (_: string, event: string) => logged.push(event) }
    const site = { ...broken.site, metrics: () => Promise.reject(new Error('secret detail')) }
    const { ask } = setUp({ site, ports: { ...broken.deps.ports, log } })
    const answer = await ask('/metrics', { headers: basic('admin', 'copper') })
    t.equal(answer.status, 500)
    t.match(answer.headers.get('content-security-policy'), /default-src 'self'/)
    t.notMatch(await answer.text(), /secret detail/)
    t.same(logged, ['web-request-failed'])
    t.equal((await ask('/healthz')).status, 200)
  })

  t.test('a browser is asked for Basic only where it is not our page that asks', async t => {
    const { ask } = setUp()
    t.match((await ask('/metrics')).headers.get('www-authenticate'), /^Basic/)
    const page = await ask('/api/v1/status', { headers: { accept: 'application/json' } })
    t.notMatch(page.headers.get('www-authenticate'), /Basic/)
  })

  t.test('demo levers exist only where they are given', async t => {
    const { ask, switches } = setUp()
    const headers = basic('admin', 'copper')
    t.same(await (await ask('/api/v1/demo/levers', { headers })).json(), {
      levers: [{ id: 'csms', label: 'CSMS off', kind: 'unplugged', on: false }],
    })
    const done = await ask('/api/v1/demo/levers', post({ id: 'csms', on: true }, headers))
    t.same(await done.json(), { levers: [{ id: 'csms', label: 'CSMS off', kind: 'unplugged', on: true }] })
    t.equal(switches.csmsOff, true)
    t.equal((await ask('/api/v1/demo/levers', post({ id: 'roof', on: true }, headers))).status, 404)
    const { levers: _, ...without } = setUp().deps
    const web = createWeb(without)
    const request = new Request('http://127.0.0.1/api/v1/demo/levers', { headers })
    t.equal((await web(request, { remote: '::1' })).status, 404)
  })
})

t.test('the live feed', async t => {
  const open = async (ask: Ask, headers: Record<string, string>) => {
    const answer = await ask('/api/v1/live', { headers })
    return { answer, reader: answer.body!.getReader() }
  }

  t.test('sends the whole site first, then only what changed, at most once a second', async t => {
    const { ask, clock, site } = setUp()
    const { answer, reader } = await open(ask, await sessionOf(ask))
    t.match(answer.headers.get('content-type'), /text\/event-stream/)
    t.equal(answer.headers.get('cache-control'), 'no-store')
    const first = await nextText(reader)
    t.match(first, /^event: site\n/)
    t.same(dataOf(first), JSON.parse(JSON.stringify(site.view())))
    clock.advance(3000)
    site.change()
    site.change()
    clock.advance(1000)
    const second = await nextText(reader)
    t.match(second, /^event: patch\n/)
    const patch = dataOf(second)
    t.equal(patch.at, '2026-09-21T14:13:24.000Z')
    t.ok(patch.circuits.some(({ id }: { id: string }) => id === 'main'))
    t.notOk(
      patch.stations.some(({ id }: { id: string }) => id === 'CP-06'),
      'an idle station is not repeated',
    )
    t.notOk('siteId' in (patch.head ?? {}), 'nor is what has not changed of the head')
    t.notOk(
      patch.circuits.some((circuit: object) => 'ratedCurrentA' in circuit),
      'only the fields that changed',
    )
    await reader.cancel()
    t.equal(clock.pending(), 0, 'the last reader takes the timer with it')
  })

  t.test('tells the time alone only with the beat of 15 s', async t => {
    const { ask, clock, site } = setUp()
    const still = site.view()
    site.view = () => ({ ...still, at: new Date(clock.wallMs()).toISOString() })
    const { reader } = await open(ask, await sessionOf(ask))
    await nextText(reader)
    for (let second = 0; second < 15; second++) {
      site.change()
      clock.advance(1000)
    }
    t.equal(await nextText(reader), 'event: patch\ndata: {"at":"2026-09-21T14:13:35.000Z"}\n\n')
    await reader.cancel()
  })

  t.test('beats every 15 s when nothing changes', async t => {
    const { ask, clock } = setUp()
    const { reader } = await open(ask, await sessionOf(ask))
    await nextText(reader)
    clock.advance(15_000)
    t.equal(await nextText(reader), ': alive\n\n')
    await reader.cancel()
  })

  t.test('ends with the session: at a logout at once, at a changed password within 15 s (UI6)', async t => {
    const { ask, clock, users } = setUp()
    const session = await sessionOf(ask)
    const first = await open(ask, session)
    await nextText(first.reader)
    await ask('/api/v1/logout', post({}, session))
    t.equal(await nextText(first.reader), '(end)')
    const second = await open(ask, await sessionOf(ask))
    await nextText(second.reader)
    users.set('admin', 'hash of silver')
    clock.advance(15_000)
    await settle()
    t.match(await nextText(second.reader), /alive/)
    t.equal(await nextText(second.reader), '(end)')
    t.equal(clock.pending(), 0)
  })

  t.test('gives a slow reader the newest state, and drops one that takes nothing (UI12)', async t => {
    const { ask, clock, site } = setUp()
    const { reader } = await open(ask, await sessionOf(ask))
    for (let n = 0; n < 10; n++) {
      site.change()
      clock.advance(1000)
    }
    t.match(await nextText(reader), /^event: site\n/)
    site.change()
    clock.advance(1000)
    t.equal(dataOf(await nextText(reader)).at, site.view().at, 'nothing old was kept for it')
    site.change()
    clock.advance(1000)
    clock.advance(STALLED_MS + 1000)
    await t.rejects(
      (async () => {
        for (let n = 0; n < 5; n++) await reader.read()
      })(),
      /took nothing/,
    )
    t.equal(clock.pending(), 0)
  })

  t.test('costs fifty who open together one view, one comparison and one text of it', async t => {
    const { ask, clock, site } = setUp()
    const session = await sessionOf(ask)
    const cost = { written: 0, compared: 0 }
    const seen = (how: 'written' | 'compared'): string => {
      cost[how]++
      return 'the same'
    }
    const depot = site.view()
    const [station, ...others] = depot.stations
    // Written of the whole and of the station, told of the field alone when two moments are compared.
    const viewOf = (tick: number) => ({
      ...depot,
      siteName: `tick ${tick}`,
      weather: { toJSON: () => seen('compared') },
      stations: [{ ...station!, toJSON: () => ({ ...station, name: seen('written') }) }, ...others],
    })
    let now = viewOf(0)
    site.view = () => now
    const readers = []
    for (let n = 0; n < 50; n++) readers.push((await open(ask, session)).reader)
    t.same(cost, { written: 2, compared: 1 }, 'the station alone and all of it, which tells the field too')
    const wholes = await Promise.all(readers.map(nextBytes))
    t.ok(wholes[0]?.length)
    t.ok(
      wholes.every(one => one === wholes[0]),
      'one and the same bytes for all',
    )
    now = viewOf(1)
    const late = (await open(ask, session)).reader
    t.equal(dataOf(await nextText(late)).siteName, 'tick 1', 'who comes later is given nothing old')
    cost.written = cost.compared = 0
    site.change()
    clock.advance(1000)
    const patches = await Promise.all(readers.map(nextBytes))
    t.match(new TextDecoder().decode(patches[0]), /^event: patch\n.*tick 1/s)
    t.ok(patches.every(one => one === patches[0]))
    t.same(cost, { written: 0, compared: 2 }, 'before and after once, and nothing written again')
    for (const reader of [...readers, late]) await reader.cancel()
  })

  t.test('compares once for all who see the same, also before the first change', async t => {
    const { ask, clock, site } = setUp()
    const session = await sessionOf(ask)
    let compared = 0
    const seen = (): string => {
      compared++
      return 'the same'
    }
    const depot = site.view()
    const viewOf = () => ({ ...depot, weather: { toJSON: seen } })
    site.view = viewOf
    const readers = []
    for (let n = 0; n < 10; n++) readers.push((await open(ask, session)).reader)
    await Promise.all(readers.map(nextBytes))
    site.change()
    clock.advance(1000)
    compared = 0
    site.change()
    clock.advance(1000)
    t.equal(compared, 2, 'one comparison')
    site.view = () => ({ ...viewOf(), siteName: 'Other' })
    site.change()
    clock.advance(1000)
    for (const reader of readers) t.match(await nextText(reader), /^event: patch\n.*Other/s)
    for (const reader of readers) await reader.cancel()
  })

  t.test('goes on beside an export of 400 000 rows, which is written in portions (UI12)', async t => {
    const { ask, clock, site } = setUp()
    const session = await sessionOf(ask)
    const stations = Array.from({ length: 500 }, (_, index) => ({ id: `CP-${index}`, energyWh: index }))
    const days = Array.from({ length: 800 }, (_, day) => ({ date: `day ${day}`, stations, circuits: [] }))
    Object.assign(site.records ?? {}, { energy: async () => days })
    const feeds: Awaited<ReturnType<typeof open>>['reader'][] = []
    for (let n = 0; n < 50; n++) feeds.push((await open(ask, session)).reader)
    await Promise.all(feeds.map(nextBytes))
    const exported = async (path: string, between: RegExp) => {
      const answer = await ask(path, { headers: session })
      t.equal(answer.status, 200)
      const reader = answer.body!.getReader()
      const rows: number[] = []
      let whole = ''
      for (;;) {
        const coming = reader.read()
        await settle()
        clock.advance(1)
        const { done, value } = await coming
        if (done) break
        const text = new TextDecoder().decode(value)
        whole += text
        rows.push(text.match(between)?.length ?? 0)
        if (rows.length !== 100) continue
        site.change()
        clock.advance(1_000)
        for (const feed of feeds) t.match(await nextText(feed), /^event: patch/, 'who watches is told')
      }
      t.ok(Math.max(...rows) <= ROWS_AT_ONCE, `at most ${Math.max(...rows)} rows without a turn for others`)
      return { rows: rows.reduce((sum, count) => sum + count, 0), whole }
    }
    t.equal((await exported('/api/v1/energy.csv', /\r\n/g)).rows, 400_001, 'each of them, and their head')
    const asJson = await exported('/api/v1/energy', /"id"/g)
    t.equal(asJson.rows, 400_000)
    t.same(JSON.parse(asJson.whole), { days }, 'as JSON the same')
    Object.assign(site.records ?? {}, { energy: async () => [] })
    const empty = await ask('/api/v1/energy', { headers: session })
    t.match(empty.headers.get('content-type'), 'application/json')
    t.same(await empty.json(), { days: [] })
    Object.assign(site.records ?? {}, { energy: async () => days })
    const left = await ask('/api/v1/energy.csv', { headers: session })
    await left.body!.cancel()
    for (const feed of feeds) await feed.cancel()
    t.equal(clock.pending(), 0, 'and who leaves leaves nothing behind')
  })

  t.test('is bounded in number', async t => {
    const { ask } = setUp()
    const session = await sessionOf(ask)
    const readers = []
    for (let n = 0; n < MAX_STREAMS; n++) readers.push((await open(ask, session)).reader)
    t.equal((await ask('/api/v1/live', { headers: session })).status, 503)
    await readers[0]?.cancel()
    const again = await open(ask, session)
    t.equal(again.answer.status, 200)
    for (const reader of [...readers.slice(1), again.reader]) await reader.cancel()
  })
})

t.test('/healthz is 503 with its reasons while Busbar does not do its work', async t => {
  const { deps } = setUp()
  const reasons = [{ code: 'not-set-up', text: 'No configuration yet.' }] as const
  const { ask } = setUp({ site: { ...deps.site, health: () => reasons } })
  const health = await ask('/healthz')
  t.equal(health.status, 503)
  t.same(await health.json(), { status: 'failing', reasons })
})

t.test('/readyz waits for stations that are connected and have not accepted their profiles', async t => {
  const { deps } = setUp()
  const view = deps.site.view()
  const [first] = view.stations
  if (first === undefined) throw new Error('no station')
  const fresh = view.meters.map(meter => ({ ...meter, quality: 'fresh' as const }))
  const { release: _, ...kept } = first
  const bare = first.connectors.map(({ installedFailSafeA: _, ...connector }) => connector)
  const readyWith = async (more: Partial<typeof first>, meters: typeof view.meters = fresh) => {
    const stations = [{ ...kept, connected: true, connectors: bare, ...more }]
    const { ask } = setUp({ site: { ...deps.site, view: () => ({ ...view, meters, stations }) } })
    const answer = await ask('/readyz')
    const { status, reasons } = (await answer.json()) as { status: string; reasons: { code: string }[] }
    return [answer.status, status, ...reasons.map(({ code }) => code)]
  }
  t.same(await readyWith({}), [503, 'waiting', 'stations-in-set-up'])
  t.same(await readyWith({ connected: false }), [200, 'ready'], 'it may be off')
  t.same(await readyWith({ loadControl: 'csms' }), [200, 'ready'], 'it gets none')
  const laid = bare.map(one => ({ ...one, installedFailSafeA: 6 }))
  t.same(await readyWith({ connectors: laid }), [200, 'ready'])
  const stale = view.meters.map(meter => ({ ...meter, quality: 'stale' as const }))
  t.same(await readyWith({ connected: false }, stale), [503, 'waiting', 'meters-missing'])
})

t.test('"try now" dials the CSMS for one station or for all', async t => {
  const { ask } = setUp()
  const attempt = async (path: string) => {
    const answer = await ask(`/api/v1/${path}`, post({}, basic('admin', 'copper')))
    return { status: answer.status, body: await answer.json() }
  }
  t.same(await attempt('stations/CP-1/csms/try'), { status: 200, body: { state: 'trying' } })
  t.same(await attempt('stations/CP-2/csms/try'), { status: 200, body: { state: 'open' } })
  t.match(await attempt('stations/CP-3/csms/try'), {
    status: 409,
    body: { expected: 'a station that is connected' },
  })
  t.match(await attempt('stations/CP-4/csms/try'), {
    status: 409,
    body: { expected: 'a csms in the configuration' },
  })
  t.equal((await attempt('stations/CP-9/csms/try')).status, 404)
  t.same(await attempt('csms/try'), { status: 200, body: { trying: 3 } })
  t.equal((await ask('/api/v1/csms/try', post({}))).status, 401)
})

t.test('meters are scanned, read once and shown live', async t => {
  const { ask } = setUp()
  const session = await sessionOf(ask)
  const send = (path: string, document: unknown) => ask(`/api/v1/meters/${path}`, post(document, session))
  t.same(await (await ask('/api/v1/meters/main/values', { headers: session })).json(), METER_VALUES)
  t.equal((await ask('/api/v1/meters/none/values', { headers: session })).status, 404)
  const found = await send('scan', { hosts: ['10.0.0.5'] })
  t.match(await found.json(), {
    lines: [{ where: '10.0.0.5', units: [{ models: [{ confidence: 'likely' }] }] }],
  })
  t.equal((await send('scan', { hosts: ['busy'] })).status, 409)
  t.equal((await send('scan', { hosts: Array.from({ length: 17 }, () => 'x') })).status, 400)
  const connection = { kind: 'tcp', host: '10.0.0.5' }
  t.match(await (await send('main/commissioning', { running: false })).json(), { running: false })
  t.match(await (await ask('/api/v1/meters/main/commissioning', { headers: session })).json(), WIRING_CHECK)
  t.equal((await send('none/commissioning', { running: true })).status, 404)
  const read = { device: 'eastron-sdm630-v2', connection }
  t.same(await (await send('read', read)).json(), { currentA: [1, 2, 3] })
  t.equal((await send('read', { ...read, unitId: 2 })).status, 409)
  t.equal((await send('read', { ...read, connection: { kind: 'tcp', host: '' } })).status, 400)
})

t.test('commands to a station', async t => {
  const { ask } = setUp()
  const command = async (path: string, payload: object) => {
    const answer = await ask(`/api/v1/stations/${path}`, post(payload, basic('admin', 'copper')))
    return { status: answer.status, body: await answer.json() }
  }
  t.match(await command('CP-1/commands/Reset', { type: 'Soft' }), {
    status: 200,
    body: { answer: { status: 'Accepted', stationId: 'CP-1' }, tookMs: 0 },
  })
  t.match(await command('RDAM%7C123/commands/Reset', {}), { status: 404, body: { found: 'RDAM|123' } })
  t.match(await command('CP-9/commands/Reset', {}), { status: 404, body: { found: 'CP-9' } })
  t.match(await command('CP-1/commands/Reset', { bad: 1 }), {
    status: 400,
    body: { error: 'FormationViolation', found: '/bad: a number', expected: 'no such field' },
  })
  t.match(await command('CP-1/commands/ClearCache', {}), { status: 409, body: { error: 'not connected' } })
  t.equal((await ask('/api/v1/stations/CP-1/commands/Reset', post({}))).status, 401)
  t.match(await command('CP-1/isolation', { isolated: true }), { status: 200, body: { isolated: true } })
  t.equal((await command('CP-2/isolation', { isolated: true })).status, 409)
  t.equal((await command('CP-1/isolation', { isolated: 1 })).status, 400)
})

t.test("the operator's list of tags", async t => {
  const { ask } = setUp()
  const headers = { ...basic('admin', 'copper'), ...OUR_ORIGIN }
  const put = (path: string, body: string, type = 'application/json') =>
    ask(path, { method: 'PUT', body, headers: { ...headers, 'content-type': type } })
  const list = {
    tags: [
      { idTag: 'AB,"1', status: 'Accepted', parentIdTag: 'FLEET', note: '=van 7\nspare' },
      { idTag: 'b2', status: 'Blocked', expiryDate: '2027-01-01T00:00:00.000Z' },
    ],
  }

  t.test('is written and read whole, as JSON and as CSV, unchanged', async t => {
    t.equal((await ask('/api/v1/tags')).status, 401)
    t.same(await (await ask('/api/v1/tags', { headers })).json(), { tags: [] })
    const written = await put('/api/v1/tags', JSON.stringify(list))
    t.same([written.status, await written.json()], [200, list])
    const csv = await (await ask('/api/v1/tags.csv', { headers })).text()
    t.equal(
      csv,
      'idTag,status,expiryDate,parentIdTag,note\r\n"AB,""1",Accepted,,FLEET,"\'=van 7\nspare"\r\nb2,Blocked,2027-01-01T00:00:00.000Z,,\r\n',
    )
    await put('/api/v1/tags', '{"tags":[]}')
    t.equal(await (await put('/api/v1/tags.csv', `\uFEFF${csv}`, 'text/csv')).text(), csv)
    t.same(await (await ask('/api/v1/tags', { headers })).json(), list)
    t.equal(await (await put('/api/v1/tags.csv', 'note,idTag\nx,C3', 'text/csv')).status, 200, 'in any order')
    t.match(await (await ask('/api/v1/tags', { headers })).json(), {
      tags: [{ idTag: 'C3', status: 'Accepted' }],
    })
  })

  t.test(
    'takes an edit of the list it was made from only, if it says which: no other edit is lost',
    async t => {
      const read = await ask('/api/v1/tags', { headers })
      const etag = read.headers.get('etag') ?? ''
      const edit = (idTag: string) =>
        ask('/api/v1/tags', {
          method: 'PUT',
          body: JSON.stringify({ tags: [{ idTag }] }),
          headers: { ...headers, 'content-type': 'application/json', 'if-match': etag },
        })
      const answers = await Promise.all(['ONE', 'TWO'].map(edit))
      t.same(
        answers.map(({ status }) => status),
        [200, 412],
      )
      t.match(await answers[1]?.json(), {
        code: 'list-changed',
        error: 'somebody else changed the list',
        found: 'another one than the one edited',
        expected: 'read it again, and make the change there',
      })
      const now = await ask('/api/v1/tags', { headers })
      t.match(await now.json(), { tags: [{ idTag: 'ONE' }] })
      t.equal(now.headers.get('etag'), answers[0]?.headers.get('etag'), 'the next edit needs no reading')
      t.not(now.headers.get('etag'), etag)
      const csv = { ...headers, 'content-type': 'text/csv', 'if-match': etag }
      t.equal((await ask('/api/v1/tags.csv', { method: 'PUT', body: 'idTag\nA', headers: csv })).status, 412)
    },
  )

  t.test('says where it does not fit, and then nothing has changed', async t => {
    const before = await (await ask('/api/v1/tags', { headers })).text()
    const rows: readonly (readonly [path: string, body: string, status: number, found: RegExp])[] = [
      ['/api/v1/tags', '{"tags":[{"idTag":"A"},{"idTag":"a"}]}', 400, /idTag/],
      ['/api/v1/tags', '{"tags":[{"idTag":"\\ud800"}]}', 400, /idTag/],
      ['/api/v1/tags', '{"tags":[{"idTag":"A","status":"Good"}]}', 400, /status/],
      ['/api/v1/tags', '{"tags":[{"idTag":"A","note":"full disk"}]}', 500, /disk/],
      ['/api/v1/tags.csv', 'idTag,colour\nA,red', 400, /line 1: "colour"/],
      ['/api/v1/tags.csv', 'idTag,status\nA', 400, /^line 2: 1 cell$/],
      ['/api/v1/tags.csv', 'idTag\nA\nB\na', 400, /line 4/],
      ['/api/v1/tags.csv', '', 400, /line 1/],
      [
        '/api/v1/tags',
        JSON.stringify({ tags: Array.from({ length: 10_001 }, (_, n) => ({ idTag: `T${n}` })) }),
        400,
        /tags/,
      ],
      ['/api/v1/tags', `{"tags":[],"x":"${'x'.repeat(4 * 1024 * 1024)}"}`, 413, /bytes/],
    ]
    for (const [path, body, status, found] of rows) {
      const answer = await put(path, body, path.endsWith('csv') ? 'text/csv' : 'application/json')
      t.equal(answer.status, status, body.slice(0, 40))
      t.match(((await answer.json()) as { found: string }).found, found)
    }
    t.equal(await (await ask('/api/v1/tags', { headers })).text(), before)
    const foreign = { ...headers, origin: 'http://evil.example' }
    t.equal((await ask('/api/v1/tags', { method: 'PUT', body: '{"tags":[]}', headers: foreign })).status, 403)
  })
})
