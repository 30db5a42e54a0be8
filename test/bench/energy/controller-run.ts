/**
 * The real Controller through the same sessions, with all its time rules: leases, proofs, ramps, least times, full cars that
 * stay plugged in. The stations answer at once and obey; a car follows a new offer at the next tick. Simulated clock.
 */
import { result } from '../../../src/core/answer.js'
import { siteConfigSchema } from '../../../src/core/config/site.js'
import type { SiteProfile } from '../../../src/core/config/site-profile.js'
import { stationModelSchema } from '../../../src/core/config/station-model.js'
import type { SessionClaim } from '../../../src/core/control/claim.js'
import { Controller } from '../../../src/core/control/controller.js'
import type { Effect } from '../../../src/core/control/state.js'
import { type AcnSession, CAR_A, CONNECTOR_A, circuits, STATIONS, STEP_MS, VOLTS, wantedWh } from './acn.js'
import { type Knows, Learned } from './learned.js'

const MODEL = stationModelSchema.parse({
  id: 'bench',
  vendor: 'bench',
  models: [],
  sources: [],
  smartCharging: {
    rateUnits: ['A'],
    maxStackLevel: 1,
    maxPeriods: 10,
    maxProfiles: 30,
    holdsZero: true,
    obeysUnseen: true,
  },
  configuration: [],
})
const SAMPLE_MS = 15_000
const LEASE_S = 300
/** Without any car nothing is to be decided but leases. */
const IDLE_TICK_MS = 60_000
/** Stations connect and are set up before the first car comes. */
const WARM_UP_MS = 120_000
const PHASE_NAMES = ['L1', 'L2', 'L3'] as const

export interface ControllerPlay {
  readonly capacityKw: number
  readonly profile: SiteProfile
  readonly knows: Knows
  readonly isMetered: boolean
  readonly tickMs: number
  /** Full cars leave at once: what it costs that they do not. */
  readonly fullLeave?: boolean
}

export interface ControllerFigures {
  /** Of the energy that was wanted. */
  readonly percent: number
  readonly writesPerStationDay: number
  /** Of cars that want something, both ways. */
  readonly switchesPerCarHour: number
  /** The most above the limit at any tick, A. */
  readonly overA: number
  /** The shortest that a car was on before it was paused although it wanted more, ms; undefined where none was. */
  readonly shortestOnMs: number | undefined
  /** To each session. */
  readonly givenWh: ReadonlyMap<AcnSession, number>
  /** What did not flow while somebody on the same phase could have taken it, of the energy that was wanted. */
  readonly lost: Lost
}

export interface Lost {
  /** Offered to cars that are full. */
  readonly full: number
  /** The part of an amp that no whole amp can be. */
  readonly part: number
  /** Allotted to cars that wait for it: ramps, proofs, refreshes. */
  readonly ramp: number
  /** Allotted to nobody: minimums, turns, what is booked for no car. */
  readonly rest: number
}

interface Outlet {
  readonly stationId: string
  readonly phase: 0 | 1 | 2
  limitA: number
  flowA: number
  meterWh: number
  car:
    | {
        readonly session: AcnSession
        leftWh: number
        readonly transactionId: number
        isOn: boolean
        switchedMs: number
      }
    | undefined
}

export function playController(sessions: readonly AcnSession[], play: ControllerPlay): ControllerFigures {
  return new Run(sessions, play).run()
}

class Run {
  readonly #play: ControllerPlay
  readonly #sessions: readonly AcnSession[]
  readonly #waiting: AcnSession[]
  readonly #outlets: readonly Outlet[]
  readonly #byId: ReadonlyMap<string, Outlet>
  readonly #controller: Controller
  readonly #limitA: number
  #nowMs: number
  #transactions = 0
  #givenWh = 0
  #writes = 0
  #switches = 0
  #carMs = 0
  #overA = 0
  #shortestOnMs: number | undefined
  readonly #sessionWh = new Map<AcnSession, number>()
  readonly #learned = new Learned()
  readonly #lostWh = { full: 0, part: 0, ramp: 0, rest: 0 }

