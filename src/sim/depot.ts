/**
 * A whole simulated depot: stations with cars, other load, site meter and CSMS, with the levers a demo or a soak
 * pulls. It shows the truth (`actualA`) for assertions. Must not know Busbar beyond its address.
 */
import type { SiteConfig } from '../core/config/site.js'
import type { StationModel } from '../core/config/station-model.js'
import { add, type PerPhase, ZERO } from '../core/site/phases.js'
import type { Ports, Stoppable } from '../ports.js'
import { Csms } from './csms.js'
import {
  type DepotPlan,
  METERED_FEEDER,
  onSitePhases,
  planDepot,
  type SiteAddresses,
  siteConfig,
} from './depot-plan.js'
import { Bay } from './drivers.js'
import { type MeterValues, SiteMeter, type WrongMeter } from './meter.js'
import { SiteLoad } from './site-load.js'
import { Station } from './station/station.js'

export type DepotPorts = Pick<Ports, 'clock' | 'random' | 'network' | 'log'>

export interface DepotOptions {
  readonly ports: DepotPorts
  /** Ports by peer name ("csms" or a station's id), where each is a peer of its own; default `ports` for all. */
  readonly portsFor?: (name: string) => DepotPorts
  /** Default 12. */
  readonly stations?: number
  /** Device files by id: "weg-wemob" and "ecs-wkt-ec13". */
  readonly models: Readonly<Record<string, StationModel>>
  readonly csmsHost?: string
  /** 0 = any free port. */
  readonly csmsPort: number
}

export interface Depot extends Stoppable {
  readonly plan: DepotPlan
  readonly csms: Csms
  readonly stations: readonly Station[]
  /** The CSMS listens, the other load and the meter run. Before Busbar starts. */
  start(): Promise<void>
  /** Stations dial `stationsUrl` (without identity) and cars begin to come. Once; when Busbar listens. */
  open(stationsUrl: string): void
  /** The configuration for Busbar; the CSMS's address is filled in. */
  siteConfig(addresses: Omit<SiteAddresses, 'csmsUrl'>): SiteConfig
  /** What really flows through a circuit, all loads included, site L1, L2, L3. */
  actualA(circuitId: string): PerPhase
  /** What flows through "main" besides the stations. */
  otherLoadA(): PerPhase
  /** What the site meter at "main" shows, undefined while it is off. */
  meterValues(): MeterValues | undefined
  setMeterOnline(online: boolean): void
  /** It answers, but wrongly; undefined = right again. */
  setMeterWrong(wrong: WrongMeter | undefined): void
  /** The meter of the first feeder, a model of its own. */
  readonly feederMeter: SiteMeter
  /** False: the CSMS's listener and sockets close; true: it listens on the same port again. */
  setCsmsOnline(online: boolean): Promise<void>
  /** More other load on every phase (within the worst case of the plan). */
  setExtraLoadA(extraA: number): void
  /** Supply of one station; false drops socket and car at once. */
  setStationPower(stationId: string, on: boolean): void
}

/** Throws when `models` lacks one the plan uses. */
export function createDepot(options: DepotOptions): Depot {
  return new SimulatedDepot(options)
}

class SimulatedDepot implements Depot {
  readonly plan: DepotPlan
  readonly csms: Csms
  stations: readonly Station[] = []
  private bays: readonly Bay[] = []
  private readonly load: SiteLoad
  private readonly meter: SiteMeter
  readonly feederMeter: SiteMeter

  constructor(private readonly options: DepotOptions) {
    this.plan = planDepot(options.stations ?? 12)
    for (const { device } of this.plan.stations) this.model(device)
    this.csms = new Csms({
      ports: this.ports('csms'),
      host: options.csmsHost ?? '127.0.0.1',
      port: options.csmsPort,
    })
    this.load = new SiteLoad({ ports: options.ports, worstCaseA: this.plan.worstCaseOtherLoadA })
    this.meter = new SiteMeter(options.ports.clock, () => this.actualA('main'))
    this.feederMeter = new SiteMeter(options.ports.clock, () => this.actualA(METERED_FEEDER))
  }

  async start(): Promise<void> {
    this.load.start()
    await this.csms.start()
  }

  open(stationsUrl: string): void {
    if (this.stations.length > 0) return
    this.stations = this.plan.stations.map(
      planned =>
        new Station({
          ports: this.ports(planned.id),
          id: planned.id,
          url: stationsUrl,
          model: this.model(planned.device),
          connectors: [{ wiredPhases: 3, ratedA: planned.maxCurrentA }],
        }),
    )
    this.bays = this.stations.flatMap(station =>
      station.connectors.map(
        connector => new Bay({ ports: this.options.ports, connector, idTag: `DRIVER-${station.id}` }),
      ),
    )
    for (const station of this.stations) station.start()
    for (const bay of this.bays) bay.start()
  }

  async stop(): Promise<void> {
    const parts: readonly Stoppable[] = [...this.bays, ...this.stations, this.load, this.csms]
    await Promise.all(parts.map(part => part.stop()))
  }

  siteConfig(addresses: Omit<SiteAddresses, 'csmsUrl'>): SiteConfig {
    return siteConfig(this.plan, { ...addresses, csmsUrl: this.csms.url })
  }

  otherLoadA(): PerPhase {
    return this.load.currentA()
  }

  actualA(circuitId: string): PerPhase {
    let total: PerPhase = circuitId === 'main' ? this.load.currentA() : ZERO
    for (const [index, planned] of this.plan.stations.entries()) {
      if (circuitId !== 'main' && planned.circuit !== circuitId) continue
      for (const connector of this.stations[index]?.connectors ?? [])
        total = add(total, onSitePhases(connector.flowA(), planned.rotation))
    }
    return total
  }

  meterValues(): MeterValues | undefined {
    return this.meter.values()
  }

  setMeterOnline(online: boolean): void {
    this.meter.setOnline(online)
  }

  setMeterWrong(wrong: WrongMeter | undefined): void {
    this.meter.setWrong(wrong)
  }

  setCsmsOnline(online: boolean): Promise<void> {
    return this.csms.setOnline(online)
  }

  setExtraLoadA(extraA: number): void {
    this.load.setExtraA(extraA)
  }

  setStationPower(stationId: string, on: boolean): void {
    const station = this.stations.find(({ id }) => id === stationId)
    if (on) station?.powerOn()
    else station?.powerOff()
  }

  private ports(name: string): DepotPorts {
    return this.options.portsFor?.(name) ?? this.options.ports
  }

  private model(id: string): StationModel {
    const model = this.options.models[id]
    if (!model) throw new Error(`depot: no station model "${id}"`)
    return model
  }
}
