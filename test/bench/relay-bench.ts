/**
 * Busbar against a bare relay: both in processes of their own, the same stations and the same CSMS in a third, rounds
 * in turn so that a busy machine is busy for both. Ratios are medians over pairs of neighbouring rounds.
 */
import { type Figure, median, report } from './figures.js'
import { BenchProcess, numberOf } from './rpc.js'

export interface RelayOptions {
  readonly csmsUrl: string
  readonly load: BenchProcess
  readonly busbar: BenchProcess
  readonly busbarUrl: string
  readonly isShort: boolean
}

export interface Side {
  /** Of the load process. */
  readonly group: string
  readonly process: BenchProcess
  readonly url: string
}

export interface Sides {
  readonly load: BenchProcess
  readonly busbar: Side
  readonly bare: Side
  readonly isShort: boolean
}

interface Round {
  readonly perS: number
  readonly cpuUsPerCall: number
  readonly p99Ms: number
}

/** Until the compiler has settled: its threads are in the CPU time of whoever is being measured. */
const WARM_UP_ROUNDS = 3
const PACED_PER_S = 200
const PACED_STATIONS = 50
/** A machine too slow for all CALLs of the memory figure gives up here. */
const MAX_FLOOD_MS = 100_000

/** All stations of Busbar are connected already; those of the bare relay come here. */
export async function benchRelay(options: RelayOptions): Promise<void> {
  const { load, busbar, busbarUrl, csmsUrl, isShort } = options
  const bareProcess = new BenchProcess('relay-process')
  try {
    const port = await bareProcess.number('start', 'port', { csmsUrl })
    const sides: Sides = {
      load,
      busbar: { group: 'busbar', process: busbar, url: busbarUrl },
      bare: { group: 'bare', process: bareProcess, url: `ws://127.0.0.1:${port}` },
      isShort,
    }
    await load.ask('connect', { group: 'bare', url: sides.bare.url, count: 500 })
    await warmUp(sides)
    for (const stations of [1, 50, 500]) await compare(sides, stations)
    await comparePaced(sides)
    await load.ask('disconnect', { group: 'bare' })
  } finally {
    await bareProcess.stop()
  }
  await flood(options)
}

/** `leastRoundTrips` of bare; more CPU than `mostCpu` times bare is a goal missed. */
export interface RelayGoals {
  readonly name: string
  readonly leastRoundTrips: number
  readonly mostCpu?: number
}

const PLAIN: RelayGoals = { name: 'relay', leastRoundTrips: 0.7, mostCpu: 1.6 }

/** Rounds that count for nothing. */
export async function warmUp(sides: Sides): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    for (const side of [sides.bare, sides.busbar]) await closedRound(sides, side, 500)
  }
}

/** Reports round trips and CPU of both sides. */
export async function compare(sides: Sides, stations: number, goals: RelayGoals = PLAIN): Promise<void> {
  const pairs: { readonly busbar: Round; readonly bare: Round }[] = []
  for (let round = 0; round < (sides.isShort ? 3 : 6); round++) {
    // The order changes, so that a drift of the machine's load does not favour one side.
    if (round % 2 === 0) {
      const bare = await closedRound(sides, sides.bare, stations)
      pairs.push({ bare, busbar: await closedRound(sides, sides.busbar, stations) })
    } else {
      const busbar = await closedRound(sides, sides.busbar, stations)
      pairs.push({ busbar, bare: await closedRound(sides, sides.bare, stations) })
    }
  }
  const of = (side: 'busbar' | 'bare', name: keyof Round): number =>
    median(pairs.map(pair => pair[side][name]))
  const hasGoal = stations > 1
  const goalOf = (goal: Figure['goal']): Pick<Figure, 'goal'> =>
    hasGoal && goal !== undefined ? { goal } : {}
  report({
    name: `${goals.name}.${stations}.roundTrips`,
    value: median(pairs.map(({ busbar, bare }) => busbar.perS / bare.perS)),
    unit: 'of bare',
    ...goalOf({ at: 'least', value: goals.leastRoundTrips }),
    note: `${Math.round(of('busbar', 'perS'))}/s, bare ${Math.round(of('bare', 'perS'))}/s`,
  })
  report({
    name: `${goals.name}.${stations}.cpuPerCall`,
    value: median(pairs.map(({ busbar, bare }) => busbar.cpuUsPerCall / bare.cpuUsPerCall)),
    unit: 'x bare',
    ...goalOf(goals.mostCpu === undefined ? undefined : { at: 'most', value: goals.mostCpu }),
    note: `${of('busbar', 'cpuUsPerCall').toFixed(1)} us, bare ${of('bare', 'cpuUsPerCall').toFixed(1)} us`,
  })
}

