/** Stations that are no longer configured and still booked, each with the way to say that it has no supply any more. */
import { useState } from 'preact/hooks'
import type { RetiredStationView } from '../../src/core/view/document.js'
import { isolateStation } from './api.js'
import { amps, worst } from './format.js'
import { site } from './words/site.js'

export function Retired({ retired }: { retired: readonly RetiredStationView[] }) {
  const [failed, setFailed] = useState('')
  if (retired.length === 0) return null
  const free = async (id: string) => {
    if (confirm(site('askGone', { id })))
      setFailed((await isolateStation(id, true)) ? '' : site('didNotWorkFor', { id }))
  }
  return (
    <section class="panel" aria-label={site('retiredStations')}>
      <header class="panel-head">
        <h2>{site('retired')}</h2>
        <span class="muted">{site('retiredAbout')}</span>
      </header>
      <ul class="meters">
        {retired.map(({ id, circuitIds, bookedA }) => (
          <li key={id} data-testid="retired-station" data-station={id}>
            <p class="meter-head">
              <b>{id}</b>
              <span class="muted">
                {site('bookedOn', { amps: amps(worst(bookedA)), circuits: circuitIds.join(', ') })}
              </span>
            </p>
            <button type="button" class="action" data-for="operator" onClick={() => free(id)}>
              {site('itIsGone')}
            </button>
          </li>
        ))}
      </ul>
      {failed !== '' && (
        <p class="fault-text" role="alert">
          {failed}
        </p>
      )}
    </section>
  )
}
