/**
 * Small JSON documents, each saved whole and durably: temp file in the same folder, fsync, rename, fsync of the folder
 * (plain lowdb leaves an empty or an old file behind after a power cut). Must not know what is in a document.
 * The previous `state` is kept as state.json.1 and read, loudly, where a power cut came between the two renames. Not where
 * state.json is damaged: what it said before is not what holds, and whoever loads it has a safe state to begin with.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { lstat, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Adapter, Low } from 'lowdb'
import type { Files, Log } from '../ports.js'
import { repeatedKey } from './repeated-key.js'

/** Far above any real document; a longer one is a mistake and would hold the event loop while it is parsed. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
/** A disk that fails once, or has no handle left, is read again after these, ms. */
const READ_AGAIN_AFTER_MS = [50, 250, 1_000] as const
/** Of the file or of who may read it: that does not pass. */
const LASTING: readonly unknown[] = [
  'ENOENT',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
]
const NAME = /^[a-z][a-z0-9-]{0,63}$/
const TEMP = '.tmp'
const PREVIOUS = '.1'
const KEEPS_PREVIOUS = 'state'
/** Passwords, private keys; whole configurations, which may hold a tag; and who did what. */
const PRIVATE = /^(secrets|authority|uplifts|config|config-history-\d+|audit|restore)$/

interface Slot {
  document: unknown
}

export interface FilesOptions {
  /** Where the document named "config" is. A link is followed, so that saving does not replace it. */
  readonly configPath: string
  /** Where all others are, as NAME.json. Made when something is saved. */
  readonly dataDir: string
  readonly log: Log
  /** A Busbar may run beside it: what it is just saving is left alone. */
  readonly isBeside?: boolean
}

/** Removes what an interrupted save left behind, where the disk lets it. */
export function createFiles({ configPath, dataDir, log, isBeside }: FilesOptions): Files {
  const config = existsSync(configPath) ? realpathSync(configPath) : resolve(configPath)
  if (isBeside !== true) removeLeftovers(config, dataDir, log)
  const open = new Map<string, SavedDocument>()
  const named = (name: string): SavedDocument => {
    if (!NAME.test(name)) throw new Error(`"${name}" is no document name`)
    const known = open.get(name)
    if (known) return known
    const path = name === 'config' ? config : join(dataDir, `${name}.json`)
    const fresh = new SavedDocument(new DurableFile(name, path, log))
    open.set(name, fresh)
    return fresh
  }
  return {
    load: async name => named(name).load(),
    text: async name => named(name).text(),
    save: async (name, document) => named(name).save(document),
  }
}

/** They are in nobody's way: on a disk that takes nothing control begins all the same. */
function removeLeftovers(config: string, dataDir: string, log: Log): void {
  try {
    rmSync(config + TEMP, { force: true })
    if (!existsSync(dataDir)) return
    for (const name of readdirSync(dataDir)) {
      if (name.endsWith(`.json${TEMP}`)) rmSync(join(dataDir, name), { force: true })
    }
  } catch (fault) {
    log.write('warn', 'file-leftovers-kept', { folder: dataDir, reason: reasonOf(fault) })
  }
}

/** Puts loads and saves of one document in a row; saves that wait become one, with the latest content. */
class SavedDocument {
  readonly #low: Low<Slot>
  readonly #file: DurableFile
  #tail: Promise<unknown> = Promise.resolve()
  #waiting: { document: unknown; readonly done: Promise<void> } | undefined

  constructor(file: DurableFile) {
    this.#file = file
    this.#low = new Low(file, { document: undefined })
  }

  text(): Promise<string | undefined> {
    return this.#inTurn(() => this.#file.text())
  }

  load(): Promise<unknown> {
    return this.#inTurn(async () => {
      this.#low.data = { document: undefined }
      await this.#low.read()
      return this.#low.data.document
    })
  }

  save(document: unknown): Promise<void> {
    if (this.#waiting) {
      this.#waiting.document = document
      return this.#waiting.done
    }
    const done = this.#inTurn(async () => {
      this.#low.data = { document: this.#waiting?.document }
      this.#waiting = undefined
      await this.#low.write()
    })
    this.#waiting = { document, done }
    return done
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(task)
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = done.catch(() => undefined)
    return done
  }
}

/** lowdb's adapter for one file. The caller keeps calls in a row. */
class DurableFile implements Adapter<Slot> {
  readonly #name: string
  readonly #path: string
  readonly #log: Log
  /** Only a document that was whole may become the previous one. */
  #isWhole = false

  constructor(name: string, path: string, log: Log) {
    this.#name = name
    this.#path = path
    this.#log = log
  }

