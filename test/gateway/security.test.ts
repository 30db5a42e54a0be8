import { once } from 'node:events'
import { createServer } from 'node:https'
import { createServer as createTlsServer } from 'node:tls'
import { OpenAPIHono } from '@hono/zod-openapi'
import t, { type Test } from 'tap'
import WS, { type ClientOptions } from 'ws'
import { createClock } from '../../src/adapters/clock.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import { createSyslog } from '../../src/adapters/syslog.js'
import { brokenAt, securityRecordSchema } from '../../src/core/config/security-record.js'
import { CLOCK_FLOOR_MS } from '../../src/core/security/validity.js'
import { certificateConditions, NO_CERTIFICATES } from '../../src/core/view/certificate-conditions.js'
import { StateKeeper } from '../../src/gateway/kept-state.js'
import { openSecretStore } from '../../src/gateway/secret-store.js'
import { securityDesk } from '../../src/gateway/security-desk.js'
import { SecurityRecord } from '../../src/gateway/security-record.js'
import { SiteSecurity } from '../../src/gateway/station-security.js'
import { SyslogFeed } from '../../src/gateway/syslog-feed.js'
import type { Certificates, Clock, Files, TlsIdentity } from '../../src/ports.js'
import { certificateRoutes } from '../../src/web/certificate-routes.js'
import type { WebEnv } from '../../src/web/routes.js'
import { ca, certificates, DAY_MS, identity, station } from '../adapters/fixtures/pki.js'
import { BOOT, Csms, friendly, MemoryJournal, Peer, quietLog, siteOf, startEdge } from '../ocpp/both-sides.js'
import { handClock } from '../ocpp/hand-clock.js'

/** Documents in memory; `isFull` makes the next saves fail. */
class MemoryFiles implements Files {
  readonly documents = new Map<string, unknown>()
  isFull = false
  load = async (name: string): Promise<unknown> => this.documents.get(name)
  text = async (): Promise<undefined> => undefined
  save = async (name: string, document: unknown): Promise<void> => {
    if (this.isFull) throw new Error('ENOSPC')
    this.documents.set(name, structuredClone(document))
  }
}

/** PEM files of an operator, beside the real door. */
class PemFiles {
  readonly texts = new Map<string, string>()
  readonly door: Certificates = {
    ...certificates,
    file: async path => {
      const text = this.texts.get(path)
      if (text === undefined) throw new Error(`ENOENT: ${path}`)
      return text
    },
  }
  put(name: string, { keyPem, chainPem }: TlsIdentity) {
    this.texts.set(`/${name}.pem`, chainPem)
    this.texts.set(`/${name}.key`, keyPem)
    return { certificateFile: `/${name}.pem`, keyFile: `/${name}.key` }
  }
}

const PASSWORD = Buffer.from('0123456789abcdef')
const LISTENERS = [0, 1, 2, 3].map(securityProfile => ({ host: '127.0.0.1', port: 0, securityProfile }))

interface Given {
  readonly csms?: object
  readonly ocpp?: object
  readonly web?: object
  readonly files?: MemoryFiles
  readonly pems?: PemFiles
  readonly clock?: Clock
  readonly withoutPassword?: boolean
  readonly stations?: readonly string[]
  /** Passwords are those of secrets.json and change. */
  readonly secrets?: MemoryFiles
  readonly uplifts?: Readonly<Record<string, object>>
}

async function site(t: Test, given: Given = {}) {
  const {
    files = new MemoryFiles(),
    pems = new PemFiles(),
    clock = createClock(),
    csms,
    ocpp,
    stations = ['CP-1'],
  } = given
  const config = siteOf({
    stations,
    ocpp: { listeners: LISTENERS, ...ocpp },
    ...(csms !== undefined && { csms }),
    ...(given.web !== undefined && { web: given.web }),
    ...(given.uplifts !== undefined && { uplifts: given.uplifts }),
  })
  const ports = { clock, files, log: quietLog, certificates: pems.door }
  const keeper = await StateKeeper.open(ports)
  const security = await SiteSecurity.open(ports, { config, keeper, ownNames: ['localhost', '127.0.0.1'] })
  const passwordOf = () => (given.withoutPassword === true ? undefined : PASSWORD)
  const { secrets } = given
  const opened =
    secrets === undefined
      ? undefined
      : await openSecretStore({ files: secrets, secrets: createSecrets(), log: quietLog })
  if (opened?.ok === false) throw new Error(JSON.stringify(opened.faults))
  const { passwords } = opened?.value ?? {}
  const running = await startEdge(config, new MemoryJournal(), 1, {
    security,
    passwordOf: passwords === undefined ? passwordOf : passwords.current,
    ...(passwords !== undefined && { passwords }),
  })
  const { edge } = running
  t.teardown(async () => {
    await edge.stop()
    await security.stop()
  })
  const url = (profile: number, id = 'CP-1'): string =>
    `${profile < 2 ? 'ws' : 'wss'}://localhost:${edge.ports[profile]}/ocpp/${id}`
  const refusals = () => edge.refused().map(({ reason }) => reason)
  return {
    ...running,
    config,
    url,
    security,
    keeper,
    files,
    pems,
    refusals,
    root: security.authority?.rootPem ?? '',
  }
}

/** 101 and the socket, or the status it was refused with. */
async function dial(t: Test, url: string, options: ClientOptions & { password?: Buffer } = {}) {
  const { password, ...rest } = options
  const id = url.split('/').at(-1) ?? ''
  const basic = Buffer.concat([Buffer.from(`${id}:`), password ?? Buffer.alloc(0)]).toString('base64')
  const socket = new WS(url, ['ocpp1.6'], {
    ...rest,
    ...(password !== undefined && { headers: { authorization: `Basic ${basic}` } }),
  })
  const peer = new Peer(socket)
  peer.configuration = '{"configurationKey":[]}'
  t.teardown(() => socket.terminate())
  const status = await new Promise<number>(resolve => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.once('error', () => resolve(0))
  })
  return { status, peer, socket }
}

