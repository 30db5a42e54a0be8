/**
 * The cabinet as a single-line diagram. Each node is filled by the amps on its worst phase, on a scale that ends at
 * its rating; the mark is its limit (a circuit) or its allocation (a connector). Click a circuit for its plot.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { SiteView } from '../../src/core/view/document.js'
import { CircuitCard } from './circuit-card.js'
import { BUSBAR_H, layOut, type Run } from './diagram-layout.js'
import { StationCell } from './station-cell.js'
import { site as words } from './words/site.js'

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
          aria-label={words('diagram', { site: site.siteId })}
        >
          <Patterns />
          <g>
            <Conductors runs={layout.runs} />
            {layout.breakers.map(({ x, y }) => (
              <Breaker key={`${x} ${y}`} x={x} y={y} />
            ))}
            <path class="supply" d={`M${layout.supply.x - 7} ${layout.supply.y + 9}l7-7 7 7z`} />
            <text class="supply-text" x={layout.supply.x + 14} y={layout.supply.y + 11}>
              {words('supply')}
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

/** Copper piece by piece, below the wires: of those each station has one, and they are one path. */
function Conductors({ runs }: { runs: readonly Run[] }) {
  const pathOf = (kind: Run['kind']) =>
    runs.map(run => (run.kind === kind ? `M${run.x1} ${run.y1}L${run.x2} ${run.y2}` : '')).join('')
  return (
    <>
      {runs.map(({ kind, x1, y1, x2, y2 }) => {
        if (kind !== 'busbar') return null
        const at = { key: `${x1} ${y1} ${x2}`, x: x1, y: y1, rx: 2 }
        return x1 === x2 ? (
          <rect class="busbar-plumb" {...at} width={BUSBAR_H} height={y2 - y1 + BUSBAR_H} />
        ) : (
          <rect class="busbar" {...at} width={x2 - x1} height={BUSBAR_H} />
        )
      })}
      <path class="feeder-bar" d={pathOf('feeder-bar')} />
      <path class="wire" d={pathOf('wire')} />
    </>
  )
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

/** Copper, and the hatching for what is over a limit. */
function Patterns() {
  return (
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
      <pattern id="over" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V6" class="hatch" />
      </pattern>
    </defs>
  )
}
