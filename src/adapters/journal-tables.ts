/**
 * Blocks of LevelDB's tables that are not what was written. LevelDB as classic-level builds it does not look at their checksums: a flipped
 * bit in a key puts an entry where nobody finds it, and the checksum in its value is never asked. Read before the database is
 * opened, for a compaction would give the damage a checksum of its own (LevelDB table format: blocks with type and checksum,
 * an index of them, a footer of 48 bytes). What cannot be read here LevelDB cannot read either, and says so.
 */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c, masked } from './crc32c.js'

const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
/** Type and checksum behind each block. */
const TRAILER_BYTES = 5
const SNAPPY = 1
/** A block holds 4 KiB, or one entry that is larger; a damaged length must not take the memory. */
const MOST_UNPACKED_BYTES = 16 * 1024 * 1024
/** Behind each key of a table: whether it puts (1) or deletes (0), and its number in the order of writes. */
const SUFFIX_BYTES = 8
const IS_PUT = 1

/** A block that is not what was written: what lay after one key and up to another may be lost. */
export interface BadBlock {
  readonly after: string
  readonly before: string
  /** Its keys are not in their order: what is sound behind it, in other tables too, is not found any more. */
  readonly hidesOthers: boolean
  /** Tables never change: the name of the file and the place in it are one block for ever. */
  readonly place: string
}

/** In all tables of the folder; none where there is no folder. */
export async function badBlocks(folder: string): Promise<readonly BadBlock[]> {
  const found: BadBlock[] = []
  const names = await tablesIn(folder)
  // what the disk does not give LevelDB meets too, and then mends what can be
  const read = (name: string): Promise<Buffer> => readFile(join(folder, name)).catch(() => Buffer.alloc(0))
  let next = names.slice(0, 1).map(read)
  for (const [at, name] of names.entries()) {
    const table = (await next[0]) ?? Buffer.alloc(0)
    // the disk reads on while this one is looked at
    next = names.slice(at + 1, at + 2).map(read)
    found.push(...badBlocksIn(name, table))
  }
  return found
}

function badBlocksIn(name: string, table: Buffer): readonly BadBlock[] {
  const found: BadBlock[] = []
  let last: Buffer | undefined
  for (const { key, handle } of indexOf(table)) {
    if (!isSound(table, handle)) {
      const after = last === undefined ? '' : nameOf(last)
      const before = nameOf(key)
      const hidesOthers = !isInOrder(keysIn(table, handle), after, before)
      found.push({ after, before, hidesOthers, place: placeOf(name, handle) })
    }
    last = key
  }
  return found
}

/**
 * Takes blocks out of the indexes of their tables. The folder has to be repaired then, for the tables have another length: until
 * that is done it has no CURRENT, so that nobody opens it by the old index. Links to the same files keep what they had.
 */
export async function cutBlocks(folder: string, places: ReadonlySet<string>): Promise<void> {
  await rm(join(folder, 'CURRENT'), { force: true })
  for (const name of await tablesIn(folder)) {
    const path = join(folder, name)
    const table = await readFile(path)
    const index = indexOf(table)
    const kept = index.filter(({ handle }) => !places.has(placeOf(name, handle)))
    if (kept.length === index.length) continue
    // a table without entries ends the process that repairs it
    if (kept.length === 0) {
      await rm(path)
      continue
    }
    await writeFile(`${path}.part`, withIndex(table, kept), { flush: true })
    await rename(`${path}.part`, path)
  }
}

const placeOf = (name: string, { offset }: Handle): string => `${name}:${offset}`

async function tablesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.filter(name => /\.(ldb|sst)$/.test(name)).sort()
}

interface Handle {
  readonly offset: number
  readonly size: number
}

interface IndexEntry {
  /** The last one the block may hold, with its suffix. */
  readonly key: Buffer
  readonly handle: Handle
}

const nameOf = (key: Buffer): string => key.toString('utf8', 0, Math.max(0, key.length - SUFFIX_BYTES))

/** Empty where the table has no sound index. */
function indexOf(table: Buffer): readonly IndexEntry[] {
  const handle = handlesOf(table)?.index
  if (handle === undefined || !isSound(table, handle)) return []
  return (entriesAt(table, handle) ?? []).map(({ key, value }) => ({
    key,
    handle: new Reader(value).handle(),
  }))
}

/** Of a block that may be damaged; undefined where it cannot be read to its end. */
function keysIn(table: Buffer, handle: Handle): readonly string[] | undefined {
  return entriesAt(table, handle)?.map(({ key }) => nameOf(key))
}

