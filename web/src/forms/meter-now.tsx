/** A meter's entry beside what it says: a reading each two seconds as it is wired here, and a search of its line. */

import { useEffect, useState } from 'preact/hooks'
import type { MeterValuesView } from '../../../src/core/view/meter-values.js'
import type { ScanOutcome, Shown } from '../../../src/web/meter-desk.js'
import { ask, read } from '../ask.js'
import { faultText, loadAnswers } from '../words/answer-words.js'
import { frame } from '../words/frame.js'
import { meterNow as words } from '../words/meter-now.js'
import { decimals } from '../words/numbers.js'
import { useForm } from './context.js'
import { type Path, textAt, valueAt } from './document.js'
import { modelsFound, readWishOf, scanWishOf, takenOver } from './meter-wish.js'

const EVERY_MS = 2_000
const PHASES = ['L1', 'L2', 'L3'] as const
type Seen = { readonly values: Shown; readonly note?: string } | { readonly fault: string }
type Found = Extract<ScanOutcome, { readonly kind: 'done' }>

export function MeterNow({ path }: { path: Path }) {
  const { document, readOnly, set } = useForm()
  const meter = valueAt(document, path)
  const wish = readWishOf(meter)
  const [isReading, setReading] = useState(false)
  const [seen, setSeen] = useState<Seen>()
  const [search, setSearch] = useState<'runs' | Found | string>()
  const wished = JSON.stringify(wish)
  useEffect(() => {
    if (!isReading || wished === undefined) return
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const turn = async (): Promise<void> => {
      const now = await readOnce(wished, textAt(meter, 'id'))
      if (isOver) return
      setSeen(now)
      timer = setTimeout(turn, EVERY_MS)
    }
    void turn()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [isReading, wished])
  if (wish === undefined) return null
  const scan = scanWishOf(meter)
  const begin = async (): Promise<void> => {
    setSearch('runs')
    setSearch(await searched(scan))
  }
  return (
    <section class="wide meter-now" data-testid="meter-now">
      <p>
        <button type="button" class="action" disabled={readOnly} onClick={() => setReading(!isReading)}>
          {isReading ? words('stop') : words('read')}
        </button>{' '}
        <button
          type="button"
          class="action"
          disabled={readOnly || scan === undefined || search === 'runs'}
          onClick={begin}
        >
          {search === 'runs' ? words('searching') : words('search')}
        </button>
      </p>
      {isReading && seen !== undefined && <Values seen={seen} />}
      {typeof search === 'string' && search !== 'runs' && <p role="status">{search}</p>}
      {typeof search === 'object' && (
        <Models found={search} onTake={found => set(path, takenOver(meter, found))} />
      )}
    </section>
  )
}

const shown = (value: number | undefined, most: number): string =>
  value === undefined ? '–' : decimals(value, most)

function Values({ seen }: { seen: Seen }) {
  if ('fault' in seen) return <p role="status">{seen.fault}</p>
  const { currentA, voltageV, powerW, fault } = seen.values
  const figure = (values: readonly number[] | undefined, phase: number, unit: 'A' | 'V' | 'W'): string =>
    `${shown(values?.[phase], unit === 'W' ? 0 : 1)} ${unit}`
  return (
    <>
      <table class="meter-values" data-testid="meter-values">
        <tbody>
          {PHASES.map((name, phase) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{figure(currentA, phase, 'A')}</td>
              <td>{figure(voltageV, phase, 'V')}</td>
              <td>{figure(powerW, phase, 'W')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {fault !== undefined && <p role="status">{fault}</p>}
      {seen.note !== undefined && <p class="muted">{seen.note}</p>}
    </>
  )
}

function Models({
  found,
  onTake,
}: {
  found: Found
  onTake: (model: ReturnType<typeof modelsFound>[number]) => void
}) {
  const models = modelsFound(found.lines)
  const why = found.lines.flatMap(({ state, where, text }) =>
    state === 'searched' ? [] : [`${where}: ${state}${text === undefined ? '' : `, ${text}`}`],
  )
  return (
    <>
      {models.length === 0 && <p role="status">{why.length === 0 ? words('nobody') : why.join('. ')}</p>}
      <ul class="meter-models">
        {models.map(model => (
          <li key={`${model.device} ${model.unitId}`}>
            {model.name}
            {model.currentA !== undefined &&
              `: ${model.currentA.map(amps => decimals(amps, 1)).join(' / ')} A`}{' '}
            <button type="button" class="action" onClick={() => onTake(model)}>
              {words('take')}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

const post = (path: string, body: string) =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

/** A line that the running site reads is its own: then what the site knows of the meter is shown. */
async function readOnce(wish: string, id: string | undefined): Promise<Seen> {
  const answer = await post('meters/read', wish)
  if (answer?.ok) return { values: await answer.json() }
  if (answer?.status === 409 && id !== undefined) {
    const now = await read<MeterValuesView>(`meters/${encodeURIComponent(id)}/values`)
    if (now !== undefined) return { values: shownOf(now), note: words('running') }
  }
  return { fault: await faultOf(answer) }
}

function shownOf({ phases, fault, quality }: MeterValuesView): Shown {
  const three = (key: 'currentA' | 'voltageV' | 'powerW') => {
    const [l1, l2, l3] = phases.map(phase => phase[key])
    return l1 === undefined || l2 === undefined || l3 === undefined ? undefined : ([l1, l2, l3] as const)
  }
  const [currentA, voltageV, powerW] = [three('currentA'), three('voltageV'), three('powerW')]
  const said = fault ?? (quality === 'fresh' ? undefined : quality)
  return {
    ...(currentA !== undefined && { currentA }),
    ...(voltageV !== undefined && { voltageV }),
    ...(powerW !== undefined && { powerW }),
    ...(said !== undefined && { fault: said }),
  }
}

async function searched(wish: object | undefined): Promise<Found | string> {
  const answer = await post('meters/scan', JSON.stringify(wish ?? {}))
  if (answer === undefined || !answer.ok) return faultOf(answer)
  return { kind: 'done', ...(await answer.json()) }
}

async function faultOf(answer: Response | undefined): Promise<string> {
  if (answer === undefined) return frame('lost')
  if (answer.status === 409) return words('busy')
  const fault = await answer.json()
  await loadAnswers()
  return faultText(fault)
}
