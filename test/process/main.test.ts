/** The process itself: what `check` and `run` print, how they end, and that a wrong configuration starts nothing. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { connectAsync } from 'mqtt'
import t from 'tap'
import { openJournal } from '../../src/adapters/journal.js'
import type { DecisionRecord } from '../../src/core/control/decision.js'
import { openControlStore } from '../../src/store/control-store.js'
import { openDecisionStore } from '../../src/store/decision-store.js'
import { freePort } from '../mqtt/fixtures/site.js'
import { start, startProgram } from './fixtures/process.js'
import { GOOD } from './fixtures/site.js'

/** A dozen starts of about a second each, on a machine that has more to do. */
t.setTimeout(240_000)

const folder = mkdtempSync(join(tmpdir(), 'busbar-main-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, document: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document))
  return path
}

async function check(path: string, data = join(folder, 'no-data'), ...more: readonly string[]) {
  const run = start(['check', '--config', path, '--data', data, ...more])
  return { status: await run.ended, text: run.output() }
}

t.test('check proves a good configuration and prints the two figures', async t => {
  const { status, text } = await check(write('good.json', GOOD))
  t.equal(status, 0)
  t.match(text, 'holds  main: fail-safes 6 A + worst other load 40 A = 46 A of 98 A')
  t.match(text, 'Busbar alive: no meter, other load is always taken at its worst case')
  t.match(text, 'Busbar lost: every station at its fail-safe after at most 321 s')
})

t.test('check prints configured against installed from the data folder, and leaves it as it was', async t => {
  const data = join(folder, 'run-before')
  const log = { write: () => undefined }
  const journal = await openJournal({ dataDir: data, log })
  const store = openControlStore(journal, log)
  const record = { connectorId: 1, worstA: 16, offerA: 0, circuit: 'main', maxCurrentA: 32 }
  await store.keepBooking({ ...record, stationId: 'CP-1', failSafeA: 8, survivedReboot: false }, true)
  await store.keepBooking({ ...record, stationId: 'CP-OLD' }, true)
  await journal.stop()
  const before = readdirSync(join(data, 'journal'))
  const { status, text } = await check(write('installed.json', GOOD), data)
  t.equal(status, 0)
  t.match(
    text,
    'DIFFERS CP-1/1: fail-safe 6 A configured, 8 A installed, LOST in a reboot; at most 16 A when last written',
  )
  t.match(text, 'RETIRED CP-OLD/1: not configured, 32 A may stay booked on main')
  t.same(readdirSync(join(data, 'journal')), before)
  t.notMatch((await check(write('installed.json', GOOD))).text, 'against installed', 'no Busbar has run')
})

t.test(
  'replay prints from the data folder what another fuse would have given, and leaves it as it was',
  async t => {
    const data = join(folder, 'decided')
    const log = { write: () => undefined }
    const journal = await openJournal({ dataDir: data, log })
    const store = await openDecisionStore(journal, log)
    const turn = { on: true, sinceMonoMs: 0, servedAs: 0, priorityClass: 5, entitledAs: 0, owed: false }
    const car = (key: string): DecisionRecord['cars'][number] => ({
      demand: {
        ...{ key, node: 0, minA: 6, maxA: 32, weight: 1, stepA: 1, turn },
        phases: [true, true, true],
      },
      ...{ allocationA: 9, offerA: 9, bound: { kind: 'circuit', node: 0, phase: 0 } },
    })
    for (const minutes of [0, 60])
      await store.append({
        atWallMs: minutes * 60_000,
        circuits: [{ id: 'main', ratedCurrentA: 20, limitA: 18, availableA: [18, 18, 18] }],
        cars: [car('CP-1/1'), car('CP-2/1')],
        timing: { nowMonoMs: minutes * 60_000, minOnMs: 900_000, minOffMs: 300_000, quantumMs: 900_000 },
      })
    await journal.stop()
    const before = readdirSync(join(data, 'journal'))
    const asked = async (...more: string[]) => {
      const run = start(['replay', '--data', data, '--from', '1970-01-01T00:00:00Z', ...more])
      return { status: await run.ended, text: run.output() }
    }
    const { status, text } = await asked('--what-if', 'circuits.main.ratedCurrentA=80')
    t.equal(status, 0, text)
    t.match(
      text,
      /main +18\.0 +64\.0 +46\.0\n\nconnector .*\nCP-1\/1 +9\.0 +32\.0 +23\.0\nCP-2\/1 +9\.0 +32\.0 +23\.0/,
    )
    t.equal((await asked('--what-if', 'circuits.main.ratedCurrentA=much')).status, 2)
    t.equal(
      (await asked('--what-if', 'circuits.main.ratedCurrentA=80', '--data', join(folder, 'none'))).status,
      1,
    )
    t.same(readdirSync(join(data, 'journal')), before)
  },
)

t.test(
  'check --strict ends with 1 where the protection curve does not bound a single fault, and says which',
  async t => {
    const connection = { kind: 'tcp', host: '127.0.0.1', port: 502 }
    const metered = (worstCaseOtherLoadA: number) => ({
      ...GOOD,
      circuits: [{ id: 'main', ratedCurrentA: 30, meter: 'main', worstCaseOtherLoadA }],
      meters: [{ id: 'main', device: 'eastron-sdm630-v2', unitId: 1, connection }],
    })
    const open = write('unbounded.json', metered(20))
    const said = await check(open)
    t.match(said.text, /UNBOUNDED other load jumps to its worst case: main \d+ A of 30 A/)
    t.equal(said.status, 0, 'told, and no fault without --strict')
    const strict = await check(open, undefined, '--strict')
    t.match(strict.text, 'UNBOUNDED')
    t.equal(strict.status, 1)
    const bounded = await check(write('bounded.json', metered(10)), undefined, '--strict')
    t.notMatch(bounded.text, 'UNBOUNDED')
    t.equal(bounded.status, 0)
  },
)

t.test('check lists every fault by path, found and expected', async t => {
  const faulty = {
    ...GOOD,
    site: { id: 'depot', timeZone: 'Mars/Base' },
    circuits: [
      { id: 'main', ratedCurrentA: '63A', worstCaseOtherLoadA: 0 },
      { id: 'a', parent: 'b', ratedCurrentA: 0, worstCaseOtherLoadA: 0 },
      { id: 'c', parent: 'd', ratedCurrentA: 1e9, worstCaseOtherLoadA: -5 },
      { id: 'e', parent: 'f', ratedCurrentA: 63, worstCaseOtherLoadA: 0 },
      { id: 'f', parent: 'e', ratedCurrentA: 63, worstCaseOtherLoadA: 0, meter: 'none' },
    ],
    csms: { url: 'http://csms' },
    meters: [
      { id: 'm', device: 'generic', connection: { kind: 'tcp', host: 'm', adress: 1 } },
      { id: 'l1', device: 'eastron-sdm120', connection: { kind: 'tcp', host: 'm' } },
    ],
    stations: [GOOD.stations[0], { ...GOOD.stations[0], device: 'nope', circuit: 'nowhere' }],
    web: { prot: 8080, hostNames: ['http://Depot.example:8080'] },
    surprise: true,
  }
  const { status, text } = await check(write('faulty.json', faulty))
  t.equal(status, 1)
  for (const path of [
    'site.timeZone: found "Mars/Base"',
    'circuits[0].ratedCurrentA: found "63A", expected a number',
    'circuits[1].ratedCurrentA: found 0',
    'circuits[2].ratedCurrentA: found 1000000000',
    'circuits[2].worstCaseOtherLoadA: found -5',
    'circuits[3].parent: found "f", which leads back to "e", expected a tree without loops',
    'circuits[4].meter: found "none"',
    'csms.url: found "http://csms"',
    'stations[1].id: found "CP-1", already at stations[0]',
    'stations[1].device: found "nope", expected one of',
    'stations[1].circuit: found "nowhere"',
    'web.hostNames[0]: found "http://Depot.example:8080", expected a DNS name in lower case',
    'surprise: found unknown key "surprise", expected one of version, site, circuits, meters, meterModels, ocpp, csms,',
    'web.prot: found unknown key "prot", expected one of host, port',
    'meters[1].device: found eastron-sdm120, which measures one phase, expected a model that measures L1, L2 and L3',
    'meters[0].connection.adress: found unknown key "adress", expected one of kind, host, port',
  ])
    t.match(text, path)
})

t.test('files that are no configuration are named, not thrown', async t => {
  const paths = [
    write('empty.json', ''),
    write('half.json', JSON.stringify(GOOD).slice(0, 80)),
    write('null.json', 'null'),
    join(folder, 'not-there.json'),
  ]
  for (const { status, text } of await Promise.all(paths.map(path => check(path)))) {
    t.equal(status, 1, text)
    t.notMatch(text, /\n\s+at /, 'no stack')
    t.not(text, '', 'says why')
  }
})

t.test('check finds secrets and serial lines that are not there', async t => {
  const config = {
    ...GOOD,
    ocpp: { securityProfile: 1 },
    meters: [
      { id: 'm', device: 'eastron-sdm630-v2', connection: { kind: 'rtu', path: '/dev/no-such-line' } },
    ],
    mqtt: { url: 'mqtt://127.0.0.1', prefix: 'busbar', username: 'busbar', passwordSecret: 'broker' },
  }
  const data = mkdtempSync(join(folder, 'secrets-'))
  const path = write('missing.json', config)
  const { status, text } = await check(path, data)
  t.equal(status, 1)
  t.match(text, 'The promise:', 'the proof is shown all the same')
  t.match(text, 'mqtt.passwordSecret: found "broker", which secrets.json does not hold')
  t.match(text, 'meters[0].connection.path: found "/dev/no-such-line", which is no serial line')
  t.match(text, 'stations[0].id: found "CP-1", for which secrets.json holds no password')
  const secrets = { users: [], stations: { 'CP-1': btoa('0123456789abcdef') }, named: { broker: 'x' } }
  writeFileSync(join(data, 'secrets.json'), JSON.stringify(secrets))
  config.meters[0]!.connection.path = '/dev/null' // a character device, as a serial line is
  t.equal((await check(write('missing.json', config), data)).status, 0)
})

t.test('run --exit-on-fault starts nothing with a wrong configuration', async t => {
  const data = join(folder, 'untouched')
  const path = write('wrong.json', { ...GOOD, version: 2 })
  const run = start(['run', '--config', path, '--data', data, '--exit-on-fault'])
  t.equal(await run.ended, 1)
  t.match(run.output(), 'version: found 2')
  t.notOk(existsSync(data), 'nothing was written')
})

t.test('run with a wrong configuration shows its faults on the page and controls nothing', async t => {
  const data = join(folder, 'faulty-data')
  for (const [name, document, fault] of [
    ['faulty-run.json', { ...GOOD, version: 2 }, { path: 'version', found: '2' }],
    ['broken-run.json', '{ "version": 1,', { path: '(document)', expected: 'a JSON document' }],
  ] as const) {
    const args = ['run', '--config', write(name, document), '--data', data, '--web-port', '0']
    const run = start(args, { BUSBAR_ADMIN_PASSWORD: 'canary-password' })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort } = JSON.parse(await run.line('set-up mode')) as { webPort: number }
    t.match(run.output(), '1 fault; nothing was started:')
    const url = `http://127.0.0.1:${webPort}/api/v1/status`
    t.equal((await fetch(url)).status, 401, 'only for whoever logs in')
    const authorization = `Basic ${btoa('admin:canary-password')}`
    t.match(await (await fetch(url, { headers: { authorization } })).json(), {
      alarms: [
        {
          code: 'not-set-up',
          text: /has a fault: mend /,
          params: { what: { phrase: 'configuration-fault' } },
        },
      ],
      configurationFaults: [fault],
      stations: [],
    })
    t.notOk(existsSync(join(data, 'journal')), 'no journal was opened')
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
  }
})

