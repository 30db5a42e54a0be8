/**
 * Whose certificate it is. A station's certificate names it as common name, as DNS name (SAN) or as the subject's serial
 * number: its identity, or what the operator wrote as the name of its certificate (white paper A00.FR.403-405: the
 * common name is the serial number, the organization the CPO). Compared exactly; a wildcard names nobody.
 */

export interface CertificateNames {
  readonly commonNames: readonly string[]
  /** Attribute serialNumber of the subject. */
  readonly serialNumbers: readonly string[]
  readonly dnsNames: readonly string[]
  readonly organizations: readonly string[]
}

/** `name`: what the certificate of this station carries where that is not its identity. */
export interface ExpectedName {
  readonly stationId: string
  readonly name?: string | undefined
  /** The organization it must name; undefined = any. */
  readonly cpoName?: string | undefined
}

export function isCertificateOf(names: CertificateNames, expected: ExpectedName): boolean {
  const wanted = expected.name ?? expected.stationId
  if (expected.cpoName !== undefined && !names.organizations.includes(expected.cpoName)) return false
  // Two common names are two answers to one question.
  if (names.commonNames.length > 1) return false
  return [names.commonNames, names.serialNumbers, names.dnsNames].some(list => list.includes(wanted))
}
