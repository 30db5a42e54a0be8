/**
 * A copy of the journal's folder taken before it is opened: opening and repairing LevelDB may drop what is damaged, and a
 * person may still want to look at it. Tables never change, so they are linked, not copied. Must not know what is stored.
 */
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../ports.js'

/** Damaged copies kept; the oldest gives way. */
const MOST_COPIES = 3
const DAMAGED = 'journal.damaged-'

export interface Aside {
  /** Nothing was damaged. */
  drop(): Promise<void>
  /** Keeps it; the name of its folder within the data folder. */
  keep(): Promise<string>
}

/** Undefined where there is nothing to copy, or no room for it (told in the log). */
export async function putAside(dataDir: string, log: Log): Promise<Aside | undefined> {
  const from = join(dataDir, 'journal')
  const to = join(dataDir, 'journal.before')
  try {
    await rm(to, { recursive: true, force: true })
    const names = await readdir(from).catch((): string[] => [])
    if (names.length === 0) return undefined
    await mkdir(to)
    for (const name of names) {
      if (name === 'LOCK' || name === 'lost') continue
      if (/\.(ldb|sst)$/.test(name)) await link(join(from, name), join(to, name))
      else await copyFile(join(from, name), join(to, name))
    }
  } catch (fault) {
    log.write('warn', 'journal-not-copied', {
      reason: fault instanceof Error ? fault.message : String(fault),
    })
    await rm(to, { recursive: true, force: true }).catch(() => undefined)
    return undefined
  }
  return {
    drop: () => rm(to, { recursive: true, force: true }),
    keep: async () => {
      const kept = (await readdir(dataDir)).filter(name => name.startsWith(DAMAGED)).sort()
      for (const old of kept.slice(0, Math.max(0, kept.length - MOST_COPIES + 1)))
        await rm(join(dataDir, old), { recursive: true, force: true })
      const last = kept.at(-1)?.slice(DAMAGED.length)
      const name = `${DAMAGED}${String(Number(last ?? 0) + 1).padStart(4, '0')}`
      await rename(to, join(dataDir, name))
      return name
    },
  }
}
