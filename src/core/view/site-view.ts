/**
 * Builds the one document behind page, MQTT and API from what the controller knows and what the links report. Shapes
 * only; the words come from `explain.ts` and `alarms.ts`.
 */

import type { MeterConfig } from '../config/site.js'
import { type ConnectorControl, freshReading, isVerified } from '../control/connector.js'
import { bookedA } from '../control/evidence.js'
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { type StationControl, writesOf } from '../control/station.js'
import type { StationConfiguration } from '../events.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { PHASE_NAMES, ZERO } from '../site/phases.js'
import { configurationTable } from '../station/reported-limits.js'
import { type Condition, stepAlarms } from './alarms.js'
import { type CircuitLoad, circuitLoads, circuitView, round, roundAll } from './circuit-view.js'
import type {
  AlarmView,
  CircuitView,
  ConnectorView,
  CsmsView,
  MeterView,
  SiteView,
  StationView,
} from './document.js'
import { explain } from './explain.js'
import {
  csmsLinkView,
  csmsView,
  type Links,
  mqttView,
  refusedView,
  whyCsmsAway,
  wordsOf,
} from './link-view.js'

/** A dial to the CSMS over a slow line. */
const CSMS_GRACE_MS = 5_000
/** A station that needs longer than this to be read back is worth an alarm. */
const UNVERIFIED_AFTER_MS = 60_000
/** Longer than the news of a car that has just started. */
const ABOVE_WORST_MS = 10_000

/** What is kept up every second, whether anybody looks or not: history and alarms are made of it. */
export interface SiteWatch extends Pick<SiteView, 'at' | 'alarms' | 'csms' | 'circuits' | 'meters'> {
  readonly loads: readonly CircuitLoad[]
}

export function siteWatch(
  state: ControlState,
  links: Links,
  now: Now,
  before: readonly AlarmView[],
): SiteWatch {
  const at = new Date(now.wallMs).toISOString()
  const loads = circuitLoads(state, now)
  const circuits = loads.map((load, node) => circuitView(state, node, load))
  const meters = state.site.config.meters.map((_, index) => meterView(state, index, now))
  const csms = csmsView(state, links)
  const found = conditions(state, { loads, circuits, meters, csms, links }, now)
  return { at, alarms: stepAlarms(before, found, at, links.acknowledged), csms, circuits, meters, loads }
}

/** The whole document: what is watched, and every station with its reasons. */
export function siteView(state: ControlState, links: Links, now: Now, watch: SiteWatch): SiteView {
  const { at, alarms, csms, circuits, meters, loads } = watch
  const seen = { state, loads, links, now }
  return {
    siteId: state.site.config.site.id,
    at,
    mode: alarms.length === 0 ? 'normal' : 'degraded',
    alarms,
    csms,
    mqtt: mqttView(links.mqtt),
    circuits,
    meters,
    stations: [...state.stations.values()].map(station => stationView(seen, station)),
    refusedStations: links.refused.map(refusedView),
  }
}

function meterView(state: ControlState, index: number, now: Now): MeterView {
  const config = state.site.config.meters[index]
  if (config === undefined)
    return { id: '', device: '', quality: 'absent', unitId: 0, address: '', frozen: false }
  const status = meterStatus(state.meters.get(config.id), now.monoMs, config.pollMs)
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
    frozen: status.judgement.verdict?.kind === 'frozen',
    ...(status.judgement.verdict !== undefined && { verdict: status.judgement.verdict.text }),
  }
}

function addressOf(connection: MeterConfig['connection']): string {
  return connection.kind === 'rtu' ? connection.path : `${connection.host}:${connection.port}`
}

/** What one look at the site goes by. */
interface Seen {
  readonly state: ControlState
  readonly loads: readonly CircuitLoad[]
  readonly links: Links
  readonly now: Now
}

