/**
 * Faults that one key alone cannot show: references, the circuit tree, what a station model can hold.
 * The electrical sums are in `core/promise.ts`. Must not stop at the first fault.
 */
import { type Fault, type Parsed, parseDocument } from './faults.js'
import {
  type CircuitConfig,
  type ConnectorConfig,
  marginA,
  type SiteConfig,
  type StationConfig,
  siteConfigSchema,
} from './site.js'
import type { SiteProfile } from './site-profile.js'
import type { StationModel } from './station-model.js'

/** What `devices/` and `profiles/` offer. */
export interface Catalogue {
  readonly stationModels: ReadonlyMap<string, StationModel>
  readonly siteProfiles: ReadonlyMap<string, SiteProfile>
  readonly meterDevices: ReadonlySet<string>
}

/** The configuration with every reference checked, or all faults. */
export function parseSiteConfig(document: unknown, catalogue: Catalogue): Parsed<SiteConfig> {
  const parsed = parseDocument(siteConfigSchema, document)
  if (!parsed.ok) return parsed
  const faults = [
    ...circuitFaults(parsed.value),
    ...meterFaults(parsed.value, catalogue),
    ...stationFaults(parsed.value, catalogue),
    ...policyFaults(parsed.value),
  ]
  if (!catalogue.siteProfiles.has(parsed.value.site.profile)) {
    faults.push(unknown('site.profile', parsed.value.site.profile, catalogue.siteProfiles.keys()))
  }
  return faults.length === 0 ? parsed : { ok: false, faults }
}

function circuitFaults(config: SiteConfig): Fault[] {
  const faults = repeated(config.circuits, 'circuits')
  const byId = new Map(config.circuits.map(circuit => [circuit.id, circuit]))
  config.circuits.forEach((circuit, index) => {
    const path = `circuits[${index}]`
    if (circuit.parent !== undefined && !byId.has(circuit.parent)) {
      faults.push(unknown(`${path}.parent`, circuit.parent, byId.keys()))
    }
    if (hangsInALoop(circuit, byId)) {
      faults.push({
        path: `${path}.parent`,
        found: `"${circuit.parent}", which leads back to "${circuit.id}"`,
        expected: 'a tree without loops',
      })
    }
    if (marginA(circuit) >= circuit.ratedCurrentA) {
      faults.push({
        path: `${path}.marginA`,
        found: `${marginA(circuit)} A`,
        expected: `less than ratedCurrentA, ${circuit.ratedCurrentA} A`,
      })
    }
  })
  return faults
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

function meterFaults(config: SiteConfig, catalogue: Catalogue): Fault[] {
  const faults = repeated(config.meters, 'meters')
  const ids = new Set(config.meters.map(meter => meter.id))
  config.meters.forEach((meter, index) => {
    if (!catalogue.meterDevices.has(meter.device)) {
      faults.push(unknown(`meters[${index}].device`, meter.device, catalogue.meterDevices))
    }
  })
  const usedBy = new Map<string, string>()
  config.circuits.forEach((circuit, index) => {
    if (circuit.meter === undefined) return
    const path = `circuits[${index}].meter`
    const other = usedBy.get(circuit.meter)
    if (!ids.has(circuit.meter)) faults.push(unknown(path, circuit.meter, ids))
    else if (other !== undefined) {
      faults.push({
        path,
        found: `"${circuit.meter}", already the meter of "${other}"`,
        expected: 'a meter of its own',
      })
    }
    usedBy.set(circuit.meter, circuit.id)
  })
  return faults
}

function stationFaults(config: SiteConfig, catalogue: Catalogue): Fault[] {
  const faults = repeated(config.stations, 'stations')
  const circuits = new Set(config.circuits.map(circuit => circuit.id))
  config.stations.forEach((station, index) => {
    const path = `stations[${index}]`
    if (!circuits.has(station.circuit)) faults.push(unknown(`${path}.circuit`, station.circuit, circuits))
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

function connectorFaults(connector: ConnectorConfig, path: string, model: StationModel | undefined): Fault[] {
  const faults: Fault[] = []
  const least = model?.smartCharging.minCurrentA ?? 6
  const failSafe = connector.failSafeCurrentA
  const at = `${path}.failSafeCurrentA`
  if (failSafe !== 0 && failSafe < least) {
    faults.push({
      path: at,
      found: `${failSafe} A`,
      expected: `0, or at least the ${least} A a car can be offered`,
    })
  }
  if (failSafe === 0 && model !== undefined && !model.smartCharging.holdsZero) {
    faults.push({ path: at, found: '0 A', expected: `at least ${least} A: ${model.id} does not hold 0 A` })
  }
  if (failSafe > connector.maxCurrentA) {
    faults.push({
      path: at,
      found: `${failSafe} A`,
      expected: `at most maxCurrentA, ${connector.maxCurrentA} A`,
    })
  }
  if (connector.phases !== 'L1L2L3' && connector.phaseRotation !== 'Unknown') {
    faults.push({
      path: `${path}.phaseRotation`,
      found: `"${connector.phaseRotation}"`,
      expected: 'no phaseRotation on a single-phase connector',
    })
  }
  return faults
}

function policyFaults(config: SiteConfig): Fault[] {
  const faults: Fault[] = []
  const needsTag = (path: string, always: boolean | undefined, idTag: string | undefined) => {
    if (always === true && idTag === undefined) {
      faults.push({
        path: `${path}AlwaysAllowIdTag`,
        found: 'nothing',
        expected: 'an idTag, because AlwaysAllowOfflineTransactions is on',
      })
    }
  }
  needsTag('offline.', config.offline.AlwaysAllowOfflineTransactions, config.offline.AlwaysAllowIdTag)
  config.stations.forEach((station: StationConfig, index) => {
    const idTag = station.AlwaysAllowIdTag ?? config.offline.AlwaysAllowIdTag
    needsTag(`stations[${index}].`, station.AlwaysAllowOfflineTransactions, idTag)
  })
  return faults
}

function repeated(items: readonly { readonly id: string | number }[], path: string): Fault[] {
  const first = new Map<string | number, number>()
  const faults: Fault[] = []
  items.forEach((item, index) => {
    const earlier = first.get(item.id)
    if (earlier === undefined) first.set(item.id, index)
    else
      faults.push({
        path: `${path}[${index}].id`,
        found: `${JSON.stringify(item.id)}, already at ${path}[${earlier}]`,
        expected: 'an id of its own',
      })
  })
  return faults
}

function unknown(path: string, found: string, known: Iterable<string>): Fault {
  const names = [...known].sort()
  const list =
    names.length === 0
      ? 'none is known'
      : `one of ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}`
  return { path, found: JSON.stringify(found), expected: list }
}
