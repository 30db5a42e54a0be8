/**
 * Faults that one key alone cannot show: references, the circuit tree, what a station model can hold.
 * The electrical sums are in `core/site/promise.ts`. Must not stop at the first fault.
 */
import { connectorFaults } from './connector-faults.js'
import { type Fault, fault, type Parsed, parseDocument } from './faults.js'
import { limitFaults } from './limit-faults.js'
import { type MeterModel, meterModelFaults, meterModelSchema } from './meter-model.js'
import { modbusServerFaults } from './modbus-server-faults.js'
import { repeated, unknown } from './references.js'
import { securityFaults } from './security-faults.js'
import { show, shown } from './shown.js'
import {
  type CircuitConfig,
  type MeterConfig,
  marginA,
  type OfflineConfig,
  type SiteConfig,
  type StationConfig,
  siteConfigSchema,
} from './site.js'
import type { SiteProfile } from './site-profile.js'
import type { StationModel } from './station-model.js'

/** Between the grid and a socket lie four or five fuses; a deeper tree costs seconds to prove, in which nothing is decided. */
const MAX_LEVELS = 16

/** What `devices/` and `profiles/` offer. */
export interface Catalogue {
  readonly stationModels: ReadonlyMap<string, StationModel>
  readonly siteProfiles: ReadonlyMap<string, SiteProfile>
  /** The phases each model measures. */
  readonly meterDevices: ReadonlyMap<string, { readonly phases: 1 | 2 | 3 }>
}

/**
 * The configuration with every reference checked, or all faults: references are judged also where other parts of the
 * document are faulty, so that nobody mends one fault to meet the next.
 */
export function parseSiteConfig(document: unknown, catalogue: Catalogue): Parsed<SiteConfig> {
  const parsed = parseDocument(siteConfigSchema, document)
  const parts = parsed.ok ? soundParts(parsed.value) : partsOf(document)
  const faults = [
    ...(parsed.ok ? [] : parsed.faults),
    ...circuitFaults(parts),
    ...meterModelFaults(parts.models, catalogue.meterDevices),
    ...meterFaults(parts, catalogue),
    ...stationFaults(parts, catalogue),
    ...policyFaults(parts),
    ...mirrorFaults(document),
    ...profileFaults(document, catalogue),
    ...(parsed.ok ? limitFaults(parsed.value) : []),
    ...(parsed.ok ? modbusServerFaults(parsed.value) : []),
    ...securityFaults(document),
  ]
  return parsed.ok && faults.length === 0 ? parsed : { ok: false, faults }
}

/** The document's lists item by item: undefined where an item does not fit the schema. Ids as they stand. */
interface Parts {
  readonly circuits: readonly (CircuitConfig | undefined)[]
  readonly meters: readonly (MeterConfig | undefined)[]
  readonly models: readonly MeterModel[]
  readonly stations: readonly (StationConfig | undefined)[]
  readonly circuitIds: ReadonlySet<string>
  readonly meterIds: ReadonlySet<string>
  readonly offline: OfflineConfig
}

/** Nothing is to be judged twice. */
function soundParts({ circuits, meters, meterModels: models = [], stations, offline }: SiteConfig): Parts {
  return {
    ...{ circuits, meters, models, stations, offline },
    circuitIds: new Set(circuits.map(({ id }) => id)),
    meterIds: new Set(meters.map(({ id }) => id)),
  }
}

