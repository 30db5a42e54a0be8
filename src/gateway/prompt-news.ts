/**
 * What has changed that somebody waits for: of a station a connection, a state, a session, an offer; of the site a limit. Readings
 * are none of it. Looked at after each decision, so it must cost next to nothing.
 */
import type { ControlState } from '../core/control/state.js'

export interface News {
  readonly stationIds: readonly string[]
  readonly isOfSite: boolean
}

export class PromptNews {
  readonly #stations = new Map<string, string>()
  #limits = ''

  /** Undefined where nothing is other than at the look before. */
  look({ stations, limitsA }: ControlState): News | undefined {
    const stationIds: string[] = []
    for (const { id, connected, upstream, connectors } of stations.values()) {
      let text = `${connected} ${upstream}`
      for (const { status, transaction, offerA } of connectors)
        text += ` ${status} ${transaction?.id ?? ''} ${offerA}`
      if (this.#stations.get(id) === text) continue
      this.#stations.set(id, text)
      stationIds.push(id)
    }
    const limits = limitsA.join()
    const isOfSite = limits !== this.#limits
    this.#limits = limits
    // What is configured no more is the site's to tell.
    if (this.#stations.size > stations.size)
      for (const id of this.#stations.keys()) if (!stations.has(id)) this.#stations.delete(id)
    return isOfSite || stationIds.length > 0 ? { stationIds, isOfSite } : undefined
  }
}
