/**
 * The benchmark: `npm run bench`, `npm run bench -- --short` for a quick look. Prints a JSON line per figure and a
 * table; exits 0 also where a goal was missed, 1 where a figure could not be measured. `--only relay,step` runs a part
 * (allocation, start, meters or of it decision, memory, relay, tls, step, mqtt, page, journal, or of the last starts, backlog, storm);
 * `--messages N` is the journal's backlog where a million are too many, `--requests N` those of the meters' memory.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchAllocation } from './allocation-bench.js'
import { benchDecision } from './decision-bench.js'
import { printTable, report } from './figures.js'
import { benchJournal, JOURNAL_PARTS } from './journal-bench.js'
import { benchMeterMemory, benchMeters } from './meters-bench.js'
import { benchMqtt } from './mqtt-bench.js'
import { benchPage } from './page-bench.js'
import { benchRelay, mebibytes } from './relay-bench.js'
import { BenchProcess } from './rpc.js'
import { benchStart } from './start-bench.js'
import { benchSteps } from './step-bench.js'
import { benchTls } from './tls-bench.js'

const ALLOCATION_GOALS_MS: Readonly<Record<number, number>> = { 10: 0.2, 100: 0.5, 1000: 5, 10000: 60 }
const STATIONS = 500
/** As `npm start` and the image run it. */
const BUSBAR_FLAGS = ['--max-semi-space-size=8']

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    messages: { type: 'string' },
    requests: { type: 'string' },
  },
})
const wanted = values.only?.split(',')
const isWanted = (part: string): boolean => wanted === undefined || wanted.includes(part)
const folder = mkdtempSync(join(tmpdir(), 'busbar-bench-'))
const load = new BenchProcess('load-process')

try {
  report({
    name: 'machine.load',
    value: loadavg()[0] ?? 0,
    unit: '',
    note: `1 min before the bench; ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}`,
  })
  if (isWanted('allocation')) allocation()
  if (isWanted('start')) await benchStart(folder)
  if (isWanted('meters') || isWanted('decision')) benchDecision()
  if (isWanted('meters')) await benchMeters(values.short)
  if (isWanted('meters') || isWanted('memory'))
    await benchMeterMemory(values.short, values.requests === undefined ? undefined : Number(values.requests))
  const csmsUrl = `ws://127.0.0.1:${await load.number('csms', 'port')}/csms`
  if (isWanted('relay')) await relay(csmsUrl)
  if (isWanted('tls'))
    await benchTls({ csmsUrl, load, flags: BUSBAR_FLAGS, isShort: values.short, dataFolder })
  if (isWanted('step'))
    await benchSteps({ csmsUrl, load, dataDir: dataFolder('steps'), isShort: values.short })
  if (isWanted('mqtt')) await benchMqtt({ csmsUrl, load, isShort: values.short, dataFolder })
  if (isWanted('page')) await benchPage({ load, flags: BUSBAR_FLAGS, isShort: values.short, dataFolder })
  const journalParts = JOURNAL_PARTS.filter(part => isWanted('journal') || isWanted(part))
  if (journalParts.length > 0)
    await benchJournal(journalParts, {
      load,
      csmsUrl,
      flags: BUSBAR_FLAGS,
      isShort: values.short,
      messages: values.messages === undefined ? undefined : Number(values.messages),
      dataFolder,
    })
} finally {
  await load.stop()
  rmSync(folder, { recursive: true, force: true })
}
if (!printTable()) process.exitCode = 1

function dataFolder(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

function allocation(): void {
  for (const { connectors, p50Ms, p99Ms, cpuP99Ms } of benchAllocation()) {
    report({
      name: `allocation.${connectors}.p99`,
      value: p99Ms,
      unit: 'ms',
      goal: { at: 'most', value: ALLOCATION_GOALS_MS[connectors] ?? 0 },
      note: `p50 ${p50Ms} ms; CPU time p99 ${cpuP99Ms} ms`,
    })
  }
}

async function relay(csmsUrl: string): Promise<void> {
  const busbar = new BenchProcess('gateway-process', ['--expose-gc', ...BUSBAR_FLAGS])
  try {
    const port = await busbar.number('start', 'port', {
      stations: STATIONS,
      csmsUrl,
      dataDir: dataFolder('relay'),
      meterPort: 0,
    })
    const busbarUrl = `ws://127.0.0.1:${port}/ocpp`
    await load.ask('connect', { group: 'busbar', url: busbarUrl, count: STATIONS })
    await load.ask('settle', { quietMs: 1000 })
    report({
      name: 'memory.500',
      value: mebibytes(await busbar.number('memory', 'rssB')),
      unit: 'MiB resident',
      goal: { at: 'most', value: 140 },
      note: `${STATIONS} stations connected and set up, upstream open`,
    })
    await benchRelay({ csmsUrl, load, busbar, busbarUrl, isShort: values.short })
    await load.ask('disconnect', { group: 'busbar' })
  } finally {
    await busbar.stop()
  }
}
