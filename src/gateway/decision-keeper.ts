/**
 * Writes down what was decided whenever somebody was given or told something else: at once, then no sooner than the size of
 * an entry allows for a day and a half in the bound. What changes in between is in the next one.
 */
import { decisionNews, decisionRecord } from '../core/control/decision.js'
import { type Reasons, reasonsOfAll } from '../core/control/reasons.js'
import type { ControlState } from '../core/control/state.js'
import { circuitLoads } from '../core/view/circuit-load.js'
import { circuitParts } from '../core/view/circuit-parts.js'
import type { Clock, Log } from '../ports.js'
import { type DecisionStore, MAX_DECISION_BYTES } from '../store/decision-store.js'

const LEAST_GAP_MS = 2_000
const KEEP_MS = 36 * 3_600_000

export class DecisionKeeper {
  readonly #deps: { readonly clock: Clock; readonly log: Log; readonly store: DecisionStore }
  /** What was news last. */
  #last: string | undefined
  #seen: ControlState['decision']
  #notBeforeMs = Number.NEGATIVE_INFINITY

  constructor(deps: { readonly clock: Clock; readonly log: Log; readonly store: DecisionStore }) {
    this.#deps = deps
  }

  /** After each decision; `shown`: the reasons as they were looked at last, and since when each holds. */
  look(state: ControlState, shown: Reasons): void {
    const { clock, log, store } = this.#deps
    const monoMs = clock.monoMs()
    if (monoMs < this.#notBeforeMs || state.decision === this.#seen) return
    this.#seen = state.decision
    if (decisionNews(state, shown) === this.#last) return
    const now = { monoMs, wallMs: clock.wallMs() }
    const reasons = reasonsOfAll(state, shown, now)
    const parts = circuitLoads(state, now).map((load, node) => circuitParts(state, node, load, monoMs))
    const record = decisionRecord(state, { reasons, parts }, now)
    if (record === undefined) return
    // With what is written: when it is looked at next, all that is shown is younger.
    this.#last = decisionNews(state, reasons)
    this.#notBeforeMs = monoMs + LEAST_GAP_MS
    store.append(record).then(
      bytes => {
        this.#notBeforeMs = monoMs + Math.max(LEAST_GAP_MS, (bytes * KEEP_MS) / MAX_DECISION_BYTES)
      },
      (fault: unknown) => {
        this.#last = undefined
        log.write('warn', 'decision not written', { fault: String(fault) })
      },
    )
  }
}
