/**
 * The copper of a simulated site: circuits, the stations at them, other load, and what really flows where. The truth that
 * meters show and that scenarios and the soak judge by. Must not know Busbar beyond the document that tells it of the site.
 */
import type { PerPhase, PhaseRotation } from '../core/site/phases.js'
import type { MeterDevice } from '../modbus/device-schema.js'
import { encodeRegisters } from '../modbus/encode.js'
import type { BusRead } from '../ports-bus.js'
import type { MeterValues } from './meter.js'
import type { SimBus } from './ports/sim-bus.js'
import type { Station } from './station/station.js'

export interface WiredCircuit {
  readonly id: string
  readonly parent?: string
  readonly ratedCurrentA: number
  readonly marginA?: number
  readonly worstCaseOtherLoadA: number
  readonly metered?: boolean
  /** Something here feeds back at times. */
  readonly generation?: boolean
}

export interface WiredStation {
  readonly id: string
  readonly circuit: string
  /** Default "ecs-wkt-ec13": reports amps per phase, holds 0 A. */
  readonly device?: string
  readonly phases?: 'L1L2L3' | 'L1' | 'L2' | 'L3'
  readonly rotation?: Exclude<PhaseRotation, 'Unknown'>
  readonly maxCurrentA?: number
  readonly failSafeCurrentA?: number
  /** Connectors the station really has, where that is another number than the one that is configured. */
  readonly realConnectors?: number
  /** Connectors in the configuration; default 1. */
  readonly configuredConnectors?: number
}

export interface SiteLines {
  readonly meterDevice: string
  readonly meterHost: string
  readonly meterPort: number
  readonly csmsUrl: string
}

export type Amps3 = [number, number, number]

export class Wiring {
  /** Other load by circuit, A per site phase; change it at will. */
  readonly baseA = new Map<string, PerPhase>()
  readonly stations = new Map<string, Station>()
  /** Index of the parent circuit, -1 = none. */
  readonly parents: readonly number[]
  /** Per station: its own circuit and those above it. */
  readonly #paths: readonly (readonly number[])[]
  /** Per circuit: those above it. */
  readonly #above: readonly (readonly number[])[]
  /** Per circuit: the stations on it and below it, in their order. */
  readonly #stationsBelow: readonly (readonly number[])[]
  readonly #ways: readonly PerPhase[]
  /** Per station: what flowed when it was last asked, on its own phases and on those of the site. */
  readonly #placed: { readonly own: PerPhase; readonly flow: PerPhase }[] = []
  /** What `#flows` was added up of. */
  readonly #flowsThen: PerPhase[] = []
  readonly #basesThen: PerPhase[] = []
  #flows: readonly Amps3[] = []

  constructor(
    readonly circuits: readonly WiredCircuit[],
    readonly planned: readonly WiredStation[],
  ) {
    const index = new Map(circuits.map(({ id }, at) => [id, at]))
    this.parents = circuits.map(({ parent }) => (parent === undefined ? -1 : (index.get(parent) ?? -1)))
    this.#paths = planned.map(({ circuit }) => this.#upFrom(index.get(circuit) ?? -1))
    this.#above = circuits.map((_, node) => this.#upFrom(this.parents[node] ?? -1))
    const stations = planned.map((_, at) => at)
    this.#stationsBelow = circuits.map((_, node) => stations.filter(at => this.pathOf(at).includes(node)))
    this.#ways = planned.map(wayOf)
  }

  #upFrom(start: number): readonly number[] {
    const path: number[] = []
    for (let node = start; node >= 0; node = this.parents[node] ?? -1) path.push(node)
    return path
  }

  /** What a planned station's first connector really draws, on site phases. */
  flowA(at: number): PerPhase {
    const id = this.planned[at]?.id
    const own = id === undefined ? undefined : this.stations.get(id)?.connectors[0]?.flowA()
    if (own === undefined) return NOTHING
    const placed = this.#placed[at]
    // another current is another list
    if (placed?.own === own) return placed.flow
    const flow = onSite(own, this.wayOf(at))
    this.#placed[at] = { own, flow }
    return flow
  }

  /** What flows through every circuit, in their order; of the stations only those that `counts` lets in. */
  flows(counts?: (at: number) => boolean): readonly Amps3[] {
    if (counts === undefined) return this.#allFlows()
    return this.sums(
      at => (counts(at) ? this.flowA(at) : undefined),
      id => this.baseA.get(id),
    )
  }

  /** Added up anew only where something flows otherwise than when it was last asked: another flow is another list. */
  #allFlows(): readonly Amps3[] {
    let isOther = false
    for (let at = 0; at < this.planned.length; at++) {
      const flow = this.flowA(at)
      if (this.#flowsThen[at] === flow) continue
      this.#flowsThen[at] = flow
      isOther = true
    }
    for (let node = 0; node < this.circuits.length; node++) {
      const baseA = this.#baseOf(node)
      if (this.#basesThen[node] === baseA) continue
      this.#basesThen[node] = baseA
      isOther = true
    }
    if (isOther)
      this.#flows = this.sums(
        at => this.#flowsThen[at],
        id => this.baseA.get(id),
      )
    return this.#flows
  }

  /** What flows through one of them; adds in the order of `flows`. */
  flowThrough(node: number): Amps3 {
    const [l1, l2, l3] = this.#baseOf(node)
    const sum: Amps3 = [l1, l2, l3]
    for (const at of this.stationsBelow(node)) {
      const flow = this.flowA(at)
      if (flow !== NOTHING) addTo(sum, flow)
    }
    this.#above.forEach((above, below) => {
      if (above.includes(node)) addTo(sum, this.#baseOf(below))
    })
    return sum
  }

  #baseOf(node: number): PerPhase {
    return this.baseA.get(this.circuits[node]?.id ?? '') ?? NOTHING
  }

  /** Per circuit: what stations and circuits below it add up to. */
  sums(
    ofStation: (at: number) => PerPhase | undefined,
    ofCircuit: (id: string) => PerPhase | undefined,
  ): readonly Amps3[] {
    const own = this.circuits.map(({ id }) => ofCircuit(id))
    const sums = own.map((ownA): Amps3 => (ownA === undefined ? [0, 0, 0] : [ownA[0], ownA[1], ownA[2]]))
    for (let at = 0; at < this.planned.length; at++) {
      const flow = ofStation(at)
      if (flow === undefined || flow === NOTHING) continue
      for (const node of this.pathOf(at)) addTo(sums[node], flow)
    }
    // What a circuit carries besides its stations is carried by those above it too.
    own.forEach((ownA, start) => {
      if (ownA !== undefined) for (const node of this.#above[start] ?? []) addTo(sums[node], ownA)
    })
    return sums
  }

  /** The circuits from a station's own up to the top. */
  pathOf(at: number): readonly number[] {
    return this.#paths[at] ?? []
  }

  /** The stations on a circuit and below it, in their order. */
  stationsBelow(node: number): readonly number[] {
    return this.#stationsBelow[node] ?? []
  }

  /** Site phases (0..2) of the station's own L1, L2, L3; -1 where it has none. */
  wayOf(at: number): PerPhase {
    return this.#ways[at] ?? [-1, -1, -1]
  }
}

