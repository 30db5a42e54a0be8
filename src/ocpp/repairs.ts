/**
 * The leniencies of one station over its connections: its CALLs repaired where they have to be, counted, and each kind of
 * fault told once per connection. What is repaired and how is `repair`'s.
 */
import type { Leniency } from '../core/config/leniencies.js'
import type { SessionParts } from './session-parts.js'
import { repair } from './station/repair.js'
import type { IncomingCall } from './wire/leg.js'

export class Repairs {
  readonly #parts: Pick<SessionParts, 'counters' | 'ports' | 'stationId'>
  readonly #leniency: ReadonlySet<Leniency>
  /** Found to be needed by this connection. */
  readonly #told = new Set<Leniency>()

  constructor(
    parts: Pick<SessionParts, 'counters' | 'ports' | 'stationId'>,
    leniency: ReadonlySet<Leniency>,
  ) {
    this.#parts = parts
    this.#leniency = leniency
  }

  /** Another connection begins. */
  connected(): void {
    this.#told.clear()
  }

  /** The CALL as it was meant; the very same where nothing was wrong. */
  repaired(received: IncomingCall): IncomingCall {
    if (this.#leniency.size === 0) return received
    const { counters, ports, stationId } = this.#parts
    const { call, leniencies } = repair(received, this.#leniency)
    if (leniencies.size > 0) counters.repairedCalls++
    for (const leniency of leniencies) {
      if (this.#told.has(leniency)) continue
      this.#told.add(leniency)
      ports.log.write('info', 'call-repaired', { station: stationId, action: call.action, leniency })
    }
    return call
  }
}
