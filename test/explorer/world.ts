/**
 * The depot as it really is: clocks, stations, cars, other load, lines and Busbar, moved by one move at a time. Pure and
 * deterministic. After each move, and each half second of a wait, it says whether what must hold (promise.ts) still does.
 */
import type { CallOutcome } from '../../src/core/answer.js'
import type { Now } from '../../src/core/control/now.js'
import { faultsBesideUncontrolled } from '../../src/core/control/release.js'
import type { ControlSite } from '../../src/core/control/state.js'
import type { LimitStep } from '../../src/core/schedule/composite.js'
import { ALL_PHASES, add, type PerPhase, PHASE_INDEXES, spread, ZERO } from '../../src/core/site/phases.js'
import { proveSite } from '../../src/core/site/promise.js'
import { DEAD_AFTER_MS } from '../../src/ocpp/wire/keep-alive.js'
import { type Asked, Busbar, copyLines, type Disk, type Line, type Message, newLine } from './busbar.js'
import { type Depot, FAIL_SAFE_A, METER_ID } from './depots.js'
import { bookings, circuitSums, copyOf, isClockInDoubt, isKnownUnplaced } from './glimpse.js'
import { type Changes, changedDepot, UNCHANGED } from './live.js'
import {
  bookedTooLittle,
  type Excuses,
  excuse,
  type Failure,
  type Flow,
  forget,
  lastsUntilMs,
  overTheFuse,
  type Possible,
  SETTLE_MS,
} from './promise.js'
import { type Connector, drawnA, followPilot, handle, limitA, perPhase, type Station } from './station.js'

/** The true time when the exploration begins: any date will do. */
const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z')
const SAMPLE_EVERY_MS = 10_000
const METER_EVERY_MS = 1_000
/** As often as src/gateway/control-loop.ts decides. */
const TICK_MS = 500

/** What is true of a station beside its profiles and cars. */
export interface Side {
  /** Messages it keeps until it has a link. */
  memory: Message[]
  /** It restarted and has not told yet. */
  boot: 'kept' | 'lost' | undefined
  /** How it came through its last restart. */
  booted: 'kept' | 'lost' | undefined
  /** It was read back after a restart with its profiles. */
  keeps: boolean
  linkedMs: number
  /** Where its clock was set last; small drifts count from there. */
  anchorMs: number
  csms: readonly LimitStep[]
}

export class World {
  nowMs = 0
  stations: Station[]
  lines: Map<string, Line>
  sides: Map<string, Side>
  disk: Disk = { hangs: false, fails: false, kept: new Map(), tail: [], waiting: [] }
  /** Transactions Busbar has acknowledged: on its disk before the station was answered. */
  book = new Map<string, Message & { readonly kind: 'started' | 'stopped' }>()
  busbar: Busbar | undefined
  busbarClockMs = 0
  /** Stations that are not in the configuration now. */
  unplaced: Set<string> = new Set()
  /** Driven by its CSMS: Busbar steers nothing there. */
  driven: Set<string> = new Set()
  /** They may connect to be known. */
  isWindowOpen = false
  /** What of the depot is another since its configuration was changed, and the depot as it is now. */
  changes: Changes = UNCHANGED
  plan: Depot
  baseA: number
  meterAnswers = true
  transactions = 0
  excuses: Excuses = { causes: [], over: new Map(), faultMs: 0 }
  failure: Failure | undefined

  constructor(readonly depot: Depot) {
    this.plan = depot
    const { smartCharging } = depot.model
    this.stations = depot.stations.map(({ id, connectors }) => ({
      id,
      maxStackLevel: smartCharging.maxStackLevel,
      maxProfiles: smartCharging.maxProfiles * connectors,
      maxPeriods: smartCharging.maxPeriods,
      profiles: [],
      connectors: Array.from({ length: connectors }, (_, index) => ({
        id: index + 1,
        transactionId: undefined,
        car: undefined,
        pilots: [],
      })),
      clockMs: 0,
    }))
    this.lines = new Map(depot.stations.map(({ id }) => [id, newLine()]))
    this.sides = new Map(
      depot.stations.map(({ id }) => [
        id,
        { memory: [], boot: 'lost', booted: undefined, keeps: false, linkedMs: 0, anchorMs: 0, csms: [] },
      ]),
    )
    this.baseA = depot.baseA[0]
    for (const { id: of } of depot.stations)
      excuse(this.excuses, { kind: 'profiles', sinceMs: 0, untilMs: Number.MAX_VALUE, of, isBooked: true })
  }

