/** A station's configuration keys: what stands in the way of control in words, the whole table on demand. */

import { useEffect, useState } from 'preact/hooks'
import type { ConfigurationRow } from '../../../src/core/station/reported-limits.js'
import type { StationView } from '../../../src/core/view/document.js'
import { changeKey, loadConfiguration, loadStations } from '../api.js'
import { Icon } from '../icon.js'
import { saidText } from '../words/from-core.js'
import { when } from '../words/numbers.js'
import { station as words } from '../words/station.js'

type Loaded = readonly ConfigurationRow[] | 'failed' | undefined

export function Configuration({ station }: { station: StationView }) {
  const [rows, setRows] = useState<Loaded>(undefined)
  const [isOpen, setOpen] = useState(false)
  const { configuration, id } = station
  // Loaded while it is open, and anew when it was read anew or a key became another.
  const version = configuration && `${configuration.readAt} ${configuration.differences}`
  useEffect(() => {
    if (!isOpen || version === undefined) return undefined
    let isCurrent = true
    loadConfiguration(id).then(found => {
      if (isCurrent) setRows(found ?? 'failed')
    })
    return () => {
      isCurrent = false
    }
  }, [isOpen, id, version])
  if (configuration === undefined) return <p class="muted">{words('configNotRead')}</p>
  const { differences, notices, readAt } = configuration
  return (
    <div class="configuration">
      {notices.length > 0 && (
        <ul class="notices">
          {notices.map(notice => (
            <li key={notice.text} data-testid="configuration-notice">
              <Icon name="alarm" /> {saidText(notice)}
            </li>
          ))}
        </ul>
      )}
      <details
        open={isOpen}
        onToggle={event => setOpen(event.currentTarget.open)}
        data-testid="configuration"
      >
        <summary>
          {words('configRead', { time: when(readAt, 'moment'), differences: differencesText(differences) })}
        </summary>
        {rows === 'failed' && (
          <p class="fault-text" role="alert">
            {words('keysNotLoaded')}
          </p>
        )}
        {rows !== undefined && rows !== 'failed' && <Keys rows={rows} station={station} />}
      </details>
    </div>
  )
}

function Keys({ rows, station }: { rows: readonly ConfigurationRow[]; station: StationView }) {
  return (
    <div class="keys-scroll">
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">{words('key')}</th>
            <th scope="col">{words('station')}</th>
            <th scope="col">{words('modelFile')}</th>
            <th scope="col">{words('note')}</th>
          </tr>
        </thead>
        <tbody>
          {[...rows]
            .sort((a, b) => rank(a) - rank(b))
            .map(row => (
              <tr
                key={row.key}
                class={row.difference === 'none' ? '' : 'differs'}
                data-testid="configuration-key"
              >
                <th scope="row">{row.key}</th>
                <td>{shown(row.value)}</td>
                <td>{shown(row.modelValue)}</td>
                <td class="muted note">
                  {noteOf(row)}
                  {!row.readonly && row.value !== undefined && (
                    <SetAll station={station} name={row.key} value={row.value} />
                  )}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}

/** What this station has, to the others of its model; each is told by itself and says what it makes of it. */
function SetAll({ station, name, value }: { station: StationView; name: string; value: string }) {
  const [said, setSaid] = useState('')
  const act = async () => {
    const others = (await loadStations()).filter(
      ({ id, device, connected }) => id !== station.id && device === station.device && connected,
    )
    if (!confirm(words('askSetAll', { key: name, value, count: others.length }))) return
    let done = 0
    for (const { id } of others) {
      if (await changeKey(id, name, value)) done += 1
      setSaid(words('setAllSaid', { done, of: others.length }))
    }
  }
  return (
    <span class="set-all" data-for="admin">
      <button type="button" class="action" data-testid="set-all" onClick={act}>
        {words('setAll')}
      </button>{' '}
      <span role="status">{said}</span>
    </span>
  )
}

function differencesText(count: number): string {
  return count === 0 ? words('asModel') : words('differs', { count })
}

/** What differs or was set stands first. */
function rank({ csmsReads, difference }: ConfigurationRow): number {
  return difference !== 'none' || csmsReads !== undefined ? 0 : 1
}

function shown(value: string | undefined): string {
  return value === undefined ? '–' : value === '' ? words('empty') : value
}

function noteOf({ csmsReads, difference, readonly, rebootRequired }: ConfigurationRow): string {
  const notes: string[] = []
  if (csmsReads !== undefined) notes.push(words('setByBusbar', { value: shown(csmsReads) }))
  if (rebootRequired) notes.push(words('afterReboot'))
  if (difference === 'not in the model file' || difference === 'not on the station')
    notes.push(words(difference))
  if (difference === 'access') notes.push(words(readonly ? 'readOnly' : 'writable'))
  return notes.join('; ')
}
