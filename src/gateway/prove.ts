/**
 * Whether a document is a configuration Busbar may run with: schema, references, and the electrical promise. And what
 * it names but this machine does not have: found by `check`, while a running Busbar shows it and keeps control up.
 */
import { type Fault, fault } from '../core/config/faults.js'
import type { PlacedFault } from '../core/config/json-text.js'
import { show } from '../core/config/shown.js'
import type { SiteConfig } from '../core/config/site.js'
import { parseSiteConfig } from '../core/config/site-faults.js'
import { type Proof, proveSite } from '../core/site/promise.js'
import { type SingleFault, singleFaults } from '../core/site/single-faults.js'
import { withOwnModels } from '../modbus/own-model.js'
import { registerStepsOf } from '../modbus/register-steps.js'
import type { SiteProof } from '../web/site-reader.js'
import type { DeviceCatalogue } from './catalogue.js'
import type { SecretStore } from './secret-store.js'

export type Proven =
  | { readonly ok: true; readonly config: SiteConfig; readonly proof: Proof }
  | {
      readonly ok: false
      readonly faults: readonly PlacedFault[]
      /** What could be read although it is not sound. */
      readonly config?: SiteConfig
      readonly proof?: Proof
    }

/** All faults, or the configuration with the proof that it keeps its promise. */
export function proveDocument(document: unknown, catalogue: DeviceCatalogue): Proven {
  const parsed = parseSiteConfig(document, catalogue)
  if (!parsed.ok) return parsed
  const config = parsed.value
  const profile = catalogue.siteProfiles.get(config.site.profile)
  if (profile === undefined) return { ok: false, faults: [] }
  const proof = proveSite(config, catalogue.stationModels, profile)
  return proof.faults.length === 0
    ? { ok: true, config, proof }
    : { ok: false, faults: proof.faults, config, proof }
}

/** Secrets and serial lines that the configuration names and that are not there. */
export function missingHere(
  config: SiteConfig,
  here: { readonly secrets: SecretStore; isSerialLine(path: string): boolean },
): readonly Fault[] {
  const faults: Fault[] = []
  const { mqtt, ocpp, csms } = config
  if (mqtt?.passwordSecret !== undefined && here.secrets.named(mqtt.passwordSecret) === undefined) {
    faults.push(fault('mqtt.passwordSecret', 'secret', { name: show(mqtt.passwordSecret) }))
  }
  csms?.mirrors.forEach(({ passwordSecret: name }, index) => {
    if (name === undefined || here.secrets.named(name) !== undefined) return
    faults.push(fault(`csms.mirrors[${index}].passwordSecret`, 'secret', { name: show(name) }))
  })
  config.meters.forEach(({ connection }, index) => {
    if (connection.kind !== 'rtu' || here.isSerialLine(connection.path)) return
    const path = show(connection.path)
    faults.push(fault(`meters[${index}].connection.path`, 'serial-line', { path }))
  })
  // With a CSMS it judges the credentials; without one nobody would.
  if (ocpp.securityProfile === 1 && csms === undefined) {
    config.stations.forEach(({ id }, index) => {
      if (here.secrets.passwordOf(id) !== undefined) return
      faults.push(fault(`stations[${index}].id`, 'station-password', { station: show(id) }))
    })
  }
  return faults
}

/** The single-fault table, by what the models of stations and meters tell. */
export function singleFaultsOf(
  config: SiteConfig,
  { stationModels, meters }: DeviceCatalogue,
  proof: Proof,
): readonly SingleFault[] {
  const steps = registerStepsOf(withOwnModels(meters, config.meterModels))
  return singleFaults(config, stationModels, proof, steps)
}

/** The proof as it is shown: figures and the single-fault table. */
export function proofView(config: SiteConfig, catalogue: DeviceCatalogue, proof: Proof): SiteProof {
  const { aliveOverLimitS, lostOverLimitS } = proof
  return {
    ...(aliveOverLimitS !== undefined && { aliveOverLimitS }),
    lostOverLimitS,
    singleFaults: singleFaultsOf(config, catalogue, proof).map(({ overS, ...row }) => ({
      ...row,
      ...(overS !== undefined && { overS }),
    })),
  }
}
