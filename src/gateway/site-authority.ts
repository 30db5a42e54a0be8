/**
 * The site authority: a root made at first start, certificates for this cabinet that renew themselves, certificates for
 * stations, and who is revoked. Kept in `authority.json`. What is not on the disk was not signed; a document that is there
 * and cannot be read is never replaced, because a new root would have to be carried to every station.
 */
import {
  type AuthorityDocument,
  authoritySchema,
  type IssuedCertificate,
  MAX_ISSUED,
  type RevokedCertificate,
} from '../core/config/authority.js'
import { parseDocument } from '../core/config/faults.js'
import { isRenewalDue, validityOf } from '../core/security/validity.js'
import type { Certificates, Clock, Files, KeyKind, Log, TlsIdentity } from '../ports.js'

const NAME = 'authority'
const KINDS: readonly KeyKind[] = ['ecdsa', 'rsa']

export interface AuthorityPorts {
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
  readonly certificates: Certificates
}

export interface AuthorityOptions {
  readonly siteId: string
  /** DNS names and addresses under which this cabinet is dialled. */
  readonly names: readonly string[]
}

/** Why a request was not signed. */
export type SignFault = 'not-a-request' | 'weak-key' | 'foreign-identity' | 'not-kept'

export class SiteAuthority {
  readonly #ports: AuthorityPorts
  readonly #options: AuthorityOptions
  #document: AuthorityDocument
  #tail: Promise<unknown> = Promise.resolve()
  #listeners: (() => void)[] = []
  /** Why the last change is not on the disk. */
  #saveFault: string | undefined

  private constructor(ports: AuthorityPorts, options: AuthorityOptions, document: AuthorityDocument) {
    this.#ports = ports
    this.#options = options
    this.#document = document
  }

  /** Makes the root where there is none. Rejects with an Error when the document cannot be read. */
  static async open(ports: AuthorityPorts, options: AuthorityOptions): Promise<SiteAuthority> {
    const found = await ports.files.load(NAME)
    const document = found === undefined ? await founded(ports, options) : read(found)
    const authority = new SiteAuthority(ports, options, document)
    await authority.renew()
    return authority
  }

  get rootPem(): string {
    return this.#document.root.certificatePem
  }

  get servers(): readonly TlsIdentity[] {
    return this.#document.servers
  }

  /** One is enough for browsers, and people compare one fingerprint. */
  get pageIdentity(): TlsIdentity | undefined {
    return this.#document.servers[0]
  }

  get saveFault(): string | undefined {
    return this.#saveFault
  }

  issued(): readonly IssuedCertificate[] {
    return this.#document.issued
  }

  revoked(): readonly RevokedCertificate[] {
    return this.#document.revoked
  }

  onRenewed(told: () => void): void {
    this.#listeners.push(told)
  }

