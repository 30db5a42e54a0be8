/** A binary heap of (level, id), least level first, equal levels by id: the order of events while the water rises. */

export class LevelHeap {
  readonly #levels: Float64Array
  readonly #ids: Int32Array
  #size = 0

  constructor(capacity: number) {
    this.#levels = new Float64Array(capacity)
    this.#ids = new Int32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  /** Level of the least entry; meaningless when empty. */
  get topLevel(): number {
    return this.#levels[0] ?? 0
  }

  /** Id of the least entry; meaningless when empty. */
  get topId(): number {
    return this.#ids[0] ?? -1
  }

  push(level: number, id: number): void {
    let hole = this.#size++
    while (hole > 0) {
      const above = (hole - 1) >> 1
      if (!this.#before(level, id, above)) break
      this.#levels[hole] = this.#levels[above] ?? 0
      this.#ids[hole] = this.#ids[above] ?? 0
      hole = above
    }
    this.#levels[hole] = level
    this.#ids[hole] = id
  }

  /** Removes the least entry. No effect when empty. */
  pop(): void {
    if (this.#size === 0) return
    const last = --this.#size
    this.#sink(this.#levels[last] ?? 0, this.#ids[last] ?? 0)
  }

  /** Gives the least entry a higher level. */
  raiseTop(level: number): void {
    this.#sink(level, this.topId)
  }

  #sink(level: number, id: number): void {
    let hole = 0
    for (;;) {
      let below = 2 * hole + 1
      if (below >= this.#size) break
      const right = below + 1
      if (right < this.#size && this.#before(this.#levels[right] ?? 0, this.#ids[right] ?? 0, below))
        below = right
      if (this.#before(level, id, below)) break
      this.#levels[hole] = this.#levels[below] ?? 0
      this.#ids[hole] = this.#ids[below] ?? 0
      hole = below
    }
    this.#levels[hole] = level
    this.#ids[hole] = id
  }

  #before(level: number, id: number, slot: number): boolean {
    const other = this.#levels[slot] ?? 0
    return level < other || (level === other && id < (this.#ids[slot] ?? 0))
  }
}
