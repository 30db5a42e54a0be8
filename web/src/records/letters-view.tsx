/** What the CSMS would not take, with its reason, and what an operator may decide about it. What is given up is asked twice. */
import { useState } from 'preact/hooks'
import { when } from '../words/numbers.js'
import { records } from '../words/records.js'
import { waiting as words } from '../words/waiting.js'
import { giveUp, type Letter, sendAgain } from './waiting-api.js'

interface Props {
  readonly letters: readonly Letter[]
  onAct(doing: Promise<string>): void
}

/** More than these nobody decides about one by one; the CSV has them all. */
const LETTERS_SHOWN = 200

export function Letters({ letters, onAct }: Props) {
  return (
    <section aria-label={words('letters')} data-testid="letters">
      <header class="panel-head">
        <h2>{words('letters')}</h2>
        <a href="api/v1/dead-letters.csv">{records('csv')}</a>
      </header>
      <p class="config-note muted">{words('lettersAbout')}</p>
      <div class="records-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{words('message')}</th>
              <th scope="col">{words('received')}</th>
              <th scope="col">{words('why')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {letters.slice(0, LETTERS_SHOWN).map((letter, index) => (
              <Row
                key={`${letter.stationId} ${letter.seq}`}
                letter={letter}
                isFirst={!isOfOneSession(letters[index - 1], letter)}
                onAct={onAct}
              />
            ))}
          </tbody>
        </table>
      </div>
      {letters.length > LETTERS_SHOWN && <p class="config-note muted">{records('cut')}</p>}
    </section>
  )
}

const isOfOneSession = (a: Letter | undefined, b: Letter): boolean =>
  a?.stationId === b.stationId && a.transactionId !== undefined && a.transactionId === b.transactionId

interface RowProps {
  readonly letter: Letter
  /** Of its session: what is decided is decided for all of it, once. */
  readonly isFirst: boolean
  onAct(doing: Promise<string>): void
}

function Row({ letter, isFirst, onAct }: RowProps) {
  const { stationId, action, transactionId, receivedAt, payload } = letter
  const [asked, setAsked] = useState(false)
  return (
    <tr data-testid="letter" data-station={stationId}>
      <th scope="row">
        {stationId} <span class="nowrap">{action}</span>
        {transactionId !== undefined && (
          <span class="muted nowrap"> {words('session', { id: transactionId })}</span>
        )}
      </th>
      <td data-label={words('received')}>{when(receivedAt, 'moment')}</td>
      <td data-label={words('why')}>
        {reasonText(letter)}
        <details>
          <summary>{words('content')}</summary>
          <code>{payload}</code>
        </details>
      </td>
      <td class="row-actions">
        {isFirst && (
          <>
            <button type="button" class="action" onClick={() => onAct(sendAgain(letter, false))}>
              {words('again')}
            </button>
            {transactionId !== undefined && (
              <button
                type="button"
                class="action"
                title={words('withoutStartAbout')}
                onClick={() => onAct(sendAgain(letter, true))}
              >
                {words('withoutStart')}
              </button>
            )}
            <button
              type="button"
              class="action"
              data-for="admin"
              title={words('giveUpAbout')}
              onBlur={() => setAsked(false)}
              onClick={() => {
                if (asked) onAct(giveUp(letter))
                setAsked(!asked)
              }}
            >
              {words(asked ? 'giveUpSure' : 'giveUp')}
            </button>
          </>
        )}
      </td>
    </tr>
  )
}

/** The CSMS says why in its own words, and is quoted; ours are in the language of the page. */
function reasonText({ reason }: Letter): string {
  switch (reason) {
    case 'its StartTransaction was refused':
      return words('startRefused')
    case 'its StartTransaction is missing':
      return words('startMissing')
    case 'never answered':
      return words('neverAnswered')
    default:
      return words('csmsSays', { what: reason })
  }
}
