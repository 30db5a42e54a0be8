/**
 * What was wrong with the journal that was just opened: told in the log, noted on the disk before the last traces of it go, and
 * the folder as it was found kept for a person to look at. Must not know what is stored.
 */
import type { Log } from '../ports.js'
import type { Aside } from './journal-aside.js'
import type { TornEnd } from './journal-end.js'
import {
  BETWEEN_COPIES,
  bothFound,
  type Damage,
  type Found,
  type FoundNote,
  NOTHING_LOST,
} from './journal-found.js'
import { type HighWater, markersUpTo } from './journal-marks.js'
import type { Opened } from './journal-opening.js'
import { sealedBatch } from './journal-values.js'

/** What was known before it was opened. */
export interface Before {
  readonly aside: Aside | undefined
  /** By an earlier start, which nobody was told of. */
  readonly untold: Found | undefined
  readonly torn: TornEnd | undefined
  readonly highWater: HighWater
}

/** All that is to be told. Rejects when the disk fails: the note of it stays. */
export async function judge(
  { level, repaired, damage, last, gap }: Opened,
  { aside, untold, torn, highWater }: Before,
  { note, log }: { readonly note: FoundNote; readonly log: Log },
): Promise<Found> {
  const isDamaged = gap !== undefined || repaired || damage !== undefined || torn !== undefined
  const now = isDamaged ? foundOf(damage ?? NOTHING_LOST, torn, gap?.missingBatches) : { rolledBack: false }
  let found = bothFound(untold, { ...now, rolledBack: isDamaged && last < highWater.lastDelete })
  if (isDamaged) await note.write(found)
  if (gap) {
    log.write('error', 'journal-gap', { ...gap, lastBatch: last, highWater: highWater.last })
    // Reported once: from here on the ring counts as whole.
    await level.batch(sealedBatch(markersUpTo(Math.max(last, highWater.last))), { sync: true })
  }
  if (damage) log.write('error', 'journal-damaged', { lost: damage.lost, first: damage.keys[0] })
  if (torn) log.write('error', 'journal-end-torn', { entries: torn.keys.length, first: torn.keys[0] })
  // two copies: as it was found at a start that came to no end it is not kept yet
  const isToBeKept = isDamaged || (untold !== undefined && aside !== undefined && aside.copies.length > 1)
  if (!isToBeKept) await aside?.drop()
  else
    await aside?.keep(async names => {
      found = bothFound(found, foundOf(NOTHING_LOST, undefined, 0, names.join(BETWEEN_COPIES)))
      await note.write(found)
    })
  return found
}

/** As one finding; `damage` undefined: nothing was read yet. */
export function foundOf(
  damage: Damage | undefined,
  torn: TornEnd | undefined,
  missingBatches = 0,
  copy?: string,
): Found {
  if (damage === undefined && torn === undefined) return { rolledBack: false }
  return {
    rolledBack: false,
    damage: {
      ...(damage ?? NOTHING_LOST),
      missingBatches,
      ...(torn !== undefined && { tornKeys: torn.keys }),
      ...(copy !== undefined && { copy }),
    },
  }
}
