/**
 * One seed of the soak from beginning to end: a depot, faults one after another and now and then two at once, amps looked at
 * four times a second, and what came of it.
 */
import type { DeviceCatalogue } from '../../gateway/catalogue.js'
import { isFull, takesA } from '../car.js'
import type { Amps3 } from '../wiring.js'
import type { SeenFaults } from './confirm.js'
import { among } from './depot.js'
import type { FaultKind, FaultSite } from './fault-kind.js'
import { FAULTS } from './faults.js'
import { type ActiveFault, AFTERMATH_MS, type CauseTotal, Judge, LOOK_MS } from './judge.js'
import { knowableBases, watchedStations } from './knowable.js'
import { addLosses, type Losses } from './losses.js'
import { possibleA, type Want } from './possible.js'
import type { MeteredCircuit } from './reaction.js'
import { SoakSite } from './site.js'
import type { WriteCount } from './writes.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Stations connect and are read back before anything goes wrong. */
const SETTLE_MS = 3 * MINUTE_MS
const ENERGY_EVERY_MS = 10_000
const VOLTAGE_V = 230
/** Poll + 1.5 s + station + car, with one look more (control rules, "The promise"). */
const ALIVE_MS = 1_000 + 1_500 + 11_200 + LOOK_MS
/** Lease end + clock bound + reaction. */
const AFTER_LEASE_MS = 21_000
const LEAST_FAULT_S = 20
const OVERLAP_CHANCE = 0.2
const LEAST_CURRENT_A = 6

export interface SeedOptions {
  readonly seed: number
  readonly hours: number
  readonly catalogue: DeviceCatalogue
  /** Default: by the dice, 4-16. */
  readonly stations?: number
  /** Depots whose other load leaves room for the default lease. */
  readonly longLease?: boolean
  /** Without them nothing but the base and the cars move. */
  readonly faults?: boolean
}

export interface SeedResult {
  readonly seed: number
  readonly stations: number
  readonly hours: number
  readonly causes: ReadonlyMap<string, CauseTotal>
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
  readonly switches: number
  readonly carHours: number
  readonly writes: number
  readonly writesBy: WriteCount
  /** Stations by lease, s. */
  readonly stationsBy: ReadonlyMap<number, number>
  readonly hash: string
}

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const site = new SoakSite(options.seed, options.catalogue, options)
  await site.open()
  const log = new SeedLog(site)
  const active: ActiveFault[] = []
  site.world.portsFor('observer').clock.every(LOOK_MS, () => log.look(active))
  await site.world.runFor(SETTLE_MS)
  const endMs = options.hours * HOUR_MS
  const grip = site.grip()
  while (site.world.time.nowMs < endMs) {
    if (options.faults !== false) await oneFault(site, grip, active, endMs)
    await site.world.runUntil(Math.min(endMs, site.world.time.nowMs + among(grip.dice, 1, 12) * MINUTE_MS))
  }
  return log.result(options)
}

async function oneFault(
  site: SoakSite,
  grip: FaultSite,
  active: ActiveFault[],
  endMs: number,
): Promise<void> {
  const first = begin(site, grip, active)
  const second = grip.dice.next() < OVERLAP_CHANCE ? begin(site, grip, active) : undefined
  const lastsMs = among(grip.dice, LEAST_FAULT_S, first.kind.mostS) * SECOND_MS
  await site.world.runUntil(Math.min(endMs, site.world.time.nowMs + lastsMs))
  for (const begun of [second, first]) {
    begun?.mend()
    if (begun !== undefined) begun.fault.untilMs = site.world.time.nowMs
  }
  const nowMs = site.world.time.nowMs
  const kept = active.filter(
    ({ untilMs, lostUntilMs }) => nowMs - (untilMs ?? nowMs) < HOUR_MS || (lostUntilMs ?? 0) > nowMs,
  )
  active.splice(0, active.length, ...kept)
}

function begin(
  site: SoakSite,
  grip: FaultSite,
  active: ActiveFault[],
): { readonly kind: FaultKind; readonly fault: ActiveFault; readonly mend: () => void } {
  const possible = FAULTS.filter(kind => kind.fits?.(grip) !== false)
  const kind = possible[Math.floor(grip.dice.next() * possible.length)] ?? FAULTS[FAULTS.length - 1]
  if (kind === undefined) throw new Error('no fault')
  const nowMs = site.world.time.nowMs
  const leaseMs = 1_000 * Math.max(0, ...(site.gateway?.proof.leaseS.values() ?? []))
  const fault: ActiveFault = {
    cause: kind.cause,
    row: kind.row,
    sinceMs: nowMs,
    untilMs: undefined,
    allowedMs: isMetered => 1_000 * (kind.allowedS?.(isMetered) ?? 0),
    ...(kind.losesBusbar && { lostUntilMs: nowMs + 15_000 + leaseMs + AFTER_LEASE_MS }),
  }
  active.push(fault)
  return { kind, fault, mend: kind.begin(grip) }
}

/** Counts while a seed runs. */
class SeedLog {
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
      ({ ratedCurrentA }, node) => Math.max(...(totals[node] ?? [0])) > ratedCurrentA,
    )
    const stuck = isOver
      ? wiring.sums(
          at => {
            const flow = wiring.flowA(at)
            const stuckA = this.site.stuckA(at)
            return [Math.min(flow[0], stuckA), Math.min(flow[1], stuckA), Math.min(flow[2], stuckA)]
          },
          id => wiring.baseA.get(id),
        )
      : bases
    const looks = totals.map((totalA, node) => ({
      totalA,
      baseA: bases[node] ?? NOTHING,
      stuckA: stuck[node] ?? NOTHING,
    }))
    this.#judge.look(nowMs, looks, active)
    this.site.reactions.look(
      nowMs,
      this.#metered(totals),
      isCalm(active.filter(isFault), nowMs, AFTERMATH_MS),
    )
    if (nowMs % SECOND_MS === 0) this.#countSwitches()
    if (nowMs - this.#energyMs < ENERGY_EVERY_MS) return
    this.#energyMs = nowMs
    if (isCalm(active, nowMs, 5 * MINUTE_MS)) this.#countEnergy(bases)
  }

  #metered(totals: readonly Amps3[]): ReadonlyMap<string, MeteredCircuit> {
    return new Map(
      this.site.depot.circuits.flatMap(({ id, metered, ratedCurrentA }, node) => {
        const mostA = Math.max(...(totals[node] ?? NOTHING))
        return metered === true ? [[id, { limitA: limitOf(ratedCurrentA), mostA }] as const] : []
      }),
    )
  }

  result({ seed, hours }: SeedOptions): SeedResult {
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
      switches: this.#switches,
      carHours: this.#carMs / HOUR_MS,
      writes: [...doors.values()].reduce((sum, { profileWrites }) => sum + profileWrites, 0),
      writesBy: this.site.writes,
      stationsBy: this.site.stationsByLease(),
      hash: world.trace.hash(),
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

/** The configuration of the soak leaves the margin at its default. */
function limitOf(ratedCurrentA: number): number {
  return ratedCurrentA - Math.max(1, ratedCurrentA * 0.02)
}

/** A step of other load is what Busbar is there for. */
function isFault({ row }: ActiveFault): boolean {
  return row !== 'other load'
}

function isCalm(active: readonly ActiveFault[], nowMs: number, sinceMs: number): boolean {
  return (
    nowMs > SETTLE_MS && active.every(({ untilMs }) => untilMs !== undefined && nowMs - untilMs > sinceMs)
  )
}

const NOTHING: Amps3 = [0, 0, 0]
