/** Limits from outside that are in force: who, what, until when, and which one binds. Whoever gave one by the API can end it here. */
import { useState } from 'preact/hooks'
import type { LimitView } from '../../src/core/view/document.js'
import { clearLimit } from './api.js'
import { amps, timeOfDay } from './format.js'
import { number } from './words/numbers.js'
import { isOfPage, sourceText } from './words/order-source.js'
import { site } from './words/site.js'

function valueText({ limitA, limitW }: LimitView): string {
  return limitA === undefined ? `${number((limitW ?? 0) / 1000)} kW` : `${amps(limitA)} A`
}

function detailOf(limit: LimitView): string {
  const { source, state, by, reason, until } = limit
  const isOver = state === 'fallback' && source !== 'silence'
  return [
    isOver ? site('limitSilent', { source: sourceText(limit) }) : sourceText(limit),
    ...(source === 'api' ? [site('by', { who: by })] : []),
    ...(until === undefined ? [] : [site('until', { time: timeOfDay(until) })]),
    ...(reason === undefined || source === 'silence' ? [] : [reason]),
    ...(limit.onlyStations === true ? [site('stationsAlone')] : []),
    ...(limit.binds ? [] : [site('otherLower')]),
  ].join(' · ')
}

function nameOf(limit: LimitView): string {
  if (isOfPage(limit)) return ''
  return limit.id.startsWith('pause:') ? site('pauseOf', { id: limit.id.slice(6) }) : limit.id
}

export function Limits({ limits }: { readonly limits: readonly LimitView[] }) {
  const [failed, setFailed] = useState('')
  if (limits.length === 0) return null
  const end = async (id: string) => setFailed((await clearLimit(id)) ? '' : site('notEnded', { id }))
  return (
    <section class="panel" aria-label={site('limits')}>
      <header class="panel-head">
        <h2>{site('limits')}</h2>
        <span class="muted">{site('lowestHolds')}</span>
      </header>
      <ul class="meters">
        {limits.map(limit => (
          <li key={`${limit.source}/${limit.id}`} data-testid="limit" data-limit={limit.id}>
            <p class="meter-head">
              <b>
                {limit.target === 'site' ? site('site') : limit.target} {valueText(limit)}
              </b>
              <span class="muted">{nameOf(limit)}</span>
            </p>
            <p class="muted">{detailOf(limit)}</p>
            {limit.source === 'api' && !limit.id.startsWith('pause:') && (
              <button type="button" class="action" data-for="operator" onClick={() => end(limit.id)}>
                {site('endIt')}
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
