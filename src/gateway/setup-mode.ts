/**
 * Set-up mode: there is no configuration yet. The page is served and says so; no OCPP port, no meter, no control.
 */
import type { SiteView } from '../core/view/document.js'
import type { Ports, Stoppable } from '../ports.js'
import { localNames } from '../web/guards.js'
import type { UserStore } from '../web/site-reader.js'
import { createWeb } from '../web/web.js'

const DEFAULT_WEB = { host: '0.0.0.0', port: 8080 }

export interface SetupOptions {
  readonly users: UserStore
  readonly configPath: string
  /** See GatewayOptions. */
  readonly hostname: string
  readonly processMetrics: () => Promise<string>
}

export async function startSetupMode(ports: Ports, options: SetupOptions): Promise<Stoppable> {
  const { users, configPath } = options
  const since = new Date(ports.clock.wallMs()).toISOString()
  const text = `No configuration yet: write ${configPath} and start Busbar again. Nothing is controlled, stations cannot connect.`
  const view = (): SiteView => ({
    siteId: 'not set up',
    at: new Date(ports.clock.wallMs()).toISOString(),
    mode: 'degraded',
    alarms: [{ code: 'not-set-up', text, since }],
    csms: { state: 'none', openLinks: 0, connectedStations: 0, waitingMessages: 0 },
    mqtt: { state: 'none' },
    circuits: [],
    meters: [],
    stations: [],
    refusedStations: [],
  })
  const web = createWeb({
    ports,
    users,
    site: {
      view,
      history: () => undefined,
      configuration: () => undefined,
      ledger: async () => [],
      metrics: options.processMetrics,
      health: () => [{ code: 'not-set-up', text: 'No configuration yet: nothing is controlled.' }],
      onChange: () => () => undefined,
    },
    hostNames: localNames(options.hostname),
  })
  const page = await ports.http.listen(DEFAULT_WEB, web)
  ports.log.write('warn', 'set-up mode', { webPort: page.port, config: configPath })
  return page
}
