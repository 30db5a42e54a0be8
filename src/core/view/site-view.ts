/**
 * Builds the one document behind page, MQTT and API from what the controller knows and what the links report. Shapes
 * only; the words come from `explain.ts` and `alarms.ts`.
 */

import type { MeterConfig } from '../config/site.js'
import { bookedA, type ConnectorControl, freshReading } from '../control/connector.js'
import type { ControlState, Now } from '../control/state.js'
import { type StationControl, writesOf } from '../control/station.js'
import type { StationConfiguration } from '../events.js'
import { meterStatus, NO_METER_YET } from '../measuring/meter-quality.js'
import { add, type PerPhase, ZERO } from '../site/phases.js'
import { configurationTable } from '../station/reported-limits.js'
import { type Condition, stepAlarms } from './alarms.js'
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

export function siteView(
  state: ControlState,
  links: Links,
  now: Now,
  before: readonly AlarmView[],
): SiteView {
  const at = new Date(now.wallMs).toISOString()
  const stations = [...state.stations.values()].map(station => stationView(state, station, links, now))
  const circuits = state.tree.nodes.map((_, node) => circuitView(state, node, now))
  const meters = state.site.config.meters.map((_, index) => meterView(state, index, now))
  const csms = csmsView(state, links)
  const alarms = stepAlarms(before, conditions(state, { circuits, meters, stations, csms, links }, now), at)
  return {
    siteId: state.site.config.site.id,
    at,
    mode: alarms.length === 0 ? 'normal' : 'degraded',
    alarms,
    csms,
    mqtt: mqttView(links.mqtt),
    circuits,
    meters,
    stations,
    refusedStations: links.refused.map(refusedView),
  }
}

function circuitView(state: ControlState, node: number, now: Now): CircuitView {
  const circuit = state.tree.nodes[node]?.circuit
  const limitA = state.limitsA[node] ?? 0
  const load = state.loads[node] ?? { otherA: ZERO, source: 'worst case' as const }
  const booked = state.bookedA[node] ?? ZERO
  const measuredA = measured(state, node, now)
  return {
    id: circuit?.id ?? '',
    ...(circuit?.parent !== undefined && { parentId: circuit.parent }),
    ratedCurrentA: circuit?.ratedCurrentA ?? 0,
    limitA: round(limitA),
    ...(circuit?.meter !== undefined && { meterId: circuit.meter }),
    ...(measuredA !== undefined && { measuredA: roundAll(measuredA) }),
    otherLoadA: roundAll(load.otherA),
    otherLoadSource: load.source,
    bookedA: roundAll(booked),
    headroomA: roundAll([
      limitA - load.otherA[0] - booked[0],
      limitA - load.otherA[1] - booked[1],
      limitA - load.otherA[2] - booked[2],
    ]),
  }
}

/** By the circuit's meter while it is fresh, else what the stations below report. */
function measured(state: ControlState, node: number, now: Now): PerPhase | undefined {
  const meterId = state.tree.nodes[node]?.circuit.meter
  if (meterId !== undefined) {
    const status = meterStatus(
      state.meters.get(meterId) ?? NO_METER_YET,
      now.monoMs,
      pollMsOf(state, meterId),
    )
    return status.quality === 'fresh' ? status.currentA : undefined
  }
  const end = state.tree.subtreeEnd[node] ?? node
  const readings = state.connectors
    .filter(connector => connector.node >= node && connector.node < end)
    .map(connector => freshReading(connector, now.monoMs)?.shownA)
  return readings.reduce(
    (sum: PerPhase | undefined, shownA) => (shownA === undefined ? sum : add(sum ?? ZERO, shownA)),
    undefined,
  )
}

function pollMsOf(state: ControlState, meterId: string): number {
  return state.site.config.meters.find(meter => meter.id === meterId)?.pollMs ?? 1000
}

function meterView(state: ControlState, index: number, now: Now): MeterView {
  const config = state.site.config.meters[index]
  if (config === undefined)
    return { id: '', device: '', quality: 'absent', unitId: 0, address: '', frozen: false }
  const meter = state.meters.get(config.id) ?? NO_METER_YET
  const status = meterStatus(meter, now.monoMs, config.pollMs)
  const last = state.readings.get(config.id)
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
    frozen: meter.frozen,
  }
}

