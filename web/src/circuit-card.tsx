/** A circuit in the diagram: filled by the amps on its worst phase up to its rating, marked at its limit. */
import type { CircuitNode } from './diagram-layout.js'
import { amps, isOver, PHASE_LABELS, PHASES, worst } from './format.js'
import { cardTexts, circuitLabel } from './labels.js'
import { memo } from './memo.js'
import { fit, onEnter, sameBox } from './node-parts.js'

interface CardProps {
  readonly node: CircuitNode
  readonly selected: boolean
  onPick(id: string): void
}

export const CircuitCard = memo(
  ({ node: { circuit, x, y, w, h, depth }, selected, onPick }: CardProps) => {
    const measured = circuit.measuredA
    const most = measured === undefined ? 0 : worst(measured)
    const scaleA = Math.max(circuit.ratedCurrentA, circuit.limitA, most)
    const along = (valueA: number) => (Math.max(0, valueA) / scaleA) * w
    const over = isOver(circuit)
    const texts = cardTexts(circuit)
    const label = circuitLabel(circuit)
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
        aria-label={label}
        onClick={() => onPick(circuit.id)}
        onKeyDown={onEnter(() => onPick(circuit.id))}
      >
        <title>{label}</title>
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
        </text>{' '}
        <text class="amps" x={w - 12} y="18">
          <tspan class="measured">{texts.measured}</tspan>
          <tspan class="of">{texts.of}</tspan>
        </text>{' '}
        <text class="phases" x="10" y="37">
          {measured === undefined
            ? texts.unmeasured
            : PHASES.map(phase => (
                <tspan key={phase} x={10 + phase * 62}>
                  <tspan class={`phase-name phase-${phase}`}>{PHASE_LABELS[phase]}</tspan>{' '}
                  {amps(measured[phase])}{' '}
                </tspan>
              ))}
        </text>
      </g>
    )
  },
  (a, b) => a.node.circuit === b.node.circuit && a.selected === b.selected && sameBox(a.node, b.node),
)
