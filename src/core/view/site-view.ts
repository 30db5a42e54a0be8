/**
 * Builds the one document behind page, MQTT and API from what the controller knows and what the links report. Shapes
 * only; the words come from `why-words.ts` and `alarms.ts`.
 */

import type { MeterConfig } from '../config/site.js'
import { type ConnectorControl, freshReading, onlySeen } from '../control/connector.js'
import { bookedA } from '../control/evidence.js'
import type { Now } from '../control/now.js'
import { type Reasons, reasonsOfAll, reasonsOfSome } from '../control/reasons.js'
import type { ControlState } from '../control/state.js'
import { type StationControl, writesOf } from '../control/station.js'
import type { StationConfiguration } from '../events.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { configurationTable } from '../station/reported-limits.js'
import { stepAlarms } from './alarms.js'
import { type CircuitLoad, circuitLoads, round, roundAll } from './circuit-load.js'
import { circuitView } from './circuit-view.js'
import { claimView } from './claim-view.js'
import { conditions, isIsolated } from './conditions.js'
import { failSafeView, retiredViews, stationControlView } from './control-view.js'
import type { ConnectorView, MeterView, Power, SiteView, StationView } from './document.js'
import { learningView } from './learning-view.js'
import { limitViews } from './limits-view.js'
import { csmsLinkView, csmsView, type Links, mqttView, refusedView } from './link-view.js'
import { sayFault } from './meter-conditions.js'
import { mirrorView } from './mirror-view.js'
import { circuitPower, connectorPower, sumOfPowers } from './power.js'
import { whyView } from './why-words.js'

/** What is kept up every second, whether anybody looks or not: history and alarms are made of it. */
export interface SiteWatch extends Pick<SiteView, 'at' | 'alarms' | 'csms' | 'meters'> {
  readonly reasons: Reasons
  /** Per node of the tree. */
  readonly loads: readonly CircuitLoad[]
}

/** What of the last look says since when something holds. */
export type Before = Pick<SiteWatch, 'alarms' | 'reasons'>

export function siteWatch(state: ControlState, links: Links, now: Now, before: Before): SiteWatch {
  const at = new Date(now.wallMs).toISOString()
  const loads = circuitLoads(state, now)
  const meters = state.site.config.meters.map((_, index) => meterView(state, links, index, now))
  const csms = { ...csmsView(state, links), ...mirrorsView(links) }
  const found = conditions(state, { loads, meters, csms, links }, now)
  const reasons = reasonsOfAll(state, before.reasons, now)
  return {
    at,
    alarms: stepAlarms(before.alarms, found, at, links.acknowledged),
    csms,
    loads,
    meters,
    reasons,
  }
}

/** The whole document, right after the look at what is watched: circuits and stations with their reasons. */
export function siteView(state: ControlState, links: Links, now: Now, watch: SiteWatch): SiteView {
  const { at, alarms, csms, loads, meters, reasons } = watch
  const powers = new Map(state.connectors.map(one => [one.key, connectorPower(state, one, now)]))
  const seen = { reasons, links, now, powers }
  return {
    siteId: state.site.config.site.id,
    at,
    mode: alarms.length === 0 ? 'normal' : 'degraded',
    alarms,
    csms,
    mqtt: mqttView(links.mqtt),
    circuits: loads.map((load, node) => ({
      ...circuitView(state, node, load, now.monoMs),
      ...circuitPower(state, node, powers, now),
    })),
    meters,
    stations: [...state.stations.values()].map(station => stationView(seen, station)),
    retiredStations: retiredViews(state, now.monoMs),
    learning: learningView(state, links, now),
    limits: limitViews(state, now),
    refusedStations: links.refused.map(refusedView),
  }
}

/** Some stations alone, with the reasons of their connectors. */
export function someStations(
  state: ControlState,
  links: Links,
  now: Now,
  { ids, before }: { readonly ids: ReadonlySet<string>; readonly before: Reasons },
): { readonly stations: readonly StationView[]; readonly reasons: Reasons } {
  const reasons = reasonsOfSome(state, before, now, ids)
  const found = [...state.stations.values()].filter(({ id }) => ids.has(id))
  const connectors = found.flatMap(station => station.connectors)
  const powers = new Map(connectors.map(one => [one.key, connectorPower(state, one, now)]))
  const seen = { reasons, links, now, powers }
  return { stations: found.map(station => stationView(seen, station)), reasons }
}

function mirrorsView({ mirrors = [] }: Links): Pick<SiteView['csms'], 'mirrors'> {
  return mirrors.length === 0 ? {} : { mirrors: mirrors.map(mirrorView) }
}

