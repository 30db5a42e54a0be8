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
import { WORDS } from './station/words.js'
import { csmsLinkText, StationActions } from './station-actions.js'

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
    <section class="panel stations-panel" aria-label="Stations">
      <header class="panel-head">
        <h2>Stations</h2>
        <span class="muted">
          {stations.filter(({ connected }) => connected).length} of {stations.length} connected · {charging}{' '}
          charging
        </span>
        {stations.length >= SEARCH_FROM && (
          <input
            type="search"
            placeholder="Find by id, circuit, status, reason"
            aria-label="Find stations"
            value={wanted}
            onInput={event => setWanted(event.currentTarget.value)}
          />
        )}
      </header>
      <table class="stations">
        <thead>
          <tr>
            <th scope="col">Station</th>
            <th scope="col">Status</th>
            <th scope="col" class="num">
              Allocation
            </th>
            <th scope="col" class="num">
              Measured
            </th>
            <th scope="col">Why</th>
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
      {shown.length === 0 && <p class="empty">No station fits.</p>}
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
  if (connector.allocationA === 0) return <>paused</>
  return <>{limitText(connector.allocationA)} A</>
}

/** Where the register cannot be believed, only the least is known. */
function energyText({ energyWh, energyDoubt }: NonNullable<ConnectorView['transaction']>): string {
  if (energyDoubt === undefined) return energy(energyWh)
  const why =
    energyDoubt === 'start unknown' ? 'its start is not known' : `its energy register ${energyDoubt}`
  return `at least ${energy(energyWh)} (${why})`
}

/** One number where the used phases agree within 0.5 A, else each phase by name. */
function Measured({ connector }: { connector: ConnectorView }) {
  const { measuredA, isEstimate, phases, transaction } = connector
  if (measuredA === undefined) return <span class="muted">–</span>
  const used = PHASES.filter(phase => phases[phase])
  const most = worst(measuredA)
  const title = [
    ...(isEstimate === true ? ['best estimate: it does not report amps of each phase'] : []),
    PHASES.map(phase => `${PHASE_LABELS[phase]} ${amps(measuredA[phase])} A`).join(', '),
    transaction === undefined ? '' : `${energyText(transaction)} in this transaction`,
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
    ['Model', boot === undefined ? device : `${boot.vendor} ${boot.model}`],
    ['Firmware', boot?.firmware ?? '–'],
    [connected ? 'Connected since' : 'Gone since', new Date(since).toLocaleString('en-GB')],
    ['Profile writes, 24 h', String(profileWrites)],
    ...(station.notConfigured ?? []).map(({ connectorId, bookedA }): [string, string] => [
      `Connector ${connectorId}, not configured`,
      `${limitText(bookedA)} A booked`,
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
          <span class="muted">CSMS link:</span> {csmsLinkText(station.csms, at)}
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
      <summary>{WORDS.open}</summary>
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
    <section class="chain" data-testid="chain" aria-label={`Why, connector ${connector.id}`}>
      <h3>{of > 1 ? `Why, connector ${connector.id}` : 'Why'}</h3>
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
  const held = since === undefined || lift === 'configuration' ? '' : `for ${sinceText(since, at)}; `
  const more = lift === 'configuration' || lift === 'none' ? lifted : `more ${lifted}`
  const isAhead = liftAt !== undefined && liftAt > at
  return `${held}${more}${isAhead ? `, ${lift === 'time' ? '' : 'asked again '}at ${timeOfDay(liftAt)}` : ''}`
}

/** "06:30, by its tag", "usually 06:10, 7 of 8 times" */
function leavesText(claim: ClaimView | undefined): string | undefined {
  if (claim?.departureAt === undefined) return undefined
  const time = new Date(claim.departureAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  const { learned, source } = claim
  if (learned !== undefined) return `usually ${time}, ${learned.times} of ${learned.of} times`
  return `${time}, ${source === 'tag' ? 'by its tag' : 'as told for this session'}`
}

const KEPT: Readonly<Record<ConnectorView['survivedReboot'], string>> = {
  yes: 'yes',
  no: 'no: booked at the maximum while away',
  unknown: 'never seen: booked at the maximum while away',
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
    [`Maximum${of}`, `${limitText(maxCurrentA)} A`],
    [`Fail-safe${of}`, `${limitText(failSafeCurrentA)} A`],
    [
      `Fail-safe installed${of}`,
      installedFailSafeA === undefined ? 'not known' : `${limitText(installedFailSafeA)} A`,
    ],
    [`Kept over a reboot${of}`, KEPT[survivedReboot]],
    [`Booked${of}`, `${limitText(bookedA)} A`],
  ]
  if (measuredA !== undefined) {
    const about = connector.isEstimate === true ? '≈ ' : ''
    facts.push([`L1 / L2 / L3${of}`, `${about}${measuredA.map(amps).join(' / ')} A`])
  }
  if (transaction !== undefined) {
    facts.push([`Transaction${of}`, `${transaction.id}, ${energyText(transaction)}`])
    facts.push([`Started${of}`, new Date(transaction.since).toLocaleString('en-GB')])
    const leaves = leavesText(transaction.claim)
    if (leaves !== undefined) facts.push([`Leaves${of}`, leaves])
  }
  return facts
}
