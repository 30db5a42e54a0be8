/** Stations that are let in to be known: the window in which they may connect, and what each says of itself. */
import { useState } from 'preact/hooks'
import type { LearnerView, LearningView, RefusedStationView } from '../../src/core/view/document.js'
import { openLearning } from './api.js'
import { amps, sinceText } from './format.js'

const OPEN = `Let unknown stations connect for 15 minutes?

Each is shown here with what it is. It runs no session, and as nobody knows where it hangs, what it may draw is kept free on every circuit: cars that charge may be slowed down or paused.`

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
    if (!open || confirm(OPEN)) setFailed(!(await openLearning(open)))
  }
  const leftMin =
    until === undefined ? 0 : Math.max(1, Math.ceil((Date.parse(until) - Date.parse(at)) / 60_000))
  return (
    <section class="panel" aria-label="Unknown stations">
      <header class="panel-head">
        <h2>Unknown stations</h2>
        <span class="muted">
          {until === undefined ? 'are refused' : `may connect for ${leftMin} min more`}
        </span>
      </header>
      <ul class="meters">
        {stations.map(station => (
          <Learner key={station.id} station={station} at={at} />
        ))}
      </ul>
      <button type="button" class="action" onClick={() => set(until === undefined)}>
        {until === undefined ? 'Let them connect for 15 minutes…' : 'Refuse them again'}
      </button>
      {failed && (
        <p class="fault-text" role="alert">
          That did not work.
        </p>
      )}
    </section>
  )
}

function Learner({ station, at }: { station: LearnerView; at: string }) {
  const { id, remote, since, connected, boot, connectors, heldConnectorIds, bookedA } = station
  const what =
    boot === undefined
      ? 'has not said what it is'
      : [boot.vendor, boot.model, boot.serialNumber, boot.firmware].filter(Boolean).join(', ')
  const held = heldConnectorIds.length === connectors.length ? 'all' : heldConnectorIds.length
  return (
    <li data-testid="learner" data-station={id}>
      <p class="meter-head">
        <b>{id}</b>
        <span class="muted">
          from {remote}, {connected ? 'in' : 'gone, was in use; in'} since {sinceText(since, at)}
        </span>
      </p>
      <p>{what}</p>
      <p class="muted">
        {connectors.map(({ id: number, status }) => `${number}: ${status}`).join(', ')}; 0 A taken by {held}{' '}
        of them; {amps(bookedA)} A booked on every circuit. To use it, add it to the configuration.
      </p>
    </li>
  )
}
