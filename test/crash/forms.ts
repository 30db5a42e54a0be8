/** The forms of the crash harness; each runs a number of cycles and gives its tally, or why it cannot be run here. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJournal } from '../../src/adapters/journal.js'
import { readHighWater } from '../../src/adapters/journal-marks.js'
import { SimRandom } from '../../src/sim/ports/sim-random.js'
import { Csms } from '../ocpp/both-sides.js'
import { randomDeath } from './deaths.js'
import { ext4Host, makeExt4 } from './ext4-host.js'
import { dyingHost, failingHost, killedHost } from './hosts.js'
import { failOpenings, killOpenings } from './openings.js'
import {
  emptyTally,
  type Host,
  MEMORIES,
  MESSAGES,
  type Memory,
  play,
  playAlone,
  type Tally,
} from './play.js'
import { compileSickDisk, ERRNOS, sickHost } from './sick-host.js'

export interface Form {
  readonly name: string
  /** Cycles in `npm test`, where they cost much. */
  readonly short?: number
  /** Counts into `tally` as it goes: what a run that is cut short has seen stands there. */
  run(cycles: number, seed: number, tally?: Tally): Promise<Tally | string>
}

/** Appends of one undisturbed play, rounded up: every one of them is a place to die. */
const APPENDS = 36
const memoryOf = (cycle: number): Memory => MEMORIES[cycle % MEMORIES.length] ?? 'payload'

async function freePort(): Promise<number> {
  const probe = await Csms.listen()
  const { port } = probe
  await probe.stop()
  return port
}

/** A folder and the process on it serve so many plays: a start costs more than a play. */
const PLAYS_A_FOLDER = 25

interface Depot {
  readonly host: Host
  readonly csmsPort: number
  /** With what it has been given. */
  close(): Promise<void>
}

/** Plays in a row on one depot, `prepare`d each; another depot where one has had its number or was not clean. */
async function playInRow(
  cycles: number,
  makeDepot: () => Promise<Depot>,
  prepare: (host: Host) => { end(): void },
  tally = emptyTally(),
): Promise<Tally> {
  let depot: Depot | undefined
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      depot ??= await makeDepot()
      const prepared = prepare(depot.host)
      const isClean = await play(depot.host, depot.csmsPort, memoryOf(cycle), tally)
      prepared.end()
      if (isClean && (cycle + 1) % PLAYS_A_FOLDER !== 0) continue
      await depot.close()
      depot = undefined
    }
  } finally {
    await depot?.close()
  }
  return tally
}

/** One death, in every third play another in its wake. */
const planned = (random: SimRandom) => (host: Host) => {
  const count = random.next() < 1 / 3 ? 2 : 1
  host.plan?.(Array.from({ length: count }, () => randomDeath(random, MESSAGES)))
  return { end: () => undefined }
}

