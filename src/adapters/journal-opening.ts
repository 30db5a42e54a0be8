/**
 * Opens the journal so that a disk that fails once costs nothing. LevelDB takes a log that it cannot open or read for one
 * that says nothing, and deletes it: what was put aside before is opened then, and what holds more is kept. Must not know
 * what is stored.
 */
import { rename, rm } from 'node:fs/promises'
import { isThere, linked } from './journal-aside.js'
import { type LevelOpening, type OpenedLevel, openLevel, reasonOf } from './journal-level.js'
import { checkMarkers, type Gap, MARKERS, type Marker } from './journal-marks.js'

export interface Opened extends OpenedLevel {
  /** The highest batch that is there. */
  readonly last: number
  readonly gap?: Gap
}

export interface Opening extends LevelOpening {
  /** Copies of it from before it was opened, the best first. */
  readonly copies: readonly string[]
  /** The highest batch known to have been durable. */
  readonly highWater: number
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

async function look(opening: Opening): Promise<Opened> {
  const found = await openLevel(opening)
  try {
    const markers: Marker[] = []
    for await (const [key, value] of found.level.iterator(MARKERS)) markers.push({ key, value })
    return { ...found, ...checkMarkers(markers, opening.highWater) }
  } catch (fault) {
    await found.level.close()
    throw fault
  }
}

/** The better of both; the other is gone. */
async function fromCopy(opening: Opening, copy: string, opened: Opened): Promise<Opened> {
  const { folder, log } = opening
  const { left, again, over } = besides(folder)
  await opened.level.close()
  await linked(copy, again)
  await rename(folder, left)
  await rename(again, folder)
  const second = await look(opening).catch((fault: unknown) => {
    log.write('warn', 'journal-copy-not-opened', { reason: reasonOf(fault) })
    return undefined
  })
  if (second !== undefined && damageOf(second) <= damageOf(opened)) {
    if (damageOf(second) < damageOf(opened))
      log.write('warn', 'journal-opened-again', {
        missing: opened.gap?.missingBatches ?? 0,
        stillMissing: second.gap?.missingBatches ?? 0,
      })
    // what is taken away bit by bit must not be taken for the better one
    await rename(left, over)
    await rm(over, { recursive: true, force: true })
    return second
  }
  await second?.level.close()
  await putBack(folder)
  // what it found was written when it was mended
  return { ...opened, level: (await look({ ...opening, verify: false })).level }
}

/** Where an attempt with a copy came to no end, the folder is as it was before. Rejects when the disk fails. */
export async function putBack(folder: string): Promise<void> {
  const { left, again, over } = besides(folder)
  await rm(over, { recursive: true, force: true })
  await rm(again, { recursive: true, force: true })
  if (!(await isThere(left))) return
  if (await isThere(folder)) await rename(folder, over)
  await rename(left, folder)
  await rm(over, { recursive: true, force: true })
}

/** The folder while a copy is looked at, the copy on its way, and what is taken away. */
const besides = (folder: string) => ({
  left: `${folder}.left`,
  again: `${folder}.again`,
  over: `${folder}.over`,
})

/** For comparison only: batches and entries that are missing, and whether it had to be repaired. */
function damageOf({ gap, damage, repaired }: Opened): number {
  const lost = damage === undefined ? 0 : damage.lost + damage.ranges.length
  return (gap?.missingBatches ?? 0) + lost + (repaired ? 1 : 0)
}
