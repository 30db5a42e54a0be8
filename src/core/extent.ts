/** How much lies in a range of a journal, without all of its entries. */

interface Entry {
  readonly key: string
  readonly value: string
}

export interface Extent {
  readonly count: number
  /** Of keys and values together. */
  readonly chars: number
  readonly first?: Entry
  /** The newest, in key order. */
  readonly last: readonly Entry[]
}

/** For a journal that has all of it at hand. */
export function extentOf(entries: readonly Entry[], last: number): Extent {
  const [first] = entries
  return {
    count: entries.length,
    chars: entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
    ...(first !== undefined && { first }),
    last: entries.slice(Math.max(0, entries.length - last)),
  }
}
