/**
 * A start over a large backlog and its replay beside live Authorizes. The backlog is written by the gateway's own writer
 * in large commits; the replay of a million is looked at for a bounded time.
 */
import { setTimeout as after } from 'node:timers/promises'
import { openJournal } from '../../src/adapters/journal.js'
import type { StoreChange } from '../../src/core/offline/records.js'
import { openStationStore } from '../../src/store/station-store.js'
import { stationId } from './bench-site.js'
import { report } from './figures.js'
import type { JournalBench } from './journal-bench.js'
import { mebibytes } from './relay-bench.js'
import { type BenchProcess, type Numbers, numberOf } from './rpc.js'
import { withBusbar } from './with-busbar.js'

const STATIONS = 200
const AUTHORIZES_PER_S = 20
const FULL_BACKLOG = 1_000_000
const SHORT_BACKLOG = 20_000
/** Messages per commit while the backlog is made. */
const COMMIT = 2_000
/** The replay is watched for so long at most. */
const REPLAY_MS = 60_000

const BEGIN_MS = Date.UTC(2026, 0)

const quiet = { write: () => undefined }

export async function benchBacklog(bench: JournalBench): Promise<void> {
  const { csmsUrl, flags, isShort, dataFolder } = bench
  const messages = bench.messages ?? (isShort ? SHORT_BACKLOG : FULL_BACKLOG)
  const dataDir = dataFolder('backlog')
  await fill(dataDir, messages)
  await withBusbar(flags, async busbar => {
    const cpuBeforeUs = await busbar.number('cpu', 'cpuUs')
    const before = await bench.load.number('received', 'messages')
    const startMs = performance.now()
    const port = await busbar.number('start', 'port', { stations: STATIONS, csmsUrl, dataDir, meterPort: 0 })
    const startedMs = performance.now()
    const startCpuS = ((await busbar.number('cpu', 'cpuUs')) - cpuBeforeUs) / 1e6
    const began = await busbar.ask('memory')
    report({
      name: 'journal.backlog.start',
      value: (startedMs - startMs) / 1000,
      unit: 's',
      goal: { at: 'most', value: 5 },
      note: `${messages} messages of ${STATIONS} stations wait; from its first work to the end of its start, in which the replay begins; ${startCpuS.toFixed(2)} s of CPU`,
    })
    const seen = await replay(bench, busbar, { port, startMs, startedMs, before, messages })
    report({
      name: 'journal.backlog.memory',
      value: mebibytes(numberOf(seen.most, 'rssB')),
      unit: 'MiB resident',
      goal: { at: 'most', value: 200 },
      note: `the most during the replay, of it ${inFiles(seen.most)} pages of files; after the start ${Math.round(mebibytes(numberOf(began, 'rssB')))} and ${inFiles(began)}`,
    })
  })
}

function inFiles(memory: Numbers): string {
  return `${Math.round(mebibytes(numberOf(memory, 'fileB')))} MiB`
}

interface Replaying {
  readonly port: number
  readonly startMs: number
  readonly startedMs: number
  /** Messages the CSMS had before. */
  readonly before: number
  readonly messages: number
}

/** Until all has gone up or the time is over; the most that was resident meanwhile. */
async function replay(
  { load, isShort }: JournalBench,
  busbar: BenchProcess,
  { port, startMs, startedMs, before, messages }: Replaying,
): Promise<{ readonly most: Numbers }> {
  const cpuBeforeUs = await busbar.number('cpu', 'cpuUs')
  const url = `ws://127.0.0.1:${port}/ocpp`
  await load.ask('connect', { group: 'replay', url, count: AUTHORIZES_PER_S })
  const live = load.ask('paced', {
    group: 'replay',
    stations: AUTHORIZES_PER_S,
    perS: AUTHORIZES_PER_S,
    ms: isShort ? 2_000 : 20_000,
    what: 'authorize',
  })
  let most: Numbers = {}
  let received = 0
  let firstMs = 0
  let endMs = startMs
  while (endMs - startedMs < REPLAY_MS) {
    received = (await load.number('received', 'messages')) - before
    endMs = performance.now()
    if (received > 0 && firstMs === 0) firstMs = endMs
    if (received >= messages) break
    const memory = await busbar.ask('memory')
    if (numberOf(memory, 'rssB') > numberOf(most, 'rssB')) most = memory
    await after(50)
  }
  const cpuS = ((await busbar.number('cpu', 'cpuUs')) - cpuBeforeUs) / 1e6
  // it begins within the start: where all of it went up the start is part of a fair span
  const tookS = (endMs - (received >= messages ? startMs : startedMs)) / 1000
  report({
    name: 'journal.replay',
    value: received / tookS,
    unit: 'messages/s',
    goal: { at: 'least', value: 3_000 },
    note: `${received} of ${messages} in ${tookS.toFixed(1)} s, dialling included, ${cpuS.toFixed(2)} s of CPU after the start; ${Math.round(received / ((endMs - firstMs) / 1000))}/s from the first one on`,
  })
  const { p99Ms, calls } = await live
  report({
    name: 'journal.replay.authorize.p99',
    value: p99Ms,
    unit: 'ms',
    goal: { at: 'most', value: 200 },
    note: `${calls} Authorizes beside it`,
  })
  await load.ask('disconnect', { group: 'replay' })
  return { most }
}

/** Sessions whose Starts the CSMS has, so that nothing but values waits. */
async function fill(dataDir: string, messages: number): Promise<void> {
  const journal = await openJournal({ dataDir, log: quiet })
  const store = openStationStore(journal, quiet)
  try {
    for (let from = 0; from < messages; from += COMMIT) {
      const size = Math.min(COMMIT, messages - from)
      const changes = Array.from({ length: size }, (_, at) => {
        // station by station, as compactions leave it; in the order they came the disk would write all of it four times
        const perStation = Math.ceil(messages / STATIONS)
        return periodicValue(Math.floor((from + at) / perStation), (from + at) % perStation)
      })
      await store.commit(changes, from + size >= messages)
    }
  } finally {
    await journal.stop()
  }
}

function periodicValue(station: number, number: number): StoreChange {
  const timestamp = new Date(BEGIN_MS + number * 60_000).toISOString()
  const payloadText = `{"connectorId":1,"transactionId":1,"meterValue":[{"timestamp":"${timestamp}","sampledValue":[{"value":"${number}","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}`
  const receivedWallMs = BEGIN_MS + number * 60_000
  return {
    kind: 'backlog',
    entry: {
      stationId: stationId(station),
      seq: receivedWallMs,
      action: 'MeterValues',
      payloadText,
      receivedWallMs,
    },
  }
}
