/** The grid operator's orders as limits of what stations draw, and what holds while its door is silent (control rule 17). */
import type { GridControlConfig } from '../config/grid-control.js'
import type { SiteConfig } from '../config/site.js'
import { reductionOf } from '../site/grid-reduction.js'
import type { OrderBook } from './book.js'
import { circuitTarget, targetOf } from './declared.js'
import { type LimitInForce, type LimitTarget, limitKey } from './limit.js'

const ORDINARY_PRIORITY = 5

export function gridTarget({ circuit }: GridControlConfig): LimitTarget {
  return circuitTarget(targetOf(circuit), true)
}

/** `heard`: until when what each said last counts, by a clock that does not jump. */
export function silentControls(
  config: SiteConfig,
  said: { readonly book: OrderBook; readonly heard: ReadonlyMap<string, number> },
  now: { readonly monoMs: number; readonly wallMs: number },
): readonly LimitInForce[] {
  return config.limits.gridControls
    .filter(({ id, onSilence }) => {
      const isHeard =
        said.book.has(limitKey({ source: 'grid', id })) || (said.heard.get(id) ?? 0) > now.monoMs
      return onSilence === 'reduce' && !isHeard
    })
    .map(control => {
      const { powerW, reckoned } = reductionOf(control, config)
      return {
        source: 'silence',
        id: control.id,
        target: gridTarget(control),
        value: { unit: 'W', total: powerW },
        priority: ORDINARY_PRIORITY,
        reason: `${control.id} says nothing; ${reckoned}`,
        by: 'configuration',
        state: 'fallback',
        sinceWallMs: now.wallMs,
      }
    })
}
