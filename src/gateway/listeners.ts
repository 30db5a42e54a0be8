/** Those who are told of what happens, until they stop. */
import type { Stoppable } from '../ports.js'

export class Listeners<T> {
  readonly #told = new Set<(news: T) => void>()

  tell(news: T): void {
    for (const told of this.#told) told(news)
  }

  listen(told: (news: T) => void): Stoppable {
    this.#told.add(told)
    return { stop: async () => void this.#told.delete(told) }
  }
}