  /** The same moment once more, to go another way from it. */
  copy(): World {
    const twin = new World(this.depot)
    const { depot: _depot, plan, busbar, lines, ...rest } = this
    Object.assign(twin, copyOf(rest, new Map()))
    twin.plan = plan
    twin.lines = copyLines(lines)
    if (busbar !== undefined) twin.adopt(busbar.copy(twin.site(), twin.lines, twin.disk, twin.now(busbar)))
    return twin
  }

  /** A new process with what is on the disk. */
  begin(): void {
    for (const line of this.lines.values()) line.announced = false
    const now: Now = { monoMs: 0, wallMs: this.wallMs() }
    this.adopt(new Busbar(this.depot, this.site(), this.lines, this.disk, this.nowMs, now))
  }

  adopt(busbar: Busbar): void {
    busbar.watch = asked => this.#judge(asked)
    this.busbar = busbar
  }

  /** The depot is another from now on, for Busbar and on its wires; false where its fail-safes would not fit. */
  change(changes: Changes): boolean {
    const before = this.plan
    this.plan = changedDepot(this.depot, changes)
    if (!this.isSound() || !this.isFree()) {
      this.plan = before
      return false
    }
    this.changes = changes
    this.busbar?.reconfigure(this.site(), this.now(this.busbar))
    return true
  }

  /** Busbar would start with what is configured. */
  isSound(): boolean {
    const { config, models, profile } = this.site()
    return proveSite(config, models, profile).faults.length === 0
  }

  /** What is released leaves room for what is configured. */
  isFree(): boolean {
    const state = this.busbar?.controller.state
    return state === undefined || faultsBesideUncontrolled(state, this.site().config).length === 0
  }

  /** Both clocks of the process. */
  now(busbar: Busbar): Now {
    return { monoMs: this.nowMs - busbar.bornMs, wallMs: this.wallMs() }
  }

  wallMs(): number {
    return EPOCH_MS + this.nowMs + this.busbarClockMs
  }

  clockOf(station: Station): number {
    return EPOCH_MS + this.nowMs + station.clockMs
  }

  trueMs(): number {
    return EPOCH_MS + this.nowMs
  }

  station(id: string): Station | undefined {
    return this.stations.find(station => station.id === id)
  }

  /** "CP-1/2". */
  connector(key: string): { station: Station; connector: Connector } | undefined {
    const [stationId, number] = key.split('/')
    const station = this.stations.find(({ id }) => id === stationId)
    const connector = station?.connectors.find(({ id }) => id === Number(number))
    return station === undefined || connector === undefined ? undefined : { station, connector }
  }

  /** Whether Busbar lets it in. */
  mayLink(id: string): boolean {
    return this.busbar !== undefined && (!this.unplaced.has(id) || this.isWindowOpen)
  }

  wait(ms: number): void {
    for (let leftMs = ms; leftMs > 0 && this.failure === undefined; leftMs -= TICK_MS) {
      this.nowMs += TICK_MS
      this.#step()
    }
  }

  /** Everything that moves by itself, and the look whether all is well. */
  settle(): void {
    this.#followPilots()
    for (let moved = true; moved; ) {
      moved = false
      for (const station of this.stations) {
        const line = this.lines.get(station.id)
        if (line === undefined || line.stalled || !line.linked) continue
        while (line.down.length > 0) moved = this.reachStation(station) || moved
        while (line.up.length > 0 && line.linked) moved = this.reachBusbar(station) || moved
      }
    }
    this.#followPilots()
    this.#look()
  }

  /** The station takes the oldest request on its line. */
  reachStation(station: Station): boolean {
    const line = this.lines.get(station.id)
    const side = this.sides.get(station.id)
    const call = line?.down.shift()
    if (line === undefined || side === undefined || call === undefined) return false
    const isTriggered = call.action === 'TriggerMessage' && this.depot.model.smartCharging.obeysUnseen
    const answer = isTriggered
      ? this.#triggered(station, call.payload)
      : handle(station, call.action, call.payload, this.clockOf(station))
    if (call.action === 'GetCompositeSchedule') this.#readBack(station, side)
    this.#followPilots()
    if (!line.linked) return true
    const outcome: CallOutcome = { kind: 'result', payloadText: JSON.stringify(answer) }
    line.up.push({ kind: 'answer', tag: call.tag, outcome })
    return true
  }

