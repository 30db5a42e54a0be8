/** What else is known of a station, for whoever clicked it. Loaded when somebody does. */
import { useState } from 'preact/hooks'
import type { ClaimView, ConnectorView, ReasonView, StationView } from '../../../src/core/view/document.js'
import { amps, limitText, sinceText, timeOfDay } from '../format.js'
import { liftedText, reasonName } from '../words/from-core.js'
import { when } from '../words/numbers.js'
import { station as words } from '../words/station.js'
import { Commands } from './commands.js'
import { Configuration } from './configuration.js'
import { energyText } from './energy-text.js'
import { csmsLinkText, StationActions } from './station-actions.js'

export function Details({ station, at }: { station: StationView; at: string }) {
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
        <Commands station={station} />
        <Configuration station={station} />
        <More stationId={station.id} circuitId={station.circuitId} />
      </td>
    </tr>
  )
}

type StationMore = typeof import('./station-view.js').StationMore

/** Loaded when somebody opens it. */
function More(of: { stationId: string; circuitId: string }) {
  const [view, setView] = useState<{ readonly View: StationMore }>()
  const load = () => import('./station-view.js').then(({ StationMore }) => setView({ View: StationMore }))
  return (
    <details class="more" onToggle={event => event.currentTarget.open && load()} data-testid="more">
      <summary>{words('open')}</summary>
      {view !== undefined && <view.View {...of} />}
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
            <span>{reasonName(link)}</span>
            <small class="muted">{liftedAt(link, at)}</small>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** "for 3 min; more when a car stops or other load falls, looked at again at 14:05:10" */
function liftedAt(link: ReasonView, at: string): string {
  const { since, lift, liftAt } = link
  const lifted = liftedText(link)
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