t.test('run works, hides its password, and ends with 0 on SIGTERM', async t => {
  const data = join(folder, 'data')
  const named = { ...GOOD, web: { ...GOOD.web, hostNames: ['busbar.depot.example'] } }
  const run = start(['run', '--config', write('run.json', named), '--data', data], {
    BUSBAR_ADMIN_PASSWORD: 'canary-password',
  })
  t.teardown(() => run.child.kill('SIGKILL'))
  const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
  const url = `http://127.0.0.1:${webPort}`
  t.equal((await fetch(`${url}/healthz`)).status, 200)
  t.equal((await fetch(`${url}/api/v1/status`)).status, 401)
  const authorization = `Basic ${btoa('admin:canary-password')}`
  const status = await fetch(`${url}/api/v1/status`, { headers: { authorization } })
  t.match(await status.json(), { siteId: 'depot', stations: [{ id: 'CP-1', connected: false }] })
  t.match(
    await (await fetch(`${url}/metrics`, { headers: { authorization } })).text(),
    'busbar_station_connected{station="CP-1"} 0',
  )
  const machine = hostname().split('.')[0]?.toLowerCase()
  for (const [host, expected] of [
    ['busbar.depot.example', 200],
    [`${machine}.local`, 200],
    ['evil.example', 421],
  ] as const) {
    const asked = request(`${url}/healthz`, { headers: { host } }).end()
    const [answer] = await once(asked, 'response')
    answer.resume()
    t.equal(answer.statusCode, expected, host)
  }
  t.equal(statSync(join(data, 'secrets.json')).mode & 0o777, 0o600)
  t.notMatch(readFileSync(join(data, 'secrets.json'), 'utf8'), 'canary-password')
  const burst = Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      fetch(`${url}/api/v1/login`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'application/json' },
        body: JSON.stringify({ name: `user-${n}`, password: 'wrong' }),
      }),
    ),
  )
  let isOver = false
  void burst.then(() => {
    isOver = true
  })
  let besideIt = 0
  while (!isOver) {
    await (await fetch(`${url}/healthz`)).text()
    if (!isOver) besideIt++
  }
  const hashed = (await burst).filter(({ status }) => status === 401).length
  t.ok(hashed > 0 && hashed <= 20, `a burst of 60 logins is ${hashed} hashes, the rest is told to wait`)
  t.ok(besideIt >= 2, `others were answered ${besideIt} times meanwhile`)
  run.child.kill('SIGTERM')
  t.equal(await run.ended, 0)
  t.notMatch(run.output(), 'canary-password')
})