  /** Busbar takes the oldest message of the station. */
  reachBusbar(station: Station): boolean {
    const line = this.lines.get(station.id)
    const { busbar } = this
    if (line === undefined || busbar === undefined || !line.linked) return false
    const message = line.up.shift()
    if (message === undefined) return false
    if (this.unplaced.has(station.id)) {
      // A session that nobody answers for is told again on the next link.
      if (message.kind === 'started' || message.kind === 'stopped')
        this.sides.get(station.id)?.memory.push(message)
      busbar.receiveUnplaced(station.id, message, this.now(busbar))
      return true
    }
    if (message.kind === 'started') this.book.set(`${station.id}/${message.connectorId}`, message)
    if (message.kind === 'stopped') this.book.delete(`${station.id}/${message.connectorId}`)
    busbar.receive(station.id, message, this.now(busbar))
    return true
  }

  /** What the station says now, or keeps until it has a link. */
  say(station: Station, message: Message): void {
    const line = this.lines.get(station.id)
    if (line?.linked === true) line.up.push(message)
    else if (message.kind === 'started' || message.kind === 'stopped')
      this.sides.get(station.id)?.memory.push(message)
  }

  sample(station: Station, connector: Connector): void {
    const ownA = perPhase(drawnA(connector, this.nowMs), connector.car?.phases ?? 3)
    this.say(station, { kind: 'sample', connectorId: connector.id, ownA, clockMs: this.clockOf(station) })
  }

