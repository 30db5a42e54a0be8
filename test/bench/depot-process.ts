/** The simulated depot in a process of its own: stations with cars, both meters and the CSMS, on real sockets at real time. */
import { join } from 'node:path'
import { createClock } from '../../src/adapters/clock.js'
import { createLog } from '../../src/adapters/log.js'
import { createNetwork } from '../../src/adapters/network.js'
import { createRandom } from '../../src/adapters/random.js'
import { createDepot, type Depot } from '../../src/sim/depot.js'
import { startFeederMeter, startMeter } from '../../src/sim/depot-meters.js'
import { benchCatalogue, FEEDER_DEVICE, METER_DEVICE } from './bench-site.js'
import { type Args, type Numbers, numberOf, serve, textOf } from './rpc.js'

let depot: Depot | undefined

serve({
  start,
  open: args => {
    depot?.open(textOf(args, 'url'))
    return {}
  },
})

async function start(args: Args): Promise<Numbers> {
  const catalogue = benchCatalogue(join(process.cwd()))
  const network = createNetwork(createLog({ format: 'json' }))
  const ports = { clock: createClock(), random: createRandom(), network, log: { write: () => undefined } }
  const models = Object.fromEntries(catalogue.stationModels)
  const started = createDepot({ ports, stations: numberOf(args, 'stations'), models, csmsPort: 0 })
  depot = started
  await started.start()
  const device = (id: string) => {
    const found = catalogue.meters.get(id)
    if (found === undefined) throw new Error(`no device file ${id}`)
    return found
  }
  const meter = await startMeter(device(METER_DEVICE), started, () => performance.now())
  const feeder = await startFeederMeter(device(FEEDER_DEVICE), started, 1)
  return { csmsPort: Number(new URL(started.csms.url).port), meterPort: meter.port, feederPort: feeder.port }
}
