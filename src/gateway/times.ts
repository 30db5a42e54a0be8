/** How long what matters takes, counted where it passes: a decision of control, and a journal commit until it is durable. */
import { Histogram } from 'prom-client'

/** Names, helps and buckets in s. */
export const TIMES = {
  busbar_decision_seconds: [
    'One decision of the load control, from what is known to what is to be sent.',
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
  ],
  busbar_journal_commit_seconds: [
    'One durable journal commit, from asking to durable.',
    [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
  ],
} as const

export class Times {
  readonly #decision = named('busbar_decision_seconds')
  readonly #commit = named('busbar_journal_commit_seconds')
  readonly all: readonly Histogram[] = [this.#decision, this.#commit]

  ofDecision(tookMs: number): void {
    this.#decision.observe(tookMs / 1000)
  }

  ofCommit(tookMs: number): void {
    this.#commit.observe(tookMs / 1000)
  }
}

function named(name: keyof typeof TIMES): Histogram {
  const [help, buckets] = TIMES[name]
  return new Histogram({ name, help, buckets: [...buckets], registers: [] })
}
