/** Limits from outside as people read them: who, what, since, until, and whether it is the one that binds. Shapes and words only. */
import { drawnBelow } from '../control/drawn.js'
import type { Now } from '../control/now.js'
import type { Order } from '../control/reason.js'
import type { ControlState } from '../control/state.js'
import { type Binding, isOfStations } from '../limits/effective.js'
import { isOfPage, type LimitInForce, limitKey } from '../limits/limit.js'
import { type Said, say } from '../words/said.js'
import type { Condition } from './alarms.js'
import type { CircuitLoad } from './circuit-load.js'
import type { LimitView } from './document.js'

/** Longer than stations, cars and a meter take to follow an order. */
const HELD_WITHIN_MS = 30_000

export function limitViews(state: ControlState, now: Now): readonly LimitView[] {
  const binding = new Set(
    [
      ...state.limitBindings,
      ...state.stationBindings,
      ...state.connectors.map(({ ordered }) => ordered),
    ].flatMap(bound => (bound === undefined ? [] : [limitKey(bound.limit)])),
  )
  return state.limits.map(limit => ({
    source: limit.source,
    id: limit.id,
    target: targetText(limit),
    ...(isOfStations(limit.target) && { onlyStations: true as const }),
    ...(limit.value.unit === 'A' ? { limitA: limit.value.perPhase } : { limitW: limit.value.total }),
    state: limit.state,
    since: iso(limit.sinceWallMs),
    // To the second, so that a late timer does not look like another end.
    ...(limit.untilMonoMs !== undefined && {
      until: iso(Math.round((now.wallMs + limit.untilMonoMs - now.monoMs) / 1000) * 1000),
    }),
    ...(limit.reason !== undefined && { reason: limit.reason }),
    by: limit.by,
    binds: binding.has(limitKey(limit)),
  }))
}

/** Whose limit it is: "order peak (mqtt)", "the hours of night". */
export function sayOrder(limit: Order): Said {
  const name = limit.id.replace(/^pause:/, '')
  switch (limit.source) {
    case 'window':
      return say('order-hours', { name })
    case 'grid':
      return say('order-grid', { name })
    case 'mean':
      return say('order-mean', { name })
    case 'g100':
      return name.endsWith(':locked')
        ? say('order-import-locked', { name: name.slice(0, -7) })
        : say('order-import-limit', { name })
    case 'test':
      return say('order-test', { by: limit.by })
    case 'silence':
      return say('order-silence', { name })
    default:
      if (limit.state === 'fallback') return say('order-silence', { name })
      return isOfPage(limit) ? say('order-page', { by: limit.by }) : say('order-by', { name, by: limit.by })
  }
}

/** An order that is not kept, by what flows: other load alone, or stations that do not follow. */
export function limitConditions(
  state: ControlState,
  loads: readonly CircuitLoad[],
  now: Now,
): readonly Condition[] {
  const stations = state.stationBindings.flatMap((binding, node) =>
    binding === undefined ? [] : stationsCondition(state, { binding, node }, now),
  )
  const circuits = state.limitBindings.flatMap((binding, node): readonly Condition[] => {
    const flowing = loads[node]
    const measuredA = flowing?.measuredSource === 'estimate' ? flowing.surelyA : flowing?.measuredA
    if (binding === undefined || measuredA === undefined) return []
    const mostA = Math.round(Math.max(...measuredA) * 10) / 10
    const isNew = now.wallMs - binding.limit.sinceWallMs < HELD_WITHIN_MS
    if (isNew || mostA <= binding.limitA) return []
    const id = state.tree.nodes[node]?.id ?? ''
    const limitA = Math.round(binding.limitA * 10) / 10
    return [
      {
        code: 'limit-not-held',
        about: id,
        ...say('circuit-over-order', {
          circuit: id,
          carriesA: mostA,
          order: sayOrder(binding.limit),
          limitA,
        }),
      },
    ]
  })
  return [...circuits, ...stations]
}

/** Where nobody measures all of them, what they surely draw. */
function stationsCondition(
  state: ControlState,
  { binding, node }: { readonly binding: Binding; readonly node: number },
  now: Now,
): readonly Condition[] {
  const drawn = drawnBelow(state, node, now)
  if (drawn === undefined || now.wallMs - binding.limit.sinceWallMs < HELD_WITHIN_MS) return []
  const mostA = Math.round(Math.max(...(drawn.isEstimate ? drawn.surelyA : drawn.bestA)) * 10) / 10
  if (mostA <= binding.limitA) return []
  const id = state.tree.nodes[node]?.id ?? ''
  const limitA = Math.round(binding.limitA * 10) / 10
  return [
    {
      code: 'limit-not-held',
      about: id,
      ...say('stations-over-order', { circuit: id, drawA: mostA, order: sayOrder(binding.limit), limitA }),
    },
  ]
}

function targetText({ target }: LimitInForce): string {
  if (target.kind === 'site') return 'site'
  if (target.kind === 'circuit') return target.circuitId
  return target.connectorId === undefined ? target.stationId : `${target.stationId}/${target.connectorId}`
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
