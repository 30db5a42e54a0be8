/** What can be done about a station: try its CSMS now, say that its supply is cut. Each says what it means before it acts. */
import { useState } from 'preact/hooks'
import type { CsmsLinkView, StationView } from '../../src/core/view/document.js'
import { isolateStation, tryCsms } from './api.js'
import { sinceText, timeOfDay } from './format.js'

const ISOLATE = (id: string) =>
  `Is the supply of ${id} really cut, by its switch or breaker?\n\nFrom now on nothing is kept free for ${id}, and others get its amps. If it still has supply, it may overload the circuit. This ends by itself when it connects.`

const REASONS: Readonly<Record<NonNullable<CsmsLinkView['reason']>, string>> = {
  dns: 'its name is not found (DNS)',
  tcp: 'nothing answers at its address (TCP)',
  tls: 'encryption failed (TLS)',
  timeout: 'no answer in time',
  handshake: 'it does not speak WebSocket there',
  unauthorized: 'it does not accept the password (401)',
  forbidden: 'it does not let this station in (403)',
  'not-found': 'it does not know this station or path (404)',
  status: 'it answered with an error',
  'sub-protocol': 'it does not speak OCPP 1.6',
  closed: 'it closed the connection',
  silent: 'connected, but it answers nothing',
  'tls-unknown-root': 'its certificate is signed by nobody we trust (csms.tls.roots)',
  'tls-expired': 'its certificate has expired: whoever runs it has to renew it',
  'tls-not-yet-valid': 'its certificate is not valid yet: is the clock of this cabinet right?',
  'tls-wrong-name': 'its certificate is for another name than in csms.url',
  'tls-wrong-pin': 'its key is none of the pinned ones (csms.tls.pins)',
  'tls-wrong-use': 'its certificate is not meant for servers',
  'tls-weak-key': 'its key is too weak',
  'tls-bad-certificate': 'its certificate cannot be read or is not signed right',
  'tls-revoked': 'it says that our certificate is revoked',
  'tls-certificate-missing': 'it wants a client certificate (csms.tls.certificate)',
  'tls-peer-distrusts-root': 'it does not trust who signed our client certificate',
  'tls-peer-says-expired': 'it says that our client certificate has expired',
  'tls-peer-refuses-certificate': 'it refuses our client certificate',
  'tls-no-common-suite': 'it offers no cipher suite we accept',
  'tls-old-version': 'it speaks only TLS older than 1.2',
  'tls-not-tls': 'it does not speak TLS on this port',
  'tls-to-plain-port': 'it does not speak TLS on this port',
  'tls-slow-handshake': 'it did not finish the TLS handshake in time',
  'tls-cut': 'it cut the connection within the TLS handshake',
  'tls-refused-by-peer': 'it broke off the TLS handshake',
}

/** "away for 2 min: nothing answers at its address (TCP), connect ECONNREFUSED …; next try at 14:03:22". */
export function csmsLinkText({ state, reason, detail, since, nextTryAt }: CsmsLinkView, at: string): string {
  if (state === 'none') return 'no CSMS'
  if (state === 'idle') return 'not needed, the station is not here'
  const age = since === undefined ? '' : ` for ${sinceText(since, at)}`
  if (state === 'open') return `connected${age}`
  const why = reason === undefined ? '' : `: ${REASONS[reason]}${detail === undefined ? '' : `, ${detail}`}`
  const next = state === 'connecting' ? '; trying now' : ''
  return `${state === 'silent' ? 'silent' : 'away'}${age}${why}${nextTryAt === undefined ? next : `; next try at ${timeOfDay(nextTryAt)}`}`
}

export function StationActions({ station }: { station: StationView }) {
  const [failed, setFailed] = useState('')
  const { id, connected, isolated, csms } = station
  const act = async (done: Promise<boolean>) => setFailed((await done) ? '' : 'That did not work.')
  const isolate = () => {
    if (isolated || confirm(ISOLATE(id))) act(isolateStation(id, !isolated))
  }
  const mayTry = connected && csms.state !== 'open' && csms.state !== 'none'
  return (
    <div class="actions">
      {mayTry && (
        <button type="button" class="action" data-testid="try-csms" onClick={() => act(tryCsms(id))}>
          Try the CSMS now
        </button>
      )}
      {!connected && (
        <button type="button" class="action" data-testid="isolate" onClick={isolate}>
          {isolated ? 'Its supply is back: keep amps free again' : 'Its supply is cut: isolate…'}
        </button>
      )}
      {failed !== '' && (
        <span class="fault-text" role="alert">
          {failed}
        </span>
      )}
    </div>
  )
}