t.test(
  'it starts no other program, writes in its two folders alone, and listens once all is loaded (PR2)',
  async t => {
    const data = join(folder, 'traced')
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'admin-password'), 'canary-credential\n')
    const config = write('traced.json', GOOD)
    const trace = join(folder, 'trace.txt')
    const calls =
      'process,listen,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,symlink'
    const ours = ['-D', '-f', '-qq', '--seccomp-bpf', '-s', '300', '-o', trace, '-e', `trace=${calls}`]
    // The test runner puts a hook of its own into each Node, which writes.
    const args = [...ours, '-E', 'NODE_OPTIONS']
    const program = [process.execPath, 'dist/main.js', 'run', '--config', config, '--data', data]
    const run = startProgram('strace', [...args, ...program], { CREDENTIALS_DIRECTORY: credentials })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
    const authorization = `Basic ${btoa('admin:canary-credential')}`
    const url = `http://127.0.0.1:${webPort}/api/v1/status`
    t.equal((await fetch(url, { headers: { authorization } })).status, 200, 'a credential of systemd')
    t.notMatch(run.output(), 'Set-up code')
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
    const lines = readFileSync(trace, 'utf8').split('\n')
    const at = (text: RegExp): number => lines.findIndex(line => text.test(line))
    t.equal(lines.filter(line => /execve(at)?\(/.test(line)).length, 1, 'itself')
    const others = lines.filter(line => /\b(v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD'))
    t.same(others, [], 'threads, no child process')
    const listens = at(/\blisten\(/)
    t.ok(listens > 0)
    for (const loaded of [
      /traced\.json"/,
      /traced\/secrets\.json"/,
      /traced\/journal\/MANIFEST/,
      /traced\/authority\.json"/,
    ]) {
      t.ok(at(loaded) >= 0, `${loaded} is read`)
      t.ok(at(loaded) < listens, `${loaded} before anything listens`)
    }
    const isWriting = (line: string): boolean =>
      /O_WRONLY|O_RDWR|O_CREAT|\b(creat|mkdir|mkdirat|rename|renameat2?|unlink|unlinkat|link|symlink)\(/.test(
        line,
      )
    const outside = lines
      .filter(isWriting)
      .flatMap(line => [...line.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path))
      .filter(path => !path.startsWith(data) && path !== '/dev/null')
    t.same(outside, [], 'no write outside')
  },
)

t.test(
  'the watchdog of systemd is fed while control decides, and not while it stands still (PR1, F31)',
  async t => {
    const path = join(folder, 'notify')
    const hear = `
import array, os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(path)})
print('bound', flush=True)
while True:
    said, fds, _, _ = socket.recv_fds(s, 1000, 4)
    if said.startswith(b'WATCHDOG'): print('fed', flush=True)
    for fd in fds: os.close(fd)
`
    const systemd = startProgram('python3', ['-c', hear], {})
    t.teardown(() => systemd.child.kill('SIGKILL'))
    await systemd.line('bound')
    let status = 0
    let body = ''
    const page = createHttpServer((_request, response) => {
      if (status === 0) response.destroy()
      else response.writeHead(status).end(body)
    }).listen(0, '127.0.0.1')
    await once(page, 'listening')
    t.teardown(() => page.close())
    const address = page.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const run = startProgram('sh', ['deploy/run-watched.sh', 'sleep', '60'], {
      BUSBAR_HEALTH: `http://127.0.0.1:${port}/healthz`,
      WATCHDOG_USEC: '4000000',
      NOTIFY_SOCKET: path,
    })
    t.teardown(() => run.child.kill('SIGKILL'))
    const fed = (): number => systemd.output().split('fed').length - 1
    const alarms = (): number => run.output().split('no sign of life').length - 1
    const until = async (what: () => boolean): Promise<void> => {
      while (!what()) await new Promise(done => setTimeout(done, 50))
    }
    await until(() => fed() >= 2)
    t.equal(alarms(), 0, 'before the page has answered at all nothing is judged')
    ;[status, body] = [503, '{"reasons":[{"code":"journal-failed"}]}']
    await until(() => fed() >= 4)
    t.equal(alarms(), 0, 'a restart mends no disk')
    for (const stalled of ['{"reasons":[{"code":"control-stalled"}]}', undefined]) {
      ;[status, body] = stalled === undefined ? [0, ''] : [503, stalled]
      const already = alarms()
      await until(() => alarms() > already)
      const before = fed()
      await until(() => alarms() >= already + 3)
      t.equal(fed(), before, stalled ?? 'no answer')
      ;[status, body] = [200, '{"status":"ok"}']
      await until(() => fed() > before)
    }
    run.child.kill('SIGTERM')
    await run.ended
    t.pass('and it ends with the program')
    const unit = join(folder, 'busbar.service')
    const text = readFileSync('deploy/busbar.service', 'utf8')
    t.match(text, /^ExecStart=\/bin\/sh deploy\/run-watched\.sh \/usr\/bin\/node /m)
    writeFileSync(unit, text.replace(/^Documentation=.*$/m, ''))
    t.equal(execFileSync('systemd-analyze', ['verify', unit], { stdio: 'pipe' }).toString(), '')
  },
)

t.test('run without a journal it can open controls and passes on, says so, and ends with 0', async t => {
  const data = join(folder, 'no-journal')
  mkdirSync(data)
  writeFileSync(join(data, 'journal'), 'a file where a folder should be')
  const run = start(['run', '--config', write('no-disk.json', GOOD), '--data', data], {
    BUSBAR_ADMIN_PASSWORD: 'secret-1',
  })
  t.teardown(() => run.child.kill('SIGKILL'))
  const ready: { ocppPort: number } = JSON.parse(await run.line('busbar runs'))
  t.ok(ready.ocppPort > 0)
  await run.line('alarm: journal-failed')
  run.child.kill('SIGTERM')
  t.equal(await run.ended, 0)
})

t.test(
  'a configuration put into set-up mode starts control, and another one is in force after a restart',
  async t => {
    const data = join(folder, 'put-data')
    const path = join(folder, 'put.json')
    const password = { BUSBAR_ADMIN_PASSWORD: 'canary-password' }
    const site = (id: string, ratedCurrentA: number) => ({
      ...GOOD,
      site: { ...GOOD.site, id },
      circuits: [{ ...GOOD.circuits[0], ratedCurrentA }],
    })
    const begin = () => {
      const run = start(['run', '--config', path, '--data', data, '--web-port', '0'], password)
      t.teardown(() => run.child.kill('SIGKILL'))
      return run
    }
    const urlOf = (line: string) => `http://127.0.0.1:${(JSON.parse(line) as { webPort: number }).webPort}`
    const runs = async (run: ReturnType<typeof start>, id: string) => urlOf(await run.line(`"site":"${id}"`))
    const limit = async (url: string, headers: Record<string, string>) => {
      const status = await (await fetch(`${url}/api/v1/status`, { headers })).json()
      return (status as { circuits: { limitA: number }[] }).circuits[0]?.limitA
    }
    const put = async (url: string, document: unknown, headers: Record<string, string>) => {
      const etag = (await fetch(`${url}/api/v1/config`, { headers })).headers.get('etag') ?? ''
      return fetch(`${url}/api/v1/config`, {
        method: 'PUT',
        headers: { ...headers, origin: url, 'content-type': 'application/json', 'if-match': etag },
        body: JSON.stringify(document),
      })
    }

    const first = begin()
    const setUp = urlOf(await first.line('set-up mode'))
    const login = await fetch(`${setUp}/api/v1/login`, {
      method: 'POST',
      headers: { origin: setUp, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password: 'canary-password' }),
    })
    const session = { cookie: (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
    const elsewhere = { ...site('first', 100), web: { host: '203.0.113.1', port: 0 } }
    t.equal((await put(setUp, elsewhere, session)).status, 200)
    const again = urlOf(await first.line('"faults":1'))
    t.match(
      await (await fetch(`${again}/api/v1/status`, { headers: session })).json(),
      { configurationFaults: [{ path: '(start)', found: /203\.0\.113\.1.*no such address/ }] },
      'what cannot be started is said on the page',
    )
    t.equal((await put(again, site('first', 100), session)).status, 200)
    const url = await runs(first, 'first')
    t.equal(await limit(url, session), 98, 'the login outlives the restart')
    t.equal((await put(url, site('second', 80), session)).status, 200)
    const restarted = await runs(first, 'second')
    t.equal(await limit(restarted, session), 78.4)
    t.equal((await put(restarted, { ...site('broken', 40), stations: [] }, session)).status, 422)

    t.equal((await put(restarted, site('third', 70), session)).status, 200)
    first.child.kill('SIGKILL')
    await first.ended
    const second = begin()
    const authorization = { authorization: `Basic ${btoa('admin:canary-password')}` }
    const after = await runs(second, 'third')
    t.equal(await limit(after, authorization), 68.6, 'written before it was answered')
    const { changes } = (await (
      await fetch(`${after}/api/v1/config/history`, { headers: authorization })
    ).json()) as { changes: { by: string; hadBefore: boolean }[] }
    t.same(
      changes.map(({ by, hadBefore }) => [by, hadBefore]),
      [
        ['admin', true],
        ['admin', true],
        ['admin', true],
        ['admin', false],
      ],
    )

    t.equal((await put(after, site('fourth', 60), authorization)).status, 200)
    await second.line('restarting')
    second.child.kill('SIGTERM')
    t.equal(await second.ended, 0, 'SIGTERM during a restart ends it in order')
    t.match(readFileSync(path, 'utf8'), '"fourth"')
    for (const file of [path, join(data, 'config-history-01.json')])
      t.equal(statSync(file).mode & 0o777, 0o600, file)
    t.notMatch(first.output() + second.output(), 'canary-password')
  },
)

t.test('run without a configuration is set-up mode, or says that its port is taken', async t => {
  const taken = createServer().listen(8080, '0.0.0.0')
  await new Promise<void>(done => taken.once('listening', done).once('error', () => done()))
  const run = start(['run', '--config', join(folder, 'none.json'), '--data', join(folder, 'setup')], {})
  t.not(await run.ended, 0)
  t.match(run.output(), 'Set-up code, shown once')
  t.match(run.output(), /8080/)
  taken.close()
})

t.test('password prints a new one for admin once, and leaves what another Busbar is just saving', async t => {
  const data = join(folder, 'lost')
  mkdirSync(data)
  writeFileSync(join(data, 'state.json.tmp'), '{')
  const lost = start(['password', '--data', data])
  t.equal(await lost.ended, 0)
  t.match(lost.output(), /^New password, shown once: log in as admin with [A-Za-z0-9_-]{16}\n$/)
  t.match(JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')), {
    users: [{ name: 'admin', role: 'admin' }],
  })
  t.ok(existsSync(join(data, 'state.json.tmp')))
  t.equal(statSync(join(data, 'audit.json')).mode & 0o777, 0o600)
  const unknown = start(['password', '--data', data, '--user', 'bob'])
  t.equal(await unknown.ended, 1)
  t.match(unknown.output(), /--user.*bob/)
})

t.test('the console tells the certificate that the page shows, in set-up mode and after it', async t => {
  const data = join(folder, 'locked')
  const path = join(folder, 'locked.json')
  const seen: string[] = []
  for (const [event, document] of [
    ['set-up mode', undefined],
    ['busbar runs', GOOD],
  ] as const) {
    if (document !== undefined) writeFileSync(path, JSON.stringify(document))
    const run = start(['run', '--config', path, '--data', data, '--web-port', '0'], {})
    t.teardown(() => run.child.kill('SIGKILL'))
    const line = JSON.parse(await run.line(event)) as { webPort: number; pageSha256: string }
    const socket = connectTls({ host: '127.0.0.1', port: line.webPort, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    t.equal(socket.getPeerX509Certificate()?.fingerprint256, line.pageSha256, event)
    socket.destroy()
    if (document === undefined) await run.line('Certificate of the page, to compare in the browser: SHA-256 ')
    seen.push(run.output())
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
  }
  const [first = '', second = ''] = seen
  const console = /^Certificate of the page, .*SHA-256 (([0-9A-F]{2}:){31}[0-9A-F]{2})$/m
  t.match(first, `"pageSha256":"${console.exec(first)?.[1]}"`)
  t.notMatch(second, console, 'once, beside the set-up code')
  t.match(first, 'authority.founded')
  t.notMatch(second, 'authority.founded', 'the root of set-up mode stays')
})

const ORDER = JSON.stringify({ id: 'peak', target: { circuit: 'main' }, limitA: 30, durationS: 600 })

t.test(
  'the broker inside: a client of the building reads and orders with the password and TLS, and no other',
  async t => {
    const data = join(folder, 'locked')
    const [port, outside] = [await freePort(), await freePort()]
    const path = write('broker.json', {
      ...GOOD,
      mqtt: {
        ...{
          url: `mqtt://127.0.0.1:${port}`,
          prefix: 'busbar/depot',
          username: 'building',
          passwordSecret: 'bms',
        },
        commands: { limits: true },
        broker: { port, outside: { host: '127.0.0.1', port: outside } },
      },
    })
    const kept = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8'))
    writeFileSync(join(data, 'secrets.json'), JSON.stringify({ ...kept, named: { bms: 'canary-broker' } }))
    const run = start(['run', '--config', path, '--data', data], {})
    t.teardown(() => run.child.kill('SIGKILL'))
    const { pageSha256 } = JSON.parse(await run.line('busbar runs')) as { pageSha256: string }
    const as = {
      username: 'building',
      password: 'canary-broker',
      rejectUnauthorized: false,
      reconnectPeriod: 0,
    }
    const url = `mqtts://127.0.0.1:${outside}`
    for (const [where, who] of [
      [url, { ...as, password: 'canary-brokeR' }],
      [`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 }],
      [`mqtt://127.0.0.1:${outside}`, as],
    ] as const)
      await t.rejects(connectAsync(where, { ...who, connectTimeout: 20_000 }, false), where)
    const client = await connectAsync(url, as)
    t.teardown(() => client.endAsync(true))
    const heard = new Map<string, string>()
    const answered = new Promise<void>(resolve => {
      client.on('message', (topic, payload) => {
        heard.set(topic, payload.toString())
        if (topic === 'busbar/depot/status') client.publish('busbar/depot/set/limit', ORDER, { qos: 1 })
        if (topic === 'busbar/depot/result/peak') resolve()
      })
    })
    await client.subscribeAsync('busbar/depot/#')
    await answered
    t.equal(heard.get('busbar/depot/status'), 'online')
    t.match(JSON.parse(heard.get('busbar/depot/result/peak') ?? '{}'), {
      done: true,
      text: /^main 30 A until/,
    })
    t.ok(heard.has('busbar/depot/stations/CP-1/connectors/1') && heard.has('busbar/depot/schema/set/limit'))
    const shown = connectTls({ host: '127.0.0.1', port: outside, rejectUnauthorized: false })
    await once(shown, 'secureConnect')
    t.equal(shown.getPeerX509Certificate()?.fingerprint256, pageSha256, 'by the certificate of the page')
    shown.destroy()
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
    t.notMatch(run.output(), 'canary-broker')
  },
)

t.test('run takes SIGHUP and SIGUSR1 calmly', async t => {
  const run = start(['run', '--config', write('calm.json', GOOD), '--data', join(folder, 'calm')], {})
  t.teardown(() => run.child.kill('SIGKILL'))
  await run.line('busbar runs')
  run.child.kill('SIGUSR1')
  run.child.kill('SIGHUP')
  await run.line('signal-ignored')
  run.child.kill('SIGTERM')
  t.equal(await run.ended, 0)
  t.notMatch(run.output(), /[Dd]ebugger/)
})

t.test('a second signal ends at once what ends in order, and not as if that were done', async t => {
  const run = start(['run', '--config', write('twice.json', GOOD), '--data', join(folder, 'twice')], {})
  t.teardown(() => run.child.kill('SIGKILL'))
  const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
  // half a request holds up the end in order for its grace time
  const half = connect(webPort, '127.0.0.1')
  half.on('error', () => undefined)
  await once(half, 'connect')
  half.write('GET / HTTP/1.1\r\nhost: a\r\n')
  // two of one kind that nobody has taken yet are one to the system
  for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGCONT'] as const) run.child.kill(signal)
  // killed where a line of the log was on its way
  t.ok([1, null].includes(await run.ended))
  half.destroy()
  const again = start(['run', '--config', write('twice.json', GOOD), '--data', join(folder, 'twice')], {})
  t.teardown(() => again.child.kill('SIGKILL'))
  await again.line('busbar runs')
  t.notMatch(again.output(), /journal-(gap|damaged|end-torn)/, 'and nothing is broken by it')
  again.child.kill('SIGTERM')
  t.equal(await again.ended, 0)
})

t.test('run goes on when the reader of its log goes away, and ends within 10 s of SIGTERM', async t => {
  const run = start(['run', '--config', write('gone.json', GOOD), '--data', join(folder, 'gone')], {})
  t.teardown(() => run.child.kill('SIGKILL'))
  const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
  run.child.stdout?.destroy()
  run.child.stderr?.destroy()
  const isWell = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${webPort}/healthz`)).ok
  // each is a line that nobody takes
  for (let n = 0; n < 20; n++) {
    run.child.kill('SIGHUP')
    t.equal(await isWell(), true)
  }
  const startMs = performance.now()
  run.child.kill('SIGTERM')
  t.equal(await run.ended, 0)
  t.ok(performance.now() - startMs < 10_000)
})

t.test('run ends within 10 s of SIGTERM although nobody reads its log', async t => {
  // a pipe that is full before the first line
  const pipe = join(folder, 'deaf.pipe')
  execFileSync('mkfifo', [pipe])
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  t.throws(
    () => {
      for (;;) writeSync(fd, Buffer.alloc(4096))
    },
    { code: 'EAGAIN' },
  )
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  probe.close()
  const config = write('deaf.json', { ...GOOD, web: { host: '127.0.0.1', port } })
  const args = ['dist/main.js', 'run', '--config', config, '--data', join(folder, 'deaf')]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, BUSBAR_ADMIN_PASSWORD: 'canary-password' },
    stdio: ['ignore', fd, 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isUp())) await new Promise(resolve => setImmediate(resolve))
  const startMs = performance.now()
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
  t.ok(performance.now() - startMs < 10_000)
  closeSync(fd)
})
