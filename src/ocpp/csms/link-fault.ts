/**
 * Why a link to the CSMS is not open, as a reason for machines and a detail for people. Pure: what an attempt or a
 * socket ended with in, words out.
 */
import type { CsmsLinkReason } from '../../core/events.js'
import type { TlsFault } from '../../core/security/tls-fault.js'
import type { DialOutcome } from '../../ports.js'

export interface LinkFault {
  readonly shown: { readonly reason: CsmsLinkReason; readonly detail: string }
  /** Of the CSMS or the way to it, so that it is over for every station at once; else it is about this station alone. */
  readonly ofTheCsms: boolean
}

/** What a peer wrote is cut to this many characters. */
const MAX_DETAIL_CHARS = 200

/** An open socket is a fault here: it does not speak ocpp1.6. */
export function linkFault(outcome: DialOutcome): LinkFault {
  switch (outcome.kind) {
    case 'open':
      return ofStation('sub-protocol', `"${outcome.protocol}" instead of "ocpp1.6"`)
    case 'refused':
      return refusedFault(outcome.status)
    case 'failed':
      if (outcome.tlsFault !== undefined) return tlsFault(outcome.tlsFault, outcome.detail)
      return outcome.reason === 'handshake' && /subprotocol/i.test(outcome.detail)
        ? ofStation('sub-protocol', outcome.detail)
        : ofCsms(outcome.reason, outcome.detail)
  }
}

/** What we show is about this station, what is shown to us about the CSMS. */
function tlsFault(fault: TlsFault, detail: string): LinkFault {
  return OF_OUR_CERTIFICATE.has(fault) ? ofStation(`tls-${fault}`, detail) : ofCsms(`tls-${fault}`, detail)
}

const OF_OUR_CERTIFICATE: ReadonlySet<TlsFault> = new Set([
  'certificate-missing',
  'peer-distrusts-root',
  'peer-says-expired',
  'peer-refuses-certificate',
  'revoked',
])

/** The socket was open and has ended. */
export function closedFault(code: number, reason: string): LinkFault {
  return ofCsms('closed', reason === '' ? `code ${code}` : `code ${code}: ${reason}`)
}

/** It was given up because nothing came any more. */
export const SILENT: LinkFault = ofCsms('silent', 'no frame and no pong for 20 s')

function refusedFault(status: number): LinkFault {
  const detail = `HTTP ${status}`
  if (status === 401) return ofStation('unauthorized', detail)
  if (status === 403) return ofStation('forbidden', detail)
  if (status === 404) return ofStation('not-found', detail)
  if (status === 508) return ofStation('status', `${detail}, the address leads back to this Busbar`)
  // 4xx is meant for who asked, 429 above all; 5xx is the trouble of the CSMS
  return status >= 500 ? ofCsms('status', detail) : ofStation('status', detail)
}

function ofCsms(reason: CsmsLinkReason, detail: string): LinkFault {
  return { shown: { reason, detail: detail.slice(0, MAX_DETAIL_CHARS) }, ofTheCsms: true }
}

function ofStation(reason: CsmsLinkReason, detail: string): LinkFault {
  return { ...ofCsms(reason, detail), ofTheCsms: false }
}
