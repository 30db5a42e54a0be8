/**
 * The cabinet as a single-line diagram. Each node is filled by the amps on its worst phase, on a scale that ends at
 * its rating; the mark is its limit (a circuit) or its allocation (a connector). Click a circuit for its plot.
 */
import { memo } from 'preact/compat'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { CircuitView, ConnectorView, SiteView, StationView } from '../../src/core/view.js'
import { BUSBAR_H, type CircuitNode, layOut, type Run, type StationNode } from './diagram-layout.js'
import { amps, limitText, lookOf, PHASE_LABELS, PHASES, statusText, worst } from './format.js'
import { Shape } from './icon.js'

interface Props {
  readonly site: SiteView
  readonly selected: string
  readonly selectedStation: string | undefined
  onCircuit(id: string): void
  onStation(id: string): void
}

export function Diagram({ site, selected, selectedStation, onCircuit, onStation }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const layout = layOut(site, Math.max(280, width))
  return (
    <div ref={frame} class="diagram-frame">
      {width > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset.
        <svg
          class="diagram"
          data-testid="diagram"
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          role="group"
          aria-label={`Single-line diagram of ${site.siteId}`}
        >
          <defs>
            <linearGradient id="copper" x1="0" y1="0" x2="0" y2="1">
              <stop offset="0" class="copper-top" />
              <stop offset="0.45" class="copper-mid" />
              <stop offset="1" class="copper-low" />
            </linearGradient>
            <linearGradient id="copper-plumb" x1="0" y1="0" x2="1" y2="0">
              <stop offset="0" class="copper-top" />
              <stop offset="0.45" class="copper-mid" />
              <stop offset="1" class="copper-low" />
            </linearGradient>
            <pattern
              id="over"
              width="6"
              height="6"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <path d="M0 0V6" class="hatch" />
            </pattern>
          </defs>
          <g>
            {layout.runs.map(run => (
              <Conductor key={`${run.kind} ${run.x1} ${run.y1} ${run.x2} ${run.y2}`} run={run} />
            ))}
            {layout.breakers.map(({ x, y }) => (
              <Breaker key={`${x} ${y}`} x={x} y={y} />
            ))}
            <path class="supply" d={`M${layout.supply.x - 7} ${layout.supply.y + 9}l7-7 7 7z`} />
            <text class="supply-text" x={layout.supply.x + 14} y={layout.supply.y + 11}>
              Grid supply
            </text>
          </g>
          {layout.circuits.map(node => (
            <CircuitCard
              key={node.circuit.id}
              node={node}
              selected={node.circuit.id === selected}
              onPick={onCircuit}
            />
          ))}
          {layout.stations.map(node => (
            <StationCell
              key={node.station.id}
              station={node.station}
              compact={node.compact}
              x={node.x}
              y={node.y}
              w={node.w}
              h={node.h}
              selected={node.station.id === selectedStation}
              onPick={onStation}
            />
          ))}
        </svg>
      )}
    </div>
  )
}

function useWidth(frame: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [frame])
  return width
}

function Conductor({ run: { kind, x1, y1, x2, y2 } }: { run: Run }) {
  if (kind === 'busbar') {
    const plumb = x1 === x2
    return plumb ? (
      <rect class="busbar-plumb" x={x1} y={y1} width={BUSBAR_H} height={y2 - y1 + BUSBAR_H} rx="2" />
    ) : (
      <rect class="busbar" x={x1} y={y1} width={x2 - x1} height={BUSBAR_H} rx="2" />
    )
  }
  return <line class={kind} x1={x1} y1={y1} x2={x2} y2={y2} />
}

/** IEC 60617 circuit breaker, closed: contact line with a cross at its fixed end. */
function Breaker({ x, y }: { x: number; y: number }) {
  return (
    <g class="breaker" transform={`translate(${x} ${y})`}>
      <rect class="breaker-gap" x="-3" y="-7" width="6" height="14" />
      <path d="M-3.5 -10.5l7 7M3.5 -10.5l-7 7M0 -7V7" />
    </g>
  )
}

interface CardProps {
  readonly node: CircuitNode
  readonly selected: boolean
  onPick(id: string): void
}

