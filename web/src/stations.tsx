/** Every connector with its status, allocation, measured amps and the reason for them in words. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ConnectorView, StationView } from '../../src/core/view/document.js'
import { amps, limitText, lookOf, PHASE_LABELS, PHASES, seen, statusText, worst } from './format.js'
import { Icon } from './icon.js'
import { memo } from './memo.js'
import { energyText } from './station/energy-text.js'
import { TermList } from './term-list.js'
import { whyText } from './words/from-core.js'
import { stations as words } from './words/stations.js'
import { terms } from './words/terms.js'

/** From here on a search field is worth its place. */
const SEARCH_FROM = 16

interface Props {
  readonly stations: readonly StationView[]
  readonly at: string
  readonly selected: string | undefined
  onPick(id: string): void
}

export function Stations({ stations, at, selected, onPick }: Props) {
  const [wanted, setWanted] = useState('')
  const most = useMore(stations.length)
  const text = wanted.trim().toLowerCase()
  const shown = text === '' ? stations : stations.filter(station => haystack(station).includes(text))
  const charging = stations
    .flatMap(({ connectors }) => connectors)
    .filter(({ status }) => status === 'Charging').length
  return (
    <section class="panel stations-panel" aria-label={words('stations')}>
      <header class="panel-head">
        <h2>{words('stations')}</h2>
        <span class="muted">
          {words('connectedOf', {
            count: stations.filter(({ connected }) => connected).length,
            of: stations.length,
            charging,
          })}
        </span>
        {stations.length >= SEARCH_FROM && (
          <input
            type="search"
            placeholder={words('find')}
            aria-label={words('findLabel')}
            value={wanted}
            onInput={event => setWanted(event.currentTarget.value)}
          />
        )}
      </header>
      <table class="stations">
        <thead>
          <tr>
            <th scope="col">{words('station')}</th>
            <th scope="col">{words('status')}</th>
            <th scope="col" class="num" title={terms('allocation')}>
              {words('allocation')}
            </th>
            <th scope="col" class="num">
              {words('measured')}
            </th>
            <th scope="col">{words('why')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, most).map((station, index) => (
            <StationRows
              key={station.id}
              station={station}
              above={whyOf(shown[index - 1]?.connectors.at(-1))}
              at={at}
              selected={station.id === selected}
              onPick={onPick}
            />
          ))}
        </tbody>
      </table>
      <TermList of={['allocation', 'failSafe']} />
      {shown.length === 0 && <p class="empty">{words('noneFits')}</p>}
    </section>
  )
}

/** About what a laptop shows of them below the cabinet. */
const AT_FIRST = 4

/** How many are drawn: those who can be seen first, then twice as many after each frame, until all are there. */
function useMore(all: number): number {
  const [most, setMost] = useState(AT_FIRST)
  useEffect(() => {
    if (most < all) setMost(2 * most)
  }, [most, all])
  return most
}

function haystack(station: StationView): string {
  const parts = station.connectors.flatMap(connector => [
    statusText(connector, station.connected),
    whyText(connector.why),
  ])
  const { name = '', bay = '' } = station
  return [station.id, name, bay, station.device, station.circuitId, ...parts].join(' ').toLowerCase()
}

const whyOf = (connector: ConnectorView | undefined): string =>
  connector === undefined ? '' : whyText(connector.why)

interface RowsProps {
  readonly station: StationView
  /** The reason in the row before: what a dozen cars have in common is said once. */
  readonly above: string
  readonly at: string
  readonly selected: boolean
  onPick(id: string): void
}

const StationRows = memo(
  ({ station, above, selected, at, onPick }: RowsProps) => {
    const first = useRef<HTMLTableRowElement>(null)
    useEffect(() => {
      if (selected) first.current?.scrollIntoView({ block: 'nearest' })
    }, [selected])
    return (
      <>
        {station.connectors.map((connector, index) => (
          <tr
            key={connector.id}
            ref={index === 0 ? first : null}
            class={`${selected ? 'selected' : ''}${index > 0 ? ' more' : ''}`}
            data-testid="station-row"
            data-station={station.id}
            data-connector={connector.id}
          >
            <th scope="row">
              <button type="button" class="link" onClick={() => onPick(station.id)} aria-expanded={selected}>
                {station.id}
              </button>
              {station.connectors.length > 1 && <span class="muted"> · {connector.id}</span>}
              <small class="muted">
                {[station.name, station.bay, station.circuitId].filter(part => part !== undefined).join(', ')}
              </small>
            </th>
            <td class={`status look-${lookOf(connector, station.connected)}`}>
              <span class="chip">
                <Icon name={lookOf(connector, station.connected)} />
                {statusText(connector, station.connected)}
              </span>
            </td>
            <td class="num allocation" data-head={words('allocation')}>
              <Allocation connector={connector} />
            </td>
            <td class="num measured" data-head={words('measured')}>
              <Measured connector={connector} />
            </td>
            <Why
              connector={connector}
              above={selected ? '' : index === 0 ? above : whyOf(station.connectors[index - 1])}
            />
          </tr>
        ))}
        {selected && <Details station={station} at={at} />}
      </>
    )
  },
  // Only the open one tells the time.
  (a, b) =>
    a.station === b.station &&
    a.above === b.above &&
    a.selected === b.selected &&
    (!a.selected || a.at === b.at),
)

function Why({ connector, above }: { connector: ConnectorView; above: string }) {
  const text = whyText(connector.why)
  const isSame = text !== '' && text === above
  return (
    <td class="why" data-testid="why" data-code={connector.why.code} title={isSame ? text : undefined}>
      {isSame ? <span class="muted">{words('asAbove')}</span> : text}
    </td>
  )
}

function Allocation({ connector }: { connector: ConnectorView }) {
  if (connector.allocationA === undefined) return <span class="muted">–</span>
  if (connector.allocationA === 0) return <>{words('paused')}</>
  return <>{limitText(connector.allocationA)} A</>
}

/** One number where the used phases agree within 0.5 A, else each phase by name. */
function Measured({ connector }: { connector: ConnectorView }) {
  const { measuredA, isEstimate, phases, transaction } = connector
  if (measuredA === undefined) return <span class="muted">–</span>
  const used = PHASES.filter(phase => phases[phase])
  const most = worst(measuredA)
  const title = [
    ...(isEstimate === true ? [words('estimate')] : []),
    PHASES.map(phase => `${PHASE_LABELS[phase]} ${amps(measuredA[phase])} A`).join(', '),
    transaction === undefined ? '' : words('inTransaction', { energy: energyText(transaction) }),
  ].join('; ')
  const alike = used.length === 3 && used.every(phase => most - measuredA[phase] < 0.5)
  const where =
    alike || most === 0
      ? '3~'
      : PHASES.filter(phase => measuredA[phase] > 0.5).map(phase => PHASE_LABELS[phase])
  return (
    <span title={title}>
      {seen(most, isEstimate)} A
      {most > 0 && <small class="muted"> {Array.isArray(where) ? where.join(' ') : where}</small>}
    </span>
  )
}

type StationDetails = typeof import('./station/station-details.js').Details

/** Loaded when somebody opens one. */
function Details({ station, at }: { station: StationView; at: string }) {
  const [view, setView] = useState<{ readonly View: StationDetails }>()
  useEffect(() => {
    import('./station/station-details.js').then(({ Details }) => setView({ View: Details }))
  }, [])
  return view === undefined ? null : <view.View station={station} at={at} />
}
