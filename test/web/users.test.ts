/** Users, roles, secrets and the audit log through the page's own fetch, on real secrets in files that are in memory. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { readDataFiles } from '../../src/adapters/data-files.js'
import { createVault } from '../../src/adapters/vault.js'
import { AuditKeeper } from '../../src/gateway/audit-keeper.js'
import { BackupDesk, finishRestore } from '../../src/gateway/backup-desk.js'
import { buildCatalogue } from '../../src/gateway/catalogue.js'
import { ConfigurationDesk } from '../../src/gateway/configuration-desk.js'
import { newPassword } from '../../src/gateway/new-password.js'
import { openSecretStore, openSecretsOrNone } from '../../src/gateway/secret-store.js'
import { SetupDesk } from '../../src/gateway/setup-desk.js'
import type { Clock, Files, Ports } from '../../src/ports.js'
import { SimBlobs } from '../../src/sim/ports/sim-blobs.js'
import { mayDo } from '../../src/web/roles.js'
import { createRouter, createWeb, type WebDeps } from '../../src/web/web.js'
import { GOOD } from '../process/fixtures/site.js'
import { depotReader } from './fixtures/depot.js'

const ROLES = ['viewer', 'operator', 'admin'] as const
const ORIGIN = 'http://127.0.0.1:8080'
const built = buildCatalogue(readDataFiles(process.cwd()))
if (!built.ok) throw new Error('the catalogue has faults')
const catalogue = built.value
const log: Ports['log'] = { write: () => undefined }
const clock: Clock = {
  wallMs: () => 1_790_000_000_000,
  monoMs: () => 0,
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
  eachMinute: () => ({ cancel: () => undefined }),
}

const DONE = { kind: 'done', done: { dryRun: false, text: 'nothing', parts: [], isDurable: true } } as const

async function cabinet() {
  const user = (name: string) => ({ name, passwordHash: `hash of ${name}-pass`, role: name })
  const texts = new Map<string, string>([
    ['config', JSON.stringify(GOOD)],
    ['secrets', JSON.stringify({ users: ROLES.map(user) })],
  ])
  const fault: { onSave?: string } = {}
  const files: Files = {
    load: async name => (texts.has(name) ? JSON.parse(texts.get(name) ?? '') : undefined),
    text: async name => texts.get(name),
    save: async (name, document) => {
      if (fault.onSave === name) throw new Error('ENOSPC')
      texts.set(name, JSON.stringify(document))
    },
  }
  let tokens = 0
  const secrets: Ports['secrets'] = {
    token: () => `token-${tokens++}`,
    hash: async password => `hash of ${password}`,
    verify: async (password, hash) => hash === `hash of ${password}`,
    equal: (a, b) => Buffer.compare(a, b) === 0,
    digest: text => createHash('sha256').update(text).digest('base64url'),
  }
  const opened = await openSecretStore({ files, secrets, log })
  if (!opened.ok) throw new Error('secrets have faults')
  const store = opened.value
  const audit = new AuditKeeper({ files, log })
  const desk = new ConfigurationDesk({ ports: { clock, files, log }, catalogue, missing: () => [] })
  const switches = { csmsOff: false, meterOff: false, brokerOff: false }
  const site = depotReader({ stations: 12, startS: 1_790_000_000, switches }, () => 1_790_000_000)
  const deps: WebDeps = {
    ports: { clock, secrets, assets: { load: async () => undefined }, log },
    blobs: new SimBlobs(),
    site,
    users: store.users,
    userDesk: store,
    audit,
    configuration: desk,
    backup: new BackupDesk({ ports: { clock, files, secrets, vault: createVault() }, desk, store }),
    setup: await SetupDesk.open(
      { clock, files, log, network: { dial: () => ({ abort: () => undefined }) } },
      store,
      desk,
    ),
    levers: { list: () => [], set: async () => false },
    meters: {
      values: () => undefined,
      checkWiring: () => undefined,
      wiringCheck: () => undefined,
      scan: async () => ({ kind: 'busy' }),
      read: async () => ({ kind: 'busy' }),
    },
    commands: {
      fault: () => undefined,
      orders: {
        limit: async () => DONE,
        grid: async () => DONE,
        enable: async () => DONE,
        clear: async () => DONE,
        departure: async () => DONE,
      },
      send: async () => ({ kind: 'result', payloadText: '{}' }),
      isolate: () => true,
      session: async () => undefined,
      tryCsms: () => 'trying',
      tryCsmsForAll: () => 1,
      tryMqtt: () => 'trying',
      tryMeter: () => true,
      resend: async () => 1,
      giveUp: async () => 1,
      releaseJournal: async () => true,
      learn: () => undefined,
      takeBack: () => true,
      release: async () => ({ keys: [], clearedProfiles: [] }),
      acknowledge: () => true,
      setTags: async () => true,
    },
  }
  const web = createWeb(deps)
  const basic = (name: string, password = `${name}-pass`) => ({
    authorization: `Basic ${btoa(`${name}:${password}`)}`,
  })
  const ask = async (who: Record<string, string>, method: string, path: string, body?: object) =>
    web(
      new Request(`${ORIGIN}${path}`, {
        method,
        headers: { origin: ORIGIN, 'content-type': 'application/json', ...who },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
      { remote: '10.0.0.5' },
    )
  const logIn = async (name: string, password = `${name}-pass`) => {
    const answer = await ask({}, 'POST', '/api/v1/login', { name, password })
    return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }
  }
  return { ask, audit, basic, deps, desk, fault, files, logIn, secrets, store, texts }
}

/** What each route needs. One that stands nowhere here must be the admin's, a GET anybody's who is logged in. */
const NEEDED: Readonly<Record<string, (typeof ROLES)[number]>> = {
  'POST /api/v1/logout': 'viewer',
  'POST /api/v1/password': 'viewer',
  'PUT /api/v1/me/page': 'viewer',
  'GET /api/v1/users': 'admin',
  'GET /api/v1/secrets': 'admin',
  'GET /api/v1/audit': 'admin',
  'GET /api/v1/audit.csv': 'admin',
  'GET /api/v1/diagnostics': 'admin',
  'GET /api/v1/setup': 'admin',
  'GET /api/v1/restart': 'admin',
  'GET /api/v1/tags': 'operator',
  'GET /api/v1/tags.csv': 'operator',
  'GET /api/v1/transactions.csv': 'operator',
  'GET /api/v1/dead-letters': 'operator',
  'GET /api/v1/dead-letters.csv': 'operator',
  'GET /api/v1/stations/:id/messages': 'operator',
  'GET /api/v1/stations/:id/messages.jsonl': 'operator',
  'GET /api/v1/config': 'operator',
  'GET /api/v1/config/history': 'operator',
  'GET /api/v1/files/uploads/:name': 'operator',
  'POST /api/v1/stations/:id/isolation': 'operator',
  'POST /api/v1/stations/:id/csms/try': 'operator',
  'POST /api/v1/csms/try': 'operator',
  'POST /api/v1/mqtt/try': 'operator',
  'POST /api/v1/meters/:id/try': 'operator',
  'POST /api/v1/alarms/acknowledgement': 'operator',
  'POST /api/v1/stations/:id/connectors/:connector/session': 'operator',
  'POST /api/v1/limits': 'operator',
  'POST /api/v1/grid-orders': 'operator',
  'POST /api/v1/pauses': 'operator',
  'DELETE /api/v1/limits/:id': 'operator',
  'PUT /api/v1/tags': 'operator',
  'PUT /api/v1/tags.csv': 'operator',
  'POST /api/v1/dead-letters/resend': 'operator',
  'POST /api/v1/demo/levers': 'operator',
  'POST /api/v1/departures': 'operator',
}