t.test(
  '083, 086: a depot moves its station from profile 0 to 3, and never back without a person',
  async t => {
    const { keeper, refusals, root, security, url } = await site(t)
    const ca = root
    t.equal((await dial(t, url(0), { password: PASSWORD })).status, 101)
    t.equal((await dial(t, url(1))).status, 401, 'profile 1 wants a password')
    t.equal((await dial(t, url(1), { password: PASSWORD })).status, 101)
    t.equal(security.leastProfileOf('CP-1'), 1)
    t.equal((await dial(t, url(0), { password: PASSWORD })).status, 403, 'A00.FR.005')
    t.equal((await dial(t, url(2), { ca, password: Buffer.from('wrong') })).status, 401)
    t.equal(security.leastProfileOf('CP-1'), 1, 'a wrong password raises nothing')
    t.equal((await dial(t, url(2), { ca, password: PASSWORD })).status, 101)
    t.equal((await dial(t, url(1), { password: PASSWORD })).status, 403)
    const keyPem = await certificates.makeKey('ecdsa')
    const csr = await certificates.makeRequest({ keyPem, name: { commonName: 'CP-1' } })
    const signed = await security.authority?.sign(csr, { stationId: 'CP-1', name: 'CP-1', by: 'test' })
    if (signed === undefined || !('chainPem' in signed)) throw new Error('not signed')
    t.equal((await dial(t, url(3), { ca, cert: signed.chainPem, key: keyPem })).status, 101)
    t.equal((await dial(t, url(2), { ca, password: PASSWORD })).status, 403)
    t.ok(refusals().includes('downgrade'))
    t.ok(security.lower('CP-1', 'admin'))
    t.equal(keeper.shownProfile('CP-1'), undefined)
    t.equal((await dial(t, url(2), { ca, password: PASSWORD })).status, 101)
  },
)

t.test('what a station has shown outlives a restart', async t => {
  const first = await site(t)
  t.equal((await dial(t, first.url(2), { ca: first.root, password: PASSWORD })).status, 101)
  const second = await site(t, { files: first.files })
  t.equal(second.root, first.root, 'the same root')
  t.equal((await dial(t, second.url(1), { password: PASSWORD })).status, 403)
})

t.test(
  'a lost or damaged document opens no door below what a station has shown; with both gone the best is wanted',
  async t => {
    const first = await site(t, { stations: ['CP-1', 'CP-2'] })
    t.equal((await dial(t, first.url(2), { ca: first.root, password: PASSWORD })).status, 101)
    const { documents } = first.files
    const whole = new Map(documents)
    t.ok(whole.has('security-profiles') && whole.has('state'))
    const after = async (damage: Readonly<Record<string, unknown>>) => {
      const files = new MemoryFiles()
      for (const [name, document] of whole) files.documents.set(name, document)
      for (const [name, document] of Object.entries(damage)) {
        if (document === undefined) files.documents.delete(name)
        else files.documents.set(name, document)
      }
      return site(t, { files, stations: ['CP-1', 'CP-2'] })
    }
    for (const damage of [
      { state: undefined },
      { state: 'garbage' },
      { 'security-profiles': undefined },
      { 'security-profiles': { version: 7 } },
    ]) {
      const { security, url } = await after(damage)
      t.equal((await dial(t, url(1), { password: PASSWORD })).status, 403, JSON.stringify(damage))
      t.equal((await dial(t, url(0, 'CP-2'), { password: PASSWORD })).status, 101, 'it has shown none')
      t.equal(security.state().stationsInDoubt, undefined)
    }
    const lost = await after({ state: 'garbage', 'security-profiles': undefined })
    t.equal((await dial(t, lost.url(2), { ca: lost.root, password: PASSWORD })).status, 403)
    t.equal((await dial(t, lost.url(0, 'CP-2'), { password: PASSWORD })).status, 403, 'nobody knows')
    t.match(certificateConditions(lost.security.state()), [
      { code: 'security-profiles-lost', text: /CP-1, CP-2/ },
    ])
    t.ok(lost.security.lower('CP-2', 'admin'))
    t.equal((await dial(t, lost.url(0, 'CP-2'), { password: PASSWORD })).status, 101)
    const again = await site(t, { files: lost.files, stations: ['CP-1', 'CP-2'] })
    t.equal((await dial(t, again.url(2), { ca: again.root, password: PASSWORD })).status, 403, 'still')
    t.equal(
      (await dial(t, again.url(0, 'CP-2'), { password: PASSWORD })).status,
      101,
      'a word that was given',
    )
  },
)

t.test(
  'profile 3 takes the certificate of the station alone, and names why another is not taken',
  async t => {
    const roots = await ca('Roots of the CPO')
    const pems = new PemFiles()
    pems.texts.set('/roots.pem', roots.certificatePem)
    const ocpp = { tls: { clientRootsFile: '/roots.pem' }, cpoName: 'CPO' }
    const { edge, refusals, root, security, url } = await site(t, { pems, ocpp, stations: ['CP-1', 'CP-2'] })
    const shown = async (order: Parameters<typeof station>[2], from = roots) => {
      const { keyPem, chainPem } = await station(from, 'CP-1', order)
      const { socket, status } = await dial(t, url(3), { ca: root, key: keyPem, cert: chainPem })
      return { socket, status, chainPem, reason: refusals()[0] }
    }
    const ofCpo = (commonName: string) => ({ name: { commonName, organization: 'CPO' } })
    t.match(await shown(ofCpo('CP-2')), { status: 403, reason: 'certificate-of-another' })
    t.match(await shown({ name: { commonName: 'CP-1', organization: 'Another' } }), {
      status: 403,
      reason: 'certificate-of-another',
    })
    t.match(await shown({ ...ofCpo('CP-1'), untilDays: -1, fromDays: -5 }), {
      status: 403,
      reason: 'tls-expired',
    })
    t.match(await shown(ofCpo('CP-1'), await ca('Stranger')), { status: 403, reason: 'tls-unknown-root' })
    t.match(
      await dial(t, url(3), { ca: root, password: PASSWORD }),
      { status: 403 },
      'a password is no certificate',
    )
    t.equal(refusals()[0], 'no-certificate')
    t.match(
      await shown({ ...ofCpo('serial 7'), use: 'client', names: ['CP-1'] }),
      { status: 101 },
      'named by its SAN',
    )
    const good = await shown(ofCpo('CP-1'))
    t.equal(good.status, 101)
    const sha256 = certificates.read(good.chainPem)?.sha256 ?? ''
    t.ok(await security.authority?.revoke(sha256, 'CP-1', 'admin'))
    const closed = once(good.socket, 'close')
    t.equal(edge.revoked(sha256), 1)
    t.equal((await closed)[0], 1008, 'the session it has is over')
  },
)

