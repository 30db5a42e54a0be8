/**
 * The page: what it weighs on the wire, how soon and how cheaply it is there in a real browser, what those who look at it cost
 * Busbar, and what a month of history takes. Busbar, the depot and the browser run in processes of their own.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { planDepot, siteConfig } from '../../src/sim/depot-plan.js'
import { MAX_DECISION_BYTES } from '../../src/store/decision-store.js'
import { FEEDER_DEVICE, METER_DEVICE } from './bench-site.js'
import { benchBrowser } from './browser-bench.js'
import { median, percentile, report } from './figures.js'
import { writeMonth } from './month.js'
import { type Follower, PageClient } from './page-client.js'
import { BenchProcess, numberOf } from './rpc.js'
import { within } from './within.js'

export const ADMIN_PASSWORD = 'bench'
const HOST = '127.0.0.1'
const FEEDER_UNIT = 5
const MIB = 1024 * 1024
const STATUS_STATIONS = 500
const PAGES = 50
/** Until cars are there and what the start had to say is said. */
const SETTLE_MS = { short: 30_000, long: 90_000 } as const
const FEED_MS = { short: 10_000, long: 60_000 } as const
/** From the first of fifty who open to well after the first patch of all. */
const BURST_MS = 2_500
/** Of a part: 12 stations, 60 with history and browser, 500. Their sum is what the whole may take. */
const MOST_S = { short: [60, 170, 65], long: [240, 900, 180] } as const
const most = (value: number) => ({ at: 'most' as const, value })

export interface PageBenchOptions {
  readonly load: BenchProcess
  readonly flags: readonly string[]
  readonly isShort: boolean
  /** A new folder for data. */
  dataFolder(name: string): string
}

export async function benchPage(options: PageBenchOptions): Promise<void> {
  const [fewS, manyS, statusS] = MOST_S[options.isShort ? 'short' : 'long']
  await within(fewS * 1000, 'the page of 12 stations', few(options))
  await within(manyS * 1000, 'the page of 60 stations', many(options))
  await within(statusS * 1000, `the status of ${STATUS_STATIONS} stations`, status(options))
}

async function few(options: PageBenchOptions): Promise<void> {
  await withDepot(options, { stations: 12, dataDir: options.dataFolder('page-12') }, async ({ client }) => {
    await feed(options, client, { stations: 12, goalKib: 2 })
  })
}

async function many(options: PageBenchOptions): Promise<void> {
  const dataDir = options.dataFolder('page-60')
  await writeMonth(dataDir)
  report({
    name: 'page.month',
    value: (folderBytes(dataDir) + MAX_DECISION_BYTES) / MIB,
    unit: 'MiB',
    goal: most(200),
    note: '60 stations and 20 circuits by the minute and the quarter of an hour, 5400 sessions, on disk; with 16 MiB, the bound of what is kept of decisions',
  })
  await withDepot(options, { stations: 60, dataDir }, async site => {
    await feed(options, site.client, { stations: 60, goalKib: 8 })
    await history(site.client)
    await watched(options, site)
    await benchBrowser(site.url, ADMIN_PASSWORD, options.isShort)
  })
}

interface Site {
  readonly url: string
  readonly client: PageClient
  readonly busbar: BenchProcess
}

/** Busbar before the simulated depot; ended with `run`. */
async function withDepot(
  { flags, isShort }: PageBenchOptions,
  { stations, dataDir }: { readonly stations: number; readonly dataDir: string },
  run: (site: Site) => Promise<void>,
): Promise<void> {
  const depot = new BenchProcess('depot-process')
  const busbar = new BenchProcess('gateway-process', flags)
  try {
    const ports = await depot.ask('start', { stations })
    const document = siteConfig(planDepot(stations), {
      ...{ ocppHost: HOST, ocppPort: 0, webHost: HOST, webPort: 0 },
      csmsUrl: `ws://${HOST}:${numberOf(ports, 'csmsPort')}/ocpp`,
      meter: { device: METER_DEVICE, host: HOST, port: numberOf(ports, 'meterPort') },
      feederMeter: {
        ...{ device: FEEDER_DEVICE, host: HOST, unitId: FEEDER_UNIT },
        port: numberOf(ports, 'feederPort'),
      },
    })
    const args = { document: JSON.stringify(document), dataDir, adminPassword: ADMIN_PASSWORD }
    const started = await busbar.ask('start', args)
    const url = `http://${HOST}:${numberOf(started, 'webPort')}`
    await depot.ask('open', { url: `ws://${HOST}:${numberOf(started, 'port')}/ocpp` })
    const client = await PageClient.logIn(url, ADMIN_PASSWORD)
    await after(SETTLE_MS[isShort ? 'short' : 'long'])
    await run({ url, client, busbar })
  } finally {
    await busbar.stop()
    await depot.stop()
  }
}

async function feed(
  { isShort }: PageBenchOptions,
  client: PageClient,
  { stations, goalKib }: { readonly stations: number; readonly goalKib: number },
): Promise<void> {
  const spanMs = FEED_MS[isShort ? 'short' : 'long']
  const stream = await client.follow()
  await stream.whole
  const before = stream.bytes()
  await after(spanMs)
  const bytes = stream.bytes() - before
  stream.stop()
  report({
    name: `page.feed.${stations}`,
    value: (bytes / 1024 / spanMs) * 1000,
    unit: 'KiB/s',
    goal: most(goalKib),
    note: `server-sent events of one page, ${stations} cars that tell every 10 s what they draw, ${spanMs / 1000} s`,
  })
}

async function history(client: PageClient): Promise<void> {
  await day(client, { name: 'page.day.answer', of: 'circuit', path: 'history?circuit=main&' })
  await day(client, { name: 'page.day.station', of: 'station', path: 'stations/CP-30/history?' })
}

