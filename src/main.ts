/**
 * The process: arguments, signals, exit code. Builds the real doors, proves the configuration, starts the gateway.
 * `run` without a configuration file is set-up mode: the page says so, nothing is controlled, the OCPP port is closed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createAssets } from './adapters/assets.js'
import { createBlobs } from './adapters/blobs.js'
import { createBroker } from './adapters/broker.js'
import { createBus } from './adapters/bus.js'
import { createClock } from './adapters/clock.js'
import { readDataFiles } from './adapters/data-files.js'
import { createFiles } from './adapters/files.js'
import { createHttp } from './adapters/http.js'
import { openJournal } from './adapters/journal.js'
import { createLog } from './adapters/log.js'
import { createNetwork } from './adapters/network.js'
import { createProcessMetrics } from './adapters/process-metrics.js'
import { createRandom } from './adapters/random.js'
import { createSecrets } from './adapters/secrets.js'
import type { Fault } from './core/config/faults.js'
import type { SiteConfig } from './core/config/site.js'
import { parseSiteConfig } from './core/config/site-faults.js'
import { type Proof, proveSite } from './core/site/promise.js'
import { singleFaults } from './core/site/single-faults.js'
import { buildCatalogue, type DeviceCatalogue } from './gateway/catalogue.js'
import { faultLines, proofLines, singleFaultLines } from './gateway/report.js'
import { openSecretStore, type SecretStore } from './gateway/secret-store.js'
import { startSetupMode } from './gateway/setup-mode.js'
import { startGateway } from './gateway.js'
import type { Files, Log, Ports, Stoppable } from './ports.js'

const USAGE = `usage:
  node dist/main.js run   --config FILE --data FOLDER
  node dist/main.js check --config FILE [--strict]`

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..')

interface Arguments {
  readonly command: 'run' | 'check'
  readonly config: string
  readonly data: string
  /** A fault that the protection curve does not bound is a reason to refuse. */
  readonly strict: boolean
}

function readArguments(): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string', default: './data' },
        strict: { type: 'boolean', default: false },
      },
    })
    const [command] = positionals
    if (positionals.length !== 1 || (command !== 'run' && command !== 'check')) return USAGE
    if (values.config === undefined) return USAGE
    return { command, config: resolve(values.config), data: resolve(values.data), strict: values.strict }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}

type Proven =
  | { readonly ok: true; readonly config: SiteConfig; readonly proof: Proof }
  | {
      readonly ok: false
      readonly faults: readonly Fault[]
      readonly config?: SiteConfig
      readonly proof?: Proof
    }

function prove(document: unknown, catalogue: DeviceCatalogue): Proven {
  const parsed = parseSiteConfig(document, catalogue)
  if (!parsed.ok) return parsed
  const config = parsed.value
  const profile = catalogue.siteProfiles.get(config.site.profile)
  if (profile === undefined) return { ok: false, faults: [] }
  const proof = proveSite(config, catalogue.stationModels, profile)
  return proof.faults.length === 0
    ? { ok: true, config, proof }
    : { ok: false, faults: proof.faults, config, proof }
}

async function main(): Promise<number> {
  const given = readArguments()
  if (typeof given === 'string') return complain([given], 2)
  const built = buildCatalogue(readDataFiles(root))
  if (!built.ok) return complain(faultLines(built.faults), 1)
  const log = createLog({ format: 'json' })
  const files = createFiles({ configPath: given.config, dataDir: given.data, log })
  if (given.command === 'check') return check(await files.load('config'), built.value, given.strict)
  return run(given, { files, log, catalogue: built.value })
}

function check(document: unknown, catalogue: DeviceCatalogue, strict: boolean): number {
  if (document === undefined) return complain(['no such configuration file'], 1)
  const proven = prove(document, catalogue)
  if (proven.config !== undefined && proven.proof !== undefined)
    process.stdout.write(`${proofLines(proven.config, proven.proof).join('\n')}\n`)
  if (!proven.ok) return complain(faultLines(proven.faults), 1)
  const rows = singleFaults(proven.config, catalogue.stationModels, proven.proof)
  process.stdout.write(`${singleFaultLines(rows).join('\n')}\n`)
  return strict && rows.some(row => !row.isBounded) ? 1 : 0
}

async function run(
  given: Arguments,
  parts: { files: Files; log: Log & Stoppable; catalogue: DeviceCatalogue },
): Promise<number> {
  const { files, log, catalogue } = parts
  const isNew = !existsSync(given.config)
  const proven = isNew ? undefined : prove(await files.load('config'), catalogue)
  if (proven !== undefined && !proven.ok) return complain(faultLines(proven.faults), 1)
  const secrets = createSecrets()
  const opened = await openSecretStore({ files, secrets })
  if (!opened.ok) return complain(faultLines(opened.faults), 1)
  const code = await opened.value.ensureAdmin(process.env.BUSBAR_ADMIN_PASSWORD)
  if (code !== undefined) process.stdout.write(`Set-up code, shown once: log in as admin with ${code}\n`)
  const journal = await openJournal({ dataDir: given.data, log })
  const ports: Ports = {
    clock: createClock(),
    random: createRandom(),
    secrets,
    network: createNetwork(log),
    http: createHttp({ log }),
    assets: createAssets({ folder: join(here, 'page') }),
    journal,
    files,
    blobs: createBlobs({ dataDir: given.data }),
    bus: createBus(),
    broker: createBroker(),
    log,
  }
  const machine = { hostname: hostname(), processMetrics: createProcessMetrics(ownVersion()) }
  const running =
    proven === undefined
      ? await startSetupMode(ports, { ...machine, users: opened.value.users, configPath: given.config })
      : await start(ports, {
          catalogue,
          config: proven.config,
          secrets: opened.value,
          journalGap: journal.gapFound,
          machine,
        })
  await signalled()
  log.write('info', 'stopping')
  await running.stop()
  await journal.stop()
  await log.stop()
  return 0
}

interface Site {
  readonly catalogue: DeviceCatalogue
  readonly config: SiteConfig
  readonly secrets: SecretStore
  readonly journalGap: boolean
  readonly machine: { readonly hostname: string; readonly processMetrics: () => Promise<string> }
}

function ownVersion(): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return version
}

async function start(ports: Ports, site: Site): Promise<Stoppable> {
  const { catalogue, config, secrets, journalGap, machine } = site
  const name = config.mqtt?.passwordSecret
  const mqttPassword = name === undefined ? undefined : secrets.named(name)
  return startGateway(ports, {
    config,
    catalogue,
    users: secrets.users,
    passwordOf: stationId => secrets.passwordOf(stationId),
    journalGap,
    ...machine,
    ...(mqttPassword !== undefined && { mqttPassword }),
  })
}

function signalled(): Promise<void> {
  return new Promise(done => {
    process.once('SIGTERM', () => done())
    process.once('SIGINT', () => done())
  })
}

function complain(lines: readonly string[], exitCode: number): number {
  process.stderr.write(`${lines.join('\n')}\n`)
  return exitCode
}

main().then(
  exitCode => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(
      `Busbar could not start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  },
)
