/** One station in detail: its schedule over a day as steps, what was noticed, what was said. Read when somebody opens it. */

import { useEffect, useState } from 'preact/hooks'
import type { TracedMessage } from '../../../src/core/station/message-trace.js'
import type { ConnectorSchedule, StationDetail, StepView } from '../../../src/core/view/station-detail.js'
import { read } from '../ask.js'
import { limitText, timeOfDay } from '../format.js'
import './station.css'
import { CURVES, WORDS } from './words.js'

export function StationMore({ stationId }: { stationId: string }) {
  const [detail, setDetail] = useState<StationDetail | 'failed'>()
  useEffect(() => {
    read<StationDetail>(`${pathOf(stationId)}/detail`).then(found => setDetail(found ?? 'failed'))
  }, [stationId])
  if (detail === undefined) return <p class="muted">{WORDS.reading}</p>
  if (detail === 'failed') return <p role="alert">{WORDS.failed}</p>
  const { connectors, counters, notes } = detail
  return (
    <div class="station-more" data-testid="station-more">
      <h3>{WORDS.schedule}</h3>
      {connectors.map(connector => (
        <Curves key={connector.id} {...{ connector, detail, several: connectors.length > 1 }} />
      ))}
      <p class="muted">{WORDS.aboutLease}</p>
      <h3>{WORDS.notes}</h3>
      <ul class="station-notes">
        {notes.length === 0 && <li class="muted">{WORDS.noNotes}</li>}
        {notes.map(({ code, text }) => (
          <li key={code + text}>{text}</li>
        ))}
        <li class="muted">
          {counters.profileWrites} profile writes in 24 h; {counters.refusals} refused in a row; answers
          within {Math.round(counters.answerMs / 100) / 10} s
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
  const all = CURVES.flatMap(({ key }) => connector[key])
  const mostA = Math.max(6, ...all.map(({ limitA }) => limitA ?? 0)) * 1.15
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const x = (at: string) => Math.max(0, ((Date.parse(at) - start) / (end - start)) * WIDTH)
  const y = (limitA: number | null) => (limitA === null ? 2 : HEIGHT - (limitA / mostA) * (HEIGHT - 4))
  return (
    <figure class="curves" data-testid="curves">
      {several && <figcaption>Connector {connector.id}</figcaption>}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={WORDS.schedule}
      >
        {[6, 12, 18].map(hour => (
          <path key={hour} class="curve-grid" d={`M${(hour / 24) * WIDTH} 0V${HEIGHT}`} />
        ))}
        {CURVES.map(({ key }) => (
          <path key={key} class={`curve curve-${key}`} d={pathThrough(connector[key], x, y)} />
        ))}
      </svg>
      <p class="curve-times muted">
        <span>{timeOfDay(from).slice(0, 5)}</span>
        <span>{timeOfDay(new Date((start + end) / 2).toISOString()).slice(0, 5)}</span>
        <span>{timeOfDay(to).slice(0, 5)}</span>
      </p>
      <ul class="curve-legend">
        {CURVES.map(({ key, label }) => (
          <li key={key}>
            <svg viewBox="0 0 20 6" width="20" height="6" aria-hidden="true">
              <path class={`curve curve-${key}`} d="M0 3H20" />
            </svg>{' '}
            {label}: {stepsText(connector[key])}
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
  if (steps.length === 0) return '–'
  const said = steps
    .slice(0, STEPS_SAID)
    .map(({ at, limitA }, index) => `${index === 0 ? '' : `${timeOfDay(at)} `}${ampsText(limitA)}`)
  return `${said.join(' → ')}${steps.length > STEPS_SAID ? ' → …' : ''}`
}

const ampsText = (limitA: number | null): string =>
  limitA === null ? WORDS.noLimit : `${limitText(limitA)} A`

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
    <section class="station-messages" aria-label={WORDS.messages} data-testid="messages">
      <h3>{WORDS.messages}</h3>
      <div class="message-tools">
        <input
          type="search"
          placeholder={WORDS.filter}
          aria-label={WORDS.filter}
          value={action}
          onInput={({ currentTarget }) => setAction(currentTarget.value)}
        />
        <select
          aria-label={WORDS.both}
          value={direction}
          onChange={({ currentTarget }) => setDirection(currentTarget.value)}
        >
          <option value="">{WORDS.both}</option>
          <option value="in">{WORDS.in}</option>
          <option value="out">{WORDS.out}</option>
        </select>
        {isAdmin && (
          <label>
            <input type="checkbox" checked={whole} onChange={() => setWhole(!whole)} /> {WORDS.whole}
          </label>
        )}
        <button type="button" class="action" onClick={() => setTurn(turn + 1)}>
          {WORDS.again}
        </button>
        <a href={`api/v1/${pathOf(stationId)}/messages.jsonl?${query}`}>{WORDS.download}</a>
      </div>
      {!whole && <p class="muted">{WORDS.masked}</p>}
      {list === 'failed' && <p role="alert">{WORDS.failed}</p>}
      {Array.isArray(list) && list.length === 0 && <p class="muted">{WORDS.noMessages}</p>}
      <ol class="messages">
        {(list === 'failed' ? [] : (list ?? []))
          .slice(-MESSAGES_SHOWN)
          .reverse()
          .map((message, index) => (
            <li key={`${message.at} ${message.messageId} ${index}`} class={`message-${message.direction}`}>
              <span class="muted nowrap">
                {timeOfDay(message.at)} {message.direction === 'in' ? '←' : '→'}
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
  payload === undefined ? `${chars} characters` : JSON.stringify(payload)

const pathOf = (stationId: string): string => `stations/${encodeURIComponent(stationId)}`
