/**
 * What is counted while a seed of the soak runs: seconds over a rating by cause and row, energy against what was possible,
 * pauses, and how fast Busbar was. Must not know how a fault is made.
 */
import type { SingleFaultKind } from '../../core/site/single-faults.js'
import type { DeviceCatalogue } from '../../gateway/catalogue.js'
import { isFull, takesA } from '../car.js'
import type { Amps3 } from '../wiring.js'
import type { SeenFaults } from './confirm.js'
import { type DepotKind, limitOf } from './depot.js'
import { type ActiveFault, AFTERMATH_MS, type CauseTotal, Judge, LOOK_MS } from './judge.js'
import { knowableBases, watchedStations } from './knowable.js'
import { addLosses, type Losses } from './losses.js'
import { PlugIns, type PlugInTimes } from './plug-in-times.js'
import { possibleA, type Want } from './possible.js'
import { Reach } from './reach.js'
import type { SoakSite } from './site.js'
import type { WriteCount } from './writes.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Stations connect and are read back before anything goes wrong. */
export const SETTLE_MS = 3 * MINUTE_MS
const ENERGY_EVERY_MS = 10_000
const VOLTAGE_V = 230
/** Poll + 1.5 s + station + car, with one look more (control rules, "The promise"). */
const ALIVE_MS = 1_000 + 1_500 + 11_200 + LOOK_MS
const LEAST_CURRENT_A = 6

export interface SeedOptions extends DepotKind {
  readonly seed: number
  readonly hours: number
  readonly catalogue: DeviceCatalogue
  /** Default: by the dice, 4-16. */
  readonly stations?: number
  /** Without them nothing but the base and the cars move. */
  readonly faults?: boolean
  /** Cars come at once and faults are short: as many of them as half an hour holds. */
  readonly brisk?: boolean
}

export interface SeedResult {
  readonly seed: number
  readonly stations: number
  readonly hours: number
  readonly causes: ReadonlyMap<string, CauseTotal>
  /** Rows of the table whose faults were begun. */
  readonly tried: ReadonlySet<SingleFaultKind>
  /** Each single fault beside what the table of this site promised. */
  readonly seen: SeenFaults
  /** Over a rating while more than one fault was about, s: no row speaks of that. */
  readonly severalS: number
  /** kWh taken and possible, while nothing was wrong. */
  readonly usedKWh: number
  readonly possibleKWh: number
  /** The same with what nothing on the site can know taken at its worst (`knowable.ts`). */
  readonly knowableKWh: number
  /** kWh that were possible and not taken, by cause. */
  readonly losses: ReadonlyMap<string, number>
  /** From a load that came to the first lower on the wire, ms each. */
  readonly reactionsMs: readonly number[]
  /** From the start of a session to its share on a free circuit, ms each. */
  readonly plugInMs: PlugInTimes
  readonly switches: number
  readonly carHours: number
  readonly writes: number
  readonly writesBy: WriteCount
  /** Stations by lease, s. */
  readonly stationsBy: ReadonlyMap<number, number>
  readonly hash: string
}

/** Counts while a seed runs. */
export class SeedLog {
  readonly #judge: Judge
  #usedWh = 0
  #possibleWh = 0
  #knowableWh = 0
  readonly #lossesA: Losses = new Map()
  #energyMs = 0
  #switches = 0
  #carMs = 0
  readonly #wasOn: boolean[] = []
  readonly #watched: readonly boolean[]
  readonly #reach = new Reach(ALIVE_MS)
  readonly #plugIns = new PlugIns()
  #secondMs = 0

  constructor(private readonly site: SoakSite) {
    const circuits = site.depot.circuits.map(({ id, ratedCurrentA, metered }) => ({
      id,
      ratedCurrentA,
      metered: metered === true,
    }))
    this.#judge = new Judge(circuits, ALIVE_MS, site.singleFaults())
    this.#watched = watchedStations(site.depot, site.wiring)
  }

