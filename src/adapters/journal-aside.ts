/**
 * A copy of the journal's folder taken before it is opened: opening and repairing LevelDB may drop what is damaged or what
 * the disk did not hand out this once, and a person may still want to look at it. LevelDB never changes a file after the
 * run that wrote it, so they are linked, not copied, which needs no room. Must not know what is stored.
 */
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../ports.js'

/** Damaged copies kept; the oldest gives way. */
const MOST_COPIES = 3
const DAMAGED = 'journal.damaged-'

export interface Aside {
  /** Of now; then that of an opening that came to no end, where there was one. Full paths. */
  readonly copies: readonly string[]
  /** Nothing was damaged. */
  drop(): Promise<void>
  /** Keeps all of them; `tell` is given the names of their folders within the data folder before they have them. */
  keep(tell: (names: readonly string[]) => Promise<void>): Promise<void>
}

/** Undefined where there is nothing to copy, or it cannot be (told in `log`). */
export async function putAside(dataDir: string, log: Log | undefined): Promise<Aside | undefined> {
  const from = join(dataDir, 'journal')
  const to = join(dataDir, 'journal.before')
  const earlier = join(dataDir, 'journal.earlier')
  try {
    const found = await readdir(dataDir)
    // its opening was cut short, and may have lost what it did not get to tell; the oldest has the most
    if (found.includes('journal.before'))
      await (found.includes('journal.earlier')
        ? rm(to, { recursive: true, force: true })
        : rename(to, earlier))
    const names = await readdir(from).catch((): string[] => [])
    const copies = (await isThere(earlier)) ? [earlier] : []
    if (names.length > 0) {
      await linked(from, to)
      copies.unshift(to)
    }
    return copies.length === 0 ? undefined : aside(dataDir, copies)
  } catch (fault) {
    log?.write('warn', 'journal-not-copied', {
      reason: fault instanceof Error ? fault.message : String(fault),
    })
    return undefined
  }
}

/** `to` becomes a copy of `from`, whole or not at all. */
export async function linked(from: string, to: string): Promise<void> {
  const part = `${to}.part`
  await rm(part, { recursive: true, force: true })
  await mkdir(part)
  for (const name of await readdir(from)) {
    if (name === 'LOCK' || name === 'lost') continue
    const [source, target] = [join(from, name), join(part, name)]
    // not every file system has links
    await link(source, target).catch(() => copyFile(source, target))
  }
  await rm(to, { recursive: true, force: true })
  await rename(part, to)
}

/** A folder that can be read. */
export const isThere = (folder: string): Promise<boolean> =>
  readdir(folder).then(
    () => true,
    () => false,
  )

function aside(dataDir: string, copies: readonly string[]): Aside {
  /** What cannot be removed now is at the next start. */
  const dropped = async (folders: readonly string[]): Promise<void> => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true }).catch(() => undefined)
  }
  return {
    copies,
    drop: () => dropped(copies),
    keep: async tell => {
      const kept = (await readdir(dataDir)).filter(name => name.startsWith(DAMAGED)).sort()
      for (const old of kept.slice(0, Math.max(0, kept.length - MOST_COPIES + copies.length)))
        await rm(join(dataDir, old), { recursive: true, force: true })
      const last = Number(kept.at(-1)?.slice(DAMAGED.length) ?? 0)
      // the oldest first: it has the most
      const named = copies.toReversed().map((copy, at) => ({
        copy,
        name: `${DAMAGED}${String(last + 1 + at).padStart(4, '0')}`,
      }))
      await tell(named.map(({ name }) => name))
      for (const { copy, name } of named) await rename(copy, join(dataDir, name))
    },
  }
}
