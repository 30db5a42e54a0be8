/**
 * Runs the controller: hands it events and time, carries out what it asks for. A raise goes to the disk before it goes
 * to the station; an effect that has been overtaken is dropped. Knows ports and the OCPP edge by its contract only.
 */

import type { Controller } from '../core/control/controller.js'
import type { Now } from '../core/control/now.js'
import { leave } from '../core/control/plan-fault.js'
import type { ControlSite, Effect } from '../core/control/state.js'
import type { MeterReading, StationEvent } from '../core/events.js'
import type { EndedOrder } from '../core/limits/trail.js'
import type { ClearChargingProfileRequest } from '../core/schedule/profile-requests.js'
import type { OcppEdge } from '../ocpp/edge.js'
import type { Clock, Log, Stoppable, Timer } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'

/** A decision without any event at least this often: leases, meters that fell silent, ramps. */
export const TICK_MS = 500
/**
 * After a reading within its limit, or a tick, this long for what the meters of the same round say; then all are decided by
 * together.
 */
const ROUND_MS = 50

type EffectCall = Effect & { readonly kind: 'call' }

export interface LoopDeps {
  readonly ports: { readonly clock: Clock; readonly log: Log }
  readonly controller: Controller
  readonly store: ControlStore
  readonly call: OcppEdge['call']
  /** By which "has not decided for long" is judged: real time where the site's runs faster. */
  readonly watchClock: Pick<Clock, 'monoMs'>
  /** Somebody else's profiles were cleared from a station. */
  cleared(stationId: string, filter: ClearChargingProfileRequest): void
  /** An order holds no more. */
  orderEnded(order: EndedOrder): void
  /** How long each decision took. */
  decided?(tookMs: number): void
  /** Told after each change of what is known. */
  changed(): void
}

export class ControlLoop implements Stoppable {
  readonly #deps: LoopDeps
  readonly #tick: Timer
  /** Set while a reading waits for others. */
  #round: Timer | undefined
  /** Meters with a reading that nothing was decided by yet. */
  readonly #undecided = new Set<string>()
  #stopped = false
  /** A tick has not been decided by yet. */
  #isTickOpen = false
  /** By the last tick: what meters bring does not say that leases are looked after. */
  #decidedMs: number

