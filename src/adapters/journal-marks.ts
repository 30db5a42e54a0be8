/**
 * How a journal notices that something in its middle or at its end is gone. LevelDB drops damaged parts of its log
 * without a word: the batches behind the damage may be there or not. So every durable batch carries a number in a
 * ring of marker entries (a hole shows as an old number between younger ones), and the highest durable number is
 * also kept in a file of its own (a lost end shows as a smaller number in the ring). Must not know what is stored.
 */
import { open, readFile } from 'node:fs/promises'

/**
 * Markers kept, hence batches back that a hole is seen. Damage matters in the write-ahead log only (tables have
 * block checksums); two logs of 1 MiB hold fewer batches than this when a batch has 256 bytes or more.
 */
const RING_SIZE = 8192
/** Keys of the journal itself; those of its callers never begin with it. */
export const OWN_PREFIX = '\u0000'
/** Where the ring lies. */
export const MARKERS = { gte: `${OWN_PREFIX}m`, lt: `${OWN_PREFIX}n` } as const
export const OWN_END = '\u0001'
const DIGITS = 16

export interface Marker {
  readonly key: string
  readonly value: string
}

/** The operation that batch `sequence` (1..) carries beside its own. */
export function markerOf(sequence: number): Marker & { readonly kind: 'put' } {
  const slot = String(sequence % RING_SIZE).padStart(4, '0')
  return { kind: 'put', key: `${OWN_PREFIX}m${slot}`, value: String(sequence) }
}

/** The number of the batch to which this entry belongs, where the entry is its marker. */
export function batchIn({ key, value }: Marker): number | undefined {
  return key >= MARKERS.gte && key < MARKERS.lt && /^\d{1,16}$/.test(value) ? Number(value) : undefined
}

/** The whole ring as it is after batch `last`. */
export function markersUpTo(last: number) {
  return Array.from({ length: Math.min(last, RING_SIZE) }, (_, back) => markerOf(last - back))
}

export interface Gap {
  /** Batches known to be missing. */
  readonly missingBatches: number
  /** The first of them. */
  readonly fromBatch: number
}

/** The highest batch number among the markers (0 = none), and what is missing below it or up to `highWater`. */
export function checkMarkers(
  markers: Iterable<Marker>,
  highWater: number,
): { readonly last: number; readonly gap?: Gap } {
  const values = new Map<string, number>()
  for (const { key, value } of markers) values.set(key, Number(value))
  const last = Math.max(0, ...values.values())
  let missingBatches = 0
  let fromBatch = Number.POSITIVE_INFINITY
  for (let batch = Math.max(1, last - RING_SIZE + 1); batch <= last; batch++) {
    if (values.get(markerOf(batch).key) === batch) continue
    missingBatches++
    fromBatch = Math.min(fromBatch, batch)
  }
  if (highWater > last) {
    missingBatches += highWater - last
    fromBatch = Math.min(fromBatch, last + 1)
  }
  return missingBatches > 0 ? { last, gap: { missingBatches, fromBatch } } : { last }
}

/** The highest durable batch, and the highest that deleted something: what was delivered or given up is never undone. */
export interface HighWater {
  readonly last: number
  readonly lastDelete: number
}

/** Undefined when the file is not there or not readable as numbers: then only holes can be seen. */
export async function readHighWater(path: string): Promise<HighWater | undefined> {
  try {
    const found = /^(\d{1,16})(?: (\d{1,16}))?\n$/.exec(await readFile(path, 'utf8'))
    return found === null ? undefined : { last: Number(found[1]), lastDelete: Number(found[2] ?? 0) }
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined
    throw fault
  }
}

/** Overwrites in place: a few bytes in one sector are written whole or not at all. */
export async function writeHighWater(path: string, { last, lastDelete }: HighWater): Promise<void> {
  const handle = await open(path, 'a').then(async created => {
    await created.close()
    return open(path, 'r+')
  })
  try {
    const text = [last, lastDelete].map(batch => String(batch).padStart(DIGITS, '0')).join(' ')
    await handle.write(`${text}\n`, 0)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
