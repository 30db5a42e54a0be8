/**
 * Store and forward at its bounds (issue "speed and memory"): durable answers to StartTransaction, a start over a large
 * backlog and its replay beside live Authorizes, and 500 stations that all come back at once.
 */
import { setTimeout as after } from 'node:timers/promises'
import { openJournal } from '../../src/adapters/journal.js'
import type { StoreChange } from '../../src/core/offline/records.js'
import { openStationStore } from '../../src/store/station-store.js'
import { stationId } from './bench-site.js'
import { report } from './figures.js'
import { mebibytes } from './relay-bench.js'
import { BenchProcess } from './rpc.js'

const STATIONS = 200
const STORM = 500
const STARTS_PER_S = 50
const AUTHORIZES_PER_S = 20
const FULL_BACKLOG = 1_000_000
const SHORT_BACKLOG = 20_000
/** Messages per commit while the backlog is made. */
const COMMIT = 2_000
const REPLAY_LIMIT_MS = 600_000

export interface JournalBench {
  readonly load: BenchProcess
  readonly csmsUrl: string
  readonly flags: readonly string[]
  readonly isShort: boolean
  readonly messages: number | undefined
  dataFolder(name: string): string
}

const quiet = { write: () => undefined }

export async function benchJournal(bench: JournalBench): Promise<void> {
  await durableStarts(bench)
  await backlog(bench)
  await storm(bench)
}

async function durableStarts({ load, flags, isShort, dataFolder }: JournalBench): Promise<void> {
  await withBusbar(flags, async busbar => {
    const port = await busbar.number('start', 'port', {
      stations: STATIONS,
      csmsUrl: 'ws://127.0.0.1:9/csms',
      dataDir: dataFolder('starts'),
      meterPort: 0,
    })
    await load.ask('connect', { group: 'starts', url: `ws://127.0.0.1:${port}/ocpp`, count: STATIONS })
    await load.ask('settle', { quietMs: 500 })
    const ms = isShort ? 4_000 : 20_000
    const {
      p50Ms = 0,
      p99Ms = 0,
      calls = 0,
    } = await load.ask('paced', {
      group: 'starts',
      stations: STATIONS,
      perS: STARTS_PER_S,
      ms,
      what: 'start',
    })
    await load.ask('disconnect', { group: 'starts' })
    report({
      name: 'journal.start.p99',
      value: p99Ms,
      unit: 'ms',
      goal: { at: 'most', value: 25 },
      note: `${calls} StartTransactions at ${STARTS_PER_S}/s without a CSMS, durable before the answer; p50 ${p50Ms.toFixed(1)} ms`,
    })
  })
}

async function backlog(bench: JournalBench): Promise<void> {
  const { load, csmsUrl, flags, isShort, dataFolder } = bench
  const messages = bench.messages ?? (isShort ? SHORT_BACKLOG : FULL_BACKLOG)
  const dataDir = dataFolder('backlog')
  await fill(dataDir, messages)
  await withBusbar(flags, async busbar => {
    const before = await load.number('received', 'messages')
    const cpuBeforeUs = await busbar.number('cpu', 'cpuUs')
    const startMs = performance.now()
    const port = await busbar.number('start', 'port', { stations: STATIONS, csmsUrl, dataDir, meterPort: 0 })
    const startedMs = performance.now()
    const startCpuS = ((await busbar.number('cpu', 'cpuUs')) - cpuBeforeUs) / 1e6
    const note = `${messages} messages of ${STATIONS} stations wait`
    report({
      name: 'journal.backlog.start',
      value: (startedMs - startMs) / 1000,
      unit: 's',
      goal: { at: 'most', value: 5 },
      note: `${note}; from its first work to the end of its start, in which the replay begins; ${startCpuS.toFixed(2)} s of CPU`,
    })
    const rssB = await busbar.number('memory', 'rssB')
    const url = `ws://127.0.0.1:${port}/ocpp`
    await load.ask('connect', { group: 'replay', url, count: AUTHORIZES_PER_S })
    const live = await load.ask('paced', {
      group: 'replay',
      stations: AUTHORIZES_PER_S,
      perS: AUTHORIZES_PER_S,
      ms: isShort ? 2_000 : 10_000,
      what: 'authorize',
    })
    let mostB = rssB
    let received = 0
    while (performance.now() - startMs < REPLAY_LIMIT_MS) {
      received = (await load.number('received', 'messages')) - before
      if (received >= messages) break
      mostB = Math.max(mostB, await busbar.number('memory', 'rssB'))
      await after(50)
    }
    // the replay begins within the start: only both together are a fair span
    const tookS = (performance.now() - startMs) / 1000
    const cpuS = ((await busbar.number('cpu', 'cpuUs')) - cpuBeforeUs) / 1e6
    report({
      name: 'journal.backlog.memory',
      value: mebibytes(mostB),
      unit: 'MiB resident',
      goal: { at: 'most', value: 200 },
      note: `${note}; ${Math.round(mebibytes(rssB))} after the start, the most during the replay`,
    })
    report({
      name: 'journal.replay',
      value: received / tookS,
      unit: 'messages/s',
      goal: { at: 'least', value: 3_000 },
      note: `${received} of ${messages} in ${tookS.toFixed(1)} s, start and dialling included, ${cpuS.toFixed(2)} s of CPU`,
    })
    report({
      name: 'journal.replay.authorize.p99',
      value: live.p99Ms ?? 0,
      unit: 'ms',
      goal: { at: 'most', value: 200 },
      note: `${live.calls} Authorizes beside it`,
    })
    await load.ask('disconnect', { group: 'replay' })
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
    const startMs = performance.now()
    await load.ask('connect', args)
    report({
      name: 'journal.storm',
      value: (performance.now() - startMs) / 1000,
      unit: 's',
      goal: { at: 'most', value: 10 },
      note: `${STORM} stations at once, each with its upstream; boot and status answered`,
    })
    await load.ask('disconnect', { group: 'storm' })
  })
}

async function withBusbar(
  flags: readonly string[],
  run: (busbar: BenchProcess) => Promise<void>,
): Promise<void> {
  const busbar = new BenchProcess('gateway-process', ['--expose-gc', ...flags])
  try {
    await run(busbar)
  } finally {
    await busbar.stop()
  }
}

/** Sessions whose Starts the CSMS has, so that nothing but values waits. */
async function fill(dataDir: string, messages: number): Promise<void> {
  const journal = await openJournal({ dataDir, log: quiet })
  const store = openStationStore(journal, quiet)
  const beginMs = Date.UTC(2026, 0)
  try {
    for (let from = 0; from < messages; from += COMMIT) {
      const size = Math.min(COMMIT, messages - from)
      const changes = Array.from({ length: size }, (_, at): StoreChange => {
        const number = from + at
        const timestamp = new Date(beginMs + number * 100).toISOString()
        const payloadText = `{"connectorId":1,"transactionId":1,"meterValue":[{"timestamp":"${timestamp}","sampledValue":[{"value":"${number}","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}`
        const receivedWallMs = beginMs + number
        return {
          kind: 'backlog',
          entry: {
            stationId: stationId(number % STATIONS),
            seq: receivedWallMs,
            action: 'MeterValues',
            payloadText,
            receivedWallMs,
          },
        }
      })
      await store.commit(changes, from + size >= messages)
    }
  } finally {
    await journal.stop()
  }
}
