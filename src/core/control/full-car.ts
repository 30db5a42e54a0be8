/**
 * A car that stays plugged in when it is full holds its minimum for nothing. When it has drawn nothing for a minute while it
 * was offered enough, and others could have more, it is paused, and asked again when there is room or every 15 minutes
 * (control rule 20).
 */
import { PROOF_AFTER_MS } from '../allocation/booking.js'
import { PHASE_INDEXES, ZERO } from '../site/phases.js'
import { type ConnectorControl, pauseA } from './connector.js'
import type { ControlState } from './state.js'
import type { LeafState } from './weigh.js'

const IDLE_MS = 60_000
const ASK_EVERY_MS = 900_000
/** Room has to last, or a full car would take every dip. */
const ROOM_MS = 60_000
/** Over all phases: what the electronics of a full car still take. */
const NOTHING_A = 1

/** A sample: since when the car has drawn nothing although it could. */
export function watchIdle(connector: ConnectorControl, nowMs: number): void {
  const { reading, steady, model } = connector
  if (reading === undefined || reading.monoMs !== nowMs) return
  const isOffered =
    steady !== undefined &&
    steady.offerA >= model.smartCharging.minCurrentA &&
    nowMs >= steady.sinceMs + PROOF_AFTER_MS
  const isIdle = reading.best !== 'unknown' && reading.bestA.reduce((sum, amps) => sum + amps, 0) < NOTHING_A
  connector.idleSinceMs = isOffered && isIdle ? (connector.idleSinceMs ?? nowMs) : undefined
}

/** Whether it is to be paused as full now; keeps its own count. */
export function isPausedAsFull(state: ControlState, { connector }: LeafState, nowMs: number): boolean {
  const { fullPause, idleSinceMs } = connector
  if (pauseA(connector) > 0) return false
  if (fullPause !== undefined) {
    const roomSinceMs = hasRoom(state, connector) ? (fullPause.roomSinceMs ?? nowMs) : undefined
    const isDue = nowMs - fullPause.sinceMs >= ASK_EVERY_MS
    const isFree = roomSinceMs !== undefined && nowMs - roomSinceMs >= ROOM_MS
    connector.fullPause =
      isDue || isFree
        ? undefined
        : { sinceMs: fullPause.sinceMs, ...(roomSinceMs !== undefined && { roomSinceMs }) }
    return connector.fullPause !== undefined
  }
  if (idleSinceMs === undefined || nowMs - idleSinceMs < IDLE_MS || !othersWait(state, connector))
    return false
  connector.fullPause = { sinceMs: nowMs }
  connector.idleSinceMs = undefined
  return true
}

/** Somebody on one of its circuits and phases is held down there. */
function othersWait(state: ControlState, connector: ConnectorControl): boolean {
  const path = state.tree.pathOf(connector.node)
  return state.connectors.some(({ key, bound, transaction }) => {
    if (key === connector.key || transaction === undefined) return false
    if (bound.kind !== 'circuit' && bound.kind !== 'waiting') return false
    return path.includes(bound.node) && connector.phases[bound.phase]
  })
}

function hasRoom(state: ControlState, connector: ConnectorControl): boolean {
  const { minCurrentA } = connector.model.smartCharging
  return state.tree.pathOf(connector.node).every(node => {
    const limitA = state.limitsA[node] ?? 0
    const otherA = state.loads[node]?.otherA ?? [limitA, limitA, limitA]
    const bookedA = state.bookedA[node] ?? ZERO
    return PHASE_INDEXES.every(
      phase => !connector.wired[phase] || limitA - otherA[phase] - bookedA[phase] >= minCurrentA,
    )
  })
}
