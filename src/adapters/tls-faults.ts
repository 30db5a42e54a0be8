/** The codes of OpenSSL and Node as the names of `core/security/tls-fault`. Shared by the doors that listen and that dial. */
import type { CertificateFault, TlsFault } from '../core/security/tls-fault.js'
import { codeOf } from './network-socket.js'

/** Of a certificate that was shown to us. */
const CERTIFICATE_FAULTS: ReadonlyMap<string, CertificateFault> = new Map([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown-root'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'unknown-root'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown-root'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-root'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unknown-root'],
  ['CERT_UNTRUSTED', 'unknown-root'],
  ['CERT_REJECTED', 'unknown-root'],
  ['CERT_CHAIN_TOO_LONG', 'bad-certificate'],
  ['CERT_SIGNATURE_FAILURE', 'bad-certificate'],
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not-yet-valid'],
  ['INVALID_PURPOSE', 'wrong-use'],
  ['INVALID_CA', 'wrong-use'],
  ['PATH_LENGTH_EXCEEDED', 'wrong-use'],
  // Node has no code for the rest of OpenSSL's list, names that are not permitted and usages among them.
  ['UNSPECIFIED', 'bad-certificate'],
])

const FAULTS: ReadonlyMap<string, TlsFault> = new Map([
  ...CERTIFICATE_FAULTS,
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-name'],
  ['BUSBAR_WRONG_PIN', 'wrong-pin'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'no-common-suite'],
  ['ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS', 'no-common-suite'],
  ['ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM', 'no-common-suite'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'old-version'],
  ['ERR_SSL_VERSION_TOO_LOW', 'old-version'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'old-version'],
  ['ERR_SSL_HTTP_REQUEST', 'not-tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'not-tls'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'peer-distrusts-root'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'peer-says-expired'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'revoked'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'peer-refuses-certificate'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', 'peer-refuses-certificate'],
  ['ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', 'peer-refuses-certificate'],
  ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'peer-refuses-certificate'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate-missing'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'refused-by-peer'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'slow-handshake'],
  ['ECONNRESET', 'cut'],
  ['EPIPE', 'cut'],
])

/** Undefined when the code is none of TLS. */
export function tlsFaultOf(fault: Error): TlsFault | undefined {
  const code = codeOf(fault) === 'EPROTO' ? reasonIn(fault.message) : codeOf(fault)
  return FAULTS.get(code) ?? (/^ERR_SSL_.*ALERT/.test(code) ? 'refused-by-peer' : undefined)
}

/** A failed write says it as "…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…". */
function reasonIn(message: string): string {
  const [, reason = ''] = /:error:[0-9A-F]+:SSL routines:[^:]*:([^:]+):/i.exec(message) ?? []
  return `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
}

/** What Node says of a chain (`authorizationError`); anything it does not name is a certificate that is not sound. */
export function certificateFaultOf(code: string): CertificateFault {
  return CERTIFICATE_FAULTS.get(code) ?? 'bad-certificate'
}
