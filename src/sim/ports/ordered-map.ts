/**
 * A map whose keys can be read in the order of their UTF-8 bytes: what a simulated journal keeps in memory.
 */

/** Order of two texts by their UTF-8 bytes, which is not that of their UTF-16 units: negative, 0 or positive. */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const unitA = a.charCodeAt(at)
    const unitB = b.charCodeAt(at)
    if (unitA !== unitB) return byteRank(unitA) - byteRank(unitB)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all of the basic plane, so they sort last. */
function byteRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

export class OrderedMap {
  readonly #values: Map<string, string>
  readonly #keys: string[]
  #sizeBytes = 0

  constructor(entries: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(entries)
    this.#keys = [...this.#values.keys()].sort(compareUtf8)
    for (const [key, value] of this.#values) this.#sizeBytes += key.length + value.length
  }

  /** About what keys and values need on a disk. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  set(key: string, value: string): void {
    const old = this.#values.get(key)
    if (old === undefined) this.#keys.splice(this.#place(key), 0, key)
    this.#sizeBytes += old === undefined ? key.length + value.length : value.length - old.length
    this.#values.set(key, value)
  }

  delete(key: string): void {
    const old = this.#values.get(key)
    if (old === undefined) return
    this.#keys.splice(this.#place(key), 1)
    this.#sizeBytes -= key.length + old.length
    this.#values.delete(key)
  }

  /** Entries with from <= key < to, at most `limit`. */
  range(from: string, to: string, limit: number): { readonly key: string; readonly value: string }[] {
    const found: { key: string; value: string }[] = []
    for (let at = this.#place(from); at < this.#keys.length && found.length < limit; at++) {
      const key = this.#keys[at]
      const value = key === undefined ? undefined : this.#values.get(key)
      if (key === undefined || value === undefined || compareUtf8(key, to) >= 0) break
      found.push({ key, value })
    }
    return found
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries()
  }

  /** Where the key is, or would be. */
  #place(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.#keys[middle]
      if (there !== undefined && compareUtf8(there, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
