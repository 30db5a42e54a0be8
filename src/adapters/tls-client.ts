/**
 * What a TLS client of ours trusts and shows: the system's roots or the operator's or both, pins over them, a client
 * certificate. Verification is never off; a pin only narrows it. Facts: reliability-security CS1.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate, rootCertificates } from 'node:tls'
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