  look(active: readonly ActiveFault[]): void {
    const { wiring, world } = this.site
    const nowMs = world.time.nowMs
    const totals = wiring.flows()
    const bases = this.site.bases()
    const isOver = this.site.depot.circuits.some(
      ({ ratedCurrentA }, node) => mostOf(totals[node] ?? NOTHING) > ratedCurrentA,
    )
    this.site.depot.stations.forEach((_, at) => {
      this.#reach.look(at, this.site.isReached(at), nowMs)
    })
    const stuck = isOver ? this.#stuck(() => false) : bases
    const back = isOver ? this.#stuck(at => this.#reach.isBack(at, nowMs)) : bases
    const told = isOver ? this.#told() : undefined
    const looks = totals.map((totalA, node) => ({
      totalA,
      ...(told?.[node] !== undefined && { toldA: told[node] }),
      baseA: bases[node] ?? NOTHING,
      stuckA: stuck[node] ?? NOTHING,
      backA: back[node] ?? NOTHING,
    }))
    this.#judge.look(nowMs, looks, active)
    this.site.reactions.look(
      nowMs,
      id => this.site.isLowerDue(this.site.depot.circuits.findIndex(circuit => circuit.id === id)),
      isCalm(
        active.filter(({ row }) => SLOWS.has(row)),
        nowMs,
        AFTERMATH_MS,
      ),
    )
    // A look comes a little after its time: whole milliseconds would be a matter of chance.
    if (nowMs - this.#secondMs >= SECOND_MS - LOOK_MS / 2) {
      this.#secondMs = nowMs
      this.#countSwitches()
      this.#timePlugIns(nowMs, areOver(active, nowMs, AFTERMATH_MS))
    }
    if (nowMs - this.#energyMs < ENERGY_EVERY_MS) return
    this.#energyMs = nowMs
    if (isCalm(active, nowMs, 5 * MINUTE_MS)) this.#countEnergy(bases)
  }

  /** Per circuit: base, and what no command could take away, or takes away of those that have just come back. */
  #stuck(isBack: (at: number) => boolean): readonly Amps3[] {
    const { wiring } = this.site
    return wiring.sums(
      at => {
        const flow = wiring.flowA(at)
        if (isBack(at)) return flow
        const stuckA = this.site.stuckA(at)
        return [Math.min(flow[0], stuckA), Math.min(flow[1], stuckA), Math.min(flow[2], stuckA)]
      },
      id => wiring.baseA.get(id),
    )
  }

