/**
 * A whole simulated world from one seed: virtual time, one network, bus and broker shared by all peers, and for each
 * peer its own clock, random stream, disk and log. In it nothing awaits anything but simulated ports, so the same
 * seed gives the same trace.
 */
import type { Ports } from '../../ports.js'
import { SimPeer } from './peer.js'
import { SimAssets } from './sim-assets.js'
import { SimBroker } from './sim-broker.js'
import { SimBus } from './sim-bus.js'
import { SimTime } from './sim-clock.js'
import type { SimDisk } from './sim-disk.js'
import { SimHttp } from './sim-http.js'
import { SimLog } from './sim-log.js'
import { SimNetwork } from './sim-network.js'
import { SimRandom } from './sim-random.js'
import { SimSecrets } from './sim-secrets.js'
import { type Ending, SimStorage } from './sim-storage.js'
import { Trace } from './trace.js'

/** The peer that `World.ports` and every call without a name means. */
export const MAIN_PEER = 'busbar'

/** A working day in winter: 2026-01-14T06:00:00Z. */
const START_WALL_MS = Date.UTC(2026, 0, 14, 6)

export interface WorldOptions {
  readonly seed: number | string
  /** Wall time when the world begins, ms since 1970. */
  readonly startWallMs?: number
}

/** What stays of a peer through its reboots. */
interface Place {
  readonly name: string
  readonly address: string
  storage: SimStorage
  readonly log: SimLog
  wallAtStartMs: number
  boots: number
  running: { readonly peer: SimPeer; readonly ports: Ports } | undefined
  last: SimPeer | undefined
}

export class World {
  readonly time = new SimTime()
  readonly trace = new Trace(() => this.time.nowMs)
  readonly random: SimRandom
  readonly network: SimNetwork
  readonly bus = new SimBus()
  readonly broker = new SimBroker()
  readonly http = new SimHttp()
  readonly assets = new SimAssets()
  readonly #startWallMs: number
  readonly #places = new Map<string, Place>()

  constructor(options: WorldOptions) {
    this.random = new SimRandom(options.seed)
    this.network = new SimNetwork(this.random.fork('network'))
    this.#startWallMs = options.startWallMs ?? START_WALL_MS
  }

  /** The running main peer's ports; boots it when it is not running. */
  get ports(): Ports {
    return this.portsFor(MAIN_PEER)
  }

  /** The ports of a peer; the same object until it dies, and then a fresh boot over what its disk kept. */
  portsFor(name: string): Ports {
    const place = this.#place(name)
    place.running ??= this.#boot(place)
    return place.running.ports
  }

  /** A peer's disk: faults, flush time, what survives. */
  disk(name = MAIN_PEER): SimDisk {
    return this.#place(name).storage.disk
  }

  /** A peer's log, over all its boots. */
  log(name = MAIN_PEER): SimLog {
    return this.#place(name).log
  }

  /** Runs `durationMs` of virtual time; rejects with what an event threw. */
  runFor(durationMs: number): Promise<void> {
    return this.time.runFor(durationMs)
  }

  runUntil(monoMs: number): Promise<void> {
    return this.time.runUntil(monoMs)
  }

  /** Runs until the promise settles, and gives its value; rejects after `limitMs` of virtual time. */
  until<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    return this.time.until(promise, limitMs)
  }

  /** Moves a peer's wall clock by `byMs`, forward or back. */
  jumpWall(byMs: number, name = MAIN_PEER): void {
    const place = this.#place(name)
    this.trace.note(`${name} clock.jump ${byMs}`)
    place.wallAtStartMs += byMs
    place.running?.peer.clock.jumpWall(byMs)
  }

  /**
   * The peer is gone at once and nobody is told: its packets stop, dials to it get no answer until it boots again,
   * and all that was not durable is lost. `tornFlushOps` commits of a flush under way survive although nobody was
   * told. Its promises never settle.
   */
  powerCut(name = MAIN_PEER, tornFlushOps = 0): void {
    this.#die(name, 'dark', tornFlushOps)
  }

  /** The process is killed: its sockets are closed for it, and everything it has written is still there. */
  kill(name = MAIN_PEER): void {
    this.#die(name, 'killed', 0)
  }

  /** The machine is gone, and another one takes its name and address: its disk is empty. */
  replace(name = MAIN_PEER): void {
    this.powerCut(name)
    this.#place(name).storage = new SimStorage()
  }

  #die(name: string, ending: Ending, tornFlushOps: number): void {
    const place = this.#place(name)
    if (place.running === undefined) return
    const { peer } = place.running
    peer.note(`peer.${ending}`)
    peer.state = ending
    place.running = undefined
    place.last = peer
    place.storage.unmount(ending, tornFlushOps)
    this.network.peerDied(peer)
    this.broker.peerDied(peer)
    this.http.peerDied(peer)
  }

  #place(name: string): Place {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const number = this.#places.size + 1
    const place: Place = {
      name,
      address: `10.0.${number >> 8}.${number & 0xff}`,
      storage: new SimStorage(),
      log: new SimLog(),
      wallAtStartMs: this.#startWallMs,
      boots: 0,
      running: undefined,
      last: undefined,
    }
    this.#places.set(name, place)
    return place
  }

  #boot(place: Place): { readonly peer: SimPeer; readonly ports: Ports } {
    const { name, address, log, last } = place
    if (last !== undefined) {
      last.state = 'rebooted'
      this.network.forget(last)
    }
    const random = this.random.fork(`${name}/${place.boots++}`)
    const peer = new SimPeer({ name, address }, this.time, place.wallAtStartMs, { random, trace: this.trace })
    peer.note('peer.boot')
    const ports: Ports = {
      clock: peer.clock,
      random,
      secrets: new SimSecrets(random.fork('secrets')),
      network: this.network.door(peer),
      http: this.http.door(peer),
      assets: this.assets.door(peer),
      bus: this.bus.door(peer),
      broker: this.broker.door(peer),
      log: log.door(peer),
      ...place.storage.mount(peer),
    }
    return { peer, ports }
  }
}

/** A world in which nothing has happened yet. */
export function createWorld(options: WorldOptions): World {
  return new World(options)
}
