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
              <b>{stationId ?? path}</b>
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
