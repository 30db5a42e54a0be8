/**
 * What `devices/` and `profiles/` hold, parsed: the faults of every file by its path. A faulty file of our own is a
 * fault of the installation, not of the configuration.
 */
import { type FileFault, type Parsed, parseDocument } from '../core/config/faults.js'
import type { SiteConfig } from '../core/config/site.js'
import type { Catalogue } from '../core/config/site-faults.js'
import { type SiteProfile, siteProfileSchema } from '../core/config/site-profile.js'
import { type StationModel, stationModelSchema } from '../core/config/station-model.js'
import type { GuardedKeys } from '../core/policy/guarded-keys.js'
import { anySunspec } from '../modbus/any-sunspec.js'
import { parseMeterDevice } from '../modbus/device-file.js'
import type { MeterDevice } from '../modbus/device-schema.js'

export interface DeviceCatalogue extends Catalogue {
  readonly meters: ReadonlyMap<string, MeterDevice>
}

/** Documents by file path, as read from the three folders. */
export interface DataFiles {
  readonly stations: ReadonlyMap<string, unknown>
  readonly meters: ReadonlyMap<string, unknown>
  readonly profiles: ReadonlyMap<string, unknown>
}

export function buildCatalogue(files: DataFiles): Parsed<DeviceCatalogue, FileFault> {
  const faults: FileFault[] = []
  const stationModels = parseAll(
    files.stations,
    faults,
    (document): Parsed<StationModel> => parseDocument(stationModelSchema, document),
  )
  const siteProfiles = parseAll(
    files.profiles,
    faults,
    (document): Parsed<SiteProfile> => parseDocument(siteProfileSchema, document),
  )
  const own = parseAll(files.meters, faults, parseMeterDevice)
  if (faults.length > 0) return { ok: false, faults }
  const sunspec = anySunspec(own.values())
  const meters = sunspec === undefined ? own : new Map([...own, [sunspec.id, sunspec]])
  return { ok: true, value: { stationModels, siteProfiles, meters, meterDevices: meters } }
}

function parseAll<T extends { readonly id: string }>(
  files: ReadonlyMap<string, unknown>,
  faults: FileFault[],
  parse: (document: unknown) => Parsed<T, FileFault>,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>()
  for (const [path, document] of files) {
    const parsed = parse(document)
    if (parsed.ok) found.set(parsed.value.id, parsed.value)
    else faults.push(...parsed.faults.map(fault => ({ ...fault, path: `${path}: ${fault.path}` })))
  }
  return found
}

export function modelOf(
  config: SiteConfig,
  catalogue: DeviceCatalogue,
  stationId: string,
): StationModel | undefined {
  const device = config.stations.find(station => station.id === stationId)?.device
  return device === undefined ? undefined : catalogue.stationModels.get(device)
}

export function guardedKeysOf(model: StationModel | undefined): GuardedKeys {
  return { affectsLimits: model?.affectsLimits ?? [], connection: model?.connection ?? [] }
}
