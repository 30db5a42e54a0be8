/**
 * Store and forward at its bounds (issue "speed and memory"): durable answers to StartTransaction beside what the disk
 * itself takes, a backlog, 500 stations that all come back at once, a CSMS that does, and a mirror that hangs.
 */
import { setTimeout as after } from 'node:timers/promises'
import { benchBacklog } from './backlog-bench.js'
import { diskSync } from './disk-sync.js'
import { report } from './figures.js'
import { benchMirror, benchReturn } from './outage-bench.js'
import { type BenchProcess, numberOf } from './rpc.js'
import { withBusbar } from './with-busbar.js'

const STATIONS = 200
const STORM = 500
const STARTS_PER_S = 50
/** Until a CSMS that went is one that is away for all stations. */
const AWAY_MS = 3_000

export interface JournalBench {
  readonly load: BenchProcess
  readonly csmsUrl: string
  readonly flags: readonly string[]
  readonly isShort: boolean
  readonly messages: number | undefined
  dataFolder(name: string): string
}

export const JOURNAL_PARTS = ['starts', 'backlog', 'storm', 'return', 'mirror'] as const
type Part = (typeof JOURNAL_PARTS)[number]

const RUNS: Readonly<Record<Part, (bench: JournalBench) => Promise<void>>> = {
  starts: durableStarts,
  backlog: benchBacklog,
  storm,
  return: benchReturn,
  mirror: benchMirror,
}

export async function benchJournal(parts: readonly Part[], bench: JournalBench): Promise<void> {
  for (const part of parts) await RUNS[part](bench)
}

async function durableStarts({ load, flags, isShort, dataFolder }: JournalBench): Promise<void> {
  const ms = isShort ? 4_000 : 20_000
  const disk = await diskSync(dataFolder('disk'), STARTS_PER_S, ms)
  report({
    name: 'disk.sync.p99',
    value: disk.p99Ms,
    unit: 'ms',
    note: `${disk.syncs} appends of 1 kB with fdatasync at ${STARTS_PER_S}/s, nothing beside; p50 ${disk.p50Ms.toFixed(1)} ms`,
  })
  const own = { csms: 'starts' }
  const csmsUrl = `ws://127.0.0.1:${await load.number('csms', 'port', own)}/csms`
  await withBusbar(flags, async busbar => {
    const dataDir = dataFolder('starts')
    const port = await busbar.number('start', 'port', { stations: STATIONS, csmsUrl, dataDir, meterPort: 0 })
    await load.ask('connect', { group: 'starts', url: `ws://127.0.0.1:${port}/ocpp`, count: STATIONS })
    await load.ask('settle', { quietMs: 500 })
    const args = { group: 'starts', stations: STATIONS, perS: STARTS_PER_S }
    // its tag is known from here on, and then there is nobody to ask
    await load.ask('paced', { ...args, ms: 100, what: 'authorize' })
    await load.ask('csmsDown', own)
    await after(AWAY_MS)
    await busbar.ask('watch')
    const cpuBeforeUs = await busbar.number('cpu', 'cpuUs')
    const { p50Ms, p99Ms, calls, refused } = await load.ask('paced', { ...args, ms, what: 'start' })
    const cpuS = ((await busbar.number('cpu', 'cpuUs')) - cpuBeforeUs) / 1e6
    const wrote = await busbar.ask('writes')
    const ms99 = (name: string): string => `${numberOf(wrote, name).toFixed(1)} ms`
    await load.ask('disconnect', { group: 'starts' })
    report({
      name: 'journal.start.p99',
      // a Start that is refused is made durable by nobody
      value: refused === 0 && Number(wrote.durable) >= Number(calls) ? p99Ms : undefined,
      unit: 'ms',
      goal: { at: 'most', value: 25 },
      note: [
        `${calls} StartTransactions at ${STARTS_PER_S}/s, ${refused} refused, without a CSMS, durable before the answer; p50 ${p50Ms?.toFixed(1)} ms`,
        `${(Number(p99Ms) / disk.p99Ms).toFixed(1)} x the disk's p99`,
        `its commits p99 ${ms99('commitP99Ms')}, its loop late by p99 ${ms99('loopP99Ms')}`,
        `${wrote.durable} durable commits and ${wrote.other} others, ${(numberOf(wrote, 'bytes') / 1e6).toFixed(1)} MB`,
        `${cpuS.toFixed(1)} s of CPU`,
      ].join('; '),
    })
  })
}

async function storm({ load, csmsUrl, flags, dataFolder }: JournalBench): Promise<void> {
  await withBusbar(flags, async busbar => {
    const port = await busbar.number('start', 'port', {
      stations: STORM,
      csmsUrl,
      dataDir: dataFolder('storm'),
      meterPort: 0,
    })
    const args = { group: 'storm', url: `ws://127.0.0.1:${port}/ocpp`, count: STORM, atOnce: STORM }
    const cpuBeforeUs = await busbar.number('cpu', 'cpuUs')
    const startMs = performance.now()
    await load.ask('connect', args)
    const tookS = (performance.now() - startMs) / 1000
    const cpuS = ((await busbar.number('cpu', 'cpuUs')) - cpuBeforeUs) / 1e6
    report({
      name: 'journal.storm',
      value: tookS,
      unit: 's',
      goal: { at: 'most', value: 10 },
      note: `${STORM} stations at once, each with its upstream; boot and status answered; ${cpuS.toFixed(1)} s of CPU`,
    })
    await load.ask('disconnect', { group: 'storm' })
  })
}