function partsOf(document: unknown): Parts {
  const { circuits, meters, stations, offline } = siteConfigSchema.shape
  const offlinePart = offline.safeParse(field(document, 'offline'))
  return {
    circuits: itemsOf(document, 'circuits').map(item => circuits.element.safeParse(item).data),
    meters: itemsOf(document, 'meters').map(item => meters.unwrap().element.safeParse(item).data),
    models: itemsOf(document, 'meterModels').flatMap(item => meterModelSchema.safeParse(item).data ?? []),
    stations: itemsOf(document, 'stations').map(item => stations.element.safeParse(item).data),
    circuitIds: idsOf(itemsOf(document, 'circuits')),
    meterIds: idsOf(itemsOf(document, 'meters')),
    offline: offlinePart.data ?? {},
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function itemsOf(document: unknown, name: string): readonly unknown[] {
  const items = field(document, name)
  return Array.isArray(items) ? items : []
}

function idsOf(items: readonly unknown[]): ReadonlySet<string> {
  return new Set(items.map(item => field(item, 'id')).filter(id => typeof id === 'string'))
}

function profileFaults(document: unknown, catalogue: Catalogue): Fault[] {
  const profile = field(field(document, 'site'), 'profile')
  if (typeof profile !== 'string' || catalogue.siteProfiles.has(profile)) return []
  return [unknown('site.profile', profile, catalogue.siteProfiles.keys())]
}

function circuitFaults(parts: Parts): Fault[] {
  const faults = repeated(parts.circuits, 'circuits')
  const byId = new Map(
    parts.circuits.flatMap(circuit => (circuit === undefined ? [] : [[circuit.id, circuit] as const])),
  )
  parts.circuits.forEach((circuit, index) => {
    if (circuit === undefined) return
    const path = `circuits[${index}]`
    if (circuit.parent !== undefined && !parts.circuitIds.has(circuit.parent)) {
      faults.push(unknown(`${path}.parent`, circuit.parent, parts.circuitIds))
    }
    if (hangsInALoop(circuit, byId)) {
      faults.push(fault(`${path}.parent`, 'no-loop', { above: show(circuit.parent), circuit: circuit.id }))
    }
    if (levelsOf(circuit, byId) > MAX_LEVELS) {
      const levels = { most: MAX_LEVELS - 1, levels: MAX_LEVELS }
      faults.push(fault(`${path}.parent`, 'tree-levels', { above: show(circuit.parent), ...levels }))
    }
    if (marginA(circuit) >= circuit.ratedCurrentA) {
      const amps = { marginA: marginA(circuit), ratedA: circuit.ratedCurrentA }
      faults.push(fault(`${path}.marginA`, 'margin-below-rating', amps))
    }
  })
  return faults
}

/** The circuit itself and those above it; no more are counted than matter, so that a loop ends too. */
function levelsOf(start: CircuitConfig, byId: ReadonlyMap<string, CircuitConfig>): number {
  let levels = 1
  let id = start.parent
  while (id !== undefined && levels <= MAX_LEVELS) {
    const above = byId.get(id)
    if (above === start) return 1
    levels += 1
    id = above?.parent
  }
  return levels
}

function hangsInALoop(start: CircuitConfig, byId: ReadonlyMap<string, CircuitConfig>): boolean {
  const seen = new Set<string>()
  let id = start.parent
  while (id !== undefined && !seen.has(id)) {
    if (id === start.id) return true
    seen.add(id)
    id = byId.get(id)?.parent
  }
  return false
}

/** The model of a meter that is made of others. */
const VIRTUAL = 'virtual'

function virtualFaults({ meters }: Parts, meter: MeterConfig, path: string): Fault[] {
  const { connection, device, pollMs } = meter
  if (connection.kind !== 'virtual' || device !== VIRTUAL)
    return [fault(`${path}.device`, 'virtual-both', { device, kind: connection.kind })]
  const faults: Fault[] = []
  for (const key of ['invert', 'phaseMap', 'ctRatio', 'vtRatio'] as const)
    if (meter[key] !== undefined)
      faults.push(fault(`${path}.${key}`, 'said-at-parts', { found: show(meter[key]) }))
  connection.parts.forEach((part, at) => {
    const wanted = `${path}.connection.parts[${at}]`
    const other = meters.find(candidate => candidate?.id === part.meter)
    const isFirst = connection.parts.findIndex(({ meter: name }) => name === part.meter) === at
    if (other === undefined || other.connection.kind === 'virtual' || !isFirst)
      faults.push(fault(`${wanted}.meter`, 'other-read-meter', { found: show(part.meter) }))
    else if (other.pollMs > pollMs)
      faults.push(
        fault(`${path}.pollMs`, 'as-slow-as-part', { pollMs, least: other.pollMs, part: part.meter }),
      )
    if (part.factor === 0) faults.push(fault(`${wanted}.factor`, 'not-zero', { found: '0' }))
  })
  return faults
}

function meterFaults(parts: Parts, catalogue: Catalogue): Fault[] {
  const faults = repeated(parts.meters, 'meters')
  parts.meters.forEach((meter, index) => {
    if (meter === undefined) return
    if (meter.connection.kind === 'virtual' || meter.device === VIRTUAL) {
      faults.push(...virtualFaults(parts, meter, `meters[${index}]`))
      return
    }
    const path = `meters[${index}].device`
    if (parts.models.some(({ id }) => id === meter.device)) return
    const device = catalogue.meterDevices.get(meter.device)
    if (device === undefined) faults.push(unknown(path, meter.device, catalogue.meterDevices.keys()))
    else if (device.phases < 3)
      faults.push(fault(path, 'three-phases', { device: meter.device, count: device.phases }))
  })
  const usedBy = new Map<string, string>()
  parts.circuits.forEach((circuit, index) => {
    if (circuit?.meter === undefined) return
    const path = `circuits[${index}].meter`
    const other = usedBy.get(circuit.meter)
    if (!parts.meterIds.has(circuit.meter)) faults.push(unknown(path, circuit.meter, parts.meterIds))
    else if (other !== undefined) {
      faults.push(fault(path, 'own-meter', { meter: show(circuit.meter), circuit: other }))
    }
    usedBy.set(circuit.meter, circuit.id)
  })
  return faults
}

function stationFaults(parts: Parts, catalogue: Catalogue): Fault[] {
  const faults = repeated(parts.stations, 'stations')
  parts.stations.forEach((station, index) => {
    if (station === undefined) return
    const path = `stations[${index}]`
    if (!parts.circuitIds.has(station.circuit)) {
      faults.push(unknown(`${path}.circuit`, station.circuit, parts.circuitIds))
    }
    const model = catalogue.stationModels.get(station.device)
    if (model === undefined)
      faults.push(unknown(`${path}.device`, station.device, catalogue.stationModels.keys()))
    faults.push(...repeated(station.connectors, `${path}.connectors`))
    station.connectors.forEach((connector, at) => {
      faults.push(...connectorFaults(connector, `${path}.connectors[${at}]`, model))
    })
  })
  return faults
}

function policyFaults(parts: Parts): Fault[] {
  const faults: Fault[] = []
  const needsTag = (path: string, always: boolean | undefined, idTag: string | undefined) => {
    if (always === true && idTag === undefined) {
      faults.push(fault(`${path}AlwaysAllowIdTag`, 'tag-of-always-allow', { found: shown(idTag) }))
    }
  }
  needsTag('offline.', parts.offline.AlwaysAllowOfflineTransactions, parts.offline.AlwaysAllowIdTag)
  parts.stations.forEach((station, index) => {
    const idTag = station?.AlwaysAllowIdTag ?? parts.offline.AlwaysAllowIdTag
    needsTag(`stations[${index}].`, station?.AlwaysAllowOfflineTransactions, idTag)
  })
  return faults
}

/** Two of them at one address, or one where the CSMS is, would throw each other's stations out. */
function mirrorFaults(document: unknown): Fault[] {
  const { csms } = siteConfigSchema.shape
  const parsed = csms.safeParse(field(document, 'csms')).data
  if (parsed === undefined) return []
  const faults = repeated(parsed.mirrors, 'csms.mirrors')
  const taken = new Map([[addressOf(parsed.url), 'csms.url']])
  parsed.mirrors.forEach(({ url }, index) => {
    const path = `csms.mirrors[${index}].url`
    const other = taken.get(addressOf(url))
    if (other === undefined) taken.set(addressOf(url), path)
    else faults.push(fault(path, 'own-address', { url: show(url), place: other }))
  })
  return faults
}

function addressOf(url: string): string {
  return new URL(url).href.replace(/\/+$/, '')
}
