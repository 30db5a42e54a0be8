/** The page announced by mDNS, over real multicast: on the loopback, with the library's own browser as the laptop. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bonjour, type Service } from 'bonjour-service'
import t, { type Test } from 'tap'
import { createAnnouncer } from '../../src/adapters/page-announcer.js'
import { openPage } from '../../src/gateway/page-door.js'
import type { AnnouncedPage, PageAnnouncement, PageInNetwork } from '../../src/ports.js'
import { keptLog } from '../ocpp/hand-clock.js'
import { start } from '../process/fixtures/process.js'
import { GOOD } from '../process/fixtures/site.js'

t.setTimeout(90_000)

const HOST = '127.0.0.1'
const GROUP = '224.0.0.251'
const LOOPBACK = { address: HOST, addresses: [HOST], ofMachine: new Set([HOST]) }
const TEN = { ...LOOPBACK, address: '10.1.1.1', addresses: ['10.1.1.1'] }
const PAGE: AnnouncedPage = {
  ...{ name: 'Busbar depot', host: '0.0.0.0', port: 8443, isSecure: true },
  hostNames: ['busbar.local'],
}

/** A datagram to the group comes back; else why not. */
async function multicastFault(address: string): Promise<string | false> {
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind(0)
    await once(socket, 'listening')
    socket.addMembership(GROUP, address)
    socket.setMulticastInterface(address)
    const heard = once(socket, 'message', { signal: AbortSignal.timeout(2_000) })
    socket.send('x', socket.address().port, GROUP)
    await heard
    return false
  } catch (fault) {
    return `no multicast at ${address}: ${String(fault)}`
  } finally {
    socket.close()
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = dgram.createSocket('udp4').bind(0)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 400; n++) {
    if (isSo()) return
    await new Promise(done => setTimeout(done, 25))
  }
  throw new Error(`not so within 10 s: ${what}`)
}

/** What a laptop sees of one service. */
function laptop(t: Test, type: string, port: number, address = HOST) {
  const via: object = { port, interface: address, bind: '0.0.0.0' }
  const bonjour = new Bonjour(via)
  t.teardown(() => bonjour.destroy())
  const seen = new Map<string, Service>()
  const browser = bonjour.find({ type }, service => seen.set(service.name, service))
  browser.on('down', (service: Service) => seen.delete(service.name))
  return seen
}

function announce(t: Test, port: number, page: Partial<AnnouncedPage> = {}, network = LOOPBACK) {
  const told: (readonly PageInNetwork[])[] = []
  const announcer = createAnnouncer({ via: { port }, networks: () => [network] })
  const made: PageAnnouncement = announcer.announce({ ...PAGE, ...page }, () => told.push(made.networks()))
  t.teardown(() => made.stop())
  return { made, told, first: (): PageInNetwork | undefined => made.networks()[0] }
}

const why = await multicastFault(HOST)
const skip = why === false ? {} : { skip: why }

t.test('the page is found by name and port, by https and http, and gone when it ends', skip, async t => {
  const port = await freeUdpPort()
  const { first, made } = announce(t, port)
  await until('announced', () => first()?.name !== undefined)
  t.same(first(), { address: HOST, name: 'Busbar depot', hostNames: ['busbar.local'], taken: [] })
  const [secure, plain] = [laptop(t, 'https', port), laptop(t, 'http', port)]
  await until('seen', () => secure.size === 1 && plain.size === 1)
  t.match(secure.get('Busbar depot'), {
    host: 'busbar.local',
    port: 8443,
    addresses: [HOST],
    txt: { path: '/' },
  })
  t.match(plain.get('Busbar depot'), { host: 'busbar.local', port: 8443, addresses: [HOST] })
  const from = performance.now()
  await made.stop()
  t.ok(performance.now() - from < 600, 'it holds nobody up')
  await until('gone', () => secure.size === 0 && plain.size === 0)
})

t.test('a page without TLS is announced by http alone', skip, async t => {
  const port = await freeUdpPort()
  const { first } = announce(t, port, { isSecure: false })
  await until('announced', () => first()?.name !== undefined)
  const [secure, plain] = [laptop(t, 'https', port), laptop(t, 'http', port)]
  await until('seen', () => plain.size === 1)
  t.equal(secure.size, 0)
})

