/**
 * An entry of the security record as a syslog message (RFC 5424) in the framing of syslog over TLS (RFC 6587 octet counting, RFC 5425).
 * Pure. What a peer has written is inside JSON, so that it makes no message of its own.
 */
import type { SecurityRecordEntry } from '../config/security-record.js'

/** Facility 13, log audit; severity 5, notice. */
const PRIORITY = 13 * 8 + 5
/** RFC 5424 §6.2.7. */
const MAX_MESSAGE_ID = 32
const NIL = '-'

/** One message with its length in octets before it. */
export function syslogFrame(
  { about, at, detail, hash, seq, type }: SecurityRecordEntry,
  { siteId }: { readonly siteId: string },
): string {
  const said = JSON.stringify({ site: siteId, seq, about, detail, hash })
  const head = `<${PRIORITY}>1 ${at} ${printable(siteId, 255)} busbar ${NIL} ${printable(type, MAX_MESSAGE_ID)} ${NIL}`
  const message = `${head} \uFEFF${said}`
  return `${new TextEncoder().encode(message).length} ${message}`
}

/** PRINTUSASCII without spaces. */
function printable(text: string, most: number): string {
  return text.replace(/[^!-~]/g, '_').slice(0, most) || NIL
}
