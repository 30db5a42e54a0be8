/**
 * Whether something has changed that somebody waits for: a connection, a state, a session, an offer, a limit. Readings are
 * none of it. Looked at after each decision, so it must cost next to nothing.
 */
import type { ControlState } from '../core/control/state.js'

export class PromptNews {
  #last = ''

  /** True where it is not as at the look before. */
  look({ stations, connectors, limitsA }: ControlState): boolean {
    const now: (string | number | boolean)[] = []
    for (const { connected, upstream } of stations.values()) now.push(connected, upstream)
    for (const { status, transaction, offerA } of connectors) now.push(status, transaction?.id ?? '', offerA)
    for (const limitA of limitsA) now.push(limitA)
    const text = now.join()
    if (text === this.#last) return false
    this.#last = text
    return true
  }
}
