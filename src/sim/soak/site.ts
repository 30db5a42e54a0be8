/**
 * One soak depot alive: the real gateway on simulated ports, stations behind doors, cars, other load, meters, CSMS. Gives
 * faults their grip and the judge its amps. Virtual time only.
 */
import type { SiteConfig } from '../../core/config/site.js'
import { parseSiteConfig } from '../../core/config/site-faults.js'
import { PROFILE_WRITTEN } from '../../core/control/write-cause.js'
import { SHORT_LEASE_S } from '../../core/site/promise.js'
import type { SingleFault } from '../../core/site/single-faults.js'
import type { DeviceCatalogue } from '../../gateway/catalogue.js'
import type { Gateway } from '../../gateway/options.js'
import { singleFaultsOf } from '../../gateway/prove.js'
import { startGateway } from '../../gateway.js'
import type { MeterDevice } from '../../modbus/device-schema.js'
import type { Log, Ports } from '../../ports.js'
import type { BusRead } from '../../ports-bus.js'
import { Csms } from '../csms.js'
import { Bay, type Habits } from '../drivers.js'
import { type MeterValues, SiteMeter } from '../meter.js'
import type { SimRandom } from '../ports/sim-random.js'
import { createWorld, type World } from '../ports/world.js'
import { Station } from '../station/station.js'
import { type Amps3, fitMeter, siteDocument, Wiring } from '../wiring.js'
import { Base } from './base.js'
import { type DepotKind, limitOf, rollDepot, type SoakDepot, type SoakStation, WATTS_ONLY } from './depot.js'
import { Door } from './door.js'
import { type DueStation, isLowerDue } from './due.js'
import type { FaultSite } from './fault-kind.js'
import { BRISK_GAP, habitsOf, USUAL_GAP } from './habits.js'
import { Reactions } from './reaction.js'
import { WriteCount } from './writes.js'

const METER_DEVICE = 'eastron-sdm630-v2'
const METER_KEY = 'meter:502'
/** Not in step with the meters' polls of a second: a load comes at any moment between two. */
const BASE_TURN_MS = 1_930

/** The catalogue with the model that only knows watts. */
export function withWattsOnly(catalogue: DeviceCatalogue): DeviceCatalogue {
  const generic = catalogue.stationModels.get('generic')
  if (generic === undefined) throw new Error('devices/stations has no "generic"')
  const model = {
    ...generic,
    id: WATTS_ONLY,
    smartCharging: { ...generic.smartCharging, rateUnits: ['W' as const] },
    configuration: generic.configuration.map(rule =>
      rule.key === 'ChargingScheduleAllowedChargingRateUnit' ? { ...rule, default: 'Power' } : rule,
    ),
  }
  return { ...catalogue, stationModels: new Map([...catalogue.stationModels, [WATTS_ONLY, model]]) }
}

export class SoakSite {
  readonly world: World
  readonly depot: SoakDepot
  readonly wiring: Wiring
  readonly csms: Csms
  readonly doors = new Map<string, Door>()
  gateway: Gateway | undefined
  readonly writes = new WriteCount()
  readonly reactions = new Reactions()
  readonly #config: SiteConfig
  /** In the order of the planned stations. */
  readonly #bays: { readonly station: Station; readonly door: Door }[] = []
  readonly #bases = new Map<string, Base>()
  readonly #distortions = new Map<string, (values: MeterValues) => MeterValues>()
  readonly #dice: SimRandom
  /** Stations a lower is on its way to. */
  readonly #lowering = new Set<string>()
  readonly #gapMs: Habits['gapMs']
  #starting = false
  #leaseS: ReadonlyMap<string, number> = new Map()
  #basesNow: readonly Amps3[] = []

