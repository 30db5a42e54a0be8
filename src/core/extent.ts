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
  /** The newest, in key order: as many as were asked for, fewer where they are long (`NEWEST_CHARS`). */
  readonly last: readonly Entry[]
}

/** Of the newest entries together, the newest of all excepted: they are read for each station at a start. */
export const NEWEST_CHARS = 64 * 1024

/** For a journal that has all of it at hand. */
export function extentOf(entries: readonly Entry[], last: number): Extent {
  const [first] = entries
  return {
    count: entries.length,
    chars: entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
    ...(first !== undefined && { first }),
    last: newestOf([...entries.slice(Math.max(0, entries.length - last))].reverse()),
  }
}

/** The newest come first; gives them in key order. */
export function newestOf(newestFirst: readonly Entry[]): readonly Entry[] {
  let chars = 0
  const isWithin = ({ key, value }: Entry, at: number): boolean => {
    chars += key.length + value.length
    return at === 0 || chars <= NEWEST_CHARS
  }
  const beyond = newestFirst.findIndex((entry, at) => !isWithin(entry, at))
  return newestFirst.slice(0, beyond < 0 ? undefined : beyond).reverse()
}