function stationView(seen: Seen, station: StationControl): StationView {
  return {
    id: station.id,
    device: station.config.device,
    circuitId: station.config.circuit,
    connected: station.connected,
    since: new Date(station.changedWallMs).toISOString(),
    isolated: isIsolated(station),
    upstream: station.upstream,
    csms: csmsLinkView(seen.links.csmsLink(station.id)),
    ...(station.boot !== undefined && { boot: station.boot }),
    ...configurationView(station),
    profileWrites: writesOf(station.writes),
    connectors: station.connectors.map(connector => connectorView(seen, connector, station)),
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
      notices: notices.map(({ text }) => text),
    },
  }
}

function connectorView(
  { state, loads, now }: Seen,
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
        energyWh: Math.round(transaction.energyWh),
      },
      allocationA: round(connector.offerA),
    }),
    bookedA: round(bookedA(connector, station, now.monoMs)),
    ...(reading !== undefined &&
      reading.best !== 'unknown' && {
        measuredA: roundAll(reading.bestA),
        isEstimate: reading.best === 'estimate',
        measuredAt: timeAgo(now, now.monoMs - reading.monoMs),
      }),
    phases: connector.phases,
    maxCurrentA: connector.config.maxCurrentA,
    failSafeCurrentA: connector.config.failSafeCurrentA,
    why: explain(state, connector, now.monoMs, loads),
  }
}

function conditions(
  state: ControlState,
  site: {
    loads: readonly CircuitLoad[]
    circuits: readonly CircuitView[]
    meters: readonly MeterView[]
    csms: CsmsView
    links: Links
  },
  now: Now,
): readonly Condition[] {
  const found: Condition[] = []
  const { links } = site
  for (const [node, circuit] of site.circuits.entries()) {
    // An estimate may be too high for a moment: then only what is surely drawn is a fault.
    const load = site.loads[node]
    const flowingA = load?.measuredSource === 'estimate' ? load.surelyA : load?.measuredA
    const most = round(Math.max(...(flowingA ?? ZERO)))
    if (most > circuit.ratedCurrentA)
      found.push({
        code: 'circuit-over-limit',
        about: circuit.id,
        text: `${circuit.id} carries ${most} A, rated ${circuit.ratedCurrentA} A.`,
      })
  }
  for (const meter of site.meters) {
    const why = whyMeter(meter)
    if (meter.verdict !== undefined)
      found.push({
        code: 'meter-wrong',
        about: meter.id,
        text: `Meter ${meter.id} is not believed, worst case of other load is assumed: ${meter.verdict}.`,
      })
    if (meter.quality === 'absent')
      found.push({
        code: 'meter-lost',
        about: meter.id,
        text: `Meter ${meter.id} gives nothing${why}: worst case of other load is assumed.`,
      })
    if (meter.quality === 'stale' && meter.verdict === undefined)
      found.push({
        code: 'meter-stale',
        about: meter.id,
        text: `Meter ${meter.id} is stale${why}: nothing is raised.`,
      })
  }
  for (const { id, pollMs } of state.site.config.meters) {
    const { doubt } = meterStatus(state.meters.get(id), now.monoMs, pollMs).judgement
    if (doubt !== undefined)
      found.push({
        code: 'meter-doubted',
        about: id,
        text: `Meter ${id} is in doubt, worst case of other load is assumed: ${doubt}.`,
      })
  }
  found.push(...worstCaseConditions(state, now))
  for (const station of state.stations.values()) found.push(...stationConditions(station, links, now))
  const { csms } = site
  if (csms.url !== undefined && [...state.stations.values()].some(station => lacksCsms(station, now))) {
    const connected = [...state.stations.values()].filter(station => station.connected)
    const reasons = whyCsmsAway(connected.map(station => csmsLinkView(links.csmsLink(station.id))))
    const why = reasons === undefined ? '' : ` (${reasons})`
    found.push({
      code: 'csms-away',
      text: `CSMS reached by ${csms.openLinks} of ${csms.connectedStations} stations${why}; ${csms.waitingMessages} messages are kept for it.`,
    })
  }
  if (links.mqtt?.state === 'away') found.push({ code: 'mqtt-away', text: mqttText(links.mqtt) })
  if (links.journalFault !== undefined)
    found.push({ code: 'journal-failed', text: `Journal cannot be written: ${links.journalFault}.` })
  if (links.stateLost !== undefined)
    found.push({
      code: 'state-lost',
      text: `What should outlive a restart could not be read (${links.stateLost}): isolated stations are booked again, acknowledged alarms call again.`,
    })
  if (links.stateFault !== undefined)
    found.push({
      code: 'state-failed',
      text: `The last isolation or acknowledgement would not outlive a restart: ${links.stateFault}.`,
    })
  if (links.journalGap)
    found.push({
      code: 'journal-gap',
      text: 'The journal was damaged when Busbar started: some records are missing. The log says which.',
    })
  return found
}

