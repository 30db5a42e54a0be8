/**
 * The last 500 changes by people, in one file of the data folder. Read anew before each is added, for a command on the
 * console adds to it too. A file that is damaged is named in the log, and what follows is kept all the same.
 */
import { z } from 'zod'
import { saidFrom } from '../core/words/said.js'
import type { Files, Log } from '../ports.js'
import type { AuditEntry, AuditLog, AuditSaid } from '../web/audit.js'

const KEPT = 500
/** Of one text: a change of a whole document has its own history. */
const MAX_TEXT = 400
const FILE = 'audit'

const documentSchema = z.strictObject({
  version: z.literal(1),
  entries: z.array(
    z.strictObject({
      at: z.string(),
      by: z.string(),
      from: z.string(),
      what: z.string(),
      before: z.string().optional(),
      after: z.string().optional(),
      said: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
})
type Kept = z.infer<typeof documentSchema>['entries'][number]

export class AuditKeeper implements AuditLog {
  readonly #files: Files
  readonly #log: Log
  #tail: Promise<unknown> = Promise.resolve()

  constructor({ files, log }: { readonly files: Files; readonly log: Log }) {
    this.#files = files
    this.#log = log
  }

  keep(entry: AuditEntry): Promise<void> {
    const done = this.#tail.then(async () => {
      const { at, by, from, what, before, after, said } = entry
      const kept: Kept = {
        at,
        by,
        from,
        what: cut(what),
        ...(before !== undefined && { before: cut(before) }),
        ...(after !== undefined && { after: cut(after) }),
        ...(said !== undefined && { said: shortOnes(said) }),
      }
      const entries = [kept, ...(await this.#load())].slice(0, KEPT)
      await this.#files.save(FILE, { version: 1, entries })
    })
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = done.catch(() => undefined)
    return done
  }

  async list(): Promise<readonly AuditEntry[]> {
    return (await this.#load()).map(({ before, after, said, ...entry }) => ({
      ...entry,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      ...(said !== undefined && { said: saidOf(said) }),
    }))
  }

  async #load(): Promise<readonly Kept[]> {
    try {
      const document = await this.#files.load(FILE)
      return document === undefined ? [] : documentSchema.parse(document).entries
    } catch (error) {
      this.#log.write('error', 'audit.damaged', { reason: String(error).slice(0, 200) })
      return []
    }
  }
}

/** A text that is cut has no code: what it holds would be as long. */
function shortOnes(said: AuditSaid): Record<string, unknown> {
  return Object.fromEntries(Object.entries(said).filter(([, { text }]) => text.length <= MAX_TEXT))
}

function saidOf(kept: Readonly<Record<string, unknown>>): AuditSaid {
  const [what, before, after] = [kept.what, kept.before, kept.after].map(saidFrom)
  return {
    ...(what !== undefined && { what }),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}
