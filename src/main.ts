/**
 * The process: arguments, signals, exit code. Builds the real doors, proves the configuration, starts the gateway.
 * `run` without a sound configuration is set-up mode: the page shows the faults, nothing is controlled, the OCPP port is
 * closed.
 */
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAssets } from './adapters/assets.js'
import { createBlobs } from './adapters/blobs.js'
import { createBrokers } from './adapters/brokers.js'
import { createBus } from './adapters/bus.js'
import { createCertificates } from './adapters/certificates.js'
import { createClock } from './adapters/clock.js'
import { firstPassword } from './adapters/credentials.js'
import { readDataFiles } from './adapters/data-files.js'
import { createFiles } from './adapters/files.js'
import { boundHeapGrowth } from './adapters/heap.js'
import { createHttp } from './adapters/http.js'
import { type OpenedOrNot, withJournal } from './adapters/journal-stand-in.js'
import { createLog, isStdoutStuck } from './adapters/log.js'
import { createNetwork } from './adapters/network.js'
import { ownVersion } from './adapters/own-version.js'
import { createAnnouncer } from './adapters/page-announcer.js'
import { createProcessMetrics } from './adapters/process-metrics.js'
import { createRandom } from './adapters/random.js'
import { createSecrets } from './adapters/secrets.js'
import { isSerialLine, meterLines } from './adapters/serial-line.js'
import { createSyslog } from './adapters/syslog.js'
import { createVault } from './adapters/vault.js'
import { type Arguments, readArguments } from './arguments.js'
import { passwordCommand, replayCommand } from './beside-commands.js'
import { checkCommand } from './check-command.js'
import { complain } from './console.js'
import type { SiteConfig } from './core/config/site.js'
import { AuditKeeper } from './gateway/audit-keeper.js'
import { BackupDesk, finishRestore } from './gateway/backup-desk.js'
import { buildCatalogue, type DeviceCatalogue } from './gateway/catalogue.js'
import { ConfigurationDesk, type Loaded } from './gateway/configuration-desk.js'
import type { GatewayOptions } from './gateway/options.js'
import type { PageDoor } from './gateway/page-door.js'
import { missingHere } from './gateway/prove.js'
import { faultLines } from './gateway/report.js'
import { runUntilEnded, START_FAULT } from './gateway/restarts.js'
import { openSecretStore, openSecretsOrNone, type SecretStore } from './gateway/secret-store.js'
import { SecurityRecord } from './gateway/security-record.js'
import { SetupDesk } from './gateway/setup-desk.js'
import { setupAddress, startSetupMode } from './gateway/setup-mode.js'
import { startGateway } from './gateway.js'
import { metersCommand } from './meters-command.js'
import type { Clock, Files, Log, Ports, Secrets, Stoppable } from './ports.js'
import { localNames } from './web/guards.js'
import { createSessions, type Sessions } from './web/sessions.js'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..')
const PAGE = join(here, 'page')

async function main(): Promise<number> {
  if (process.argv[2] === 'meters') return meters(process.argv.slice(3))
  const given = readArguments()
  if (typeof given === 'string') return complain([given], 2)
  if (given.command === 'replay') return replayCommand(given)
  if (given.command === 'password') return passwordCommand(given)
  const built = buildCatalogue(readDataFiles(root))
  if (!built.ok) return complain(faultLines(built.faults), 1)
  const plainLog = createLog({ format: 'json' })
  process.on('SIGHUP', signal => plainLog.write('info', 'signal-ignored', { signal }))
  const isBeside = given.command === 'check'
  const files = createFiles({ configPath: given.config, dataDir: given.data, log: plainLog, isBeside })
  if (!isBeside) await finishRestore(files, plainLog)
  const secrets = createSecrets()
  const clock = createClock()
  // a check leaves no trace
  const record = given.command === 'run' ? await SecurityRecord.open({ clock, files, secrets }) : undefined
  const log = record?.listening(plainLog) ?? plainLog
  const opened = isBeside ? await openSecretStore({ files, secrets, log }) : undefined
  if (opened?.ok === false) return complain(faultLines(opened.faults), 1)
  const store = opened?.value ?? (await openSecretsOrNone({ files, secrets, log, clock }))
  const desk = new ConfigurationDesk({
    ports: { clock, files, log },
    catalogue: built.value,
    missing: config => missingHere(config, { secrets: store, isSerialLine }),
  })
  const backup = new BackupDesk({ ports: { clock, files, secrets, vault: createVault() }, desk, store })
  const setup = await SetupDesk.open({ clock, files, log, network: createNetwork(log) }, store, desk)
  const audit = new AuditKeeper({ files, log })
  const people = { users: store.users, userDesk: store, audit, backup, setup }
  const parts: Parts = { clock, files, log, secrets, catalogue: built.value, store, desk, people, record }
  return given.command === 'check' ? checkCommand(given, parts) : run(given, parts)
}

async function meters(args: readonly string[]): Promise<number> {
  const built = buildCatalogue(readDataFiles(root))
  if (!built.ok) return complain(faultLines(built.faults), 1)
  return metersCommand(args, {
    bus: createBus(),
    monoMs: createClock().monoMs,
    devices: built.value.meters,
    lines: meterLines,
    print: line => process.stdout.write(`${line}\n`),
  })
}

interface Parts {
  readonly clock: Clock
  readonly files: Files
  readonly log: Log & Stoppable
  readonly secrets: Secrets
  readonly catalogue: DeviceCatalogue
  readonly store: SecretStore
  readonly desk: ConfigurationDesk
  readonly people: Pick<GatewayOptions, 'users' | 'userDesk' | 'audit' | 'backup' | 'setup'>
  readonly record: SecurityRecord | undefined
}

