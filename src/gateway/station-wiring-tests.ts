/**
 * Wiring tests of stations that run now: begun by people, led by Busbar, which makes the steps itself where the offer is its
 * own to change, one station at a time; ended by people, and by themselves when nobody does.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { ConnectorControl } from '../core/control/connector.js'
import type { Controller } from '../core/control/controller.js'
import { surroundingsOf } from '../core/control/meter-evidence.js'
import { drivenOf, giveBackTested, holdOffer, letGo } from '../core/control/wiring-step.js'
import type { MeterReading } from '../core/events.js'
import { stoodStill } from '../core/measuring/meter-path.js'
import {
  newStationWiring,
  type StationWiring,
  type StationWiringFinding,
  stationWiringFinding,
  watchStation,
} from '../core/measuring/station-wiring.js'
import { type Drive, isAtEnd, isUnderWay, newDrive, stepDrive } from '../core/measuring/wiring-drive.js'
import type { PerPhase } from '../core/site/phases.js'
import type { StationWiringView } from '../web/setup-desk.js'
import type { ControlLoop } from './control-loop.js'

const LONGEST_MS = 1_800_000
/** More people than that are in no depot. */
const MAX_TESTS = 8
/** No reading of its meter for so long. */
const SILENT_MS = 10_000
/** A step is held against the level before it. */
const STILL_MS = 8_000
const STILL_WITHIN_A = 1.5

interface Running {
  readonly test: StationWiring
  readonly drive: Drive
  readonly by: string
  readonly sinceMs: number
  /** Its meter was read last. */
  readMs: number
  /** Where the car is. */
  connectorId: number | undefined
}

export class StationWiringTests {
  readonly #tests = new Map<string, Running>()
  /** Whose offer is held now. */
  #held: string | undefined

  constructor(
    /** As it is now: stations come and go while the meters run on. */
    private readonly config: () => SiteConfig,
    private readonly controller: Controller,
    private readonly loop: Pick<ControlLoop, 'siteNow' | 'decide'>,
  ) {}

  /** Every reading of a meter, after control has had it. */
  take(reading: MeterReading): void {
    if (this.#tests.size === 0) return
    const { monoMs } = this.loop.siteNow()
    for (const [stationId, running] of this.#tests) {
      if (monoMs - running.sinceMs > LONGEST_MS) {
        this.#end(stationId)
        continue
      }
      const { test } = running
      const { stations } = surroundingsOf(this.controller.state, test.meterId, monoMs)
      const isOwn = ({ key }: { readonly key: string }): boolean => key.startsWith(`${stationId}/`)
      const others = test.meterId === reading.meterId ? stations.filter(one => !isOwn(one)) : []
      watchStation(test, reading, { stations: stations.filter(isOwn), others }, monoMs)
      if (reading.meterId === test.meterId && reading.currentA !== undefined) running.readMs = monoMs
    }
    this.#lead()
  }

  /** Begun anew, or ended; undefined = no such station. */
  run(stationId: string, running: boolean, by: string): Found | undefined {
    if (!running) {
      const found = this.view(stationId)
      this.#end(stationId)
      return found
    }
    this.#end(stationId)
    const [meterId] = this.#metersAbove(stationId)
    if (meterId !== undefined) {
      if (this.#tests.size >= MAX_TESTS) this.#forgetOldest()
      const meters = this.config().meters.map(({ id }) => ({
        id,
        path: this.controller.state.meters.get(id)?.judge.path ?? [],
      }))
      const nowMs = this.loop.siteNow().monoMs
      this.#tests.set(stationId, {
        test: newStationWiring(stationId, meterId, { meters, nowMs }),
        drive: newDrive(nowMs),
        ...{ by, sinceMs: nowMs, readMs: nowMs, connectorId: undefined },
      })
    }
    return this.view(stationId)
  }

  view(stationId: string): Found | undefined {
    const station = this.config().stations.find(({ id }) => id === stationId)
    if (station === undefined) return undefined
    const [meterId] = this.#metersAbove(stationId)
    const meter = this.config().meters.find(({ id }) => id === meterId)
    if (meter === undefined) return { ...NOTHING, stationId, finding: 'no-meter' }
    const running = this.#tests.get(stationId)
    const found = this.#findingOf(stationId)
    if (running === undefined || found === undefined)
      return { ...NOTHING, stationId, meterId: meter.id, finding: 'not-running' }
    return {
      ...{ stationId, meterId: meter.id, running: true, finding: found.kind },
      ...{ faults: found.faults, disturbed: found.disturbed, unread: found.unread, late: found.late },
      ...{ orderUnknown: found.orderUnknown, unseen: found.unseen },
      ...this.#stageOf(stationId, running),
      steps: found.steps.map(({ stationsA, meterA }) => ({
        stationA: tenths(stationsA),
        meterA: tenths(meterA),
      })),
    }
  }