t.test(
  'by a clock at 1970 a known station is served, a stranger is not, and nothing is said to end',
  async t => {
    const roots = await ca()
    const pems = new PemFiles()
    pems.texts.set('/roots.pem', roots.certificatePem)
    const wall = { ms: Date.now() }
    const clock = { ...createClock(), wallMs: () => wall.ms }
    const given = {
      pems,
      clock,
      ocpp: { tls: { clientRootsFile: '/roots.pem' } },
      stations: ['CP-1', 'CP-2'],
    }
    const { security, url, root } = await site(t, given)
    const good = await station(roots, 'CP-1')
    const over = await station(roots, 'CP-1', { untilDays: -1, fromDays: -5 })
    const tried = async ({ keyPem, chainPem }: TlsIdentity, id = 'CP-1') =>
      (await dial(t, url(3, id), { ca: root, key: keyPem, cert: chainPem })).status
    t.equal(await tried(good), 101)
    t.equal(await tried(over), 403)
    wall.ms = 1_000
    t.ok(wall.ms < CLOCK_FLOOR_MS)
    t.equal(await tried(over), 101, 'nobody can say that it has expired')
    t.equal(
      await tried(await station(roots, 'CP-2', { untilDays: -1, fromDays: -5 }), 'CP-2'),
      403,
      'never seen before',
    )
    t.equal(await tried(await station(await ca('Stranger'), 'CP-1', { untilDays: -1, fromDays: -5 })), 403)
    t.same(security.state().ending, [])
  },
)

t.test(
  'without a readable authority TLS ports stay shut, plain ones open, and nothing is made in its place',
  async t => {
    const files = new MemoryFiles()
    files.documents.set('authority', { version: 1, root: 'lost' })
    const { edge, security, url } = await site(t, { files })
    t.match(edge.ports, [/^[1-9]/, /^[1-9]/, '0', '0'])
    t.equal((await dial(t, url(1), { password: PASSWORD })).status, 101)
    t.match(security.state().unreadable, [{ path: 'authority.json' }])
    t.match(files.documents.get('authority'), { root: 'lost' })
  },
)

t.test(
  'the cabinet renews its certificate 30 days ahead; with a full disk the old one serves on',
  async t => {
    const wall = { ms: Date.now() }
    const clock = { ...createClock(), wallMs: () => wall.ms }
    const { files, security, root } = await site(t, { clock })
    const until = () => certificates.read(security.authority?.servers[0]?.chainPem ?? '')?.notAfterMs ?? 0
    const before = until()
    t.ok(certificates.isIssuedBy(security.authority?.servers[1]?.chainPem ?? '', root))
    wall.ms = before - 31 * DAY_MS
    await security.look()
    t.equal(until(), before)
    wall.ms = before - 29 * DAY_MS
    files.isFull = true
    await security.look()
    t.equal(until(), before)
    t.match(security.state(), { ending: [{ about: 'server', daysLeft: 29 }], saveFault: 'ENOSPC' })
    files.isFull = false
    await security.look()
    t.ok(until() > before)
    t.match(security.state(), { ending: [], saveFault: undefined })
  },
)

