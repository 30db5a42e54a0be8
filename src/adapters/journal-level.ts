/**
 * Opening a LevelDB folder: what to do when it is locked or damaged, and reading the whole of it once, so that damage is
 * found at the start and not in the middle of a replay. Must not know what is stored.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import type { Log } from '../ports.js'
import { FolderSums } from './journal-extent.js'
import { type Damage, NOTHING_LOST } from './journal-found.js'
import { OWN_END, OWN_PREFIX } from './journal-marks.js'
import { type BadBlock, badBlocks, cutBlocks } from './journal-tables.js'
import { looksSealed, sealed, unsealed } from './journal-values.js'

const OPTIONS = {
  /** Log and memory table: small enough that the ring of markers (`journal-marks.ts`) covers what is in the log. */
  writeBufferSize: 1024 * 1024,
  /** Each station is read in its order: a block is of use until its last message has gone, not longer. */
  cacheSize: 2 * 1024 * 1024,
  /** The fewest LevelDB takes: 64 tables stay open and mapped, so that a large backlog is not in the memory of this process. */
  maxOpenFiles: 74,
}
/** Keys named in a report; more are only counted. */
const MOST_NAMED = 200
/** Damaged blocks told of and remembered; a folder with more of them is lost anyway. */
const MOST_TOLD = 2000
const READ_AT_ONCE = 1000
const READ_BYTES = 1024 * 1024
/** Of tables that stay mapped after all of them were read. */
const MOST_MAPPED_CHARS = 32 * 1024 * 1024
/** Own key: values are sealed since this format. */
const FORMAT_KEY = `${OWN_PREFIX}format`
const FORMAT = '2'
/** Own key: damaged blocks that were told of, as long as a table may hold them. */
const TOLD_KEY = `${OWN_PREFIX}told`

export interface OpenedLevel {
  readonly level: ClassicLevel
  readonly repaired: boolean
  readonly damage: Damage | undefined
  /** Undefined where all of it was not read. */
  readonly sums: FolderSums | undefined
}

/** How a folder is opened. */
export interface LevelOpening {
  readonly folder: string
  readonly log: Log
  /** All of it is read. */
  readonly verify: boolean
  /** What is damaged, on the disk before it is mended. */
  note(damage: Damage): Promise<void>
}

/**
 * Opens or makes the database in `folder`; a damaged one is repaired, which keeps what is readable.
 * Rejects with an Error that names the folder and the reason (in use by another process, disk full).
 */
export async function openLevel(opening: LevelOpening): Promise<OpenedLevel> {
  const { folder, log, verify } = opening
  const bad = verify ? await badBlocks(folder) : []
  const hiding = bad.filter(({ hidesOthers }) => hidesOthers)
  if (hiding.length > 0) {
    await opening.note({ ...NOTHING_LOST, ranges: unexplained(hiding, [], '') })
    await cutBlocks(folder, new Set(hiding.map(({ place }) => place)))
  }
  const whole = hiding.length > 0 || (await lacksIndex(folder)) ? undefined : await open(folder, log)
  const level = whole ?? (await repair(opening, []))
  if (!verify) return { level, repaired: whole === undefined, damage: undefined, sums: undefined }
  const seen = await readAll(level)
  if (seen.gap === undefined) {
    const damage = await orClosed(level, dropDamaged(opening, level, { ...seen, bad }))
    const slim = seen.sums.chars > MOST_MAPPED_CHARS ? await openedAnew(level, folder, log) : level
    return { level: slim, repaired: whole === undefined, damage, sums: seen.sums }
  }
  log.write('error', 'journal-not-readable', { folder, reason: seen.reason, ...seen.gap })
  await level.close()
  const repaired = await repair(opening, [seen.gap])
  const after = await readAll(repaired)
  if (after.gap !== undefined) {
    await repaired.close()
    throw new Error(`${folder}: not readable after repair: ${after.reason}`)
  }
  const damage = await orClosed(repaired, dropDamaged(opening, repaired, { ...after, gap: seen.gap, bad }))
  return { level: repaired, repaired: true, damage, sums: after.sums }
}

/** Left open after a fault it would be locked against every later attempt of this process. */
async function orClosed<T>(level: ClassicLevel, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (fault) {
    await level.close()
    throw fault
  }
}

/** Reading all of it has mapped all of it into the memory of this process; opened anew, only what is used is. */
async function openedAnew(level: ClassicLevel, folder: string, log: Log): Promise<ClassicLevel> {
  await level.close()
  const again = await open(folder, log)
  if (again === undefined) throw new Error(`${folder}: not readable a second time`)
  return again
}

async function open(folder: string, log: Log): Promise<ClassicLevel | undefined> {
  const level = new ClassicLevel(folder, OPTIONS)
  try {
    await level.open()
    return level
  } catch (fault) {
    const code = causeCode(fault)
    if (code === 'LEVEL_LOCKED')
      throw new JournalLocked(`${folder}: in use by another process`, { cause: fault })
    if (code !== 'LEVEL_CORRUPTION') throw new Error(`${folder}: ${reasonOf(fault)}`, { cause: fault })
    log.write('error', 'journal-not-opened', { folder, reason: reasonOf(fault) })
    return undefined
  }
}

/** Another Busbar works here: nothing to wait for, nothing to repair. */
export class JournalLocked extends Error {}