function isIsolated({ connectors }: StationControl): boolean {
  return connectors.length > 0 && connectors.every(connector => connector.isolated)
}

/** The fail-safe proof rests on the worst case: more than that is an alarm while everything still works. */
function worstCaseConditions(state: ControlState, now: Now): readonly Condition[] {
  return state.aboveWorst.flatMap((above, node): readonly Condition[] => {
    const id = state.tree.nodes[node]?.id ?? ''
    if (above === undefined || now.monoMs - above.sinceMs < ABOVE_WORST_MS) return []
    const text = `Other load on ${id} is at least ${round(above.otherA)} A on ${PHASE_NAMES[above.phase]}, configured worst case ${round(above.worstA)} A: without Busbar or meter the circuit is not safe. Correct worstCaseOtherLoadA.`
    return [{ code: 'other-load-above-worst-case', about: id, text }]
  })
}

/** A station that has just connected is still on its way to the CSMS. */
function lacksCsms({ changedWallMs, connected, upstream }: StationControl, now: Now): boolean {
  return connected && upstream !== 'open' && now.wallMs - changedWallMs > CSMS_GRACE_MS
}

function whyMeter({ fault, frozen, unitId, address }: MeterView): string {
  const words = frozen && fault !== 'frozen' ? [fault, 'frozen'] : [fault]
  const known = words.filter(word => word !== undefined)
  return known.length === 0 ? '' : ` (${known.join(', ')}; unit ${unitId} at ${address})`
}

function mqttText({ reason, detail }: NonNullable<Links['mqtt']>): string {
  if (reason === undefined) return 'MQTT broker not reached.'
  if (reason === 'refused') return `MQTT broker refused the connection: ${detail ?? 'no reason given'}.`
  return `MQTT broker not reached: ${wordsOf(reason, detail)}.`
}

function stationConditions(station: StationControl, links: Links, now: Now): readonly Condition[] {
  const about = station.id
  const refused = links.refused.find(one => one.stationId === about)
  const refusal = refused === undefined ? '' : ` (refused: ${refused.reason} from ${refused.remote})`
  if (!station.connected)
    return [
      {
        code: 'station-gone',
        about,
        text: `${about} is not connected${refusal}; ${isIsolated(station) ? 'it is isolated, nothing is kept free for it' : 'its fail-safe or worst offer stays booked'}.`,
      },
    ]
  const found: Condition[] = []
  for (const { alarm, text } of station.notices) {
    if (alarm !== undefined) found.push({ code: alarm, about, text })
  }
  for (const connector of station.connectors) {
    const name = `${about} connector ${connector.id}`
    if (connector.disobeys)
      found.push({ code: 'station-disobeys', about, text: `${name} draws more than it was offered.` })
    if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > now.monoMs) {
      found.push({ code: 'profile-refused', about, text: `${name} refused a charging profile.` })
    }
    if (station.withoutSmartCharging)
      found.push({ code: 'profile-refused', about, text: `${about} does not know charging profiles.` })
    else if (!isVerified(connector) && now.wallMs - station.changedWallMs > UNVERIFIED_AFTER_MS) {
      found.push({ code: 'station-unverified', about, text: `${name}: profiles could not be read back.` })
    }
  }
  return found
}

/** In whole seconds, so that a late timer does not look like a new reading. */
function timeAgo(now: Now, ageMs: number): string {
  return new Date(Math.round((now.wallMs - ageMs) / 1000) * 1000).toISOString()
}
