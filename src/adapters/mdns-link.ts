/**
 * The page in one network by mDNS (RFC 6762, 6763): asks whether its names are free (§8.1), says them (§8.3), answers for them,
 * takes them back at the end (§10.1). The packets are bonjour-service's; its own way of announcing is not used: it prints a name
 * that is taken to the console, answers in one network only and with the addresses of all. Nothing here throws or rejects.
 */
import dgram from 'node:dgram'
import { isIP } from 'node:net'
import type { AnnouncedPage, PageInNetwork } from '../ports.js'

const MDNS_PORT = 5353
const PROBES = 3
const PROBE_MS = 250
const SAY_AGAIN_MS = 1_000
const GOODBYE_MS = 250
/** Of one service; whoever has nine cabinets of one name in a network gives them names. */
const MOST_NAMES = 9
const HOST_TTL_S = 120
/** Whoever is in the network can ask: more a second are not heard. */
const MOST_PACKETS_A_SECOND = 50
/** A question is answered by a packet of its own. */
const MOST_QUESTIONS = 20

export interface OwnNetwork {
  /** IPv4: the network is found by it. */
  readonly address: string
  /** All of this network. */
  readonly addresses: readonly string[]
  /** Of all networks of this machine: the page of another one is heard here too. */
  readonly ofMachine: ReadonlySet<string>
}

interface DnsRecord {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly flush?: boolean
  readonly data?: unknown
}

interface Packet {
  readonly answers: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
}

interface Multicast {
  on(event: string, listener: (heard: Packet & Error) => void): void
  respond(answers: readonly DnsRecord[], done: (fault?: unknown) => void): void
  query(questions: readonly { readonly name: string; readonly type: string }[]): void
  destroy(done?: () => void): void
}

type Libraries = Awaited<ReturnType<typeof libraries>>

/** Loaded where a page is announced, and not before. */
async function libraries() {
  const [{ default: server }, { default: service }] = await Promise.all([
    import('bonjour-service/dist/lib/mdns-server.js'),
    import('bonjour-service/dist/lib/service.js'),
  ])
  return { Server: server.Server, Service: service.Service }
}

/** `via`: elsewhere than in the network, for tests. */
export class MdnsLink {
  readonly #page: AnnouncedPage
  readonly #network: OwnNetwork
  readonly #changed: () => void
  readonly #via: object
  readonly #timers = new Set<NodeJS.Timeout>()
  #state: PageInNetwork
  #said: readonly DnsRecord[] = []
  #multicast: Multicast | undefined
  #isStopped = false

  constructor(page: AnnouncedPage, network: OwnNetwork, changed: () => void, via: object = {}) {
    this.#page = page
    this.#network = network
    this.#changed = changed
    this.#via = via
    this.#state = { address: network.address, hostNames: [], taken: [] }
  }

  get state(): PageInNetwork {
    return this.#state
  }