  #findingOf(stationId: string): StationWiringFinding | undefined {
    const running = this.#tests.get(stationId)
    const station = this.config().stations.find(({ id }) => id === stationId)
    const [meterId, ...above] = this.#metersAbove(stationId)
    const meter = this.config().meters.find(({ id }) => id === meterId)
    if (running === undefined || station === undefined || meter === undefined) return undefined
    const rotation = station.connectors.find(({ phases }) => phases === 'L1L2L3')?.phaseRotation ?? 'RST'
    const found = stationWiringFinding(running.test, { rotation, meter, above: new Set(above) })
    const { unfollowed, stage } = running.drive
    if (stage === 'lost' && found.kind === 'waiting') return { ...found, kind: 'unclear' }
    if (unfollowed === undefined || found.kind === 'judged') return found
    return { ...found, kind: 'judged', faults: [{ kind: 'not-followed', ...unfollowed }] }
  }

  /** What is done now, for whoever stands beside it. */
  #stageOf(stationId: string, running: Running): Pick<Found, 'stage' | 'toldA' | 'waitsFor'> {
    const { drive } = running
    if (this.#isSilent(running) && !isAtEnd(drive)) return { stage: 'meter-silent' }
    const turn = this.#turn()
    if (turn !== undefined && turn !== stationId && isUnderWay(drive))
      return { stage: 'waits', waitsFor: turn }
    return { stage: drive.stage, ...(drive.toldA !== undefined && { toldA: drive.toldA }) }
  }

  /** The one that leads now: who has begun first and has something to do. */
  #turn(): string | undefined {
    for (const [stationId, running] of this.#tests)
      if (isUnderWay(running.drive) && !this.#isSilent(running)) return stationId
    return undefined
  }

  #isSilent({ readMs }: Running): boolean {
    return this.loop.siteNow().monoMs - readMs > SILENT_MS
  }

  #lead(): void {
    const { state } = this.controller
    const now = this.loop.siteNow()
    const turn = this.#turn()
    let raised: Drive | undefined
    for (const [stationId, running] of this.#tests) {
      if (turn !== stationId && isUnderWay(running.drive)) {
        // Its time has not begun, or begins again.
        Object.assign(running.drive, newDrive(now.monoMs), { tries: running.drive.tries })
        continue
      }
      const station = state.stations.get(stationId)
      const connector = station?.connectors
        .filter(({ transaction }) => transaction !== undefined)
        .sort((a, b) => rank(a, running) - rank(b, running))[0]
      running.connectorId = connector?.id
      const car = station && connector && drivenOf(connector, station, now)
      const watch = running.test.watches.get(running.test.meterId)
      if (watch === undefined) continue
      const found = this.#findingOf(stationId)
      const isJudged = found?.kind === 'judged' && running.drive.unfollowed === undefined
      const { disturbed, unread, late } = watch
      const watched = { steps: watch.steps.length, lost: disturbed + unread + late, isJudged }
      const stillSinceMs = Math.min(now.monoMs - STILL_MS, running.drive.reachedMs ?? now.monoMs)
      const isStill = stoodStill(watch.path, stillSinceMs, STILL_WITHIN_A)
      stepDrive(running.drive, car, { ...watched, isWaiting: watch.waiting.length > 0, isStill }, now.monoMs)
      if (running.drive.stage === 'raised') raised = running.drive
    }
    this.#hold()
    if (raised === undefined) return
    if (giveBackTested(state, raised.highA, now)) this.loop.decide()
  }

  /** What the one that leads wants held is held, and nothing else. */
  #hold(): void {
    const { state } = this.controller
    const turn = this.#turn()
    const running = turn === undefined ? undefined : this.#tests.get(turn)
    const connector = state.stations.get(turn ?? '')?.connectors.find(({ id }) => id === running?.connectorId)
    const before = state.orders
    if (running === undefined || connector === undefined) {
      if (this.#held !== undefined) letGo(state)
      this.#held = undefined
    } else {
      const { stationId, id: connectorId, config } = connector
      const limitA = running.drive.toldA ?? config.maxCurrentA
      holdOffer(state, { stationId, connectorId, limitA, by: running.by }, this.loop.siteNow())
      this.#held = stationId
    }
    const told = (book: typeof before) => JSON.stringify([...book.values()].map(({ value }) => value))
    if (state.orders !== before && told(state.orders) !== told(before)) this.loop.decide()
  }

  #end(stationId: string): void {
    this.#tests.delete(stationId)
    if (this.#held === stationId) this.#hold()
  }

  /** Nearest first. */
  #metersAbove(stationId: string): readonly string[] {
    const { circuits, stations } = this.config()
    const meters: string[] = []
    let at = stations.find(({ id }) => id === stationId)?.circuit
    while (at !== undefined) {
      const circuit = circuits.find(({ id }) => id === at)
      if (circuit?.meter !== undefined) meters.push(circuit.meter)
      at = circuit?.parent
    }
    return meters
  }

  #forgetOldest(): void {
    for (const stationId of this.#tests.keys()) {
      this.#end(stationId)
      return
    }
  }
}

/** The one of before first, then who draws most. */
function rank({ id, reading }: ConnectorControl, { connectorId }: Running): number {
  return id === connectorId ? Number.NEGATIVE_INFINITY : -Math.max(0, ...(reading?.bestA ?? []))
}

/** Whether another station has proven the meter is known by whoever keeps the results. */
export type Found = Omit<StationWiringView, 'meterProven'>

const NOTHING = {
  running: false,
  faults: [],
  steps: [],
  disturbed: 0,
  unread: 0,
  late: 0,
  orderUnknown: false,
  unseen: [],
} as const

const tenths = ([a, b, c]: PerPhase): PerPhase => [tenth(a), tenth(b), tenth(c)]
const tenth = (amps: number): number => Math.round(amps * 10) / 10
