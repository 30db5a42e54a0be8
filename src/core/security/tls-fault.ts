/**
 * What goes wrong before a secure connection carries anything: the names by which page, log and metric tell the causes
 * apart, on the stations' side and towards the CSMS, and what each means to whoever has to mend it. Words only; must not
 * know which library found it.
 */

/** `not-tls`: the other side speaks something else. `refused-by-peer`: it broke off and its alert names no cause. */
export const TLS_FAULTS = [
  'unknown-root',
  'expired',
  'not-yet-valid',
  'wrong-name',
  'wrong-pin',
  'wrong-use',
  'weak-key',
  'bad-certificate',
  'revoked',
  'certificate-missing',
  'peer-distrusts-root',
  'peer-says-expired',
  'peer-refuses-certificate',
  'no-common-suite',
  'old-version',
  'not-tls',
  'to-plain-port',
  'slow-handshake',
  'cut',
  'refused-by-peer',
] as const
export type TlsFault = (typeof TLS_FAULTS)[number]

/** What is wrong with a certificate that was shown; the others are about the conversation. */
export type CertificateFault = Extract<
  TlsFault,
  'unknown-root' | 'expired' | 'not-yet-valid' | 'wrong-use' | 'weak-key' | 'bad-certificate'
>

const WORDS: Readonly<Record<TlsFault, string>> = {
  'unknown-root': 'certificate of the @ is signed by nobody we trust',
  expired: 'certificate of the @ has expired: its operator has to renew it',
  'not-yet-valid': 'certificate of the @ is not valid yet: is the clock of this cabinet right?',
  'wrong-name': 'certificate of the @ is for another name',
  'wrong-pin': 'key of the @ is none of the pinned ones',
  'wrong-use': 'certificate of the @ is not meant for servers',
  'weak-key': 'key of the @ is too weak, or none that we take',
  'bad-certificate': 'certificate of the @ cannot be read, or is not signed by who may sign it',
  revoked: '@ says that our certificate is revoked',
  'certificate-missing': '@ wants a client certificate',
  'peer-distrusts-root': '@ does not trust who signed our client certificate',
  'peer-says-expired': '@ says that our client certificate has expired',
  'peer-refuses-certificate': '@ refuses our client certificate',
  'no-common-suite': '@ offers no cipher suite we accept',
  'old-version': '@ speaks only TLS older than 1.2',
  'not-tls': '@ does not speak TLS on this port',
  'to-plain-port': '@ does not speak TLS on this port',
  'slow-handshake': '@ did not finish the TLS handshake in time',
  cut: '@ cut the connection within the TLS handshake',
  'refused-by-peer': '@ broke off the TLS handshake',
}

/** As said of a server, by its name, such as "CSMS". */
export function tlsWords(fault: TlsFault, server: string): string {
  return WORDS[fault].replace('@', server)
}
