/**
 * What was found wrong with the journal, on the disk before the evidence is mended away and until whoever is told has it on the
 * disk too: a kill between would leave nobody who knows. Must not know what is stored.
 */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isFields, listAt, numberAt, textAt } from '../core/fields.js'

/** What was found damaged. `keys`: entries that are lost; `ranges`: where some may be lost between two that are not. */
export interface Damage {
  readonly lost: number
  readonly keys: readonly string[]
  readonly ranges: readonly { readonly after: string; readonly before: string }[]
}

/** What was wrong when the journal was opened. Everything readable was kept. */
export interface Found {
  /** Acknowledged batches are missing, or entries were not what was written. */
  readonly damage?: Damage & {
    readonly missingBatches: number
    /** What the last write held, which is not whole. */
    readonly tornKeys?: readonly string[]
    readonly copy?: string
  }
  /** It is older than what was deleted from it: a copy was put back, and what it holds may have been delivered. */
  readonly rolledBack: boolean
}

export const NOTHING_LOST: Damage = { lost: 0, keys: [], ranges: [] }

/** The file that holds it. Each write is whole and durable, or rejects: then nothing may be mended. */
export class FoundNote {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined where nothing is untold; what cannot be understood still says that there was damage. */
  async read(): Promise<Found | undefined> {
    try {
      return foundIn(await readFile(this.#path, 'utf8'))
    } catch (fault) {
      if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined
      throw fault
    }
  }

  async write(found: Found): Promise<void> {
    const part = `${this.#path}.part`
    const file = await open(part, 'w', 0o640)
    try {
      await file.writeFile(JSON.stringify(found))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, this.#path)
    const folder = await open(dirname(this.#path))
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}

/** What both say; what both have found is said once. */
export function bothFound(one: Found | undefined, other: Found): Found {
  const rolledBack = one?.rolledBack === true || other.rolledBack
  const [a, b] = [one?.damage, other.damage]
  if (a === undefined || b === undefined) {
    const damage = a ?? b
    return { rolledBack, ...(damage !== undefined && { damage }) }
  }
  const keys = united(a.keys, b.keys)
  const unnamed = Math.max(a.lost - a.keys.length, b.lost - b.keys.length)
  const ranges = united(a.ranges.map(textOf), b.ranges.map(textOf)).flatMap(text => rangesIn([parsed(text)]))
  const tornKeys = a.tornKeys === undefined ? b.tornKeys : united(a.tornKeys, b.tornKeys ?? [])
  const copy = united(copies(a.copy), copies(b.copy)).join(BETWEEN_COPIES)
  const missingBatches = Math.max(a.missingBatches, b.missingBatches)
  const damage = { lost: keys.length + unnamed, keys, ranges, missingBatches }
  return {
    rolledBack,
    damage: { ...damage, ...(tornKeys !== undefined && { tornKeys }), ...(copy !== '' && { copy }) },
  }
}

/** Names of folders, as a person reads them. */
export const BETWEEN_COPIES = ' and '

const copies = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : text.split(BETWEEN_COPIES)

const united = (some: readonly string[], others: readonly string[]): readonly string[] => [
  ...new Set([...some, ...others]),
]

type Range = Damage['ranges'][number]

const textOf = ({ after, before }: Range): string => JSON.stringify({ after, before })

function foundIn(text: string): Found {
  const value = parsed(text)
  const damage = isFields(value) ? value.damage : {}
  const rolledBack = isFields(value) && value.rolledBack === true
  if (damage === undefined) return { rolledBack }
  const copy = textAt(damage, 'copy')
  const isTorn = isFields(damage) && Array.isArray(damage.tornKeys)
  return {
    rolledBack,
    damage: {
      lost: numberAt(damage, 'lost') ?? 0,
      keys: textsAt(damage, 'keys'),
      ranges: rangesIn(listAt(damage, 'ranges')),
      missingBatches: numberAt(damage, 'missingBatches') ?? 0,
      ...(isTorn && { tornKeys: textsAt(damage, 'tornKeys') }),
      ...(copy !== undefined && { copy }),
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // damage in the note about damage: that there was some is known all the same
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const textsAt = (value: unknown, key: string): readonly string[] =>
  listAt(value, key).filter(one => typeof one === 'string')

function rangesIn(list: readonly unknown[]): readonly Range[] {
  return list.flatMap(one => {
    const [after, before] = [textAt(one, 'after'), textAt(one, 'before')]
    return after === undefined || before === undefined ? [] : [{ after, before }]
  })
}
