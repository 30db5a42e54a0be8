/**
 * /metrics: what the site view and the edges' counters say, in Prometheus text. Read on demand; nothing is counted
 * here. Ids are labels; idTags never are.
 */
import { Gauge, Registry } from 'prom-client'
import { PHASE_INDEXES, PHASE_NAMES } from '../core/site/phases.js'
import type { SiteView } from '../core/view/document.js'
import type { OcppCounters } from '../ocpp/edge.js'

export interface MetricSources {
  view(): SiteView
  ocpp(): OcppCounters | undefined
  modbus(): Readonly<Record<string, number>> | undefined
}

const QUALITY = { fresh: 2, stale: 1, absent: 0 } as const

/** Name, help and labels of every metric; the README lists them from here. */
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
  busbar_station_connected: ['1 while the station has a connection here.', ['station']],
  busbar_station_profile_writes_day: ['SetChargingProfile CALLs in the last 24 h.', ['station']],
  busbar_meter_quality: ['2 fresh, 1 stale, 0 absent.', ['meter']],
  busbar_csms_links_open: ['Stations whose upstream socket is open.', []],
  busbar_csms_waiting_messages: ['Transaction messages kept for the CSMS.', []],
  busbar_mqtt_connected: ['1 while the broker is connected.', []],
  busbar_alarms: ['Degraded modes that hold now, by kind.', ['code']],
  busbar_ocpp_total: ['Totals of the OCPP edge by kind.', ['kind']],
  busbar_modbus_total: ['Totals of the Modbus edge by kind.', ['kind']],
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
  return async () => {
    for (const gauge of gauges.values()) gauge.reset()
    fill(sources.view(), set)
    for (const [kind, total] of Object.entries(sources.ocpp() ?? {}))
      set('busbar_ocpp_total', { kind }, total)
    for (const [kind, total] of Object.entries(sources.modbus() ?? {}))
      set('busbar_modbus_total', { kind }, total)
    return registry.metrics()
  }
}

function fill(
  view: SiteView,
  set: (name: MetricName, labels: Record<string, string | number>, value: number) => void,
): void {
  for (const circuit of view.circuits) {
    set('busbar_circuit_limit_amperes', { circuit: circuit.id }, circuit.limitA)
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
    }
  }
  for (const meter of view.meters) set('busbar_meter_quality', { meter: meter.id }, QUALITY[meter.quality])
  set('busbar_csms_links_open', {}, view.csms.openLinks)
  set('busbar_csms_waiting_messages', {}, view.csms.waitingMessages)
  set('busbar_mqtt_connected', {}, view.mqtt.state === 'connected' ? 1 : 0)
  const byCode = new Map<string, number>()
  for (const { code } of view.alarms) byCode.set(code, (byCode.get(code) ?? 0) + 1)
  for (const [code, count] of byCode) set('busbar_alarms', { code }, count)
}

function metricName(name: string): MetricName {
  if (isMetricName(name)) return name
  throw new Error(`${name} is no metric`)
}

function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name)
}
