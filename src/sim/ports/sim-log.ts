/** The log of a simulated peer: the last events in memory, for tests to read. Outlives the peer's reboots. */
import type { Log, LogLevel } from '../../ports.js'
import type { SimPeer } from './peer.js'

/** Events kept for reading. */
const EVENTS_KEPT = 10_000

export interface LogEvent {
  readonly wallMs: number
  readonly level: LogLevel
  readonly event: string
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>
}

export class SimLog {
  #events: LogEvent[] = []

  /** The Log door of the peer. */
  door(peer: SimPeer): Log {
    return {
      write: (level, event, fields = {}) => {
        peer.note(`log.${level} ${event} ${JSON.stringify(fields)}`)
        this.#events.push({ wallMs: peer.clock.wallMs(), level, event, fields })
        if (this.#events.length >= 2 * EVENTS_KEPT) this.#events = this.#events.slice(-EVENTS_KEPT)
      },
    }
  }

  /** The kept events, oldest first; of one name only when given. */
  events(name?: string): readonly LogEvent[] {
    const kept = this.#events.slice(-EVENTS_KEPT)
    return name === undefined ? kept : kept.filter(one => one.event === name)
  }
}
