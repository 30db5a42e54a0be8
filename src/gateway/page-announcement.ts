/** The page in the local networks: what of `web` is announced there, anew where that is another, and what became of it in the log. */
import type { SiteConfig } from '../core/config/site.js'
import type { PageAnnouncement, PageInNetwork, Ports, Stoppable } from '../ports.js'
import { localNames } from '../web/guards.js'

export type AnnouncedAs = Pick<SiteConfig['web'], 'host' | 'hostNames' | 'mdns'>

interface Page {
  readonly port: number
  readonly isSecure: boolean
  /** Absent in set-up mode. */
  readonly siteId?: string
  /** Of this machine. */
  readonly hostname: string
}

/** Nothing here holds anybody up: it is begun, and what comes of it is a note. */
export class PageAnnouncements implements Stoppable {
  readonly #ports: Pick<Ports, 'announcer' | 'log'>
  readonly #page: Page
  #now: PageAnnouncement | undefined
  #wish: string | undefined
  #ended: Promise<void> = Promise.resolve()
  readonly #told = new Map<string, string>()

  constructor(ports: Pick<Ports, 'announcer' | 'log'>, page: Page) {
    this.#ports = ports
    this.#page = page
  }

  /** As `web` has it; what was announced otherwise is taken back. */
  renew({ host, hostNames, mdns }: AnnouncedAs): void {
    const wish = JSON.stringify([host, hostNames, mdns])
    if (wish === this.#wish) return
    this.#wish = wish
    const old = this.#now
    this.#now = undefined
    this.#told.clear()
    this.#ended = Promise.all([this.#ended, old?.stop()]).then(() => {
      if (wish === this.#wish) this.#begin({ host, hostNames, mdns })
    })
  }

  networks(): readonly PageInNetwork[] {
    return this.#now?.networks() ?? []
  }

  async stop(): Promise<void> {
    this.#wish = undefined
    await this.#ended
    await this.#now?.stop()
  }

  #begin({ host, hostNames, mdns }: AnnouncedAs): void {
    const { hostname, isSecure, port, siteId } = this.#page
    const names = localHostNames(hostNames, hostname)
    if (mdns === false || names.length === 0) return
    const { addresses, name } = mdns === true ? {} : mdns
    const page = {
      ...{ host, port, isSecure, hostNames: names },
      name: name ?? ['Busbar', siteId ?? hostname].join(' ').trim(),
      ...(addresses !== undefined && { addresses }),
    }
    this.#now = this.#ports.announcer?.announce(page, () => this.#tell())
  }

  #tell(): void {
    for (const network of this.networks()) {
      const { address, fault, hostNames, name, taken } = network
      const text = JSON.stringify(network)
      if (this.#told.get(address) === text) continue
      this.#told.set(address, text)
      if (name !== undefined)
        this.#ports.log.write('info', 'page.announced', { address, name, hostNames: hostNames.join(' ') })
      if (fault !== undefined || taken.length > 0)
        this.#ports.log.write('warn', 'page.not-announced', {
          address,
          ...(fault !== undefined && { reason: `${fault.kind}: ${fault.detail}` }),
          ...(taken.length > 0 && { taken: taken.map(({ name, by }) => `${name} by ${by}`).join(', ') }),
        })
    }
  }
}

/** Those of the configuration that are of mDNS, else the machine's own. */
function localHostNames(hostNames: readonly string[], hostname: string): readonly string[] {
  const written = hostNames.filter(name => /^[^.]+\.local$/.test(name))
  return written.length > 0 ? written : localNames(hostname)
}