t.test(
  'signs no request with a foreign identity, a weak key or that is none, nor what cannot be kept',
  async t => {
    const { files, security } = await site(t)
    const sign = async (pem: string) =>
      security.authority?.sign(pem, { stationId: 'CP-1', name: 'CP-1', by: 'test' })
    const keyPem = await certificates.makeKey('ecdsa')
    const request = (commonName: string) => certificates.makeRequest({ keyPem, name: { commonName } })
    t.same(await sign(await request('CP-2')), { fault: 'foreign-identity' })
    t.same(await sign('x'.repeat(100_000)), { fault: 'not-a-request' })
    const { generateKeyPairSync } = await import('node:crypto')
    const weak = generateKeyPairSync('rsa', {
      modulusLength: 1024,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    t.same(
      await sign(await certificates.makeRequest({ keyPem: weak.privateKey, name: { commonName: 'CP-1' } })),
      { fault: 'weak-key' },
    )
    files.isFull = true
    t.same(await sign(await request('CP-1')), { fault: 'not-kept' })
    t.same(security.authority?.issued(), [])
  },
)

// ---------------------------------------------------------------- towards the CSMS

/** A CSMS behind TLS that wants a client certificate. */
async function secureCsms(t: Test, cert: TlsIdentity, clientRoot?: string) {
  const server = createServer({
    key: cert.keyPem,
    cert: cert.chainPem,
    ...(clientRoot !== undefined && { ca: clientRoot, requestCert: true, rejectUnauthorized: true }),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const names: string[] = []
  server.on('secureConnection', socket => {
    const { subject } = socket.getPeerCertificate()
    names.push(String(subject?.CN ?? ''))
  })
  const csms = Csms.over(server)
  csms.onCall = friendly()
  t.teardown(() => {
    for (const client of csms.server.clients) client.terminate()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { csms, names, server, url: `wss://localhost:${port}/ocpp` }
}

t.test(
  'an old station on profile 0 leaves the site as profile 3; a certificate that changes drops no link',
  async t => {
    const root = await ca('Root of the CSMS')
    const { csms, names, url: csmsUrl } = await secureCsms(t, await identity(root), root.certificatePem)
    const pems = new PemFiles()
    pems.texts.set('/root.pem', root.certificatePem)
    const certificate = pems.put('cabinet', await station(root, 'cabinet-1'))
    const tls = { roots: 'file', rootsFile: '/root.pem', certificate }
    const { edge, security, url } = await site(t, {
      pems,
      csms: { url: csmsUrl, tls },
      withoutPassword: true,
    })
    const { peer, socket } = await dial(t, url(0))
    t.match(await peer.call('BootNotification', BOOT), /"Accepted"/)
    t.same(names, ['cabinet-1'])
    pems.put('cabinet', await station(root, 'cabinet-2'))
    await security.look()
    t.equal(edge.station('CP-1')?.upstream, 'open', 'what is open stays open')
    const link = await csms.station('CP-1')
    link.socket.terminate()
    await csms.station('CP-1')
    t.same(names, ['cabinet-1', 'cabinet-2'], 'the next link shows the new one')
    socket.terminate()
  },
)

t.test(
  'with an expired CSMS certificate no credential leaves, and the station goes on here (CS1)',
  async t => {
    const root = await ca('Root of the CSMS')
    const { csms, url: csmsUrl } = await secureCsms(t, await identity(root, { fromDays: -9, untilDays: -1 }))
    const pems = new PemFiles()
    pems.texts.set('/root.pem', root.certificatePem)
    const { edge, url } = await site(t, {
      pems,
      csms: { url: csmsUrl, tls: { roots: 'file', rootsFile: '/root.pem' } },
    })
    const { peer } = await dial(t, url(1), { password: PASSWORD })
    t.match(await peer.call('BootNotification', BOOT), /"status":"(Pending|Accepted)"/)
    t.match(edge.station('CP-1')?.csms, { state: 'waiting', reason: 'tls-expired' })
    t.same(csms.headers, [])
  },
)

t.test(
  'a lifted station is on profile 3 for its CSMS, which manages certificate, password and keys here',
  async t => {
    const root = await ca('Root of the CSMS')
    const first = await secureCsms(t, await identity(root))
    const pems = new PemFiles()
    pems.texts.set('/root.pem', root.certificatePem)
    const uplifts = { 'CP-1': { securityProfile: 2 } }
    const tls = { roots: 'file', rootsFile: '/root.pem' }
    const secrets = new MemoryFiles()
    const files = new MemoryFiles()
    const given = { pems, files, secrets, uplifts, csms: { url: first.url, tls } }
    const { security, url } = await site(t, given)
    const { peer } = await dial(t, url(0))
    const reached: string[] = []
    peer.configuration = undefined
    peer.onCall = ({ action, text }) => {
      reached.push(action)
      const unknown = text === '{}' ? '' : ',"unknownKey":["SecurityProfile","Odd"]'
      return action === 'GetConfiguration'
        ? `{"configurationKey":[{"key":"SecurityProfile","readonly":true,"value":"0"},{"key":"Big","readonly":true,"value":"1", "x":9007199254740993}]${unknown}}`
        : '{"status":"NotSupported"}'
    }
    t.match(await peer.call('BootNotification', BOOT), /"Accepted"/)
    let link = await first.csms.station('CP-1')
    const asked = async (action: string, payload: object) =>
      JSON.parse(await link.call(action, JSON.stringify(payload)))
    const set = async (key: string, value: string) =>
      (await asked('ChangeConfiguration', { key, value })).status

    const all = await link.call('GetConfiguration', '{}')
    t.match(all, '"value":"1", "x":9007199254740993', 'what is not ours stays as it came')
    const keys: { key: string; value: string }[] = JSON.parse(all).configurationKey
    t.same(keys.map(({ key, value }) => `${key}=${value}`).sort(), [
      'AdditionalRootCertificateCheck=false',
      'Big=1',
      'CertificateSignedMaxChainSize=10000',
      'CertificateStoreMaxLength=5',
      'CpoName=',
      'SecurityProfile=2',
    ])
    const some = await asked('GetConfiguration', { key: ['SecurityProfile', 'Odd'] })
    t.match(some, { unknownKey: ['Odd'] })
    t.equal(await set('SecurityProfile', '3'), 'Rejected', 'there is no certificate yet')
    t.equal(await set('SecurityProfile', '1'), 'Rejected')
    t.equal(await set('CertificateStoreMaxLength', '9'), 'Rejected')
    t.equal(await set('AuthorizationKey', 'short'), 'Rejected')
    t.equal(await set('CpoName', 'A CPO'), 'Accepted')

    const asks = async () => {
      const csr = new Promise<string>(resolve => {
        const usual = friendly()
        first.csms.onCall = call => {
          if (call.action === 'SignCertificate') resolve(JSON.parse(call.text).csr)
          return usual(call)
        }
      })
      t.match(await asked('ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' }), {
        status: 'Accepted',
      })
      return csr
    }
    const signed = async (csr: string, commonName = 'CP-1', issuer = root) =>
      certificates.issue({
        issuer,
        subject: { requestPem: csr },
        name: { commonName },
        use: 'client',
        notBeforeMs: Date.now() - DAY_MS,
        notAfterMs: Date.now() + DAY_MS,
      })
    const csr = await asks()
    t.match(await certificates.readRequest(csr), { commonNames: ['CP-1'], organizations: ['A CPO'] })
    const refused = [
      await signed(csr, 'CP-2'),
      (await station(root, 'CP-1')).chainPem,
      'x'.repeat(10_000),
      '',
    ]
    for (const certificateChain of refused)
      t.match(await asked('CertificateSigned', { certificateChain }), { status: 'Rejected' })
    files.isFull = true
    t.match(await asked('CertificateSigned', { certificateChain: await signed(csr) }), { status: 'Rejected' })
    files.isFull = false
    t.match(await asked('CertificateSigned', { certificateChain: await signed(csr) }), { status: 'Accepted' })

    const other = await ca('Next root')
    const installs = (certificate: string) =>
      asked('InstallCertificate', { certificateType: 'CentralSystemRootCertificate', certificate })
    t.match(await installs((await identity(root)).chainPem), { status: 'Rejected' }, 'no root')
    t.match(await installs(other.certificatePem), { status: 'Accepted' })
    const list = async () =>
      asked('GetInstalledCertificateIds', { certificateType: 'CentralSystemRootCertificate' })
    const { certificateHashData } = await list()
    t.equal(certificateHashData.length, 2)
    t.same(security.clientTls('CP-2')?.roots.length, 1, 'trusted for this station alone')
    const mine = await certificates.hashesOf(root.certificatePem, root.certificatePem, 'SHA384')
    t.match(
      await asked('DeleteCertificate', { certificateHashData: mine }),
      { status: 'Failed' },
      "the operator's",
    )
    const next = await certificates.hashesOf(other.certificatePem, other.certificatePem, 'SHA512')
    t.match(await asked('DeleteCertificate', { certificateHashData: next }), { status: 'Accepted' })
    t.notOk(
      reached.some(action => action !== 'GetConfiguration'),
      `none of it has reached the station: ${reached}`,
    )
    t.match(await asked('DeleteCertificate', { certificateHashData: next }), { status: 'NotSupported' })
    t.match(
      await asked('InstallCertificate', {
        certificateType: 'ManufacturerRootCertificate',
        certificate: other.certificatePem,
      }),
      { status: 'NotSupported' },
      "the manufacturer's are the station's",
    )

    const again = async (answered: Promise<string>) => {
      const closed = once(link.socket, 'close')
      t.equal(await answered, 'Accepted', 'before it is dialled anew')
      await closed
      link = await first.csms.station('CP-1')
    }
    await again(set('AuthorizationKey', NEXT.toString('hex')))
    t.equal(first.csms.headers.at(-1), basic(NEXT))
    await again(set('SecurityProfile', '3'))
    t.equal(await set('SecurityProfile', '2'), 'Rejected', 'never down')
    t.equal(peer.socket.readyState, peer.socket.OPEN, 'the station has noticed nothing')

    t.equal(
      (await dial(t, url(1), { password: PASSWORD })).status,
      401,
      'nobody but this cabinet could judge it',
    )
    const strict = await secureCsms(t, await identity(root), root.certificatePem)
    const restarted = await site(t, { ...given, csms: { url: strict.url, tls } })
    const renewals: string[] = []
    let told: (csr: string) => void = () => undefined
    const renewal = new Promise<string>(resolve => (told = resolve))
    strict.csms.onCall = call => {
      if (call.action === 'SignCertificate') {
        renewals.push(call.text)
        told(JSON.parse(call.text).csr)
      }
      return friendly()(call)
    }
    const back = await dial(t, restarted.url(0), { password: PASSWORD })
    t.match(await back.peer.call('BootNotification', BOOT), /"Accepted"/)
    t.same(strict.names, ['CP-1'], 'after a restart, to a CSMS that wants a certificate')
    t.equal(strict.csms.headers.at(-1), basic(NEXT))

    const shown = () => restarted.security.clientTls('CP-1')?.identity?.chainPem
    const before = shown()
    const nextCsr = await renewal
    t.match(await certificates.readRequest(nextCsr), { commonNames: ['CP-1'], organizations: ['A CPO'] })
    t.equal(shown(), before, 'the one that ends within a day is shown until there is another')
    const uplink = await strict.csms.station('CP-1')
    const give = async (certificateChain: string) =>
      JSON.parse(await uplink.call('CertificateSigned', JSON.stringify({ certificateChain })))
    const revoked = await signed(nextCsr, 'CP-1', await ca('Somebody else'))
    t.match(await give(await signed(csr)), { status: 'Rejected' }, 'for the key of before')
    t.match(await give(await signed(nextCsr, 'CP-2')), { status: 'Rejected' })
    t.match(await give(await signed(nextCsr)), { status: 'Accepted' })
    t.not(shown(), before)
    t.match(await give(revoked), { status: 'Rejected' }, 'a request is answered once')
    uplink.socket.terminate()
    await strict.csms.station('CP-1')
    await back.peer.call('Heartbeat', '{}')
    t.equal(renewals.length, 1, 'this one ends within a day too, and is asked for once in one')
  },
)

// ---------------------------------------------------------------- passwords and certificates of stations

const OLD = PASSWORD
const NEXT = Buffer.from('A0B1C2D3E4F5A6B7C8D9E0F1A2B3C4D5', 'hex')
const CHANGE = `{"key":"AuthorizationKey","value":"${NEXT.toString('hex').toUpperCase()}"}`

/** Secrets in which CP-1 has the old password. */
function secretsFile(): MemoryFiles {
  const files = new MemoryFiles()
  files.documents.set('secrets', { stations: { 'CP-1': OLD.toString('base64') } })
  return files
}

async function plainCsms(t: Test) {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  t.teardown(() => csms.stop())
  return { csms, url: `ws://127.0.0.1:${csms.port}/ocpp` }
}

const basic = (octets: Buffer): string =>
  `Basic ${Buffer.concat([Buffer.from('CP-1:'), octets]).toString('base64')}`

t.test(
  '073: the CSMS changes the password; the old one ends when the station comes with the new one',
  async t => {
    const { csms, url: csmsUrl } = await plainCsms(t)
    const secrets = secretsFile()
    const { url } = await site(t, { secrets, csms: { url: csmsUrl } })
    const first = await dial(t, url(1), { password: OLD })
    const link = await csms.station('CP-1')
    const answered = link.call('ChangeConfiguration', CHANGE)
    const order = await first.peer.next('ChangeConfiguration')
    t.equal(order.text, CHANGE, 'the station gets exactly that')
    t.match(
      secrets.documents.get('secrets'),
      { changing: { 'CP-1': { isKnownAbove: false } } },
      'kept before it was told',
    )
    first.peer.answer(order.id, '{"status":"Accepted"}')
    t.equal(await answered, '{"status":"Accepted"}')
    t.equal((await dial(t, url(1), { password: OLD })).status, 101, 'until it has come with the new one')
    t.equal((await dial(t, url(1), { password: NEXT })).status, 101)
    t.equal((await dial(t, url(1), { password: OLD })).status, 401)
    await csms.station('CP-1')
    t.same([csms.headers[0], csms.headers.at(-1)], [basic(OLD), basic(NEXT)], 'the CSMS is shown the new one')
    t.notMatch(JSON.stringify(secrets.documents.get('secrets')), OLD.toString('base64'))
    const again = await site(t, { secrets })
    t.equal((await dial(t, again.url(1), { password: NEXT })).status, 101, 'after a restart')
  },
)

t.test('a change that is refused, lost or not kept leaves the old password good on both legs', async t => {
  const { csms, url: csmsUrl } = await plainCsms(t)
  const secrets = secretsFile()
  const { url } = await site(t, { secrets, csms: { url: csmsUrl } })
  const { peer, socket } = await dial(t, url(1), { password: OLD })
  const link = await csms.station('CP-1')
  const refused = link.call('ChangeConfiguration', CHANGE)
  peer.answer((await peer.next('ChangeConfiguration')).id, '{"status":"Rejected"}')
  t.equal(await refused, '{"status":"Rejected"}')
  t.equal((await dial(t, url(1), { password: NEXT })).status, 401, 'A01.FR.04')
  secrets.isFull = true
  t.equal(await link.call('ChangeConfiguration', CHANGE), '{"status":"Rejected"}')
  secrets.isFull = false
  t.equal(
    await link.call('ChangeConfiguration', '{"key":"AuthorizationKey","value":"short"}'),
    '{"status":"Rejected"}',
  )
  void link.call('ChangeConfiguration', CHANGE)
  await peer.next('ChangeConfiguration')
  socket.terminate()
  t.equal((await dial(t, url(1), { password: NEXT })).status, 101, 'it may have it')
  await csms.station('CP-1')
  t.equal(csms.headers.at(-1), basic(OLD), 'the CSMS was told that it has not')
})

t.test(
  'a certificate is signed for a station that has proven itself, not for who only knows its name',
  async t => {
    const { edge, root, security, url } = await site(t)
    const keyPem = await certificates.makeKey('ecdsa')
    const csr = await certificates.makeRequest({ keyPem, name: { commonName: 'CP-1' } })
    const request = JSON.stringify({ csr })
    const proven = await dial(t, url(1), { password: PASSWORD })
    t.equal(await proven.peer.call('SignCertificate', request), '{"status":"Accepted"}')
    const signed = await proven.peer.next('CertificateSigned')
    const { certificateChain } = JSON.parse(signed.text)
    t.ok(certificates.isIssuedBy(certificateChain, root))
    t.ok(certificates.isKeyOf(keyPem, certificateChain))
    t.match(security.authority?.issued(), [{ stationId: 'CP-1', by: 'station' }])
    proven.peer.answer(signed.id, '{"status":"Accepted"}')
    t.equal((await dial(t, url(3), { ca: root, key: keyPem, cert: certificateChain })).status, 101, '074')
    security.lower('CP-1', 'admin')

    const open = await site(t, { withoutPassword: true })
    const anybody = await dial(t, open.url(0))
    t.equal(await anybody.peer.call('SignCertificate', request), '{"status":"Rejected"}')
    const order = open.edge.command('CP-1', 'ExtendedTriggerMessage', {
      requestedMessage: 'SignChargePointCertificate',
    })
    anybody.peer.answer((await anybody.peer.next('ExtendedTriggerMessage')).id, '{"status":"Accepted"}')
    t.match(await order, { kind: 'result' })
    t.equal(
      await anybody.peer.call('SignCertificate', request),
      '{"status":"Accepted"}',
      'an operator has told it to',
    )
    t.equal(await anybody.peer.call('SignCertificate', request), '{"status":"Rejected"}', 'once')
    t.equal(edge.station('CP-1')?.connected, true)
  },
)

// ---------------------------------------------------------------- record and API

/** A record over its own clock, with what it has. */
async function recordOver(files: MemoryFiles) {
  const clock = handClock()
  const record = await SecurityRecord.open({ clock, files, secrets: createSecrets() })
  const log = record.listening(quietLog)
  return { clock, record, log, types: () => record.entries().map(({ type }) => type) }
}

t.test(
  'the security record chains what was tried, once an hour each; a cut or an edit shows (PR3)',
  async t => {
    const files = new MemoryFiles()
    const { clock, log, record, types } = await recordOver(files)
    const refused = (reason: string, station = 'CP-1') =>
      log.write('warn', 'station.refused', { station, reason, remote: '10.0.0.9' })
    refused('downgrade')
    refused('tls-old-version')
    refused('wrong-password')
    refused('wrong-password')
    log.write('warn', 'password-wrong', { remote: '10.0.0.7' })
    log.write('info', 'csms.retry', { url: 'wss://csms.example/ocpp/CP-1', reason: 'tls-expired' })
    log.write('info', 'csms.retry', { url: 'wss://csms.example/ocpp/CP-2', reason: 'tls-expired' })
    log.write('info', 'station.connected', { station: 'CP-1' })
    const first = ['DowngradeRefused', 'InvalidTLSVersion', 'StationFailedToAuthenticate', 'LoginFailed']
    t.same(types(), [...first, 'InvalidCentralSystemCertificate'])
    clock.advance(3_600_000)
    refused('wrong-password')
    t.match(record.entries().at(-1), { detail: /1 more before/, seq: 6 })
    const { digest } = createSecrets()
    const whole = securityRecordSchema.parse(files.documents.get('security-record'))
    t.equal(brokenAt(whole, digest), undefined)
    const edited = whole.entries.map(one => (one.seq === 3 ? { ...one, about: 'CP-9' } : one))
    t.equal(brokenAt({ ...whole, entries: edited }, digest), 3)
    t.equal(brokenAt({ ...whole, entries: whole.entries.filter(({ seq }) => seq !== 2) }, digest), 3)
    files.documents.set('security-record', { ...whole, entries: edited })
    const again = await recordOver(files)
    t.match(again.record.state(), { brokenAt: 3 })
    t.equal(again.types().at(-1), 'SecurityLogWasChanged')
  },
)

t.test(
  'a flood of strangers makes 61 entries in a minute, and a full file gives way to the next',
  async t => {
    const files = new MemoryFiles()
    const { clock, log, record, types } = await recordOver(files)
    for (let at = 0; at < 1_000; at++)
      log.write('warn', 'station.refused', {
        station: `X-${at}`,
        reason: 'unknown-station',
        remote: '10.0.0.9',
      })
    t.equal(types().length, 61)
    t.equal(record.counts().get('UnknownStation'), 1_000, 'each is counted')
    t.equal(types().at(-1), 'SecurityEventsFlood')
    for (let minute = 1; minute < 10; minute++) {
      clock.advance(60_000)
      for (let at = 0; at < 60; at++)
        log.write('warn', 'station.refused', { station: `Y-${minute}-${at}`, reason: 'unknown-station' })
    }
    t.equal(record.entries()[0]?.seq, 501)
    const full = securityRecordSchema.parse(files.documents.get('security-record-2'))
    t.equal(full.entries.length, 500)
    const next = securityRecordSchema.parse(files.documents.get('security-record'))
    t.equal(next.before, full.entries.at(-1)?.hash)
    const { record: reopened } = await recordOver(files)
    t.equal(reopened.state().brokenAt, undefined)
    files.documents.set('security-record', 'nothing')
    t.same((await recordOver(files)).types(), ['SecurityLogWasCleared'])
    t.equal(files.documents.get('security-record-aside'), 'nothing')
    files.isFull = true
    log.write('warn', 'password-wrong', { remote: '10.0.0.8' })
    await new Promise(resolve => setImmediate(resolve))
    const [alarm] = certificateConditions({ ...NO_CERTIFICATES, record: record.state() })
    t.match(alarm, { code: 'security-record-not-kept', text: /not on the disk: ENOSPC/ })
  },
)

t.test(
  'each entry of the record goes to a syslog receiver over TLS, once it is there; what waits is bounded',
  async t => {
    const root = await ca()
    const { keyPem: key, chainPem: cert } = await identity(root)
    const { clock, log, record } = await recordOver(new MemoryFiles())
    let text = ''
    let heard: () => void = () => {}
    const server = createTlsServer({ key, cert }, socket => {
      socket.on('data', data => {
        text += String(data)
        heard()
      })
      socket.on('error', () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const attempts: (() => void)[] = []
    let trusted = (await ca('Somebody else')).certificatePem
    let told: () => void = () => {}
    const feed = new SyslogFeed({
      ports: {
        clock: {
          ...clock,
          after: (_ms, run) => {
            attempts.push(run)
            told()
            return { cancel: () => undefined }
          },
        },
        log: quietLog,
        random: { next: () => 0 },
        syslog: createSyslog(),
      },
      config: { host: 'localhost', port, tls: { roots: 'file', pins: [] } },
      siteId: 'depot',
      tls: () => ({ systemRoots: false, roots: [trusted], pins: [] }),
      record,
    })
    t.teardown(() => feed.stop())
    const closed = () => new Promise<void>(resolve => (told = resolve))
    await closed()
    log.write('warn', 'password-wrong', { remote: '10.0.0.7\n<0>1 forged' })
    clock.advance(61_000)
    t.match(feed.alarm(), { syslog: { reason: 'unknown-root', waiting: 1, dropped: 0 } })
    t.match(certificateConditions({ ...NO_CERTIFICATES, ...feed.alarm() }), [{ code: 'syslog-away' }])
    t.equal(text, '', 'nothing was said to a stranger')
    trusted = root.certificatePem
    attempts.shift()?.()
    while (!text.includes('LoginFailed')) await new Promise<void>(resolve => (heard = resolve))
    const [, length = '', message = ''] = /^(\d+) ([\s\S]+)$/.exec(text) ?? []
    t.equal(Buffer.byteLength(message), Number(length), 'the octets of one message')
    t.match(message, /^<109>1 \d{4}-\S+Z depot busbar - LoginFailed - \uFEFF\{"site":"depot","seq":1,/)
    t.notMatch(message, '\n', 'what a stranger wrote makes no line of its own')
    t.same(feed.alarm(), {})
    const silent = { connect: () => ({ send: () => false, stop: () => undefined }) }
    const lonely = new SyslogFeed({
      ports: { clock, log: quietLog, random: { next: () => 0 }, syslog: silent },
      config: { host: 'localhost', port, tls: { roots: 'system', pins: [] } },
      siteId: 'depot',
      tls: () => undefined,
      record,
    })
    for (let more = 0; more < 1_100; more++) {
      if (more % 50 === 0) clock.advance(60_000)
      log.write('warn', 'isolation', { station: `CP-${more}`, by: 'admin' })
    }
    t.match(lonely.alarm(), { syslog: { reason: 'not reached yet', waiting: 1_000, dropped: 100 } })
    await lonely.stop()
  },
)

t.test('the page shows what the site authority made, or the operator, or one of this start', async t => {
  const { security, files } = await site(t)
  const shown = security.pageIdentity()
  t.equal(shown?.chainPem, security.authority?.servers[0]?.chainPem)
  files.documents.set('authority', 'damaged')
  const damaged = await site(t, { files })
  t.equal(damaged.security.authority, undefined)
  const passing = damaged.security.pageIdentity()
  t.ok(passing !== undefined && certificates.isKeyOf(passing.keyPem, passing.chainPem))
  t.match(certificates.read(passing?.chainPem ?? '')?.dnsNames, ['localhost'])
  t.equal(files.documents.get('authority'), 'damaged', 'and nothing was put in its place')
  const pems = new PemFiles()
  const own = await identity(await ca(), {})
  const named = await site(t, { pems, web: { certificate: pems.put('page', own) } })
  t.equal(named.security.pageIdentity()?.chainPem, own.chainPem)
})

t.test(
  'the API shows certificates and profiles, gives the root, revokes and forgets by name; no key leaves',
  async t => {
    const { config, edge, keeper, root, security, url } = await site(t)
    const { record, log } = await recordOver(new MemoryFiles())
    const app = new OpenAPIHono<WebEnv>()
    app.use(async (c, next) => {
      c.set('identity', { name: 'admin', role: 'admin', stillValid: async () => true })
      await next()
    })
    certificateRoutes(
      app,
      securityDesk({
        config: () => config,
        security,
        record,
        certificates,
        log,
        shownProfile: id => keeper.shownProfile(id),
        closeThoseWith: edge.revoked,
      }),
    )
    const post = (path: string, body: object) =>
      app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    t.equal((await dial(t, url(1), { password: PASSWORD })).status, 101)
    const keyPem = await certificates.makeKey('ecdsa')
    const csr = await certificates.makeRequest({ keyPem, name: { commonName: 'CP-1' } })
    for (let renewed = 0; renewed < 3; renewed++) await security.sign('CP-1', csr)
    const listed = await (await app.request('/api/v1/certificates')).text()
    t.notMatch(listed, /PRIVATE/)
    const { issued, leastProfiles, servers } = JSON.parse(listed)
    t.match(leastProfiles, [{ stationId: 'CP-1', least: 1, shown: 1 }])
    t.match(servers, [{ names: ['localhost', '127.0.0.1'] }, {}])
    t.equal(await (await app.request('/api/v1/certificates/root.pem')).text(), root)
    const [{ sha256: replaced }, { sha256 }, { sha256: newest }] = issued
    t.same(await (await post(`/api/v1/certificates/${sha256}/revocation`, { revoked: true })).json(), {
      kept: true,
      closed: 0,
    })
    t.ok(security.isRevoked(sha256))
    t.ok(security.isRevoked(replaced), 'whoever has its key may have the one it replaced')
    t.notOk(security.isRevoked(newest), 'what replaced it holds')
    t.same(await (await post('/api/v1/stations/CP-1/security-profile', { forget: true })).json(), {
      least: 0,
    })
    t.equal((await post('/api/v1/stations/CP-1/security-profile', { forget: true })).status, 404)
    const shown = await (await app.request('/api/v1/security-record')).json()
    t.match(shown, { entries: [{ type: 'StationCertificateRevoked', about: 'CP-1', detail: /by admin/ }] })
  },
)

t.test(
  'what is said of two stations at once is kept of both, and a revocation is not undone by it',
  async t => {
    const files = new MemoryFiles()
    const uplifts = { 'CP-1': { securityProfile: 2 }, 'CP-2': { securityProfile: 2 } }
    const root = await ca('Root of the CSMS')
    const csms = await secureCsms(t, await identity(root))
    const pems = new PemFiles()
    pems.texts.set('/root.pem', root.certificatePem)
    const tls = { roots: 'file', rootsFile: '/root.pem' }
    const stations = ['CP-1', 'CP-2']
    const given = { files, pems, uplifts, stations, csms: { url: csms.url, tls } }
    const { security } = await site(t, given)
    const names = async (of: SiteSecurity) =>
      stations.map(
        id =>
          of
            .upliftOf(id)
            ?.keys()
            .find(({ key }) => key === 'CpoName')?.value,
      )
    const taken = stations.map(id => security.upliftOf(id)?.change('CpoName', `CPO of ${id}`))
    t.same(await Promise.all(taken), [true, true])
    t.same(await names(security), ['CPO of CP-1', 'CPO of CP-2'])
    t.same(await names((await site(t, given)).security), ['CPO of CP-1', 'CPO of CP-2'], 'on the disk too')

    const { authority } = security
    const sign = async (id: string) => {
      const keyPem = await certificates.makeKey('ecdsa')
      const csr = await certificates.makeRequest({ keyPem, name: { commonName: id } })
      return authority?.sign(csr, { stationId: id, name: id, by: 'test' })
    }
    await sign('CP-1')
    const [first] = authority?.issued() ?? []
    const save = files.save
    let revoked: Promise<boolean> | undefined
    files.save = async (name, document) => {
      // While the next certificate is on its way to the disk.
      if (name === 'authority') revoked ??= authority?.revoke(first?.sha256 ?? '', 'CP-1', 'admin')
      await save(name, document)
    }
    const both = await Promise.all([sign('CP-1'), sign('CP-2')])
    t.ok(both.every(signed => signed !== undefined && 'chainPem' in signed))
    t.equal(await revoked, true)
    t.equal(authority?.isRevoked(first?.sha256 ?? ''), true)
    t.equal(authority?.issued().length, 3)
    files.save = save
    const again = (await site(t, given)).security.authority
    t.equal(again?.isRevoked(first?.sha256 ?? ''), true)
    t.equal(again?.issued().length, 3)
  },
)