async function closedRound({ load, isShort }: Sides, side: Side, stations: number): Promise<Round> {
  const beforeUs = await side.process.number('cpu', 'cpuUs')
  const numbers = await load.ask('closed', { group: side.group, stations, ms: isShort ? 800 : 1500 })
  const cpuUs = (await side.process.number('cpu', 'cpuUs')) - beforeUs
  const calls = numberOf(numbers, 'calls')
  return {
    perS: (calls * 1000) / numberOf(numbers, 'spanMs'),
    cpuUsPerCall: cpuUs / calls,
    p99Ms: numberOf(numbers, 'p99Ms'),
  }
}

async function comparePaced({ load, busbar, bare, isShort }: Sides): Promise<void> {
  const ms = isShort ? 2000 : 4000
  const p99Ms = { busbar: [] as number[], bare: [] as number[] }
  for (let round = 0; round < (isShort ? 3 : 5); round++) {
    for (const name of round % 2 === 0 ? (['bare', 'busbar'] as const) : (['busbar', 'bare'] as const)) {
      const { group } = name === 'bare' ? bare : busbar
      const args = { group, stations: PACED_STATIONS, perS: PACED_PER_S, ms }
      p99Ms[name].push(await load.number('paced', 'p99Ms', args))
    }
  }
  report({
    name: 'relay.addedP99',
    value: median(p99Ms.busbar.map((busbarMs, round) => busbarMs - (p99Ms.bare[round] ?? 0))),
    unit: 'ms',
    goal: { at: 'most', value: 2 },
    note: `at ${PACED_PER_S}/s: ${median(p99Ms.busbar).toFixed(2)} ms, bare ${median(p99Ms.bare).toFixed(2)} ms`,
  })
}

/** Live heap after a tenth of the CALLs against the end: what grows with the CALLs shows, warm-up does not. */
async function flood({ load, busbar, isShort }: RelayOptions): Promise<void> {
  const calls = isShort ? 100_000 : 1_000_000
  const args = { group: 'busbar', stations: 500 }
  const first = await load.ask('closed', { ...args, calls: calls / 10, ms: MAX_FLOOD_MS / 10 })
  const before = await busbar.ask('heap')
  const rest = await load.ask('closed', { ...args, calls: calls * 0.9, ms: MAX_FLOOD_MS })
  const peakB = await busbar.number('memory', 'rssB')
  const after = await busbar.ask('heap')
  const done = numberOf(first, 'calls') + numberOf(rest, 'calls')
  report({
    name: 'memory.growth',
    value: mebibytes(numberOf(after, 'heapB') - numberOf(before, 'heapB')),
    unit: 'MiB live heap',
    goal: { at: 'most', value: 2 },
    note: `over ${done} CALLs${done < calls ? ` (of ${calls}: time was up)` : ''}, ${Math.round(
      (numberOf(rest, 'calls') * 1000) / numberOf(rest, 'spanMs'),
    )}/s`,
  })
  report({
    name: 'memory.underLoad',
    value: mebibytes(peakB),
    unit: 'MiB resident',
    note: '500 stations busy',
  })
}

export function mebibytes(bytes: number): number {
  return bytes / 2 ** 20
}
