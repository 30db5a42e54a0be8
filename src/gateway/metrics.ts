/**
 * /metrics: what the site view and the edges' counters say, in Prometheus text. Read on demand; nothing is counted
 * here: counters are set to the edges' totals. Ids are labels; idTags never are.
 */
import { Counter, Gauge, type Histogram, Registry } from 'prom-client'
import type { MeterTraffic, MirrorStatus } from '../core/events.js'
import { PHASE_INDEXES, PHASE_NAMES } from '../core/site/phases.js'
import { ALARM_CODES } from '../core/view/alarms.js'
import type { SiteView } from '../core/view/document.js'
import type { OcppCounters, StationBacklog } from '../ocpp/edge.js'

export interface MetricSources {
  view(): SiteView
  ocpp(): OcppCounters | undefined
  modbus(): Readonly<Record<string, number>> | undefined
  /** By meter. */
  meters(): ReadonlyMap<string, MeterTraffic>
  /** Connections of stations that were not let in, by reason. */
  refusals(): ReadonlyMap<string, number>
  /** Of the security record, by type. */
  securityEvents(): ReadonlyMap<string, number>
  /** Durable writes that failed or took long. */
  storage(): Readonly<Record<string, number>>
  backlog(): readonly StationBacklog[]
  mirrors(): readonly MirrorStatus[]
  nowWallMs(): number
  /** Of the process: memory, event loop, build. Absent in simulation. */
  process?(): Promise<string>
  /** Times that are counted where they pass. */
  readonly times?: readonly Histogram[]
}

const QUALITY = { fresh: 2, stale: 1, absent: 0 } as const

/** Name, help and labels of every metric that is a state. */
export const METRICS = {
  busbar_circuit_limit_amperes: ['Limit planned against: rating less margin.', ['circuit']],
  busbar_circuit_measured_amperes: ['Measured current per phase.', ['circuit', 'phase']],
  busbar_circuit_other_load_amperes: ['Load that is no station here, per phase.', ['circuit', 'phase']],
  busbar_circuit_booked_amperes: [
    'What the connectors below may draw at most, per phase.',
    ['circuit', 'phase'],
  ],
  busbar_connector_allocation_amperes: ['Offered to the running transaction.', ['station', 'connector']],
  busbar_connector_booked_amperes: ['Counted against the circuits.', ['station', 'connector']],
  busbar_connector_measured_amperes: [
    "Drawn by the station's own meter or the best estimate, per phase.",
    ['station', 'connector', 'phase'],
  ],
  busbar_connector_power_watts: ['As the station tells it, else amps by voltage.', ['station', 'connector']],
  busbar_circuit_power_watts: ['By its meter, else the sum of the stations below.', ['circuit']],
  busbar_unconfigured_connector_booked_amperes: [
    'Counted for an active connector that nobody configured.',
    ['station', 'connector'],
  ],
  busbar_retired_station_booked_amperes: [
    'Still counted for a station that is no longer configured, busiest phase.',
    ['station'],
  ],
  busbar_station_connected: ['1 while the station has a connection here.', ['station']],
  busbar_station_profile_writes_day: ['SetChargingProfile CALLs in the last 24 h.', ['station']],
  busbar_meter_quality: ['2 fresh, 1 stale, 0 absent.', ['meter']],
  busbar_meter_fault: ['1 while the meter gives no current, by kind of fault.', ['meter', 'fault']],
  busbar_meter_latency_seconds: ['From request to answer, mean and highest of late.', ['meter', 'kind']],
  busbar_csms_link_down: [
    '1 while the link of a connected station to the CSMS is down, by reason.',
    ['station', 'reason'],
  ],
  busbar_csms_links_open: ['Stations whose upstream socket is open.', []],
  busbar_csms_waiting_messages: ['Transaction messages kept for the CSMS.', []],
  busbar_station_waiting_messages: ['Transaction messages kept for the CSMS.', ['station']],
  busbar_station_waiting_bytes: ['Their size in the journal.', ['station']],
  busbar_station_waiting_age_seconds: ['How long the oldest of them has waited.', ['station']],
  busbar_station_dead_letters: ['Messages the CSMS would not take.', ['station']],
  busbar_station_open_transactions: ['Transactions that run.', ['station']],
  busbar_station_mapped_transactions: ['Known to the CSMS by another id, or not yet.', ['station']],
  busbar_station_shed_meter_values: ['Periodic MeterValues given up so far.', ['station']],
  busbar_station_offline_energy_watthours: ['Of sessions that ended while the CSMS was away.', ['station']],
  busbar_station_accepted_energy_watthours: ['How much of that the CSMS has taken.', ['station']],
  busbar_mirror_links_open: ['Stations whose link to the mirror is open and answered.', ['mirror']],
  busbar_mirror_links_wanted: ['Stations that have something to say to it.', ['mirror']],
  busbar_mirror_waiting_messages: ['Kept in memory for the mirror.', ['mirror']],
  busbar_mqtt_connected: ['1 while the broker is connected.', []],
  busbar_mqtt_down: ['1 while the broker is not connected, by reason.', ['reason']],
  busbar_alarms: ['Degraded modes that hold now, by kind.', ['code']],
} as const

