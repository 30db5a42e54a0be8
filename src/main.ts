/**
 * The process: arguments, signals, exit code. Builds the real doors, proves the configuration, starts the gateway.
 * `run` without a sound configuration is set-up mode: the page shows the faults, nothing is controlled, the OCPP port is
 * closed.
 */
import { lstatSync, readFileSync } from 'node:fs'
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
import { readJournalCopy } from './adapters/journal-copy.js'
import { type OpenedOrNot, withJournal } from './adapters/journal-stand-in.js'
import { createLog, isStdoutStuck } from './adapters/log.js'
import { createNetwork } from './adapters/network.js'
import { createProcessMetrics } from './adapters/process-metrics.js'
import { createRandom } from './adapters/random.js'
import { createSecrets } from './adapters/secrets.js'
import { isSerialLine, serialLines } from './adapters/serial-line.js'
import type { SiteConfig } from './core/config/site.js'
import { singleFaults } from './core/site/single-faults.js'
import { buildCatalogue, type DeviceCatalogue } from './gateway/catalogue.js'
import { missingHere, type Proven, proveDocument } from './gateway/prove.js'
import { type ReplayQuestion, replayLines, replayQuestion } from './gateway/replay-report.js'
import { faultLines, installedLines, proofLines, singleFaultLines } from './gateway/report.js'
import { openSecretStore, type SecretStore } from './gateway/secret-store.js'
import { setupAddress, startSetupMode } from './gateway/setup-mode.js'
import { startGateway } from './gateway.js'
import { metersCommand } from './meters-command.js'
import type { Files, Log, Ports, Secrets, Stoppable } from './ports.js'
import { openControlStore } from './store/control-store.js'
import { openDecisionStore } from './store/decision-store.js'

const USAGE = `usage:
  node dist/main.js run   --config FILE [--data FOLDER] [--web-port N] [--exit-on-fault]
  node dist/main.js check --config FILE [--data FOLDER] [--strict]
  node dist/main.js meters scan | read | dump ...
  node dist/main.js replay --from TIME [--to TIME] [--data FOLDER] [--what-if circuits.main.ratedCurrentA=80]...
--web-port is the port of the page while there is no sound configuration; with --exit-on-fault there is no such page.`

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..')
const PAGE = join(here, 'page')

interface Arguments {
  readonly command: 'run' | 'check'
  readonly config: string
  readonly data: string
  readonly webPort?: number
  readonly exitOnFault: boolean
  /** A fault that the protection curve does not bound is a reason to refuse. */
  readonly strict: boolean
}

interface ReplayArguments {
  readonly command: 'replay'
  readonly data: string
  readonly question: ReplayQuestion
}

