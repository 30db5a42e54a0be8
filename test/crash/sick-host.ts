/** A Busbar on a disk that fails at chosen operations (sick-disk.c), killed after a while and started on a healthy one. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bundled } from './bundled.js'
import { type Death, Deaths } from './deaths.js'
import type { Host } from './play.js'

const PROGRAM = fileURLToPath(new URL('sick-process.js', import.meta.url))
/** EIO, ENOSPC, EROFS. */
export const ERRNOS = [5, 28, 30] as const

export interface Sickness {
  /** Of the operations since the process began. */
  readonly first: number
  readonly count: number
  readonly errno: number
  /** Then it is killed. */
  readonly death: Death
}

/** The library, compiled into `folder`; why not where it cannot be. */
export function compileSickDisk(folder: string): { readonly library: string } | string {
  const library = join(folder, 'sick-disk.so')
  const source = join(process.cwd(), 'test/crash/sick-disk.c')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-w', '-o', library, source, '-ldl'], { stdio: 'pipe' })
    return { library }
  } catch (error) {
    return `sick-disk.c cannot be compiled: ${error instanceof Error ? error.message.split('\n')[0] : error}`
  }
}

export interface SickHost extends Host {
  /** A saved document was not there, or was older, at a later start. */
  forgotten(): number
}

/** In its first lives each of `sicknesses`, then none. */
export function sickHost(
  { dataDir, csmsPort, library }: { dataDir: string; csmsPort: number; library: string },
  sicknesses: readonly Sickness[],
): SickHost {
  const deaths = new Deaths()
  deaths.plan(sicknesses.map(({ death }) => death))
  let child: ChildProcess | undefined
  let lives = 0
  let port = 0
  let saved = -1
  let forgotten = 0
  const isDead = (): boolean => child === undefined || child.exitCode !== null || child.signalCode !== null
  const start = async (): Promise<number> => {
    if (!isDead()) return port
    const sickness = sicknesses[lives++]
    const plan =
      sickness === undefined
        ? {}
        : { SICK_DISK_PLAN: `${sickness.first},${sickness.count},${sickness.errno}` }
    const started = spawn(process.execPath, [await bundled(PROGRAM), dataDir, String(csmsPort), '0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LD_PRELOAD: library, SICK_DISK_DIR: dataDir, ...plan },
    })
    child = started
    const exit = once(started, 'exit').then(() => Promise.reject(new Error('exit before its port was told')))
    const told = new Promise<number>(done => {
      createInterface({ input: started.stdout }).on('line', line => {
        const [word, value] = line.split(' ')
        if (word === 'port') done(Number(value))
        if (word === 'saved') saved = Math.max(saved, Number(value))
        // while the disk is sick nothing is known; a healthy one has the last that was said to be durable
        if (word === 'has' && sickness === undefined && !(Number(value) >= saved))
          forgotten += saved < 0 ? 0 : 1
      })
    })
    port = await Promise.race([told, exit])
    exit.catch(() => undefined)
    deaths.begin(() => started.kill('SIGKILL'))
    return port
  }
  return {
    isDead,
    start,
    forgotten: () => forgotten,
    sends: message => deaths.sends(message),
    isDoomed: () => deaths.isDue,
    end: async () => {
      deaths.stop()
      if (child === undefined || isDead()) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