  constructor(
    seed: number,
    private readonly catalogue: DeviceCatalogue,
    options: DepotKind & { readonly stations?: number; readonly brisk?: boolean } = {},
  ) {
    this.world = createWorld({ seed: `soak/${seed}` })
    this.#dice = this.world.random.fork('depot')
    this.#gapMs = options.brisk === true ? BRISK_GAP : USUAL_GAP
    this.depot = rollDepot(this.#dice, options.stations, options)
    this.wiring = new Wiring(this.depot.circuits, this.depot.stations)
    const ports = this.world.portsFor('csms')
    this.csms = new Csms({ ports, host: 'csms', port: 9100, keepsNothing: true })
    const parsed = parseSiteConfig(
      siteDocument(this.depot.circuits, this.depot.stations, {
        meterDevice: METER_DEVICE,
        meterHost: 'meter',
        meterPort: 502,
        csmsUrl: this.csms.url,
      }),
      catalogue,
    )
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    this.#config = parsed.value
    this.#fitMeters()
    this.#runBase()
  }

  async open(): Promise<void> {
    await this.world.until(this.csms.start())
    await this.world.until(this.startBusbar())
    for (const [index, planned] of this.depot.stations.entries()) this.#addStation(planned, index)
  }

  /** Nothing when it runs or starts. A kill while it starts counts too: this promise never settles then. */
  async startBusbar(): Promise<void> {
    if (this.gateway !== undefined || this.#starting) return
    this.#starting = true
    const gateway = await startGateway(this.#counting(this.world.ports), {
      config: this.#config,
      catalogue: this.catalogue,
      users: { find: async () => undefined },
      passwordOf: () => undefined,
    })
    this.#starting = false
    this.gateway = gateway
    this.#leaseS = gateway.proof.leaseS
  }

  /** Counts by cause what the gateway says it writes. */
  #counting(ports: Ports): Ports {
    const log: Log = {
      write: (level, event, fields) => {
        const [id, cause, leaseS] = [fields?.station, fields?.cause, fields?.leaseS]
        if (event !== PROFILE_WRITTEN || typeof id !== 'string' || typeof cause !== 'string')
          ports.log.write(level, event, fields)
        else {
          this.writes.count(cause, this.#leaseS.get(id) ?? 0, leaseS === SHORT_LEASE_S)
          if (cause === 'lower') this.#lowering.add(id)
        }
      },
    }
    return { ...ports, log }
  }

  #pathOf(stationId: string): readonly string[] {
    const at = this.depot.stations.findIndex(({ id }) => id === stationId)
    return this.wiring.pathOf(at).flatMap(node => this.depot.circuits[node]?.id ?? [])
  }

  station(id: string): Station {
    const station = this.wiring.stations.get(id)
    if (station === undefined) throw new Error(id)
    return station
  }

