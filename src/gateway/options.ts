/** What a gateway is built from beside its ports, and what is to be had of one that runs. */
import type { SiteConfig } from '../core/config/site.js'
import type { Controller } from '../core/control/controller.js'
import type { Proof } from '../core/site/promise.js'
import type { OcppEdge, StationPasswords } from '../ocpp/edge.js'
import type { Clock, Stoppable } from '../ports.js'
import type { AuditLog } from '../web/audit.js'
import type { BackupDesk } from '../web/backup-desk.js'
import type { ConfigurationDesk } from '../web/configuration-desk.js'
import type { Sessions } from '../web/sessions.js'
import type { DemoLevers, UserStore } from '../web/site-reader.js'
import type { UserDesk } from '../web/user-routes.js'
import type { DeviceCatalogue } from './catalogue.js'
import type { FoundAtOpening } from './journal-care.js'
import type { RunningSite } from './live-application.js'
import type { SerialLines } from './meter-desk.js'
import type { PageDoor } from './page-door.js'
import type { SecurityRecord } from './security-record.js'
import type { SetupDesk } from './setup-desk.js'
import type { SiteWindow } from './site-window.js'

export interface GatewayOptions {
  readonly config: SiteConfig
  readonly catalogue: DeviceCatalogue
  readonly users: UserStore
  /** Raw bytes of a station's password. */
  passwordOf(stationId: string): Uint8Array | undefined
  /** Absent: passwords of stations do not change. */
  readonly passwords?: StationPasswords
  readonly mqttPassword?: string
  /** An entry of secrets.json. */
  secretNamed?(name: string): string | undefined
  /** Why nothing of secrets.json is known. */
  secretsLost?(): string | undefined
  readonly levers?: DemoLevers
  /** See WebDeps. */
  readonly userDesk?: UserDesk
  readonly audit?: AuditLog
  readonly backup?: BackupDesk
  readonly configuration?: ConfigurationDesk
  /** Given what runs, once it does. */
  applies?(running: RunningSite): void
  readonly sessions?: Sessions
  readonly setup?: SetupDesk
  /** What the page's sessions and feed count by, where the site's own time runs faster than people do. */
  readonly pageClock?: Clock
  /** What was wrong with the journal when it was opened, also anew while it runs. */
  journalFound?(): FoundAtOpening
  /** The journal could not be opened: nothing is kept and nothing of it is sent (proxy rule 14). */
  readonly journalFault?: string
  /** Listens to the log already. */
  readonly record?: SecurityRecord
  /** Names and addresses of this machine, for its certificate. */
  readonly ownNames?: readonly string[]
  /** Of this machine; its mDNS name is then a name of the page too. */
  readonly hostname?: string
  /** Of this machine; none in simulation. */
  readonly serial?: SerialLines
  /** Metrics of the process, Prometheus text; none in simulation. */
  readonly processMetrics?: () => Promise<string>
}

export interface Gateway extends Stoppable, Pick<PageDoor, 'fingerprint'> {
  readonly ocppPort: number
  /** See OcppEdge. */
  readonly ocppPorts: readonly number[]
  readonly webPort: number
  readonly proof: Proof
  view(): ReturnType<SiteWindow['view']>
  /** What control holds, to be read beside the truth of a simulation. */
  control(): Controller['state']
  /** See OcppEdge. */
  readonly command: OcppEdge['command']
  readonly apply: RunningSite['apply']
}