  /** Those that obey unseen know a TriggerMessage too; of a session that runs they send a sample. */
  #triggered(station: Station, payload: object): object {
    if (Reflect.get(payload, 'requestedMessage') === 'StatusNotification') {
      this.say(station, { kind: 'status', clockMs: this.clockOf(station) })
      return { status: 'Accepted' }
    }
    const connector = station.connectors.find(({ id }) => id === Reflect.get(payload, 'connectorId'))
    if (connector?.transactionId !== undefined) this.sample(station, connector)
    return { status: 'Accepted' }
  }

  /** The link goes. Transactions on their way up are told again, the rest is lost; what went down may still arrive. */
  cut(station: Station): boolean {
    const line = this.lines.get(station.id)
    const side = this.sides.get(station.id)
    if (line === undefined || side === undefined || !line.linked) return false
    this.drop(line, side)
    if (this.busbar !== undefined) this.busbar.gone(station.id, this.now(this.busbar))
    return true
  }

  drop(line: Line, side: Side): void {
    side.memory.push(...line.up.filter(message => message.kind === 'started' || message.kind === 'stopped'))
    // A boot is told until it was heard.
    if (line.up.some(message => message.kind === 'booted')) side.boot = side.booted
    line.up = []
  }

  // ---------------------------------------------------------------- time

  #step(): void {
    this.#followPilots()
    for (const station of this.stations) {
      const line = this.lines.get(station.id)
      if (line?.stalled === true && this.nowMs - line.stalledMs >= DEAD_AFTER_MS) this.cut(station)
    }
    if (this.nowMs % SAMPLE_EVERY_MS === 0) {
      for (const station of this.stations) {
        if (this.lines.get(station.id)?.linked !== true) continue
        for (const connector of station.connectors)
          if (connector.transactionId !== undefined) this.sample(station, connector)
      }
    }
    const { busbar } = this
    if (busbar !== undefined) {
      const now = this.now(busbar)
      busbar.expire(now)
      if (this.nowMs % METER_EVERY_MS === 0 && this.#hasMeter()) this.#poll(busbar, now)
      else busbar.decide(now)
    }
    this.settle()
  }

  #hasMeter(): boolean {
    return this.plan.config.meters.length > 0
  }

  #poll(busbar: Busbar, now: Now): void {
    const main = this.plan.circuits.find(circuit => circuit.meter === METER_ID)
    const flow = this.flows().find(({ circuit }) => circuit === main?.id)
    if (this.meterAnswers && flow !== undefined)
      busbar.read(
        { meterId: METER_ID, monoMs: now.monoMs, currentA: flow.flowA, voltageV: [230, 230, 230] },
        now,
      )
    else busbar.read({ meterId: METER_ID, monoMs: now.monoMs, fault: 'timeout' }, now)
  }

  #followPilots(): void {
    for (const station of this.stations) {
      const clockMs = this.clockOf(station)
      for (const connector of station.connectors)
        followPilot(connector, limitA(station, connector, clockMs), this.nowMs)
    }
  }

  /** Read back after a restart: what it kept is known, what it lost is laid anew. */
  #readBack(station: Station, side: Side): void {
    if (side.boot !== undefined) return
    side.keeps ||= side.booted === 'kept'
    this.excuses.causes = this.excuses.causes.map(cause =>
      cause.kind === 'profiles' && cause.of === station.id
        ? { ...cause, readMs: Math.min(cause.readMs ?? this.nowMs, this.nowMs) }
        : cause,
    )
  }

  /** Nothing is laid on a station that nothing reaches: the while it takes begins when its line works. */
  #waitForLines(): void {
    const { causes } = this.excuses
    if (!causes.some(({ readMs }) => readMs !== undefined)) return
    this.excuses.causes = causes.map(cause => {
      const line = cause.readMs === undefined ? undefined : this.lines.get(cause.of ?? '')
      const isBroken = line !== undefined && (line.stalled || !line.linked)
      return isBroken ? { ...cause, readMs: this.nowMs } : cause
    })
  }

  // ---------------------------------------------------------------- what must hold

  flows(): readonly Flow[] {
    const { circuits, stations } = this.plan
    return circuits.map((circuit, index) => {
      const isBelow = (id: string): boolean =>
        id === circuit.id || circuits.some(other => other.id === id && other.parent === circuit.id)
      let flowA: PerPhase = index === 0 ? spread(this.baseA, ALL_PHASES) : ZERO
      const parts = index === 0 ? [`other load ${this.baseA}`] : []
      stations.forEach(({ circuit: place }, at) => {
        const station = this.stations[at]
        if (station === undefined || !isBelow(place)) return
        for (const connector of station.connectors) {
          const amps = drawnA(connector, this.nowMs)
          if (amps === 0) continue
          flowA = add(flowA, perPhase(amps, connector.car?.phases ?? 3))
          parts.push(`${station.id}/${connector.id} ${amps}`)
        }
      })
      return { circuit: circuit.id, ratedA: circuit.ratedCurrentA, flowA, parts: parts.join(' + ') }
    })
  }

  possible(busbar: Busbar): readonly Possible[] {
    const booked = bookings(busbar.controller, this.depot, this.now(busbar).monoMs)
    let at = 0
    return this.stations.flatMap(station =>
      station.connectors.map(connector => {
        const pilotA = limitA(station, connector, this.clockOf(station))
        const nowA = drawnA(connector, this.nowMs)
        const amps = Math.max(pilotA < 6 ? 0 : pilotA, nowA)
        return {
          connector: `${station.id}/${connector.id}`,
          possibleA: perPhase(amps, connector.car?.phases ?? 3),
          bookedA: booked[at++] ?? ZERO,
          why: `pilot ${pilotA} A, ${connector.transactionId === undefined ? 'no session' : `drawing ${nowA} A`}`,
        }
      }),
    )
  }

  #look(): void {
    if (!this.#isCalm()) this.excuses.faultMs = this.nowMs
    this.#waitForLines()
    forget(this.excuses, this.nowMs)
    this.#excuseUnknown()
    this.failure ??= overTheFuse(this.flows(), this.excuses, this.nowMs)
    if (this.busbar === undefined) return
    this.failure ??= bookedTooLittle(this.possible(this.busbar), this.excuses, this.nowMs)
  }

  /** A station that Busbar has never heard of is booked as soon as it is heard, and not before. */
  #excuseUnknown(): void {
    const { busbar, nowMs } = this
    for (const of of this.unplaced) {
      if (busbar !== undefined && isKnownUnplaced(busbar.controller, of)) continue
      const untilMs = lastsUntilMs('unknown', nowMs, this.depot.leaseS * 1000)
      excuse(this.excuses, { kind: 'unknown', sinceMs: nowMs, untilMs, of })
    }
  }

  #isCalm(): boolean {
    if (this.busbar === undefined || !this.meterAnswers || this.disk.hangs || this.disk.fails) return false
    for (const [id, line] of this.lines) {
      if (this.unplaced.has(id) && !line.linked) {
        if (this.#isLeased(id)) return false
        continue
      }
      if (!line.linked || line.stalled || line.inFlight.length > 0) return false
      if (this.nowMs - (this.sides.get(id)?.linkedMs ?? 0) < SETTLE_MS) return false
    }
    return true
  }

  /** What was laid there before it was taken out of the configuration allows more than its fail-safe still. */
  #isLeased(id: string): boolean {
    const station = this.stations.find(one => one.id === id)
    return station?.connectors.some(one => limitA(station, one, this.clockOf(station)) > FAIL_SAFE_A) ?? false
  }

  /** A profile that books more than was booked before has to find room for it (I1). */
  #judge({ beforeA, afterA, effects, isNews }: Asked): void {
    const { busbar } = this
    if (busbar === undefined || isNews || this.failure !== undefined) return
    // Doubt about the time books more without anything being offered.
    if (isClockInDoubt(busbar.controller)) return
    let at = -1
    for (const { id: stationId, circuit, connectors } of this.plan.stations) {
      for (let connectorId = 1; connectorId <= connectors; connectorId++) {
        at++
        const before = beforeA[at] ?? ZERO
        const after = afterA[at] ?? ZERO
        const grown = PHASE_INDEXES.filter(phase => after[phase] > before[phase] + 0.01)
        if (grown.length === 0 || !isWritten(effects, stationId, connectorId)) continue
        // A clock that really jumped is news too, though it shows only when the next profile is made.
        if (this.excuses.causes.some(({ kind, of }) => kind === 'clock' && of === stationId)) continue
        const earlier = circuitSums(busbar.controller, this.plan, beforeA)
        for (const [index, sum] of circuitSums(busbar.controller, this.plan, afterA).entries()) {
          const isAbove = sum.id === circuit || sum.id === this.plan.circuits[0]?.id
          const phase = grown.find(
            phase =>
              sum.bookedA[phase] + sum.otherA[phase] > sum.limitA + 0.01 &&
              sum.bookedA[phase] > (earlier[index]?.bookedA[phase] ?? 0) + 0.01,
          )
          if (!isAbove || phase === undefined) continue
          const text = `${stationId}/${connectorId} goes from ${before[phase]} to ${after[phase]} A booked, "${sum.id}" to ${sum.bookedA[phase]} A beside ${sum.otherA[phase]} A of other load, limit ${sum.limitA} A`
          this.failure ??= { rule: 'raised without room', atMs: this.nowMs, text }
        }
      }
    }
  }

  site(): ControlSite {
    const { config, model, profile, leaseS, stations } = this.plan
    return {
      config: {
        ...config,
        stations: config.stations
          .filter(({ id }) => !this.unplaced.has(id))
          .map(station => (this.driven.has(station.id) ? { ...station, loadControl: 'csms' } : station)),
      },
      models: new Map([[model.id, model]]),
      profile,
      leaseS: new Map(stations.map(({ id }) => [id, leaseS])),
      csmsSteps: (stationId, _connectorId, fromMs, toMs) =>
        stepsWithin(this.sides.get(stationId)?.csms ?? [], fromMs, toMs),
    }
  }
}

function isWritten(effects: Asked['effects'], stationId: string, connectorId: number): boolean {
  return effects.some(
    effect =>
      effect.kind === 'call' &&
      effect.action === 'SetChargingProfile' &&
      effect.stationId === stationId &&
      Reflect.get(effect.payload, 'connectorId') === connectorId,
  )
}

function stepsWithin(steps: readonly LimitStep[], fromMs: number, toMs: number): readonly LimitStep[] {
  const first = steps.findLast(({ atMs }) => atMs <= fromMs)?.limitA
  return [{ atMs: fromMs, limitA: first }, ...steps.filter(({ atMs }) => atMs > fromMs && atMs < toMs)]
}