t.test(
  'a service of that name gets a number; a host name of another machine is left to it',
  skip,
  async t => {
    const port = await freeUdpPort()
    const other = { ...LOOPBACK, addresses: ['10.9.9.9'], ofMachine: new Set(['10.9.9.9']) }
    const one = announce(t, port, {}, other)
    await until('the other is there', () => one.first()?.name !== undefined)
    const { first } = announce(t, port, { hostNames: ['busbar.local', 'depot.local'] })
    await until('announced', () => first()?.name !== undefined)
    t.same(first(), {
      ...{ address: HOST, name: 'Busbar depot (2)', hostNames: ['depot.local'] },
      taken: [{ name: 'busbar.local', by: '10.9.9.9' }],
    })
    const none = announce(t, port)
    await until('refused', () => none.first()?.fault !== undefined)
    t.match(none.first(), { fault: { kind: 'names-taken', detail: 'busbar.local' } })
    t.equal(one.first()?.name, 'Busbar depot', 'who was there first keeps its name')
  },
)

t.test(
  'what another program of this machine answers for is pointed to and not answered twice',
  skip,
  async t => {
    const port = await freeUdpPort()
    const avahi = announce(t, port, { name: 'another program' })
    await until('the other is there', () => avahi.first()?.name !== undefined)
    const { first } = announce(t, port)
    await until('announced', () => first()?.name !== undefined)
    t.match(first(), { name: 'Busbar depot', hostNames: ['busbar.local'], taken: [] })
  },
)

t.test('who begins to answer for our name later gets it, and that is a note', skip, async t => {
  const port = await freeUdpPort()
  const { first, told } = announce(t, port)
  await until('announced', () => first()?.name !== undefined)
  const bonjour = new Bonjour({ port, interface: HOST, bind: '0.0.0.0' } as object)
  t.teardown(() => bonjour.destroy())
  bonjour.publish({ name: 'Busbar depot', type: 'https', port: 1, host: 'thief.local', probe: false })
  await until('lost', () => first()?.fault !== undefined)
  t.match(first(), { fault: { kind: 'name-lost', detail: 'Busbar depot._https._tcp.local' }, hostNames: [] })
  t.ok(told.length >= 2)
})

t.test('packets of noise, of a hundred questions and of broken records end nothing', skip, async t => {
  const port = await freeUdpPort()
  const { first } = announce(t, port)
  await until('announced', () => first()?.name !== undefined)
  const hostile = dgram.createSocket('udp4').bind(0, HOST)
  t.teardown(() => hostile.close())
  await once(hostile, 'listening')
  hostile.setMulticastInterface(HOST)
  const head = (flags: number, questions: number, answers: number) =>
    Buffer.from([0, 0, flags, 0, 0, questions, 0, answers, 0, 0, 0, 0])
  const name = Buffer.from('\x06busbar\x05local\0', 'latin1')
  const empty = Buffer.concat([name, Buffer.from([0, 33, 0, 1, 0, 0, 0, 9, 0, 0])])
  const asked = Buffer.concat([name, Buffer.from([0, 255, 0, 1])])
  for (const packet of [
    Buffer.from('noise'),
    Buffer.alloc(0),
    Buffer.alloc(1_400, 0xff),
    Buffer.concat([head(0x84, 0, 1), empty]),
    Buffer.concat([head(0x84, 0, 1), name, Buffer.from([0, 1, 0, 1, 0, 0, 0, 9, 0, 1, 7])]),
    Buffer.concat([head(0, 100, 0), ...Array.from({ length: 100 }, () => asked)]),
    Buffer.concat([head(0, 1, 0), Buffer.from([0xc0, 0x0c]), Buffer.from([0, 255, 0, 1])]),
  ])
    hostile.send(packet, port, GROUP)
  await new Promise(done => setTimeout(done, 1_200))
  const seen = laptop(t, 'https', port)
  await until('still there', () => seen.size === 1)
  t.equal(first()?.fault, undefined)
})

t.test('a port that another program has for itself is a note, and ends at once', async t => {
  const holder = dgram.createSocket('udp4').bind(0)
  await once(holder, 'listening')
  t.teardown(() => holder.close())
  const { first, made } = announce(t, holder.address().port)
  await until('told', () => first()?.fault !== undefined)
  t.match(first(), { fault: { kind: 'network', detail: /EADDRINUSE/ } })
  await made.stop()
})

t.test('a network that comes is announced in, one that goes is given up', skip, async t => {
  const port = await freeUdpPort()
  let there = [LOOPBACK]
  const made = createAnnouncer({ via: { port }, lookMs: 50, networks: () => there }).announce(
    PAGE,
    () => undefined,
  )
  t.teardown(() => made.stop())
  await until('announced', () => made.networks()[0]?.name !== undefined)
  there = []
  await until('given up', () => made.networks().length === 0)
})

