/**
 * Opens the journal so that a disk that fails once costs nothing. LevelDB takes a log that it cannot open or read for one
 * that says nothing, and deletes it: what was put aside before is opened then, and what holds more is kept. Must not know
 * what is stored.
 */
import { rename, rm } from 'node:fs/promises'
import type { Log } from '../ports.js'
import { linked } from './journal-aside.js'
import { type OpenedLevel, openLevel } from './journal-level.js'
import { checkMarkers, type Gap, MARKERS, type Marker } from './journal-marks.js'

export interface Opened extends OpenedLevel {
  /** The highest batch that is there. */
  readonly last: number
  readonly gap?: Gap
}

export interface Opening {
  readonly folder: string
  /** Copies of it from before it was opened, the best first. */
  readonly copies: readonly string[]
  /** The highest batch known to have been durable. */
  readonly highWater: number
  /** All of it is read. */
  readonly verify: boolean
  readonly log: Log
}

/** Rejects as `openLevel` does. */
export async function openWhole(opening: Opening): Promise<Opened> {
  let opened = await look(opening)
  for (const copy of opening.copies) {
    if (damageOf(opened) === 0) break
    opened = await fromCopy(opening, copy, opened)
  }
  return opened
}

async function look({ folder, highWater, verify, log }: Opening): Promise<Opened> {
  const found = await openLevel(folder, log, verify)
  try {
    const markers: Marker[] = []
    for await (const [key, value] of found.level.iterator(MARKERS)) markers.push({ key, value })
    return { ...found, ...checkMarkers(markers, highWater) }
  } catch (fault) {
    await found.level.close()
    throw fault
  }
}

/** The better of both; the other is gone. */
async function fromCopy(opening: Opening, copy: string, opened: Opened): Promise<Opened> {
  const { folder, log } = opening
  const again = `${folder}.again`
  const left = `${folder}.left`
  await opened.level.close()
  await linked(copy, again)
  await rm(left, { recursive: true, force: true })
  await rename(folder, left)
  await rename(again, folder)
  const second = await look(opening)
  if (damageOf(second) <= damageOf(opened)) {
    if (damageOf(second) < damageOf(opened))
      log.write('warn', 'journal-opened-again', {
        missing: opened.gap?.missingBatches ?? 0,
        stillMissing: second.gap?.missingBatches ?? 0,
      })
    await rm(left, { recursive: true, force: true })
    return second
  }
  await second.level.close()
  await rm(folder, { recursive: true, force: true })
  await rename(left, folder)
  // what it found was written when it was mended
  return { ...opened, level: (await look({ ...opening, verify: false })).level }
}

/** For comparison only: batches and entries that are missing, and whether it had to be repaired. */
function damageOf({ gap, damage, repaired }: Opened): number {
  const lost = damage === undefined ? 0 : damage.lost + damage.ranges.length
  return (gap?.missingBatches ?? 0) + lost + (repaired ? 1 : 0)
}
