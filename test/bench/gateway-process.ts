/** Busbar in a process of its own, composed as `main.ts` does, with real doors and a fresh data folder. */
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createAssets } from '../../src/adapters/assets.js'
import { createBlobs } from '../../src/adapters/blobs.js'
import { createBroker } from '../../src/adapters/broker.js'
import { createBus } from '../../src/adapters/bus.js'
import { createCertificates } from '../../src/adapters/certificates.js'
import { createClock } from '../../src/adapters/clock.js'
import { createFiles } from '../../src/adapters/files.js'
import { boundHeapGrowth } from '../../src/adapters/heap.js'
import { createHttp } from '../../src/adapters/http.js'
import { openJournal } from '../../src/adapters/journal.js'
import { createLog } from '../../src/adapters/log.js'
import { createNetwork } from '../../src/adapters/network.js'
import { createRandom } from '../../src/adapters/random.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { TICK_MS } from '../../src/gateway/control-loop.js'
import { openSecretStore } from '../../src/gateway/secret-store.js'
import { startGateway } from '../../src/gateway.js'
import type { Clock, Journal } from '../../src/ports.js'
import { benchCatalogue, STATION_PASSWORD, siteDocument } from './bench-site.js'
import { percentile } from './figures.js'
import { type Args, type Numbers, numberOf, serve, textOf } from './rpc.js'
import { usage } from './usage.js'

const written = { durable: 0, other: 0, bytes: 0 }
/** Of durable commits, from the call to its end, in the order of their ends. */
const tookMs: number[] = []
/** Of the control loop: how late a tick had decided, from when it was due. */
const ticksMs: number[] = []
const loop = monitorEventLoopDelay({ resolution: 1 })

boundHeapGrowth()
serve({ ...usage, start, watch, writes, ticks })

/** From here on. */
function watch(): Numbers {
  written.durable = written.other = written.bytes = 0
  tookMs.length = 0
  ticksMs.length = 0
  loop.reset()
  loop.enable()
  return {}
}

/** What went to the disk since `watch`, and how long the loop was held. */
function writes(): Numbers {
  const sorted = [...tookMs].sort((a, b) => a - b)
  return { ...written, commitP99Ms: percentile(sorted, 0.99) ?? 0, loopP99Ms: loop.percentile(99) / 1e6 }
}

/** Of the control loop's ticks since `watch`. */
function ticks(): Numbers {
  const sorted = [...ticksMs].sort((a, b) => a - b)
  return { count: sorted.length, p99Ms: percentile(sorted, 0.99) ?? 0, p50Ms: percentile(sorted, 0.5) ?? 0 }
}

/** Tells how late each tick of the control loop was done. */
function timed(clock: Clock): Clock {
  return {
    ...clock,
    every: (periodMs, run) => {
      if (periodMs !== TICK_MS) return clock.every(periodMs, run)
      let beganMs = clock.monoMs()
      return clock.every(periodMs, () => {
        const lateMs = Math.max(0, clock.monoMs() - beganMs - periodMs)
        beganMs = clock.monoMs()
        run()
        ticksMs.push(lateMs + clock.monoMs() - beganMs)
      })
    },
  }
}

/** Counts what goes to the disk. */
function counted(journal: Journal): Journal {
  return {
    commit: (ops, durable) => {
      if (ops.length > 0) written[durable ? 'durable' : 'other'] += 1
      for (const op of ops) written.bytes += op.key.length + (op.kind === 'put' ? op.value.length : 0)
      const beganMs = performance.now()
      const done = journal.commit(ops, durable)
      if (durable && ops.length > 0)
        done.then(
          () => tookMs.push(performance.now() - beganMs),
          () => undefined,
        )
      return done
    },
    scan: (from, to, limit) => journal.scan(from, to, limit),
    extent: (from, to, last) => journal.extent(from, to, last),
    sizeBytes: () => journal.sizeBytes(),
  }
}

/** `document`: the whole of it as JSON, where it is no bench site. */
function documentOf(args: Args): unknown {
  const whole = textOf(args, 'document')
  if (whole !== '') return JSON.parse(whole)
  return siteDocument({
    stations: numberOf(args, 'stations'),
    csmsUrl: textOf(args, 'csmsUrl'),
    ocppPort: 0,
    meterPort: numberOf(args, 'meterPort'),
    mirrorUrl: textOf(args, 'mirrorUrl'),
    mqttUrl: textOf(args, 'mqttUrl'),
    tlsDir: textOf(args, 'tlsDir'),
  })
}

async function start(args: Args): Promise<Numbers> {
  const root = process.cwd()
  const dataDir = textOf(args, 'dataDir')
  const hasTls = textOf(args, 'tlsDir') !== ''
  const admin = textOf(args, 'adminPassword')
  const catalogue = benchCatalogue(root)
  const config = parseSiteConfig(documentOf(args), catalogue)
  if (!config.ok) throw new Error(JSON.stringify(config.faults))
  const log = createLog({ format: 'json' })
  const files = createFiles({ configPath: join(dataDir, 'busbar.json'), dataDir, log })
  const secrets = createSecrets()
  const opened = await openSecretStore({ files, secrets, log })
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults))
  if (admin !== '') await opened.value.ensureAdmin(admin)
  const ports = {
    clock: timed(createClock()),
    random: createRandom(),
    secrets,
    network: createNetwork(log),
    http: createHttp({ log }),
    assets: createAssets({ folder: join(root, 'dist', 'page') }),
    journal: counted(await openJournal({ dataDir, log })),
    files,
    blobs: createBlobs({ dataDir }),
    bus: createBus(),
    broker: createBroker(),
    log,
    ...(hasTls && { certificates: createCertificates() }),
  }
  const gateway = await startGateway(ports, {
    config: config.value,
    catalogue,
    users: opened.value.users,
    passwordOf: id => (hasTls ? Buffer.from(STATION_PASSWORD) : opened.value.passwordOf(id)),
  })
  return { port: gateway.ocppPort, webPort: gateway.webPort }
}
