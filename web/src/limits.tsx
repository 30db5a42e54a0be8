/** Limits from outside that are in force: who, what, until when, and which one binds. Whoever gave one by the API can end it here. */
import { useState } from 'preact/hooks'
import type { LimitView } from '../../src/core/view/document.js'
import { clearLimit } from './api.js'
import { amps, timeOfDay } from './format.js'

const SOURCES: Readonly<Record<LimitView['source'], string>> = {
  api: 'API',
  mqtt: 'MQTT',
  modbus: 'Modbus',
  window: 'Hours of the day',
  silence: 'Its source is silent',
}

function valueText({ limitA, limitW }: LimitView): string {
  return limitA === undefined ? `${Math.round((limitW ?? 0) / 100) / 10} kW` : `${amps(limitA)} A`
}

function detailOf(limit: LimitView): string {
  const { source, state, by, reason, until } = limit
  const isOver = state === 'fallback' && source !== 'silence'
  return [
    isOver ? `${SOURCES[source]}, silent since its order ended` : SOURCES[source],
    ...(source === 'api' ? [`by ${by}`] : []),
    ...(until === undefined ? [] : [`until ${timeOfDay(until)}`]),
    ...(reason === undefined || source === 'silence' ? [] : [reason]),
    ...(limit.binds ? [] : ['another one is lower']),
  ].join(' · ')
}

export function Limits({ limits }: { readonly limits: readonly LimitView[] }) {
  const [failed, setFailed] = useState('')
  if (limits.length === 0) return null
  const end = async (id: string) => setFailed((await clearLimit(id)) ? '' : `${id} could not be ended.`)
  return (
    <section class="panel" aria-label="Limits from outside">
      <header class="panel-head">
        <h2>Limits from outside</h2>
        <span class="muted">the lowest holds</span>
      </header>
      <ul class="meters">
        {limits.map(limit => (
          <li key={`${limit.source}/${limit.id}`} data-testid="limit" data-limit={limit.id}>
            <p class="meter-head">
              <b>
                {limit.target} {valueText(limit)}
              </b>
              <span class="muted">{limit.id.replace(/^pause:/, 'pause ')}</span>
            </p>
            <p class="muted">{detailOf(limit)}</p>
            {limit.source === 'api' && !limit.id.startsWith('pause:') && (
              <button type="button" class="action" onClick={() => end(limit.id)}>
                End it
              </button>
            )}
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