/** Name, help and label of every metric that only grows. */
export const COUNTERS = {
  busbar_ocpp_total: ['Totals of the OCPP edge by kind.', 'kind'],
  busbar_modbus_total: ['Totals of the Modbus edge by kind.', 'kind'],
  busbar_storage_total: ['Durable writes that failed or took more than 5 s.', 'kind'],
  busbar_refused_connections_total: ['Connections of stations that were not let in.', 'reason'],
  busbar_security_events_total: ['Events of the security record since the start, by type.', 'type'],
} as const

/** Lifetime registers: they begin anew only where a meter does. Labels in this order. */
export const REGISTERS = {
  busbar_connector_energy_watthours_total: ["The station's own lifetime register.", ['station', 'connector']],
  busbar_circuit_energy_watthours_total: ["Lifetime register of the circuit's meter.", ['circuit']],
} as const

type MetricName = keyof typeof METRICS

export function createMetrics(sources: MetricSources): () => Promise<string> {
  const registry = new Registry()
  const gauges = new Map<MetricName, Gauge>()
  for (const [name, [help, labelNames]] of Object.entries(METRICS)) {
    gauges.set(
      metricName(name),
      new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] }),
    )
  }
  const set = (name: MetricName, labels: Record<string, string | number>, value: number): void =>
    gauges.get(name)?.set(labels, value)
  const count = {
    ocpp: counter(registry, 'busbar_ocpp_total'),
    modbus: counter(registry, 'busbar_modbus_total'),
    storage: counter(registry, 'busbar_storage_total'),
    refusals: counter(registry, 'busbar_refused_connections_total'),
    security: counter(registry, 'busbar_security_events_total'),
  }
  for (const times of sources.times ?? []) registry.registerMetric(times)
  const countRegisters = registerCounters(registry)
  const countMirrors = mirrorCounter(registry)
  const countMeters = meterCounter(registry)
  return async () => {
    for (const gauge of gauges.values()) gauge.reset()
    const view = sources.view()
    fill(view, set)
    countRegisters(view)
    fillBacklog(sources, set)
    count.storage(Object.entries(sources.storage()))
    count.ocpp(Object.entries(sources.ocpp() ?? {}))
    count.modbus(Object.entries(sources.modbus() ?? {}))
    count.refusals(sources.refusals())
    count.security(sources.securityEvents())
    countMirrors(sources.mirrors())
    countMeters(sources.meters())
    for (const [meter, { latencyMs }] of sources.meters())
      for (const [kind, ms] of Object.entries(latencyMs ?? {}))
        set('busbar_meter_latency_seconds', { meter, kind }, ms / 1000)
    const own = await registry.metrics()
    return sources.process === undefined ? own : `${own}\n${await sources.process()}`
  }
}

