/**
 * The electrical side of one connector: pilot signal (PWM), contactor, meter, and the car at the cable. A new offer
 * reaches the pilot after the station's own reaction and not sooner than the hold time after the last change; the car
 * follows after its reaction (facts: 0.2 s + 5 s + 5 s). Must not know OCPP.
 */
import type { PerPhase } from '../../core/site/phases.js'
import type { Clock, Timer } from '../../ports.js'
import { type Car, isFull, LEAST_CURRENT_A, takesA } from '../car.js'

export interface OutletOptions {
  readonly clock: Clock
  /** Phases the connector is wired to. */
  readonly wiredPhases: 1 | 3
  readonly voltageV: number
  /** From a new limit to the first possible change of the pilot. */
  readonly acceptMs: number
  /** Two changes of the pilot are at least this far apart. */
  readonly pilotHoldMs: number
  /** Pilot, flow or the car's wish changed. */
  readonly changed: () => void
}

const NO_FLOW: PerPhase = [0, 0, 0]
/** How often a charging car's taper is followed. */
const CAR_STEP_MS = 10_000

export class Outlet {
  private plugged: Car | undefined
  private energised = false
  private targetA = 0
  private shownA = 0
  private shownSinceMs = Number.NEGATIVE_INFINITY
  private takenA = 0
  /** By what is taken and the phases in use; another list whenever it is another flow. */
  private flow = NO_FLOW
  private totalWh = 0
  private settledMs: number
  private pilotTimer: Timer | undefined
  private stepTimer: Timer | undefined
  // Each change of the pilot is answered by the car in its own time: a later change does not delay the first.
  private readonly carTimers = new Set<Timer>()

  constructor(private readonly options: OutletOptions) {
    this.settledMs = options.clock.monoMs()
  }

  plug(car: Car): void {
    this.settle()
    this.plugged = car
    this.flow = this.flowNow()
  }

  unplug(): void {
    this.settle()
    this.plugged = undefined
    this.cut()
  }

  car(): Car | undefined {
    return this.plugged
  }

  /** The car goes on with another number of phases, at once. */
  switchPhases(phases: Car['phases']): void {
    this.settle()
    if (this.plugged) this.plugged.phases = phases
    this.take()
  }

  /** Contactor may close: the pilot shows `offerA` at once (start of a transaction). */
  energise(offerA: number): void {
    this.energised = true
    this.targetA = offerA
    this.show(offerA)
  }

  /** A new offer, followed with the delays above. Below 6 A pauses. */
  offer(offerA: number): void {
    if (!this.energised || offerA === this.targetA) return
    this.targetA = offerA
    const { clock, acceptMs, pilotHoldMs } = this.options
    const waitMs = Math.max(acceptMs, this.shownSinceMs + pilotHoldMs - clock.monoMs())
    // A change already on its way takes the newest target when its time comes.
    this.pilotTimer ??= clock.after(waitMs, () => this.show(this.targetA))
  }

  /** Contactor opens at once. */
  cut(): void {
    this.energised = false
    this.targetA = 0
    this.shownA = 0
    this.forgetTimers()
    this.take()
  }

  /** What the pilot shows; 0 when paused or cut. */
  pilotA(): number {
    return this.shownA
  }

  /** What the pilot is to show, once the station has reacted. */
  offeredA(): number {
    return this.targetA < LEAST_CURRENT_A ? 0 : this.targetA
  }

  /** True current on the connector's own phases; the same list as long as it is the same current. */
  flowA(): PerPhase {
    return this.flow
  }

  private flowNow(): PerPhase {
    const phases = this.usedPhases()
    if (this.takenA === 0 || phases === 0) return NO_FLOW
    return [phases > 0 ? this.takenA : 0, phases > 1 ? this.takenA : 0, phases > 2 ? this.takenA : 0]
  }

  energyWh(): number {
    this.settle()
    return this.totalWh
  }

  stop(): void {
    this.forgetTimers()
    this.stepTimer?.cancel()
  }

  private usedPhases(): number {
    return Math.min(this.plugged?.phases ?? 0, this.options.wiredPhases)
  }

  /** Books the energy since the last change at the current that flowed since. */
  private settle(): void {
    const nowMs = this.options.clock.monoMs()
    const hours = (nowMs - this.settledMs) / 3_600_000
    const energyWh = this.takenA * this.usedPhases() * this.options.voltageV * hours
    this.settledMs = nowMs
    this.totalWh += energyWh
    if (this.plugged) this.plugged.takenWh += energyWh
  }

  private take(): void {
    this.settle()
    this.takenA = this.plugged && this.energised ? takesA(this.plugged, this.shownA) : 0
    this.flow = this.flowNow()
    this.stepTimer?.cancel()
    this.stepTimer = this.takenA > 0 ? this.options.clock.after(CAR_STEP_MS, () => this.take()) : undefined
    this.options.changed()
  }

  private show(offerA: number): void {
    this.pilotTimer?.cancel()
    this.pilotTimer = undefined
    const shownA = offerA < LEAST_CURRENT_A ? 0 : offerA
    if (shownA === this.shownA) return
    this.shownA = shownA
    this.shownSinceMs = this.options.clock.monoMs()
    const timer = this.options.clock.after(this.plugged?.spec.reactionMs ?? 0, () => {
      this.carTimers.delete(timer)
      this.take()
    })
    this.carTimers.add(timer)
    this.options.changed()
  }

  private forgetTimers(): void {
    this.pilotTimer?.cancel()
    this.pilotTimer = undefined
    for (const timer of this.carTimers) timer.cancel()
    this.carTimers.clear()
  }
}

/** True while the car at the outlet still wants energy. */
export function wantsEnergy(outlet: Outlet): boolean {
  const car = outlet.car()
  return car !== undefined && !isFull(car)
}
