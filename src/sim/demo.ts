/**
 * `npm run demo`: the whole thing on embedded parts and real sockets: gateway, stations with cars, a Modbus TCP meter, a meter
 * behind an RTU gateway, a CSMS and an MQTT broker in one process, on 127.0.0.1 only. Beside main.ts: a process, not a part of the gateway.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createAssets } from '../adapters/assets.js'
import { createBlobs } from '../adapters/blobs.js'
import { createBroker } from '../adapters/broker.js'
import { createBus } from '../adapters/bus.js'
import { createClock } from '../adapters/clock.js'
import { readDataFiles } from '../adapters/data-files.js'
import { createFiles } from '../adapters/files.js'
import { createHttp } from '../adapters/http.js'
import { openJournal } from '../adapters/journal.js'
import { createLog } from '../adapters/log.js'
import { startMqttServer } from '../adapters/mqtt-server.js'
import { createNetwork } from '../adapters/network.js'
import { createRandom } from '../adapters/random.js'
import { createSecrets } from '../adapters/secrets.js'
import { MAX_STATIONS } from '../core/config/site.js'
import { AuditKeeper } from '../gateway/audit-keeper.js'
import { buildCatalogue, type DeviceCatalogue } from '../gateway/catalogue.js'
import { faultLines } from '../gateway/report.js'
import { openSecretStore } from '../gateway/secret-store.js'
import { startGateway } from '../gateway.js'
import type { MeterDevice } from '../modbus/device-schema.js'
import type { Ports, Stoppable } from '../ports.js'
import { createDepot } from './depot.js'
import { FEEDER_UNIT, startFeederMeter, startMeter } from './depot-meters.js'
import { METERED_FEEDER } from './depot-plan.js'
import { createLevers, type DemoMeter, type Levers, wrongMeterId, wrongsOf } from './levers.js'
import { WRONG_METERS } from './meter.js'

const HOST = '127.0.0.1'
const METER_DEVICE = 'eastron-sdm630-v2'
const FEEDER_DEVICE = 'abb-b23-b24'

const here = dirname(fileURLToPath(import.meta.url))

const { values: options } = parseArgs({
  options: {
    stations: { type: 'string', default: '12' },
    speed: { type: 'string', default: '1' },
    'web-port': { type: 'string', default: '8080' },
    'ocpp-port': { type: 'string', default: '9000' },
    json: { type: 'boolean', default: false },
  },
})

function numberOption(
  name: 'stations' | 'speed' | 'web-port' | 'ocpp-port',
  least: number,
  most: number,
): number {
  const value = Number(options[name])
  if (Number.isFinite(value) && value >= least && value <= most) return value
  process.stderr.write(`--${name}: found "${options[name]}", expected a number from ${least} to ${most}\n`)
  process.exit(2)
}

function modelOf(catalogue: DeviceCatalogue, id: string): MeterDevice {
  const device = catalogue.meters.get(id)
  if (device === undefined) throw new Error(`devices/meters has no ${id}`)
  return device
}

async function main(): Promise<void> {
  const stations = Math.floor(numberOption('stations', 1, MAX_STATIONS))
  const speed = numberOption('speed', 0.1, 100)
  const catalogue = buildCatalogue(readDataFiles(join(here, '..', '..')))
  if (!catalogue.ok) throw new Error(faultLines(catalogue.faults).join('\n'))
  const dataDir = mkdtempSync(join(tmpdir(), 'busbar-demo-'))
  const clock = createClock({ speed })
  const log = createLog({ format: options.json ? 'json' : 'human', wallMs: () => clock.wallMs() })
  const files = createFiles({ configPath: join(dataDir, 'busbar.json'), dataDir, log })
  const secrets = createSecrets()
  const secretStore = await openSecretStore({ files, secrets, log })
  if (!secretStore.ok) throw new Error(faultLines(secretStore.faults).join('\n'))
  await secretStore.value.ensureAdmin(process.env.BUSBAR_ADMIN_PASSWORD ?? 'demo')
  const journal = await openJournal({ dataDir, log })
  const network = createNetwork(log)
  const random = createRandom()
  const ports: Ports = {
    clock,
    random,
    secrets,
    network,
    http: createHttp({ log }),
    assets: createAssets({ folder: join(here, '..', 'page') }),
    journal,
    files,
    blobs: createBlobs({ dataDir }),
    bus: createBus(),
    broker: createBroker(),
    log,
  }
  const models = Object.fromEntries(catalogue.value.stationModels)
  const quiet = { write: () => undefined }
  const depot = createDepot({ ports: { clock, random, network, log: quiet }, stations, models, csmsPort: 0 })
  await depot.start()
  const monoMs = (): number => performance.now()
  const meter = await startMeter(modelOf(catalogue.value, METER_DEVICE), depot, monoMs)
  const feederLine = await startFeederMeter(modelOf(catalogue.value, FEEDER_DEVICE), depot, speed)
  const broker = await startMqttServer({ host: HOST, port: 0 })
  const levers = createLevers({ depot, meter, feederLine, broker })
  const config = depot.siteConfig({
    ocppHost: HOST,
    ocppPort: numberOption('ocpp-port', 0, 65535),
    webHost: HOST,
    webPort: numberOption('web-port', 0, 65535),
    mqttUrl: `mqtt://${HOST}:${broker.port}`,
    meter: { device: METER_DEVICE, host: HOST, port: meter.port },
    feederMeter: { device: FEEDER_DEVICE, host: HOST, port: feederLine.port, unitId: FEEDER_UNIT },
  })
  await files.save('config', config)
  const gateway = await startGateway(ports, {
    config,
    catalogue: catalogue.value,
    users: secretStore.value.users,
    userDesk: secretStore.value,
    audit: new AuditKeeper({ files, log }),
    passwordOf: () => undefined,
    levers,
    pageClock: createClock(),
  })
  depot.open(`ws://${HOST}:${gateway.ocppPort}/ocpp`)
  const addresses = [
    '',
    `  page      http://${HOST}:${gateway.webPort}   user admin, password ${process.env.BUSBAR_ADMIN_PASSWORD === undefined ? 'demo' : 'from BUSBAR_ADMIN_PASSWORD'}`,
    `  stations  ws://${HOST}:${gateway.ocppPort}/ocpp/<stationId>   ${stations} simulated, time runs at ${speed} x`,
    `  csms      ${depot.csms.url}`,
    `  meter     Modbus TCP ${HOST}:${meter.port}, unit 1, ${METER_DEVICE}`,
    `  feeder    RTU over TCP ${HOST}:${feederLine.port}, unit ${FEEDER_UNIT}, ${FEEDER_DEVICE} on ${METERED_FEEDER}`,
    `  broker    mqtt://${HOST}:${broker.port}, topics under busbar/demo-depot`,
    `  files     ${dataDir}, removed at the end`,
    '',
    `  Unplug things here or on the page: type "csms off", "meter off", "feeder off", "broker off" (or "... on"); Ctrl-C ends it.`,
    `  Make the meter wrong: "meter wrong ${WRONG_METERS.join('", "meter wrong ')}"; "meter right" mends it.`,
    `  The feeder's likewise: "feeder wrong ${wrongsOf('feeder').join('", "feeder wrong ')}", "feeder right".`,
    '',
  ]
  process.stdout.write(`${addresses.join('\n')}\n`)
  listenToCommands(levers)
  await new Promise<void>(done => {
    process.once('SIGINT', () => done())
    process.once('SIGTERM', () => done())
  })
  const parts: readonly Stoppable[] = [gateway, depot, meter, feederLine, broker, journal, log]
  for (const part of parts) await part.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

function listenToCommands(levers: Levers): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', line => {
    const [id = '', word = '', how = ''] = line.trim().split(/\s+/)
    if (id === '') return
    if ((id === 'meter' || id === 'feeder') && (word === 'wrong' || word === 'right')) {
      wrongMeter(levers, id, word === 'wrong' ? how : undefined)
      return
    }
    const known = ['csms', 'meter', 'feeder', 'broker']
    if (!known.includes(id) || (word !== 'on' && word !== 'off')) {
      process.stdout.write(`  found "${line}", expected one of ${known.join(', ')} and on or off\n`)
      return
    }
    levers.set(id, word === 'off').then(
      () => process.stdout.write(`  ${id} is ${word}\n`),
      (error: unknown) => process.stdout.write(`  ${id}: ${String(error)}\n`),
    )
  })
}

/** Undefined = right again. */
function wrongMeter(levers: Levers, meter: DemoMeter, how: string | undefined): void {
  const ways: readonly string[] = wrongsOf(meter)
  if (how !== undefined && !ways.includes(how)) {
    process.stdout.write(`  ${meter} wrong: found "${how}", expected one of ${ways.join(', ')}\n`)
    return
  }
  const pulls =
    how === undefined
      ? ways.map(way => levers.set(wrongMeterId(meter, way), false))
      : [levers.set(wrongMeterId(meter, how), true)]
  Promise.all(pulls).then(
    () => process.stdout.write(how === undefined ? `  ${meter} is right\n` : `  ${meter} is wrong: ${how}\n`),
    (error: unknown) => process.stdout.write(`  ${meter}: ${String(error)}\n`),
  )
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(
      `the demo could not start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  },
)
