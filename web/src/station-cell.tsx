/** A station in the diagram: each connector filled by the amps on its worst phase, marked at its allocation. */
import type { ConnectorView } from '../../src/core/view/document.js'
import type { StationNode } from './diagram-layout.js'
import { lookOf, PHASES, worst } from './format.js'
import { Shape } from './icon.js'
import { drawText, stationLabel } from './labels.js'
import { memo } from './memo.js'
import { fit, onEnter, sameBox } from './node-parts.js'

interface CellProps extends Omit<StationNode, 'compact'> {
  readonly compact: boolean
  readonly selected: boolean
  onPick(id: string): void
}

export const StationCell = memo(
  ({ station, compact, x, y, w, h, selected, onPick }: CellProps) => {
    const { connectors, connected } = station
    const look = connectors.length === 0 ? 'gone' : lookOf(busiest(connectors), connected)
    const label = stationLabel(station)
    const part = w / Math.max(1, connectors.length)
    const icon = compact ? 11 : 13
    return (
      // biome-ignore lint/a11y/useSemanticElements: SVG has no button element.
      <g
        class={`card station look-${look}${selected ? ' selected' : ''}${compact ? ' compact' : ''}`}
        data-testid="station-node"
        data-station={station.id}
        transform={`translate(${x} ${y})`}
        role="button"
        tabindex={0}
        aria-label={label}
        onClick={() => onPick(station.id)}
        onKeyDown={onEnter(() => onPick(station.id))}
      >
        <title>{label}</title>
        <rect class="plate" width={w} height={h} rx="3" />
        {connected &&
          connectors.map((connector, index) => (
            <ConnectorFill key={connector.id} connector={connector} x={index * part} w={part} h={h} />
          ))}
        <rect class="rim" width={w} height={h} rx="3" />
        <svg
          x="5"
          y={compact ? 4 : 6}
          width={icon}
          height={icon}
          viewBox="0 0 16 16"
          class="icon"
          aria-hidden="true"
        >
          <Shape name={look} />
        </svg>
        <text class="name" x={compact ? 19 : 22} y={compact ? 13 : 17}>
          {fit(station.id, w - (compact ? 21 : 25), compact ? 6 : 7)}
        </text>{' '}
        <text class="draw" x="6" y={compact ? 25 : 32}>
          {drawText(station)}
        </text>
      </g>
    )
  },
  (a, b) => a.station === b.station && a.selected === b.selected && a.compact === b.compact && sameBox(a, b),
)

interface FillProps {
  readonly connector: ConnectorView
  readonly x: number
  readonly w: number
  readonly h: number
}

/** One connector's share of the cell, side by side: filled by its worst phase, marked at its allocation. */
function ConnectorFill({ connector, x, w, h }: FillProps) {
  const { measuredA, maxCurrentA, allocationA } = connector
  const most = measuredA === undefined ? 0 : worst(measuredA)
  const along = (valueA: number) => Math.min(1, Math.max(0, valueA) / maxCurrentA) * w
  const barsY = h - 9
  const markX = Math.min(w - 1, along(allocationA ?? 0))
  return (
    <g transform={`translate(${x} 0)`}>
      {x > 0 && <path class="divider" d={`M0 0V${h}`} />}
      <rect class="fill" width={along(most)} height={h} rx="3" />
      {measuredA !== undefined &&
        PHASES.map(phase => (
          <rect
            key={phase}
            class={`phase-bar phase-${phase}`}
            y={barsY + phase * 3}
            width={along(measuredA[phase])}
            height="2.5"
          />
        ))}
      {markX > 0 && <path class="allocation-mark" d={`M${markX} ${barsY - 1}V${h}`} />}
      {markX > 0 && <path class="flag" d={`M${markX} ${barsY}l-3 -4h6z`} />}
    </g>
  )
}

/** The connector whose state the cell's icon shows: a fault first, then who charges, then who waits. */
function busiest(connectors: readonly ConnectorView[]): ConnectorView {
  const order: readonly ConnectorView['status'][] = [
    'Faulted',
    'Charging',
    'SuspendedEVSE',
    'SuspendedEV',
    'Preparing',
    'Finishing',
  ]
  const rank = ({ status }: ConnectorView) => (order.indexOf(status) + order.length + 1) % (order.length + 1)
  return connectors.reduce((best, connector) => (rank(connector) < rank(best) ? connector : best))
}
