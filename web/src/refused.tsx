/** Who knocked and was not let in: the stations an installer looks for first. */
import type { RefusedStationView } from '../../src/core/view/document.js'
import { sinceText } from './format.js'
import { refusals } from './words/refusals.js'
import { site } from './words/site.js'

export function Refused({ refused, at }: { refused: readonly RefusedStationView[]; at: string }) {
  if (refused.length === 0) return null
  return (
    <section class="panel" aria-label={site('refusedStations')}>
      <header class="panel-head">
        <h2>{site('refused')}</h2>
        <span class="muted">{site('sinceStart')}</span>
      </header>
      <ul class="meters">
        {refused.map(({ stationId, path, reason, count, last, remote }) => (
          <li key={`${stationId} ${path} ${reason} ${remote}`} data-testid="refused-station">
            <p class="meter-head">
              <b>{stationId ?? (path === '' ? remote : path)}</b>
              <span class="muted">{site('knocked', { remote, count, time: sinceText(last, at) })}</span>
            </p>
            <p class="fault-text">{refusals(reason)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
