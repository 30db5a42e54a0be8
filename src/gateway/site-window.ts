/**
 * The window onto the site for page, MQTT and metrics: its last seconds once per second, its alarms with their beginnings and a
 * log line for each that comes or goes every other one, sooner when somebody asks, and the whole view only then.
 */
import type { Now } from '../core/control/now.js'
import type { Reasons } from '../core/control/reasons.js'
import type { ControlState } from '../core/control/state.js'
import { type CircuitLoad, circuitFlows } from '../core/view/circuit-load.js'
import { circuitMoment } from '../core/view/circuit-view.js'
import type { AlarmView, SiteView, StationView } from '../core/view/document.js'
import type { History } from '../core/view/history.js'
import type { Links } from '../core/view/link-view.js'
import { nothingSeen, nothingToShow } from '../core/view/nothing-to-show.js'
import { type SiteWatch, siteView, siteWatch, someStations } from '../core/view/site-view.js'
import { stationMoments } from '../core/view/station-moments.js'
import { say } from '../core/words/said.js'
import type { Clock, Log, Stoppable, Timer } from '../ports.js'
import { keyOf, StartGrace } from './start-grace.js'

/** How often history is kept up, and those who follow the view are told. */
const REFRESH_MS = 1_000
/** So many of these for one look that nobody asked for: alarms are to show within 10 s, and it costs as much as a decision. */
const REFRESHES_PER_LOOK = 2
/** Between two decisions: who waits for an answer waits for one of the two, not for both in a row. */
const BESIDE_DECISIONS_MS = 250
/** So long after it the alarm of it stands: who follows asks every few seconds. */
const FAULT_MS = 5_000

export class SiteWindow implements Stoppable {
  readonly #listeners = new Set<() => void>()
  readonly #lookers = new Set<() => void>()
  #refreshes = 0
  #timer: Timer
  readonly #grace: StartGrace
  /** What the log has named and not taken back. */
  #told: readonly AlarmView[] = []
  #watch: SiteWatch
  readonly #siteId: string
  /** Something has changed since the last look. */
  #isStale = false
  /** Undefined when something has changed since it was built. */
  #view: SiteView | undefined
  /** What broke when those who follow were told: a fault of ours in what is shown must not end what controls. */
  #fault: { readonly reason: string; readonly atMs: number } | undefined
  /** The last that could be made. */
  #whole: SiteView | undefined

