/** Busbar in a process of its own, composed as `main.ts` does, with real doors and a fresh data folder. */
import { join } from 'node:path'
import { createAssets } from '../../src/adapters/assets.js'
import { createBlobs } from '../../src/adapters/blobs.js'
import { createBroker } from '../../src/adapters/broker.js'
import { createBus } from '../../src/adapters/bus.js'
import { createClock } from '../../src/adapters/clock.js'
import { createFiles } from '../../src/adapters/files.js'
import { createHttp } from '../../src/adapters/http.js'
import { openJournal } from '../../src/adapters/journal.js'
import { createLog } from '../../src/adapters/log.js'
import { createNetwork } from '../../src/adapters/network.js'
import { createRandom } from '../../src/adapters/random.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { openSecretStore } from '../../src/gateway/secret-store.js'
import { startGateway } from '../../src/gateway.js'
import { benchCatalogue, siteDocument } from './bench-site.js'
import { type Args, type Numbers, numberOf, serve, textOf } from './rpc.js'
import { usage } from './usage.js'

serve({ ...usage, start })

async function start(args: Args): Promise<Numbers> {
  const root = process.cwd()
  const dataDir = textOf(args, 'dataDir')
  const catalogue = benchCatalogue(root)
  const document = siteDocument({
    stations: numberOf(args, 'stations'),
    csmsUrl: textOf(args, 'csmsUrl'),
    ocppPort: 0,
    meterPort: numberOf(args, 'meterPort'),
  })
  const config = parseSiteConfig(document, catalogue)
  if (!config.ok) throw new Error(JSON.stringify(config.faults))
  const log = createLog({ format: 'json' })
  const files = createFiles({ configPath: join(dataDir, 'busbar.json'), dataDir, log })
  const secrets = createSecrets()
  const opened = await openSecretStore({ files, secrets, log })
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults))
  const ports = {
    clock: createClock(),
    random: createRandom(),
    secrets,
    network: createNetwork(log),
    http: createHttp({ log }),
    assets: createAssets({ folder: join(root, 'dist', 'page') }),
    journal: await openJournal({ dataDir, log }),
    files,
    blobs: createBlobs({ dataDir }),
    bus: createBus(),
    broker: createBroker(),
    log,
  }
  const gateway = await startGateway(ports, {
    config: config.value,
    catalogue,
    users: opened.value.users,
    passwordOf: id => opened.value.passwordOf(id),
  })
  return { port: gateway.ocppPort }
}
