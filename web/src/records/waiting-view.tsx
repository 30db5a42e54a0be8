/** What the CSMS has not had: how much and how old, what it would not take, what energy is missing there, what was lost here. */
import { useState } from 'preact/hooks'
import { duration, energy } from '../format.js'
import { saidText } from '../words/from-core.js'
import { records } from '../words/records.js'
import { waiting as words } from '../words/waiting.js'
import { Frame, stateOf, useRead } from './frame.js'
import { Letters } from './letters-view.js'
import { type JournalView, readJournal, readLetters, releaseJournal, takeNote } from './waiting-api.js'

type Backlog = JournalView['stations'][number]

export function Waiting() {
  const [turn, setTurn] = useState(0)
  const [said, setSaid] = useState('')
  const journal = useRead(readJournal, `journal ${turn}`)
  const mayDecide = document.documentElement.dataset.role !== 'viewer'
  const act = async (doing: Promise<string>) => {
    setSaid(await doing)
    setTurn(turn + 1)
  }
  const list = typeof journal === 'string' ? [] : journal.stations.filter(isWorthTelling)
  return (
    <div data-testid="waiting">
      {typeof journal !== 'string' && <State journal={journal} onAct={act} />}
      <p class="config-note" role="status" data-testid="waiting-said">
        {said}
      </p>
      <Frame state={stateOf(journal, list.length)} empty={words('none')} csv="journal.csv">
        <Table list={list} />
      </Frame>
      {typeof journal !== 'string' && journal.stations.some(({ offlineWh }) => offlineWh > 0) && (
        <p class="config-note">{missingText(journal.stations)}</p>
      )}
      {mayDecide && <RefusedOnes turn={turn} onAct={act} />}
    </div>
  )
}

function RefusedOnes({ turn, onAct }: { turn: number; onAct(doing: Promise<string>): void }) {
  const letters = useRead(readLetters, `letters ${turn}`)
  return typeof letters === 'string' || letters.length === 0 ? null : <Letters {...{ letters, onAct }} />
}

/** A session that runs and is told as it should be is of no concern here. */
const isWorthTelling = ({ waiting, deadLetters, shed, offlineWh, acceptedWh }: Backlog) =>
  waiting + deadLetters > 0 || shed !== undefined || offlineWh !== acceptedWh

const sum = (list: readonly Backlog[], of: (one: Backlog) => number): number =>
  list.reduce((total, one) => total + of(one), 0)

function missingText(list: readonly Backlog[]): string {
  const missingWh = sum(list, ({ offlineWh, acceptedWh }) => offlineWh - acceptedWh)
  return missingWh === 0 ? words('allEven') : `${words('missing')}: ${energy(missingWh)}`
}

/** In the language of the page; what was kept by a Busbar without codes is English. */
function inWords(said: JournalView['holdSaid'], text: string): string {
  const { phrase, params } = said ?? {}
  return phrase === undefined || params === undefined ? text : saidText({ text, phrase, params })
}

function State({ journal, onAct }: { journal: JournalView; onAct(doing: Promise<string>): void }) {
  const { fault, hold, damage, holdSaid, damageSaid } = journal
  const [asked, setAsked] = useState(false)
  return (
    <>
      {fault !== undefined && (
        <p class="config-note fault-text" role="alert">
          {words('fault', { what: fault })}
        </p>
      )}
      {hold !== undefined && (
        <p class="config-note" data-testid="journal-hold">
          <b>{words('held', { what: inWords(holdSaid, hold) })}</b>{' '}
          <button
            type="button"
            class="action"
            data-for="admin"
            onBlur={() => setAsked(false)}
            onClick={() => {
              if (asked) onAct(releaseJournal())
              setAsked(!asked)
            }}
          >
            {words(asked ? 'releaseSure' : 'release')}
          </button>
        </p>
      )}
      {damage !== undefined && (
        <p class="config-note" data-testid="journal-damage">
          <b>{words('lost', { what: inWords(damageSaid, damage) })}</b>{' '}
          <button type="button" class="action" data-for="operator" onClick={() => onAct(takeNote())}>
            {words('noted')}
          </button>
        </p>
      )}
    </>
  )
}

function Table({ list }: { list: readonly Backlog[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words('station')}</th>
          <th scope="col">{words('waits')}</th>
          <th scope="col">{words('oldest')}</th>
          <th scope="col" class="num">
            {words('refused')}
          </th>
          <th scope="col" class="num">
            {words('open')}
          </th>
          <th scope="col" class="num" title={words('offlineAbout')}>
            {words('offline')}
          </th>
          <th scope="col" class="num">
            {words('accepted')}
          </th>
          <th scope="col" class="num">
            {words('missing')}
          </th>
        </tr>
      </thead>
      <tbody>
        {list.map(one => (
          <Row key={one.stationId} one={one} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ one }: { one: Backlog }) {
  const { stationId, isConfigured, waiting, oldestAt, deadLetters, openTransactions, shed } = one
  const missingWh = one.offlineWh - one.acceptedWh
  return (
    <tr data-testid="backlog" data-station={stationId}>
      <th scope="row">
        {stationId}
        {!isConfigured && <span class="muted"> {words('notConfigured')}</span>}
      </th>
      <td data-label={words('waits')}>
        {waiting === 0 ? (
          <span class="muted">{records('nothing')}</span>
        ) : (
          <>
            {words('messages', { count: waiting })} <span class="muted nowrap">{bytesText(one.bytes)}</span>
          </>
        )}
        {shed !== undefined && <span class="why muted">{words('shed', { count: shed.count })}</span>}
      </td>
      <td data-label={words('oldest')}>
        {oldestAt === undefined ? '–' : duration(Date.now() - Date.parse(oldestAt))}
      </td>
      <td class="num" data-label={words('refused')}>
        {deadLetters === 0 ? '–' : <b class="over-text">{deadLetters}</b>}
      </td>
      <td class="num" data-label={words('open')}>
        {openTransactions}
      </td>
      <td class="num" data-label={words('offline')}>
        {energy(one.offlineWh)}
      </td>
      <td class="num" data-label={words('accepted')}>
        {energy(one.acceptedWh)}
      </td>
      <td class="num" data-label={words('missing')}>
        {missingWh === 0 ? '–' : <b>{energy(missingWh)}</b>}
      </td>
    </tr>
  )
}

const bytesText = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${Math.round(bytes / 1024)} KiB`
      : `${Math.round(bytes / 1024 / 1024)} MiB`