/** `ranges`: of what was not readable. */
async function repair({ folder, log, note }: LevelOpening, ranges: Damage['ranges']): Promise<ClassicLevel> {
  await note({ ...NOTHING_LOST, ranges })
  log.write('error', 'journal-repaired', { folder })
  await ClassicLevel.repair(folder)
  const level = new ClassicLevel(folder, OPTIONS)
  await level.open()
  return level
}

/** Data without the file that says which of it counts: opening would take the folder for an empty one and clear it. */
async function lacksIndex(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => [])
  if (!names.some(name => /\.(ldb|sst|log)$/.test(name))) return false
  const current = await readFile(join(folder, 'CURRENT'), 'utf8').catch(() => '')
  return !names.includes(current.trimEnd())
}

interface Seen {
  readonly keys: readonly string[]
  readonly unsealed: readonly { readonly key: string; readonly text: string }[]
  readonly isSealed: boolean
  readonly sums: FolderSums
  readonly gap?: { readonly after: string; readonly before: string }
  readonly reason?: string
}

/** Forward to the end, or to where reading fails; then backward to there, so that it is known what lies between. */
async function readAll(level: ClassicLevel): Promise<Seen> {
  const keys: string[] = []
  const bare: { key: string; text: string }[] = []
  let last = ''
  const isSealed = (await level.get(FORMAT_KEY).catch(() => undefined)) === FORMAT
  const sums = new FolderSums()
  const iterator = level.iterator({ gte: OWN_END, highWaterMarkBytes: READ_BYTES, fillCache: false })
  try {
    for (let next = iterator.nextv(READ_AT_ONCE); ; ) {
      const entries = await next
      if (entries.length === 0) break
      // the disk reads on while these are looked at
      next = iterator.nextv(READ_AT_ONCE)
      // should it fail meanwhile, that is found when it is waited for
      next.catch(() => undefined)
      for (const [key, stored] of entries) {
        last = key
        const text = unsealed(key, stored)
        if (text !== undefined) sums.add(key, key.length + text.length)
        else if (!isSealed && !looksSealed(stored)) {
          bare.push({ key, text: stored })
          sums.add(key, key.length + stored.length)
        } else keys.push(key)
      }
    }
    return { keys, unsealed: bare, isSealed, sums }
  } catch (fault) {
    const before = await firstFromTheEnd(level, last)
    return { keys, unsealed: bare, isSealed, sums, gap: { after: last, before }, reason: reasonOf(fault) }
  } finally {
    await iterator.close().catch(() => undefined)
  }
}

async function firstFromTheEnd(level: ClassicLevel, after: string): Promise<string> {
  const iterator = level.iterator({ gt: after < OWN_END ? OWN_END : after, reverse: true, values: false })
  let first = ''
  try {
    for (;;) {
      const entries = await iterator.nextv(READ_AT_ONCE)
      const oldest = entries.at(-1)
      if (oldest === undefined) return first
      first = oldest[0]
    }
  } catch {
    // the same damage from behind: what was read last is where it ends
    return first
  } finally {
    await iterator.close().catch(() => undefined)
  }
}

/** Values that are not what was written are no values; those of an older format are sealed now. */
async function dropDamaged(
  { note }: LevelOpening,
  level: ClassicLevel,
  seen: Seen & { readonly bad: readonly BadBlock[] },
): Promise<Damage | undefined> {
  const { bad } = seen
  for (let at = 0; at < seen.unsealed.length; at += READ_AT_ONCE) {
    const some = seen.unsealed.slice(at, at + READ_AT_ONCE)
    await level.batch(
      some.map(({ key, text }) => ({ type: 'put', key, value: sealed(key, text) }) as const),
      { sync: true },
    )
  }
  const told = (await level.get(TOLD_KEY)) ?? ''
  const places = bad
    .slice(0, MOST_TOLD)
    .map(({ place }) => place)
    .join(' ')
  const { length: lost } = seen.keys
  const ranges = [...(seen.gap === undefined ? [] : [seen.gap]), ...unexplained(bad, seen.keys, told)]
  const isDamaged = lost > 0 || ranges.length > 0
  const damage = isDamaged ? { lost, keys: seen.keys.slice(0, MOST_NAMED), ranges } : undefined
  if (damage !== undefined) await note(damage)
  const drop = seen.keys.map(key => ({ type: 'del', key }) as const)
  const mark = { type: 'put', key: FORMAT_KEY, value: FORMAT } as const
  const tell = { type: 'put', key: TOLD_KEY, value: places } as const
  if (!seen.isSealed || drop.length > 0 || places !== told)
    await level.batch([...drop, mark, tell], { sync: true })
  return damage
}

/** Blocks whose damage no value shows, and that were not told of before: keys in them are not where they were written. */
function unexplained(
  bad: readonly BadBlock[],
  lostKeys: readonly string[],
  told: string,
): readonly { readonly after: string; readonly before: string }[] {
  const known = new Set(told.split(' '))
  return bad
    .filter(({ after, before, place }) => {
      if (before < OWN_END || known.has(place)) return false
      return !lostKeys.some(key => key > after && key <= before)
    })
    .slice(0, MOST_NAMED)
    .map(({ after, before }) => ({ after: after < OWN_END ? '' : after, before }))
}

function causeCode(fault: unknown): unknown {
  const cause = fault instanceof Error ? fault.cause : undefined
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** What failed, in words: abstract-level says only "Database failed to open", its cause says why. */
export function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause instanceof Error ? `${fault.message}: ${fault.cause.message}` : fault.message
}