  constructor(
    private readonly ports: { readonly clock: Clock; readonly log: Log },
    private readonly state: () => ControlState,
    private readonly links: () => Links,
    private readonly kept: {
      readonly history: History
      readonly stationHistory: History
      over(alarm: AlarmView): void
    },
  ) {
    // Without its alarms: the first look tells those that hold, or the log would never name one that was there before.
    this.#siteId = state().site.config.site.id
    this.#watch = nothingSeen(ports.clock.wallMs())
    this.#guarded(() => {
      this.#watch = { ...siteWatch(state(), links(), this.#now(), this.#watch), alarms: [] }
    })
    this.#grace = new StartGrace(ports.clock.monoMs())
    this.#timer = ports.clock.after(BESIDE_DECISIONS_MS, () => {
      this.#timer = ports.clock.every(REFRESH_MS, () => this.#refresh())
    })
  }

  /** Something is different: whoever asks next gets a new view. */
  changed(): void {
    this.#isStale = true
    this.#view = undefined
  }

  view(): SiteView {
    if (this.#view !== undefined) return this.#view
    if (this.#isStale) this.#look()
    this.#view = this.#made()
    return this.#view
  }

  /** Where it cannot be made the last one is shown, with its time and the alarm; before the first, nothing but the alarm. */
  #made(): SiteView {
    try {
      this.#whole = siteView(this.state(), this.links(), this.#now(), this.#watch)
      return this.#whole
    } catch (error) {
      this.#failed(error)
      this.#look()
      const { alarms } = this.#watch
      if (this.#whole === undefined) return nothingToShow(this.#siteId, this.#now().wallMs, alarms)
      return { ...this.#whole, alarms, mode: 'degraded' }
    }
  }

  /** Of these alone, as they are now: what it costs grows with them, not with the site. */
  stations(ids: readonly string[]): readonly StationView[] {
    try {
      const { stations, reasons } = someStations(this.state(), this.links(), this.#now(), {
        ids: new Set(ids),
        before: this.#watch.reasons,
      })
      // The next look goes on from there: since when is told once.
      this.#watch = { ...this.#watch, reasons: new Map([...this.#watch.reasons, ...reasons]) }
      return stations
    } catch (error) {
      this.#failed(error)
      return []
    }
  }

  /** Of now, without the view. */
  alarms(): readonly AlarmView[] {
    if (this.#isStale) this.#look()
    return this.#watch.alarms
  }

  /** Since when which reasons hold. */
  reasons(): Reasons {
    return this.#watch.reasons
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** After each look that is due, with what it found: for what is kept of it, whether anybody looks or not. */
  onLook(looker: () => void): void {
    this.#lookers.add(looker)
  }

  async stop(): Promise<void> {
    this.#timer.cancel()
    this.#lookers.clear()
    this.#listeners.clear()
  }

  #now(): Now {
    return { monoMs: this.ports.clock.monoMs(), wallMs: this.ports.clock.wallMs() }
  }

  /** False where what was seen last had to stay. */
  #look(): boolean {
    const before = this.#watch
    this.#isStale = false
    const now = this.#now()
    let isSeen = true
    try {
      this.#watch = siteWatch(this.state(), this.links(), now, before)
    } catch (error) {
      this.#failed(error)
      isSeen = false
    }
    const isRecent = this.#fault !== undefined && now.monoMs - this.#fault.atMs < FAULT_MS
    const fault = isRecent ? this.#fault?.reason : undefined
    this.#watch = { ...this.#watch, alarms: withFault(this.#watch.alarms, before.alarms, { fault, now }) }
    this.#tell(this.#watch.alarms)
    const has = new Set(this.#watch.alarms.map(keyOf))
    for (const alarm of before.alarms) if (!has.has(keyOf(alarm))) this.kept.over(alarm)
    return isSeen
  }

  #refresh(): void {
    this.#guarded(() => this.#keepUp())
    for (const listener of this.#listeners) this.#guarded(listener)
  }

  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#fault = { reason, atMs: this.#now().monoMs }
  }

  #keepUp(): void {
    const now = this.#now()
    const state = this.state()
    this.#view = undefined
    let isLook = this.#refreshes++ % REFRESHES_PER_LOOK === 0
    const flows = isLook ? undefined : circuitFlows(state, now)
    if (flows !== undefined && isOver(state, flows)) isLook = true
    const isSeen = isLook ? this.#look() : true
    // what was seen last is no measurement of now
    const loads = isSeen ? (flows ?? this.#watch.loads) : []
    for (const [node, load] of loads.entries()) {
      const id = state.tree.nodes[node]?.id ?? ''
      this.kept.history.add(id, now.wallMs / 1000, circuitMoment(state, node, load))
    }
    if (isLook)
      for (const [id, moment] of stationMoments(state, now.monoMs))
        this.kept.stationHistory.add(id, now.wallMs / 1000, moment)
    if (isLook) for (const looker of this.#lookers) looker()
  }

  #tell(alarms: readonly AlarmView[]): void {
    const { log, clock } = this.ports
    const missing = this.#grace.missing(alarms)
    if (missing !== undefined) log.write('info', 'not there yet at the start', missing)
    const now = this.#grace.told(alarms, clock.monoMs())
    const had = new Set(this.#told.map(keyOf))
    const has = new Set(now.map(keyOf))
    for (const alarm of now)
      if (!had.has(keyOf(alarm)))
        log.write('warn', `alarm: ${alarm.code}`, { about: alarm.about, text: alarm.text })
    for (const alarm of this.#told)
      if (!has.has(keyOf(alarm))) log.write('info', `alarm over: ${alarm.code}`, { about: alarm.about })
    this.#told = now
  }
}

/** Alarms of what is not shown as it is; those that held before stay, for nobody has looked. */
function withFault(
  alarms: readonly AlarmView[],
  before: readonly AlarmView[],
  { fault, now }: { readonly fault: string | undefined; readonly now: Now },
): readonly AlarmView[] {
  const others = alarms.filter(({ code }) => code !== 'view-failed')
  if (fault === undefined) return others
  const since = before.find(({ code }) => code === 'view-failed')?.since ?? new Date(now.wallMs).toISOString()
  return [{ code: 'view-failed', ...say('view-failed', { reason: fault }), since }, ...others]
}

/** What is over its rating for a single reading is told too. */
function isOver({ tree }: ControlState, loads: readonly Pick<CircuitLoad, 'measuredA'>[]): boolean {
  return tree.nodes.some(({ circuit }, node) => {
    const measuredA = loads[node]?.measuredA
    return measuredA !== undefined && Math.max(...measuredA) > circuit.ratedCurrentA
  })
}
