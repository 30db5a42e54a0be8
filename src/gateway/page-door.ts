/** The page's port, with its certificate: https and http on one, renewed while it runs. */
import type { HttpHandler, HttpListenOptions, Listener, PageInNetwork, Ports, TlsIdentity } from '../ports.js'
import { type AnnouncedAs, PageAnnouncements } from './page-announcement.js'

export interface PageDoor extends Listener {
  /** Of its certificate, as browsers show it: "AB:CD:…". Absent without TLS. */
  readonly fingerprint?: string
  /** As `web` has it now. */
  announce(web: AnnouncedAs): void
  /** Where it is announced. */
  networks(): readonly PageInNetwork[]
}

export interface PageAddress extends Omit<HttpListenOptions, 'tls' | 'host'>, AnnouncedAs {
  /** Of this machine. */
  readonly hostname?: string
  readonly siteId?: string
}

export interface PageIdentities {
  /** What is shown; undefined without TLS. */
  pageIdentity(): TlsIdentity | undefined
  onRenewed?(told: () => void): void
}

/** Rejects with the reason when the port cannot be had. */
export async function openPage(
  ports: Pick<Ports, 'announcer' | 'certificates' | 'http' | 'log'>,
  address: PageAddress,
  identities: PageIdentities,
  web: HttpHandler,
): Promise<PageDoor> {
  const { certificates, http } = ports
  const { host, hostname = '', mayTakeLong, port, siteId } = address
  const shown = identities.pageIdentity()
  const options = { host, port, ...(mayTakeLong !== undefined && { mayTakeLong }) }
  const isSecure = shown !== undefined
  const listener = await http.listen(isSecure ? { ...options, tls: { identities: [shown] } } : options, web)
  const door = announced(ports, listener, {
    ...{ hostname, isSecure },
    ...(siteId !== undefined && { siteId }),
  })
  door.announce(address)
  if (!isSecure) return door
  identities.onRenewed?.(() => {
    const next = identities.pageIdentity()
    if (next !== undefined) listener.renew?.({ identities: [next] })
  })
  const sha256 = certificates?.read(shown.chainPem)?.sha256 ?? ''
  return { ...door, fingerprint: (sha256.match(/../g) ?? []).join(':') }
}

function announced(
  ports: Pick<Ports, 'announcer' | 'log'>,
  listener: Listener,
  page: { readonly hostname: string; readonly isSecure: boolean; readonly siteId?: string },
): PageDoor {
  const announcements = new PageAnnouncements(ports, { ...page, port: listener.port })
  return {
    ...listener,
    announce: web => announcements.renew(web),
    networks: () => announcements.networks(),
    stop: async () => {
      await Promise.all([announcements.stop(), listener.stop()])
    },
  }
}
