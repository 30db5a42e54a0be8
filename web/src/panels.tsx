/** The lists beside the diagram: circuits with headroom, meters with age and quality, the demo's levers, the alarms. */
import { useEffect, useState } from 'preact/hooks'
import type { AlarmView, CircuitView, MeterView, SiteView } from '../../src/core/view/document.js'
import { acknowledge, type Lever, loadLevers, setLever, tryNow } from './api.js'
import {
  amps,
  energy,
  isOver,
  least,
  limitText,
  otherLoadText,
  PHASE_LABELS,
  PHASES,
  power,
  reckonedOther,
  roomTitle,
  seen,
  sinceText,
  worst,
} from './format.js'
import { Icon } from './icon.js'
import { TermList } from './term-list.js'
import { adviceOf } from './words/advice.js'
import { saidText } from './words/from-core.js'
import { decimals, when } from './words/numbers.js'
import { site } from './words/site.js'
import { terms } from './words/terms.js'

/** More than these would push the cabinet off the screen; the others fold away. */
const ALARMS_SHOWN = 3

/** While a site is put into service these only say that it is not done yet. */
const OF_SETTING_UP = ['not-set-up', 'station-not-placed']

/** As somebody sees it who puts the site into service. */
export function withoutSettingUp(site: SiteView): SiteView {
  const alarms = site.alarms.filter(({ code }) => !OF_SETTING_UP.includes(code))
  return alarms.length === site.alarms.length ? site : { ...site, alarms }
}

export function Alarms({ site: { alarms, at } }: { site: SiteView }) {
  if (alarms.length === 0) return null
  const sorted = [...alarms].sort(
    (a, b) => Number(a.acknowledged !== undefined) - Number(b.acknowledged !== undefined),
  )
  const rest = sorted.slice(ALARMS_SHOWN)
  return (
    <section class="alarms" aria-label={site('alarms')}>
      <AlarmList alarms={sorted.slice(0, ALARMS_SHOWN)} at={at} />
      {rest.length > 0 && (
        <details>
          <summary>{site('more', { count: rest.length })}</summary>
          <AlarmList alarms={rest} at={at} />
        </details>
      )}
    </section>
  )
}

