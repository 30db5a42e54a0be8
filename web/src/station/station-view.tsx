/** One station in detail: its schedule over a day as steps, what was noticed, what was said. Read when somebody opens it. */

import { useEffect, useState } from 'preact/hooks'
import type { TracedMessage } from '../../../src/core/station/message-trace.js'
import type { ConnectorSchedule, StationDetail, StepView } from '../../../src/core/view/station-detail.js'
import { read } from '../ask.js'
import { duration, limitText } from '../format.js'
import { codedText } from '../words/coded.js'
import { when } from '../words/numbers.js'
import { station as words } from '../words/station.js'
import { NOTES } from '../words/station-notes.js'
import { StationPlot } from './station-plot.js'
import './station.css'

const CURVES = ['csms', 'ours', 'lease', 'composite'] as const

export function StationMore({ stationId, circuitId }: { stationId: string; circuitId: string }) {
  const [detail, setDetail] = useState<StationDetail | 'failed'>()
  useEffect(() => {
    read<StationDetail>(`${pathOf(stationId)}/detail`).then(found => setDetail(found ?? 'failed'))
  }, [stationId])
  if (detail === undefined) return <p class="muted">{words('reading')}</p>
  if (detail === 'failed') return <p role="alert">{words('failed')}</p>
  const { connectors, counters, notes } = detail
  return (
    <div class="station-more" data-testid="station-more">
      <StationPlot stationId={stationId} circuitId={circuitId} />
      <h3>{words('schedule')}</h3>
      {connectors.map(connector => (
        <Curves key={connector.id} {...{ connector, detail, several: connectors.length > 1 }} />
      ))}
      <p class="muted">{words('aboutLease')}</p>
      <h3>{words('notes')}</h3>
      <ul class="station-notes">
        {notes.length === 0 && <li class="muted">{words('noNotes')}</li>}
        {notes.map(note => (
          <li key={note.code + note.text}>{codedText(NOTES, note)}</li>
        ))}
        <li class="muted">
          {words('counters', {
            writes: counters.profileWrites,
            refusals: counters.refusals,
            time: duration(counters.answerMs),
          })}
        </li>
      </ul>
      <Messages stationId={stationId} />
    </div>
  )
}

const WIDTH = 600
const HEIGHT = 110

interface CurvesProps {
  readonly connector: ConnectorSchedule
  readonly detail: StationDetail
  readonly several: boolean
}

function Curves({ connector, detail, several }: CurvesProps) {
  const { from, to } = detail
  const all = CURVES.flatMap(key => connector[key])
  const mostA = Math.max(6, ...all.map(({ limitA }) => limitA ?? 0)) * 1.15
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const x = (at: string) => Math.max(0, ((Date.parse(at) - start) / (end - start)) * WIDTH)
  const y = (limitA: number | null) => (limitA === null ? 2 : HEIGHT - (limitA / mostA) * (HEIGHT - 4))
  return (
    <figure class="curves" data-testid="curves">
      {several && <figcaption>{words('connector', { id: connector.id })}</figcaption>}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words('schedule')}
      >
        {[6, 12, 18].map(hour => (
          <path key={hour} class="curve-grid" d={`M${(hour / 24) * WIDTH} 0V${HEIGHT}`} />
        ))}
        {CURVES.map(key => (
          <path key={key} class={`curve curve-${key}`} d={pathThrough(connector[key], x, y)} />
        ))}
      </svg>
      <p class="curve-times muted">
        <span>{when(from, 'minute')}</span>
        <span>{when((start + end) / 2, 'minute')}</span>
        <span>{when(to, 'minute')}</span>
      </p>
      <ul class="curve-legend">
        {CURVES.map(key => (
          <li key={key}>
            <svg viewBox="0 0 20 6" width="20" height="6" aria-hidden="true">
              <path class={`curve curve-${key}`} d="M0 3H20" />
            </svg>{' '}
            {words(`curve ${key}`)}: {stepsText(connector[key])}
          </li>
        ))}
      </ul>
    </figure>
  )
}

