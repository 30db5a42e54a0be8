/**
 * The depot as it really is: clocks, stations, cars, other load, lines and Busbar, and the configuration it runs with. Pure and
 * deterministic. What moves it: act.ts by moves, time.ts by half seconds, traffic.ts by messages. What must hold: look.ts, judge.ts.
 */
import type { Now } from '../../src/core/control/now.js'
import { faultsBesideUncontrolled } from '../../src/core/control/release.js'
import type { ControlSite } from '../../src/core/control/state.js'
import type { LimitStep } from '../../src/core/schedule/composite.js'
import { proveSite } from '../../src/core/site/promise.js'
import { Busbar, copyLines, type Disk, type Line, type Message, newLine } from './busbar.js'
import type { Depot } from './depots.js'
import { copyOf } from './glimpse.js'
import { judge } from './judge.js'
import { type Changes, changedDepot, UNCHANGED } from './live.js'
import { type Excuses, excuse, type Failure } from './promise.js'
import { type Connector, followPilot, limitA, type Station } from './station.js'

/** The true time when the exploration begins: any date will do. */
const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z')

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
    busbar.watch = decided => judge(this, decided)
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

  followPilots(): void {
    for (const station of this.stations) {
      const clockMs = this.clockOf(station)
      for (const connector of station.connectors)
        followPilot(connector, limitA(station, connector, clockMs), this.nowMs)
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

function stepsWithin(steps: readonly LimitStep[], fromMs: number, toMs: number): readonly LimitStep[] {
  const first = steps.findLast(({ atMs }) => atMs <= fromMs)?.limitA
  return [{ atMs: fromMs, limitA: first }, ...steps.filter(({ atMs }) => atMs > fromMs && atMs < toMs)]
}
