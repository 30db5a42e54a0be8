/** The page's port, with its certificate: https and http on one, renewed while it runs. */
import type { HttpHandler, HttpListenOptions, Listener, Ports, TlsIdentity } from '../ports.js'

export interface PageDoor extends Listener {
  /** Of its certificate, as browsers show it: "AB:CD:…". Absent without TLS. */
  readonly fingerprint?: string
}

export interface PageIdentities {
  /** What is shown; undefined without TLS. */
  pageIdentity(): TlsIdentity | undefined
  onRenewed?(told: () => void): void
}

/** Rejects with the reason when the port cannot be had. */
export async function openPage(
  { certificates, http }: Pick<Ports, 'certificates' | 'http'>,
  address: Omit<HttpListenOptions, 'tls'>,
  identities: PageIdentities,
  web: HttpHandler,
): Promise<PageDoor> {
  const { host, port, mayTakeLong } = address
  const shown = identities.pageIdentity()
  const options = { host, port, ...(mayTakeLong !== undefined && { mayTakeLong }) }
  if (shown === undefined) return http.listen(options, web)
  const listener = await http.listen({ ...options, tls: { identities: [shown] } }, web)
  identities.onRenewed?.(() => {
    const next = identities.pageIdentity()
    if (next !== undefined) listener.renew?.({ identities: [next] })
  })
  const sha256 = certificates?.read(shown.chainPem)?.sha256 ?? ''
  return { ...listener, fingerprint: (sha256.match(/../g) ?? []).join(':') }
}
