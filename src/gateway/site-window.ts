/**
 * The window onto the site for page, MQTT and metrics: one view per second at most, its history, its alarms with their
 * beginnings, and a log line for each alarm that comes or goes.
 */
import type { Now } from '../core/control/now.js'
import type { ControlState } from '../core/control/state.js'
import type { AlarmView, HistoryView, SiteView } from '../core/view/document.js'
import { History } from '../core/view/history.js'
import type { Links } from '../core/view/link-view.js'
import { siteView } from '../core/view/site-view.js'
import type { Clock, Log, Stoppable, Timer } from '../ports.js'

/** How often the view is built anew for those who follow it. */
const REFRESH_MS = 1_000

export class SiteWindow implements Stoppable {
  readonly #history = new History()
  readonly #listeners = new Set<() => void>()
  readonly #timer: Timer
  #view: SiteView
  #isStale = false

  constructor(
    private readonly ports: { readonly clock: Clock; readonly log: Log },
    private readonly state: ControlState,
    private readonly links: () => Links,
    private readonly over: (alarm: AlarmView) => void,
  ) {
    this.#view = siteView(state, links(), this.#now(), [])
    this.#timer = ports.clock.every(REFRESH_MS, () => this.#refresh())
  }

  /** Something is different: whoever asks next gets a new view. */
  changed(): void {
    this.#isStale = true
  }

  view(): SiteView {
    if (this.#isStale) this.#build()
    return this.#view
  }

  history(circuitId: string, seconds: number): HistoryView | undefined {
    return this.#history.read(circuitId, this.ports.clock.wallMs() / 1000, seconds)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#timer.cancel()
    this.#listeners.clear()
  }

  #now(): Now {
    return { monoMs: this.ports.clock.monoMs(), wallMs: this.ports.clock.wallMs() }
  }

  #build(): void {
    const before = this.#view.alarms
    this.#view = siteView(this.state, this.links(), this.#now(), before)
    this.#isStale = false
    this.#tell(before, this.#view.alarms)
  }

  #refresh(): void {
    this.#build()
    const atS = this.ports.clock.wallMs() / 1000
    for (const circuit of this.#view.circuits)
      this.#history.add(circuit.id, atS, circuit.measuredA, circuit.limitA)
    for (const listener of this.#listeners) listener()
  }

  #tell(before: readonly AlarmView[], now: readonly AlarmView[]): void {
    const key = (alarm: AlarmView): string => `${alarm.code} ${alarm.about ?? ''}`
    const had = new Set(before.map(key))
    const has = new Set(now.map(key))
    for (const alarm of now)
      if (!had.has(key(alarm)))
        this.ports.log.write('warn', `alarm: ${alarm.code}`, { about: alarm.about, text: alarm.text })
    for (const alarm of before)
      if (!has.has(key(alarm))) {
        this.ports.log.write('info', `alarm over: ${alarm.code}`, { about: alarm.about })
        this.over(alarm)
      }
  }
}
