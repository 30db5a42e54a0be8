/**
 * The part of the doors (ports.ts) that is about TLS and certificates: what is shown, what is demanded, and who makes and
 * reads them. PEM throughout. Must not know any library.
 */
import type { CertificateNames } from './core/security/certificate-identity.js'
import type { CertificateFault } from './core/security/tls-fault.js'

/** A private key and the certificates for its public half: its own first, then what signed it, no root. */
export interface TlsIdentity {
  readonly keyPem: string
  readonly chainPem: string
}

export interface ServerTls {
  /** One of each kind of key, for old stations verify RSA alone. At least one. */
  readonly identities: readonly TlsIdentity[]
  /** Who signs client certificates. Absent = none is asked for. Never empty. */
  readonly clientRoots?: readonly string[]
}

export interface ClientTls {
  /** Those the runtime was built with. */
  readonly systemRoots: boolean
  readonly roots: readonly string[]
  /** SHA-256 of the server's public key (SPKI), base64; one of them must fit. Empty = not pinned. */
  readonly pins: readonly string[]
  readonly identity?: TlsIdentity
}

/** A client certificate as it was shown and judged. */
export interface PeerCertificate extends CertificateNames {
  /** Its own serial number, upper-case hexadecimal. */
  readonly serial: string
  /** SHA-256 of the whole certificate, hexadecimal without colons. */
  readonly sha256: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Of chain, time, use and key; undefined = nothing was found wrong. A fault of time is told only of a chain that holds. */
  readonly fault?: CertificateFault
}

/** Makes and reads certificates and keys; asks no network. */
export interface Certificates {
  makeKey(kind: KeyKind): Promise<string>
  /** A root of its own: signs certificates, nothing else. */
  makeRoot(root: { readonly keyPem: string; readonly name: CertificateName } & Validity): Promise<string>
  /** For the public half of `keyPem`, or for the key of a request. */
  issue(order: CertificateOrder): Promise<string>
  makeRequest(request: { readonly keyPem: string; readonly name: CertificateName }): Promise<string>
  /** Undefined when it is none, or not signed by its own key. */
  readRequest(pem: string): Promise<SigningRequest | undefined>
  /** The first certificate of the text; undefined when there is none. */
  read(pem: string): CertificateFacts | undefined
  /** The certificates of a text, one by one; empty when one of them cannot be read. */
  split(pem: string): readonly string[]
  /** Whether `issuer` signed `pem`; time is not looked at. */
  isIssuedBy(pem: string, issuer: string): boolean
  /** Whether the first certificate of `chainPem` is for this key. */
  isKeyOf(keyPem: string, chainPem: string): boolean
  /** As OCPP names a certificate (white paper, CertificateHashDataType). */
  hashesOf(pem: string, issuer: string, algorithm: HashAlgorithm): Promise<CertificateHashes>
  /** A PEM file of the operator's. Rejects with an Error that says why it cannot be read. */
  file(path: string): Promise<string>
}

export type KeyKind = 'ecdsa' | 'rsa'
export type HashAlgorithm = 'SHA256' | 'SHA384' | 'SHA512'

export interface CertificateName {
  readonly commonName: string
  readonly organization?: string
}

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface CertificateOrder extends Validity {
  readonly issuer: { readonly keyPem: string; readonly certificatePem: string }
  readonly name: CertificateName
  readonly subject: { readonly keyPem: string } | { readonly requestPem: string }
  readonly use: 'server' | 'client'
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
}

export interface SigningRequest extends CertificateNames {
  readonly key: KeyFacts
}

export interface KeyFacts {
  readonly kind: KeyKind | 'other'
  readonly bits: number
}

export interface CertificateFacts extends CertificateNames {
  readonly serial: string
  readonly sha256: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly isRoot: boolean
  readonly key: KeyFacts
  /** Addresses of the subject alternative name. */
  readonly addresses: readonly string[]
}

export interface CertificateHashes {
  readonly hashAlgorithm: HashAlgorithm
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
}

/** Carries the security record to whoever collects it, over TLS. */
export interface SyslogDoor {
  /** Ends in one `closed`, whether it was open before or not; never throws. */
  connect(
    target: { readonly host: string; readonly port: number; readonly tls?: ClientTls },
    handlers: SyslogHandlers,
  ): SyslogLink
}

export interface SyslogHandlers {
  open(): void
  closed(reason: string): void
}

export interface SyslogLink {
  /** False when it is not taken now: closed, or too much is not sent yet. */
  send(text: string): boolean
  stop(): void
}
