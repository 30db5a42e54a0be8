/** From a jump of other load at the meter to the last SetChargingProfile: 100 stations, real Modbus TCP. */
import { STEP_STATIONS } from './bench-site.js'
import { median, percentile, report } from './figures.js'
import { BenchProcess, numberOf } from './rpc.js'

export interface StepOptions {
  readonly csmsUrl: string
  readonly load: BenchProcess
  readonly dataDir: string
  readonly isShort: boolean
}

export async function benchSteps({ csmsUrl, load, dataDir, isShort }: StepOptions): Promise<void> {
  const busbar = new BenchProcess('gateway-process')
  const group = { group: 'steps' }
  const tookMs: number[] = []
  let missing = 0
  try {
    const meterPort = await load.number('meter', 'port', group)
    const site = { stations: STEP_STATIONS, csmsUrl, dataDir, meterPort }
    const port = await busbar.number('start', 'port', site)
    await load.ask('connect', { ...group, url: `ws://127.0.0.1:${port}/ocpp`, count: STEP_STATIONS })
    await load.ask('transactions', group)
    for (let round = 0; round < (isShort ? 5 : 21); round++) {
      const up = await load.ask('up')
      const down = await load.ask('down')
      missing += numberOf(up, 'missing') + numberOf(down, 'missing')
      if (missing > 0) break
      // The first step also compiles the code that it runs.
      if (round > 0) tookMs.push(numberOf(down, 'tookMs'))
    }
    await load.ask('disconnect', group)
  } finally {
    await busbar.stop()
  }
  tookMs.sort((a, b) => a - b)
  const steps = `${STEP_STATIONS} stations, ${tookMs.length} steps, median ${median(tookMs).toFixed(1)} ms`
  report({
    name: 'step.p99',
    // A round in which somebody did not move is no step, however quick the others were.
    value: missing > 0 ? undefined : percentile(tookMs, 0.99),
    unit: 'ms',
    goal: { at: 'most', value: 100 },
    note: `meter answer to last SetChargingProfile, ${steps}${missing > 0 ? `; ${missing} offers did not move, given up` : ''}`,
  })
}
