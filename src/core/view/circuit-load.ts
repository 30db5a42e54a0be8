/**
 * The circuits as people read them: what flows, as measured or as the best estimate; the other load that is likely; and
 * apart from it the reserve, which is kept because stations do not show all they draw. Their sum is what decisions
 * reckon with (control rule 14).
 */
import { drawnBelow } from '../control/drawn.js'
import type { Now } from '../control/now.js'
import type { OtherLoadDoubt } from '../control/reason.js'
import { stationRoomA } from '../control/room.js'
import type { ControlState } from '../control/state.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { add, maxOf, minOf, type PerPhase, subtract, ZERO } from '../site/phases.js'
import type { CircuitView } from './document.js'

/** One circuit's amps at a moment, unrounded. */
export interface CircuitLoad {
  readonly measuredA?: PerPhase
  readonly measuredSource?: NonNullable<CircuitView['measuredSource']>
  /** What is surely drawn below, where stations are all there is to go by. */
  readonly surelyA?: PerPhase
  readonly otherA: PerPhase
  readonly otherSource: CircuitView['otherLoadSource']
  /** Why the worst case stands where a meter is. */
  readonly assumed?: string
  readonly doubt?: OtherLoadDoubt
  readonly reserveA: PerPhase
  readonly freeA: PerPhase
}

/** Per node of the tree. */
export function circuitLoads(state: ControlState, now: Now): readonly CircuitLoad[] {
  return state.tree.nodes.map((_, node) => {
    const meterA = meterCurrent(state, node, now)
    const load = state.loads[node] ?? { otherA: ZERO, source: 'worst case' as const }
    const booked = state.bookedA[node] ?? ZERO
    const likely = state.likely[node]?.otherA
    const likelyA =
      meterA === undefined || likely === undefined ? load.otherA : minOf(mostOtherA(state, node), likely)
    const assumed = load.source === 'worst case' ? whyAssumed(state, node, now) : undefined
    return {
      ...(assumed !== undefined && { assumed: assumed.text, doubt: assumed.doubt }),
      ...flowing(state, node, meterA, now),
      otherA: likelyA,
      otherSource: likely === undefined || meterA === undefined ? load.source : 'measured',
      reserveA: maxOf(ZERO, subtract(load.otherA, likelyA)),
      freeA: subtract(stationRoomA(state, node), booked),
    }
  })
}

/**
 * The upper end of what other load can be: the edge that decisions reckon with, and what is booked for cars of ours although it
 * may be other load: raises that the meter seems to show, lowers that a car may have followed before its station tells.
 */
export function mostOtherA(state: ControlState, node: number): PerPhase {
  const ownA = add(state.explainedA[node] ?? ZERO, state.fallingA[node] ?? ZERO)
  return add(state.loads[node]?.otherA ?? ZERO, ownA)
}

function whyAssumed(
  state: ControlState,
  node: number,
  now: Now,
): { readonly doubt: OtherLoadDoubt; readonly text: string } | undefined {
  const meterId = state.tree.nodes[node]?.circuit.meter
  const pollMs = state.site.config.meters.find(meter => meter.id === meterId)?.pollMs
  if (meterId === undefined || pollMs === undefined) return undefined
  const { worstCase, judgement } = meterStatus(state.meters.get(meterId), now.monoMs, pollMs)
  if (worstCase) return { doubt: 'absent', text: `meter ${meterId} gives nothing` }
  if (judgement.verdict !== undefined || judgement.doubt !== undefined || judgement.holdsRaises)
    return { doubt: 'not believed', text: `meter ${meterId} is not believed` }
  return {
    doubt: 'not proven',
    text: `meter ${meterId} is not proven yet: it has to follow two changes of cars first`,
  }
}

/** By the circuit's own meter while it is fresh. Without a meter, what the stations below draw is all that is known. */
function flowing(
  state: ControlState,
  node: number,
  meterA: PerPhase | undefined,
  now: Now,
): Pick<CircuitLoad, 'measuredA' | 'measuredSource' | 'surelyA'> {
  if (state.tree.nodes[node]?.circuit.meter !== undefined)
    return meterA === undefined ? {} : { measuredA: meterA, measuredSource: 'meter' }
  const below = drawnBelow(state, node, now)
  if (below === undefined) return {}
  const { bestA, isEstimate, surelyA } = below
  return { measuredA: bestA, measuredSource: isEstimate ? 'estimate' : 'stations', surelyA }
}

/** Per node of the tree what flows there, and nothing else of its load: what its plot keeps each second. */
export function circuitFlows(state: ControlState, now: Now): readonly Pick<CircuitLoad, 'measuredA'>[] {
  return state.tree.nodes.map((_, node) => flowing(state, node, meterCurrent(state, node, now), now))
}

function meterCurrent(state: ControlState, node: number, now: Now): PerPhase | undefined {
  const meterId = state.tree.nodes[node]?.circuit.meter
  if (meterId === undefined) return undefined
  const pollMs = state.site.config.meters.find(meter => meter.id === meterId)?.pollMs ?? 1000
  const status = meterStatus(state.meters.get(meterId), now.monoMs, pollMs)
  return status.quality === 'fresh' ? status.currentA : undefined
}

export const round = (value: number): number => Math.round(value * 10) / 10
export const roundAll = (values: PerPhase): PerPhase => [round(values[0]), round(values[1]), round(values[2])]