const CircuitCard = memo(
  ({ node: { circuit, x, y, w, h, depth }, selected, onPick }: CardProps) => {
    const measured = circuit.measuredA
    const most = measured === undefined ? 0 : worst(measured)
    const scaleA = Math.max(circuit.ratedCurrentA, circuit.limitA, most)
    const along = (valueA: number) => (Math.max(0, valueA) / scaleA) * w
    const over = most > circuit.limitA
    const limitX = along(circuit.limitA)
    return (
      // biome-ignore lint/a11y/useSemanticElements: SVG has no button element.
      <g
        class={`card circuit depth-${depth}${selected ? ' selected' : ''}${over ? ' over' : ''}`}
        data-testid="circuit-node"
        data-circuit={circuit.id}
        transform={`translate(${x} ${y})`}
        role="button"
        tabindex={0}
        aria-pressed={selected}
        aria-label={circuitLabel(circuit)}
        onClick={() => onPick(circuit.id)}
        onKeyDown={onEnter(() => onPick(circuit.id))}
      >
        <title>{circuitLabel(circuit)}</title>
        <clipPath id={`clip-${circuit.id}`}>
          <rect width={w} height={h} rx="4" />
        </clipPath>
        <rect class="plate" width={w} height={h} rx="4" />
        <g clip-path={`url(#clip-${circuit.id})`}>
          <rect class="fill" width={along(most)} height={h} />
          {over && <rect class="fill-over" x={limitX} y={h - 20} width={along(most) - limitX} height="20" />}
          {measured !== undefined &&
            PHASES.map(phase => (
              <rect
                key={phase}
                class={`phase-bar phase-${phase}`}
                y={h - 16 + phase * 5}
                width={along(measured[phase])}
                height="4"
              />
            ))}
          <g class="limit-mark" data-testid="limit-mark" transform={`translate(${limitX} 0)`}>
            <path d={`M0 ${h - 21}V${h}`} />
            <path class="flag" d={`M0 ${h - 17}l-5 -7h10z`} />
          </g>
        </g>
        <rect class="rim" width={w} height={h} rx="4" />
        <text class="name" x="10" y="18">
          {fit(circuit.id, w - 118)}
        </text>
        <text class="amps" x={w - 12} y="18">
          <tspan class="measured">{measured === undefined ? '–' : amps(most)}</tspan>
          <tspan class="of">
            {over ? ' A, over ' : ' / '}
            {limitText(circuit.limitA)} A
          </tspan>
        </text>
        <text class="phases" x="10" y="37">
          {measured === undefined
            ? 'not measured'
            : PHASES.map(phase => (
                <tspan key={phase} x={10 + phase * 62}>
                  <tspan class={`phase-name phase-${phase}`}>{PHASE_LABELS[phase]}</tspan>{' '}
                  {amps(measured[phase])}
                </tspan>
              ))}
        </text>
      </g>
    )
  },
  (a, b) => a.node.circuit === b.node.circuit && a.selected === b.selected && sameBox(a.node, b.node),
)

interface CellProps extends Omit<StationNode, 'compact'> {
  readonly compact: boolean
  readonly selected: boolean
  onPick(id: string): void
}

const StationCell = memo(
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
        </text>
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

function drawText(station: StationView): string {
  if (!station.connected) return 'no link'
  const parts = station.connectors.map(({ measuredA, allocationA }) => {
    if (allocationA === undefined) return '–'
    return measuredA === undefined ? `? of ${limitText(allocationA)}` : amps(worst(measuredA))
  })
  if (parts.every(part => part === '–')) return 'free'
  if (station.connectors.every(({ allocationA }) => allocationA === undefined || allocationA === 0))
    return 'paused'
  return `${parts.join(' + ')} A`
}

function circuitLabel({ id, measuredA, limitA, headroomA }: CircuitView): string {
  const seen = measuredA === undefined ? 'not measured' : `${amps(worst(measuredA))} A on its worst phase`
  const room = Math.min(...headroomA)
  return `Circuit ${id}: ${seen}, limit ${limitText(limitA)} A, headroom ${amps(room)} A`
}

function stationLabel(station: StationView): string {
  const parts = station.connectors.map(connector => {
    const seen = connector.measuredA === undefined ? '' : `, measured ${amps(worst(connector.measuredA))} A`
    const told =
      connector.allocationA === undefined ? '' : `, allocation ${limitText(connector.allocationA)} A`
    return `connector ${connector.id} ${statusText(connector, station.connected)}${told}${seen}. ${connector.why.text}`
  })
  return `Station ${station.id}: ${parts.join('; ')}`
}

/** Cut to what fits, at about `letterW` pixels a letter; the full text is in the title. */
function fit(text: string, width: number, letterW = 7.4): string {
  const most = Math.max(3, Math.floor(width / letterW))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

function sameBox(a: { x: number; y: number; w: number }, b: { x: number; y: number; w: number }): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w
}

function onEnter(act: () => void) {
  return (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    act()
  }
}
