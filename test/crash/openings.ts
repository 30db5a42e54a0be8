/**
 * The log of the journal cannot be opened or read this once, for want of a file handle or by a fault of the disk: LevelDB
 * takes such a log for an empty one and deletes it. What is in it is there all the same, then or at the next start. And openings
 * that find damage and are killed while they mend it.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openJournal } from '../../src/adapters/journal.js'
import { SimRandom } from '../../src/sim/ports/sim-random.js'
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

/** Kinds of damage; each gives the folder that is opened with it. */
const DAMAGED: readonly ((dataDir: string) => void)[] = [
  dataDir => flip(dataDir, table => table.length * 0.4),
  dataDir => flip(dataDir, table => table.indexOf('log/')),
  dataDir => rmSync(join(dataDir, 'journal', 'CURRENT')),
  dataDir => flip(dataDir, table => table.length - 60),
  dataDir => {
    for (const name of filesOf(dataDir, /\.log$/)) truncateSync(name, Math.floor(statSync(name).size / 2))
  },
  // a start that was killed before has put aside what is better
  dataDir => {
    cpSync(join(dataDir, 'journal'), join(dataDir, 'journal.before'), { recursive: true })
    for (const name of filesOf(dataDir, /\.log$/)) rmSync(name)
  },
  // and what is worse
  dataDir => {
    flip(dataDir, table => table.length * 0.4)
    cpSync(join(dataDir, 'journal'), join(dataDir, 'journal.before'), { recursive: true })
    for (const name of filesOf(dataDir, /\.log$/, 'journal.before')) rmSync(name)
  },
]
/** File operations of an opening that mends, rounded up. */
const MENDING_OPERATIONS = 320

/**
 * Killed at one file operation of an opening that finds damage. The next one has as much as an opening that was not killed, and
 * says that there was damage if that one does, until it was taken note of.
 */
export async function killOpenings(
  cycles: number,
  seed: number,
  tally = emptyTally(),
): Promise<Tally | string> {
  const random = new SimRandom(seed)
  const root = mkdtempSync(join(tmpdir(), 'busbar-mending-'))
  try {
    const compiled = compileSickDisk(root)
    if (typeof compiled === 'string') return compiled
    const source = join(root, 'source')
    await twoRuns(source)
    for (let cycle = 0; cycle < cycles; cycle++) {
      const [dataDir, control] = [join(root, `cycle-${cycle}`), join(root, `control-${cycle}`)]
      for (const copy of [dataDir, control]) {
        cpSync(source, copy, { recursive: true })
        DAMAGED[cycle % DAMAGED.length]?.(copy)
      }
      const spread = (cycle + random.next()) * Math.max(1, MENDING_OPERATIONS / cycles)
      const first = Math.floor(spread % MENDING_OPERATIONS)
      tally.cycles++
      openedAt(dataDir, {
        LD_PRELOAD: compiled.library,
        SICK_DISK_DIR: dataDir,
        SICK_DISK_PLAN: `${first},1,0`,
      })
      const [after, undisturbed] = [openedAt(dataDir, {}, 'told'), openedAt(control, {}, 'told')]
      if (after === undefined) tally.failedStarts++
      else {
        tally.lost += Math.max(0, (undisturbed?.messages ?? 0) - after.messages)
        // said too often is no loss
        if (undisturbed?.isDamaged === true && !after.isDamaged) tally.lost++
        const again = openedAt(dataDir, {}, 'told')
        if (again?.isDamaged !== false || again.messages !== after.messages) tally.duplicated++
      }
      for (const copy of [dataDir, control]) rmSync(copy, { recursive: true, force: true })
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return tally
}

/** Tables of the first run, a log of the second. */
async function twoRuns(dataDir: string): Promise<void> {
  for (let run = 0; run < 2; run++) {
    const journal = await openJournal({ dataDir, log: { write: () => undefined } })
    for (let at = 0; at < 4; at++)
      await journal.commit(
        Array.from({ length: 5 }, (_, one) => ({
          kind: 'put',
          key: `log/CP-${run}/${at}-${one}`,
          value: 'x'.repeat(1000),
        })),
        true,
      )
    await journal.stop()
  }
}

function filesOf(dataDir: string, pattern: RegExp, folder = 'journal'): readonly string[] {
  const names = readdirSync(join(dataDir, folder)).filter(name => pattern.test(name))
  return names.sort().map(name => join(dataDir, folder, name))
}

function flip(dataDir: string, place: (table: Buffer) => number): void {
  const [path = ''] = filesOf(dataDir, /\.ldb$/)
  const table = readFileSync(path)
  const at = Math.floor(place(table))
  table.writeUInt8((table[at] ?? 0) ^ 0x10, at)
  writeFileSync(path, table)
}

interface AtOpening {
  readonly messages: number
  readonly isDamaged: boolean
}

/** What it found; undefined where it was not opened. */
function openedAt(dataDir: string, env: NodeJS.ProcessEnv, told?: 'told'): AtOpening | undefined {
  try {
    const text = execFileSync(process.execPath, [PROGRAM, dataDir, ...(told === undefined ? [] : [told])], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [messages, , state] = String(text).trim().split(' ')
    return { messages: Number(messages), isDamaged: state === 'damaged' }
  } catch {
    // its exit code says so
    return undefined
  }
}

const opened = (dataDir: string, env: NodeJS.ProcessEnv): number | undefined =>
  openedAt(dataDir, env)?.messages
