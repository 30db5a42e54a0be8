/** What was last said of a node or device, and what of it is news: by the dead band of the state topics, and all that differs once a minute. */
import { isValueNews } from '../../core/view/dead-band.js'
import type { Metric, MetricValue } from './payload.js'

/** What is within its dead band is told at least this often. */
const FULL_AFTER_MS = 50_000

export class Told {
  readonly #values: Map<string, MetricValue | undefined>
  #fullMs: number

  constructor(metrics: readonly Metric[], nowMs: number) {
    this.#values = new Map(metrics.map(({ name, value }) => [name, value]))
    this.#fullMs = nowMs
  }

  /** It is made of the same metrics; others are told by a birth alone. */
  isOf(metrics: readonly Metric[]): boolean {
    return metrics.length === this.#values.size && metrics.every(({ name }) => this.#values.has(name))
  }

  /** To be told now, and taken as told. */
  news(metrics: readonly Metric[], nowMs: number): readonly Metric[] {
    const isFull = nowMs - this.#fullMs >= FULL_AFTER_MS
    if (isFull) this.#fullMs = nowMs
    const changed = metrics.filter(({ name, value }) => {
      const before = this.#values.get(name)
      return isFull ? before !== value : isValueNews(keyOf(name), before, value)
    })
    for (const { name, value } of changed) this.#values.set(name, value)
    return changed
  }
}

/** The key of the status document; a sentence has the band of its amounts. */
function keyOf(name: string): string {
  const levels = name.split('/').filter(level => !/^L[123]$/.test(level))
  const key = levels.at(-1) ?? ''
  return key === 'why' ? 'text' : key
}
