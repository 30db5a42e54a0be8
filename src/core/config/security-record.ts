/**
 * `security-record.json` and the full ones before it (`security-record-1.json` ...): an append-only record of who tried what. Each
 * entry carries the hash of the one before, so that a cut or an edit shows.
 */
import { z } from 'zod'

/** At 300 octets each the present file stays below 150 kB, which is written whole. */
export const ENTRIES_PER_FILE = 500
/** Full ones kept beside it; the oldest is overwritten. */
export const FULL_FILES = 10

const entry = z.strictObject({
  seq: z.int().min(1),
  at: z.iso.datetime(),
  type: z.string().max(64),
  about: z.string().max(300).optional(),
  detail: z.string().max(300).optional(),
  /** SHA-256 over the one before and this one. */
  hash: z.string().max(64),
})

export const securityRecordSchema = z.strictObject({
  version: z.literal(1),
  /** Hash of the last entry of the file before; "" for the very first. */
  before: z.string().max(64),
  entries: z.array(entry).max(ENTRIES_PER_FILE),
})

export type SecurityRecordDocument = z.infer<typeof securityRecordSchema>
export type SecurityRecordEntry = SecurityRecordDocument['entries'][number]

/** What is hashed: everything but the hash, in this order. */
export function hashedText(
  before: string,
  { about, at, detail, seq, type }: Omit<SecurityRecordEntry, 'hash'>,
): string {
  return JSON.stringify([before, seq, at, type, about ?? null, detail ?? null])
}

/** The sequence number at which the chain breaks first; undefined when it holds. */
export function brokenAt(
  { before, entries }: SecurityRecordDocument,
  digest: (text: string) => string,
): number | undefined {
  let last = before
  let seq: number | undefined
  for (const one of entries) {
    const follows = seq === undefined || one.seq === seq + 1
    if (!follows || one.hash !== digest(hashedText(last, one))) return one.seq
    last = one.hash
    seq = one.seq
  }
  return undefined
}
