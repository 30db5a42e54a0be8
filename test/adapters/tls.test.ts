import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { type RequestOptions as HttpsOptions, request as httpsRequest } from 'node:https'
import { connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer as createTlsServer, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { type ClientOptions, WebSocket } from 'ws'
import { createBus } from '../../src/adapters/bus.js'
import { createHttp } from '../../src/adapters/http.js'
import { startModbusServer } from '../../src/adapters/modbus-server.js'
import { createNetwork } from '../../src/adapters/network.js'
import { sharedClientOptions, spkiPin } from '../../src/adapters/tls-client.js'
import type { TlsFault } from '../../src/core/security/tls-fault.js'
import type { ClientTls, DialOutcome, ServerTls, SocketHandlers, UpgradeRequest } from '../../src/ports.js'
import { keptLog } from '../ocpp/hand-clock.js'
import {
  type Ca,
  ca,
  certificates,
  chain,
  giantRsaKey,
  identity,
  type Link,
  link,
  rsaKey,
  station,
  trusting,
} from './fixtures/pki.js'

const log = keptLog()
const network = createNetwork(log)
const root = await ca()
const stranger = await ca('Somebody else')
const ecdsa = await identity(root)
const rsa = await identity(root, { kind: 'rsa' })
const QUIET: SocketHandlers = {
  text: () => {},
  binary: () => {},
  ping: () => {},
  pong: () => {},
  closed: () => {},
}
const DIAL = { protocols: ['ocpp1.6'], headers: {}, timeoutMs: 10_000, maxFrameBytes: 1000 }

/** A TLS port that takes every upgrade and keeps what it was told. */
async function port(t: Test, tls: ServerTls | 'plain' = { identities: [ecdsa, rsa] }) {
  const requests: UpgradeRequest[] = []
  const faults: TlsFault[] = []
  let told: () => void = () => {}
  const listener = await network.listen(
    {
      host: '127.0.0.1',
      port: 0,
      maxFrameBytes: 1000,
      ...(tls !== 'plain' && { tls }),
      onTlsFault: fault => {
        faults.push(fault)
        told()
      },
    },
    request => {
      requests.push(request)
      const socket = request.accept('ocpp1.6', { ...QUIET, text: text => socket?.sendText(text) })
    },
  )
  t.teardown(() => listener.stop())
  const nextFault = async (): Promise<TlsFault | undefined> => {
    while (faults.length === 0) await new Promise<void>(resolve => (told = resolve))
    return faults.shift()
  }
  return { listener, requests, faults, nextFault, url: `wss://127.0.0.1:${listener.port}/x` }
}

async function client(t: Test, url: string, options: ClientOptions): Promise<WebSocket> {
  const socket = new WebSocket(url, ['ocpp1.6'], { ca: root.certificatePem, ...options })
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  await Promise.race([once(socket, 'open'), once(socket, 'close')])
  return socket
}

const shown = ({ keyPem, chainPem }: { keyPem: string; chainPem: string }): ClientOptions => ({
  key: keyPem,
  cert: chainPem,
})

t.test(
  'serves TLS 1.2 and 1.3, an ECDSA and an RSA certificate, and the four suites of the white paper',
  async t => {
    const { listener } = await port(t)
    const negotiated = async (options: object): Promise<string> => {
      const socket = connectTls({
        port: listener.port,
        host: '127.0.0.1',
        ca: root.certificatePem,
        ...options,
      })
      await once(socket, 'secureConnect')
      const { standardName } = socket.getCipher()
      const protocol = socket.getProtocol()
      const { asymmetricKeyType } = socket.getPeerX509Certificate()!.publicKey
      socket.destroy()
      return `${protocol} ${standardName} ${asymmetricKeyType}`
    }
    t.match(await negotiated({}), /^TLSv1.3 TLS_AES_\d+_GCM_SHA\d+ ec$/)
    const old = { maxVersion: 'TLSv1.2' as const }
    for (const [ciphers, suite, key] of [
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ec'],
      ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ec'],
      ['AES128-GCM-SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256', 'rsa'],
      ['AES256-GCM-SHA384', 'TLS_RSA_WITH_AES_256_GCM_SHA384', 'rsa'],
    ] as const)
      t.equal(await negotiated({ ...old, ciphers }), `TLSv1.2 ${suite} ${key}`)
  },
)

t.test('openssl s_client verifies both certificates against the root, and resumes no session', async t => {
  const { listener } = await port(t)
  const folder = mkdtempSync(join(tmpdir(), 'busbar-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const rootFile = join(folder, 'root.pem')
  writeFileSync(rootFile, root.certificatePem)
  const asked = (...more: string[]): Promise<string> =>
    new Promise(resolve => {
      const args = ['s_client', '-connect', `127.0.0.1:${listener.port}`, '-CAfile', rootFile]
      const child = execFile('openssl', [...args, '-verify_ip', '127.0.0.1', ...more], (_fault, out) =>
        resolve(out),
      )
      child.stdin?.end()
    })
  t.match(await asked('-sigalgs', 'ECDSA+SHA256'), /Verification: OK[\s\S]*Verify return code: 0/)
  const second = await asked('-tls1_2', '-sigalgs', 'RSA+SHA256:RSA-PSS+SHA256')
  t.match(second, /Verify return code: 0/)
  t.match(second, /Server public key is 2048 bit/)
  t.notMatch(second, /TLS session ticket:/)
})

t.test('tells the causes apart by which a handshake comes to nothing', async t => {
  const { listener, nextFault } = await port(t)
  const attempt = async (options: object): Promise<TlsFault | undefined> => {
    const socket = connectTls({ port: listener.port, host: '127.0.0.1', ca: root.certificatePem, ...options })
    socket.on('error', () => {})
    socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\n'))
    const fault = await nextFault()
    socket.destroy()
    return fault
  }
  t.equal(await attempt({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }), 'no-common-suite')
  t.equal(
    await attempt({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
    'old-version',
  )
  const plain = connect(listener.port, '127.0.0.1')
  plain.write('GET /ocpp/CP-1 HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(String((await once(plain, 'data'))[0]), /^HTTP\/1\.1 400[\s\S]*use wss:\/\//)
  t.equal(await nextFault(), 'not-tls')
  // an alert of a station that does not trust our root, TLS 1.2 so that it comes within the handshake
  distrusting(listener.port)
  t.equal(await nextFault(), 'peer-distrusts-root')
})

/** openssl sends the alert that node's client does not. */
function distrusting(port: number): void {
  const child = execFile('openssl', [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-tls1_2',
    '-verify_return_error',
  ])
  child.stdin?.end()
}

t.test('a ClientHello to a plain port is told as what it is', async t => {
  const { listener, nextFault } = await port(t, 'plain')
  const socket = connectTls({ port: listener.port, host: '127.0.0.1' })
  socket.on('error', () => {})
  t.equal(await nextFault(), 'to-plain-port')
})

t.test('2,000 half-open handshakes hold nobody up, and end within their 5 s (ST8)', async t => {
  const { listener, nextFault, url } = await port(t)
  const sockets = Array.from({ length: 2_000 }, () => connect(listener.port, '127.0.0.1'))
  for (const socket of sockets) socket.on('error', () => {})
  t.teardown(() => sockets.forEach(socket => void socket.destroy()))
  const before = performance.now()
  const socket = await client(t, url, {})
  t.equal(socket.readyState, WebSocket.OPEN)
  t.ok(performance.now() - before < 4_000, 'a station comes in beside them')
  t.equal(await nextFault(), 'slow-handshake')
})

t.test('a renewed certificate is shown by the next handshake; what is open stays open', async t => {
  const { listener, url } = await port(t)
  const first = await client(t, url, {})
  const next = await identity(root, { name: { commonName: 'renewed' } })
  listener.renew?.({ identities: [next] })
  const socket = connectTls({ port: listener.port, host: '127.0.0.1', ca: root.certificatePem })
  await once(socket, 'secureConnect')
  t.equal(socket.getPeerCertificate().subject.CN, 'renewed')
  socket.destroy()
  first.send('[1]')
  t.equal(String((await once(first, 'message'))[0]), '[1]')
})

t.test('judges the certificate that a station shows, by chain before time', async t => {
  const { requests, url } = await port(t, { identities: [ecdsa], clientRoots: [root.certificatePem] })
  const judged = async (options: ClientOptions) => {
    await client(t, url, options)
    return requests.at(-1)?.certificate
  }
  t.equal(await judged({}), undefined, 'none shown')
  const good = await judged(shown(await station(root, 'CP-1')))
  t.match(good, { commonNames: ['CP-1'], fault: undefined, dnsNames: [], sha256: /^[0-9A-F]{64}$/ })
  t.equal(
    (await judged(shown(await station(root, 'CP-1', { untilDays: -1, fromDays: -9 }))))?.fault,
    'expired',
  )
  t.equal((await judged(shown(await station(root, 'CP-1', { fromDays: 2 }))))?.fault, 'not-yet-valid')
  t.equal((await judged(shown(await station(stranger, 'CP-1'))))?.fault, 'unknown-root')
  const forged = await station(stranger, 'CP-1', { untilDays: -1, fromDays: -9 })
  t.equal((await judged(shown(forged)))?.fault, 'unknown-root', 'a stranger is not an expired one of ours')
  t.equal((await judged(shown(await identity(root))))?.fault, 'wrong-use', 'one for servers')
})

t.test('a chain is refused with its reason for whatever is wrong above it, and disturbs nobody', async t => {
  const top = await link('Roots of a CPO', undefined)
  const { requests, url } = await port(t, { identities: [ecdsa], clientRoots: [top.certificatePem] })
  const beside = await client(t, url, shown(chain(await link('CP-2', top, { isAuthority: false }))))
  const judged = async (own: Ca, ...above: readonly Ca[]) => {
    const before = requests.length
    // A newer OpenSSL would not even send such a chain by itself.
    await client(t, url, { ...shown(chain(own, ...above)), ciphers: 'DEFAULT@SECLEVEL=0' })
    return requests.length === before ? 'not asked' : (requests.at(-1)?.certificate?.fault ?? 'taken')
  }
  const under = async (middle: Link, own: Link = {}) => {
    const above = await link('Middle', top, middle)
    return judged(await link('CP-1', above, { isAuthority: false, use: 'client', ...own }), above)
  }
  t.equal(await under({}), 'taken', 'an intermediate is nothing wrong')
  t.equal(await under({ fromDays: -9, untilDays: -1 }), 'expired', 'the intermediate')
  t.equal(await under({ fromDays: 2 }), 'not-yet-valid', 'the intermediate')
  t.equal(await under({ isAuthority: false }), 'wrong-use', 'a station that signs for others')
  t.equal(await under({ mayNotSign: true }), 'wrong-use', 'without keyCertSign')
  t.equal(await under({ keyPem: rsaKey(1024) }), 'weak-key', 'the intermediate')
  t.equal(await under({}, { keyPem: giantRsaKey() }), 'weak-key', 'RSA of 16,384 bits')
  t.equal(await under({}, { use: 'server', fromDays: -9, untilDays: -1 }), 'wrong-use', 'before its time')
  t.equal(await under({ within: 'depot.example' }, { dnsName: 'cp-1.depot.example' }), 'taken')
  t.equal(await under({ within: 'depot.example' }, { dnsName: 'elsewhere.example' }), 'bad-certificate')
  const short = await link('Short', top, { pathLength: 0 })
  const over = await link('Over', short)
  t.equal(await judged(await link('CP-1', over, { isAuthority: false }), over, short), 'wrong-use')
  const deep: Ca[] = []
  for (let depth = 0; depth < 19; depth++) deep.unshift(await link(`Depth ${depth}`, deep[0] ?? top))
  const ofDeep = await judged(await link('CP-1', deep[0], { isAuthority: false }), ...deep)
  // OpenSSL 3.5 does not hand out a chain that it has accepted: how long it was cannot be judged there.
  const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number)
  t.equal(ofDeep, major > 3 || minor >= 5 ? 'taken' : 'bad-certificate')
  beside.send('[1]')
  t.equal(String((await once(beside, 'message'))[0]), '[1]')
})

t.test(
  'neither renegotiation, nor a resumed session, nor so 0-RTT; a hello that ends half-way is cut',
  async t => {
    const { listener, nextFault, url } = await port(t)
    const at = { port: listener.port, host: '127.0.0.1', ca: root.certificatePem }
    const half = connect(listener.port, '127.0.0.1')
    half.on('error', () => {})
    half.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]))
    const isCut = once(half, 'close')
    const beside = await client(t, url, {})
    const again = connectTls({ ...at, maxVersion: 'TLSv1.2' })
    await once(again, 'secureConnect')
    const refused = once(again, 'error')
    again.renegotiate({}, () => {})
    t.match((await refused)[0], { code: /NO_RENEGOTIATION|ECONNRESET/ })
    const kept: Buffer[] = []
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = connectTls({ ...at, minVersion: version, maxVersion: version })
      first.on('session', (session: Buffer) => kept.push(session))
      await once(first, 'secureConnect')
      first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(first, 'data')
      first.destroy()
    }
    for (const session of kept) {
      const second = connectTls({ ...at, session })
      await once(second, 'secureConnect')
      t.notOk(second.isSessionReused())
      second.destroy()
    }
    await isCut
    let fault = await nextFault()
    while (fault !== 'slow-handshake') fault = await nextFault() // what the others broke off comes before
    beside.send('[1]')
    t.equal(String((await once(beside, 'message'))[0]), '[1]')
  },
)

// ---------------------------------------------------------------- dialling

/** A TLS server that accepts upgrades, as a CSMS does. */
async function csms(t: Test, options: TlsOptions): Promise<string> {
  const server = createTlsServer({ cert: ecdsa.chainPem, key: ecdsa.keyPem, ...options }, socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

function dialled(host: string, tls?: ClientTls): Promise<DialOutcome> {
  return new Promise(resolve => {
    network.dial({ ...DIAL, url: `wss://${host}/x`, ...(tls !== undefined && { tls }) }, QUIET, resolve)
  })
}

t.test('names why the certificate of a CSMS is not taken; no request leaves before (CS1)', async t => {
  const failed = (tlsFault: TlsFault) => ({ kind: 'failed', reason: 'tls', tlsFault })
  const here = await csms(t, {})
  t.match(await dialled(here, trusting(root)), { kind: 'refused', status: 404 })
  t.match(await dialled(here), failed('unknown-root'), 'by the roots of the system')
  t.match(await dialled(here, trusting(stranger)), failed('unknown-root'))
  t.match(
    await dialled(here, { ...trusting(root), roots: [] }),
    { kind: 'failed', reason: 'handshake' },
    'no root at all',
  )
  const over = await identity(root, { untilDays: -1, fromDays: -9 })
  t.match(
    await dialled(await csms(t, { cert: over.chainPem, key: over.keyPem }), trusting(root)),
    failed('expired'),
  )
  const early = await identity(root, { fromDays: 2 })
  t.match(
    await dialled(await csms(t, { cert: early.chainPem, key: early.keyPem }), trusting(root)),
    failed('not-yet-valid'),
  )
  const free = await link('Roots of a CSMS', undefined)
  const under = async (middle: Link, own: Link = {}) => {
    const above = await link('Middle', free, middle)
    const server = await link('localhost', above, { isAuthority: false, dnsName: 'localhost', ...own })
    const { chainPem: cert, keyPem: key } = chain(server, above)
    const [, port] = (await csms(t, { cert, key })).split(':')
    return dialled(`localhost:${port}`, { systemRoots: false, roots: [free.certificatePem], pins: [] })
  }
  t.match(await under({}), { kind: 'refused', status: 404 })
  t.match(await under({ fromDays: -9, untilDays: -1 }), failed('expired'), 'an intermediate')
  t.match(await under({ fromDays: 2 }), failed('not-yet-valid'), 'an intermediate')
  t.match(await under({ isAuthority: false }), failed('bad-certificate'))
  t.match(await under({}, { use: 'client' }), failed('wrong-use'))
  t.match(await under({ within: 'depot.example' }), failed('bad-certificate'))
  const other = await identity(root, { names: ['csms.example'] })
  t.match(
    await dialled(await csms(t, { cert: other.chainPem, key: other.keyPem }), trusting(root)),
    failed('wrong-name'),
  )
  t.match(
    await dialled(
      await csms(t, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
      trusting(root),
    ),
    failed('old-version'),
  )
  const plain = createTcpServer(socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
    0,
    '127.0.0.1',
  )
  await once(plain, 'listening')
  t.teardown(() => plain.close())
  const address = plain.address()
  t.match(
    await dialled(`127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, trusting(root)),
    failed('not-tls'),
  )
})

t.test('links that trust and show the same share a context of TLS, others have their own', async t => {
  const [one, other] = [await station(root, 'CP-1'), await station(root, 'CP-2')]
  const of = (tls: ClientTls) => sharedClientOptions(tls).secureContext
  const shown = of(trusting(root, { identity: one }))
  t.equal(of(trusting(root, { identity: { ...one } })), shown)
  t.not(of(trusting(root, { identity: other })), shown, 'another certificate')
  t.not(of(trusting(root)), shown, 'none')
  t.not(of(trusting(stranger, { identity: one })), shown, 'another root')
  t.not(of(trusting(root, { identity: one, systemRoots: true })), shown, 'those of the system beside it')
  for (let n = 0; n < 16; n++) of(trusting(root, { roots: [root.certificatePem, `-${n}`] }))
  t.not(of(trusting(root, { identity: one })), shown, 'not more than 16 are kept')
})

t.test('pins the key of the CSMS, with a second pin for its rotation', async t => {
  const here = await csms(t, {})
  const pin = spkiPin(new X509Certificate(ecdsa.chainPem))
  const next = spkiPin(new X509Certificate(rsa.chainPem))
  t.match(await dialled(here, trusting(root, { pins: [next] })), { kind: 'failed', tlsFault: 'wrong-pin' })
  t.match(await dialled(here, trusting(root, { pins: [next, pin] })), { kind: 'refused', status: 404 })
  t.match(
    await dialled(here, trusting(stranger, { pins: [pin] })),
    { kind: 'failed', tlsFault: 'unknown-root' },
    'a pin is no root',
  )
})

t.test('shows its client certificate and tells when it is not taken', async t => {
  const asking = await csms(t, {
    requestCert: true,
    rejectUnauthorized: true,
    ca: root.certificatePem,
    maxVersion: 'TLSv1.2',
  })
  const mine = await station(root, 'CP-1')
  t.match(await dialled(asking, trusting(root, { identity: mine })), { kind: 'refused', status: 404 })
  const foreign = await station(stranger, 'CP-1')
  const outcome = await dialled(asking, trusting(root, { identity: foreign }))
  t.match(outcome, { kind: 'failed' }, JSON.stringify(outcome))
})

// ---------------------------------------------------------------- certificates

t.test('reads requests and certificates, and takes no broken one for a sound one', async t => {
  const keyPem = await certificates.makeKey('ecdsa')
  const request = await certificates.makeRequest({
    keyPem,
    name: { commonName: 'CP-1', organization: 'CPO' },
  })
  t.match(await certificates.readRequest(request), {
    commonNames: ['CP-1'],
    organizations: ['CPO'],
    key: { kind: 'ecdsa', bits: 256 },
  })
  const bent = request.replace(/[A-Z](?=[^\n]*\n-----END)/, letter => (letter === 'A' ? 'B' : 'A'))
  t.equal(await certificates.readRequest(bent), undefined, 'not signed by its own key')
  t.equal(await certificates.readRequest('-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END'), undefined)
  t.equal(await certificates.readRequest('A'.repeat(300_000)), undefined)
  t.match(certificates.read(root.certificatePem), { isRoot: true, commonNames: ['Test root'] })
  t.match(certificates.read(ecdsa.chainPem), {
    isRoot: false,
    addresses: ['127.0.0.1'],
    dnsNames: ['localhost'],
  })
  t.equal(certificates.read('nothing'), undefined)
  t.same(
    certificates.split(
      `${root.certificatePem}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----`,
    ),
    [],
  )
  t.ok(certificates.isIssuedBy(ecdsa.chainPem, root.certificatePem))
  t.notOk(certificates.isIssuedBy(ecdsa.chainPem, stranger.certificatePem))
  t.ok(certificates.isKeyOf(ecdsa.keyPem, ecdsa.chainPem))
  t.notOk(certificates.isKeyOf(rsa.keyPem, ecdsa.chainPem))
  t.match(await certificates.hashesOf(root.certificatePem, root.certificatePem, 'SHA256'), {
    issuerNameHash: /^[0-9a-f]{64}$/,
    issuerKeyHash: /^[0-9a-f]{64}$/,
    serialNumber: /^[0-9a-f]+$/i,
  })
})

t.test('one port of the page speaks https and http, renews, and stops with streams open', async t => {
  const listener = await createHttp({ log }).listen(
    { host: '127.0.0.1', port: 0, tls: { identities: [ecdsa] } },
    async request => {
      if (request.method === 'POST') return new Response(`${(await request.arrayBuffer()).byteLength}`)
      const body = new ReadableStream({ start: stream => stream.enqueue(Buffer.from('beat')) })
      return request.url.endsWith('/live') ? new Response(body) : new Response(new URL(request.url).protocol)
    },
  )
  t.teardown(() => listener.stop())
  const at = { host: '127.0.0.1', port: listener.port }
  const asked = async (options: HttpsOptions, body = ''): Promise<string> => {
    const send = 'ca' in options ? httpsRequest : httpRequest
    const request = send({ ...at, agent: false, ...options }).end(body)
    const [response] = await once(request, 'response')
    return String((await once(response, 'data'))[0])
  }
  const secure = { ca: root.certificatePem }
  t.equal(await asked(secure), 'https:')
  t.equal(await asked({}), 'http:')
  t.equal(await asked({ method: 'POST' }, 'x'.repeat(3_000_000)), '3000000', 'whole, its first octet too')
  t.equal(await asked({ ...secure, path: '/live' }), 'beat')
  t.equal(await asked({ path: '/live' }), 'beat')
  const next = await identity(root)
  listener.renew?.({ identities: [next] })
  const socket = connectTls({ ...at, ...secure })
  await once(socket, 'secureConnect')
  t.equal(socket.getPeerX509Certificate()?.fingerprint256, new X509Certificate(next.chainPem).fingerprint256)
  const closed = once(socket, 'close')
  await listener.stop()
  await closed
})

// ---------------------------------------------------------------- Modbus/TCP Security

/** A meter that speaks Modbus over TLS alone and wants a client certificate of the root. */
async function secureMeter(t: Test): Promise<number> {
  const inner = await startModbusServer({ host: '127.0.0.1', port: 0, unitId: 1, read: (_code, at) => at })
  const meter = await identity(root, { names: ['meter-1.example'] })
  const options = { key: meter.keyPem, cert: meter.chainPem, ca: root.certificatePem, requestCert: true }
  const server = createTlsServer({ ...options, rejectUnauthorized: true }, socket => {
    const through = connect(inner.port, '127.0.0.1')
    for (const [one, other] of [
      [socket, through],
      [through, socket],
    ] as const) {
      one.on('error', () => {})
      one.once('close', () => other.destroy())
      one.pipe(other)
    }
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    await inner.stop()
  })
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

t.test(
  'a meter is read over Modbus/TCP Security with a certificate on each side, and never without',
  async t => {
    const port = await secureMeter(t)
    const bus = createBus()
    const read = { unitId: 1, functionCode: 3, address: 40, count: 2, timeoutMs: 5_000 } as const
    const said = async (name: string | undefined, tls?: ClientTls) => {
      const trust = { rootsFile: '/roots.pem', pins: [], ...(name !== undefined && { name }) }
      const opening = await bus.connect({ kind: 'tcp', host: '127.0.0.1', port, tls: trust }, 5_000, tls)
      if (opening.kind === 'failed') return opening.detail
      const reply = await opening.line.read(read)
      opening.line.close()
      return reply.kind === 'words' ? reply.words : reply.kind === 'failed' ? reply.detail : reply.kind
    }
    const ours = await station(root, 'Busbar')
    const good = trusting(root, { identity: ours })
    t.same(await said('meter-1.example', good), [40, 41])
    t.equal(await said(undefined, good), 'TLS: wrong-name', 'by its address alone')
    t.equal(await said('meter-2.example', good), 'TLS: wrong-name')
    t.equal(await said('meter-1.example', trusting(stranger, { identity: ours })), 'TLS: unknown-root')
    const pin = spkiPin(new X509Certificate(ecdsa.chainPem))
    t.equal(await said('meter-1.example', { ...good, pins: [pin] }), 'TLS: wrong-pin')
    t.match(await said('meter-1.example', trusting(root)), /^TLS: |connection lost/, 'it wants a certificate')
    const foreign = trusting(root, { identity: await station(stranger, 'Busbar') })
    t.match(await said('meter-1.example', foreign), /^TLS: |connection lost/, 'and one of its root')
    t.match(await said('meter-1.example', { ...good, roots: [] }), 'no root')
    t.match(await said('meter-1.example'), 'TLS: its files', 'what is not read is not gone without')
    const plain = await bus.connect({ kind: 'tcp', host: '127.0.0.1', port }, 5_000)
    t.equal(
      plain.kind === 'open' && (await plain.line.read(read)).kind,
      'failed',
      'no plain word is answered',
    )
    if (plain.kind === 'open') plain.line.close()
    const server = await startModbusServer({ host: '127.0.0.1', port: 0, unitId: 1, read: () => 0 })
    t.teardown(() => server.stop())
    const tls = { rootsFile: '/roots.pem', pins: [] }
    const toPlain = await bus.connect({ kind: 'tcp', host: '127.0.0.1', port: server.port, tls }, 1_000, good)
    t.equal(toPlain.kind, 'failed', 'a meter without TLS is not spoken to without')
  },
)