function addressOf(connection: MeterConfig['connection']): string {
  return connection.kind === 'rtu' ? connection.path : `${connection.host}:${connection.port}`
}

function stationView(state: ControlState, station: StationControl, links: Links, now: Now): StationView {
  return {
    id: station.id,
    device: station.config.device,
    circuitId: station.config.circuit,
    connected: station.connected,
    since: new Date(station.changedWallMs).toISOString(),
    upstream: station.upstream,
    csms: csmsLinkView(links.csmsLink(station.id)),
    ...(station.boot !== undefined && { boot: station.boot }),
    ...configurationView(station),
    profileWrites: writesOf(station.writes),
    connectors: station.connectors.map(connector => connectorView(state, connector, station.connected, now)),
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
  state: ControlState,
  connector: ConnectorControl,
  connected: boolean,
  now: Now,
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
    bookedA: round(bookedA(connector, connected, now.monoMs)),
    ...(reading !== undefined && {
      measuredA: roundAll(reading.shownA),
      measuredAt: timeAgo(now, now.monoMs - reading.monoMs),
    }),
    phases: connector.phases,
    maxCurrentA: connector.config.maxCurrentA,
    failSafeCurrentA: connector.config.failSafeCurrentA,
    why: explain(state, connector, now.monoMs),
  }
}

function conditions(
  state: ControlState,
  site: {
    circuits: readonly CircuitView[]
    meters: readonly MeterView[]
    stations: readonly StationView[]
    csms: CsmsView
    links: Links
  },
  now: Now,
): readonly Condition[] {
  const found: Condition[] = []
  const { links } = site
  for (const circuit of site.circuits) {
    const most = circuit.measuredA === undefined ? 0 : Math.max(...circuit.measuredA)
    if (most > circuit.ratedCurrentA)
      found.push({
        code: 'circuit-over-limit',
        about: circuit.id,
        text: `${circuit.id} carries ${most} A, rated ${circuit.ratedCurrentA} A.`,
      })
  }
  for (const meter of site.meters) {
    const why = whyMeter(meter)
    if (meter.quality === 'absent')
      found.push({
        code: 'meter-lost',
        about: meter.id,
        text: `Meter ${meter.id} gives nothing${why}: worst case of other load is assumed.`,
      })
    if (meter.quality === 'stale')
      found.push({
        code: 'meter-stale',
        about: meter.id,
        text: `Meter ${meter.id} is stale${why}: nothing is raised.`,
      })
  }
  for (const station of state.stations.values()) found.push(...stationConditions(station, links, now))
  const { csms } = site
  if (csms.url !== undefined && [...state.stations.values()].some(station => lacksCsms(station, now))) {
    const reasons = whyCsmsAway(site.stations.filter(one => one.connected).map(one => one.csms))
    const why = reasons === undefined ? '' : ` (${reasons})`
    found.push({
      code: 'csms-away',
      text: `CSMS reached by ${csms.openLinks} of ${csms.connectedStations} stations${why}; ${csms.waitingMessages} messages are kept for it.`,
    })
  }
  if (links.mqtt?.state === 'away') found.push({ code: 'mqtt-away', text: mqttText(links.mqtt) })
  if (links.journalFault !== undefined)
    found.push({ code: 'journal-failed', text: `Journal cannot be written: ${links.journalFault}.` })
  if (links.journalGap)
    found.push({
      code: 'journal-gap',
      text: 'The journal was damaged when Busbar started: some records are missing. The log says which.',
    })
  return found
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
        text: `${about} is not connected${refusal}; its fail-safe or worst offer stays booked.`,
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
    else if (!connector.verified && now.wallMs - station.changedWallMs > UNVERIFIED_AFTER_MS) {
      found.push({ code: 'station-unverified', about, text: `${name}: profiles could not be read back.` })
    }
  }
  return found
}

/** In whole seconds, so that a late timer does not look like a new reading. */
function timeAgo(now: Now, ageMs: number): string {
  return new Date(Math.round((now.wallMs - ageMs) / 1000) * 1000).toISOString()
}

const round = (value: number): number => Math.round(value * 10) / 10
const roundAll = (values: PerPhase): PerPhase => [round(values[0]), round(values[1]), round(values[2])]