async function run(given: Arguments, parts: Parts): Promise<number> {
  const { clock, desk, log, secrets, store } = parts
  const first = await desk.load()
  if (first.proven?.ok === false) {
    complain(faultLines(first.proven.faults), 1)
    if (given.exitOnFault) return 1
  }
  const asked = firstPassword(process.env).then(first => store.ensureAdmin(first))
  const code = await asked.catch((error: unknown) => {
    // nobody can log in then, and stations are controlled all the same
    log.write('error', 'first password not saved', { reason: String(error) })
    return undefined
  })
  if (code !== undefined) process.stdout.write(`Set-up code, shown once: log in as admin with ${code}\n`)
  const kept: Kept = { machine: machine(), sessions: createSessions(clock, secrets) }
  let isFirst = code !== undefined
  return runUntilEnded({
    clock,
    desk,
    first,
    log,
    ending: signalled(),
    prepare: async () => {
      await finishRestore(parts.files, log)
      await store.document()
    },
    begin: async loaded => {
      const begun = await (loaded.proven?.ok === true
        ? control(given, parts, kept, loaded.proven.config)
        : setUp(given, parts, kept, loaded))
      if (isFirst && begun.fingerprint !== undefined)
        process.stdout.write(
          `Certificate of the page, to compare in the browser: SHA-256 ${begun.fingerprint}\n`,
        )
      isFirst = false
      return begun
    },
  })
}

type Begun = Stoppable & Pick<PageDoor, 'fingerprint'>

/** What outlives a restart inside the process. */
interface Kept {
  readonly machine: ReturnType<typeof machine>
  readonly sessions: Sessions
  /** Where the page of set-up mode was last. */
  setUpAt?: ReturnType<typeof setupAddress>
}

function setUp(given: Arguments, parts: Parts, kept: Kept, loaded: Loaded): Promise<Begun> {
  const { clock, desk, files, log, secrets } = parts
  const { proven, document } = loaded
  const faults = proven?.ok === false ? proven.faults : []
  // What the configuration says of the page may be just what could not be started.
  const isBack = faults.some(({ path }) => path === START_FAULT)
  const web = (isBack ? kept.setUpAt : undefined) ?? setupAddress(document, given.webPort)
  kept.setUpAt = web
  return startSetupMode(
    { clock, secrets, files, log, ...doors(log) },
    {
      ...kept.machine,
      ...parts.people,
      devices: parts.catalogue.meters,
      configPath: given.config,
      faults,
      web,
      configuration: desk,
      sessions: kept.sessions,
    },
  )
}

/** Those that set-up mode has too. */
function doors(log: Log) {
  return {
    bus: createBus(),
    http: createHttp({ log }),
    assets: createAssets({ folder: PAGE }),
    certificates: createCertificates(),
    announcer: createAnnouncer(),
  }
}

/** Rejects when it cannot be started; the journal is closed again then. */
async function control(given: Arguments, parts: Parts, kept: Kept, config: SiteConfig): Promise<Begun> {
  const { clock, files, log, secrets, store } = parts
  for (const { path, found, expected } of missingHere(config, { secrets: store, isSerialLine }))
    log.write('error', 'configuration.missing-here', { path, found, expected })
  const ports: Omit<Ports, 'journal'> = {
    clock,
    random: createRandom(),
    secrets,
    network: createNetwork(log),
    files,
    blobs: createBlobs({ dataDir: given.data }),
    ...createBrokers(),
    log,
    syslog: createSyslog(),
    ...doors(log),
  }
  return withJournal({ dataDir: given.data, log }, opened =>
    start({ ...ports, journal: opened.journal }, { parts, kept, config, opened }),
  )
}

interface Site {
  readonly parts: Parts
  readonly kept: Kept
  readonly config: SiteConfig
  readonly opened: OpenedOrNot
}

/** What is told of this machine and this process. */
function machine() {
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  // those of one link alone are known by no station
  const own = addresses.map(({ address }) => address).filter(address => !address.startsWith('fe80'))
  const ownNames = [...localNames(hostname()), 'localhost', ...own]
  const processMetrics = createProcessMetrics(ownVersion(root))
  return { hostname: hostname(), ownNames, serial: meterLines, processMetrics }
}

async function start(ports: Ports, { parts, kept, config, opened }: Site): Promise<Begun> {
  const { catalogue, desk, store } = parts
  const name = config.mqtt?.passwordSecret
  const mqttPassword = name === undefined ? undefined : store.named(name)
  return startGateway(ports, {
    config,
    catalogue,
    ...parts.people,
    passwordOf: stationId => store.passwordOf(stationId),
    passwords: store.passwords,
    journalFound: () => opened.found,
    ...(opened.fault !== undefined && { journalFault: opened.fault }),
    configuration: desk,
    applies: running => desk.applies(running),
    sessions: kept.sessions,
    ...(parts.record !== undefined && { record: parts.record }),
    ...kept.machine,
    ...(mqttPassword !== undefined && { mqttPassword }),
    secretNamed: name => store.named(name),
    secretsLost: () => store.lost(),
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

boundHeapGrowth()
// Node would open a debugger for whoever may signal this process.
process.on('SIGUSR1', () => undefined)

main().then(
  exitCode => leave(exitCode),
  (error: unknown) => {
    process.stderr.write(
      `Busbar could not start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  },
)
