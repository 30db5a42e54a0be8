/**
 * A client certificate as the listener judges it. OpenSSL tells only the last fault it met: where that is one of time, the
 * chain is looked at again without time, so that a stranger's expired certificate is never taken for an expired one of ours.
 */
import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { CertificateFault } from '../core/security/tls-fault.js'
import type { KeyFacts, PeerCertificate } from '../ports.js'
import { certificateFaultOf } from './tls-faults.js'

/**
 * A station's chain has its own certificate, an intermediate and perhaps one more. Every one costs a signature. Not seen where
 * OpenSSL (3.5, Node 24) does not hand out a chain that it has accepted; it refuses weak keys in it by itself.
 */
const MAX_DEPTH = 5
/** Extended key usage of who shows it to a server (RFC 5280 §4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
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
  const chain = chainOf(own)
  if (chain.length > MAX_DEPTH) return 'bad-certificate'
  if (chain.some(one => isWeak(keyFacts(one)))) return 'weak-key'
  if (socket.authorized) return undefined
  const said: unknown = socket.authorizationError
  const fault = certificateFaultOf(
    typeof said === 'string' ? said : said instanceof Error ? said.message : '',
  )
  if (fault === 'bad-certificate' && chain.slice(1).some(above => !above.ca)) return 'wrong-use'
  const isOfTime = fault === 'expired' || fault === 'not-yet-valid'
  if (!isOfTime) return fault
  if (!leadsToRoot(chain, roots)) return 'unknown-root'
  return isForClients(own) ? fault : 'wrong-use'
}

/** As it was shown, its own first; one more than may be where there are more. */
function chainOf(own: X509Certificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  for (let one: X509Certificate | undefined = own; one !== undefined; one = one.issuerCertificate) {
    chain.push(one)
    if (chain.length > MAX_DEPTH) break
  }
  return chain
}

function isForClients({ keyUsage }: X509Certificate): boolean {
  return keyUsage === undefined || keyUsage.length === 0 || keyUsage.includes(CLIENT_AUTH)
}

function leadsToRoot(chain: readonly X509Certificate[], roots: readonly string[]): boolean {
  const trusted = roots.map(pem => new X509Certificate(pem))
  for (const [depth, one] of chain.entries()) {
    if (trusted.some(root => isIssuedBy(one, root))) return true
    const above = chain[depth + 1]
    if (above === undefined || !above.ca || !isIssuedBy(one, above)) return false
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
