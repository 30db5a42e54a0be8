/**
 * The configuration keys by which a CSMS manages the link of a station to it (white paper §2.10 and A05). For a station that is
 * lifted they are about the cabinet's own link and answered here, whatever the station says of its own. Pure.
 */

/** Characters of a CertificateSigned chain; what OCPP allows. */
export const MAX_CHAIN_CHARS = 10_000

export interface UplinkFacts {
  readonly profile: 2 | 3
  readonly cpoName: string | undefined
  readonly maxRoots: number
  /** Without one there is no profile 3. */
  readonly hasCertificate: boolean
}

export interface VirtualKey {
  readonly key: string
  readonly readonly: boolean
  readonly value?: string
}

/** As GetConfiguration tells them. */
export function upliftKeys({ cpoName = '', maxRoots, profile }: UplinkFacts): readonly VirtualKey[] {
  return [
    { key: 'AdditionalRootCertificateCheck', readonly: true, value: 'false' },
    { key: 'CertificateSignedMaxChainSize', readonly: true, value: String(MAX_CHAIN_CHARS) },
    { key: 'CertificateStoreMaxLength', readonly: true, value: String(maxRoots) },
    { key: 'CpoName', readonly: false, value: cpoName },
    { key: 'SecurityProfile', readonly: false, value: String(profile) },
  ]
}

export type KeyChange =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'profile'; readonly profile: 3 }
  | { readonly kind: 'cpo-name'; readonly name: string }

/** Undefined = the key is the station's. */
export function judgeUpliftKey(key: string, value: string, facts: UplinkFacts): KeyChange | undefined {
  const name = key.toLowerCase()
  if (!upliftKeys(facts).some(known => known.key.toLowerCase() === name)) return undefined
  if (name === 'cponame' && value.length > 0 && value.length <= 64) return { kind: 'cpo-name', name: value }
  // only upward, and only to what can be shown (A05)
  const isRaise = name === 'securityprofile' && value === '3' && facts.profile === 2 && facts.hasCertificate
  return isRaise ? { kind: 'profile', profile: 3 } : { kind: 'refuse' }
}