  /** Per circuit: what would flow did no station draw more than it was told; undefined while nobody tells any. */
  #told(): readonly Amps3[] | undefined {
    const { wiring } = this.site
    const state = this.site.gateway?.control()
    if (state === undefined) return undefined
    return wiring.sums(
      at => {
        const flow = wiring.flowA(at)
        const id = this.site.depot.stations[at]?.id ?? ''
        const connector = state.stations.get(id)?.connectors[0]
        const mostA =
          connector === undefined ? 0 : Math.max(connector.offerA, connector.config.failSafeCurrentA)
        return [Math.min(flow[0], mostA), Math.min(flow[1], mostA), Math.min(flow[2], mostA)]
      },
      id => wiring.baseA.get(id),
    )
  }

  result({ seed, hours }: SeedOptions): Omit<SeedResult, 'tried'> {
    const { depot, doors, world } = this.site
    return {
      seed,
      hours,
      stations: depot.stations.length,
      causes: this.#judge.totals,
      seen: this.#judge.seen,
      severalS: this.#judge.severalS,
      usedKWh: this.#usedWh / 1_000,
      possibleKWh: this.#possibleWh / 1_000,
      knowableKWh: this.#knowableWh / 1_000,
      losses: new Map(
        [...this.#lossesA].map(([cause, amps]) => [cause, (amps * VOLTAGE_V) / 1_000] as const),
      ),
      reactionsMs: this.site.reactions.tookMs,
      plugInMs: this.#plugIns.tookMs,
      switches: this.#switches,
      carHours: this.#carMs / HOUR_MS,
      writes: [...doors.values()].reduce((sum, { profileWrites }) => sum + profileWrites, 0),
      writesBy: this.site.writes,
      stationsBy: this.site.stationsByLease(),
      hash: world.trace.hash(),
    }
  }

  #timePlugIns(nowMs: number, calm: boolean): void {
    const state = this.site.gateway?.control()
    for (const connector of state?.connectors ?? []) {
      const isConnected = state?.stations.get(connector.stationId)?.connected === true
      this.#plugIns.look(nowMs, connector, { isConnected, calm })
    }
  }

  #countSwitches(): void {
    this.site.depot.stations.forEach(({ id }, at) => {
      const connector = this.site.wiring.stations.get(id)?.connectors[0]
      const car = connector?.car()
      const wants = car !== undefined && !isFull(car) && connector?.transaction() !== undefined
      const isOn = wants && (connector?.pilotA() ?? 0) >= LEAST_CURRENT_A
      if (wants) this.#carMs += SECOND_MS
      if (wants && this.#wasOn[at] === true && !isOn) this.#switches += 1
      this.#wasOn[at] = isOn
    })
  }

  #countEnergy(bases: readonly Amps3[]): void {
    const { wiring, depot } = this.site
    const wants: Want[] = []
    const taken: number[] = []
    depot.stations.forEach(({ id, maxCurrentA }, at) => {
      const connector = wiring.stations.get(id)?.connectors[0]
      const car = connector?.car()
      if (connector?.transaction() === undefined || car === undefined || isFull(car)) return
      const phases = wiring
        .wayOf(at)
        .slice(0, car.spec.phases)
        .filter(phase => phase >= 0)
      wants.push({ at, wantsA: takesA(car, maxCurrentA), phases })
      taken.push(wiring.flowA(at).reduce((sum, amps) => sum + amps, 0))
    })
    const roomsBeside = (loads: readonly Amps3[]) =>
      depot.circuits.map(({ ratedCurrentA }, node) => {
        const limitA = limitOf(ratedCurrentA)
        const [a, b, c] = loads[node] ?? NOTHING
        return [limitA - a, limitA - b, limitA - c]
      })
    const possible = possibleA(wiring, wants, roomsBeside(bases))
    const knowable = possibleA(
      wiring,
      wants.map(want => ({ ...want, phases: this.#bookedPhases(want) })),
      roomsBeside(knowableBases(depot.circuits, wiring.parents, bases)),
    )
    const hours = ENERGY_EVERY_MS / HOUR_MS
    wants.forEach((want, index) => {
      this.#possibleWh += (possible[index] ?? 0) * want.phases.length * VOLTAGE_V * hours
      this.#knowableWh += (knowable[index] ?? 0) * want.phases.length * VOLTAGE_V * hours
      this.#usedWh += (taken[index] ?? 0) * VOLTAGE_V * hours
      this.#explain(want, { possibleA: possible[index] ?? 0, takenA: taken[index] ?? 0, bases, hours })
    })
  }

  /** Those that nothing but the station itself would see in use again stay booked (control rule 16). */
  #bookedPhases({ at, phases }: Want): readonly number[] {
    return this.#watched[at] === true ? phases : this.site.wiring.wayOf(at).filter(phase => phase >= 0)
  }

  /** By cause, A times phases times hours. */
  #explain(
    want: Want,
    at: {
      readonly possibleA: number
      readonly takenA: number
      readonly bases: readonly Amps3[]
      readonly hours: number
    },
  ): void {
    const { wiring, depot, gateway, world } = this.site
    const planned = depot.stations[want.at]
    if (gateway === undefined || planned === undefined) return
    const indexOf = (id: string): number => depot.stations.findIndex(station => station.id === id)
    const found: Losses = new Map()
    const short = {
      stationId: planned.id,
      possibleA: at.possibleA,
      takenA: at.takenA / want.phases.length,
      pilotA: wiring.stations.get(planned.id)?.connectors[0]?.pilotA() ?? 0,
    }
    addLosses(found, gateway.control(), short, {
      baseA: at.bases,
      flowA: id => wiring.flowA(indexOf(id)),
      wantsA: id => {
        const car = wiring.stations.get(id)?.connectors[0]?.car()
        return car === undefined ? 0 : takesA(car, depot.stations[indexOf(id)]?.maxCurrentA ?? 0)
      },
      nowMs: world.ports.clock.monoMs(),
    })
    for (const [cause, amps] of found)
      this.#lossesA.set(cause, (this.#lossesA.get(cause) ?? 0) + amps * want.phases.length * at.hours)
  }
}

/** With them nothing is read, decided or answered in the usual time; under all others a load is met as fast as ever. */
const SLOWS: ReadonlySet<SingleFaultKind> = new Set(['meter lost', 'meter wrong', 'busbar lost', 'late'])

function isCalm(active: readonly ActiveFault[], nowMs: number, sinceMs: number): boolean {
  return nowMs > SETTLE_MS && areOver(active, nowMs, sinceMs)
}

/** All faults, for that long: the beginning, when stations connect, counts like the rest. */
function areOver(active: readonly ActiveFault[], nowMs: number, sinceMs: number): boolean {
  return active.every(({ untilMs }) => untilMs !== undefined && nowMs - untilMs > sinceMs)
}

const NOTHING: Amps3 = [0, 0, 0]

function mostOf([l1, l2, l3]: Amps3): number {
  return Math.max(l1, l2, l3)
}
