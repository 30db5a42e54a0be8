/**
 * How long one decision for a whole site takes: 10 to 10,000 connectors on a tree of three levels, head-room changing
 * each time. Run by the bench runner, not by the tests.
 */
import type { AllocationInput, Demand } from '../../src/core/allocation/demand.js'
import { allocate } from '../../src/core/allocation/share.js'
import type { CircuitConfig } from '../../src/core/config/site.js'
import { ALL_PHASES, type PerPhase, type PhaseSet } from '../../src/core/site/phases.js'
import { buildSiteTree } from '../../src/core/site/tree.js'
import { percentile } from './figures.js'

export interface AllocationFigure {
  readonly connectors: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** The same in CPU time of the process: what a busy machine does not lengthen. */
  readonly cpuP99Ms: number
}

const WARM_UP_MS = 1_000

/** Goals for p99: 0.2 / 0.5 / 5 / 60 ms. */
export function benchAllocation(): AllocationFigure[] {
  return [10, 100, 1000, 10_000].map(measure)
}

function measure(connectors: number): AllocationFigure {
  const rounds = connectors >= 10_000 ? 200 : 1000
  warmUp(connectors, rounds)
  const tookMs: number[] = []
  const cpuMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const input = site(connectors, round)
    const cpu = process.cpuUsage()
    const startMs = performance.now()
    allocate(input)
    tookMs.push(performance.now() - startMs)
    const { user, system } = process.cpuUsage(cpu)
    cpuMs.push((user + system) / 1000)
  }
  tookMs.sort((a, b) => a - b)
  cpuMs.sort((a, b) => a - b)
  const at = (sorted: readonly number[], share: number) =>
    Number((percentile(sorted, share) ?? Number.NaN).toFixed(3))
  return { connectors, p50Ms: at(tookMs, 0.5), p99Ms: at(tookMs, 0.99), cpuP99Ms: at(cpuMs, 0.99) }
}

/** Compiling is over when nothing gets faster: counted in time, because small sites are through before it has begun. */
function warmUp(connectors: number, rounds: number): void {
  const endMs = performance.now() + WARM_UP_MS
  for (let round = 0; round < rounds / 2 || performance.now() < endMs; round++) {
    allocate(site(connectors, round % rounds))
  }
}

const trees = new Map<number, ReturnType<typeof treeOf>>()

/** Ten connectors a panel, ten panels a feeder. */
function treeOf(connectors: number) {
  const circuit = (id: string, parent?: string): CircuitConfig => ({
    id,
    ratedCurrentA: 100,
    worstCaseOtherLoadA: 0,
    ...(parent === undefined ? {} : { parent }),
  })
  const circuits = [circuit('main')]
  const panels: string[] = []
  for (let feeder = 0; feeder < Math.ceil(connectors / 100); feeder++) {
    circuits.push(circuit(`f${feeder}`, 'main'))
    for (let panel = 0; panel < 10; panel++) {
      panels.push(`f${feeder}-p${panel}`)
      circuits.push(circuit(`f${feeder}-p${panel}`, `f${feeder}`))
    }
  }
  return { tree: buildSiteTree(circuits), panels }
}

function site(connectors: number, round: number): AllocationInput {
  const { tree, panels } = trees.get(connectors) ?? treeOf(connectors)
  if (!trees.has(connectors)) trees.set(connectors, { tree, panels })
  let seed = round + 1
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  const onePhase: PhaseSet[] = [
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]
  const demands = Array.from(
    { length: connectors },
    (_, i): Demand => ({
      key: `CP-${100_000 + i}/1`,
      node: tree.indexById.get(panels[i % panels.length] ?? '') ?? 0,
      phases: i % 3 === 0 ? (onePhase[(i / 3) % 3] ?? ALL_PHASES) : ALL_PHASES,
      minA: 6,
      maxA: i % 2 === 0 ? 16 : 32,
      weight: i % 5 === 0 ? 2 : 1,
      stepA: i % 4 === 0 ? 0.1 : 1,
      turn: {
        on: random() < 0.6,
        sinceMonoMs: random() * 3_600_000,
        servedAs: random() * 50_000,
        priorityClass: 1,
        entitledAs: 0,
        owed: false,
      },
    }),
  )
  const availableA = tree.nodes.map((node): PerPhase => {
    const ofFull = [1, 0.55, 0.7][node.depth] ?? 1
    const below = node.depth === 0 ? connectors * 0.4 : node.depth === 1 ? 100 : 10
    const room = () => below * 13 * ofFull * (0.8 + 0.4 * random())
    return [room(), room(), room()]
  })
  const minutes = (count: number) => count * 60_000
  return {
    tree,
    availableA,
    demands,
    nowMonoMs: minutes(61),
    minOnMs: minutes(15),
    minOffMs: minutes(5),
    quantumMs: minutes(15),
  }
}
