/**
 * Set-up mode: there is no configuration yet, or none that is sound. The page is served and says so, with every fault;
 * no OCPP port, no meter, no control.
 */
import type { Fault } from '../core/config/faults.js'
import { siteConfigSchema } from '../core/config/site.js'
import type { SiteView } from '../core/view/document.js'
import { nothingToShow } from '../core/view/nothing-to-show.js'
import { type Said, say } from '../core/words/said.js'
import type { MeterDevice } from '../modbus/device-schema.js'
import type { Ports, TlsIdentity } from '../ports.js'
import type { AuditLog } from '../web/audit.js'
import type { BackupDesk } from '../web/backup-desk.js'
import type { ConfigurationDesk } from '../web/configuration-desk.js'
import { localNames } from '../web/guards.js'
import type { Sessions } from '../web/sessions.js'
import type { SetupDesk } from '../web/setup-desk.js'
import type { UserStore } from '../web/site-reader.js'
import type { UserDesk } from '../web/user-routes.js'
import { createWeb } from '../web/web.js'
import { meterDesk, type SerialLines } from './meter-desk.js'
import type { AnnouncedAs } from './page-announcement.js'
import { openPage, type PageDoor } from './page-door.js'
import { passingIdentity, SiteAuthority } from './site-authority.js'

export interface SetupOptions {
  readonly users: UserStore
  readonly configPath: string
  /** Empty where there is no file yet. */
  readonly faults: readonly Fault[]
  readonly web: AnnouncedAs & { readonly port: number }
  /** See WebDeps. */
  readonly userDesk?: UserDesk
  readonly audit?: AuditLog
  readonly backup?: BackupDesk
  readonly configuration?: ConfigurationDesk
  readonly sessions?: Sessions
  readonly setup?: SetupDesk
  /** What a scan knows. */
  readonly devices: ReadonlyMap<string, MeterDevice>
  /** See GatewayOptions. */
  readonly serial: SerialLines
  readonly hostname: string
  readonly ownNames: readonly string[]
  readonly processMetrics: () => Promise<string>
}

type SetupPorts = Pick<
  Ports,
  'announcer' | 'bus' | 'clock' | 'secrets' | 'http' | 'assets' | 'log' | 'files' | 'certificates'
>

/** Rejects with the reason when the page's port cannot be had. */
export async function startSetupMode(ports: SetupPorts, options: SetupOptions): Promise<PageDoor> {
  const { users, configPath, faults } = options
  const since = new Date(ports.clock.wallMs()).toISOString()
  const missing = faults.length === 0 ? 'No configuration yet' : 'No sound configuration'
  const alarm = say('not-set-up', { what: sayFaults(faults.length), path: configPath })
  const alarms = [{ code: 'not-set-up', ...alarm, since }] as const
  const view = (): SiteView => ({
    ...nothingToShow('not set up', ports.clock.wallMs(), alarms),
    ...(faults.length > 0 && { configurationFaults: faults }),
  })
  let page: PageDoor | undefined
  const web = createWeb({
    ports,
    users,
    site: {
      view,
      history: async () => undefined,
      configuration: () => undefined,
      ledger: async () => [],
      decisions: async () => [],
      orders: async () => [],
      timeZone: () => 'UTC',
      tags: () => [],
      journal: () => ({ stations: [] }),
      deadLetters: async () => [],
      proof: () => undefined,
      metrics: options.processMetrics,
      health: () => [{ code: 'not-set-up', text: `${missing}: nothing is controlled.` }],
      // Nothing happens here but that time goes on, and how long an alarm has been there.
      onChange: changed => {
        const turn = ports.clock.every(1_000, changed)
        return () => turn.cancel()
      },
    },
    redirectsPlain: ports.certificates !== undefined,
    meters: meterDesk({
      ports,
      devices: options.devices,
      serial: options.serial,
      meters: [],
      values: () => undefined,
    }),
    hostNames: [...options.web.hostNames, ...localNames(options.hostname)],
    announced: () => page?.networks() ?? [],
    ...(options.userDesk !== undefined && { userDesk: options.userDesk }),
    ...(options.audit !== undefined && { audit: options.audit }),
    ...(options.backup !== undefined && { backup: options.backup }),
    ...(options.configuration !== undefined && { configuration: options.configuration }),
    ...(options.sessions !== undefined && { sessions: options.sessions }),
    ...(options.setup !== undefined && { setup: options.setup }),
  })
  const shown = await pageIdentity(ports, options)
  const address = { ...options.web, hostname: options.hostname }
  page = await openPage(ports, address, { pageIdentity: () => shown }, web)
  ports.log.write('warn', 'set-up mode', {
    webPort: page.port,
    pageSha256: page.fingerprint,
    config: configPath,
    faults: faults.length,
  })
  return page
}

/** Of the authority that the site will have; its root carries the machine's name, as the site has none yet. */
async function pageIdentity(
  { certificates, ...ports }: SetupPorts,
  { hostname, ownNames }: SetupOptions,
): Promise<TlsIdentity | undefined> {
  if (certificates === undefined) return undefined
  const made = { ...ports, certificates }
  const who = { siteId: hostname, names: ownNames.map(name => name.toLowerCase()) }
  try {
    const { pageIdentity } = await SiteAuthority.open(made, who)
    if (pageIdentity !== undefined) return pageIdentity
  } catch (fault) {
    ports.log.write('error', 'authority.not-opened', { reason: String(fault) })
  }
  return passingIdentity(made, who)
}

/** Where the page is to be found: where the file says, as far as that can be read, unless it is told otherwise. */
export function setupAddress(document: unknown, webPort: number | undefined): SetupOptions['web'] {
  const { web } = siteConfigSchema.shape
  const written = typeof document === 'object' && document !== null ? Reflect.get(document, 'web') : undefined
  const read = web.safeParse(written)
  const { host, hostNames, mdns, port } = read.success ? read.data : web.parse({})
  return { host, hostNames, mdns, port: webPort ?? port }
}

function sayFaults(count: number): Said {
  if (count === 0) return say('configuration-missing')
  return count === 1 ? say('configuration-fault') : say('configuration-faults', { count })
}
