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

const STATIONS = 100
const LEASE_S = 300
const WARM_UP = 120
const READINGS = 600
const SECOND = 1_000

export function benchDecision(): void {
  const { siteProfiles, stationModels } = benchCatalogue(process.cwd())
  const document = siteDocument({ stations: STATIONS, csmsUrl: '', ocppPort: 1, meterPort: 1 })
  const config = siteConfigSchema.parse(document)
  const profile = siteProfiles.get(config.site.profile)
  if (profile === undefined) throw new Error(`no site profile ${config.site.profile}`)
  let nowMs = 0
  const now = () => ({ monoMs: nowMs, wallMs: nowMs })
  const ids = Array.from({ length: STATIONS }, (_, at) => stationId(at))
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
    const connectorId = 1
    controller.onStation({ kind: 'connected', stationId: id }, now())
    controller.onStation({ kind: 'booted', stationId: id, info: { vendor: 'v', model: 'm' } }, now())
    controller.onStation({ kind: 'clock-seen', stationId: id, stationWallMs: nowMs }, now())
    controller.onStation(
      {
        ...{ kind: 'transaction-started', stationId: id, connectorId, transactionId: 1, idTag: 'T' },
        meterStartWh: 0,
        startedWallMs: nowMs,
      },
      now(),
    )
    carryOut()
  }
  const tookMs: number[] = []
  const cpuMs: number[] = []
  for (let turn = 0; turn < WARM_UP + READINGS; turn++) {
    nowMs += SECOND
    // Every ten seconds another load, so that decisions are made and not only looked at.
    const amps = 200 + (Math.floor(turn / 10) % 7) * 150
    const cpu = process.cpuUsage()
    const startMs = performance.now()
    controller.onMeter({ meterId: 'grid', monoMs: nowMs, currentA: [amps, amps, amps] }, now())
    const effects = controller.takeEffects()
    const took = performance.now() - startMs
    const { user, system } = process.cpuUsage(cpu)
    if (turn >= WARM_UP) {
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
  const middle = (percentile(tookMs, 0.5) ?? Number.NaN).toFixed(2)
  const cpuP99 = (percentile(cpuMs, 0.99) ?? Number.NaN).toFixed(2)
  report({
    name: 'meters.decision.p99',
    value: told > 0 ? percentile(tookMs, 0.99) : undefined,
    unit: 'ms',
    goal: { at: 'most', value: 5 },
    note: `from the sample to what the stations are to be told, ${STATIONS} stations, ${READINGS} readings; median ${middle} ms, p99 of CPU ${cpuP99} ms, ${told} orders`,
  })
}
