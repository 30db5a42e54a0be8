/**
 * The log of the journal cannot be opened or read this once, for want of a file handle or by a fault of the disk: LevelDB
 * takes such a log for an empty one and deletes it. What is in it is there all the same, then or at the next start.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openJournal } from '../../src/adapters/journal.js'
import { emptyTally, type Tally } from './play.js'
import { compileSickDisk } from './sick-host.js'

const PROGRAM = fileURLToPath(new URL('open-process.js', import.meta.url))
const MESSAGES = 20
/** Operations on the log until it is open and read, rounded up. */
const OPERATIONS = 8
/** EMFILE, EIO, ENFILE. */
const ERRNOS = [24, 5, 23]

export async function failOpenings(cycles: number, tally = emptyTally()): Promise<Tally | string> {
  const root = mkdtempSync(join(tmpdir(), 'busbar-opening-'))
  try {
    const compiled = compileSickDisk(root)
    if (typeof compiled === 'string') return compiled
    const journal = await openJournal({ dataDir: join(root, 'live'), log: { write: () => undefined } })
    for (let at = 0; at < MESSAGES; at++)
      await journal.commit([{ kind: 'put', key: `log/CP-1/${at}`, value: `message ${at}` }], true)
    cpSync(join(root, 'live'), join(root, 'killed'), { recursive: true })
    await journal.stop()
    for (let cycle = 0; cycle < cycles; cycle++) {
      const dataDir = join(root, `cycle-${cycle}`)
      cpSync(join(root, 'killed'), dataDir, { recursive: true })
      const errno = ERRNOS[Math.floor(cycle / OPERATIONS) % ERRNOS.length] ?? 5
      const plan = `${cycle % OPERATIONS},1,${errno}`
      tally.cycles++
      const sick = opened(dataDir, {
        LD_PRELOAD: compiled.library,
        SICK_DISK_DIR: dataDir,
        SICK_DISK_ENDING: '.log',
        SICK_DISK_PLAN: plan,
      })
      // not opened for that fault is right: it is tried again
      const healthy = opened(dataDir, {})
      if (healthy === undefined) tally.failedStarts++
      tally.lost += MESSAGES - Math.min(sick ?? MESSAGES, healthy ?? MESSAGES)
      rmSync(dataDir, { recursive: true, force: true })
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return tally
}

/** How many messages it found; undefined where it was not opened. */
function opened(dataDir: string, env: NodeJS.ProcessEnv): number | undefined {
  try {
    const text = execFileSync(process.execPath, [PROGRAM, dataDir], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return Number(String(text).split(' ')[0])
  } catch {
    // its exit code says so
    return undefined
  }
}
