/** Which layer of a connection failed, by the error code of Node. Shared by the doors that dial. */
import { codeOf } from './network-socket.js'

const DNS_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'])
const TCP_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EPIPE',
])

/** Undefined when the code names no layer. */
export function failedLayer(fault: Error): 'dns' | 'tcp' | 'tls' | 'timeout' | undefined {
  const code = codeOf(fault)
  if (DNS_CODES.has(code)) return 'dns'
  if (TCP_CODES.has(code)) return 'tcp'
  if (code === 'ETIMEDOUT') return 'timeout'
  // Node answers TLS faults by codes of OpenSSL, of X.509 verification and of its own
  return /TLS|SSL|CERT|SIGNATURE|^EPROTO$/.test(code) ? 'tls' : undefined
}
