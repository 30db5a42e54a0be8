/**
 * From the sample of a meter to the decision it makes: one reading in the core, with cars on every station and other load
 * that jumps, until what is to be told to the stations is there. Without wires: the poll before it and the way to the stations
 * after it are measured elsewhere.
 */
import { result } from '../../src/core/answer.js'
import { siteConfigSchema } from '../../src/core/config/site.js'
import { Controller } from '../../src/core/control/controller.js'
import { benchCatalogue, siteDocument, stationId } from './bench-site.js'
import { percentile, report } from './figures.js'

const LEASE_S = 300
const SECOND = 1_000
/** What the circuit of 100 stations is made for. */
const SITE_STATIONS = 100

interface Size {
  readonly stations: number
  /** At each of them. */
  readonly connectors: number
  /** p99 of the CPU of the thread that decides, ms. */
  readonly goalMs: number
  /** Readings until the code runs as in a process that has been up for a while. */
  readonly warmUp: number
  readonly readings: number
}

const SIZES: readonly Size[] = [
  { stations: 10, connectors: 1, goalMs: 0.2, warmUp: 20_000, readings: 2_000 },
  { stations: 100, connectors: 1, goalMs: 0.5, warmUp: 3_000, readings: 1_000 },
  { stations: 1_000, connectors: 1, goalMs: 5, warmUp: 400, readings: 300 },
  { stations: 1_000, connectors: 10, goalMs: 60, warmUp: 60, readings: 100 },
]

const { threadCpuUsage } = process as Pick<NodeJS.Process, 'cpuUsage'> & {
  readonly threadCpuUsage?: NodeJS.Process['cpuUsage']
}
const CPU_OF = threadCpuUsage === undefined ? 'the process' : 'the thread'

/** What the engine compiles and collects beside it is not the decision's; before Node 24 only the process can be asked. */
function cpuUsage(since?: NodeJS.CpuUsage): NodeJS.CpuUsage {
  // Asked first: it brings the thread's own figure up to date, which else moves once a tick of the kernel.
  const ofProcess = process.cpuUsage()
  if (threadCpuUsage !== undefined) return threadCpuUsage(since)
  return since === undefined ? ofProcess : process.cpuUsage(since)
}

/** The whole decision by the number of connectors, all of them charging. */
export function benchDecision(): void {
  for (const size of SIZES) {
    const { tookMs, cpuMs, told } = decisions(size)
    const [middle, most] = [0.5, 0.99].map(share => (percentile(cpuMs, share) ?? Number.NaN).toFixed(2))
    report({
      name: `decision.${size.stations * size.connectors}.cpu.p99`,
      value: told > 0 ? percentile(cpuMs, 0.99) : undefined,
      unit: 'ms',
      goal: { at: 'most', value: size.goalMs },
      note: `CPU of ${CPU_OF} for one reading and all that is decided by it, ${size.readings} readings after ${size.warmUp}; median ${middle} ms, ${told} orders`,
    })
    if (size.stations * size.connectors !== SITE_STATIONS) continue
    const clock = (percentile(tookMs, 0.5) ?? Number.NaN).toFixed(2)
    report({
      name: 'meters.decision.p99',
      value: told > 0 ? percentile(tookMs, 0.99) : undefined,
      unit: 'ms',
      goal: { at: 'most', value: 5 },
      note: `from the sample to what the stations are to be told, ${size.stations} stations, ${size.readings} readings; median ${clock} ms, p99 of CPU ${most} ms`,
    })
  }
}

interface Decisions {
  /** Sorted. */
  readonly tookMs: readonly number[]
  readonly cpuMs: readonly number[]
  readonly told: number
}

function decisions({ stations, connectors, warmUp, readings }: Size): Decisions {
  const { siteProfiles, stationModels } = benchCatalogue(process.cwd())
  const document = siteDocument({ stations, csmsUrl: '', ocppPort: 1, meterPort: 1 })
  const parsed = siteConfigSchema.parse(document)
  const times = (stations * connectors) / SITE_STATIONS
  const connectorIds = Array.from({ length: connectors }, (_, at) => at + 1)
  const config = {
    ...parsed,
    circuits: parsed.circuits.map(circuit => ({
      ...circuit,
      ratedCurrentA: circuit.ratedCurrentA * times,
      worstCaseOtherLoadA: circuit.worstCaseOtherLoadA * times,
    })),
    stations: parsed.stations.map(station => ({
      ...station,
      connectors: station.connectors.flatMap(connector => connectorIds.map(id => ({ ...connector, id }))),
    })),
  }
  const profile = siteProfiles.get(config.site.profile)
  if (profile === undefined) throw new Error(`no site profile ${config.site.profile}`)
  let nowMs = 0
  const now = () => ({ monoMs: nowMs, wallMs: nowMs })
  const ids = Array.from({ length: stations }, (_, at) => stationId(at))
  const controller = new Controller(
    {
      config,
      models: stationModels,
      profile,
      leaseS: new Map(ids.map(id => [id, LEASE_S])),
      csmsSteps: (_station, _connector, fromMs) => [{ atMs: fromMs, limitA: undefined }],
    },
    [],
    now(),
  )
  let told = 0
  const carryOut = (): void => {
    for (let effects = controller.takeEffects(); effects.length > 0; effects = controller.takeEffects())
      for (const effect of effects)
        if (effect.kind === 'call') {
          told++
          controller.onAnswer(effect.tag, result({ status: 'Accepted' }), now())
        }
  }
  for (const id of ids) {
    controller.onStation({ kind: 'connected', stationId: id }, now())
    controller.onStation({ kind: 'booted', stationId: id, info: { vendor: 'v', model: 'm' } }, now())
    controller.onStation({ kind: 'clock-seen', stationId: id, stationWallMs: nowMs }, now())
    for (const connectorId of connectorIds)
      controller.onStation(
        {
          ...{
            kind: 'transaction-started',
            stationId: id,
            connectorId,
            transactionId: connectorId,
            idTag: 'T',
          },
          meterStartWh: 0,
          startedWallMs: nowMs,
        },
        now(),
      )
    carryOut()
  }
  const tookMs: number[] = []
  const cpuMs: number[] = []
  for (let turn = 0; turn < warmUp + readings; turn++) {
    nowMs += SECOND
    // Every ten seconds another load, so that decisions are made and not only looked at.
    const amps = (200 + (Math.floor(turn / 10) % 7) * 150) * times
    const cpu = cpuUsage()
    const startMs = performance.now()
    controller.onMeter({ meterId: 'grid', monoMs: nowMs, currentA: [amps, amps, amps] }, now())
    const effects = controller.takeEffects()
    const took = performance.now() - startMs
    const { user, system } = cpuUsage(cpu)
    if (turn >= warmUp) {
      tookMs.push(took)
      cpuMs.push((user + system) / 1_000)
    }
    for (const effect of effects)
      if (effect.kind === 'call') {
        told++
        controller.onAnswer(effect.tag, result({ status: 'Accepted' }), now())
      }
    carryOut()
  }
  tookMs.sort((a, b) => a - b)
  cpuMs.sort((a, b) => a - b)
  return { tookMs, cpuMs, told }
}
