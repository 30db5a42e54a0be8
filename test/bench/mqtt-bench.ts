/** Building management over MQTT: a broker, Busbar and the stations in processes of their own. */
import { percentile, report } from './figures.js'
import { BenchProcess, numberOf } from './rpc.js'

const ORDER_STATIONS = 100
const REST_STATIONS = 60
/** What each is offered before the first order. */
const FIRST_A = 30
/** Each topic is told again within a minute: less than that shows nothing but the pause in between. */
const REST_MS = 60_000
/** Each order is for so much less of each. */
const LESS_A = 4

export interface MqttBenchOptions {
  readonly csmsUrl: string
  readonly load: BenchProcess
  readonly isShort: boolean
  dataFolder(name: string): string
}

export async function benchMqtt(options: MqttBenchOptions): Promise<void> {
  const rest = { group: 'mqtt-rest', count: REST_STATIONS, dataDir: options.dataFolder('mqtt-rest') }
  await withSite(options, rest, async () => {
    await risen(options)
    const told = await options.load.ask('mqttRest', { ms: REST_MS })
    // Nothing at all is no rest: then nobody was heard.
    const perS = (name: string): number | undefined =>
      numberOf(told, name) === 0 ? undefined : (numberOf(told, name) * 1000) / REST_MS
    const bytesPerS = perS('bytes')
    const kib = bytesPerS === undefined ? undefined : bytesPerS / 1024
    const note = `${REST_STATIONS} cars that tell every 10 s what they draw, ${REST_MS / 1000} s`
    const goal = (value: number) => ({ at: 'most' as const, value })
    report({ name: 'mqtt.rest.messages', value: perS('messages'), unit: '1/s', goal: goal(5), note })
    report({ name: 'mqtt.rest.bytes', value: kib, unit: 'KiB/s', goal: goal(4), note })
  })
  const orders = { group: 'mqtt-orders', count: ORDER_STATIONS, dataDir: options.dataFolder('mqtt-orders') }
  await withSite(options, orders, async () => {
    await risen(options)
    await measured(options, 'mqtt.change.p99', 200, 'StatusNotification to its topic', async round => {
      const status = round % 2 === 0 ? 'SuspendedEV' : 'Charging'
      return options.load.ask('mqttChange', { at: Math.floor(round / 2), status })
    })
    await measured(options, 'mqtt.order.p99', 500, 'set/limit to the last SetChargingProfile', () =>
      options.load.ask('mqttOrder', { lessA: LESS_A, leastA: FIRST_A }),
    )
  })
}

/** All have what they are to get: what is measured then is not the way there. */
async function risen({ load }: MqttBenchOptions): Promise<void> {
  const missing = numberOf(await load.ask('mqttRisen', { leastA: FIRST_A }), 'missing')
  if (missing > 0) throw new Error(`${missing} stations were never offered ${FIRST_A} A`)
}

async function measured(
  { isShort }: MqttBenchOptions,
  name: string,
  goalMs: number,
  what: string,
  round: (round: number) => Promise<Parameters<typeof numberOf>[0]>,
): Promise<void> {
  const tookMs: number[] = []
  let missing = 0
  for (let at = 0; at < (isShort ? 6 : 11); at++) {
    const told = await round(at)
    missing += numberOf(told, 'missing')
    // The first also compiles the code that it runs.
    if (at > 0) tookMs.push(numberOf(told, 'tookMs'))
  }
  tookMs.sort((a, b) => a - b)
  report({
    name,
    value: missing > 0 ? undefined : percentile(tookMs, 0.99),
    unit: 'ms',
    goal: { at: 'most', value: goalMs },
    note: `${what}, ${ORDER_STATIONS} stations, ${tookMs.length} times${missing > 0 ? `; ${missing} never` : ''}`,
  })
}

async function withSite(
  { csmsUrl, load }: MqttBenchOptions,
  site: { readonly group: string; readonly count: number; readonly dataDir: string },
  run: () => Promise<void>,
): Promise<void> {
  const busbar = new BenchProcess('gateway-process')
  const { group, count, dataDir } = site
  try {
    const brokerPort = await load.number('mqtt', 'port', { group })
    const port = await busbar.number('start', 'port', {
      ...{ stations: count, csmsUrl, dataDir, meterPort: 0 },
      mqttUrl: `mqtt://127.0.0.1:${brokerPort}`,
    })
    await load.ask('connect', { group, url: `ws://127.0.0.1:${port}/ocpp`, count })
    await load.ask('transactions', { group })
    await load.ask('settle', { quietMs: 2_000 })
    await run()
    await load.ask('disconnect', { group })
    await load.ask('mqttStop')
  } finally {
    await busbar.stop()
  }
}