t.test('each route lets in who has the role, and nobody else (UI11)', async t => {
  const { ask, basic, deps } = await cabinet()
  const routes = createRouter(deps).routes.filter(
    ({ method, path }) =>
      method !== 'ALL' && path !== '/*' && path !== '/api/v1/login' && !path.startsWith('/files/'),
  )
  const seen = new Set(routes.map(({ method, path }) => `${method} ${path}`))
  for (const known of Object.keys(NEEDED)) t.ok(seen.has(known), `${known} exists`)
  t.ok(seen.size >= 40, `${seen.size} routes`)
  for (const route of seen) {
    const [method = '', path = ''] = route.split(' ')
    const needed = NEEDED[route] ?? (method === 'GET' ? 'viewer' : 'admin')
    // an unknown action, so that nothing of the table of everyday commands applies
    const real = path.replace(/:\w+/g, 'x1')
    for (const role of ROLES) {
      if (method === 'DELETE' && path.includes('users')) continue
      const answer = await ask(basic(role), method, real, method === 'GET' ? undefined : {})
      const said = answer.body === null || path.endsWith('/live') ? {} : await answer.json().catch(() => ({}))
      await answer.body?.cancel().catch(() => undefined)
      const isRefused = answer.status === 403 && Reflect.get(Object(said), 'error') === 'not allowed'
      t.equal(isRefused, !mayDo(role, needed), `${role}: ${route}`)
      t.not(answer.status, 401, `${role} is known`)
    }
  }
  for (const [action, role] of [
    ['Reset', 'operator'],
    ['RemoteStartTransaction', 'operator'],
    ['ChangeConfiguration', 'admin'],
    ['UpdateFirmware', 'admin'],
    ['SetChargingProfile', 'admin'],
    ['ClearChargingProfile', 'admin'],
    ['DataTransfer', 'admin'],
    ['Resetx', 'admin'],
    ['reset', 'admin'],
  ] as const)
    for (const who of ROLES) {
      const answer = await ask(basic(who), 'POST', `/api/v1/stations/CP-1/commands/${action}`, {})
      t.equal(answer.status === 403, !mayDo(who, role), `${who}: ${action}`)
    }
  t.equal((await ask(basic('viewer'), 'HEAD', '/api/v1/users')).status, 403, 'HEAD is no way round')
  t.equal(
    (await ask(basic('operator'), 'PATCH', '/api/v1/status')).status,
    403,
    "an unknown method is the admin's",
  )
})

