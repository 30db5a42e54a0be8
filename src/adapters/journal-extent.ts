/**
 * How much lies in the folders of a journal, counted once while all of it is read at the opening, so that nobody has to read
 * it again to know. A folder is what stands before the last "/" of a key; what is written to one later is not known here.
 */
import type { JournalOp } from '../ports.js'

export interface Sum {
  count: number
  chars: number
}

export class FolderSums {
  /** Undefined for a folder that has folders in it. */
  readonly #sums = new Map<string, Sum | undefined>()
  /** Entries come in key order: mostly the folder of the one before. */
  #name = ''
  #sum: Sum | undefined

  /** Of all folders. */
  chars = 0

  add(key: string, chars: number): void {
    this.chars += chars
    const end = key.lastIndexOf('/')
    if (end < 0) return
    if (end !== this.#name.length || !key.startsWith(this.#name)) this.#enter(key.slice(0, end))
    if (this.#sum === undefined) return
    this.#sum.count++
    this.#sum.chars += chars
  }

  /** Undefined where the range is no folder, or one that has others in it or was written to. */
  of(from: string, to: string): Readonly<Sum> | undefined {
    const name = from.slice(0, -1)
    return from === `${name}/` && to === `${name}0` ? this.#sums.get(name) : undefined
  }

  /** These are being written. */
  forget(ops: readonly JournalOp[]): void {
    if (this.#sums.size === 0) return
    for (const { key } of ops)
      for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1))
        this.#sums.delete(key.slice(0, end))
  }

  #enter(name: string): void {
    this.#name = name
    if (!this.#sums.has(name)) {
      this.#sums.set(name, { count: 0, chars: 0 })
      for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', end + 1))
        this.#sums.set(name.slice(0, end), undefined)
    }
    this.#sum = this.#sums.get(name)
  }
}
