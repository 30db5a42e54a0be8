/** Who knocked and was not let in: the stations an installer looks for first. */
import type { RefusedStationView } from '../../src/core/view/document.js'
import { sinceText } from './format.js'

const REASONS: Readonly<Record<RefusedStationView['reason'], string>> = {
  'wrong-path': 'address without /ocpp/<station id>',
  'unknown-station': 'not in the configuration',
  'too-many-unknown': 'not in the configuration, and too many such are in already',
  'no-password': 'sends no password',
  'wrong-password': 'wrong password',
  'too-many-tries': 'too many wrong passwords',
  'sub-protocol': 'does not offer ocpp1.6',
  'second-connection': 'connected already, from elsewhere',
  'repeated-header': 'credentials or protocol given twice',
  'csms-refused': 'its credentials, by the CSMS',
  'leads-back': 'Busbar itself: the CSMS address leads back here',
  downgrade: 'with a lower security profile than it has used before, or than is demanded of it',
  'no-certificate': 'shows no certificate',
  'certificate-of-another': 'its certificate is for another station',
  'tls-unknown-root': 'its certificate is signed by nobody we trust',
  'tls-expired': 'its certificate has expired',
  'tls-not-yet-valid': 'its certificate is not valid yet',
  'tls-wrong-name': 'it dials another name than our certificate has',
  'tls-wrong-pin': 'the key is none of the pinned ones',
  'tls-wrong-use': 'its certificate is not meant for clients',
  'tls-weak-key': 'the key of its certificate is too weak',
  'tls-bad-certificate': 'its certificate cannot be read or is not signed right',
  'tls-revoked': 'its certificate is revoked',
  'tls-certificate-missing': 'shows no certificate',
  'tls-peer-distrusts-root': 'does not trust our certificate: put the root of this site on it',
  'tls-peer-says-expired': 'says that our certificate has expired: is its clock right?',
  'tls-peer-refuses-certificate': 'refuses our certificate: does it dial by a name that is in it?',
  'tls-no-common-suite': 'knows no cipher suite that is safe',
  'tls-old-version': 'speaks only TLS older than 1.2',
  'tls-not-tls': 'speaks ws:// to a port for wss://',
  'tls-to-plain-port': 'speaks wss:// to a port for ws://',
  'tls-slow-handshake': 'did not finish the TLS handshake in time',
  'tls-cut': 'cut the connection within the TLS handshake',
  'tls-refused-by-peer': 'broke off the TLS handshake',
}

export function Refused({ refused, at }: { refused: readonly RefusedStationView[]; at: string }) {
  if (refused.length === 0) return null
  return (
    <section class="panel" aria-label="Refused stations">
      <header class="panel-head">
        <h2>Not let in</h2>
        <span class="muted">since Busbar started</span>
      </header>
      <ul class="meters">
        {refused.map(({ stationId, path, reason, count, last, remote }) => (
          <li key={`${stationId} ${path} ${reason} ${remote}`} data-testid="refused-station">
            <p class="meter-head">
              <b>{stationId ?? (path === '' ? remote : path)}</b>
              <span class="muted">
                from {remote}, {count} {count === 1 ? 'time' : 'times'}, last {sinceText(last, at)} ago
              </span>
            </p>
            <p class="fault-text">{REASONS[reason]}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
