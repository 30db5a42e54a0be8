/** Firmware and uploads over a real socket and a real folder: streamed, bounded, and open to stations by name alone. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createAssets } from '../../src/adapters/assets.js'
import { createBlobs } from '../../src/adapters/blobs.js'
import { createClock } from '../../src/adapters/clock.js'
import { createHttp } from '../../src/adapters/http.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import type { Clock } from '../../src/ports.js'
import { isFilePath, MAX_FILE_BYTES } from '../../src/web/file-routes.js'
import { createUploadTokens, TOKEN_LIFE_MS } from '../../src/web/upload-tokens.js'
import { createWeb } from '../../src/web/web.js'
import { depotReader } from './fixtures/depot.js'

const log = { write: () => {} }
const secrets = createSecrets()
const passwordHash = await secrets.hash('copper')

async function cabinet(t: Test, clock: Clock = createClock()) {
  const dataDir = mkdtempSync(join(tmpdir(), 'busbar-files-'))
  const web = createWeb({
    ports: { clock, secrets, assets: createAssets({ folder: join(dataDir, 'none') }), log },
    blobs: createBlobs({ dataDir }),
    site: depotReader(
      { stations: 1, startS: 0, switches: { csmsOff: false, meterOff: false, brokerOff: false } },
      () => 0,
    ),
    users: { find: async name => (name === 'admin' ? { name, passwordHash } : undefined) },
  })
  const http = createHttp({ log })
  const listener = await http.listen({ host: '127.0.0.1', port: 0, mayTakeLong: isFilePath }, web)
  t.teardown(async () => {
    await listener.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const base = `http://127.0.0.1:${listener.port}`
  const operator = { authorization: `Basic ${btoa('admin:copper')}`, origin: base }
  const ask = (path: string, init: RequestInit = {}) => fetch(`${base}${path}`, init)
  const put = (
    name: string,
    body: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string> = operator,
  ) =>
    ask(`/api/v1/files/firmware/${name}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body,
      duplex: 'half',
    } as RequestInit)
  const address = async (stationId = 'CP|1') => {
    const answer = await ask('/api/v1/files/upload-addresses', {
      method: 'POST',
      headers: { ...operator, 'content-type': 'application/json' },
      body: JSON.stringify({ stationId }),
    })
    return new URL(((await answer.json()) as { url: string }).url).pathname
  }
  return { ask, put, operator, address, base, dataDir, port: listener.port }
}

t.test('firmware is kept, listed with its sum, and fetched by a station without a login', async t => {
  const { ask, put, operator, base } = await cabinet(t)
  const kept = await put('wemob-2.6.bin', 'abcdefghij')
  t.equal(kept.status, 200)
  t.match(await kept.json(), {
    name: 'wemob-2.6.bin',
    sizeBytes: 10,
    sha256: '72399361da6a7754fec986dca5b7cbaf1c810a28ded4abaf56b2106d06cb78b0',
    url: `${base}/files/firmware/wemob-2.6.bin`,
  })
  t.match(await (await ask('/api/v1/files', { headers: operator })).json(), {
    firmware: [{ name: 'wemob-2.6.bin' }],
    uploads: [],
  })
  const whole = await ask('/files/firmware/wemob-2.6.bin')
  t.equal(await whole.text(), 'abcdefghij')
  t.equal(whole.headers.get('content-length'), '10')
  const head = await ask('/files/firmware/wemob-2.6.bin', { method: 'HEAD' })
  t.same([head.status, head.headers.get('content-length'), await head.text()], [200, '10', ''])
  for (const [range, status, text, of] of [
    ['bytes=4-', 206, 'efghij', 'bytes 4-9/10'],
    ['bytes=2-3', 206, 'cd', 'bytes 2-3/10'],
    ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=8-100', 206, 'ij', 'bytes 8-9/10'],
    ['lines=1', 200, 'abcdefghij', null],
  ] as const) {
    const part = await ask('/files/firmware/wemob-2.6.bin', { headers: { range } })
    t.same([part.status, await part.text(), part.headers.get('content-range')], [status, text, of], range)
  }
  t.equal((await ask('/files/firmware/wemob-2.6.bin', { headers: { range: 'bytes=10-' } })).status, 416)
  t.equal((await put('wemob-2.6.bin', 'new')).status, 200, 'the same name again takes its place')
  t.equal(await (await ask('/files/firmware/wemob-2.6.bin')).text(), 'new')
  const json = { ...operator, 'content-type': 'application/json' }
  t.equal(
    (await ask('/api/v1/files/firmware/wemob-2.6.bin', { method: 'DELETE', headers: json })).status,
    200,
  )
  t.equal((await ask('/files/firmware/wemob-2.6.bin')).status, 404)
  t.equal(
    (await ask('/api/v1/files/firmware/wemob-2.6.bin', { method: 'DELETE', headers: json })).status,
    404,
  )
})

t.test('nobody writes firmware without a login, another origin or an odd name', async t => {
  const { ask, put, operator, dataDir } = await cabinet(t)
  t.equal((await put('a.bin', 'x', {})).status, 401)
  t.equal(
    (await put('a.bin', 'x', { authorization: operator.authorization, origin: 'http://evil.example' }))
      .status,
    403,
  )
  for (const name of ['.hidden', '..%2f..%2fetc', 'a%00b', `${'n'.repeat(101)}`])
    t.not((await put(name, 'x')).status, 200, name)
  t.equal((await ask('/files/firmware/..%2f..%2fbusbar.json')).status, 400)
  t.equal((await ask('/api/v1/files')).status, 401)
  t.same(readdirSync(dataDir), [], 'nothing was written')
})

t.test('a file that is too large or breaks off leaves nothing behind', async t => {
  const { ask, put, operator, dataDir, port } = await cabinet(t)
  const chunk = new Uint8Array(1024 * 1024)
  let sent = 0
  const large = new ReadableStream({
    pull(controller) {
      if (sent++ > MAX_FILE_BYTES / chunk.length) controller.close()
      else controller.enqueue(chunk)
    },
  })
  t.equal((await put('large.bin', large)).status, 413)
  await new Promise<void>(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `PUT /api/v1/files/firmware/half.bin HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\norigin: ${operator.origin}\r\nauthorization: ${operator.authorization}\r\ncontent-type: application/octet-stream\r\ncontent-length: 100\r\n\r\nhalf`,
        () => socket.destroy(),
      )
    })
    socket.on('close', () => resolve())
  })
  t.match(await (await ask('/api/v1/files', { headers: operator })).json(), { firmware: [] })
  const left = readdirSync(join(dataDir, 'files', 'firmware'))
  t.same(
    left.filter(name => !name.endsWith('.tmp')),
    [],
  )
})

t.test('a body is written as it comes, and one without end is not waited for', async t => {
  const dataDir = mkdtempSync(join(tmpdir(), 'busbar-files-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  let given = 0
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        given++
        controller.enqueue(new Uint8Array(1000))
      },
    },
    { highWaterMark: 0 },
  )
  t.same(await createBlobs({ dataDir }).write('uploads', 'endless', endless, 10_000), { kind: 'too-large' })
  t.equal(given, 11, 'no more than it takes to see that it is too large')
})

t.test('a station uploads once at its own address, an operator fetches it', async t => {
  const { ask, operator, address } = await cabinet(t)
  const path = await address()
  const tooLarge = new Uint8Array(MAX_FILE_BYTES + 1)
  t.equal((await ask(`${path}/large.log`, { method: 'PUT', body: tooLarge })).status, 413)
  const first = await ask(`${path}/diagnostics.log`, { method: 'PUT', body: 'what happened' })
  t.equal(first.status, 201)
  const { name } = (await first.json()) as { name: string }
  t.match(name, /^CP_1-\d{8}T\d{6}Z-[A-Za-z0-9]{8}-diagnostics\.log$/, 'no two have one name')
  t.equal(
    (await ask(`${path}/diagnostics.log`, { method: 'PUT', body: 'again' })).status,
    404,
    'one time only',
  )
  t.equal(
    (await ask(await address(), { method: 'POST', body: 'posted' })).status,
    201,
    'POST without a name too',
  )
  t.equal((await ask(`/files/uploads/${'x'.repeat(32)}`, { method: 'PUT', body: 'x' })).status, 404)
  t.equal((await ask(`/api/v1/files/uploads/${name}`)).status, 401)
  t.equal((await ask(`/files/uploads/${name}`)).status, 401, 'nobody reads uploads without a login')
  t.equal(await (await ask(`/api/v1/files/uploads/${name}`, { headers: operator })).text(), 'what happened')
})

t.test('uploads of one station in one moment under one name are as many files, each whole', async t => {
  const { ask, operator, address } = await cabinet(t, { ...createClock(), wallMs: () => Date.UTC(2026, 10) })
  // stations whose ids differ only in what no file name may have, too
  const paths = await Promise.all(['CP|1', 'CP|1', 'CP:1', 'CP|1'].map(id => address(id)))
  const uploads = paths.map(async (path, n) => {
    const answer = await ask(`${path}/diagnostics.log`, { method: 'PUT', body: `body ${n}` })
    return ((await answer.json()) as { name: string }).name
  })
  const names = await Promise.all(uploads)
  t.equal(new Set(names).size, names.length)
  for (const [n, name] of names.entries())
    t.equal(await (await ask(`/api/v1/files/uploads/${name}`, { headers: operator })).text(), `body ${n}`)
})

t.test('a stranger who is refused cannot keep the connection by sending on slowly', async t => {
  const { port } = await cabinet(t)
  const answer = await new Promise<string>(resolve => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        `PUT /files/uploads/${'x'.repeat(32)} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 100000\r\n\r\nslowly`,
      ),
    )
    socket.on('data', data => {
      text += String(data)
    })
    socket.on('close', () => resolve(text))
  })
  t.match(answer, /^HTTP\/1\.1 404 /)
})

t.test('an upload address ends after a day, and there are not too many', async t => {
  let nowMs = 0
  const clock = { ...createClock(), monoMs: () => nowMs, wallMs: () => nowMs }
  const tokens = createUploadTokens(clock, secrets)
  const early = tokens.issue('A').token
  nowMs = TOKEN_LIFE_MS + 1
  t.equal(tokens.take(early), undefined)
  const first = tokens.issue('B').token
  for (let n = 0; n < 200; n++) tokens.issue('C')
  t.equal(tokens.take(first), undefined, 'the oldest gave way')
  const last = tokens.issue('D').token
  t.equal(tokens.take(last)?.stationId, 'D')
  t.equal(tokens.take(last), undefined, 'used')
  const broken = tokens.issue('E').token
  tokens.take(broken)?.failed()
  t.equal(tokens.take(broken)?.stationId, 'E', 'an upload that broke off may be tried again')
})
