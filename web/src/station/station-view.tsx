/** One station in detail: its schedule over a day as steps, what was noticed, what was said. Read when somebody opens it. */

import { useEffect, useState } from 'preact/hooks'
import type { TracedMessage } from '../../../src/core/station/message-trace.js'
import type { StationDetail } from '../../../src/core/view/station-detail.js'
import { read } from '../ask.js'
import { duration } from '../format.js'
import { codedText } from '../words/coded.js'
import { when } from '../words/numbers.js'
import { station as words } from '../words/station.js'
import { NOTES } from '../words/station-notes.js'
import { Curves } from './curves.js'
import { StationPlot } from './station-plot.js'
import './station.css'

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
