/**
 * A client certificate as the listener judges it. OpenSSL tells only the last fault it met: where that is one of time, the
 * chain is looked at again without time, so that a stranger's expired certificate is never taken for an expired one of ours.
 */
import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { CertificateFault } from '../core/security/tls-fault.js'
import type { KeyFacts, PeerCertificate } from '../ports.js'
import { certificateFaultOf } from './tls-faults.js'

/** A station's chain has its own certificate, an intermediate and perhaps one more. */
const MAX_DEPTH = 5
/** White paper A00.FR.502: at least 2048 bit RSA or 224 bit EC. */
const MIN_RSA_BITS = 2048
const MIN_EC_BITS = 224
/** Verifying a larger one costs more than anybody needs. */
const MAX_RSA_BITS = 8192

const CURVE_BITS: ReadonlyMap<string, number> = new Map([
  ['secp224r1', 224],
  ['prime256v1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
])

/** Undefined when the client showed none. */
export function peerCertificate(socket: TLSSocket, roots: readonly string[]): PeerCertificate | undefined {
  const own = socket.getPeerX509Certificate()
  if (own === undefined) return undefined
  const { subject } = socket.getPeerCertificate()
  const fault = faultOf(socket, own, roots)
  return {
    commonNames: attribute(subject, 'CN'),
    organizations: attribute(subject, 'O'),
    serialNumbers: attribute(subject, 'serialNumber'),
    dnsNames: dnsNames(own),
    serial: own.serialNumber.toUpperCase(),
    sha256: own.fingerprint256.replaceAll(':', ''),
    notBeforeMs: Date.parse(own.validFrom),
    notAfterMs: Date.parse(own.validTo),
    ...(fault !== undefined && { fault }),
  }
}

function faultOf(
  socket: TLSSocket,
  own: X509Certificate,
  roots: readonly string[],
): CertificateFault | undefined {
  if (isWeak(keyFacts(own))) return 'weak-key'
  if (socket.authorized) return undefined
  const said: unknown = socket.authorizationError
  const fault = certificateFaultOf(
    typeof said === 'string' ? said : said instanceof Error ? said.message : '',
  )
  const isOfTime = fault === 'expired' || fault === 'not-yet-valid'
  return isOfTime && !leadsToRoot(own, roots) ? 'unknown-root' : fault
}

function leadsToRoot(own: X509Certificate, roots: readonly string[]): boolean {
  const trusted = roots.map(pem => new X509Certificate(pem))
  let one: X509Certificate | undefined = own
  for (let depth = 0; one !== undefined && depth < MAX_DEPTH; depth++) {
    const below: X509Certificate = one
    if (trusted.some(root => isIssuedBy(below, root))) return true
    const above: X509Certificate | undefined = below.issuerCertificate
    if (above === undefined || !above.ca || !isIssuedBy(below, above)) return false
    one = above
  }
  return false
}

/** Name and signature; time is not looked at. */
export function isIssuedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  return one.checkIssued(issuer) && one.verify(issuer.publicKey)
}

export function keyFacts({ publicKey }: Pick<X509Certificate, 'publicKey'>): KeyFacts {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  if (publicKey.asymmetricKeyType === 'rsa') return { kind: 'rsa', bits: modulusLength ?? 0 }
  const bits = CURVE_BITS.get(namedCurve ?? '') ?? 0
  return publicKey.asymmetricKeyType === 'ec' && bits > 0
    ? { kind: 'ecdsa', bits }
    : { kind: 'other', bits: 0 }
}

/** Kinds the white paper does not know are refused with the weak ones. */
export function isWeak({ kind, bits }: KeyFacts): boolean {
  if (kind === 'rsa') return bits < MIN_RSA_BITS || bits > MAX_RSA_BITS
  return kind !== 'ecdsa' || bits < MIN_EC_BITS
}

/** One name or several: Node gives a text or a list. */
export function attribute(subject: unknown, name: string): readonly string[] {
  const found: unknown =
    typeof subject === 'object' && subject !== null ? Reflect.get(subject, name) : undefined
  const list: readonly unknown[] = Array.isArray(found) ? found : [found]
  return list.filter(one => typeof one === 'string')
}

/** Node writes odd names in quotes: none of these is a station's. */
export function dnsNames({
  subjectAltName = '',
}: Pick<X509Certificate, 'subjectAltName'>): readonly string[] {
  return alternativeNames(subjectAltName, 'DNS:')
}

export function alternativeNames(text: string, kind: 'DNS:' | 'IP Address:'): readonly string[] {
  if (text.includes('"')) return []
  return text
    .split(', ')
    .filter(part => part.startsWith(kind))
    .map(part => part.slice(kind.length))
}
