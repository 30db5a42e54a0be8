/**
 * What a TLS client of ours trusts and shows: the system's roots or the operator's or both, pins over them, a client
 * certificate. Verification is never off; a pin only narrows it. Facts: reliability-security CS1.
 */
import { createHash, X509Certificate } from 'node:crypto'
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  rootCertificates,
  type SecureContext,
} from 'node:tls'
import type { ClientTls } from '../ports.js'

interface TlsClientOptions {
  readonly minVersion: 'TLSv1.2'
  readonly rejectUnauthorized: true
  readonly ca?: string[]
  readonly key?: string
  readonly cert?: string
  readonly checkServerIdentity?: typeof checkServerIdentity
}

/** For ws and mqtt alike. `tls` undefined = the system's roots. Throws for what cannot be read. */
export function clientOptions(tls: ClientTls | undefined): TlsClientOptions {
  const floor: TlsClientOptions = { minVersion: 'TLSv1.2', rejectUnauthorized: true }
  if (tls === undefined) return floor
  const { systemRoots, roots, pins, identity } = tls
  // With none at all, node:tls would take the system's.
  if (!systemRoots && roots.length === 0) throw new Error('no root to verify the server by')
  return {
    ...floor,
    ...(roots.length > 0 && { ca: systemRoots ? [...rootCertificates, ...roots] : [...roots] }),
    ...(identity !== undefined && { key: identity.keyPem, cert: identity.chainPem }),
    ...(pins.length > 0 && { checkServerIdentity: (host, peer) => identityFault(host, peer, pins) }),
  }
}

/** Of sites with a certificate for each station; a context with the system's roots takes some hundred kilobytes. */
const MAX_CONTEXTS = 16
const contexts = new Map<string, SecureContext>()

interface SharedTlsOptions extends Pick<TlsClientOptions, 'rejectUnauthorized' | 'checkServerIdentity'> {
  readonly secureContext: SecureContext
}

/**
 * The same for many connections that trust and show the same: reading the system's roots takes some 30 ms, in which nothing else
 * runs, and 500 links come back together.
 */
export function sharedClientOptions(tls: ClientTls | undefined): SharedTlsOptions {
  const { checkServerIdentity, rejectUnauthorized, ...whole } = clientOptions(tls)
  const key = JSON.stringify([tls?.systemRoots, tls?.roots, tls?.identity])
  const secureContext = contexts.get(key) ?? createSecureContext(whole)
  contexts.delete(key)
  contexts.set(key, secureContext)
  for (const oldest of contexts.keys()) {
    if (contexts.size <= MAX_CONTEXTS) break
    contexts.delete(oldest)
  }
  return {
    rejectUnauthorized,
    secureContext,
    ...(checkServerIdentity !== undefined && { checkServerIdentity }),
  }
}

function identityFault(host: string, peer: PeerCertificate, pins: readonly string[]): Error | undefined {
  const wrongName = checkServerIdentity(host, peer)
  if (wrongName !== undefined) return wrongName
  if (pins.includes(spkiPin(new X509Certificate(peer.raw)))) return undefined
  return Object.assign(new Error('the key of the server is none of the pinned ones'), {
    code: 'BUSBAR_WRONG_PIN',
  })
}

/** SHA-256 of the public key as it stands in the certificate (SPKI), base64. */
export function spkiPin(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}
