/** Files for and from stations. Everybody sees what is held; an operator fetches; an admin puts, asks for and deletes. */
import { useRef, useState } from 'preact/hooks'
import { files as words } from '../words/files.js'
import { when } from '../words/numbers.js'
import { records } from '../words/records.js'
import {
  askForDiagnostics,
  type HeldFile,
  type HeldFiles,
  putFirmware,
  readFiles,
  removeFile,
} from './files-api.js'
import { useRead } from './frame.js'

type Act = (doing: Promise<string>) => void

export function Files({ stationIds }: { stationIds: readonly string[] }) {
  const [turn, setTurn] = useState(0)
  const [said, setSaid] = useState('')
  const found = useRead(readFiles, `files ${turn}`)
  const act = async (doing: Promise<string>) => {
    setSaid(await doing)
    setTurn(turn + 1)
  }
  if (typeof found === 'string' && said === '') return <p class="config-note muted">{records(found)}</p>
  const { firmware, uploads }: HeldFiles = typeof found === 'string' ? { firmware: [], uploads: [] } : found
  return (
    <div data-testid="files">
      <p class="config-note" role="status" data-testid="files-said">
        {said}
      </p>
      <section aria-label={words('uploads')}>
        <header class="panel-head">
          <h2>{words('uploads')}</h2>
          <span class="muted about">{words('uploadsAbout')}</span>
        </header>
        <Ask stationIds={stationIds} onAct={act} />
        <List folder="uploads" list={uploads} onAct={act} />
      </section>
      <section aria-label={words('firmware')}>
        <header class="panel-head">
          <h2>{words('firmware')}</h2>
          <span class="muted about">{words('firmwareAbout')}</span>
        </header>
        <Put onAct={act} />
        <List folder="firmware" list={firmware} onAct={act} />
      </section>
    </div>
  )
}

function Ask({ stationIds, onAct }: { stationIds: readonly string[]; onAct: Act }) {
  const [id, setId] = useState(stationIds[0] ?? '')
  return (
    <p class="tag-tools" data-for="admin">
      <label>
        {words('station')}{' '}
        <select value={id} onChange={({ currentTarget }) => setId(currentTarget.value)}>
          {stationIds.map(one => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="action" disabled={id === ''} onClick={() => onAct(askForDiagnostics(id))}>
        {words('ask')}
      </button>
    </p>
  )
}

function Put({ onAct }: { onAct: Act }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <p class="tag-tools" data-for="admin">
      <button type="button" class="action" onClick={() => input.current?.click()}>
        {words('put')}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={words('put')}
        data-testid="firmware-file"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? []
          // the same file can be chosen again
          currentTarget.value = ''
          if (file !== undefined) onAct(putFirmware(file))
        }}
      />
    </p>
  )
}

interface ListProps {
  readonly folder: keyof HeldFiles
  readonly list: readonly HeldFile[]
  readonly onAct: Act
}

function List({ folder, list, onAct }: ListProps) {
  if (list.length === 0)
    return <p class="config-note muted">{words(folder === 'firmware' ? 'noFirmware' : 'noUploads')}</p>
  return (
    <div class="records-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{words('name')}</th>
            <th scope="col" class="num">
              {words('size')}
            </th>
            <th scope="col">{words('came')}</th>
            <th scope="col">{folder === 'firmware' ? words('address') : 'SHA-256'}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {list.map(file => (
            <Row key={file.name} {...{ folder, file, onAct }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ folder, file, onAct }: { folder: keyof HeldFiles; file: HeldFile; onAct: Act }) {
  const { name, sizeBytes, sha256, modifiedAt, url } = file
  const [asked, setAsked] = useState(false)
  const isFirmware = folder === 'firmware'
  const mayFetch = isFirmware || document.documentElement.dataset.role !== 'viewer'
  const path = isFirmware ? `files/firmware/${name}` : `api/v1/files/uploads/${name}`
  return (
    <tr data-testid="file" data-file={name}>
      <th scope="row">
        {mayFetch ? (
          <a href={path} download={name}>
            {name}
          </a>
        ) : (
          name
        )}
      </th>
      <td class="num" data-label={words('size')}>
        {sizeText(sizeBytes)}
      </td>
      <td data-label={words('came')}>{when(modifiedAt, 'moment')}</td>
      <td data-label={isFirmware ? words('address') : 'SHA-256'}>
        <code title={`SHA-256 ${sha256}`}>{isFirmware ? url : `${sha256.slice(0, 16)}…`}</code>
      </td>
      <td class="row-actions">
        <button
          type="button"
          class="action"
          data-for="admin"
          onBlur={() => setAsked(false)}
          onClick={() => {
            if (asked) onAct(removeFile(folder, name))
            setAsked(!asked)
          }}
        >
          {words(asked ? 'removeSure' : 'remove')}
        </button>
      </td>
    </tr>
  )
}

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`