t.test(
  'a page on one address is announced there alone, one on the loopback or switched off nowhere',
  async t => {
    const asked: AnnouncedPage[] = []
    const log = keptLog()
    const listener = { port: 8443, stop: async () => undefined }
    const ports = {
      log,
      http: { listen: async () => listener },
      announcer: {
        announce: (page: AnnouncedPage) => {
          asked.push(page)
          return { networks: () => [], stop: async () => void asked.pop() }
        },
      },
    }
    const web = { host: '0.0.0.0', port: 8443, hostNames: ['a.example', 'hall.local'], mdns: true as const }
    const open = { ...web, hostname: 'box.example', siteId: 'depot' }
    const door = await openPage(ports, open, { pageIdentity: () => undefined }, () => new Response())
    await until('asked', () => asked.length === 1)
    t.same(asked[0], {
      ...{ host: '0.0.0.0', port: 8443, isSecure: false },
      ...{ name: 'Busbar depot', hostNames: ['hall.local'] },
    })
    door.announce({ ...web, hostNames: [], mdns: { name: 'Hall 3', addresses: ['10.0.0.5'] } })
    await until('anew', () => asked[0]?.name === 'Hall 3')
    t.match(asked, [{ hostNames: ['box.local'], addresses: ['10.0.0.5'] }], 'the one before is taken back')
    door.announce({ ...web, mdns: false })
    await until('taken back', () => asked.length === 0)
    door.announce(web)
    await until('again', () => asked.length === 1)
    await door.stop()
    t.equal(asked.length, 0, 'and at the end')
    const own = createAnnouncer({ networks: () => [LOOPBACK, TEN] })
    for (const [host, addresses, expected] of [
      ['10.7.7.7', undefined, []],
      ['::1', undefined, []],
      ['0.0.0.0', ['10.7.7.7'], []],
    ] as const) {
      const made = own.announce({ ...PAGE, host, ...(addresses && { addresses }) }, () => undefined)
      t.same(made.networks(), expected, host)
      await made.stop()
    }
  },
)

const outside = Object.values(networkInterfaces())
  .flatMap(list => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)
const whyNot = outside === undefined ? 'no network but the loopback' : await multicastFault(outside.address)

t.test(
  'Busbar itself: announced by its port, taken back and given again live, and taken back on SIGTERM',
  whyNot === false ? {} : { skip: whyNot },
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'busbar-mdns-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const config = join(folder, 'busbar.json')
    const name = `Busbar test ${process.pid}`
    const web = {
      ...GOOD.web,
      host: outside!.address,
      plainHttp: 'serve',
      hostNames: [`busbar-${process.pid}.local`],
    }
    const document = { ...GOOD, web: { ...web, mdns: { name } } }
    writeFileSync(config, JSON.stringify(document))
    const run = start(['run', '--config', config, '--data', join(folder, 'data')], {
      BUSBAR_ADMIN_PASSWORD: 'canary-password',
    })
    t.teardown(() => run.child.kill('SIGKILL'))
    const { webPort } = JSON.parse(await run.line('busbar runs')) as { webPort: number }
    t.match(JSON.parse(await run.line('page.announced')), { name, hostNames: web.hostNames[0] })
    const seen = laptop(t, 'https', 5353, outside!.address)
    await until('seen', () => seen.has(name))
    t.match(seen.get(name), { port: webPort, host: web.hostNames[0] })
    const url = `http://${outside!.address}:${webPort}/api/v1`
    const authorization = `Basic ${btoa('admin:canary-password')}`
    const told = await (await fetch(`${url}/announcement`, { headers: { authorization } })).json()
    t.match(told, { networks: [{ address: outside!.address, name }] })
    const put = async (mdns: unknown) => {
      const tag = (await fetch(`${url}/config`, { headers: { authorization } })).headers.get('etag') ?? ''
      const headers = {
        authorization,
        origin: url.slice(0, -7),
        'content-type': 'application/json',
        'if-match': tag,
      }
      const body = JSON.stringify({ ...document, web: { ...web, mdns } })
      return (await fetch(`${url}/config`, { method: 'PUT', headers, body })).status
    }
    t.equal(await put(false), 200, 'applied, no restart')
    await until('taken back', () => !seen.has(name))
    t.equal(await put({ name }), 200)
    await until('given again', () => seen.has(name))
    run.child.kill('SIGTERM')
    t.equal(await run.ended, 0)
    await until('taken back', () => !seen.has(name))
  },
)
