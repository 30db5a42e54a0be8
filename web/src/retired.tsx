/** Stations that are no longer configured and still booked, each with the way to say that it has no supply any more. */
import { useState } from 'preact/hooks'
import type { RetiredStationView } from '../../src/core/view/document.js'
import { isolateStation } from './api.js'
import { amps, worst } from './format.js'

const GONE = (id: string) =>
  `Is ${id} really gone, or without supply?\n\nFrom now on nothing is kept free for it, and others get its amps. If it still has supply, it may overload the circuit.`

export function Retired({ retired }: { retired: readonly RetiredStationView[] }) {
  const [failed, setFailed] = useState('')
  if (retired.length === 0) return null
  const free = async (id: string) => {
    if (confirm(GONE(id))) setFailed((await isolateStation(id, true)) ? '' : `That did not work for ${id}.`)
  }
  return (
    <section class="panel" aria-label="Retired stations">
      <header class="panel-head">
        <h2>No longer configured</h2>
        <span class="muted">still booked: nobody has seen them gone</span>
      </header>
      <ul class="meters">
        {retired.map(({ id, circuitIds, bookedA }) => (
          <li key={id} data-testid="retired-station" data-station={id}>
            <p class="meter-head">
              <b>{id}</b>
              <span class="muted">
                {amps(worst(bookedA))} A booked on {circuitIds.join(', ')}
              </span>
            </p>
            <button type="button" class="action" onClick={() => free(id)}>
              It is gone: isolate…
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
