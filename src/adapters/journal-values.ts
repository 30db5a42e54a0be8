/**
 * A checksum in every value of the journal, over its key too: LevelDB as classic-level builds it does not verify its
 * blocks, so a flipped bit would be read as if it had been written. Text in, text out.
 */
import { crc32 } from 'node:zlib'
import type { JournalOp } from '../ports.js'
import { OWN_END } from './journal-marks.js'

const DIGITS = 8
const BLANK = 0x20
const ZERO = 0x30
const SMALL_A = 0x61

/** Characters of a stored value that are its seal's. */
export const SEAL_CHARS = DIGITS + 1

/** The value as it is stored: eight hex digits, a blank, the text. */
export function sealed(key: string, text: string): string {
  return `${checksum(key, text).toString(16).padStart(DIGITS, '0')} ${text}`
}

/** The text, or undefined when it is not what was written under this key. */
export function unsealed(key: string, stored: string): string | undefined {
  const text = stored.slice(SEAL_CHARS)
  return checksumOf(stored) === checksum(key, text) ? text : undefined
}

/** Of a journal written before values were sealed. */
export function looksSealed(stored: string): boolean {
  return /^[0-9a-f]{8} /.test(stored)
}

/** As LevelDB takes them; the journal's own have no seal. */
export function sealedBatch(ops: readonly JournalOp[]) {
  return ops.map(op =>
    op.kind === 'put'
      ? ({ type: 'put', key: op.key, value: op.key < OWN_END ? op.value : sealed(op.key, op.value) } as const)
      : ({ type: 'del', key: op.key } as const),
  )
}

const checksum = (key: string, text: string): number => crc32(`${key}\n${text}`)

/** As the seal writes it, read without making a text of it: a million of them are checked at a start. Undefined: it is none. */
function checksumOf(stored: string): number | undefined {
  if (stored.charCodeAt(DIGITS) !== BLANK) return undefined
  let value = 0
  for (let at = 0; at < DIGITS; at++) {
    const code = stored.charCodeAt(at)
    const isDigit = code >= ZERO && code < ZERO + 10
    if (!isDigit && (code < SMALL_A || code >= SMALL_A + 6)) return undefined
    value = (value << 4) | (isDigit ? code - ZERO : code - SMALL_A + 10)
  }
  return value >>> 0
}