  /** What this site is promised for each fault; asked while Busbar runs. */
  singleFaults(): readonly SingleFault[] {
    if (this.gateway === undefined) throw new Error('asked before it was opened')
    return singleFaultsOf(this.#config, this.catalogue, this.gateway.proof)
  }

  /** How many stations have which lease, s. */
  stationsByLease(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>()
    for (const leaseS of this.#leaseS.values()) counts.set(leaseS, (counts.get(leaseS) ?? 0) + 1)
    return counts
  }

  door(id: string): Door {
    const door = this.doors.get(id)
    if (door === undefined) throw new Error(id)
    return door
  }

  /** Other load through every circuit, in their order. */
  bases(): readonly Amps3[] {
    return this.#basesNow
  }

  /** Whether a command would be heard and obeyed there. */
  isReached(at: number): boolean {
    const bay = this.#bays[at]
    return this.gateway !== undefined && bay?.station.isOnline() === true && !bay.door.ignoresProfiles
  }

  /** The amps of a station that no command could take away now. */
  stuckA(at: number): number {
    const planned = this.depot.stations[at]
    if (planned === undefined) return 0
    const mostA = Math.max(...this.wiring.flowA(at))
    return this.isReached(at) ? Math.min(mostA, this.#pauseA(planned)) : mostA
  }

  /** On the circuit of that number, with what flows and is told now. */
  isLowerDue(node: number): boolean {
    const circuit = this.depot.circuits[node]
    if (circuit === undefined) return false
    const limitA = limitOf(circuit.ratedCurrentA)
    // Cars come to no more than they draw.
    if (Math.max(...this.wiring.flowThrough(node)) <= limitA) return false
    const below = this.wiring.stationsBelow(node).flatMap(at => {
      const planned = this.depot.stations[at]
      return planned === undefined ? [] : [this.#dueOf(planned, at)]
    })
    return isLowerDue(limitA, this.#basesNow[node] ?? [0, 0, 0], below)
  }

  #dueOf(planned: SoakStation, at: number): DueStation {
    return {
      flowA: this.wiring.flowA(at),
      offeredA: this.#bays[at]?.station.connectors[0]?.offeredA() ?? 0,
      pauseA: this.isReached(at) ? this.#pauseA(planned) : undefined,
    }
  }

  /** What a paused car may still draw there. */
  #pauseA({ device, failSafeCurrentA }: SoakStation): number {
    const holdsZero = this.catalogue.stationModels.get(device)?.smartCharging.holdsZero === true
    return holdsZero ? 0 : (failSafeCurrentA ?? 0)
  }

  /** How the faults of this site lay hands on it. */
  grip(): FaultSite {
    const { world, csms, depot } = this
    const clock = world.portsFor('observer').clock
    return {
      dice: world.random.fork('faults'),
      metered: depot.circuits.filter(({ metered }) => metered).map(({ id }) => id),
      circuits: depot.circuits,
      planned: depot.stations,
      station: id => this.station(id),
      door: id => this.door(id),
      defaultsOf: device => this.catalogue.stationModels.get(device)?.configuration ?? [],
      setMeter: (circuitId, fault) => world.bus.setFault(METER_KEY, this.#unitOf(circuitId), fault),
      distort: (circuitId, how) => {
        if (how === undefined) this.#distortions.delete(circuitId)
        else this.#distortions.set(circuitId, how)
      },
      askBase: (circuitId, loadA) => this.#bases.get(circuitId)?.ask(loadA),
      callFromCsms: (stationId, action, payload) => void csms.call(stationId, action, payload),
      setCsmsOnline: online => void csms.setOnline(online),
      cutLine: (stationId, half) => {
        if (half) world.network.halfOpen({ path: `/ocpp/${stationId}` })
        else world.network.cut({ path: `/ocpp/${stationId}` })
      },
      killBusbar: how => {
        this.#starting = false
        this.gateway = undefined
        if (how === 'kill') world.kill()
        else world.powerCut()
      },
      startBusbar: () => void this.startBusbar(),
      jumpWall: byMs => world.jumpWall(byMs),
      after: (delayMs, run) => void clock.after(delayMs, run),
    }
  }

  #unitOf(circuitId: string): number {
    return this.depot.circuits.findIndex(({ id }) => id === circuitId) + 1
  }

  #fitMeters(): void {
    const device: MeterDevice | undefined = this.catalogue.meters.get(METER_DEVICE)
    if (device === undefined) throw new Error(METER_DEVICE)
    const clock = this.world.portsFor('observer').clock
    this.depot.circuits.forEach(({ id, metered }, index) => {
      if (metered !== true) return
      const meter = new SiteMeter(clock, () => this.wiring.flowThrough(index))
      fitMeter(this.world.bus, { key: METER_KEY, unitId: index + 1 }, device, read => {
        const values = meter.values()
        if (covers(read, device, 'Current.L1'))
          this.reactions.read(this.world.time.nowMs, id, this.isLowerDue(index))
        return values === undefined ? undefined : (this.#distortions.get(id)?.(values) ?? values)
      })
    })
  }

  #runBase(): void {
    const { clock } = this.world.portsFor('observer')
    const turn = (): void => {
      for (const [id, base] of this.#bases) this.wiring.baseA.set(id, base.turn(clock.wallMs()))
      this.#basesNow = this.wiring.flows(() => false)
    }
    for (const { id, worstCaseOtherLoadA } of this.depot.circuits)
      this.#bases.set(id, new Base(this.#dice.fork(`base/${id}`), worstCaseOtherLoadA))
    turn()
    clock.every(BASE_TURN_MS, turn)
  }

  #addStation(planned: SoakDepot['stations'][number], index: number): void {
    const model = this.catalogue.stationModels.get(planned.device)
    if (model === undefined) throw new Error(planned.device)
    const ports = this.world.portsFor(planned.id)
    const door = new Door(ports.network, ports.clock)
    this.doors.set(planned.id, door)
    door.onWrite = () => {
      if (this.#lowering.delete(planned.id))
        this.reactions.lowered(this.world.time.nowMs, this.#pathOf(planned.id))
    }
    const station = new Station({
      ports: { ...ports, network: door.network },
      id: planned.id,
      url: 'ws://busbar:9000/ocpp',
      model,
      connectors: [{ wiredPhases: planned.phases === 'L1L2L3' ? 3 : 1, ratedA: planned.maxCurrentA }],
      settings: planned.settings,
      pilotHoldMs: planned.pilotHoldMs,
    })
    this.wiring.stations.set(planned.id, station)
    this.#bays.push({ station, door })
    station.start()
    const [connector] = station.connectors
    if (connector === undefined) return
    const random = this.#dice.fork(`bay/${index}`)
    const habits = habitsOf(random, planned.pilotHoldMs, this.#gapMs)
    const { clock } = this.world.portsFor('observer')
    new Bay({ ports: { clock, random }, connector, idTag: `DRIVER-${planned.id}`, habits }).start()
  }
}

function covers({ address, count }: BusRead, device: MeterDevice, measurand: string): boolean {
  const at = device.values.find(value => value.measurand === measurand)?.address ?? -1
  return at >= address && at < address + count
}
