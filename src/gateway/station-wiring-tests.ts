/** Wiring tests of stations that run now: one per station, ended by people, and by themselves when nobody does. */
import type { SiteConfig } from '../core/config/site.js'
import type { Controller } from '../core/control/controller.js'
import { surroundingsOf } from '../core/control/meter-evidence.js'
import type { MeterReading } from '../core/events.js'
import {
  newStationWiring,
  type StationWiring,
  stationWiringFinding,
  watchStation,
} from '../core/measuring/station-wiring.js'
import type { PerPhase } from '../core/site/phases.js'
import type { StationWiringView } from '../web/setup-desk.js'

const LONGEST_MS = 1_800_000
/** More people than that are in no depot. */
const MAX_TESTS = 8

interface Running {
  readonly test: StationWiring
  readonly sinceMs: number
}

export class StationWiringTests {
  readonly #tests = new Map<string, Running>()

  constructor(
    /** As it is now: stations come and go while the meters run on. */
    private readonly config: () => SiteConfig,
    private readonly controller: Controller,
    private readonly nowMs: () => number,
  ) {}

  /** Every reading of a meter, after control has had it. */
  take(reading: MeterReading): void {
    if (this.#tests.size === 0) return
    const nowMs = this.nowMs()
    for (const [stationId, { test, sinceMs }] of this.#tests) {
      if (nowMs - sinceMs > LONGEST_MS) {
        this.#tests.delete(stationId)
        continue
      }
      const { stations } = surroundingsOf(this.controller.state, test.meterId, nowMs)
      const own = stations.filter(({ key }) => key.startsWith(`${stationId}/`))
      watchStation(test, reading, own, nowMs)
    }
  }

  /** Begun anew, or ended; undefined = no such station. */
  run(stationId: string, running: boolean): Found | undefined {
    const [meterId] = this.#metersAbove(stationId)
    if (running && meterId !== undefined) {
      if (this.#tests.size >= MAX_TESTS && !this.#tests.has(stationId)) this.#forgetOldest()
      const meters = this.config().meters.map(({ id }) => ({
        id,
        path: this.controller.state.meters.get(id)?.judge.path ?? [],
      }))
      const nowMs = this.nowMs()
      this.#tests.set(stationId, {
        test: newStationWiring(stationId, meterId, { meters, nowMs }),
        sinceMs: nowMs,
      })
    }
    const found = this.view(stationId)
    if (!running) this.#tests.delete(stationId)
    return found
  }

  view(stationId: string): Found | undefined {
    const station = this.config().stations.find(({ id }) => id === stationId)
    if (station === undefined) return undefined
    const [meterId, ...above] = this.#metersAbove(stationId)
    const meter = this.config().meters.find(({ id }) => id === meterId)
    if (meter === undefined) return { ...NOTHING, stationId, finding: 'no-meter' }
    const test = this.#tests.get(stationId)?.test
    if (test === undefined) return { ...NOTHING, stationId, meterId: meter.id, finding: 'not-running' }
    const rotation = station.connectors.find(({ phases }) => phases === 'L1L2L3')?.phaseRotation ?? 'RST'
    const found = stationWiringFinding(test, { rotation, meter, above: new Set(above) })
    return {
      ...{ stationId, meterId: meter.id, running: true, finding: found.kind },
      ...{ faults: found.faults, disturbed: found.disturbed, unread: found.unread },
      ...{ orderUnknown: found.orderUnknown, unseen: found.unseen },
      steps: found.steps.map(({ stationsA, meterA }) => ({
        stationA: tenths(stationsA),
        meterA: tenths(meterA),
      })),
    }
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
      this.#tests.delete(stationId)
      return
    }
  }
}

/** Whether another station has proven the meter is known by whoever keeps the results. */
export type Found = Omit<StationWiringView, 'meterProven'>

const NOTHING = {
  running: false,
  faults: [],
  steps: [],
  disturbed: 0,
  unread: 0,
  orderUnknown: false,
  unseen: [],
} as const

const tenths = ([a, b, c]: PerPhase): PerPhase => [tenth(a), tenth(b), tenth(c)]
const tenth = (amps: number): number => Math.round(amps * 10) / 10