  async read(): Promise<Slot | null> {
    const keepsPrevious = this.#name === KEEPS_PREVIOUS
    const found = await readDocument(this.#path)
    this.#isWhole = found.kind === 'whole'
    if (found.kind === 'whole') return { document: found.document }
    const previous =
      keepsPrevious && found.kind === 'absent' ? await readDocument(this.#path + PREVIOUS) : undefined
    if (previous?.kind === 'whole') {
      this.#log.write('error', 'file-previous-used', { file: this.#path, reason: 'the file is missing' })
      return { document: previous.document }
    }
    if (found.kind === 'absent') return null
    throw new Error(found.fault)
  }

  /** A configuration that an operator made readable to others stays so. */
  async #mode(): Promise<number> {
    if (!PRIVATE.test(this.#name)) return 0o640
    if (this.#name !== 'config' || !existsSync(this.#path)) return 0o600
    return (await stat(this.#path)).mode & 0o777
  }

  async text(): Promise<string | undefined> {
    const found = await readText(this.#path)
    if (found.kind === 'broken') throw new Error(found.fault)
    return found.kind === 'text' ? found.text : undefined
  }

  async write({ document }: Slot): Promise<void> {
    const text = JSON.stringify(document, undefined, 2)
    if (text === undefined) throw new Error(`${this.#path}: nothing to save`)
    const temp = this.#path + TEMP
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o750 })
    try {
      await writeSynced(temp, `${text}\n`, await this.#mode())
      // Cut between the two renames, the previous document is the latest one that was saved, and load finds it.
      if (this.#name === KEEPS_PREVIOUS && this.#isWhole) await rename(this.#path, this.#path + PREVIOUS)
      this.#isWhole = false
      await rename(temp, this.#path)
    } catch (fault) {
      // Best effort: a full disk gets its space back; what was wrong is what the caller must hear.
      await rm(temp, { force: true }).catch(() => undefined)
      throw new Error(`${this.#path}: cannot be saved: ${reasonOf(fault)}`, { cause: fault })
    }
    this.#isWhole = true
    await syncFolder(dirname(this.#path))
  }
}

type Missing = { readonly kind: 'absent' } | { readonly kind: 'broken'; readonly fault: string }
type Found = Missing | { readonly kind: 'whole'; readonly document: unknown }
type FoundText = Missing | { readonly kind: 'text'; readonly text: string }

const broken = (path: string, fault: string): Missing => ({ kind: 'broken', fault: `${path}: ${fault}` })

async function readText(path: string, attempt = 0): Promise<FoundText> {
  try {
    return await readOnce(path)
  } catch (fault) {
    if (isAbsent(fault))
      return (await isLink(path)) ? broken(path, 'a link that leads nowhere') : { kind: 'absent' }
    const againAfterMs = mayPass(fault) ? READ_AGAIN_AFTER_MS[attempt] : undefined
    if (againAfterMs === undefined)
      return broken(
        path,
        fault instanceof TypeError ? 'not UTF-8 text' : `cannot be read: ${reasonOf(fault)}`,
      )
    await wait(againAfterMs)
    return readText(path, attempt + 1)
  }
}

async function readOnce(path: string): Promise<FoundText> {
  const found = await stat(path)
  // a pipe or a device would be read for ever
  if (!found.isFile()) return broken(path, 'no regular file')
  const { size } = found
  if (size > MAX_DOCUMENT_BYTES) return broken(path, `${size} bytes, expected at most ${MAX_DOCUMENT_BYTES}`)
  const handle = await open(path, 'r')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile())
    return { kind: 'text', text }
  } finally {
    await handle.close()
  }
}

async function readDocument(path: string): Promise<Found> {
  const found = await readText(path)
  if (found.kind !== 'text') return found
  const { text } = found
  if (text.trim() === '') return broken(path, 'empty')
  try {
    const document: unknown = JSON.parse(text)
    const repeated = repeatedKey(text)
    return repeated === undefined
      ? { kind: 'whole', document }
      : broken(path, `"${repeated}" stands there twice`)
  } catch (fault) {
    return broken(path, `not JSON: ${placeOf(text, withoutExcerpt(reasonOf(fault)))}`)
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch (fault) {
    if (isAbsent(fault)) return false
    throw fault
  }
}

function mayPass(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && 'errno' in fault && !LASTING.includes(fault.code)
}

function isAbsent(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'
}

/** The parser quotes what stands around the fault, which may be a password. */
function withoutExcerpt(reason: string): string {
  return reason.replace(/, (?:\.\.\.)?".*$/s, '')
}

/** Adds line and column to the parser's "... at position 17", or of the end that came too early; else it names no place. */
function placeOf(text: string, reason: string): string {
  const position = /position (\d+)/.exec(reason)?.[1]
  if (position === undefined && !/end of JSON/.test(reason)) return reason
  const before = position === undefined ? text : text.slice(0, Number(position))
  const lines = before.split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  return `line ${lines.length} column ${column}: ${reason}`
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, 'w', mode)
  try {
    // The mode given to open is cut by the umask and ignored for a file that is there.
    await handle.chmod(mode)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function reasonOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