  /** Makes the cabinet's certificates anew where they end soon or lack a name. What was there serves on if that fails. */
  async renew(): Promise<void> {
    const { certificates, clock, log } = this.#ports
    const nowMs = clock.wallMs()
    const isDue = ({ chainPem }: TlsIdentity): boolean => {
      const facts = certificates.read(chainPem)
      return facts === undefined || isRenewalDue(facts, nowMs)
    }
    const isNamed = this.#options.names.every(name => this.#document.names.includes(name))
    const { servers } = this.#document
    if (isNamed && servers.length === KINDS.length && !servers.some(isDue)) return
    try {
      const servers = await serversFor(this.#ports, this.#document.root, this.#options, nowMs)
      await this.#change(() => ({ servers, names: [...this.#options.names] }))
    } catch (fault) {
      log.write('error', 'certificate.not-renewed', { reason: reasonOf(fault) })
      return
    }
    log.write('info', 'certificate.renewed', { names: this.#options.names.join(' ') })
    for (const told of this.#listeners) told()
  }

  /** A station's request, signed with the name it is to have; durable before it is given away. */
  async sign(
    requestPem: string,
    order: {
      readonly stationId: string
      readonly name: string
      readonly cpoName?: string | undefined
      readonly by: string
    },
  ): Promise<{ readonly chainPem: string } | { readonly fault: SignFault }> {
    const { certificates, clock } = this.#ports
    const request = await certificates.readRequest(requestPem)
    if (request === undefined) return { fault: 'not-a-request' }
    if (!isStrong(request.key)) return { fault: 'weak-key' }
    const asked = [...request.commonNames, ...request.serialNumbers]
    if (asked.length === 0 || asked.some(name => name !== order.name)) return { fault: 'foreign-identity' }
    const nowMs = clock.wallMs()
    const chainPem = await certificates.issue({
      issuer: this.#document.root,
      subject: { requestPem },
      name: { commonName: order.name, ...(order.cpoName !== undefined && { organization: order.cpoName }) },
      use: 'client',
      ...validityOf('station', nowMs),
    })
    const facts = certificates.read(chainPem)
    if (facts === undefined) return { fault: 'not-a-request' }
    const entry: IssuedCertificate = {
      stationId: order.stationId,
      sha256: facts.sha256,
      serial: facts.serial,
      notAfter: iso(facts.notAfterMs),
      issuedAt: iso(nowMs),
      by: order.by,
    }
    try {
      await this.#change(({ issued }) => ({ issued: [...issued, entry].slice(-MAX_ISSUED) }))
    } catch {
      return { fault: 'not-kept' }
    }
    return { chainPem }
  }

  isRevoked(sha256: string): boolean {
    return this.#document.revoked.some(entry => entry.sha256 === sha256)
  }

  /** Holds at once, also when it cannot be written. False when it cannot. */
  async revoke(sha256: string, stationId: string | undefined, by: string): Promise<boolean> {
    if (this.isRevoked(sha256)) return true
    const at = iso(this.#ports.clock.wallMs())
    const entry = { sha256, ...(stationId !== undefined && { stationId }), at, by }
    const revoked = [...this.#document.revoked, entry].slice(-MAX_ISSUED)
    this.#document = { ...this.#document, revoked }
    try {
      await this.#change(() => ({}))
      return true
    } catch {
      return false
    }
  }

  /** One after the other, each upon what the one before left: none takes back what another said meanwhile. */
  #change(change: (before: AuthorityDocument) => Partial<AuthorityDocument>): Promise<void> {
    const turn = this.#tail.then(async () => {
      const next = { ...this.#document, ...change(this.#document) }
      try {
        await this.#ports.files.save(NAME, next)
      } catch (fault) {
        this.#saveFault = reasonOf(fault)
        throw fault
      }
      this.#saveFault = undefined
      // A revocation holds in memory before its turn comes.
      this.#document = { ...next, revoked: this.#document.revoked }
    })
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = turn.catch(() => undefined)
    return turn
  }
}

/** A certificate that nobody kept: for a page that must be reached to mend what could not be read. */
export async function passingIdentity(
  ports: Pick<AuthorityPorts, 'certificates' | 'clock'>,
  options: AuthorityOptions,
): Promise<TlsIdentity> {
  const nowMs = ports.clock.wallMs()
  const root = await newRoot(ports, options, nowMs)
  return newServer(ports, root, { ...options, kind: 'ecdsa', nowMs })
}

async function newRoot(
  { certificates }: Pick<AuthorityPorts, 'certificates'>,
  { siteId }: AuthorityOptions,
  nowMs: number,
): Promise<AuthorityDocument['root']> {
  const keyPem = await certificates.makeKey('ecdsa')
  const name = { commonName: `Busbar ${siteId}`, organization: 'Busbar site authority' }
  return {
    keyPem,
    certificatePem: await certificates.makeRoot({ keyPem, name, ...validityOf('root', nowMs) }),
  }
}

async function founded(ports: AuthorityPorts, options: AuthorityOptions): Promise<AuthorityDocument> {
  const { certificates, clock, files, log } = ports
  const root = await newRoot(ports, options, clock.wallMs())
  const document: AuthorityDocument = {
    version: 1,
    root,
    servers: [],
    names: [],
    issued: [],
    revoked: [],
  }
  await files.save(NAME, document)
  log.write('warn', 'authority.founded', { sha256: certificates.read(root.certificatePem)?.sha256 })
  return document
}

function read(found: unknown): AuthorityDocument {
  const parsed = parseDocument(authoritySchema, found)
  if (parsed.ok) return parsed.value
  const [fault] = parsed.faults
  throw new Error(`authority.json: ${fault?.path}: expected ${fault?.expected}`)
}

async function serversFor(
  ports: AuthorityPorts,
  root: AuthorityDocument['root'],
  options: AuthorityOptions,
  nowMs: number,
): Promise<TlsIdentity[]> {
  const made: TlsIdentity[] = []
  for (const kind of KINDS) made.push(await newServer(ports, root, { ...options, kind, nowMs }))
  return made
}

async function newServer(
  { certificates }: Pick<AuthorityPorts, 'certificates'>,
  root: AuthorityDocument['root'],
  { kind, names, nowMs, siteId }: AuthorityOptions & { readonly kind: KeyKind; readonly nowMs: number },
): Promise<TlsIdentity> {
  const keyPem = await certificates.makeKey(kind)
  const chainPem = await certificates.issue({
    issuer: root,
    subject: { keyPem },
    name: { commonName: names.find(name => !isAddress(name)) ?? `busbar-${siteId}` },
    use: 'server',
    dnsNames: names.filter(name => !isAddress(name)),
    addresses: names.filter(isAddress),
    ...validityOf('server', nowMs),
  })
  return { keyPem, chainPem }
}

/** White paper A00.FR.502. */
function isStrong({ kind, bits }: { readonly kind: KeyKind | 'other'; readonly bits: number }): boolean {
  return (kind === 'rsa' && bits >= 2048 && bits <= 8192) || (kind === 'ecdsa' && bits >= 224)
}

export function isAddress(name: string): boolean {
  return name.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(name)
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()

function reasonOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
