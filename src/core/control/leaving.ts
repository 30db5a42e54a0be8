/**
 * A session has ended and the meter was read before: for a moment what its car drew looks like other load. Kept for as long
 * as other load is, that would hold its room back from everybody else for 45 s more. Decisions go by it all the same; it is
 * only not remembered once the meter, read anew, has fallen by as much (control rules 14, 20).
 */
import { BASE_HOLD_MS, capHeld, type Hold, type OtherLoad } from '../allocation/headroom.js'
import type { ConnectorStatus } from '../events.js'
import type { MeterStatus } from '../measuring/meter-quality.js'
import { add, minOf, type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import { type ConnectorControl, drawsBeyond, stopTransaction } from './connector.js'
import { surelyDrawn } from './evidence.js'
import type { ControlState } from './state.js'

/** A contactor, a slow car and a meter with a mean of some seconds are done by then. */
const FALLS_WITHIN_MS = BASE_HOLD_MS
/** More than the cars drew, and by more than metering error: something else has happened. */
const BESIDE_A = 1

/** No station says so of a connector that its car draws from. */
const EMPTY: ReadonlySet<ConnectorStatus | 'unknown'> = new Set(['Available', 'Finishing'])

/** Ends the session, and notes by which meters that is to be seen. */
export function leave(state: ControlState, connector: ConnectorControl, nowMs: number): void {
  const drewA = surelyDrawn(connector, nowMs)
  const isSteered = !drawsBeyond(connector) && !connector.disobeys
  stopTransaction(connector)
  if (!isSteered || Math.max(...drewA) <= 0) return
  for (const node of state.tree.pathOf(connector.node)) {
    const load = state.loads[node]
    if (state.tree.nodes[node]?.circuit.meter === undefined || load?.source !== 'measured') continue
    const before = state.leaving.get(node)
    state.leaving.set(node, {
      sinceMs: before?.sinceMs ?? nowMs,
      lastMs: nowMs,
      beforeA: before?.beforeA ?? load.otherA,
      drewA: before === undefined ? drewA : add(before.drewA, drewA),
      left: [...(before?.left ?? []), connector],
    })
  }
}

/** What is remembered of other load, with what this reading says of cars that have left. */
export function settleLeaving(
  state: ControlState,
  held: Hold,
  at: {
    readonly index: number
    readonly meter: MeterStatus
    /** By this reading alone. */
    readonly otherA: PerPhase
    readonly nowMs: number
  },
): Hold {
  const { index, meter, otherA, nowMs } = at
  const leaving = state.leaving.get(index)
  if (leaving === undefined) return held
  const { sinceMs, lastMs, beforeA, drewA, left } = leaving
  const isOther = PHASE_INDEXES.some(phase => otherA[phase] > beforeA[phase] + drewA[phase] + BESIDE_A)
  if (isOther || nowMs - lastMs > FALLS_WITHIN_MS || meter.quality !== 'fresh' || !meter.mayRaise) {
    state.leaving.delete(index)
    return held
  }
  const isReadSince = nowMs - (meter.ageMs ?? Number.MAX_VALUE) > lastMs
  const isEmpty = left.every(({ status, transaction }) => transaction !== undefined || EMPTY.has(status))
  if (!isReadSince || !isEmpty || PHASE_INDEXES.some(phase => otherA[phase] > beforeA[phase])) return held
  state.leaving.delete(index)
  return capHeld(held, sinceMs, beforeA)
}

/** Other load without what is to fall yet, for what is remembered of room. */
export function withoutLeaving({ leaving }: ControlState, index: number, load: OtherLoad): OtherLoad {
  const beforeA = leaving.get(index)?.beforeA
  return beforeA === undefined ? load : { ...load, otherA: minOf(load.otherA, beforeA) }
}
