/** What was: sessions, energy, alarms; and who is to be ready by when. Read when asked for, and again while shown. */
import { useState } from 'preact/hooks'
import { duration, energy, limitText, power } from '../format.js'
import { Files } from './files-view.js'
import { Frame, stateOf, useRead } from './frame.js'
import { Orders } from './orders-view.js'
import { readAlarms, readEnergy, readReady, readSessions } from './records-api.js'
import { Tags } from './tags-view.js'
import { Waiting } from './waiting-view.js'
import './records.css'
import './list-views.css'
import type { SessionView } from '../../../src/core/view/record-document.js'
import { reasonName, saidText, whyText } from '../words/from-core.js'
import { language } from '../words/language.js'
import { when } from '../words/numbers.js'
import { records } from '../words/records.js'
import { site } from '../words/site.js'

const TABS = ['sessions', 'ready', 'energy', 'alarms', 'orders', 'waiting', 'tags', 'files'] as const
type Tab = (typeof TABS)[number]
const SPANNED: readonly Tab[] = ['sessions', 'energy', 'alarms']
/** They tell who charges here, and can be changed. */
const OF_OPERATORS: readonly Tab[] = ['tags']
const SPANS = [1, 7, 31, 366] as const

const DAY_MS = 86_400_000

export function RecordsView({ stationIds }: { stationIds: readonly string[] }) {
  const [tab, setTab] = useState<Tab>('sessions')
  const [days, setDays] = useState<number>(7)
  const [station, setStation] = useState('')
  const isSpanned = SPANNED.includes(tab)
  return (
    <section class="panel records" aria-label={records('title')} data-testid="records">
      <header class="panel-head">
        <fieldset class="tabs" aria-label={records('title')}>
          {TABS.map(id => (
            <button
              key={id}
              type="button"
              class="tab"
              aria-pressed={id === tab}
              data-tab={id}
              data-for={OF_OPERATORS.includes(id) ? 'operator' : undefined}
              onClick={() => setTab(id)}
            >
              {records(`tab ${id}`)}
            </button>
          ))}
        </fieldset>
        <span class="muted about">{records(`about ${tab}`)}</span>
        {tab === 'sessions' && (
          <select
            aria-label={records('all')}
            value={station}
            onChange={({ currentTarget }) => setStation(currentTarget.value)}
          >
            <option value="">{records('all')}</option>
            {stationIds.map(id => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        )}
        {isSpanned && (
          <fieldset class="ranges" aria-label={site('timeShown')}>
            {SPANS.map(of => (
              <button
                key={of}
                type="button"
                class="range"
                aria-pressed={of === days}
                onClick={() => setDays(of)}
              >
                {records(`span${of}`)}
              </button>
            ))}
          </fieldset>
        )}
      </header>
      {tab === 'sessions' && <Sessions days={days} station={station} />}
      {tab === 'ready' && <Ready />}
      {tab === 'energy' && <Energy days={days} />}
      {tab === 'alarms' && <PastAlarms days={days} />}
      {tab === 'orders' && <Orders />}
      {tab === 'waiting' && <Waiting />}
      {tab === 'tags' && <Tags />}
      {tab === 'files' && <Files stationIds={stationIds} />}
    </section>
  )
}

const since = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString()

function Sessions({ days, station }: { days: number; station: string }) {
  const query = () =>
    new URLSearchParams({ from: since(days), ...(station !== '' && { station }) }).toString()
  const found = useRead(() => readSessions(query()), `sessions ${days} ${station}`)
  const list = typeof found === 'string' ? [] : found.sessions.slice().reverse()
  return (
    <Frame
      state={stateOf(found, list.length)}
      empty={records('noSessions')}
      csv={`sessions.csv?${query()}`}
      isCut={typeof found !== 'string' && found.isCut}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{records('station')}</th>
            <th scope="col">{records('begun')}</th>
            <th scope="col">{records('ended')}</th>
            <th scope="col" class="num">
              {records('energy')}
            </th>
            <th scope="col" class="num" title={records('told')}>
              {records('offerLowest')}
            </th>
            <th scope="col">{records('heldBackBy')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(one => (
            <tr key={`${one.stationId} ${one.startedAt} ${one.transactionId}`} data-testid="session">
              <th scope="row">
                {one.stationId} <span class="muted nowrap">{`/${one.connectorId} ${one.tag ?? ''}`}</span>
              </th>
              <td data-label={records('begun')} title={one.isAdopted ? records('found') : undefined}>
                {one.isAdopted && '≤ '}
                {dayTime(one.startedAt)}
              </td>
              <td data-label={records('ended')}>
                {one.endedAt === undefined ? (
                  <b>{records('running')}</b>
                ) : (
                  <>
                    {dayTime(one.endedAt)} <span class="muted">{endedText(one)}</span>
                  </>
                )}
              </td>
              <td data-label={records('energy')} class="num">
                {energy(one.energyWh)}
              </td>
              <td data-label={records('offer')} class="num" title={records('told')}>
                {one.averageOfferA === undefined
                  ? '–'
                  : `${limitText(one.averageOfferA)} A, ${limitText(one.lowestOfferA ?? 0)} A`}
              </td>
              <td data-label={records('heldBackBy')}>
                {one.heldBack.length === 0 ? (
                  <span class="muted">{records('nothing')}</span>
                ) : (
                  one.heldBack.slice(0, 3).map(cause => (
                    <span key={cause.name} class="cause">
                      {causeText(cause)} <span class="muted nowrap">{duration(cause.seconds * 1000)}</span>
                    </span>
                  ))
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  )
}

function Ready() {
  const found = useRead(readReady, 'ready')
  const list = typeof found === 'string' ? [] : found.sessions
  return (
    <Frame state={stateOf(found, list.length)} empty={records('noReady')} csv="ready.csv">
      <table>
        <thead>
          <tr>
            <th scope="col">{records('departs')}</th>
            <th scope="col">{records('station')}</th>
            <th scope="col" class="num">
              {records('has')}
            </th>
            <th scope="col" class="num">
              {records('wants')}
            </th>
            <th scope="col" class="num">
              {records('draws')}
            </th>
            <th scope="col">{records('willReady')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(one => (
            <tr
              key={`${one.stationId} ${one.connectorId}`}
              data-testid="ready"
              data-readiness={one.readiness}
            >
              <th scope="row">
                {dayTime(one.departureAt)} <span class="muted">{records(`from ${one.source}`)}</span>
              </th>
              <td data-label={records('station')}>
                {one.stationId} <span class="muted">{`/${one.connectorId}`}</span>
              </td>
              <td data-label={records('has')} class="num">
                {energy(one.energyWh)}
              </td>
              <td data-label={records('wants')} class="num">
                {one.wantedWh === undefined ? '–' : energy(one.wantedWh)}
              </td>
              <td data-label={records('draws')} class="num">
                {one.powerW === undefined ? '–' : power(one.powerW)}
              </td>
              <td data-label={records('readyQ')}>
                <b class={one.readiness === 'late' ? 'over-text' : undefined}>
                  {records(`is ${one.readiness}`)}
                </b>
                {one.expectedWh !== undefined && one.readiness === 'late' && (
                  <span class="muted"> {records('byThen', { energy: energy(one.expectedWh) })}</span>
                )}
                <span class="muted why"> {whyText(one.whySaid)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  )
}

function Energy({ days }: { days: number }) {
  const query = () => new URLSearchParams({ from: since(days).slice(0, 10) }).toString()
  const found = useRead(() => readEnergy(query()), `energy ${days}`)
  const list = typeof found === 'string' ? [] : found.days.slice().reverse()
  const most = Math.max(1, ...list.map(({ stations }) => sum(stations)))
  return (
    <Frame state={stateOf(found, list.length)} empty={records('noEnergy')} csv={`energy.csv?${query()}`}>
      <ul class="days">
        {list.map(({ date, stations, circuits }) => (
          <li key={date} data-testid="energy-day">
            <details>
              <summary>
                <span class="nowrap">{when(`${date}T12:00`, 'weekday')}</span>
                <span class="bar" aria-hidden="true">
                  <i style={{ width: `${(100 * sum(stations)) / most}%` }} />
                </span>
                <b class="nowrap">{energy(sum(stations))}</b>
              </summary>
              <h3>{records('circuits')}</h3>
              <dl>
                {circuits.map(({ id, energyWh, meteredWh }) => (
                  <div key={`circuit ${id}`}>
                    <dt>{id}</dt>
                    <dd title={meteredWh === undefined ? undefined : records('metered')}>
                      {energy(energyWh)}
                      {meteredWh !== undefined && (
                        <span class="muted"> {records('ofMetered', { energy: energy(meteredWh) })}</span>
                      )}
                    </dd>
                  </div>
                ))}
              </dl>
              {stations.length > 0 && <h3>{records('stations')}</h3>}
              <dl>
                {stations.map(({ id, energyWh }) => (
                  <div key={`station ${id}`}>
                    <dt>{id}</dt>
                    <dd>{energy(energyWh)}</dd>
                  </div>
                ))}
              </dl>
            </details>
          </li>
        ))}
      </ul>
    </Frame>
  )
}

const sum = (list: readonly { readonly energyWh: number }[]): number =>
  list.reduce((total, { energyWh }) => total + energyWh, 0)

function PastAlarms({ days }: { days: number }) {
  const query = () => new URLSearchParams({ from: since(days) }).toString()
  const found = useRead(() => readAlarms(query()), `alarms ${days}`)
  const list = typeof found === 'string' ? [] : found.alarms.slice().reverse()
  return (
    <Frame
      state={stateOf(found, list.length)}
      empty={records('noAlarms')}
      csv={`alarms.csv?${query()}`}
      isCut={typeof found !== 'string' && found.isCut}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{records('alarm')}</th>
            <th scope="col">{records('from')}</th>
            <th scope="col">{records('until')}</th>
            <th scope="col">{records('noted')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(one => (
            <tr key={`${one.code} ${one.about ?? ''} ${one.since}`} data-testid="past-alarm">
              <th scope="row">{saidText(one)}</th>
              <td data-label={records('from')}>{dayTime(one.since)}</td>
              <td data-label={records('until')}>
                {one.holds ? (
                  <b>{records('holds')}</b>
                ) : one.until === undefined ? (
                  <span class="muted">{records('restarted')}</span>
                ) : (
                  dayTime(one.until)
                )}
              </td>
              <td data-label={records('noted')}>
                {one.acknowledged === undefined ? (
                  <span class="muted">{records('notNoted')}</span>
                ) : (
                  `${one.acknowledged.by}, ${dayTime(one.acknowledged.at)}`
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  )
}

function dayTime(iso: string): string {
  return `${when(iso, 'weekday')} ${when(iso, 'minute')}`
}

/** Why, in the words of the standard, is said in English only. */
function endedText({ endedBy, endedHow = '' }: SessionView): string {
  return language() === 'en' || endedBy === undefined ? endedHow : records(`endedBy ${endedBy}`)
}

const causeText = (cause: SessionView['heldBack'][number]): string =>
  reasonName({ ...cause, valueA: 0, lift: 'none', lifted: '' })
