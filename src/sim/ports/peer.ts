/**
 * One running process of a simulated world: Busbar, a station, a CSMS. It ends by a kill (the operating system closes
 * its sockets) or a power cut (nobody is told) and never comes back; booting again makes a new one of the same name.
 */
import type { EventOwner } from './event-queue.js'
import { SimClock, type SimTime } from './sim-clock.js'
import type { SimRandom } from './sim-random.js'
import type { Trace } from './trace.js'

export type PeerState = 'running' | 'killed' | 'dark' | 'rebooted'

export class SimPeer implements EventOwner {
  readonly name: string
  /** As others see it: an IPv4 address without port. */
  readonly address: string
  readonly clock: SimClock
  readonly time: SimTime
  readonly random: SimRandom
  readonly #trace: Trace
  /** `rebooted`: dead, and a successor runs under its name, which answers its old connections with a reset. */
  state: PeerState = 'running'

  constructor(
    place: { readonly name: string; readonly address: string },
    time: SimTime,
    wallAtStartMs: number,
    chance: { readonly random: SimRandom; readonly trace: Trace },
  ) {
    this.name = place.name
    this.address = place.address
    this.time = time
    this.random = chance.random
    this.#trace = chance.trace
    this.clock = new SimClock(time, wallAtStartMs, this)
  }

  get on(): boolean {
    return this.state === 'running'
  }

  note(line: string): void {
    this.#trace.note(`${this.name} ${line}`)
  }
}