  constructor(sessions: readonly AcnSession[], play: ControllerPlay) {
    this.#play = play
    this.#sessions = sessions
    this.#waiting = [...sessions].sort((a, b) => a.arrival - b.arrival)
    this.#outlets = STATIONS.map(({ id, phase }) => ({
      ...{ stationId: id, phase, limitA: 0, flowA: 0, meterWh: 0 },
      car: undefined,
    }))
    this.#byId = new Map(this.#outlets.map(outlet => [outlet.stationId, outlet]))
    this.#nowMs = (this.#waiting[0]?.arrival ?? 0) * STEP_MS - WARM_UP_MS
    const config = siteConfigSchema.parse({
      version: 1,
      site: { id: 'acn', timeZone: 'America/Los_Angeles' },
      circuits: circuits(play.capacityKw).map(circuit =>
        play.isMetered && circuit.id === 'main' ? { ...circuit, meter: 'grid' } : circuit,
      ),
      meters: play.isMetered ? [{ id: 'grid', device: 'x', connection: { kind: 'tcp', host: 'h' } }] : [],
      stations: STATIONS.map(({ id, circuit, phase }) => ({
        id,
        device: 'bench',
        circuit,
        connectors: [{ id: 1, phases: PHASE_NAMES[phase], maxCurrentA: CONNECTOR_A, failSafeCurrentA: 0 }],
      })),
    })
    this.#limitA = config.circuits[0]?.ratedCurrentA ?? 0
    this.#controller = new Controller(
      {
        config,
        models: new Map([['bench', MODEL]]),
        profile: play.profile,
        leaseS: new Map(STATIONS.map(({ id }) => [id, LEASE_S])),
        csmsSteps: (_station, _connector, fromMs) => [{ atMs: fromMs, limitA: undefined }],
      },
      [],
      this.#now(),
    )
  }

  run(): ControllerFigures {
    const beginMs = this.#nowMs
    for (const { stationId } of this.#outlets) {
      const event = { stationId, kind: 'booted', info: { vendor: 'v', model: 'm' } } as const
      this.#controller.onStation({ kind: 'connected', stationId }, this.#now())
      this.#controller.onStation(event, this.#now())
      this.#controller.onStation({ kind: 'clock-seen', stationId, stationWallMs: this.#nowMs }, this.#now())
    }
    const endMs = Math.max(...this.#sessions.map(({ departure }) => departure)) * STEP_MS
    while (this.#nowMs < endMs) this.#tick(endMs)
    const days = (endMs - beginMs) / 86_400_000
    return {
      percent: this.#percent(this.#givenWh),
      writesPerStationDay: this.#writes / this.#outlets.length / days,
      switchesPerCarHour: this.#switches / (this.#carMs / 3_600_000),
      overA: Math.max(0, this.#overA),
      shortestOnMs: this.#shortestOnMs,
      givenWh: this.#sessionWh,
      lost: {
        full: this.#percent(this.#lostWh.full),
        part: this.#percent(this.#lostWh.part),
        ramp: this.#percent(this.#lostWh.ramp),
        rest: this.#percent(this.#lostWh.rest),
      },
    }
  }

  #percent(wh: number): number {
    return (100 * wh) / wantedWh(this.#sessions)
  }

  #now() {
    return { monoMs: this.#nowMs, wallMs: this.#nowMs }
  }

  #tick(endMs: number): void {
    this.#comeAndGo()
    const isIdle = this.#outlets.every(({ car }) => car === undefined)
    const nextMs = (this.#waiting[0]?.arrival ?? Number.POSITIVE_INFINITY) * STEP_MS
    const stepMs =
      isIdle && nextMs - this.#nowMs > IDLE_TICK_MS + WARM_UP_MS ? IDLE_TICK_MS : this.#play.tickMs
    this.#flow(Math.min(stepMs, endMs - this.#nowMs))
    this.#nowMs += stepMs
    this.#measure()
    if (this.#play.isMetered) {
      const meter = { meterId: 'grid', monoMs: this.#nowMs, currentA: this.#totalsA() }
      this.#controller.onMeter(meter, this.#now())
    } else this.#controller.decide(this.#now())
    this.#carryOut()
  }

  #comeAndGo(): void {
    for (const outlet of this.#outlets) {
      const { car } = outlet
      if (car === undefined) continue
      const isFull = this.#play.fullLeave === true && car.leftWh <= 0
      if (car.session.departure * STEP_MS > this.#nowMs && !isFull) continue
      this.#learned.learn(car.session, car.session.needWh - car.leftWh)
      outlet.car = undefined
      outlet.flowA = 0
      this.#controller.onStation(
        {
          kind: 'transaction-stopped',
          stationId: outlet.stationId,
          connectorId: 1,
          transactionId: car.transactionId,
        },
        this.#now(),
      )
    }
    while ((this.#waiting[0]?.arrival ?? Number.POSITIVE_INFINITY) * STEP_MS <= this.#nowMs) {
      const session = this.#waiting.shift()
      if (session !== undefined) this.#arrive(session)
    }
    this.#carryOut()
  }

  #arrive(session: AcnSession): void {
    const outlet = this.#byId.get(session.stationId)
    if (outlet === undefined || outlet.car !== undefined) return
    this.#transactions++
    const { stationId, meterWh } = outlet
    const transactionId = this.#transactions
    const switchedMs = this.#nowMs
    outlet.car = { session, leftWh: session.needWh, transactionId, isOn: false, switchedMs }
    outlet.limitA = 0
    this.#controller.onStation(
      {
        kind: 'transaction-started',
        ...{ stationId, connectorId: 1, transactionId, idTag: '', meterStartWh: Math.round(meterWh) },
        startedWallMs: this.#nowMs,
      },
      this.#now(),
    )
    const claim = this.#claimOf(session)
    if (claim !== undefined)
      this.#controller.claim({ ...{ stationId, connectorId: 1, transactionId }, claim })
  }

  #claimOf(session: AcnSession): SessionClaim | undefined {
    const { knows } = this.#play
    if (knows === 'departures')
      return { departureWallMs: session.departure * STEP_MS, energyWh: session.needWh, source: 'api' }
    const guess = knows === 'learned' ? this.#learned.expect(session) : undefined
    if (guess === undefined) return undefined
    const { times, of, energyWh, stayMs } = guess
    return {
      source: 'learned',
      departureWallMs: session.arrival * STEP_MS + stayMs,
      learned: { times, of },
      ...(energyWh !== undefined && { energyWh }),
    }
  }

  #flow(stepMs: number): void {
    for (const outlet of this.#outlets) {
      const { car } = outlet
      if (car === undefined) continue
      outlet.flowA = car.leftWh > 0 && outlet.limitA >= 6 ? Math.min(outlet.limitA, CAR_A) : 0
      const takenWh = Math.min(car.leftWh, (outlet.flowA * VOLTS * stepMs) / 3_600_000)
      car.leftWh -= takenWh
      outlet.meterWh += takenWh
      this.#givenWh += takenWh
      this.#sessionWh.set(car.session, car.session.needWh - car.leftWh)
      if (car.leftWh > 0) this.#carMs += stepMs
      const isOn = outlet.limitA >= 6
      if (isOn !== car.isOn) this.#switched(car, isOn)
    }
    for (const phase of [0, 1, 2] as const) this.#lose(phase, stepMs)
    this.#overA = Math.max(this.#overA, ...this.#totalsA().map(amps => amps - this.#limitA))
  }

  /** A full car that is asked leaves its contactor open. */
  #switched(car: NonNullable<Outlet['car']>, isOn: boolean): void {
    if (car.leftWh > 0) {
      this.#switches++
      const forMs = this.#nowMs - car.switchedMs
      if (!isOn) this.#shortestOnMs = Math.min(this.#shortestOnMs ?? forMs, forMs)
    }
    car.isOn = isOn
    car.switchedMs = this.#nowMs
  }

  #lose(phase: 0 | 1 | 2, stepMs: number): void {
    const there = this.#outlets.filter(outlet => outlet.phase === phase && outlet.car !== undefined)
    const wants = there.filter(({ car, flowA }) => (car?.leftWh ?? 0) > 0 && flowA < CAR_A)
    if (wants.length === 0) return
    const sum = (of: (outlet: Outlet) => number): number => there.reduce((total, one) => total + of(one), 0)
    const couldA = wants.reduce((total, { flowA }) => total + CAR_A - flowA, 0)
    const missingA = Math.min(couldA, this.#limitA - sum(({ flowA }) => flowA))
    const fullA = sum(({ car, limitA }) => ((car?.leftWh ?? 0) > 0 ? 0 : limitA))
    const full = Math.min(missingA, fullA)
    const part = Math.min(missingA - full, this.#limitA % 1)
    const comingA = wants.reduce(
      (total, { flowA, stationId }) => total + Math.max(0, this.#allottedA(stationId) - flowA),
      0,
    )
    const ramp = Math.min(missingA - full - part, comingA)
    const whPerA = (VOLTS * stepMs) / 3_600_000
    this.#lostWh.full += full * whPerA
    this.#lostWh.part += part * whPerA
    this.#lostWh.ramp += ramp * whPerA
    this.#lostWh.rest += (missingA - full - part - ramp) * whPerA
  }

  #allottedA(stationId: string): number {
    return Math.min(CAR_A, this.#controller.state.stations.get(stationId)?.connectors[0]?.allocationA ?? 0)
  }

  #totalsA(): [number, number, number] {
    const sums: [number, number, number] = [0, 0, 0]
    for (const { phase, flowA } of this.#outlets) sums[phase] += flowA
    return sums
  }

  #measure(): void {
    const isClock = this.#nowMs % STEP_MS < this.#play.tickMs
    for (const outlet of this.#outlets) {
      const { stationId } = outlet
      if (isClock)
        this.#controller.onStation({ kind: 'clock-seen', stationId, stationWallMs: this.#nowMs }, this.#now())
      if (this.#nowMs % SAMPLE_MS < this.#play.tickMs) this.#sampleOf(outlet)
    }
  }

  #sampleOf({ stationId, car, flowA, meterWh }: Outlet): void {
    if (car === undefined) return
    const sample = { ownPhasesA: [flowA, 0, 0] as const, energyWh: Math.round(meterWh), voltageV: VOLTS }
    this.#controller.onStation({ kind: 'measured', stationId, connectorId: 1, sample }, this.#now())
  }

  #carryOut(): void {
    let effects = this.#controller.takeEffects()
    while (effects.length > 0) {
      for (const effect of effects) if (effect.kind === 'call') this.#answer(effect)
      effects = this.#controller.takeEffects()
    }
  }

  #answer(call: Effect & { readonly kind: 'call' }): void {
    const outlet = this.#byId.get(call.stationId)
    const payload = JSON.parse(JSON.stringify(call.payload))
    const profile = payload.csChargingProfiles
    if (call.action === 'SetChargingProfile') this.#writes++
    if (profile?.chargingProfilePurpose === 'TxProfile' && outlet !== undefined)
      outlet.limitA = profile.chargingSchedule.chargingSchedulePeriod[0].limit
    const limit = outlet?.car === undefined ? 0 : outlet.limitA
    const composite = {
      status: 'Accepted',
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    }
    if (call.action === 'TriggerMessage' && outlet !== undefined) this.#sampleOf(outlet)
    const conf = call.action === 'GetCompositeSchedule' ? composite : { status: 'Accepted' }
    this.#controller.onAnswer(call.tag, result(conf), this.#now())
  }
}
