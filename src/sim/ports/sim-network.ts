/**
 * The network of a simulated world: who listens where, who is connected to whom, and the faults a test puts on it.
 * A listener is found under the host it listens on, its peer's name or address, and, when it listens on loopback or
 * everywhere, also as localhost from every peer, as if all ran in one cabinet. TLS is not simulated; wss costs a round trip.
 */
import type { Dialing, DialTarget, Listener, ListenOptions, Network, UpgradeRequest } from '../../ports.js'
import type { SimPeer } from './peer.js'
import type { LinkQuality } from './pipe.js'
import { DialAttempt } from './sim-dial.js'
import { type Direction, Link, type LinkFilter } from './sim-link.js'
import type { SimRandom } from './sim-random.js'

/** A wired network on one site. */
const SITE_QUALITY: LinkQuality = { toListenerMs: 1, toDialerMs: 1, jitterMs: 0, bytesPerSecond: 12_500_000 }
const FIRST_FREE_PORT = 40_000
/** Closed links are swept out when this many are known, and twice what remained after that. */
const LINKS_BEFORE_SWEEP = 64

interface Listening {
  readonly peer: SimPeer
  readonly host: string
  readonly port: number
  readonly maxFrameBytes: number
  readonly onUpgrade: (request: UpgradeRequest) => void
}

export class SimNetwork {
  readonly #random: SimRandom
  readonly #listening = new Set<Listening>()
  readonly #blocked = new Set<string>()
  readonly #unresolvable = new Set<string>()
  readonly #qualities = new Map<string, LinkQuality>()
  #quality = SITE_QUALITY
  #links: Link[] = []
  #sweepAt = LINKS_BEFORE_SWEEP
  #nextLink = 1
  #nextPort = FIRST_FREE_PORT

  constructor(random: SimRandom) {
    this.#random = random
  }

  /** The Network door of one peer. */
  door(peer: SimPeer): Network {
    return {
      listen: async (options, onUpgrade) =>
        peer.on ? this.#listen(peer, options, onUpgrade) : new Promise<Listener>(() => {}),
      dial: (target, handlers, done) => {
        if (!peer.on) return { abort: () => {} }
        peer.note(`net.dial ${target.url}`)
        const attempt = new DialAttempt(peer, target, handlers, done)
        this.#connect(peer, target, attempt)
        const dialing: Dialing = { abort: () => attempt.abort() }
        return dialing
      },
    }
  }

  /** Links in the order they were dialed, closed ones left out. */
  links(filter: LinkFilter = {}): readonly Link[] {
    return this.#links.filter(link => !link.over && link.matches(filter))
  }

  /** For links dialed from now on: to "host:port", or, without it, to everywhere else. */
  setQuality(quality: Partial<LinkQuality>, to?: string): void {
    if (to === undefined) this.#quality = { ...this.#quality, ...quality }
    else this.#qualities.set(to, { ...this.#quality, ...quality })
  }

  /** Breaks the connections (both ends closed with 1006 after their latency). How many there were. */
  cut(filter: LinkFilter): number {
    const links = this.links(filter)
    for (const link of links) link.cut()
    return links.length
  }

  /** From now on packets vanish for ever and nobody is told. How many links there were. */
  halfOpen(filter: LinkFilter, direction: Direction = 'both'): number {
    const links = this.links(filter)
    for (const link of links) link.halfOpen(direction)
    return links.length
  }

  /** Dials to it get no answer at all until `unblock`; open connections stay. */
  block(host: string, port: number): void {
    this.#blocked.add(`${host}:${port}`)
  }

  unblock(host: string, port: number): void {
    this.#blocked.delete(`${host}:${port}`)
  }

  /** Whether the name server knows the host. */
  setResolvable(host: string, resolvable: boolean): void {
    if (resolvable) this.#unresolvable.delete(host)
    else this.#unresolvable.add(host)
  }