const NOTHING: PerPhase = [0, 0, 0]

/** By the site's phases; `way` as `wayOf` gives it. */
function onSite(own: PerPhase, way: PerPhase): PerPhase {
  const flow: Amps3 = [0, 0, 0]
  for (const phase of [0, 1, 2] as const) {
    const site = way[phase]
    if (site === 0 || site === 1 || site === 2) flow[site] += own[phase]
  }
  return flow[0] === 0 && flow[1] === 0 && flow[2] === 0 ? NOTHING : flow
}

function addTo(sum: Amps3 | undefined, more: PerPhase): void {
  if (sum === undefined) return
  sum[0] += more[0]
  sum[1] += more[1]
  sum[2] += more[2]
}

/** Kept apart from core/site/phases.ts: it judges it. */
function wayOf({ phases, rotation }: WiredStation): PerPhase {
  if (phases === 'L1') return [0, -1, -1]
  if (phases === 'L2') return [1, -1, -1]
  if (phases === 'L3') return [2, -1, -1]
  const letters = rotation ?? 'RST'
  const site = (own: 0 | 1 | 2): number => 'RST'.indexOf(letters[own] ?? '')
  return [site(0), site(1), site(2)]
}

/** The configuration document that tells Busbar of such a site; one connector per station unless it says otherwise. */
export function siteDocument(
  circuits: readonly WiredCircuit[],
  stations: readonly WiredStation[],
  lines: SiteLines,
): object {
  const connection = { kind: 'tcp', host: lines.meterHost, port: lines.meterPort }
  return {
    version: 1,
    site: { id: 'yard', timeZone: 'Europe/Berlin', profile: 'workplace' },
    circuits: circuits.map(({ metered, ...circuit }) => ({
      ...circuit,
      ...(metered === true && { meter: `${circuit.id}-meter` }),
    })),
    meters: circuits.flatMap(({ id, metered }, index) =>
      metered === true
        ? [{ id: `${id}-meter`, device: lines.meterDevice, unitId: index + 1, connection }]
        : [],
    ),
    ocpp: { port: 9000 },
    csms: { url: lines.csmsUrl },
    stations: stations.map(station => {
      const phases = station.phases ?? 'L1L2L3'
      return {
        id: station.id,
        device: station.device ?? 'ecs-wkt-ec13',
        circuit: station.circuit,
        connectors: Array.from({ length: station.configuredConnectors ?? 1 }, (_, index) => ({
          id: index + 1,
          phases,
          ...(phases === 'L1L2L3' && { phaseRotation: station.rotation ?? 'RST' }),
          maxCurrentA: station.maxCurrentA ?? 32,
          failSafeCurrentA: station.failSafeCurrentA ?? 6,
        })),
      }
    }),
    web: { port: 8080 },
  }
}

/** Fits a Modbus meter that shows `values` (undefined = silent) as words; one set of words per instant. */
export function fitMeter(
  bus: SimBus,
  place: { readonly key: string; readonly unitId: number },
  device: MeterDevice,
  values: (read: BusRead) => MeterValues | undefined,
): void {
  let held: ReadonlyMap<number, number> | undefined
  let takenMs = Number.NEGATIVE_INFINITY
  bus.fit(place.key, place.unitId, (read, nowMs) => {
    if (nowMs !== takenMs) {
      const shown = values(read)
      held = shown === undefined ? undefined : encodeRegisters(device, shown)
      takenMs = nowMs
    }
    if (held === undefined) return { kind: 'timeout' }
    const words: number[] = []
    for (let at = 0; at < read.count; at++) words.push(held.get(read.address + at) ?? 0)
    return { kind: 'words', words }
  })
}
