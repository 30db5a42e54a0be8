/** The Busbars that the crash harness kills: one in this process on a journal that dies at a given append, one of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OcppEdge } from '../../src/ocpp/edge.js'
import type { Journal, JournalOp } from '../../src/ports.js'
import { MemoryJournal, siteOf, startEdge } from '../ocpp/both-sides.js'
import { bundled } from './bundled.js'
import { Deaths } from './deaths.js'
import type { Host } from './play.js'

const SPEED = 20
const OPEN = { AllowOfflineTxForUnknownId: true }
const NEVER = new Promise<never>(() => {})

/** The platter outlives each process; at append `at` the power goes, before or after it has reached the platter. */
export interface Cut {
  readonly at: number
  readonly reaches: boolean
}

export function dyingHost(csmsPort: number, cuts: Cut[]): Host & { appends(): number } {
  const platter = new MemoryJournal()
  let appends = 0
  let running: { edge: OcppEdge; die(): void; dead: boolean } | undefined
  const endings: Promise<void>[] = []

  const boot = async (): Promise<number> => {
    const mine = { edge: undefined as OcppEdge | undefined, dead: false }
    const die = (): void => {
      mine.dead = true
      if (running !== undefined) running.dead = true
      if (mine.edge !== undefined) endings.push(mine.edge.stop())
    }
    const journal: Journal = {
      commit: async (ops: readonly JournalOp[]) => {
        if (mine.dead) return NEVER
        const number = appends++
        const cut = cuts.find(({ at }) => at === number)
        if (cut === undefined) return platter.commit(ops)
        if (cut.reaches) await platter.commit(ops)
        die()
        return NEVER
      },
      scan: (from, to, limit) => platter.scan(from, to, limit),
      extent: (from, to, last) => platter.extent(from, to, last),
      sizeBytes: () => platter.sizeBytes(),
    }
    const config = siteOf({ stations: ['CP-1'], csmsPort, offline: OPEN })
    const { edge } = await startEdge(config, journal, SPEED)
    mine.edge = edge
    running = { edge, die, dead: mine.dead }
    if (mine.dead) endings.push(edge.stop())
    return edge.port
  }
  return {
    start: () => (running === undefined || running.dead ? boot() : Promise.resolve(running.edge.port)),
    appends: () => appends,
    isDead: () => running === undefined || running.dead,
    end: async () => {
      running?.die()
      await Promise.all(endings)
    },
  }
}

/** Writes fail for as long as `isBad` says so; nothing dies. */
export function failingHost(
  csmsPort: number,
  isBad: (number: number) => 'whole' | 'nothing' | undefined,
): Host {
  const journal = new MemoryJournal()
  journal.fails = isBad
  let edge: OcppEdge | undefined
  return {
    start: async () => {
      edge ??= (await startEdge(siteOf({ stations: ['CP-1'], csmsPort, offline: OPEN }), journal, SPEED)).edge
      return edge.port
    },
    isDead: () => false,
    end: async () => edge?.stop(),
  }
}

const PROGRAM = fileURLToPath(new URL('../ocpp/fixtures/edge-process.js', import.meta.url))

/** A process on a real journal, killed without warning when a life of it is over. */
export function killedHost(dataDir: string, csmsPort: number): Host {
  const deaths = new Deaths()
  let child: ChildProcess | undefined
  let port = 0
  const isDead = (): boolean => child === undefined || child.exitCode !== null || child.signalCode !== null
  return {
    isDead,
    start: async () => {
      if (!isDead()) return port
      const started = spawn(process.execPath, [await bundled(PROGRAM), dataDir, String(csmsPort)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child = started
      const exit = once(started, 'exit').then(() =>
        Promise.reject(new Error('exit before its port was told')),
      )
      const [text]: unknown[] = await Promise.race([once(started.stdout, 'data'), exit])
      exit.catch(() => undefined)
      deaths.begin(() => started.kill('SIGKILL'))
      port = Number(String(text))
      return port
    },
    plan: planned => deaths.plan(planned),
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
