/**
 * The links of lifted stations to the CSMS (`stations[].uplift`): the keys, certificates and roots that the CSMS manages there, kept
 * in `uplifts.json`. What is not on the disk was not taken. A key never leaves; a root that the CSMS installs is trusted for
 * that station's link alone, and pins of the configuration hold over it.
 */
import { parseDocument } from '../core/config/faults.js'
import type { SiteConfig } from '../core/config/site.js'
import { MAX_UPLINK_ROOTS, type Uplift, type UpliftsDocument, upliftsSchema } from '../core/config/uplift.js'
import { isCertificateOf } from '../core/security/certificate-identity.js'
import {
  judgeUpliftKey,
  MAX_CHAIN_CHARS,
  type UplinkFacts,
  upliftKeys,
} from '../core/security/uplift-keys.js'
import { isClockTrusted, isRenewalDue } from '../core/security/validity.js'
import type { StationUplift } from '../ocpp/edge.js'
import type { CertificateHashes, Certificates, Clock, Files, Log, TlsIdentity } from '../ports.js'

const NAME = 'uplifts'
/** OCPP: InstallCertificate. */
const MAX_ROOT_CHARS = 5_500
/** A CSMS may want a person to sign. */
const ASK_AGAIN_MS = 24 * 3_600_000
const NONE: Uplift = { roots: [] }

interface UpliftPorts {
  readonly certificates: Certificates
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
}

export interface UpliftSite {
  config(): SiteConfig
  /** Roots that the operator trusts: told to the CSMS, and not its to delete. */
  ownRoots(): readonly string[]
}

export class Uplifts {
  readonly #ports: UpliftPorts
  readonly #site: UpliftSite
  #document: UpliftsDocument
  /** Monotonic times of requests: a new one makes the one before it void. */
  readonly #askedMs = new Map<string, number>()
  #tail: Promise<unknown> = Promise.resolve()

  private constructor(ports: UpliftPorts, site: UpliftSite, document: UpliftsDocument) {
    this.#ports = ports
    this.#site = site
    this.#document = document
  }

  /** What cannot be read is started without: then the CSMS refuses where it wants a certificate. */
  static async open(ports: UpliftPorts, site: UpliftSite): Promise<Uplifts> {
    const nothing: UpliftsDocument = { version: 1, stations: {} }
    try {
      const found = await ports.files.load(NAME)
      const parsed = parseDocument(upliftsSchema, found ?? nothing)
      if (parsed.ok) return new Uplifts(ports, site, parsed.value)
      ports.log.write('error', 'uplifts.unreadable', { reason: parsed.faults[0]?.path })
    } catch (fault) {
      ports.log.write('error', 'uplifts.unreadable', { reason: reasonOf(fault) })
    }
    return new Uplifts(ports, site, nothing)
  }

  /** Undefined = the station is not lifted. */
  of(stationId: string): StationUplift | undefined {
    if (this.#configured(stationId) === undefined) return undefined
    return {
      keys: () => upliftKeys(this.#facts(stationId)),
      change: (key, value) => this.#change(stationId, key, value),
      request: () => this.#request(stationId),
      renewal: async () => (this.#isRenewalDue(stationId) ? this.#request(stationId) : undefined),
      certificateSigned: chainPem => this.#certificateSigned(stationId, chainPem),
      installRoot: pem => this.#installRoot(stationId, pem),
      deleteRoot: hashes => this.#deleteRoot(stationId, hashes),
      roots: () => Promise.all(this.#rootsOf(stationId).map(pem => this.#hashes(pem))),
    }
  }

  /** What its link shows beside the configuration, and trusts beside it; undefined = the station is not lifted. */
  linkOf(
    stationId: string,
  ): { readonly identity?: TlsIdentity; readonly roots: readonly string[] } | undefined {
    if (this.#configured(stationId) === undefined) return undefined
    const { identity, roots } = this.#kept(stationId)
    const isShown = identity !== undefined && this.#facts(stationId).profile === 3
    return { roots, ...(isShown && { identity }) }
  }

  /** Certificates shown to the CSMS, by station. */
  identities(): readonly (readonly [stationId: string, identity: TlsIdentity])[] {
    return this.#site.config().stations.flatMap(({ id }) => {
      const identity = this.linkOf(id)?.identity
      return identity === undefined ? [] : [[id, identity] as const]
    })
  }

  #configured(stationId: string): { readonly securityProfile: 2 | 3 } | undefined {
    return this.#site.config().stations.find(({ id }) => id === stationId)?.uplift
  }

  #kept(stationId: string): Uplift {
    const { stations } = this.#document
    return (Object.hasOwn(stations, stationId) ? stations[stationId] : undefined) ?? NONE
  }

  #facts(stationId: string): UplinkFacts {
    const { cpoName, identity, securityProfile = 2 } = this.#kept(stationId)
    const configured = this.#configured(stationId)?.securityProfile ?? 2
    return {
      profile: configured === 3 || securityProfile === 3 ? 3 : 2,
      cpoName: cpoName ?? this.#site.config().ocpp.cpoName,
      maxRoots: MAX_UPLINK_ROOTS,
      hasCertificate: identity !== undefined,
    }
  }