function fill(
  view: SiteView,
  set: (name: MetricName, labels: Record<string, string | number>, value: number) => void,
): void {
  for (const circuit of view.circuits) {
    set('busbar_circuit_limit_amperes', { circuit: circuit.id }, circuit.limitA)
    if (circuit.powerW !== undefined)
      set('busbar_circuit_power_watts', { circuit: circuit.id }, circuit.powerW)
    for (const index of PHASE_INDEXES) {
      const labels = { circuit: circuit.id, phase: PHASE_NAMES[index] }
      if (circuit.measuredA !== undefined)
        set('busbar_circuit_measured_amperes', labels, circuit.measuredA[index])
      set('busbar_circuit_other_load_amperes', labels, circuit.otherLoadA[index])
      set('busbar_circuit_booked_amperes', labels, circuit.bookedA[index])
    }
  }
  for (const station of view.stations) {
    set('busbar_station_connected', { station: station.id }, station.connected ? 1 : 0)
    set('busbar_station_profile_writes_day', { station: station.id }, station.profileWrites)
    for (const connector of station.connectors) {
      const labels = { station: station.id, connector: connector.id }
      if (connector.allocationA !== undefined)
        set('busbar_connector_allocation_amperes', labels, connector.allocationA)
      set('busbar_connector_booked_amperes', labels, connector.bookedA)
      if (connector.powerW !== undefined) set('busbar_connector_power_watts', labels, connector.powerW)
      for (const index of connector.measuredA === undefined ? [] : PHASE_INDEXES)
        set(
          'busbar_connector_measured_amperes',
          { ...labels, phase: PHASE_NAMES[index] },
          connector.measuredA?.[index] ?? 0,
        )
    }
  }
  for (const { id: station, notConfigured = [] } of view.stations)
    for (const { connectorId: connector, bookedA } of notConfigured)
      set('busbar_unconfigured_connector_booked_amperes', { station, connector }, bookedA)
  for (const { id: station, bookedA } of view.retiredStations)
    set('busbar_retired_station_booked_amperes', { station }, Math.max(...bookedA))
  for (const { id: meter, quality, fault } of view.meters) {
    set('busbar_meter_quality', { meter }, QUALITY[quality])
    if (fault !== undefined) set('busbar_meter_fault', { meter, fault: kindOf(fault) }, 1)
  }
  for (const { id, connected, upstream, csms } of view.stations) {
    if (connected && upstream === 'away')
      set('busbar_csms_link_down', { station: id, reason: csms.reason ?? 'not tried yet' }, 1)
  }
  set('busbar_csms_links_open', {}, view.csms.openLinks)
  set('busbar_csms_waiting_messages', {}, view.csms.waitingMessages)
  for (const { id: mirror, openLinks, wantedLinks, waitingMessages } of view.csms.mirrors ?? []) {
    set('busbar_mirror_links_open', { mirror }, openLinks)
    set('busbar_mirror_links_wanted', { mirror }, wantedLinks)
    set('busbar_mirror_waiting_messages', { mirror }, waitingMessages)
  }
  set('busbar_mqtt_connected', {}, view.mqtt.state === 'connected' ? 1 : 0)
  if (view.mqtt.state === 'away') set('busbar_mqtt_down', { reason: view.mqtt.reason ?? 'not tried yet' }, 1)
  const byCode = new Map<string, number>(ALARM_CODES.map(code => [code, 0]))
  for (const { code } of view.alarms) byCode.set(code, (byCode.get(code) ?? 0) + 1)
  for (const [code, count] of byCode) set('busbar_alarms', { code }, count)
}

