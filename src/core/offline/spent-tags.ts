/** Tags whose unfinished sessions have had all that an unknown tag may take: an index of the book of transactions. */
import { idTagKey } from './authorization.js'

interface Session {
  readonly idTag: string
  readonly stationId: string
  readonly transactionId: number
  readonly state: string
  readonly unknownTag?: { readonly isSpent?: boolean }
}

export class SpentTags {
  readonly #sessions = new Map<string, Set<string>>()

  /** As the record stands now. */
  note({ idTag, stationId, transactionId, state, unknownTag }: Session): void {
    const key = idTagKey(idTag)
    const session = `${stationId} ${transactionId}`
    const known = this.#sessions.get(key)
    if (unknownTag?.isSpent === true && state !== 'finished') {
      if (known === undefined) this.#sessions.set(key, new Set([session]))
      else known.add(session)
    } else if (known?.delete(session) === true && known.size === 0) this.#sessions.delete(key)
  }

  has(idTag: string): boolean {
    return this.#sessions.has(idTagKey(idTag))
  }
}