function meterView(state: ControlState, links: Links, index: number, now: Now): MeterView {
  const config = state.site.config.meters[index]
  if (config === undefined)
    return { id: '', device: '', quality: 'absent', unitId: 0, address: '', frozen: false }
  const status = meterStatus(state.meters.get(config.id), now.monoMs, config.pollMs)
  const traffic = links.meterTraffic?.(config.id)
  const said = status.fault === undefined ? undefined : sayFault(status.fault)
  // What an absent meter said last is not true any more.
  const last = status.quality === 'absent' ? undefined : state.readings.get(config.id)
  return {
    id: config.id,
    device: config.device,
    quality: status.quality,
    ...(status.ageMs !== undefined && { readAt: timeAgo(now, status.ageMs) }),
    ...(status.currentA !== undefined && { currentA: roundAll(status.currentA) }),
    ...(last?.voltageV !== undefined && { voltageV: roundAll(last.voltageV) }),
    ...(last?.totalPowerW !== undefined && { totalPowerW: Math.round(last.totalPowerW) }),
    ...(last?.importWh !== undefined && { importWh: Math.round(last.importWh) }),
    unitId: config.unitId,
    address: addressOf(config.connection),
    ...(status.fault !== undefined && { fault: status.fault }),
    ...(typeof said === 'object' && { faultSaid: said }),
    ...(traffic !== undefined && { traffic }),
    frozen: status.judgement.verdict?.kind === 'frozen',
    ...(status.judgement.verdict !== undefined && { verdict: status.judgement.verdict.text }),
  }
}

function addressOf(connection: MeterConfig['connection']): string {
  if (connection.kind === 'virtual') return connection.parts.map(({ meter }) => meter).join(', ')
  return connection.kind === 'rtu' ? connection.path : `${connection.host}:${connection.port}`
}

/** What one look at the site goes by. */
interface Seen {
  readonly reasons: Reasons
  readonly links: Links
  readonly now: Now
  /** By connector. */
  readonly powers: ReadonlyMap<string, Power>
}

function stationView(seen: Seen, station: StationControl): StationView {
  const boot = station.boot ?? seen.links.bootOf?.(station.id)
  return {
    id: station.id,
    ...(station.config.name !== undefined && { name: station.config.name }),
    ...(station.config.bay !== undefined && { bay: station.config.bay }),
    device: station.config.device,
    circuitId: station.config.circuit,
    connected: station.connected,
    since: new Date(station.changedWallMs).toISOString(),
    isolated: isIsolated(station),
    upstream: station.upstream,
    csms: csmsLinkView(seen.links.csmsLink(station.id)),
    ...(boot !== undefined && { boot }),
    ...configurationView(station),
    profileWrites: writesOf(station.writes),
    ...sumOfPowers(station.connectors.map(({ key }) => seen.powers.get(key))),
    connectors: station.connectors.map(connector => connectorView(seen, connector, station)),
    ...stationControlView(station, seen.now.monoMs),
  }
}

const differenceCounts = new WeakMap<StationConfiguration, number>()

function configurationView({
  configuration,
  model,
  notices,
}: StationControl): Pick<StationView, 'configuration'> {
  const { readWallMs, rebootRequired } = configuration
  if (readWallMs === undefined) return {}
  let differences = differenceCounts.get(configuration)
  if (differences === undefined) {
    differences = configurationTable(model, configuration).filter(row => row.difference !== 'none').length
    differenceCounts.set(configuration, differences)
  }
  return {
    configuration: {
      readAt: new Date(readWallMs).toISOString(),
      differences,
      rebootRequired,
      notices: notices.map(({ text, phrase, params }) => ({ text, phrase, params })),
    },
  }
}

function connectorView(
  { reasons, now, powers }: Seen,
  connector: ConnectorControl,
  station: StationControl,
): ConnectorView {
  const reading = freshReading(connector, now.monoMs)
  const { transaction } = connector
  return {
    id: connector.id,
    status: connector.status,
    ...(connector.errorCode !== undefined && { errorCode: connector.errorCode }),
    ...(transaction !== undefined && {
      transaction: {
        id: transaction.id,
        since: new Date(transaction.startedWallMs).toISOString(),
        energyWh: Math.round(transaction.energy.leastWh),
        ...(transaction.energy.doubt !== undefined && { energyDoubt: transaction.energy.doubt }),
        ...(connector.claim !== undefined && { claim: claimView(connector.claim) }),
      },
      // what others tell it to draw is not known here
      ...(station.release === undefined && { allocationA: round(connector.offerA) }),
    }),
    bookedA: round(bookedA(connector, station, now.monoMs)),
    ...(reading !== undefined &&
      reading.best !== 'unknown' && {
        measuredA: roundAll(reading.bestA),
        isEstimate: reading.best === 'estimate',
        measuredAt: timeAgo(now, now.monoMs - reading.monoMs),
      }),
    ...powers.get(connector.key),
    phases: onlySeen(connector, connector.phases, now.monoMs),
    maxCurrentA: connector.config.maxCurrentA,
    failSafeCurrentA: connector.config.failSafeCurrentA,
    ...failSafeView(connector),
    why: whyView(reasons.get(connector.key) ?? []),
  }
}

/** In whole seconds, so that a late timer does not look like a new reading. */
function timeAgo(now: Now, ageMs: number): string {
  return new Date(Math.round((now.wallMs - ageMs) / 1000) * 1000).toISOString()
}
