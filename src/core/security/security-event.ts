/**
 * What of the log is also of the security record, under the names of the OCPP 1.6 security white paper where it has one, else our
 * own. A table from log event to record; pure. Floods (a station that dials each second, a scanner) make one entry an hour each.
 */

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface SecurityEvent {
  /** White paper §3.6 ("InvalidTLSVersion"), or one of ours. */
  readonly type: string
  /** A station, an address or a person; undefined = the cabinet. */
  readonly about?: string | undefined
  readonly detail?: string | undefined
}

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['unknown-station', 'UnknownStation'],
  ['too-many-unknown', 'UnknownStation'],
  ['no-password', 'StationFailedToAuthenticate'],
  ['password-unknown', 'StationFailedToAuthenticate'],
  ['wrong-password', 'StationFailedToAuthenticate'],
  ['too-many-tries', 'StationFailedToAuthenticate'],
  ['csms-refused', 'FailedToAuthenticateAtCentralSystem'],
  ['second-connection', 'DuplicateIdentity'],
  ['downgrade', 'DowngradeRefused'],
  ['no-certificate', 'InvalidChargePointCertificate'],
  ['certificate-of-another', 'InvalidChargePointCertificate'],
  ['tls-old-version', 'InvalidTLSVersion'],
  ['tls-no-common-suite', 'InvalidTLSCipherSuite'],
  ['tls-revoked', 'InvalidChargePointCertificate'],
  ['tls-expired', 'InvalidChargePointCertificate'],
  ['tls-not-yet-valid', 'InvalidChargePointCertificate'],
  ['tls-unknown-root', 'InvalidChargePointCertificate'],
  ['tls-wrong-use', 'InvalidChargePointCertificate'],
  ['tls-weak-key', 'InvalidChargePointCertificate'],
  ['tls-bad-certificate', 'InvalidChargePointCertificate'],
])

/** By what the link to the CSMS failed. */
const UPWARD: ReadonlyMap<string, string> = new Map([
  ['unauthorized', 'FailedToAuthenticateAtCentralSystem'],
  ['forbidden', 'FailedToAuthenticateAtCentralSystem'],
  ['tls-unknown-root', 'InvalidCentralSystemCertificate'],
  ['tls-expired', 'InvalidCentralSystemCertificate'],
  ['tls-not-yet-valid', 'InvalidCentralSystemCertificate'],
  ['tls-wrong-name', 'InvalidCentralSystemCertificate'],
  ['tls-wrong-pin', 'InvalidCentralSystemCertificate'],
  ['tls-wrong-use', 'InvalidCentralSystemCertificate'],
  ['tls-bad-certificate', 'InvalidCentralSystemCertificate'],
  ['tls-old-version', 'InvalidTLSVersion'],
  ['tls-no-common-suite', 'InvalidTLSCipherSuite'],
])

const NAMED: ReadonlyMap<string, string> = new Map([
  ['busbar runs', 'StartupOfTheDevice'],
  ['set-up mode', 'StartupOfTheDevice'],
  ['password-wrong', 'LoginFailed'],
  ['password.changed', 'StationPasswordChanged'],
  ['password.change-refused', 'StationPasswordChangeRefused'],
  ['password change', 'ReconfigurationOfSecurityParameters'],
  ['key change refused', 'ReconfigurationRefused'],
  ['key change affects limits or security', 'ReconfigurationOfSecurityParameters'],
  ['security-profile.raised', 'SecurityProfileRaised'],
  ['security-profile.lowered', 'SecurityProfileLowered'],
  ['security-profiles.lost', 'SecurityProfilesLost'],
  ['uplift.changed', 'ReconfigurationOfSecurityParameters'],
  ['uplift.certificate-installed', 'UplinkCertificateInstalled'],
  ['uplift.certificate-refused', 'InvalidChargePointCertificate'],
  ['uplift.root-installed', 'UplinkRootInstalled'],
  ['uplift.root-refused', 'InvalidCentralSystemCertificate'],
  ['uplift.root-deleted', 'UplinkRootDeleted'],
  ['authority.founded', 'AuthorityFounded'],
  ['authority.not-opened', 'AuthorityNotOpened'],
  ['certificate.renewed', 'CertificateRenewed'],
  ['certificate.not-renewed', 'CertificateNotRenewed'],
  ['certificate.signed', 'StationCertificateSigned'],
  ['certificate.not-signed', 'StationCertificateNotSigned'],
  ['certificate.revoked', 'StationCertificateRevoked'],
  ['certificate-file.unreadable', 'CertificateFileUnreadable'],
  ['configuration.changed', 'ConfigurationChanged'],
  ['configuration.withdrawn', 'ConfigurationChanged'],
  ['isolation', 'IsolationSet'],
  ['release', 'StationReleased'],
  ['learning window', 'LearningOpened'],
  ['firmware-kept', 'FirmwarePut'],
  ['clock jumped', 'SettingSystemTime'],
  ['journal was damaged', 'JournalDamaged'],
])

/** Undefined for what is none. */
export function securityEventOf(event: string, fields: LogFields): SecurityEvent | undefined {
  const reason = text(fields.reason)
  const type =
    event === 'station.refused'
      ? REFUSED.get(reason ?? '')
      : event === 'csms.retry'
        ? UPWARD.get(reason ?? '')
        : NAMED.get(event)
  if (type === undefined) return undefined
  const about = text(fields.station) ?? text(fields.by) ?? text(fields.remote) ?? hostIn(text(fields.url))
  const said = [
    ...['reason', 'action', 'key', 'profile', 'was', 'paths', 'detail', 'remote', 'sha256', 'by'].flatMap(
      key => {
        const value = fields[key]
        return value === undefined || text(value) === about ? [] : [`${key} ${value}`]
      },
    ),
  ]
  return {
    type,
    ...(about !== undefined && { about }),
    ...(said.length > 0 && { detail: said.join(', ').slice(0, MAX_DETAIL_CHARS) }),
  }
}

const MAX_DETAIL_CHARS = 255

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_DETAIL_CHARS) : undefined
}

/** Of a station's link: its CSMS, not its identity, or each station would make an entry of the same trouble. */
function hostIn(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /^\w+:\/\/([^/?#]+)/.exec(url)?.[1]
}