async function day(
  client: PageClient,
  { name, of, path }: { readonly name: string; readonly of: string; readonly path: string },
): Promise<void> {
  const tookMs: number[] = []
  for (let round = 0; round < 20; round++) tookMs.push(await client.timed(`/api/v1/${path}seconds=86400`))
  const firstMs = tookMs[0] ?? 0
  tookMs.sort((a, b) => a - b)
  report({
    name,
    value: percentile(tookMs, 0.99) ?? 0,
    unit: 'ms',
    goal: most(200),
    note: `slowest of 20 answers with a day of one ${of} by the minute; median ${median(tookMs).toFixed(0)} ms, the first ${firstMs.toFixed(0)} ms`,
  })
}

interface Round {
  readonly p99Ms: number
  readonly p50Ms: number
  readonly cpuMs: number
}

/**
 * Rounds without and with fifty who look, in turn, so that a busy machine is busy for both; the seconds in which they open are
 * told apart, since nobody opens fifty pages every minute.
 */
async function watched({ isShort }: PageBenchOptions, { client, busbar }: Site): Promise<void> {
  const spanMs = isShort ? 6_000 : 40_000
  const round = async (lastsMs: number, begin?: () => Promise<void>): Promise<Round> => {
    const cpuUs = await busbar.number('cpu', 'cpuUs')
    await busbar.ask('watch')
    await Promise.all([after(lastsMs), begin?.()])
    const ticks = await busbar.ask('ticks')
    return {
      p99Ms: numberOf(ticks, 'p99Ms'),
      p50Ms: numberOf(ticks, 'p50Ms'),
      // µs in a ms are ms in a second
      cpuMs: ((await busbar.number('cpu', 'cpuUs')) - cpuUs) / lastsMs,
    }
  }
  const [alone, burst, looked]: [Round[], Round[], Round[]] = [[], [], []]
  const wholeMs: number[] = []
  for (let pair = 0; pair < (isShort ? 2 : 4); pair++) {
    alone.push(await round(spanMs))
    const streams: Follower[] = []
    const open = async (): Promise<void> => {
      const beganMs = performance.now()
      streams.push(...(await Promise.all(Array.from({ length: PAGES }, () => client.follow()))))
      await Promise.all(streams.map(({ whole }) => whole))
      wholeMs.push(performance.now() - beganMs)
    }
    burst.push(await round(BURST_MS, open))
    looked.push(await round(spanMs))
    for (const stream of streams) stream.stop()
  }
  reportWatched({ alone, burst, looked }, wholeMs)
}

function reportWatched(
  rounds: Readonly<Record<'alone' | 'burst' | 'looked', readonly Round[]>>,
  wholeMs: readonly number[],
): void {
  const of = (when: keyof typeof rounds, name: keyof Round): number =>
    median(rounds[when].map(one => one[name]))
  const both = (name: keyof Round): string =>
    `${of('alone', name).toPrecision(3)} and ${of('looked', name).toPrecision(3)}`
  report({
    name: 'page.fifty.loop',
    value: (100 * (of('looked', 'p99Ms') - of('alone', 'p99Ms'))) / of('alone', 'p99Ms'),
    unit: '% of p99',
    goal: most(10),
    note: `from when a tick was due to its decision, without and with ${PAGES} pages that are open: p99 ${both('p99Ms')} ms, p50 ${both('p50Ms')} ms; CPU ${both('cpuMs')} ms/s; 60 stations`,
  })
  report({
    name: 'page.fifty.open',
    value: median(wholeMs),
    unit: 'ms',
    note: `until ${PAGES} pages that open together all have the whole site; in these ${BURST_MS / 1000} s a tick's p99 ${of('burst', 'p99Ms').toPrecision(3)} ms, CPU ${of('burst', 'cpuMs').toPrecision(3)} ms/s`,
  })
}

async function status({ load, flags, isShort, dataFolder }: PageBenchOptions): Promise<void> {
  const busbar = new BenchProcess('gateway-process', flags)
  try {
    const started = await busbar.ask('start', {
      ...{ stations: STATUS_STATIONS, csmsUrl: '', meterPort: 0 },
      ...{ dataDir: dataFolder('page-500'), adminPassword: ADMIN_PASSWORD },
    })
    const url = `ws://${HOST}:${numberOf(started, 'port')}/ocpp`
    await load.ask('connect', { group: 'page', url, count: STATUS_STATIONS })
    await load.ask('settle', { quietMs: 1000 })
    const client = await PageClient.logIn(`http://${HOST}:${numberOf(started, 'webPort')}`, ADMIN_PASSWORD)
    const count = isShort ? 200 : 1000
    const [tookMs, nothingMs]: [number[], number[]] = [[], []]
    for (let at = 0; at < count; at++) {
      tookMs.push(await client.timed('/api/v1/status'))
      // Answered out of nothing: what it takes longer now and then is the machine, busy with something else.
      nothingMs.push(await client.timed('/healthz'))
      // Between two looks of a machine that asks often; what is the same second costs nothing.
      await after(20)
    }
    for (const list of [tookMs, nothingMs]) list.sort((a, b) => a - b)
    report({
      name: 'page.status.500.p99',
      value: percentile(tookMs, 0.99) ?? 0,
      unit: 'ms',
      goal: most(20),
      note: `${count} answers of /api/v1/status, ${STATUS_STATIONS} stations connected; p50 ${median(tookMs).toPrecision(3)} ms; of as many of /healthz in between p99 ${(percentile(nothingMs, 0.99) ?? 0).toPrecision(3)} ms`,
    })
    await load.ask('disconnect', { group: 'page' })
  } finally {
    await busbar.stop()
  }
}

function folderBytes(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  )
}
