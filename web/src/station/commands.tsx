/** What an operator tells a station: everyday commands, and when the car of a session leaves. What may end a session is asked twice. */
import { useState } from 'preact/hooks'
import type { ConnectorView, StationView } from '../../../src/core/view/document.js'
import { ask } from '../ask.js'
import { refusalText } from '../words/answer-words.js'
import { commands as words } from '../words/commands.js'

interface Command {
  readonly action: string
  /** Which connector it wants: one, or also the station itself (0), or none. */
  readonly of: 'connector' | 'any' | 'station'
  readonly isAskedTwice: boolean
  /** Undefined where it means nothing there. */
  payload(connector: ConnectorView | undefined, tag: string): object | undefined
}

const availability = (type: string): Command => ({
  ...{ action: 'ChangeAvailability', of: 'any', isAskedTwice: type === 'Inoperative' },
  payload: connector => ({ connectorId: connector?.id ?? 0, type }),
})
const trigger = (requestedMessage: string): Command => ({
  ...{ action: 'TriggerMessage', of: 'connector', isAskedTwice: false },
  payload: connector => connector && { requestedMessage, connectorId: connector.id },
})
const reset = (type: string): Command => ({
  ...{ action: 'Reset', of: 'station', isAskedTwice: true, payload: () => ({ type }) },
})

const COMMANDS = {
  stop: {
    ...{ action: 'RemoteStopTransaction', of: 'connector', isAskedTwice: true },
    payload: connector => connector?.transaction && { transactionId: connector.transaction.id },
  },
  start: {
    ...{ action: 'RemoteStartTransaction', of: 'connector', isAskedTwice: false },
    payload: (connector, idTag) => connector && { connectorId: connector.id, idTag },
  },
  unlock: {
    ...{ action: 'UnlockConnector', of: 'connector', isAskedTwice: true },
    payload: connector => connector && { connectorId: connector.id },
  },
  close: availability('Inoperative'),
  open: availability('Operative'),
  status: trigger('StatusNotification'),
  values: trigger('MeterValues'),
  soft: reset('Soft'),
  hard: reset('Hard'),
} as const satisfies Readonly<Record<string, Command>>
type Name = keyof typeof COMMANDS
const NAMES: readonly Name[] = [
  'stop',
  'start',
  'unlock',
  'close',
  'open',
  'status',
  'values',
  'soft',
  'hard',
]

export function Commands({ station }: { station: StationView }) {
  const { id, connected, connectors } = station
  const [name, setName] = useState<Name>('stop')
  const [at, setAt] = useState(connectors[0]?.id ?? 0)
  const [asked, setAsked] = useState(false)
  const [said, setSaid] = useState('')
  const { action, of, isAskedTwice, payload }: Command = COMMANDS[name]
  // 0 is the station itself: only where a command may mean that.
  const picked = connectors.find(one => one.id === at)
  const connector = of === 'station' ? undefined : of === 'any' ? picked : (picked ?? connectors[0])
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const tag = String(new FormData(event.currentTarget).get('tag') ?? '').trim()
    const body = payload(connector, tag)
    if (body === undefined) return setSaid(words('noSession'))
    if (isAskedTwice && !asked) return setAsked(true)
    setAsked(false)
    setSaid(words('sending'))
    setSaid(await send(`stations/${encodeURIComponent(id)}/commands/${action}`, body))
  }
  const change = (to: () => void) => () => {
    to()
    setAsked(false)
    setSaid('')
  }
  if (!connected) return null
  return (
    <details class="more" data-for="operator" data-testid="commands">
      <summary>{words('title')}</summary>
      <form class="ask-form" onSubmit={submit}>
        <label>
          {words('command')}
          <select
            name="command"
            value={name}
            onChange={({ currentTarget: { value } }) =>
              change(() => setName(NAMES.find(known => known === value) ?? name))()
            }
          >
            {NAMES.map(known => (
              <option key={known} value={known}>
                {words(`do ${known}`)}
              </option>
            ))}
          </select>
        </label>
        {of !== 'station' && (of === 'any' || connectors.length > 1) && (
          <label>
            {words('connector')}
            <select
              name="connector"
              value={String(connector?.id ?? 0)}
              onChange={({ currentTarget: { value } }) => change(() => setAt(Number(value)))()}
            >
              {of === 'any' && <option value="0">{words('whole')}</option>}
              {connectors.map(one => (
                <option key={one.id} value={String(one.id)}>
                  {one.id}
                </option>
              ))}
            </select>
          </label>
        )}
        {name === 'start' && (
          <label>
            {words('tag')}
            <input name="tag" required maxLength={20} autocomplete="off" />
          </label>
        )}
        <button type="submit" class="action" onBlur={() => setAsked(false)}>
          {words(asked ? 'sure' : 'send')}
        </button>
      </form>
      <p role="status">{said}</p>
      {connectors.map(
        one =>
          one.transaction !== undefined && (
            <SessionWish key={one.id} stationId={id} connector={one} several={connectors.length > 1} />
          ),
      )}
    </details>
  )
}

interface WishProps {
  readonly stationId: string
  readonly connector: ConnectorView
  readonly several: boolean
}

/** When the car leaves and what it needs by then, as whoever stands beside it says. */
function SessionWish({ stationId, connector, several }: WishProps) {
  const [said, setSaid] = useState('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const fields = new FormData(event.currentTarget)
    const [departure, energy] = ['departure', 'energy'].map(name => String(fields.get(name) ?? ''))
    if (!departure && !energy) return setSaid(words('neither'))
    const wish = {
      ...(departure && { departureAt: new Date(departure).toISOString() }),
      ...(energy && { energyWh: Math.round(Number(energy) * 1000) }),
    }
    const path = `stations/${encodeURIComponent(stationId)}/connectors/${connector.id}/session`
    setSaid((await refused(path, wish)) ?? words('kept'))
  }
  return (
    <form class="ask-form" onSubmit={submit} data-testid="session-wish">
      <label>
        {words('departure')}
        {several && ` (${connector.id})`}
        <input name="departure" type="datetime-local" />
      </label>
      <label>
        {words('energy')}
        <input name="energy" type="number" min="0" max="2000" step="0.1" />
      </label>
      <button type="submit" class="action">
        {words('keep')}
      </button>
      <p role="status">{said}</p>
    </form>
  )
}

const post = (path: string, body: object): Promise<Response | undefined> =>
  ask(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** What the station made of it, or why it never heard of it. */
async function send(path: string, body: object): Promise<string> {
  const answer = await post(path, body)
  if (answer === undefined) return words('silent')
  if (!answer.ok) return words('notSent', { what: await refusalText(await answer.json()) })
  const { answer: conf, error } = await answer.json()
  const status = conf?.status ?? error?.code ?? ''
  const known = ANSWERS.find(one => one === status)
  return words('answered', { what: known === undefined ? String(status) : words(`is ${known}`) })
}

const ANSWERS = [
  ...(['Accepted', 'Rejected', 'Scheduled', 'Unlocked', 'UnlockFailed'] as const),
  ...(['NotSupported', 'NotImplemented'] as const),
]

/** Undefined where it was taken. */
async function refused(path: string, body: object): Promise<string | undefined> {
  const answer = await post(path, body)
  if (answer === undefined) return words('silent')
  return answer.ok ? undefined : words('notSent', { what: await refusalText(await answer.json()) })
}
