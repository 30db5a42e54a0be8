/** What lies on a connector over the next 24 hours, as steps: what the CSMS allows, what Busbar told, what it falls to, what holds. */
import type { ConnectorSchedule, StationDetail, StepView } from '../../../src/core/view/station-detail.js'
import { valueTicks } from '../chart-ticks.js'
import { limitText } from '../format.js'
import { when } from '../words/numbers.js'
import { station as words } from '../words/station.js'

const CURVES = ['csms', 'ours', 'lease', 'composite'] as const
/** Of the 24, where the clock is told. */
const HOURS = [0, 6, 12, 18, 24]
const AMP_TICKS = 4

const WIDTH = 600
const HEIGHT = 110

interface CurvesProps {
  readonly connector: ConnectorSchedule
  readonly detail: StationDetail
  readonly several: boolean
}

export function Curves({ connector, detail, several }: CurvesProps) {
  const { from, to } = detail
  const all = CURVES.flatMap(key => connector[key])
  const mostA = Math.max(6, ...all.map(({ limitA }) => limitA ?? 0)) * 1.15
  const ampTicks = valueTicks(0, mostA, AMP_TICKS)
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const x = (at: string) => Math.max(0, ((Date.parse(at) - start) / (end - start)) * WIDTH)
  const y = (limitA: number | null) => (limitA === null ? 2 : HEIGHT - (limitA / mostA) * (HEIGHT - 4))
  return (
    <figure class="curves" data-testid="curves">
      {several && <figcaption>{words('connector', { id: connector.id })}</figcaption>}
      <div class="curves-plot">
        {ampTicks.map(amps => (
          <span key={amps} class="curve-amps muted" style={{ top: `${(100 * y(amps)) / HEIGHT}%` }}>
            {amps === ampTicks.at(-1) ? ampsText(amps) : limitText(amps)}
          </span>
        ))}
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={words('schedule')}
        >
          {ampTicks.map(amps => (
            <path key={amps} class="curve-grid" d={`M0 ${y(amps)}H${WIDTH}`} />
          ))}
          {HOURS.slice(1, -1).map(hour => (
            <path key={hour} class="curve-grid" d={`M${(hour / 24) * WIDTH} 0V${HEIGHT}`} />
          ))}
          {CURVES.map(key => (
            <path key={key} class={`curve curve-${key}`} d={pathThrough(connector[key], x, y)} />
          ))}
        </svg>
      </div>
      <p class="curve-times muted">
        {HOURS.map(hour => (
          <span key={hour}>{when(start + (hour / 24) * (end - start), 'minute')}</span>
        ))}
      </p>
      <ul class="curve-legend">
        {CURVES.map(key => (
          <li key={key}>
            <svg viewBox="0 0 20 6" width="20" height="6" aria-hidden="true">
              <path class={`curve curve-${key}`} d="M0 3H20" />
            </svg>{' '}
            {words(`curve ${key}`)}: {stepsText(connector[key])}
          </li>
        ))}
      </ul>
    </figure>
  )
}

function pathThrough(
  steps: readonly StepView[],
  x: (at: string) => number,
  y: (limitA: number | null) => number,
): string {
  const parts = steps.map(({ at, limitA }, index) =>
    index === 0 ? `M${x(at)} ${y(limitA)}` : `H${x(at)}V${y(limitA)}`,
  )
  return parts.length === 0 ? '' : `${parts.join('')}H${WIDTH}`
}

/** More than these nobody reads beside a picture. */
const STEPS_SAID = 4

function stepsText(steps: readonly StepView[]): string {
  if (steps.length === 0) return words('notKnown')
  const said = steps
    .slice(0, STEPS_SAID)
    .map(({ at, limitA }, index) => `${index === 0 ? '' : `${when(at, 'time')} `}${ampsText(limitA)}`)
  return `${said.join(' → ')}${steps.length > STEPS_SAID ? ' → …' : ''}`
}

const ampsText = (limitA: number | null): string =>
  limitA === null ? words('noLimit') : `${limitText(limitA)} A`
