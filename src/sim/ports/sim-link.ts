/**
 * One simulated connection: two ends, a pipe in each direction, and the faults that can be put on it.
 */
import type { SimPeer } from './peer.js'
import { type LinkQuality, Pipe } from './pipe.js'
import type { SimRandom } from './sim-random.js'
import { SocketEnd } from './socket-end.js'

/** Which links a fault is meant for; what is left out matches all. */
export interface LinkFilter {
  /** Name of the dialing peer. */
  readonly from?: string
  /** "host:port" as it was dialed. */
  readonly to?: string
  /** Part of the request target. */
  readonly path?: string
}

export type Direction = 'both' | 'to-listener' | 'to-dialer'

/** A connection in the world, from the first packet of its handshake on. */
export class Link {
  readonly from: string
  readonly to: string
  readonly rawPath: string
  readonly dialerEnd: SocketEnd
  readonly listenerEnd: SocketEnd
  readonly toListener: Pipe
  readonly toDialer: Pipe

  constructor(
    way: { readonly to: string; readonly rawPath: string; readonly id: number },
    ends: { readonly dialer: SimPeer; readonly listener: SimPeer },
    frames: { readonly dialerMaxBytes: number; readonly listenerMaxBytes: number },
    line: { readonly quality: LinkQuality; readonly random: SimRandom },
  ) {
    this.from = ends.dialer.name
    this.to = way.to
    this.rawPath = way.rawPath
    const { quality, random } = line
    this.toListener = new Pipe(ends.dialer, random, quality.toListenerMs, quality)
    this.toDialer = new Pipe(ends.listener, random, quality.toDialerMs, quality)
    this.dialerEnd = new SocketEnd(ends.dialer, `#${way.id}d`, this.toListener, frames.dialerMaxBytes)
    this.listenerEnd = new SocketEnd(ends.listener, `#${way.id}l`, this.toDialer, frames.listenerMaxBytes)
    this.dialerEnd.join(this.listenerEnd)
    this.listenerEnd.join(this.dialerEnd)
  }

  matches(filter: LinkFilter): boolean {
    return (
      (filter.from ?? this.from) === this.from &&
      (filter.to ?? this.to) === this.to &&
      this.rawPath.includes(filter.path ?? '')
    )
  }

  /** True when neither end will hear or say anything any more. */
  get over(): boolean {
    const gone = (end: SocketEnd) => end.state === 'closed' || !end.peer.on
    return gone(this.dialerEnd) && gone(this.listenerEnd)
  }

  /** Breaks the connection; each end hears 1006 after its latency, frames under way are lost. */
  cut(): void {
    this.halfOpen('both')
    const { time } = this.dialerEnd.peer
    time.after(this.toListener.latencyMs, () => this.listenerEnd.gotEnd())
    time.after(this.toDialer.latencyMs, () => this.dialerEnd.gotEnd())
  }

  /** Packets of the direction vanish for ever and nobody is told. */
  halfOpen(direction: Direction): void {
    if (direction !== 'to-dialer') this.toListener.dead = true
    if (direction !== 'to-listener') this.toDialer.dead = true
  }
}
