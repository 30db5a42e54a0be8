/**
 * A checksum in every value of the journal, over its key too: LevelDB as classic-level builds it does not verify its
 * blocks, so a flipped bit would be read as if it had been written. Text in, text out.
 */
import { crc32 } from 'node:zlib'

const DIGITS = 8

/** The value as it is stored: eight hex digits, a blank, the text. */
export function sealed(key: string, text: string): string {
  return `${checksum(key, text)} ${text}`
}

/** The text, or undefined when it is not what was written under this key. */
export function unsealed(key: string, stored: string): string | undefined {
  const text = stored.slice(DIGITS + 1)
  return stored[DIGITS] === ' ' && stored.slice(0, DIGITS) === checksum(key, text) ? text : undefined
}

/** Characters of a stored value that are its seal's. */
export const SEAL_CHARS = DIGITS + 1

/** Of a journal written before values were sealed. */
export function looksSealed(stored: string): boolean {
  return /^[0-9a-f]{8} /.test(stored)
}

/** Of both in one go: a million of them are checked at a start. */
function checksum(key: string, text: string): string {
  return crc32(`${key}\n${text}`).toString(16).padStart(DIGITS, '0')
}
