/** Stations that are let in to be known: the window in which they may connect, and what each says of itself. */
import { useState } from 'preact/hooks'
import type { LearnerView, LearningView, RefusedStationView } from '../../src/core/view/document.js'
import { openLearning } from './api.js'
import { amps, sinceText, statusWord } from './format.js'
import { site } from './words/site.js'

interface Props {
  readonly learning: LearningView
  readonly refused: readonly RefusedStationView[]
  readonly at: string
}

export function Learning({ learning: { until, stations }, refused, at }: Props) {
  const [failed, setFailed] = useState(false)
  const knocks = refused.some(({ reason }) => reason === 'unknown-station' || reason === 'too-many-unknown')
  if (until === undefined && stations.length === 0 && !knocks) return null
  const set = async (open: boolean) => {
    if (!open || confirm(site('askLearn'))) setFailed(!(await openLearning(open)))
  }
  const leftMin =
    until === undefined ? 0 : Math.max(1, Math.ceil((Date.parse(until) - Date.parse(at)) / 60_000))
  return (
    <section class="panel" aria-label={site('unknownStations')}>
      <header class="panel-head">
        <h2>{site('unknownStations')}</h2>
        <span class="muted">
          {until === undefined ? site('areRefused') : site('mayConnect', { count: leftMin })}
        </span>
      </header>
      <ul class="meters">
        {stations.map(station => (
          <Learner key={station.id} station={station} at={at} />
        ))}
      </ul>
      <button type="button" class="action" data-for="admin" onClick={() => set(until === undefined)}>
        {site(until === undefined ? 'letConnect' : 'refuseAgain')}
      </button>
      {failed && (
        <p class="fault-text" role="alert">
          {site('didNotWork')}
        </p>
      )}
    </section>
  )
}

function Learner({ station, at }: { station: LearnerView; at: string }) {
  const { id, remote, since, connected, boot, connectors, heldConnectorIds, bookedA } = station
  const what =
    boot === undefined
      ? site('notSaid')
      : [boot.vendor, boot.model, boot.serialNumber, boot.firmware].filter(Boolean).join(', ')
  const held = {
    connectors: connectors.map(({ id: number, status }) => `${number}: ${statusWord(status)}`).join(', '),
    amps: amps(bookedA),
  }
  return (
    <li data-testid="learner" data-station={id}>
      <p class="meter-head">
        <b>{id}</b>
        <span class="muted">
          {site(connected ? 'learnerIn' : 'learnerGone', { remote, time: sinceText(since, at) })}
        </span>
      </p>
      <p>{what}</p>
      <p class="muted">
        {heldConnectorIds.length === connectors.length
          ? site('learnerAll', held)
          : site('learnerSome', { ...held, count: heldConnectorIds.length })}
      </p>
    </li>
  )
}