  #change(stationId: string, key: string, value: string): Promise<boolean> | undefined {
    const change = judgeUpliftKey(key, value, this.#facts(stationId))
    switch (change?.kind) {
      case undefined:
        return undefined
      case 'refuse':
        return Promise.resolve(false)
      case 'cpo-name':
        return this.#keep(stationId, () => ({ cpoName: change.name }))
      case 'profile':
        return this.#keep(stationId, () => ({ securityProfile: change.profile }))
    }
  }

  #isRenewalDue(stationId: string): boolean {
    const { certificates, clock } = this.#ports
    const askedMs = this.#askedMs.get(stationId)
    if (askedMs !== undefined && clock.monoMs() - askedMs < ASK_AGAIN_MS) return false
    const { identity } = this.#kept(stationId)
    const facts = identity === undefined ? undefined : certificates.read(identity.chainPem)
    return facts !== undefined && isRenewalDue(facts, clock.wallMs())
  }

  async #request(stationId: string): Promise<string | undefined> {
    const { certificates, clock } = this.#ports
    this.#askedMs.set(stationId, clock.monoMs())
    const keyPem = await certificates.makeKey('ecdsa')
    const { cpoName } = this.#facts(stationId)
    const name = {
      commonName: this.#nameOf(stationId),
      ...(cpoName !== undefined && { organization: cpoName }),
    }
    const csr = await certificates.makeRequest({ keyPem, name })
    return (await this.#keep(stationId, () => ({ pendingKeyPem: keyPem }))) ? csr : undefined
  }

  async #certificateSigned(stationId: string, chainPem: string): Promise<string | undefined> {
    const { pendingKeyPem: keyPem } = this.#kept(stationId)
    if (keyPem === undefined) return 'none was asked for'
    const fault = this.#faultOfChain(stationId, keyPem, chainPem)
    if (fault !== undefined) return fault
    const installed = { identity: { keyPem, chainPem }, pendingKeyPem: undefined }
    const isKept = await this.#keep(stationId, () => installed)
    return isKept ? undefined : 'it could not be kept'
  }

  #faultOfChain(stationId: string, keyPem: string, chainPem: string): string | undefined {
    const { certificates } = this.#ports
    const chain = chainPem.length > MAX_CHAIN_CHARS ? [] : certificates.split(chainPem)
    const own = certificates.read(chain[0] ?? '')
    if (own === undefined) return 'it cannot be read'
    if (!certificates.isKeyOf(keyPem, chainPem)) return 'it is for another key'
    if (!isCertificateOf(own, { stationId, name: this.#nameOf(stationId) })) return 'it is for another name'
    if (this.#isOutOfTime(own)) return 'it does not hold now'
    const isChain = chain.every((pem, at) => {
      const above = chain[at + 1]
      return above === undefined || certificates.isIssuedBy(pem, above)
    })
    return isChain ? undefined : 'its chain does not hold together'
  }

  async #installRoot(stationId: string, pem: string): Promise<'Accepted' | 'Rejected' | 'Failed'> {
    const { certificates } = this.#ports
    const found = pem.length > MAX_ROOT_CHARS ? [] : certificates.split(pem)
    const [one = ''] = found
    const facts = certificates.read(one)
    if (found.length !== 1 || facts?.isRoot !== true || this.#isOutOfTime(facts)) return 'Rejected'
    const { bits, kind } = facts.key
    if (!(kind === 'rsa' ? bits >= 2048 && bits <= 8192 : kind === 'ecdsa' && bits >= 224)) return 'Rejected'
    const { roots } = this.#kept(stationId)
    if (roots.some(root => certificates.read(root)?.sha256 === facts.sha256)) return 'Accepted'
    if (roots.length >= MAX_UPLINK_ROOTS) return 'Rejected'
    return (await this.#keep(stationId, before => ({ roots: [...before.roots, one] })))
      ? 'Accepted'
      : 'Failed'
  }

  async #deleteRoot(
    stationId: string,
    wanted: CertificateHashes,
  ): Promise<'Accepted' | 'Failed' | 'NotFound'> {
    const { roots } = this.#kept(stationId)
    for (const pem of this.#rootsOf(stationId)) {
      const hashes = await this.#ports.certificates.hashesOf(pem, pem, wanted.hashAlgorithm)
      if (!isSame(hashes, wanted)) continue
      if (!roots.includes(pem)) return 'Failed' // the operator's own
      const others = (before: Uplift) => ({ roots: before.roots.filter(root => root !== pem) })
      return (await this.#keep(stationId, others)) ? 'Accepted' : 'Failed'
    }
    return 'NotFound'
  }

  #rootsOf(stationId: string): readonly string[] {
    return [...this.#site.ownRoots(), ...this.#kept(stationId).roots]
  }

  #hashes(pem: string): Promise<CertificateHashes> {
    return this.#ports.certificates.hashesOf(pem, pem, 'SHA256')
  }

  #nameOf(stationId: string): string {
    return this.#site.config().stations.find(({ id }) => id === stationId)?.certificateName ?? stationId
  }

  #isOutOfTime({ notAfterMs, notBeforeMs }: { readonly notAfterMs: number; readonly notBeforeMs: number }) {
    const nowMs = this.#ports.clock.wallMs()
    return isClockTrusted(nowMs) && (notAfterMs <= nowMs || notBeforeMs > nowMs)
  }

  /** One after the other. False when it is not on the disk; then what was before holds on. */
  #keep(stationId: string, change: (before: Uplift) => UpliftChange): Promise<boolean> {
    const turn = this.#tail.then(async () => {
      const before = this.#kept(stationId)
      const stations = { ...this.#document.stations, [stationId]: merged(before, change(before)) }
      const next = { ...this.#document, stations }
      try {
        await this.#ports.files.save(NAME, next)
      } catch (fault) {
        this.#ports.log.write('error', 'uplifts.not-kept', { station: stationId, reason: reasonOf(fault) })
        return false
      }
      this.#document = next
      return true
    })
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = turn.catch(() => undefined)
    return turn
  }
}

type UpliftChange = { readonly [K in keyof Uplift]?: Uplift[K] | undefined }

function merged(before: Uplift, part: UpliftChange): Uplift {
  const { pendingKeyPem, ...rest } = { ...before, ...part }
  return upliftsSchema.shape.stations.valueType.parse({
    ...rest,
    ...(pendingKeyPem !== undefined && { pendingKeyPem }),
  })
}

function isSame(one: CertificateHashes, other: CertificateHashes): boolean {
  const plain = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '')
  return (
    plain(one.serialNumber) === plain(other.serialNumber) &&
    one.issuerKeyHash.toLowerCase() === other.issuerKeyHash.toLowerCase() &&
    one.issuerNameHash.toLowerCase() === other.issuerNameHash.toLowerCase()
  )
}

function reasonOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