  /** The peer has just died: killed, its sockets are closed for it; dark, they fall silent. */
  peerDied(peer: SimPeer): void {
    for (const link of this.#links) {
      for (const end of [link.dialerEnd, link.listenerEnd]) {
        if (end.peer !== peer || end.state === 'closed') continue
        if (peer.state === 'killed') end.tellEnd()
        ;(end === link.dialerEnd ? link.toListener : link.toDialer).end()
      }
    }
    if (peer.state === 'killed') this.forget(peer)
  }

  /** Nothing of the peer listens any more: dials to it are refused, not unanswered. */
  forget(peer: SimPeer): void {
    for (const one of this.#listening) if (one.peer === peer) this.#listening.delete(one)
  }

  #listen(peer: SimPeer, options: ListenOptions, onUpgrade: Listening['onUpgrade']): Listener {
    const host = plainHost(options.host)
    const port = options.port === 0 ? this.#nextPort++ : options.port
    for (const other of this.#listening) {
      const samePlace = other.host === host || (other.peer === peer && (isAny(host) || isAny(other.host)))
      if (other.port === port && samePlace) throw new Error(`EADDRINUSE: ${options.host}:${port} is in use`)
    }
    peer.note(`net.listen ${host}:${port}`)
    const listening: Listening = { peer, host, port, maxFrameBytes: options.maxFrameBytes, onUpgrade }
    this.#listening.add(listening)
    // Open sockets outlive their listener, as with a real one.
    return {
      port,
      stop: async () => {
        if (this.#listening.delete(listening)) peer.note(`net.unlisten ${host}:${port}`)
      },
    }
  }

  #connect(peer: SimPeer, target: DialTarget, attempt: DialAttempt): void {
    const url = URL.canParse(target.url) ? new URL(target.url) : undefined
    if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
      attempt.fail(0, 'handshake', `no WebSocket URL: ${target.url}`)
      return
    }
    const port = url.port === '' ? (url.protocol === 'wss:' ? 443 : 80) : Number(url.port)
    const to = `${url.hostname}:${port}`
    const quality = this.#qualities.get(to) ?? this.#quality
    const roundTripMs = quality.toListenerMs + quality.toDialerMs
    if (this.#unresolvable.has(url.hostname)) {
      attempt.fail(roundTripMs, 'dns', `ENOTFOUND ${url.hostname}`)
      return
    }
    const listening = this.#find(peer, plainHost(url.hostname), port)
    if (this.#blocked.has(to) || listening?.peer.state === 'dark') return
    if (listening === undefined) {
      attempt.fail(roundTripMs, 'tcp', `ECONNREFUSED ${to}`)
      return
    }
    const link = new Link(
      { to, rawPath: url.pathname + url.search, id: this.#nextLink++ },
      { dialer: peer, listener: listening.peer },
      { dialerMaxBytes: target.maxFrameBytes, listenerMaxBytes: listening.maxFrameBytes },
      { quality, random: this.#random },
    )
    this.#keep(link)
    const connectMs = url.protocol === 'wss:' ? 2 * roundTripMs : roundTripMs
    attempt.request(link, connectMs, {
      open: () => this.#listening.has(listening),
      onUpgrade: listening.onUpgrade,
    })
  }

  #find(from: SimPeer, host: string, port: number): Listening | undefined {
    const found = [...this.#listening].filter(one => one.port === port && isFoundAs(one, host))
    return found.find(one => one.peer === from) ?? found[0]
  }

  #keep(link: Link): void {
    this.#links.push(link)
    if (this.#links.length < this.#sweepAt) return
    this.#links = this.#links.filter(one => !one.over)
    this.#sweepAt = Math.max(LINKS_BEFORE_SWEEP, 2 * this.#links.length)
  }
}

const plainHost = (host: string): string => (host === 'localhost' || host === '[::1]' ? '127.0.0.1' : host)

const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === ''

function isFoundAs(one: Listening, host: string): boolean {
  // A URL's host is lower case.
  if (host === one.host || host === one.peer.name.toLowerCase() || host === one.peer.address) return true
  return host === '127.0.0.1' && isAny(one.host)
}
