/** The part of the doors (ports.ts) about whatever listens, and through which the page is served. */
import type { ServerTls } from './ports-tls.js'

/** Whatever is open or running and can be ended. `stop` is idempotent. */
export interface Stoppable {
  stop(): Promise<void>
}

export interface Listener extends Stoppable {
  /** The port really listened on. */
  readonly port: number
  /** Shows these from the next handshake on; what is open stays. Only where it listens with TLS. */
  renew?(tls: ServerTls): void
}

export interface Http {
  listen(options: HttpListenOptions, fetch: HttpHandler): Promise<Listener>
}

export interface HttpListenOptions {
  readonly host: string
  readonly port: number
  /** A request must be whole within 30 s; one whose path is `mayTakeLong` (files on slow lines) within 15 min. */
  readonly mayTakeLong?: (path: string) => boolean
  /** Then the same port answers https and http; the scheme of a request's URL tells which. */
  readonly tls?: ServerTls
}

export type HttpHandler = (
  request: Request,
  from: { readonly remote: string },
) => Response | Promise<Response>

/** The built page. */
export interface Assets {
  /** `path` like "/index.html"; undefined when there is no such file. Never leaves the page's own folder. */
  load(path: string): Promise<Asset | undefined>
}

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
  /** The same content packed at build, where that was worth it. */
  readonly packed?: { readonly br?: Uint8Array<ArrayBuffer>; readonly gzip?: Uint8Array<ArrayBuffer> }
  /** Another for another content; without quotes. Absent = no caching by content. */
  readonly tag?: string
}

/** The page in the local networks, by mDNS (RFC 6762, 6763). */
export interface Announcer {
  /** Never throws. `changed`: what `networks` says is another. */
  announce(page: AnnouncedPage, changed: () => void): PageAnnouncement
}

export interface AnnouncedPage {
  /** As it stands in lists of services; where another has it, with a number behind it. */
  readonly name: string
  /** What the page listens on: one address, or 0.0.0.0 or :: for all. */
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  /** Each ends in `.local`; at least one. */
  readonly hostNames: readonly string[]
  /** Only in the networks of these. */
  readonly addresses?: readonly string[]
}

/** `stop` takes back what was announced, within half a second. */
export interface PageAnnouncement extends Stoppable {
  networks(): readonly PageInNetwork[]
}

export interface PageInNetwork {
  /** Of this machine there, IPv4. */
  readonly address: string
  /** Absent while nothing is announced. */
  readonly name?: string
  readonly hostNames: readonly string[]
  /** Names that another machine answers for. */
  readonly taken: readonly { readonly name: string; readonly by: string }[]
  /** Why nothing is announced there. */
  readonly fault?: AnnouncingFault
}

/** `name-lost`: another machine has begun to answer for one. It is tried again each minute. */
export interface AnnouncingFault {
  readonly kind: 'names-taken' | 'name-lost' | 'network'
  /** The name, or what the system says. */
  readonly detail: string
}