function readArguments(): Arguments | ReplayArguments | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string', default: './data' },
        'web-port': { type: 'string' },
        'exit-on-fault': { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        from: { type: 'string' },
        to: { type: 'string' },
        'what-if': { type: 'string', multiple: true, default: [] },
      },
    })
    const [command] = positionals
    if (positionals.length === 1 && command === 'replay') {
      const question = replayQuestion({ from: values.from, to: values.to, whatIf: values['what-if'] })
      if (typeof question === 'string') return `${question}\n${USAGE}`
      return { command, data: resolve(values.data), question }
    }
    if (positionals.length !== 1 || (command !== 'run' && command !== 'check')) return USAGE
    if (values.config === undefined) return USAGE
    const webPort = values['web-port']
    if (webPort !== undefined && !(/^\d{1,5}$/.test(webPort) && Number(webPort) <= 65535))
      return `--web-port: found "${webPort}", expected a number from 0 to 65535\n${USAGE}`
    return {
      command,
      config: resolve(values.config),
      data: resolve(values.data),
      ...(webPort !== undefined && { webPort: Number(webPort) }),
      exitOnFault: values['exit-on-fault'],
      strict: values.strict,
    }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`
  }
}

async function main(): Promise<number> {
  if (process.argv[2] === 'meters') return meters(process.argv.slice(3))
  const given = readArguments()
  if (typeof given === 'string') return complain([given], 2)
  if (given.command === 'replay') return replayed(given)
  const built = buildCatalogue(readDataFiles(root))
  if (!built.ok) return complain(faultLines(built.faults), 1)
  const log = createLog({ format: 'json' })
  process.on('SIGHUP', signal => log.write('info', 'signal-ignored', { signal }))
  const files = createFiles({ configPath: given.config, dataDir: given.data, log })
  const secrets = createSecrets()
  const opened = await openSecretStore({ files, secrets })
  if (!opened.ok) return complain(faultLines(opened.faults), 1)
  const parts: Parts = { files, log, secrets, catalogue: built.value, store: opened.value }
  return given.command === 'check' ? check(given, parts) : run(given, parts)
}

async function meters(args: readonly string[]): Promise<number> {
  const built = buildCatalogue(readDataFiles(root))
  if (!built.ok) return complain(faultLines(built.faults), 1)
  return metersCommand(args, {
    bus: createBus(),
    monoMs: createClock().monoMs,
    devices: built.value.meters,
    serialLines,
    print: line => process.stdout.write(`${line}\n`),
  })
}

/** On a copy of the journal: a Busbar may run beside it. */
async function replayed({ data, question }: ReplayArguments): Promise<number> {
  const log = createLog({ format: 'json' })
  try {
    const lines = await readJournalCopy({ dataDir: data, log }, async journal =>
      replayLines(await openDecisionStore(journal, log), question),
    )
    if (lines === undefined) return complain([`no journal in ${data}`], 1)
    process.stdout.write(`${lines.join('\n')}\n`)
    return 0
  } catch (error) {
    return complain(
      [`${data} cannot be read now: ${error instanceof Error ? error.message : String(error)}`],
      1,
    )
  }
}

interface Parts {
  readonly files: Files
  readonly log: Log & Stoppable
  readonly secrets: Secrets
  readonly catalogue: DeviceCatalogue
  readonly store: SecretStore
}

/** What is in the file, and whether it may be run with; a file that cannot be read is a fault like any other. */
async function readConfiguration({
  files,
  catalogue,
}: Parts): Promise<Proven & { readonly document?: unknown }> {
  try {
    const document = await files.load('config')
    return { ...proveDocument(document, catalogue), document }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return { ok: false, faults: [{ path: '(document)', found, expected: 'a JSON document' }] }
  }
}

async function check(given: Arguments, parts: Parts): Promise<number> {
  if (!isThere(given.config)) return complain(['no such configuration file'], 1)
  const proven = await readConfiguration(parts)
  if (proven.config !== undefined && proven.proof !== undefined)
    process.stdout.write(`${proofLines(proven.config, proven.proof).join('\n')}\n`)
  const missing =
    proven.config === undefined ? [] : missingHere(proven.config, { secrets: parts.store, isSerialLine })
  const faults = proven.ok ? missing : [...proven.faults, ...missing]
  if (!proven.ok || faults.length > 0) return complain(faultLines(faults), 1)
  const rows = singleFaults(proven.config, parts.catalogue.stationModels, proven.proof)
  process.stdout.write(`${singleFaultLines(rows).join('\n')}\n`)
  process.stdout.write(`${(await installed(given, parts, proven.config)).join('\n')}\n`)
  return given.strict && rows.some(row => !row.isBounded) ? 1 : 0
}

/** What the data folder says of the stations; nothing where no Busbar has run. */
async function installed(
  { data }: Arguments,
  { log }: Parts,
  config: SiteConfig,
): Promise<readonly string[]> {
  try {
    const records = await readJournalCopy({ dataDir: data, log }, journal =>
      openControlStore(journal, log).bookings(),
    )
    return records === undefined ? [] : installedLines(config, records)
  } catch (error) {
    return [
      '',
      `Configured against installed: ${data} cannot be read now: ${error instanceof Error ? error.message : String(error)}`,
    ]
  }
}

async function run(given: Arguments, parts: Parts): Promise<number> {
  const { log, store } = parts
  const proven = isThere(given.config) ? await readConfiguration(parts) : undefined
  if (proven !== undefined && !proven.ok) complain(faultLines(proven.faults), 1)
  if (proven?.ok === false && given.exitOnFault) return 1
  const code = await store.ensureAdmin(process.env.BUSBAR_ADMIN_PASSWORD).catch((error: unknown) => {
    // nobody can log in then, and stations are controlled all the same
    log.write('error', 'first password not saved', { reason: String(error) })
    return undefined
  })
  if (code !== undefined) process.stdout.write(`Set-up code, shown once: log in as admin with ${code}\n`)
  if (proven?.ok === true) return control(given, parts, proven.config)
  const { secrets } = parts
  const page = await startSetupMode(
    { clock: createClock(), secrets, http: createHttp({ log }), assets: createAssets({ folder: PAGE }), log },
    {
      ...machine(),
      users: store.users,
      configPath: given.config,
      faults: proven?.faults ?? [],
      web: setupAddress(proven?.document, given.webPort),
    },
  )
  return untilSignalled([page, log], log)
}

async function control(given: Arguments, parts: Parts, config: SiteConfig): Promise<number> {
  const { files, log, secrets, catalogue, store } = parts
  for (const { path, found, expected } of missingHere(config, { secrets: store, isSerialLine }))
    log.write('error', 'configuration.missing-here', { path, found, expected })
  const ports: Omit<Ports, 'journal'> = {
    clock: createClock(),
    random: createRandom(),
    secrets,
    network: createNetwork(log),
    http: createHttp({ log }),
    assets: createAssets({ folder: PAGE }),
    files,
    blobs: createBlobs({ dataDir: given.data }),
    bus: createBus(),
    broker: createBroker(),
    log,
  }
  const about = machine()
  const running = await withJournal({ dataDir: given.data, log }, opened =>
    start(
      { ...ports, journal: opened.journal },
      { catalogue, config, secrets: store, opened, machine: about },
    ),
  )
  return untilSignalled([running, log], log)
}

/** Runs until it is told to end, then stops the parts in their order. */
async function untilSignalled(parts: readonly Stoppable[], log: Log): Promise<number> {
  await signalled()
  log.write('info', 'stopping')
  const stopped = (async () => {
    for (const part of parts) await part.stop()
    return 0
  })()
  const late = new Promise<number>(done => {
    setTimeout(() => {
      log.write('error', 'stopped-late', { ms: STOP_WITHIN_MS })
      done(1)
    }, STOP_WITHIN_MS)
  })
  return Promise.race([stopped, late])
}

/** Whoever sent SIGTERM kills after 10 s (systemd, docker): what is not closed by then is left as a power cut would leave it. */
const STOP_WITHIN_MS = 8_000

/** Also a link that leads nowhere, or a pipe: that is a fault, not the absence of a configuration. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

interface Site {
  readonly catalogue: DeviceCatalogue
  readonly config: SiteConfig
  readonly secrets: SecretStore
  readonly opened: OpenedOrNot
  readonly machine: ReturnType<typeof machine>
}

/** What is told of this machine and this process. */
function machine() {
  return { hostname: hostname(), processMetrics: createProcessMetrics(ownVersion()) }
}

function ownVersion(): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return version
}

async function start(ports: Ports, site: Site): Promise<Stoppable> {
  const { catalogue, config, secrets, opened, machine } = site
  const name = config.mqtt?.passwordSecret
  const mqttPassword = name === undefined ? undefined : secrets.named(name)
  return startGateway(ports, {
    config,
    catalogue,
    users: secrets.users,
    passwordOf: stationId => secrets.passwordOf(stationId),
    journalFound: opened.found,
    ...(opened.fault !== undefined && { journalFault: opened.fault }),
    ...machine,
    ...(mqttPassword !== undefined && { mqttPassword }),
  })
}

/** SIGTERM and SIGINT end in order, a second one at once. */
function signalled(): Promise<void> {
  return new Promise(done => {
    let isEnding = false
    const end = (): void => {
      if (isEnding) leave(1)
      isEnding = true
      done()
    }
    process.on('SIGTERM', end)
    process.on('SIGINT', end)
  })
}

/** A write that hangs in a thread of its own would hold up an ordinary exit for ever. */
function leave(exitCode: number): void {
  if (isStdoutStuck()) process.kill(process.pid, 'SIGKILL')
  process.exit(exitCode)
}

// Node would open a debugger for whoever may signal this process.
process.on('SIGUSR1', () => undefined)

function complain(lines: readonly string[], exitCode: number): number {
  process.stderr.write(`${lines.join('\n')}\n`)
  return exitCode
}

main().then(
  exitCode => leave(exitCode),
  (error: unknown) => {
    process.stderr.write(
      `Busbar could not start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  },
)
