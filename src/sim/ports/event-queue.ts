/**
 * What is still to happen in a simulated world: a binary heap of events by virtual time, ties in the order they were
 * put in. Knows nothing of clocks, peers or promises.
 */

/** Whoever an event belongs to; while `on` is false its events are dropped. */
export interface EventOwner {
  readonly on: boolean
}

export interface SimEvent {
  readonly dueMs: number
  readonly order: number
  readonly owner: EventOwner
  /** Undefined once cancelled or taken. */
  run: (() => void) | undefined
}

/** Cancelled events stay in the heap until they surface; beyond this many (and half of the heap) it is cleaned. */
const CANCELLED_KEPT = 1024

const before = (a: SimEvent, b: SimEvent): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

export class EventQueue {
  #heap: SimEvent[] = []
  #order = 0
  #cancelled = 0

  /** Events waiting, cancelled ones included. */
  get size(): number {
    return this.#heap.length
  }

  add(dueMs: number, owner: EventOwner, run: () => void): SimEvent {
    const event: SimEvent = { dueMs, order: this.#order++, owner, run }
    this.#heap.push(event)
    this.#siftUp(this.#heap.length - 1)
    return event
  }

  cancel(event: SimEvent): void {
    if (event.run === undefined) return
    event.run = undefined
    this.#cancelled++
    if (this.#cancelled > CANCELLED_KEPT && this.#cancelled * 2 > this.#heap.length) this.#clean()
  }

  /** The next live event due at or before `untilMs`, taken out; undefined when there is none. */
  take(untilMs: number): SimEvent | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined) return undefined
      if (first.run === undefined) {
        this.#cancelled--
        this.#removeFirst()
      } else if (!first.owner.on) {
        this.#removeFirst()
      } else {
        if (first.dueMs > untilMs) return undefined
        this.#removeFirst()
        return first
      }
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#siftDown(0)
  }

  #clean(): void {
    this.#heap = this.#heap.filter(event => event.run !== undefined && event.owner.on)
    this.#cancelled = 0
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#siftDown(at)
  }

  #siftUp(from: number): void {
    const heap = this.#heap
    const event = heap[from]
    if (event === undefined) return
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !before(event, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = event
  }

  #siftDown(from: number): void {
    const heap = this.#heap
    const event = heap[from]
    if (event === undefined) return
    let at = from
    for (;;) {
      let below = 2 * at + 1
      let child = heap[below]
      if (child === undefined) break
      const right = heap[below + 1]
      if (right !== undefined && before(right, child)) {
        child = right
        below++
      }
      if (!before(child, event)) break
      heap[at] = child
      at = below
    }
    heap[at] = event
  }
}
