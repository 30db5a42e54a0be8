/**
 * What goes wrong before a secure connection carries anything: the names by which page, log and metric tell the causes
 * apart, on the stations' side and towards the CSMS, and what each means to whoever has to mend it. Words only; must not
 * know which library found it.
 */
import { type Said, type SaidParam, say } from '../words/said.js'

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

/** What it means to whoever has to mend it, said of a server by its name, such as "CSMS". */
export function sayTlsFault(fault: TlsFault, server: SaidParam): Said {
  return say(`tls-${fault}`, { server })
}
