/**
 * Tells a SIEM each entry of the security record as it is made, by syslog over TLS. What waits is bounded, the oldest goes first and is
 * counted; the record itself stays here whole. A receiver that is away for a minute is an alarm, and nothing waits for it.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { SyslogState } from '../core/view/certificate-conditions.js'
import { syslogFrame } from '../core/view/syslog-message.js'
import type {
  ClientTls,
  Clock,
  Log,
  Ports,
  Random,
  Stoppable,
  SyslogDoor,
  SyslogLink,
  Timer,
} from '../ports.js'
import type { SecurityRecord } from './security-record.js'

/** At 500 octets each, half a megabyte: days of a site that nobody attacks. */
const MAX_WAITING = 1_000
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000
const ALARM_AFTER_MS = 60_000

export interface SyslogFeedDeps {
  readonly ports: {
    readonly clock: Clock
    readonly log: Log
    readonly random: Random
    readonly syslog: SyslogDoor
  }
  readonly config: NonNullable<SiteConfig['syslog']>
  readonly siteId: string
  tls(): ClientTls | undefined
  readonly record: Pick<SecurityRecord, 'onEntry'>
}

export class SyslogFeed implements Stoppable {
  readonly #deps: SyslogFeedDeps
  readonly #listening: Stoppable
  readonly #waiting: string[] = []
  #link: SyslogLink | undefined
  #isOpen = false
  #isStopped = false
  #retry: Timer | undefined
  #failures = 0
  #dropped = 0
  #awaySinceMs: number | undefined
  #reason = 'not reached yet'

  constructor(deps: SyslogFeedDeps) {
    this.#deps = deps
    this.#awaySinceMs = deps.ports.clock.monoMs()
    this.#listening = deps.record.onEntry(entry => {
      this.#waiting.push(syslogFrame(entry, { siteId: deps.siteId }))
      if (this.#waiting.length > MAX_WAITING) {
        this.#waiting.shift()
        this.#dropped++
      }
      this.#flush()
    })
    this.#dial()
  }

  /** Empty while it is there, or away for less than a minute. */
  alarm(): { readonly syslog?: SyslogState } {
    const since = this.#awaySinceMs
    if (since === undefined || this.#deps.ports.clock.monoMs() - since < ALARM_AFTER_MS) return {}
    return { syslog: { reason: this.#reason, waiting: this.#waiting.length, dropped: this.#dropped } }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#retry?.cancel()
    await this.#listening.stop()
    this.#link?.stop()
  }

  #dial(): void {
    const { config, ports, tls } = this.#deps
    const { host, port } = config
    const trust = tls()
    const link = ports.syslog.connect(
      { host, port, ...(trust !== undefined && { tls: trust }) },
      { open: () => this.#opened(), closed: reason => this.#closed(reason) },
    )
    this.#link = link
  }

  #opened(): void {
    this.#isOpen = true
    this.#failures = 0
    this.#awaySinceMs = undefined
    this.#flush()
  }

  #closed(reason: string): void {
    const { clock, log, random } = this.#deps.ports
    this.#isOpen = false
    if (this.#isStopped) return
    if (this.#reason !== reason || this.#awaySinceMs === undefined)
      log.write('warn', 'syslog.away', { detail: reason })
    this.#reason = reason
    this.#awaySinceMs ??= clock.monoMs()
    const ceilingMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 6))
    this.#retry = clock.after(Math.round(ceilingMs * (0.5 + random.next() / 2)), () => this.#dial())
  }

  /** What was written into a connection that then broke is lost there: the protocol knows no answer. */
  #flush(): void {
    while (this.#isOpen) {
      const [first] = this.#waiting
      if (first === undefined || this.#link?.send(first) !== true) return
      this.#waiting.shift()
    }
  }
}

/** Undefined where none is configured, or nothing can be sent. */
export function startSyslog(
  ports: Pick<Ports, 'clock' | 'log' | 'random' | 'syslog'>,
  { site, syslog: config }: SiteConfig,
  record: SecurityRecord | undefined,
  tls: () => ClientTls | undefined,
): SyslogFeed | undefined {
  const { syslog } = ports
  if (config === undefined || record === undefined || syslog === undefined) return undefined
  return new SyslogFeed({ ports: { ...ports, syslog }, config, siteId: site.id, tls, record })
}