function isInOrder(keys: readonly string[] | undefined, after: string, before: string): boolean {
  let last = after
  return (
    keys?.every(key => {
      const isNext = key >= last && key <= before
      last = key
      return isNext
    }) === true
  )
}

interface Entry {
  readonly key: Buffer
  readonly value: Buffer
}

function entriesAt(table: Buffer, { offset, size }: Handle): readonly Entry[] | undefined {
  const stored = table.subarray(offset, offset + size)
  const block = table[offset + size] === SNAPPY ? unpacked(stored) : stored
  const restarts = block.length < 4 ? 0 : block.readUInt32LE(block.length - 4)
  const end = block.length - 4 - 4 * restarts
  if (end < 0) return undefined
  const from = new Reader(block.subarray(0, end))
  const found: Entry[] = []
  let key: Buffer = Buffer.alloc(0)
  while (!from.isAtEnd) {
    const [shared, rest, valueBytes] = [from.number(), from.number(), from.number()]
    if (shared > key.length) return undefined
    const own = from.bytes(rest)
    // in an index none shares anything
    key = shared === 0 ? own : Buffer.concat([key.subarray(0, shared), own])
    if (key.length !== shared + rest || key.length < SUFFIX_BYTES) return undefined
    if ((key[key.length - SUFFIX_BYTES] ?? 0) > IS_PUT) return undefined
    const value = from.bytes(valueBytes)
    if (value.length !== valueBytes) return undefined
    found.push({ key, value })
  }
  return found
}

function handlesOf(table: Buffer): { readonly meta: Handle; readonly index: Handle } | undefined {
  const footerAt = table.length - FOOTER_BYTES
  if (footerAt < 0 || table.readBigUInt64LE(table.length - 8) !== MAGIC) return undefined
  const footer = new Reader(table.subarray(footerAt))
  return { meta: footer.handle(), index: footer.handle() }
}

/** The same blocks at the same places, behind them an index of these alone, in plain form and with one restart. */
function withIndex(table: Buffer, entries: readonly IndexEntry[]): Buffer {
  const body = entries.flatMap(({ key, handle }) => {
    const value = handleBytes(handle)
    return [varint(0), varint(key.length), varint(value.length), key, value]
  })
  const block = Buffer.concat([...body, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])])
  const trailer = Buffer.alloc(TRAILER_BYTES)
  trailer.writeUInt32LE(masked(crc32c(block, trailer.subarray(0, 1))), 1)
  const footer = Buffer.alloc(FOOTER_BYTES)
  const meta = handleBytes(handlesOf(table)?.meta ?? { offset: 0, size: 0 })
  meta.copy(footer)
  handleBytes({ offset: table.length, size: block.length }).copy(footer, meta.length)
  footer.writeBigUInt64LE(MAGIC, FOOTER_BYTES - 8)
  return Buffer.concat([table, block, trailer, footer])
}

const handleBytes = ({ offset, size }: Handle): Buffer => Buffer.concat([varint(offset), varint(size)])

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}

function isSound(table: Buffer, { offset, size }: Handle): boolean {
  const end = offset + size
  if (end + TRAILER_BYTES > table.length) return false
  return masked(crc32c(table.subarray(offset, end + 1))) === table.readUInt32LE(end + 1)
}

/** Snappy's block format: a length, then literals and copies of what came before. */
function unpacked(packed: Buffer): Buffer {
  const from = new Reader(packed)
  const out = Buffer.alloc(Math.min(from.number(), MOST_UNPACKED_BYTES))
  let at = 0
  while (!from.isAtEnd && at < out.length) {
    const tag = from.byte()
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >>> 2
      const length = 1 + (short < 60 ? short : from.fixed(short - 59))
      at += from.bytes(length).copy(out, at)
      continue
    }
    const length = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2)
    const back = kind === 1 ? ((tag >>> 5) << 8) | from.byte() : from.fixed(kind === 2 ? 2 : 4)
    for (const end = at + length; at < end; at++) out[at] = out[at - back] ?? 0
  }
  return out
}

/** Reads on; behind the end it reads zeros, so that a damaged length ends and fails its checksum. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0
  }

  bytes(count: number): Buffer {
    const from = this.#at
    this.#at += count
    return this.#bytes.subarray(from, this.#at)
  }

  /** Little-endian. */
  fixed(octets: number): number {
    return this.bytes(octets).reduce((sum, byte, index) => sum + byte * 256 ** index, 0)
  }

  /** Seven bits a byte, the lowest first. */
  number(): number {
    let value = 0
    for (let shift = 0; shift < 50; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    return value
  }

  handle(): Handle {
    return { offset: this.number(), size: this.number() }
  }
}