  constructor(deps: LoopDeps) {
    this.#deps = deps
    this.#decidedMs = deps.watchClock.monoMs()
    this.#tick = deps.ports.clock.every(TICK_MS, () => {
      this.#isTickOpen = true
      if (this.#hasRounds()) this.#decideInRound()
      else this.decide()
    })
  }

  now(): Now {
    const { clock } = this.#deps.ports
    return { monoMs: clock.monoMs(), wallMs: clock.wallMs() }
  }

  /** As control has it: in the time stations are given. */
  siteNow(): Now {
    const { monoMs } = this.now()
    return { monoMs, wallMs: this.#deps.controller.stationTimeMs(monoMs) }
  }

  /** At once: what is known is another. */
  decide(): void {
    this.#decideNow()
    this.#perform()
  }

  /** See Controller.reconfigure. */
  reconfigure(site: ControlSite): void {
    this.#roundOver()
    this.#deps.controller.reconfigure(site, this.now())
    this.#perform()
  }

  /** Since the last decision by a tick, ms. */
  idleMs(): number {
    return this.#deps.watchClock.monoMs() - this.#decidedMs
  }

  onStation(event: StationEvent): void {
    this.#deps.controller.onStation(event, this.now())
    this.#perform()
  }

  /** Something control has to know of this station broke on its way: it is left alone as where its planning breaks. */
  leave(stationId: string, fault: Error): void {
    const { state } = this.#deps.controller
    const station = state.stations.get(stationId)
    if (station !== undefined) leave(state, station, this.now(), fault)
    this.#perform()
  }

  /**
   * More than its circuit may carry is decided by at once; all else with what the other meters say within 50 ms. No reading
   * is overtaken by the next one of the same meter.
   */
  onMeter(reading: MeterReading): void {
    const { controller } = this.#deps
    if (this.#undecided.has(reading.meterId)) this.#decideNow()
    const isOver = controller.noteMeter(reading, this.now())
    this.#undecided.add(reading.meterId)
    if (isOver || !this.#hasRounds()) this.#decideNow()
    else this.#decideInRound()
    this.#perform()
  }

  /** See Controller.isolate. */
  isolate(stationId: string, isolated: boolean): boolean {
    const done = this.#deps.controller.isolate(stationId, isolated)
    this.#perform()
    return done
  }

  /** See Controller.release. */
  release(stationId: string, released: boolean): boolean {
    const done = this.#deps.controller.release(stationId, released, this.now())
    this.#perform()
    return done
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#tick.cancel()
    this.#round?.cancel()
  }

  #hasRounds(): boolean {
    return this.#deps.controller.state.site.config.meters.length > 1
  }

  #decideInRound(): void {
    this.#round ??= this.#deps.ports.clock.after(ROUND_MS, () => this.decide())
  }

  #decideNow(): void {
    const { controller, decided, ports, watchClock } = this.#deps
    this.#roundOver()
    const sinceMs = ports.clock.monoMs()
    controller.decide(this.now())
    decided?.(ports.clock.monoMs() - sinceMs)
    if (this.#isTickOpen) this.#decidedMs = watchClock.monoMs()
    this.#isTickOpen = false
  }

  #roundOver(): void {
    this.#undecided.clear()
    this.#round?.cancel()
    this.#round = undefined
  }

  #perform(): void {
    if (this.#stopped) return
    for (const effect of this.#deps.controller.takeEffects()) {
      try {
        this.#performOne(effect)
      } catch (fault) {
        this.#failed(effect, fault)
      }
    }
    this.#deps.changed()
  }

  #performOne(effect: Effect): void {
    switch (effect.kind) {
      case 'log':
        this.#deps.ports.log.write(effect.level, effect.event, effect.fields)
        break
      case 'record':
        // A failed write is told by the journal's watch; doubt that is not on disk is written again.
        this.#deps.store
          .keepBooking(effect.record, effect.durable)
          .catch(() => this.#deps.controller.onRecordLost(effect.record))
        break
      case 'forget':
        this.#deps.store
          .forgetBooking(effect.stationId, effect.connectorId, effect.unplaced === true)
          // It stays booked after the next start, then, and can be declared isolated again.
          .catch(() => undefined)
        break
      case 'order-ended':
        this.#deps.orderEnded(effect.order)
        break
      case 'cleared':
        this.#deps.cleared(effect.stationId, effect.filter)
        break
      case 'call':
        this.#call(effect)
        break
    }
  }

  #failed(effect: Effect, fault: unknown): void {
    const reason = fault instanceof Error ? fault.message : String(fault)
    this.#deps.ports.log.write('error', 'effect-failed', { effect: effect.kind, reason })
  }

  #call(effect: EffectCall): void {
    if (effect.record === undefined) {
      this.#send(effect)
      return
    }
    this.#deps.store.keepBooking(effect.record, true).then(
      () => {
        if (!this.#stopped && this.#deps.controller.isWanted(effect.tag)) this.#send(effect)
        else this.#notSent(effect.tag)
      },
      () => this.#notSent(effect.tag),
    )
  }

  #send(effect: EffectCall): void {
    const { tag, stationId, action, payload, urgency, coalesce, timeoutMs } = effect
    try {
      this.#deps.call(
        stationId,
        {
          ...{ action, payload, timeoutMs, urgency, ...(coalesce !== undefined && { coalesce }) },
          late: answer => this.#answered(tag, answer),
        },
        outcome => this.#answered(tag, outcome),
      )
    } catch (fault) {
      // It may have left, and what comes behind it may be a lower of another station.
      this.#failed(effect, fault)
      this.#deps.controller.onAnswer(tag, { kind: 'timeout' }, this.now())
    }
  }

  #notSent(tag: string): void {
    this.#deps.controller.onNotSent(tag, this.now())
    this.#perform()
  }

  #answered(tag: string, outcome: Parameters<Controller['onAnswer']>[1]): void {
    this.#deps.controller.onAnswer(tag, outcome, this.now())
    this.#perform()
  }
}
