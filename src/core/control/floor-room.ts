/**
 * Whether there is room now for what a higher fail-safe adds to a booking (I1). That all fail-safes fit with every link dead
 * is not enough: others may still draw what was theirs before, until a lower of theirs is proven. The share keeps it free
 * (`awaitedFloorA`) until it is laid, so that the others give way for it and do not take it back.
 */
import { sumsBelow } from '../allocation/headroom.js'
import { add, maxOf, type PerPhase, PHASE_INDEXES, spread } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'
import { bookedA, bookedPerPhase } from './evidence.js'
import { anywhereA } from './learn.js'
import { retiredLoads } from './retired.js'
import { stationRoomA } from './room.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'
import { strayLoads } from './stray.js'

const DUST_A = 1e-9

/** Claims the room where there is enough for all that was claimed before. */
export class FloorRoom {
  readonly #state: ControlState
  readonly #nowMs: number
  readonly #claimedA = new Map<number, number>()
  #booked: readonly PerPhase[] | undefined

  constructor(state: ControlState, nowMs: number) {
    this.#state = state
    this.#nowMs = nowMs
  }

  /** Whether it may draw so much from now on: nothing is over, with what that adds to its booking. */
  fits(connector: ConnectorControl, station: StationControl, toA: number): boolean {
    return this.#isFree(connector, this.#growsA(connector, station, toA))
  }

  claim(connector: ConnectorControl, station: StationControl, floorA: number): boolean {
    const ownA = bookedA(connector, station, this.#nowMs)
    // A booking that is high by doubt falls as soon as it is read back, while the fail-safe is still on its way.
    if (floorA <= Math.min(ownA, connector.failSafe?.valueA ?? Number.MAX_VALUE)) return true
    const growsA = this.#growsA(connector, station, floorA)
    if (!this.#isFree(connector, growsA)) return false
    for (const node of this.#state.tree.pathOf(connector.node))
      this.#claimedA.set(node, (this.#claimedA.get(node) ?? 0) + growsA)
    return true
  }

  #growsA(connector: ConnectorControl, station: StationControl, toA: number): number {
    const countedA = withGranted(connector, bookedPerPhase(connector, station, this.#nowMs))
    return Math.max(0, toA - Math.max(...countedA))
  }

  #isFree(connector: ConnectorControl, growsA: number): boolean {
    this.#booked ??= bookedNow(this.#state, this.#nowMs)
    const path = this.#state.tree.pathOf(connector.node)
    return path.every(node => growsA <= this.#freeA(node, connector) + DUST_A)
  }

  /** On the tightest phase that it may use; none before the circuits were weighed. */
  #freeA(node: number, { wired }: ConnectorControl): number {
    const limitA = this.#state.limitsA[node] ?? 0
    const bookedA = this.#booked?.[node]
    if (this.#state.decision === undefined || bookedA === undefined) return 0
    const roomA = stationRoomA(this.#state, node)
    const frees = PHASE_INDEXES.filter(phase => wired[phase]).map(phase => roomA[phase] - bookedA[phase])
    return Math.min(limitA, ...frees) - (this.#claimedA.get(node) ?? 0)
  }
}

/** And with the higher fail-safe that was found room for and is not laid yet. */
function withGranted({ awaitedFloorA, config, wired }: ConnectorControl, ownA: PerPhase): PerPhase {
  if (awaitedFloorA === undefined || awaitedFloorA > config.failSafeCurrentA) return ownA
  return maxOf(ownA, spread(awaitedFloorA, wired))
}

/** With what was written since the last decision. */
function bookedNow(state: ControlState, nowMs: number): readonly PerPhase[] {
  const leaves = [...state.stations.values()].flatMap(station => [
    ...station.connectors.map(connector => {
      return {
        node: connector.node,
        bookedA: withGranted(connector, bookedPerPhase(connector, station, nowMs)),
      }
    }),
    ...strayLoads(station, nowMs),
  ])
  const all = [...leaves, ...retiredLoads(state.retired, nowMs)]
  return sumsBelow(state.tree.parents, all, leaf => leaf.bookedA).map(sumA => add(sumA, anywhereA(state)))
}