/** On a folder of its own below `root`. */
async function depotBelow(
  root: string,
  makeHost: (dataDir: string, csmsPort: number) => Host,
): Promise<Depot> {
  const dataDir = mkdtempSync(join(root, 'depot-'))
  const csmsPort = await freePort()
  const host = makeHost(dataDir, csmsPort)
  const close = async (): Promise<void> => {
    await host.end()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { host, csmsPort, close }
}

const everyAppend: Form = {
  name: 'power cut at each append',
  run: async (cycles, seed, tally = emptyTally()) => {
    const random = new SimRandom(seed)
    for (let cycle = 0; cycle < cycles; cycle++) {
      const csmsPort = await freePort()
      const again = Math.floor(random.next() * APPENDS)
      const first = { at: cycle % APPENDS, reaches: random.next() < 0.5 }
      const cuts = [first, { at: first.at + 1 + again, reaches: random.next() < 0.5 }]
      await playAlone(dyingHost(csmsPort, cuts), csmsPort, memoryOf(cycle), tally)
    }
    return tally
  },
}

/** What is not on the disk is not answered, and the station waits its time: most of such a play is waiting, up to 12 s of it. */
const PLAYS_AT_ONCE = 4

const failingWrites: Form = {
  name: 'one write in n fails',
  run: async (cycles, seed, tally = emptyTally()) => {
    const one = async (cycle: number): Promise<void> => {
      // of its own: which writes fail must not hang on how the plays mix
      const random = new SimRandom(`${seed}/${cycle}`)
      const every = 3 + (cycle % 5)
      const kind = random.next() < 0.5 ? 'whole' : 'nothing'
      const csmsPort = await freePort()
      const host = failingHost(csmsPort, () => (random.next() < 1 / every ? kind : undefined))
      await playAlone(host, csmsPort, memoryOf(cycle), tally)
    }
    let next = 0
    const row = async (): Promise<void> => {
      while (next < cycles) await one(next++)
    }
    await Promise.all(Array.from({ length: PLAYS_AT_ONCE }, row))
    return tally
  },
}

const kills: Form = {
  name: 'kill -9 under load',
  run: (cycles, seed, tally) =>
    playInRow(cycles, () => depotBelow(tmpdir(), killedHost), planned(new SimRandom(seed)), tally),
}

const IMAGES = ['flipped byte', 'torn end', 'copied while running'] as const

const crashImages: Form = {
  name: 'damaged copies of the data folder',
  run: async (cycles, seed, tally = emptyTally()) => {
    const random = new SimRandom(seed)
    const root = mkdtempSync(join(tmpdir(), 'busbar-image-'))
    const log = { write: () => undefined }
    try {
      const journal = await openJournal({ dataDir: join(root, 'live'), log })
      for (let at = 0; at < 60; at++)
        await journal.commit([{ kind: 'put', key: `log/CP-1/${at}`, value: `${at}`.repeat(20_000) }], true)
      await marked(join(root, 'live'))
      for (let cycle = 0; cycle < cycles; cycle++) {
        const dataDir = join(root, String(cycle))
        copyLive(join(root, 'live'), dataDir)
        damage(join(dataDir, 'journal'), IMAGES[cycle % IMAGES.length] ?? 'flipped byte', random)
        await openImage(dataDir, tally)
        rmSync(dataDir, { recursive: true, force: true })
      }
      await journal.stop()
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
    return tally
  },
}

/** The high-water mark follows the batches by a second; until then only the log itself could tell that its end is gone. */
async function marked(dataDir: string): Promise<void> {
  while (((await readHighWater(join(dataDir, 'journal.mark')))?.last ?? 0) < 60)
    await new Promise(done => setTimeout(done, 50))
}

/** What a power cut leaves is of one moment: a folder that LevelDB tidied up while it was copied is copied again. */
function copyLive(from: string, to: string): void {
  const journal = join(from, 'journal')
  for (let before = readdirSync(journal).join(); ; ) {
    try {
      cpSync(from, to, { recursive: true })
    } catch {
      // a file went while it was copied: the list has changed
    }
    const after = readdirSync(journal).join()
    if (after === before && readdirSync(join(to, 'journal')).join() === before) return
    before = after
    rmSync(to, { recursive: true, force: true })
  }
}

function damage(folder: string, kind: (typeof IMAGES)[number], random: SimRandom): void {
  if (kind === 'copied while running') return
  const names = readdirSync(folder).filter(name => /\.(ldb|log)$|^MANIFEST|^CURRENT/.test(name))
  const path = join(folder, names[Math.floor(random.next() * names.length)] ?? 'CURRENT')
  const bytes = readFileSync(path)
  const at = Math.floor(random.next() * bytes.length)
  if (kind === 'flipped byte') bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
  writeFileSync(path, kind === 'torn end' ? bytes.subarray(0, at) : bytes)
}

/** What is lost without a word counts as lost; what is lost and said does not: the disk has lost it, not Busbar. */
async function openImage(dataDir: string, tally: Tally): Promise<void> {
  tally.cycles++
  try {
    const journal = await openJournal({ dataDir, log: { write: () => undefined } })
    const entries = await journal.scan('log/', 'log0', 1000)
    const isWhole = entries.every(({ key, value }) => value === (key.split('/')[2] ?? '').repeat(20_000))
    if ((entries.length < 60 && journal.found.damage === undefined) || !isWhole) tally.lost++
    await journal.stop()
  } catch {
    // not started is what is counted
    tally.failedStarts++
  }
}

const fullDisk: Form = {
  name: 'a file system that is full for a while',
  run: async (cycles, seed, tally) => {
    const folder = mkdtempSync(join(tmpdir(), 'busbar-full-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder], { stdio: 'pipe' })
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      return `mount is not allowed here: ${error instanceof Error ? error.message.split('\n').at(-1) : error}`
    }
    const random = new SimRandom(seed)
    const filler = join(folder, 'filler')
    const fill = (): void => {
      try {
        writeFileSync(filler, Buffer.alloc(16 * 1024 * 1024))
      } catch {
        // full is what it is to be
      }
    }
    const free = (): void => rmSync(filler, { force: true })
    const prepare = (): { end(): void } => {
      const fillMs = random.next() * 300
      const timers = [setTimeout(fill, fillMs), setTimeout(free, fillMs + 500 + random.next() * 600)]
      const end = (): void => {
        for (const timer of timers) clearTimeout(timer)
        free()
      }
      return { end }
    }
    // once it runs: that Busbar starts on a full disk is a test of main's own
    const makeDepot = async (): Promise<Depot> => {
      const depot = await depotBelow(folder, killedHost)
      await depot.host.start()
      return depot
    }
    try {
      return await playInRow(cycles, makeDepot, prepare, tally)
    } finally {
      execFileSync('umount', [folder], { stdio: 'pipe' })
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const powerOnExt4: Form = {
  name: 'power cut on an ext4 of its own',
  short: 1,
  run: async (cycles, seed, tally) => {
    const root = mkdtempSync(join(tmpdir(), 'busbar-ext4-'))
    const ext4 = makeExt4(root)
    if (typeof ext4 === 'string') {
      rmSync(root, { recursive: true, force: true })
      return ext4
    }
    try {
      return await playInRow(
        cycles,
        () => depotBelow(ext4.folder, (dataDir, csmsPort) => ext4Host(ext4, dataDir, csmsPort)),
        planned(new SimRandom(seed)),
        tally,
      )
    } finally {
      ext4.umount()
      rmSync(root, { recursive: true, force: true })
    }
  },
}

/** Operations of a start and a play, rounded up; each of them is one to fail at. */
const OPERATIONS = 300

const sickCalls: Form = {
  name: 'EIO, ENOSPC or EROFS at each file operation',
  short: 2,
  run: async (cycles, seed, tally = emptyTally()) => {
    const root = mkdtempSync(join(tmpdir(), 'busbar-sick-'))
    const random = new SimRandom(seed)
    try {
      const compiled = compileSickDisk(root)
      if (typeof compiled === 'string') return compiled
      for (let cycle = 0; cycle < cycles; cycle++) {
        const dataDir = join(root, String(cycle))
        mkdirSync(dataDir)
        const errno = ERRNOS[cycle % ERRNOS.length] ?? 5
        // every operation in turn where there are as many cycles, else spread over all of them
        const first = Math.floor(((cycle + random.next()) * Math.max(1, OPERATIONS / cycles)) % OPERATIONS)
        const count = 1 + Math.floor(random.next() * 4)
        // late in the play: the operations of most of it are to come before
        const late = { afterMs: random.next() * 300, message: MESSAGES - Math.floor(random.next() * 3) }
        const sick = { first, count, errno, death: late }
        const again = { first: Math.floor(random.next() * 40), count, errno, death: { afterMs: 400 } }
        const csmsPort = await freePort()
        const host = sickHost(
          { dataDir, csmsPort, library: compiled.library },
          cycle % 3 === 0 ? [sick, again] : [sick],
        )
        await playAlone(host, csmsPort, memoryOf(cycle), tally)
        if (host.forgotten() > 0) tally.reasons.add(`play ${tally.cycles}: a saved document was forgotten`)
        tally.lost += host.forgotten()
        rmSync(dataDir, { recursive: true, force: true })
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
    return tally
  },
}

const openings: Form = {
  name: 'a log that cannot be opened once',
  short: 4,
  run: (cycles, _seed, tally) => failOpenings(cycles, tally),
}

const mendings: Form = {
  name: 'killed while damage is mended',
  short: 4,
  run: (cycles, seed, tally) => killOpenings(cycles, seed, tally),
}

export const FORMS: readonly Form[] = [
  everyAppend,
  failingWrites,
  kills,
  crashImages,
  fullDisk,
  sickCalls,
  openings,
  mendings,
  powerOnExt4,
]
