/** Every connector with its status, allocation, measured amps and the reason for them in words. */
import { memo } from 'preact/compat'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ClaimView, ConnectorView, ReasonView, StationView } from '../../src/core/view/document.js'
import { Configuration } from './configuration.js'
import {
  amps,
  energy,
  limitText,
  lookOf,
  PHASE_LABELS,
  PHASES,
  seen,
  sinceText,
  statusText,
  timeOfDay,
  worst,
} from './format.js'
import { Icon } from './icon.js'
import { csmsLinkText, StationActions } from './station-actions.js'
import { when } from './words/numbers.js'
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
          {shown.map(station => (
            <StationRows
              key={station.id}
              station={station}
              at={at}
              selected={station.id === selected}
              onPick={onPick}
            />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p class="empty">{words('noneFits')}</p>}
    </section>
  )
}

function haystack(station: StationView): string {
  const parts = station.connectors.flatMap(connector => [
    statusText(connector, station.connected),
    connector.why.text,
  ])
  const { name = '', bay = '' } = station
  return [station.id, name, bay, station.device, station.circuitId, ...parts].join(' ').toLowerCase()
}

interface RowsProps {
  readonly station: StationView
  readonly at: string
  readonly selected: boolean
  onPick(id: string): void
}

const StationRows = memo(
  ({ station, selected, at, onPick }: RowsProps) => {
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
            <td class="num allocation">
              <Allocation connector={connector} />
            </td>
            <td class="num measured">
              <Measured connector={connector} />
            </td>
            <td class="why" data-testid="why" data-code={connector.why.code}>
              {connector.why.text}
            </td>
          </tr>
        ))}
        {selected && <Details station={station} at={at} />}
      </>
    )
  },
  // Only the open one tells the time.
  (a, b) => a.station === b.station && a.selected === b.selected && (!a.selected || a.at === b.at),
)

function Allocation({ connector }: { connector: ConnectorView }) {
  if (connector.allocationA === undefined) return <span class="muted">–</span>
  if (connector.allocationA === 0) return <>{words('paused')}</>
  return <>{limitText(connector.allocationA)} A</>
}

/** Where the register cannot be believed, only the least is known. */
function energyText({ energyWh, energyDoubt }: NonNullable<ConnectorView['transaction']>): string {
  if (energyDoubt === undefined) return energy(energyWh)
  const why =
    energyDoubt === 'start unknown' ? words(energyDoubt) : words('doubt', { what: words(energyDoubt) })
  return words('atLeast', { energy: energy(energyWh), why })
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

/** What else is known of a station, for whoever clicked it. */
function Details({ station, at }: { station: StationView; at: string }) {
  const { boot, device, connected, since, profileWrites } = station
  const facts: [string, string][] = [
    [words('model'), boot === undefined ? device : `${boot.vendor} ${boot.model}`],
    [words('firmware'), boot?.firmware ?? '–'],
    [words(connected ? 'connectedSince' : 'goneSince'), when(since, 'moment')],
    [words('writes'), String(profileWrites)],
    ...(station.notConfigured ?? []).map(({ connectorId, bookedA }): [string, string] => [
      words('notConfigured', { id: connectorId }),
      words('ampsBooked', { amps: limitText(bookedA) }),
    ]),
  ]
  return (
    <tr class="selected details" data-testid="station-details">
      <td colSpan={5}>
        {station.connectors.map(connector => (
          <Chain key={connector.id} connector={connector} of={station.connectors.length} at={at} />
        ))}
        <dl>
          {[...facts, ...station.connectors.flatMap(connectorFacts)].map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p class="csms-link" data-testid="csms-link">
          <span class="muted">{words('csmsLink')}</span> {csmsLinkText(station.csms, at)}
        </p>
        <StationActions station={station} />
        <Configuration station={station} />
        <More stationId={station.id} />
      </td>
    </tr>
  )
}

type StationMore = typeof import('./station/station-view.js').StationMore

/** Loaded when somebody opens it. */
function More({ stationId }: { stationId: string }) {
  const [view, setView] = useState<{ readonly View: StationMore }>()
  const load = () =>
    import('./station/station-view.js').then(({ StationMore }) => setView({ View: StationMore }))
  return (
    <details class="more" onToggle={event => event.currentTarget.open && load()} data-testid="more">
      <summary>{words('open')}</summary>
      {view !== undefined && <view.View stationId={stationId} />}
    </details>
  )
}

/** From what the connector can give down to what it is told, and what would lift each. */
function Chain({ connector, of, at }: { connector: ConnectorView; of: number; at: string }) {
  const { chain } = connector.why
  const last = chain.length - 1
  if (last < 1) return null
  return (
    <section class="chain" data-testid="chain" aria-label={words('whyConnector', { id: connector.id })}>
      <h3>{of > 1 ? words('whyConnector', { id: connector.id }) : words('why')}</h3>
      <ol>
        {chain.map((link, index) => (
          <li key={`${link.code} ${link.circuitId ?? ''}`} class={index === last ? 'binds' : ''}>
            <b class="num">{limitText(link.valueA)} A</b>
            <span>{link.name}</span>
            <small class="muted">{lifted(link, at)}</small>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** "for 3 min; more when a car stops or other load falls, looked at again at 14:05:10" */
function lifted({ since, lift, lifted, liftAt }: ReasonView, at: string): string {
  const held =
    since === undefined || lift === 'configuration'
      ? ''
      : `${words('heldFor', { time: sinceText(since, at) })} `
  const more = lift === 'configuration' || lift === 'none' ? lifted : words('moreWhen', { when: lifted })
  if (liftAt === undefined || liftAt <= at) return held + more
  return held + more + words(lift === 'time' ? 'atTime' : 'askedAgain', { time: timeOfDay(liftAt) })
}

/** "06:30, by its tag", "usually 06:10, 7 of 8 times" */
function leavesText(claim: ClaimView | undefined): string | undefined {
  if (claim?.departureAt === undefined) return undefined
  const time = when(claim.departureAt, 'minute')
  const { learned, source } = claim
  if (learned !== undefined) return words('usually', { time, times: learned.times, of: learned.of })
  return words(source === 'tag' ? 'byTag' : 'asTold', { time })
}

function connectorFacts(
  connector: ConnectorView,
  _: number,
  all: readonly ConnectorView[],
): [string, string][] {
  const { id, maxCurrentA, failSafeCurrentA, bookedA, measuredA, transaction } = connector
  const { installedFailSafeA, survivedReboot } = connector
  const of = all.length > 1 ? ` (${id})` : ''
  const facts: [string, string][] = [
    [words('maximum') + of, `${limitText(maxCurrentA)} A`],
    [words('failSafe') + of, `${limitText(failSafeCurrentA)} A`],
    [
      words('failSafeInstalled') + of,
      installedFailSafeA === undefined ? words('notKnown') : `${limitText(installedFailSafeA)} A`,
    ],
    [words('keptOver') + of, words(`kept ${survivedReboot}`)],
    [words('booked') + of, `${limitText(bookedA)} A`],
  ]
  if (measuredA !== undefined) {
    const about = connector.isEstimate === true ? '≈ ' : ''
    facts.push([`L1 / L2 / L3${of}`, `${about}${measuredA.map(amps).join(' / ')} A`])
  }
  if (transaction !== undefined) {
    facts.push([words('transaction') + of, `${transaction.id}, ${energyText(transaction)}`])
    facts.push([words('started') + of, when(transaction.since, 'moment')])
    const leaves = leavesText(transaction.claim)
    if (leaves !== undefined) facts.push([words('leaves') + of, leaves])
  }
  return facts
}
