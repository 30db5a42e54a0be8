/**
 * The last 50 changes of the configuration: who, when, what became different, and the document as it was before. Each
 * change has a file of its own, so that a damaged one costs only itself. A change is kept before the configuration is
 * written, and no record is ever taken back: that the file says something else (power cut between, edited by hand since) is told.
 */
import { z } from 'zod'
import type { Files, Log } from '../ports.js'
import type { ConfigurationChange } from '../web/configuration-desk.js'

const KEPT = 50
/** The tag where there is no configuration. */
export const NO_DOCUMENT = 'none'

const entrySchema = z.strictObject({
  version: z.literal(1),
  number: z.int().min(1),
  at: z.string(),
  by: z.string(),
  action: z.enum(['changed', 'rolled back', 'restored', 'withdrawn']),
  changes: z.array(
    z.strictObject({ path: z.string(), before: z.string().optional(), after: z.string().optional() }),
  ),
  moreChanges: z.int().min(0),
  beforeTag: z.string(),
  afterTag: z.string(),
  /** Absent = there was no configuration. As it stood, which need not be JSON. */
  beforeText: z.string().optional(),
})

type Entry = z.infer<typeof entrySchema>
export type NewEntry = Omit<Entry, 'version' | 'number'>
/** Without the document: 50 of them are not held in memory. */
type Kept = Omit<Entry, 'version' | 'beforeText'>

export class ConfigurationHistory {
  readonly #files: Files
  readonly #log: Log
  /** Newest first; undefined before it was read. */
  #entries: readonly Kept[] | undefined

  constructor(files: Files, log: Log) {
    this.#files = files
    this.#log = log
  }

  /** Newest first. `tag` is of the configuration that holds now. */
  async list(tag: string): Promise<readonly ConfigurationChange[]> {
    return (await this.#known()).map(({ beforeTag, afterTag, changes, ...entry }, index) => ({
      ...entry,
      hadBefore: beforeTag !== NO_DOCUMENT,
      isInFile: index > 0 || afterTag === tag,
      changes: changes.map(shownChange),
    }))
  }

  /** Settles when it is durable; rejects when the disk fails. */
  async keep(entry: NewEntry): Promise<number> {
    const known = await this.#known()
    const number = (known[0]?.number ?? 0) + 1
    await this.#files.save(slotOf(number), { version: 1, number, ...entry })
    const { beforeText: _text, ...kept } = entry
    this.#entries = [{ number, ...kept }, ...known].slice(0, KEPT)
    return number
  }

  /** The document before change `number`; undefined when there is no such change or there was none before. */
  async before(number: number): Promise<string | undefined> {
    if (!(await this.#known()).some(entry => entry.number === number)) return undefined
    const entry = await this.#load(slotOf(number))
    return entry?.number === number ? entry.beforeText : undefined
  }

  async #known(): Promise<readonly Kept[]> {
    this.#entries ??= await this.#loadAll()
    return this.#entries
  }

  async #loadAll(): Promise<Kept[]> {
    const entries: Kept[] = []
    // One by one: each may be a megabyte.
    for (let slot = 0; slot < KEPT; slot++) {
      const entry = await this.#load(slotOf(slot))
      if (entry === undefined) continue
      const { version: _version, beforeText: _text, ...kept } = entry
      entries.push(kept)
    }
    return entries.sort((a, b) => b.number - a.number)
  }

  async #load(name: string): Promise<Entry | undefined> {
    try {
      const document = await this.#files.load(name)
      return document === undefined ? undefined : entrySchema.parse(document)
    } catch (error) {
      this.#log.write('warn', 'configuration.history-damaged', {
        file: name,
        reason: String(error).slice(0, 200),
      })
      return undefined
    }
  }
}

function slotOf(number: number): string {
  return `config-history-${String(number % KEPT).padStart(2, '0')}`
}

function shownChange({
  path,
  before,
  after,
}: Entry['changes'][number]): ConfigurationChange['changes'][number] {
  return { path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }
}