function fillBacklog(
  sources: Pick<MetricSources, 'backlog' | 'nowWallMs'>,
  set: (name: MetricName, labels: Record<string, string | number>, value: number) => void,
): void {
  for (const one of sources.backlog()) {
    const station = { station: one.stationId }
    const ageMs = one.oldestWallMs === undefined ? 0 : Math.max(0, sources.nowWallMs() - one.oldestWallMs)
    set('busbar_station_waiting_messages', station, one.waiting)
    set('busbar_station_waiting_bytes', station, one.bytes)
    set('busbar_station_waiting_age_seconds', station, ageMs / 1000)
    set('busbar_station_dead_letters', station, one.deadLetters)
    set('busbar_station_open_transactions', station, one.openTransactions)
    set('busbar_station_mapped_transactions', station, one.mappedTransactions)
    set('busbar_station_shed_meter_values', station, one.shed?.count ?? 0)
    set('busbar_station_offline_energy_watthours', station, one.energy.offlineWh)
    set('busbar_station_accepted_energy_watthours', station, one.energy.acceptedWh)
  }
}

/** "not plausible: 9000 A" without its numbers: labels must not grow with every value. */
function kindOf(fault: string): string {
  return fault.split(':', 1)[0] ?? fault
}

/** Takes totals as they stand elsewhere; by design they never fall. */
function counter(
  registry: Registry,
  name: keyof typeof COUNTERS,
): (totals: Iterable<readonly [string, number]>) => void {
  const [help, label] = COUNTERS[name]
  const metric = new Counter({ name, help, labelNames: [label], registers: [registry] })
  return totals => {
    metric.reset()
    for (const [value, total] of totals) metric.inc({ [label]: value }, total)
  }
}

function registerCounters(registry: Registry): (view: SiteView) => void {
  const named = (name: keyof typeof REGISTERS): Counter => {
    const [help, labelNames] = REGISTERS[name]
    return new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })
  }
  const ofConnectors = named('busbar_connector_energy_watthours_total')
  const ofCircuits = named('busbar_circuit_energy_watthours_total')
  return ({ circuits, stations }) => {
    ofConnectors.reset()
    ofCircuits.reset()
    // a sum of stations falls when one is removed
    for (const { id: circuit, meterId, importWh } of circuits)
      if (meterId !== undefined && importWh !== undefined) ofCircuits.inc({ circuit }, Math.max(0, importWh))
    for (const { id: station, connectors } of stations)
      for (const { id: connector, importWh } of connectors)
        if (importWh !== undefined) ofConnectors.inc({ station, connector }, Math.max(0, importWh))
  }
}

function mirrorCounter(registry: Registry): (mirrors: readonly MirrorStatus[]) => void {
  const help = 'Totals of each mirror of the CSMS by kind.'
  const labelNames = ['mirror', 'kind']
  const metric = new Counter({ name: 'busbar_mirror_total', help, labelNames, registers: [registry] })
  return mirrors => {
    metric.reset()
    for (const { id: mirror, totals } of mirrors)
      for (const [kind, total] of Object.entries(totals)) metric.inc({ mirror, kind }, total)
  }
}

function meterCounter(registry: Registry): (meters: ReadonlyMap<string, MeterTraffic>) => void {
  const help = 'Totals of the line to each meter by kind; exceptions by their code.'
  const labelNames = ['meter', 'kind']
  const metric = new Counter({ name: 'busbar_meter_total', help, labelNames, registers: [registry] })
  return meters => {
    metric.reset()
    for (const [meter, { requests, timeouts, crcErrors, staleReplies, failures, exceptions }] of meters) {
      const totals = { requests, timeouts, crcErrors, staleReplies, failures }
      for (const [kind, total] of Object.entries(totals)) metric.inc({ meter, kind }, total)
      for (const [code, total] of Object.entries(exceptions))
        metric.inc({ meter, kind: `exception ${code}` }, total)
    }
  }
}

function metricName(name: string): MetricName {
  if (isMetricName(name)) return name
  throw new Error(`${name} is no metric`)
}

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name)
}