t.test(
  'each change wants proof of the same origin, whatever its method, and no GET is one (UI4)',
  async t => {
    const { ask, audit, deps, logIn, texts } = await cabinet()
    const session = await logIn('admin')
    const routes = createRouter(deps).routes.filter(
      ({ method, path }) => method !== 'ALL' && !path.startsWith('/files/uploads/'),
    )
    const real = (path: string): string => path.replace(/:\w+/g, 'x1')
    const changing = routes.filter(({ method }) => method !== 'GET')
    t.same([...new Set(changing.map(({ method }) => method))].sort(), ['DELETE', 'POST', 'PUT'])
    const before = JSON.stringify([...texts])
    const entries = JSON.stringify(await audit.list())
    for (const { method, path } of changing)
      for (const proof of [
        { origin: 'null' },
        { origin: 'http://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]) {
        const answer = await ask({ ...session, ...proof }, method, real(path), {})
        t.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(proof)}`)
      }
    for (const { path } of routes.filter(({ method }) => method === 'GET')) {
      const answer = await ask(session, 'GET', real(path))
      await answer.body?.cancel()
    }
    t.equal(JSON.stringify([...texts]), before, 'nothing is written')
    t.equal(JSON.stringify(await audit.list()), entries)
    t.equal((await ask(session, 'GET', '/api/v1/users')).status, 200, 'and nobody is logged out')
  },
)

t.test('users', async t => {
  t.test('are added, given another role, and taken out; the last admin stays', async t => {
    const { ask, basic, texts } = await cabinet()
    const admin = basic('admin')
    const put = (name: string, body: object) => ask(admin, 'PUT', `/api/v1/users/${name}`, body)
    t.equal((await put('ana', { role: 'operator' })).status, 409, 'a new one needs a password')
    t.equal((await put('ana', { role: 'operator', password: 'short' })).status, 400)
    t.equal((await put('ana', { role: 'operator', password: 'correct horse' })).status, 200)
    t.notMatch(texts.get('secrets'), '"correct horse"')
    t.match(await (await ask(basic('ana', 'correct horse'), 'GET', '/api/v1/me')).json(), {
      name: 'ana',
      role: 'operator',
    })
    t.equal((await put('ana', { role: 'viewer' })).status, 200, 'keeps its password')
    t.equal((await ask(basic('ana', 'correct horse'), 'POST', '/api/v1/csms/try', {})).status, 403, 'at once')
    t.equal((await put('admin', { role: 'viewer' })).status, 409)
    t.equal((await ask(admin, 'DELETE', '/api/v1/users/admin')).status, 409)
    t.equal((await put('ana', { role: 'admin' })).status, 200)
    t.equal((await ask(admin, 'DELETE', '/api/v1/users/admin')).status, 200, 'not the last one')
    t.equal((await ask(admin, 'GET', '/api/v1/me')).status, 401)
    t.equal((await ask(basic('ana', 'correct horse'), 'DELETE', '/api/v1/users/nobody')).status, 404)
    for (const name of ['..', '.x', 'a%20b', 'x'.repeat(65)])
      t.ok(
        (
          await ask(basic('ana', 'correct horse'), 'PUT', `/api/v1/users/${name}`, {
            role: 'viewer',
            password: '12345678',
          })
        ).status >= 400,
        name,
      )
    for (const body of [{ role: 'root' }, { role: 'viewer', isAdmin: true }, { role: ['admin'] }, {}])
      t.equal((await ask(basic('ana', 'correct horse'), 'PUT', '/api/v1/users/viewer', body)).status, 400)
  })

  t.test('of two admins who take one another out at the same time one is left', async t => {
    const { ask, basic } = await cabinet()
    await ask(basic('admin'), 'PUT', '/api/v1/users/ana', { role: 'admin', password: 'ana-pass' })
    const answers = await Promise.all([
      ask(basic('admin'), 'DELETE', '/api/v1/users/ana'),
      ask(basic('ana'), 'DELETE', '/api/v1/users/admin'),
    ])
    t.same(answers.map(({ status }) => status).sort(), [200, 409])
  })

  t.test('written by hand without a role see, and only admin changes', async t => {
    const { ask, basic, texts } = await cabinet()
    const users = ['admin', 'bob'].map(name => ({ name, passwordHash: `hash of ${name}-pass` }))
    texts.set('secrets', JSON.stringify({ users }))
    t.match(await (await ask(basic('bob'), 'GET', '/api/v1/me')).json(), { role: 'viewer' })
    t.match(await (await ask(basic('admin'), 'GET', '/api/v1/me')).json(), { role: 'admin' })
  })

  t.test(
    'have the page in their own language and theme on every machine, and keep it with another role',
    async t => {
      const { ask, basic, texts } = await cabinet()
      const put = (who: 'viewer' | 'operator', wish: object) =>
        ask(basic(who), 'PUT', '/api/v1/me/page', wish)
      const pageOf = async (who: 'viewer' | 'operator'): Promise<unknown> =>
        Object(await (await ask(basic(who), 'GET', '/api/v1/me')).json()).page
      t.equal(await pageOf('viewer'), undefined, 'as the browser says')
      t.equal((await put('viewer', { language: 'de', theme: 'dark' })).status, 200)
      t.equal((await put('viewer', { language: 'pt' })).status, 200)
      t.strictSame(await pageOf('viewer'), { language: 'pt', theme: 'dark' }, 'what is not named stays')
      t.equal(await pageOf('operator'), undefined, 'nobody else')
      const promoted = { role: 'operator', password: 'correct horse' }
      t.equal((await ask(basic('admin'), 'PUT', '/api/v1/users/viewer', promoted)).status, 200)
      const users: { name: string }[] = JSON.parse(texts.get('secrets') ?? '{}').users
      t.match(
        users.find(({ name }) => name === 'viewer'),
        { role: 'operator', page: { language: 'pt', theme: 'dark' } },
      )
      for (const wish of [
        { language: 'fr' },
        { theme: 1 },
        { role: 'admin' },
        { language: 'de', role: 'admin' },
      ])
        t.equal((await put('operator', wish)).status, 400, JSON.stringify(wish))
      const audit = await (await ask(basic('admin'), 'GET', '/api/v1/audit')).json()
      t.notMatch(JSON.stringify(audit), /me.page/, 'no change of the site')
    },
  )

  t.test('change their own password: other sessions end, this one goes on under a new id', async t => {
    const { ask, logIn, basic } = await cabinet()
    const [mine, other] = [await logIn('viewer'), await logIn('viewer')]
    const change = (current: string, next: string) => ask(mine, 'POST', '/api/v1/password', { current, next })
    t.equal((await change('wrong', 'a new password')).status, 422)
    t.equal((await change('viewer-pass', 'short')).status, 400)
    const answer = await change('viewer-pass', 'a new password')
    t.equal(answer.status, 200)
    const now = { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }
    t.not(now.cookie, mine.cookie)
    t.equal((await ask(now, 'GET', '/api/v1/me')).status, 200)
    for (const old of [mine, other]) t.equal((await ask(old, 'GET', '/api/v1/me')).status, 401)
    t.equal((await ask(basic('viewer'), 'GET', '/api/v1/me')).status, 401)
    for (let n = 0; n < 5; n++)
      await ask(now, 'POST', '/api/v1/password', { current: 'x', next: 'a new password' })
    const guessed = await ask(now, 'POST', '/api/v1/password', { current: 'x', next: 'a new password' })
    t.equal(guessed.status, 429, 'the present password is not to be guessed here either')
  })

  t.test('who lost a password get another on the console, beside a Busbar that runs', async t => {
    const { ask, basic, logIn, files, secrets, texts } = await cabinet()
    const session = await logIn('admin')
    const made = await newPassword({ files, secrets, clock, log }, 'admin')
    const code = 'code' in made ? made.code : ''
    t.equal((await ask(session, 'GET', '/api/v1/me')).status, 401, 'its sessions end')
    t.equal((await ask(basic('admin', code), 'GET', '/api/v1/me')).status, 200)
    t.match(await newPassword({ files, secrets, clock, log }, 'nobody'), { faults: [{ found: 'nobody' }] })
    const { entries } = (await (await ask(basic('admin', code), 'GET', '/api/v1/audit')).json()) as {
      entries: unknown[]
    }
    t.match(entries, [{ by: 'console', what: 'password of admin' }])
    texts.set('secrets', '{ "users": [')
    t.equal((await ask(basic('admin', code), 'GET', '/api/v1/me')).status, 200, 'a torn file changes nothing')
  })
})

t.test('secrets that cannot be read are nobody’s, kept as they are, and read again each minute', async t => {
  const { files, secrets, texts } = await cabinet()
  const whole = texts.get('secrets') ?? ''
  let minute = (): void => undefined
  let isTold = true
  const eachMinute = (run: () => void) => {
    minute = run
    const cancel = (): void => {
      isTold = false
    }
    return { cancel }
  }
  const opened = () => openSecretsOrNone({ files, secrets, log, clock: { eachMinute } })
  for (const damaged of ['{ "users": [', '{ "users": 7 }', '[]']) {
    texts.set('secrets', damaged)
    const store = await opened()
    t.type(store.lost(), 'string', damaged)
    t.equal(await store.ensureAdmin('a first password'), undefined)
    t.equal(await store.users.find('admin'), undefined)
    await t.rejects(store.newCode('admin'), /not written over/)
    await t.rejects(store.setSecret('named', 'broker', 'x'), /not written over/)
    t.equal(texts.get('secrets'), damaged)
    texts.set('secrets', whole)
    isTold = true
    minute()
    await store.document()
    await new Promise(done => setImmediate(done))
    t.equal(store.lost(), undefined)
    t.ok(await store.users.find('admin'))
    t.equal(isTold, false, 'and then no more')
  }
  texts.set('secrets', '{')
  const store = await opened()
  texts.delete('secrets')
  await store.document()
  t.equal(store.lost(), undefined, 'moved away it is begun anew')
})

t.test('secrets are set, listed by name and never told', async t => {
  const { ask, basic, deps, store, texts } = await cabinet()
  const admin = basic('admin')
  const path = '/api/v1/secrets'
  t.equal((await ask(admin, 'PUT', `${path}/named/broker`, { secret: 'canary-1' })).status, 200)
  t.equal((await ask(admin, 'PUT', `${path}/stations/CP-1`, { secret: 'canary-ü' })).status, 200)
  t.equal((await ask(admin, 'PUT', `${path}/stations/A*+=:%7C@._-9`, { secret: 'canary-2' })).status, 200)
  t.equal(store.named('broker'), 'canary-1')
  t.equal(new TextDecoder().decode(store.passwordOf('CP-1')), 'canary-ü')
  t.ok(store.passwordOf('A*+=:|@._-9'))
  t.same(await (await ask(admin, 'GET', path)).json(), {
    stations: ['A*+=:|@._-9', 'CP-1'],
    named: ['broker'],
  })
  t.match(texts.get('secrets'), 'canary-1', 'it is kept')
  const readable = createRouter(deps).routes.filter(
    ({ method, path }) => method === 'GET' && /^\/api\/v1\/[^:*]+$/.test(path) && !path.endsWith('/live'),
  )
  t.ok(readable.length > 25, `${readable.length} routes that read`)
  for (const { path: read } of readable)
    t.notMatch(await (await ask(admin, 'GET', read)).text(), /canary/, `${read} does not tell it`)
  for (const name of ['named/a%7Cb', 'users/admin', 'named/__proto__', 'stations/'])
    t.ok((await ask(admin, 'PUT', `${path}/${name}`, { secret: 'x' })).status >= 400, name)
  t.equal((await ask(admin, 'DELETE', `${path}/named/broker`)).status, 200)
  t.equal((await ask(admin, 'DELETE', `${path}/named/broker`)).status, 404)
  t.equal(store.named('broker'), undefined)
  t.equal(Reflect.get({}, 'secret'), undefined)
  t.notMatch(texts.get('audit'), /canary/)
  t.match(JSON.parse(texts.get('audit') ?? '').entries.slice(0, 2), [
    { what: 'secret "broker"', before: 'set', after: 'none' },
    { what: 'password of station A*+=:|@._-9', before: 'none', after: 'another' },
  ])
})

t.test('every change is kept with who, when, from where, before and after', async t => {
  const { ask, audit, basic, fault, texts } = await cabinet()
  const admin = basic('admin')
  const station = '/api/v1/stations/CP-01'
  await ask(basic('operator'), 'POST', `${station}/isolation`, { isolated: true })
  await ask(basic('operator'), 'POST', `${station}/commands/RemoteStartTransaction`, { idTag: 'canary' })
  await ask(admin, 'POST', `${station}/commands/ChangeConfiguration`, {
    key: 'HeartbeatInterval',
    value: '60',
  })
  await ask(admin, 'POST', `${station}/commands/ChangeConfiguration`, {
    key: 'AuthorizationKey',
    value: 'canary',
  })
  await ask(basic('operator'), 'POST', '/api/v1/alarms/acknowledgement', { code: 'x', acknowledged: true })
  await ask(admin, 'POST', '/api/v1/learn', { open: true })
  const etag = (await ask(admin, 'GET', '/api/v1/config')).headers.get('etag') ?? ''
  const circuits = [{ ...GOOD.circuits[0], ratedCurrentA: 80 }]
  const vehicles = [{ idTag: 'canary' }]
  const edit = { ...admin, 'if-match': etag }
  t.equal((await ask(edit, 'PUT', '/api/v1/config', { ...GOOD, circuits, vehicles })).status, 200)
  await ask(basic('viewer'), 'POST', `${station}/isolation`, { isolated: false })
  await ask(admin, 'POST', '/api/v1/config/check', GOOD)
  const entries = await audit.list()
  t.match(entries, [
    {
      what: 'configuration, change #1, 1 place not listed here',
      before: 'circuits[main].ratedCurrentA 100',
      after: 'circuits[main].ratedCurrentA 80',
    },
    { by: 'admin', what: 'window for unknown stations', before: 'open', after: 'open' },
    { by: 'operator', what: 'alarm x', before: 'not noted', after: 'noted' },
    { what: 'ChangeConfiguration AuthorizationKey to CP-01' },
    { what: 'ChangeConfiguration HeartbeatInterval = 60 to CP-01' },
    { what: 'RemoteStartTransaction to CP-01' },
    {
      at: '2026-09-21T14:13:20.000Z',
      by: 'operator',
      from: '10.0.0.5',
      what: 'isolation of CP-01',
      before: 'not isolated',
      after: 'isolated',
    },
  ])
  t.equal(entries.length, 7, 'what was refused or changed nothing is not in it')
  t.notMatch(texts.get('audit'), /canary/, 'no tag and no secret')
  t.match(await (await ask(admin, 'GET', '/api/v1/audit.csv')).text(), /^at,by,from,what,before,after\r\n/)
  const rows = async (find: string) =>
    (await (await ask(admin, 'GET', `/api/v1/audit.csv?find=${encodeURIComponent(find)}`)).text())
      .trim()
      .split('\r\n')
  t.equal((await rows('CP-01')).length, 5, 'the head, and what was done to one station')
  t.match((await rows('HEARTBEAT'))[1], /ChangeConfiguration HeartbeatInterval = 60 to CP-01/)
  t.equal((await rows('nobody did that')).length, 1)
  t.match(await (await ask(admin, 'GET', '/api/v1/audit?find=window')).json(), {
    entries: [{ after: 'open' }],
  })
  for (const query of [`find=${'x'.repeat(101)}`, 'find=a&by=b'])
    t.equal((await ask(admin, 'GET', `/api/v1/audit.csv?${query}`)).status, 400, query)

  fault.onSave = 'audit'
  t.equal(
    (await ask(admin, 'POST', '/api/v1/learn', { open: false })).status,
    200,
    'what is done is said to be done',
  )
  delete fault.onSave
  for (let n = 0; n < 510; n++) await audit.keep({ at: '', by: 'x', from: '', what: 'y'.repeat(1_000) })
  t.equal((await audit.list()).length, 500)
  t.ok((texts.get('audit')?.length ?? 0) < 300_000, 'bounded')
  texts.set('audit', '{"version":1,"entries":[{"at":1}]}')
  await audit.keep({ at: '', by: 'x', from: '', what: 'after damage' })
  t.match(await audit.list(), [{ what: 'after damage' }])
})

t.test('a backup', async t => {
  const PASSPHRASE = 'correct horse battery'
  const make = async (from: Awaited<ReturnType<typeof cabinet>>, passphrase?: string) =>
    (
      await from.ask(
        from.basic('admin'),
        'POST',
        '/api/v1/backup',
        passphrase === undefined ? {} : { passphrase },
      )
    ).text()
  const send = async (to: Awaited<ReturnType<typeof cabinet>>, path: string, body: object) => {
    const { headers } = await to.ask(to.basic('admin'), 'GET', '/api/v1/config')
    const who = { ...to.basic('admin'), 'if-match': headers.get('etag') ?? '' }
    return to.ask(who, 'POST', `/api/v1/backup/${path}`, body)
  }
  /** Another box: other users, no station password, another fuse. */
  const newBox = async () => {
    const box = await cabinet()
    const admin = { name: 'admin', passwordHash: 'hash of admin-pass', role: 'admin' }
    box.texts.set('secrets', JSON.stringify({ users: [admin, { ...admin, name: 'installer' }] }))
    box.texts.set('config', JSON.stringify({ ...GOOD, site: { ...GOOD.site, id: 'empty' } }))
    return box
  }
  const old = await cabinet()
  await old.store.setSecret('stations', 'CP-1', 'canary-station')
  await old.store.setSecret('named', 'broker', 'canary-broker')
  const open = await make(old)
  const sealed = await make(old, PASSPHRASE)

  t.test('holds secrets only under a passphrase, and none of them to be read', async t => {
    t.notMatch(open + sealed, /canary|hash of/)
    t.notOk('sealed' in JSON.parse(open))
    t.notMatch(sealed, btoa('canary-station'))
    t.not(JSON.parse(sealed).sealed.data, JSON.parse(await make(old, PASSPHRASE)).sealed.data, 'salted')
    const short = await old.ask(old.basic('admin'), 'POST', '/api/v1/backup', { passphrase: 'short' })
    t.equal(short.status, 400)
  })

  t.test(
    'is told before it is taken, and changes another box whole: users, secrets, configuration',
    async t => {
      const box = await newBox()
      const installer = await box.logIn('installer', 'admin-pass')
      const told = await send(box, 'check', { backup: sealed, passphrase: PASSPHRASE })
      t.match(await told.json(), {
        content: { users: ['viewer', 'operator', 'admin'], stationPasswords: 1, namedSecrets: 1 },
        check: { faults: [], changes: [{ path: 'site.id', before: '"empty"', after: '"depot"' }] },
      })
      const body = { backup: sealed, passphrase: PASSPHRASE, password: 'admin-pass' }
      t.equal(
        (await send(box, 'restore', { ...body, password: 'wrong' })).status,
        403,
        'the password once more',
      )
      const answer = await send(box, 'restore', body)
      t.match(await answer.json(), { applies: 'restart', number: 1 })
      t.match(
        JSON.parse(box.texts.get('config') ?? ''),
        { site: { id: 'empty' } },
        'nothing moves before the restart',
      )
      t.equal((await box.ask(installer, 'GET', '/api/v1/me')).status, 401, 'everybody is logged out')
      await finishRestore(box.files, log)
      t.same(JSON.parse(box.texts.get('config') ?? ''), GOOD)
      t.equal((await box.ask(box.basic('viewer'), 'GET', '/api/v1/me')).status, 200)
      t.equal((await box.ask(box.basic('installer', 'admin-pass'), 'GET', '/api/v1/me')).status, 401)
      t.equal(new TextDecoder().decode(box.store.passwordOf('CP-1')), 'canary-station')
      t.match(await box.audit.list(), [
        { by: 'admin', what: /^backup of .* restored with users and secrets$/ },
      ])
      t.match(await box.desk.history(), [{ action: 'restored', isInFile: true }])
      t.notMatch(
        [...box.texts].filter(([name]) => name !== 'secrets').join(),
        /canary/,
        'no copy of a secret is left',
      )
    },
  )

  t.test('without a passphrase leaves users and secrets as they are', async t => {
    for (const backup of [open, sealed]) {
      const box = await newBox()
      const before = box.texts.get('secrets')
      t.equal((await send(box, 'restore', { backup, password: 'admin-pass' })).status, 200)
      await finishRestore(box.files, log)
      t.equal(box.texts.get('secrets'), before)
      t.match(JSON.parse(box.texts.get('config') ?? ''), { site: { id: 'depot' } })
    }
  })

  t.test('that is hostile, damaged or unsafe changes nothing (BK1)', async t => {
    const box = await newBox()
    const { store: noAdmin } = await cabinet()
    const document = JSON.parse(sealed)
    const vault = createVault()
    const context = JSON.stringify({ busbarBackup: 1, at: document.at, configuration: GOOD })
    const sealedAs = async (inside: string) =>
      JSON.stringify({ ...document, sealed: await vault.seal(inside, PASSPHRASE, context) })
    const unsafe = await cabinet()
    unsafe.texts.set(
      'config',
      JSON.stringify({ ...GOOD, circuits: [{ ...GOOD.circuits[0], ratedCurrentA: 46 }] }),
    )
    const { users } = await noAdmin.document()
    const flipped = Buffer.from(document.sealed.data, 'base64')
    flipped[3] = (flipped[3] ?? 0) ^ 1
    const hostile: Record<string, string> = {
      empty: '',
      'no JSON': 'PK\u0003\u0004',
      deep: `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      'cut at half': sealed.slice(0, sealed.length / 2),
      'cut at its last sign': sealed.trimEnd().slice(0, -1),
      'a million zeros': '0'.repeat(1_000_000),
      'no parts': '{}',
      'its name alone': JSON.stringify({ busbarBackup: 1 }),
      'a wrong sum': JSON.stringify({ ...document, digest: 'A'.repeat(43) }),
      'an absolute path': JSON.stringify({ ...document, '/etc/passwd': 'x' }),
      '50,000 entries': JSON.stringify({
        ...document,
        ...Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`e${n}`, 0])),
      }),
      'its own cost': JSON.stringify({ ...document, sealed: { ...document.sealed, N: 2 ** 30 } }),
      'a salt without end': JSON.stringify({
        ...document,
        sealed: { ...document.sealed, salt: 'A'.repeat(1024 * 1024) },
      }),
      '50,000 users inside': await sealedAs(
        JSON.stringify({
          users: Array.from({ length: 50_000 }, () => users.at(-1)),
          stations: {},
          named: {},
        }),
      ),
      'another key': JSON.stringify({ ...document, '../../etc/passwd': 'x' }),
      polluted: sealed.replace('{', '{"__proto__":{"isAdmin":true},'),
      twice: sealed.replace('{', '{"busbarBackup":1,'),
      'another version': JSON.stringify({ ...document, busbarBackup: 2 }),
      'a changed fuse': sealed.replace('"ratedCurrentA": 100', '"ratedCurrentA": 400'),
      'one bit': JSON.stringify({
        ...document,
        sealed: { ...document.sealed, data: flipped.toString('base64') },
      }),
      'cut off': JSON.stringify({ ...document, sealed: { ...document.sealed, data: 'AAAA' } }),
      'a short nonce': JSON.stringify({ ...document, sealed: { ...document.sealed, iv: 'AAAA' } }),
      'no admin inside': await sealedAs(JSON.stringify({ users: users.slice(0, 1) })),
      'no secrets inside': await sealedAs('[]'),
      'beyond the fuse': await make(unsafe, PASSPHRASE),
    }
    const before = JSON.stringify([...box.texts].filter(([name]) => name !== 'audit'))
    for (const [what, backup] of Object.entries(hostile)) {
      const answer = await send(box, 'restore', { backup, passphrase: PASSPHRASE, password: 'admin-pass' })
      t.equal(answer.status, 422, what)
      const text = await answer.text()
      t.match(JSON.parse(text), { error: String, faults: Array }, what)
      t.ok(text.length < 64 * 1024, `${what}: ${text.length} bytes`)
    }
    const wrong = await send(box, 'restore', {
      backup: sealed,
      passphrase: 'another one at all',
      password: 'admin-pass',
    })
    t.match(await wrong.json(), { found: 'another passphrase, or a changed file' })
    t.equal((await send(box, 'restore', { backup: ' '.repeat(7 * 1024 * 1024), password: 'x' })).status, 413)
    t.equal(
      (
        await box.ask(box.basic('admin'), 'POST', '/api/v1/backup/restore', {
          backup: open,
          password: 'admin-pass',
        })
      ).status,
      428,
    )
    await finishRestore(box.files, log)
    t.equal(JSON.stringify([...box.texts].filter(([name]) => name !== 'audit')), before)
    t.equal(Reflect.get({}, 'isAdmin'), undefined)
  })

  t.test('cut by a power cut at any write is there whole after the next start, or not at all', async t => {
    const outcomes = new Set<string>()
    for (let writes = 0; writes <= 6; writes++) {
      const box = await newBox()
      const { save } = box.files
      let left = writes
      const cut = async (name: string, document: unknown) => {
        if (left-- <= 0) throw new Error('no power')
        return save(name, document)
      }
      box.files.save = cut
      await send(box, 'restore', { backup: sealed, passphrase: PASSPHRASE, password: 'admin-pass' })
      await finishRestore(box.files, log).catch(() => undefined)
      box.files.save = save
      await finishRestore(box.files, log)
      const { site } = JSON.parse(box.texts.get('config') ?? '')
      const names = JSON.parse(box.texts.get('secrets') ?? '').users.map(({ name }: { name: string }) => name)
      outcomes.add(`${site.id}: ${names}`)
    }
    t.same([...outcomes], ['empty: admin,installer', 'depot: viewer,operator,admin'])
  })

  t.test('whose configuration cannot be started gives way with its secrets', async t => {
    const box = await newBox()
    const before = JSON.parse(box.texts.get('secrets') ?? '')
    await send(box, 'restore', { backup: sealed, passphrase: PASSPHRASE, password: 'admin-pass' })
    await finishRestore(box.files, log)
    t.equal(await box.desk.withdraw('the port is taken'), true)
    t.match(JSON.parse(box.texts.get('secrets') ?? ''), before)
    t.match(JSON.parse(box.texts.get('config') ?? ''), { site: { id: 'empty' } })
  })
})

t.test('diagnostics hold what support needs, and no secret and no tag (CS9)', async t => {
  const { ask, basic, store, texts } = await cabinet()
  await store.setSecret('named', 'broker', 'canary-1')
  const offline = { AlwaysAllowIdTag: 'canary-2' }
  const mqtt = { url: 'mqtt://10.0.0.30', prefix: 'p', username: 'canary-3', passwordSecret: 'broker' }
  texts.set('config', JSON.stringify({ ...GOOD, offline, mqtt, vehicles: [{ idTag: 'canary-4' }] }))
  const answer = await ask(basic('admin'), 'GET', '/api/v1/diagnostics')
  const text = await answer.text()
  t.notMatch(text, /canary|hash of/)
  t.match(JSON.parse(text), {
    busbarDiagnostics: 1,
    configuration: { circuits: GOOD.circuits, vehicles: [{ idTag: '(hidden)' }] },
    status: { stations: Array },
    metrics: String,
  })
})