function pathThrough(
  steps: readonly StepView[],
  x: (at: string) => number,
  y: (limitA: number | null) => number,
): string {
  const parts = steps.map(({ at, limitA }, index) =>
    index === 0 ? `M${x(at)} ${y(limitA)}` : `H${x(at)}V${y(limitA)}`,
  )
  return parts.length === 0 ? '' : `${parts.join('')}H${WIDTH}`
}

/** More than these nobody reads beside a picture. */
const STEPS_SAID = 4

function stepsText(steps: readonly StepView[]): string {
  if (steps.length === 0) return words('notKnown')
  const said = steps
    .slice(0, STEPS_SAID)
    .map(({ at, limitA }, index) => `${index === 0 ? '' : `${when(at, 'time')} `}${ampsText(limitA)}`)
  return `${said.join(' → ')}${steps.length > STEPS_SAID ? ' → …' : ''}`
}

const ampsText = (limitA: number | null): string =>
  limitA === null ? words('noLimit') : `${limitText(limitA)} A`

function Messages({ stationId }: { stationId: string }) {
  const [action, setAction] = useState('')
  const [direction, setDirection] = useState('')
  const [whole, setWhole] = useState(false)
  const [turn, setTurn] = useState(0)
  const [list, setList] = useState<readonly TracedMessage[] | 'failed'>()
  const query = new URLSearchParams({
    ...(action !== '' && { action }),
    ...(direction !== '' && { direction }),
    ...(whole && { tags: 'whole' }),
  }).toString()
  useEffect(() => {
    let isCurrent = true
    read<{ messages: readonly TracedMessage[] }>(`${pathOf(stationId)}/messages?${query}`).then(found => {
      if (isCurrent) setList(found?.messages ?? 'failed')
    })
    return () => {
      isCurrent = false
    }
  }, [stationId, query, turn])
  const isAdmin = document.documentElement.dataset.role === 'admin'
  return (
    <section
      class="station-messages"
      aria-label={words('messages')}
      data-testid="messages"
      data-for="operator"
    >
      <h3>{words('messages')}</h3>
      <div class="message-tools">
        <input
          type="search"
          placeholder={words('filter')}
          aria-label={words('filter')}
          value={action}
          onInput={({ currentTarget }) => setAction(currentTarget.value)}
        />
        <select
          aria-label={words('both')}
          value={direction}
          onChange={({ currentTarget }) => setDirection(currentTarget.value)}
        >
          <option value="">{words('both')}</option>
          <option value="in">{words('in')}</option>
          <option value="out">{words('out')}</option>
        </select>
        {isAdmin && (
          <label>
            <input type="checkbox" checked={whole} onChange={() => setWhole(!whole)} /> {words('whole')}
          </label>
        )}
        <button type="button" class="action" onClick={() => setTurn(turn + 1)}>
          {words('again')}
        </button>
        <a href={`api/v1/${pathOf(stationId)}/messages.jsonl?${query}`}>{words('download')}</a>
      </div>
      {!whole && <p class="muted">{words('masked')}</p>}
      {list === 'failed' && <p role="alert">{words('failed')}</p>}
      {Array.isArray(list) && list.length === 0 && <p class="muted">{words('noMessages')}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <ol class="messages" tabIndex={0} aria-label={words('messages')}>
        {(list === 'failed' ? [] : (list ?? []))
          .slice(-MESSAGES_SHOWN)
          .reverse()
          .map((message, index) => (
            <li key={`${message.at} ${message.messageId} ${index}`} class={`message-${message.direction}`}>
              <span class="muted nowrap">
                {when(message.at, 'time')} {message.direction === 'in' ? '←' : '→'}
              </span>{' '}
              <b>{message.action ?? message.kind}</b>
              {message.kind !== 'CALL' && <span class="muted"> {message.kind}</span>}{' '}
              <code>{payloadText(message)}</code>
            </li>
          ))}
      </ol>
    </section>
  )
}

/** The download has them all. */
const MESSAGES_SHOWN = 100

const payloadText = ({ payload, chars }: TracedMessage): string =>
  payload === undefined ? words('characters', { count: chars }) : JSON.stringify(payload)

const pathOf = (stationId: string): string => `stations/${encodeURIComponent(stationId)}`
