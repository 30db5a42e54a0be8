/**
 * How LevelDB's newest log ends: with which batch, and whether in the middle of a write. LevelDB takes such an end for a write that was never
 * acknowledged and drops it without a word; on a disk that lied about its flush it was. Read before the database is opened,
 * which tidies it away (LevelDB log format: blocks of 32 KiB, each fragment with checksum, length, type).
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c, masked } from './crc32c.js'
import { batchIn, OWN_END } from './journal-marks.js'

export interface TornEnd {
  /** Keys it would have written, as far as they can be read. */
  readonly keys: readonly string[]
}

const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
const FULL = 1
const FIRST = 2
const LAST = 4
/** Of a batch: its number and how many operations it has. */
const BATCH_HEAD_BYTES = 12
/** A batch without a number was written without a flush, and is followed within half a second by one that has one. */
const MOST_BATCHES = 64
/** Of a value: a number is not longer. */
const VALUE_BYTES = 16
/** As many as a report names. */
const MOST_KEYS = 200

export interface EndOfLog {
  /** Undefined where the log ends with a whole write. */
  readonly torn?: TornEnd
  /** Number of the last durable batch in it, where it has one: as much as the disk holds, whatever comes of opening it. */
  readonly lastBatch: number
}

/** Rejects when it cannot be read. */
export async function endOfLog(folder: string): Promise<EndOfLog> {
  const names = await readdir(folder).catch((): string[] => [])
  const newest = names
    .filter(name => /^\d+\.log$/.test(name))
    .sort()
    .at(-1)
  if (newest === undefined) return { lastBatch: 0 }
  const { unfinished, whole } = endIn(await readFile(join(folder, newest)))
  const numbers = whole.flatMap(parts => (areSound(parts) ? numberIn(bodyOf(parts)) : []))
  return {
    ...(unfinished !== undefined && { torn: { keys: keysOf(unfinished) } }),
    lastBatch: Math.max(0, ...numbers),
  }
}

interface Fragment {
  readonly type: number
  readonly checksum: number
  /** As much of it as is there. */
  readonly body: Buffer
  readonly isWhole: boolean
}

interface End {
  /** What there is of the last batch when that is not whole. */
  readonly unfinished?: Buffer
  /** The last batches that are. */
  readonly whole: readonly (readonly Fragment[])[]
}

function endIn(log: Buffer): End {
  let parts: Fragment[] = []
  let isOpen = false
  const whole: Fragment[][] = []
  for (let at = 0; at < log.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (left < HEADER_BYTES) {
      at += left
      continue
    }
    const fragment = fragmentAt(log, at)
    if (fragment === undefined) return { unfinished: isOpen ? bodyOf(parts) : Buffer.alloc(0), whole }
    if (fragment.type === FULL || fragment.type === FIRST) parts = []
    parts.push(fragment)
    isOpen = fragment.type !== FULL && fragment.type !== LAST
    if (!fragment.isWhole) return { unfinished: bodyOf(parts), whole }
    if (!isOpen) whole.push(parts)
    if (whole.length > MOST_BATCHES) whole.shift()
    at += HEADER_BYTES + fragment.body.length
  }
  return isOpen || !areSound(parts) ? { unfinished: bodyOf(parts), whole } : { whole }
}

const bodyOf = (parts: readonly Fragment[]): Buffer => Buffer.concat(parts.map(({ body }) => body))

const areSound = (parts: readonly Fragment[]): boolean =>
  parts.every(({ type, body, checksum }) => masked(crc32c(Uint8Array.of(type), body)) === checksum)

/** Undefined: not even its head is there, or nothing but zeros follows. */
function fragmentAt(log: Buffer, at: number): Fragment | undefined {
  if (at + HEADER_BYTES > log.length) return undefined
  const checksum = log.readUInt32LE(at)
  const length = log.readUInt16LE(at + 4)
  const type = log.readUInt8(at + 6)
  if (type === 0) return undefined
  const from = at + HEADER_BYTES
  const to = Math.min(from + length, log.length)
  return { type, checksum, body: log.subarray(from, to), isWhole: from + length <= log.length }
}

function keysOf(batch: Buffer): readonly string[] {
  const keys: string[] = []
  for (const { key } of putsOf(batch)) {
    if (key >= OWN_END) keys.push(key)
    if (keys.length >= MOST_KEYS) break
  }
  return keys
}

function numberIn(batch: Buffer): number[] {
  for (const put of putsOf(batch)) {
    const number = batchIn(put)
    if (number !== undefined) return [number]
  }
  return []
}

function* putsOf(batch: Buffer): Generator<{ readonly key: string; readonly value: string }> {
  let at = BATCH_HEAD_BYTES
  const length = (): number => {
    let value = 0
    for (let shift = 0; shift < 35 && at < batch.length; shift += 7) {
      const byte = batch.readUInt8(at++)
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    return Number.POSITIVE_INFINITY
  }
  while (at < batch.length) {
    const isPut = batch.readUInt8(at++) === 1
    const keyEnd = length() + at
    if (keyEnd > batch.length) return
    const key = batch.toString('utf8', at, keyEnd)
    at = keyEnd
    if (!isPut) continue
    const valueEnd = length() + at
    yield { key, value: batch.toString('utf8', at, Math.min(valueEnd, at + VALUE_BYTES)) }
    at = valueEnd
  }
}
