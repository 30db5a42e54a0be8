/**
 * Weighted max-min fair shares above the minimum (water filling, Radunovic & Le Boudec 2007): the level rises, each
 * admitted connector has min + weight * level, and stops at its own cap or when a circuit on its path is full. A full
 * circuit only stops those below it, on that phase. Continuous; whole steps are made afterwards.
 */
import { LevelHeap } from './level-heap.js'
import { charge, type Problem } from './problem.js'

/** In `stoppedAt`: the connector's own cap. */
export const OWN_CAP = -1

export interface Filling {
  /** Tenths of an amp, 0 where off. */
  readonly shareDa: Float64Array
  /** The constraint that stopped it, or OWN_CAP. */
  readonly stoppedAt: Int32Array
}

/** Shares of those that are `on` out of `capacityDa`. */
export function fill(problem: Problem, on: Uint8Array, capacityDa: Float64Array): Filling {
  return new WaterFilling(problem, on, capacityDa).run()
}

class WaterFilling {
  readonly #problem: Problem
  readonly #shareDa: Float64Array
  readonly #stoppedAt: Int32Array
  readonly #rising: Uint8Array
  /** Per constraint: what is left above the minima and the stopped, the weight and the count of the rising. */
  readonly #restDa: Float64Array
  readonly #risingWeight: Float64Array
  readonly #risingCount: Float64Array
  readonly #heap: LevelHeap

  constructor(problem: Problem, on: Uint8Array, capacityDa: Float64Array) {
    const constraints = capacityDa.length
    this.#problem = problem
    this.#shareDa = new Float64Array(problem.size)
    this.#stoppedAt = new Int32Array(problem.size).fill(OWN_CAP)
    this.#rising = on.slice()
    this.#restDa = capacityDa.slice()
    this.#risingWeight = new Float64Array(constraints)
    this.#risingCount = new Float64Array(constraints)
    this.#heap = new LevelHeap(constraints + problem.size)
  }

  run(): Filling {
    const constraints = this.#restDa.length
    this.#start()
    const slots = slotsByNode(this.#problem)
    let level = 0
    while (this.#heap.size > 0) {
      const id = this.#heap.topId
      level = Math.max(level, this.#heap.topLevel)
      if (id >= constraints) {
        this.#heap.pop()
        this.#stop(id - constraints, level, OWN_CAP)
        continue
      }
      // Levels of a circuit only rise while connectors stop elsewhere, so a stale top is put back, never missed.
      const full = this.#fullLevel(id)
      if (full > this.#heap.topLevel) {
        this.#heap.raiseTop(full)
        continue
      }
      this.#heap.pop()
      this.#stopAllBelow(id, level, slots)
    }
    return { shareDa: this.#shareDa, stoppedAt: this.#stoppedAt }
  }

  #start(): void {
    const { minDa, maxDa, weight, size } = this.#problem
    const constraints = this.#restDa.length
    for (let place = 0; place < size; place++) {
      if (this.#rising[place] !== 1) continue
      const placeMinDa = minDa[place] ?? 0
      const placeWeight = weight[place] ?? 1
      charge(this.#problem, this.#restDa, place, -placeMinDa)
      charge(this.#problem, this.#risingWeight, place, placeWeight)
      charge(this.#problem, this.#risingCount, place, 1)
      this.#heap.push(((maxDa[place] ?? 0) - placeMinDa) / placeWeight, constraints + place)
    }
    for (let id = 0; id < constraints; id++) {
      if ((this.#risingCount[id] ?? 0) > 0) this.#heap.push(this.#fullLevel(id), id)
    }
  }

  /** The level at which the circuit is full on that phase; 0 once nothing below it rises. */
  #fullLevel(id: number): number {
    if ((this.#risingCount[id] ?? 0) <= 0) return 0
    return Math.max(0, this.#restDa[id] ?? 0) / (this.#risingWeight[id] ?? 1)
  }

  #stopAllBelow(id: number, level: number, slots: Slots): void {
    if ((this.#risingCount[id] ?? 0) <= 0) return
    const node = Math.floor(id / 3)
    const bit = 1 << (id % 3)
    const end = slots.start[this.#problem.tree.subtreeEnd[node] ?? 0] ?? 0
    for (let slot = slots.start[node] ?? 0; slot < end; slot++) {
      const place = slots.places[slot] ?? -1
      if (((this.#problem.phaseBits[place] ?? 0) & bit) !== 0) this.#stop(place, level, id)
    }
  }

  #stop(place: number, level: number, at: number): void {
    if (this.#rising[place] !== 1) return
    const weight = this.#problem.weight[place] ?? 1
    const minDa = this.#problem.minDa[place] ?? 0
    const maxDa = this.#problem.maxDa[place] ?? 0
    const shareDa = at === OWN_CAP ? maxDa : Math.min(maxDa, minDa + weight * level)
    this.#rising[place] = 0
    this.#shareDa[place] = shareDa
    this.#stoppedAt[place] = at
    charge(this.#problem, this.#restDa, place, minDa - shareDa)
    charge(this.#problem, this.#risingWeight, place, -weight)
    charge(this.#problem, this.#risingCount, place, -1)
  }
}

/** Places grouped by node, so that a subtree is one range: places[start[node] .. start[subtreeEnd]]. */
interface Slots {
  readonly start: Int32Array
  readonly places: Int32Array
}

function slotsByNode(problem: Problem): Slots {
  const nodes = problem.tree.nodes.length
  const start = new Int32Array(nodes + 1)
  for (const node of problem.node) start[node + 1] = (start[node + 1] ?? 0) + 1
  for (let node = 0; node < nodes; node++) start[node + 1] = (start[node + 1] ?? 0) + (start[node] ?? 0)
  const next = start.slice()
  const places = new Int32Array(problem.size)
  problem.node.forEach((node, place) => {
    const slot = next[node] ?? 0
    next[node] = slot + 1
    places[slot] = place
  })
  return { start, places }
}