function AlarmList({ alarms, at }: { alarms: readonly AlarmView[]; at: string }) {
  return (
    <ul>
      {alarms.map(alarm => (
        <li
          key={`${alarm.code} ${alarm.about ?? ''}`}
          class={alarm.acknowledged && 'noted'}
          data-testid="alarm"
          data-code={alarm.code}
        >
          <Icon name="alarm" />
          <span>
            {saidText(alarm)} {adviceOf(alarm)}
          </span>
          <span class="muted nowrap">{site('for', { time: sinceText(alarm.since, at) })}</span>
          {tryPath(alarm) !== undefined && <TryNow path={tryPath(alarm) ?? ''} />}
          <button
            type="button"
            class="action"
            data-for="operator"
            title={noteTitle(alarm)}
            aria-pressed={alarm.acknowledged !== undefined}
            onClick={() => acknowledge(alarm, alarm.acknowledged === undefined)}
          >
            {alarm.acknowledged === undefined
              ? site('takeNote')
              : site('notedBy', { who: alarm.acknowledged.by })}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** What of it can be tried before its time. */
function tryPath({ code, about }: AlarmView): string | undefined {
  if (code === 'csms-away') return 'csms/try'
  if (code === 'mqtt-away') return 'mqtt/try'
  if (about === undefined || (code !== 'meter-lost' && code !== 'meter-stale')) return undefined
  return `meters/${encodeURIComponent(about)}/try`
}

function TryNow({ path }: { path: string }) {
  const [outcome, setOutcome] = useState<boolean>()
  return (
    <button
      type="button"
      class="action"
      data-for="operator"
      data-testid="try-now"
      onClick={async () => setOutcome(await tryNow(path))}
    >
      {site(outcome === undefined ? 'tryNow' : outcome ? 'tried' : 'didNotWork')}
    </button>
  )
}

function noteTitle({ acknowledged }: AlarmView): string {
  return acknowledged === undefined
    ? site('noteAbout')
    : site('noteBack', { time: when(acknowledged.at, 'moment') })
}

interface CircuitsProps {
  readonly circuits: readonly CircuitView[]
  readonly selected: string
  onPick(id: string): void
}

export function Circuits({ circuits, selected, onPick }: CircuitsProps) {
  return (
    <section class="panel" aria-label={site('circuits')}>
      <header class="panel-head">
        <h2>{site('circuits')}</h2>
      </header>
      <table class="circuits">
        <thead>
          <tr>
            <th scope="col">{site('circuit')}</th>
            <th scope="col" class="num">
              {site('measuredHead')}
            </th>
            <th scope="col" class="num" title={terms('otherLoad')}>
              {site('other')}
            </th>
            <th scope="col" class="num" title={terms('booked')}>
              {site('booked')}
            </th>
            <th scope="col" class="num" title={terms('limit')}>
              {site('limit')}
            </th>
            <th scope="col" class="num" title={terms('headroom')}>
              {site('headroom')}
            </th>
          </tr>
        </thead>
        <tbody>
          {inTreeOrder(circuits).map(({ circuit, depth }) => (
            <CircuitRow
              key={circuit.id}
              circuit={circuit}
              depth={depth}
              selected={circuit.id === selected}
              onPick={onPick}
            />
          ))}
        </tbody>
      </table>
      <TermList of={['otherLoad', 'worstCase', 'reserve', 'booked', 'limit', 'headroom']} />
    </section>
  )
}

interface RowProps {
  readonly circuit: CircuitView
  readonly depth: number
  readonly selected: boolean
  onPick(id: string): void
}

function CircuitRow({ circuit, depth, selected, onPick }: RowProps) {
  const { id, measuredA, measuredSource, bookedA, limitA, headroomA } = circuit
  const other = reckonedOther(circuit)
  const otherTitle = otherLoadText(circuit)
  const room = least(headroomA)
  const tight = PHASE_LABELS[PHASES.find(phase => headroomA[phase] === room) ?? 0]
  return (
    <tr class={selected ? 'selected' : ''} data-testid="circuit-row" data-circuit={id}>
      <th scope="row" class={`indent-${Math.min(depth, 4)}`}>
        <button type="button" class="link" aria-pressed={selected} onClick={() => onPick(id)}>
          {id}
        </button>
      </th>
      <td class="num" title={site(`by ${measuredSource ?? 'none'}`)}>
        {measuredA === undefined ? '–' : seen(worst(measuredA), measuredSource === 'estimate')}
      </td>
      <td class="num" title={otherTitle}>
        {amps(other.mostA)}
        {other.isWorstCase && other.mostA > 0 && <abbr title={otherTitle}> {site('worstShort')}</abbr>}
        {other.measuredA !== undefined && (
          <small class="muted reserve" title={otherTitle}>
            {site('measuredIs', { amps: amps(other.measuredA) })}
          </small>
        )}
        {other.reserveA >= 0.05 && (
          <small class="muted reserve" title={site('reserveAbout')}>
            {site('reserveIs', { amps: amps(other.reserveA) })}
          </small>
        )}
      </td>
      <td class="num">{amps(worst(bookedA))}</td>
      <td class="num">{limitText(limitA)}</td>
      <td class="num strong">
        {isOver(circuit) ? (
          <span class="over-text chip">
            <Icon name="alarm" />
            {site('overBy', { amps: amps(worst(measuredA ?? [0, 0, 0]) - limitA) })}
          </span>
        ) : (
          <span title={roomTitle(circuit)}>{room >= 0.05 ? amps(room) : site('none')}</span>
        )}{' '}
        <small class="muted">{tight}</small>
      </td>
    </tr>
  )
}

function inTreeOrder(circuits: readonly CircuitView[]): readonly { circuit: CircuitView; depth: number }[] {
  const below = (parentId: string | undefined, depth: number): { circuit: CircuitView; depth: number }[] =>
    circuits
      .filter(circuit => circuit.parentId === parentId)
      .flatMap(circuit => [{ circuit, depth }, ...below(circuit.id, depth + 1)])
  return below(undefined, 0)
}

const QUALITY = { fresh: 'ok', stale: 'clock', absent: 'alarm' } as const

export function Meters({ meters, at }: { meters: readonly MeterView[]; at: string }) {
  return (
    <section class="panel" aria-label={site('meters')}>
      <header class="panel-head">
        <h2>{site('meters')}</h2>
      </header>
      {meters.length === 0 && <p class="empty">{site('noMeters')}</p>}
      <ul class="meters">
        {meters.map(meter => (
          <li key={meter.id} class={`quality-${meter.quality}`} data-testid="meter" data-meter={meter.id}>
            <p class="meter-head">
              <b>{meter.id}</b>
              <span class="muted">
                {site('unitAt', { device: meter.device, unit: meter.unitId, address: meter.address })}
              </span>
              <span class="chip">
                <Icon name={QUALITY[meter.quality]} />
                {site(meter.quality)}
                {meter.quality !== 'fresh' &&
                  meter.readAt !== undefined &&
                  site('lastRead', { time: sinceText(meter.readAt, at) })}
              </span>
            </p>
            <p class="meter-values">
              {meter.currentA !== undefined &&
                PHASES.map(phase => (
                  <span key={phase}>
                    <i class={`swatch phase-${phase}`} /> {PHASE_LABELS[phase]}{' '}
                    {amps(meter.currentA?.[phase] ?? 0)} A
                    {meter.voltageV !== undefined && (
                      <span class="muted"> {decimals(meter.voltageV[phase], 0)} V</span>
                    )}
                  </span>
                ))}
              {meter.totalPowerW !== undefined && <span>{power(meter.totalPowerW)}</span>}
              {meter.importWh !== undefined && <span class="muted">{energy(meter.importWh)}</span>}
              {meter.traffic !== undefined && <span class="muted">{trafficText(meter.traffic)}</span>}
              {meter.fault !== undefined && <span class="fault-text">{meterFault(meter)}</span>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** "12,400 requests, 3 timeouts, 12 ms": what did not go well only where something did not. */
function trafficText({ requests, latencyMs, exceptions, ...bad }: NonNullable<MeterView['traffic']>): string {
  const faults = [
    [bad.timeouts, 'timeouts'],
    [Object.values(exceptions).reduce((sum, count) => sum + count, 0), 'exceptions'],
    [bad.crcErrors, 'crcErrors'],
    [bad.staleReplies, 'staleReplies'],
    [bad.failures, 'failures'],
  ] as const
  const parts = faults.flatMap(([count, name]) => (count > 0 ? [site(name, { count })] : []))
  const time = latencyMs === undefined ? [] : [`${latencyMs.mean} ms`]
  return [site('requests', { count: requests }), ...parts, ...time].join(', ')
}

/** What an electrician can act on. */
function meterFault({ fault, faultSaid, frozen, unitId, address }: MeterView): string {
  const stuck = site('stuck')
  if (fault === 'frozen') return site('frozen', { stuck })
  const spoken = faultSaid === undefined ? (fault ?? '') : saidText(faultSaid)
  const what = fault === 'timeout' ? site('noAnswer', { unit: unitId, address }) : spoken
  return frozen ? site('beforeFrozen', { what, stuck }) : what
}

/** Only in the demo; elsewhere the server has no such route and nothing is shown. */
function leverText({ kind, on }: Lever): string {
  if (kind === 'wrong') return site(on ? 'leverWrong' : 'leverRight')
  return site(on ? 'unplugged' : 'pluggedIn')
}

export function Levers() {
  const [levers, setLevers] = useState<readonly Lever[]>([])
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    loadLevers().then(setLevers)
  }, [])
  if (levers.length === 0) return null
  const pull = async ({ id, on }: Lever) => {
    const after = await setLever(id, !on)
    setFailed(after === undefined)
    if (after !== undefined) setLevers(after)
  }
  return (
    <section class="panel" aria-label={site('demo')} data-testid="levers">
      <header class="panel-head">
        <h2>{site('demoAbout')}</h2>
      </header>
      <div class="levers">
        {levers.map(lever => (
          <button
            key={lever.id}
            type="button"
            class="lever"
            role="switch"
            aria-checked={!lever.on}
            data-lever={lever.id}
            onClick={() => pull(lever)}
          >
            <span class="knob" aria-hidden="true" />
            {saidText({ ...lever, text: lever.label })}
            <span class="muted">{leverText(lever)}</span>
          </button>
        ))}
      </div>
      {failed && (
        <p class="fault-text" role="alert">
          {site('didNotWork')}
        </p>
      )}
    </section>
  )
}