  async start(): Promise<void> {
    try {
      const loaded = await libraries()
      if (!this.#isStopped) await this.#announce(loaded)
    } catch (fault) {
      this.#failed(fault)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    const multicast = this.#multicast
    this.#multicast = undefined
    if (multicast === undefined) return
    if (this.#said.length > 0)
      await new Promise<void>(done => {
        setTimeout(done, GOODBYE_MS).unref()
        multicast.respond(
          this.#said.map(record => ({ ...record, ttl: 0 })),
          () => done(),
        )
      })
    multicast.destroy(nothing)
  }

  async #announce({ Server, Service }: Libraries): Promise<void> {
    const { address } = this.#network
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true })
    const options = { port: MDNS_PORT, interface: address, bind: '0.0.0.0', socket, ...this.#via }
    const server = new Server(options, () => undefined)
    const multicast: Multicast = server.mdns
    this.#multicast = multicast
    multicast.on('error', fault => this.#failed(fault))
    // Packets that cannot be read are told so too.
    multicast.on('warning', fault => 'syscall' in fault && this.#failed(fault))
    let heard: DnsRecord[] = []
    multicast.on('response', ({ answers, additionals }) => {
      if (this.#state.name === undefined) heard.push(...answers, ...additionals)
      else this.#hear([...answers, ...additionals])
    })
    shield(socket)

    const types = this.#page.isSecure ? ['https', 'http'] : ['http']
    const service = (type: string, name: string, host: string) =>
      new Service({ name, type, port: this.#page.port, host, txt: { path: '/' } }, nothing, nothing)
    const ask = async (names: readonly string[]): Promise<readonly DnsRecord[]> => {
      heard = []
      for (let turn = 0; turn < PROBES && !this.#isStopped; turn++) {
        multicast.query(names.map(name => ({ name, type: 'ANY' })))
        await this.#wait(PROBE_MS)
      }
      return heard
    }

    const answers = await ask(this.#page.hostNames)
    const found = this.#page.hostNames.map(name => ({ name, ...whose(name, answers, this.#network) }))
    const free = found.filter(({ is }) => is === 'free').map(({ name }) => name)
    // Another program of this machine answers for them, mostly Avahi.
    const shared = found.filter(({ is }) => is === 'of this machine').map(({ name }) => name)
    const taken = found.flatMap(({ name, by }) => (by === undefined ? [] : [{ name, by }]))
    const [host] = [...free, ...shared]
    if (host === undefined)
      return this.#tell({ taken, fault: { kind: 'names-taken', detail: this.#page.hostNames.join(' ') } })
    for (let number = 1; number <= MOST_NAMES && !this.#isStopped; number++) {
      const name = number === 1 ? this.#page.name : `${this.#page.name} (${number})`
      const services = types.map(type => service(type, name, host))
      const others = await ask(services.map(({ fqdn }) => fqdn))
      if (services.some(({ fqdn }) => others.some(record => isOfAnother(record, fqdn, host)))) continue
      if (this.#isStopped || this.#state.fault !== undefined) return
      const said = services.flatMap(one => one.records().filter(({ type }) => !/^A/.test(type)))
      const hosts = free.flatMap(each => this.#network.addresses.map(own => hostRecord(each, own)))
      this.#said = [...said, ...hosts]
      server.register([...said, ...hosts])
      this.#say()
      this.#later(SAY_AGAIN_MS, () => this.#say())
      return this.#tell({ name, hostNames: [...free, ...shared], taken })
    }
    this.#tell({ taken, fault: { kind: 'names-taken', detail: this.#page.name } })
  }

  #say(): void {
    this.#multicast?.respond(this.#said, fault => fault && this.#failed(fault))
  }

  /** Somebody answers for what is ours (§9): taken back, and asked anew by whoever looks after this. */
  #hear(records: readonly DnsRecord[]): void {
    const other = this.#said.find(own =>
      own.type === 'SRV'
        ? records.some(record => isOfAnother(record, own.name, targetOf(own)))
        : own.type === 'A' && whose(own.name, records, this.#network).by !== undefined,
    )
    if (other === undefined) return
    const { name: _, ...rest } = this.#state
    this.#state = { ...rest, hostNames: [], fault: { kind: 'name-lost', detail: other.name } }
    this.#changed()
  }

  #failed(fault: unknown): void {
    const detail = fault instanceof Error ? fault.message : String(fault)
    if (detail !== this.#state.fault?.detail) this.#tell({ fault: { kind: 'network', detail } })
  }

  #tell(news: Partial<PageInNetwork>): void {
    this.#state = { ...this.#state, ...news }
    if (!this.#isStopped) this.#changed()
  }

  #wait(ms: number): Promise<void> {
    return new Promise(done => this.#later(ms, done))
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer.unref())
  }
}

function nothing(): void {}

const isNamed = (record: DnsRecord, name: string): boolean => record.name.toLowerCase() === name.toLowerCase()

/** Who answers for a name of a machine; `by`: an address that is not ours. */
function whose(name: string, records: readonly DnsRecord[], { addresses, ofMachine }: OwnNetwork) {
  const found = records.filter(record => isNamed(record, name) && /^A/.test(record.type))
  const told = found.map(({ data }) => String(data)).filter(address => isIP(address) !== 0)
  const by = told.find(address => !ofMachine.has(address))
  if (by !== undefined) return { is: 'taken' as const, by }
  return { is: told.some(address => addresses.includes(address)) ? 'of this machine' : 'free' } as const
}

function isOfAnother(record: DnsRecord, fqdn: string, host: string): boolean {
  return isNamed(record, fqdn) && record.type === 'SRV' && targetOf(record) !== host.toLowerCase()
}

function targetOf({ data }: DnsRecord): string {
  const target: unknown = Object(data).target
  return String(target).toLowerCase()
}

function hostRecord(name: string, address: string) {
  const type = address.includes(':') ? ('AAAA' as const) : ('A' as const)
  return { name, type, ttl: HOST_TTL_S, flush: true, data: address }
}

/** The library reads fields that a packet need not have: what throws there is one packet less. */
function shield(socket: dgram.Socket): void {
  let [second, count] = [0, 0]
  const [listener] = socket.listeners('message')
  if (listener === undefined) return
  socket.removeAllListeners('message')
  socket.on('message', (bytes: Buffer, from: unknown) => {
    const now = Math.floor(process.uptime())
    count = now === second ? count + 1 : 1
    second = now
    if (count > MOST_PACKETS_A_SECOND || bytes.length < 12 || bytes.readUInt16BE(4) > MOST_QUESTIONS) return
    try {
      Reflect.apply(listener, socket, [bytes, from])
    } catch {
      // some device's packet: there is nobody to tell
      count++
    }
  })
}
