/**
 * What a Sparkplug host sees of a site: metrics of the edge node for site, circuits and meters, and of a device for each station. Names are
 * the keys of the status document; per-phase values by site phase. The same configuration gives the same names, whatever is known. Pure.
 */
import { PHASE_NAMES } from '../../core/site/phases.js'
import type {
  CircuitView,
  ConnectorView,
  MeterView,
  SiteView,
  StationView,
} from '../../core/view/document.js'
import { encoded } from '../topics.js'
import type { Metric } from './payload.js'

export interface Device {
  /** As one level of a topic. */
  readonly id: string
  readonly metrics: readonly Metric[]
}

type Amount = number | undefined

const UNIT = /(A|V|Wh|W)$/

/** Its unit is the end of its name. */
function amount(name: string, value: Amount, unit = UNIT.exec(name)?.[1]): Metric {
  const rounded = value === undefined ? undefined : Math.round(value * 100) / 100
  return { name, type: 'Double', value: rounded, ...(unit !== undefined && { unit }) }
}

function perPhase(name: string, values: readonly Amount[] | undefined): readonly Metric[] {
  const unit = UNIT.exec(name)?.[1]
  return PHASE_NAMES.map((phase, at) => amount(`${name}/${phase}`, values?.[at], unit))
}

const word = (name: string, value: string | undefined): Metric => ({ name, type: 'String', value })
const count = (name: string, value: Amount): Metric => ({ name, type: 'Int64', value: wholeOf(value) })
const flag = (name: string, value: boolean): Metric => ({ name, type: 'Boolean', value })
const time = (name: string, value: string | undefined): Metric => ({
  name,
  type: 'DateTime',
  value: value === undefined ? undefined : wholeOf(Date.parse(value)),
})

/** What has no place in the type is not known. */
function wholeOf(value: Amount): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** Of the edge node. */
export function nodeMetrics(view: SiteView): readonly Metric[] {
  const { alarms, csms, mode, stations } = view
  return [
    word('Site/mode', mode),
    count('Site/alarmCount', alarms.length),
    count('Site/stationCount', stations.length),
    count('Site/connectedStationCount', stations.filter(({ connected }) => connected).length),
    count('Site/limitCount', view.limits.length),
    word('Site/csmsState', csms.state),
    count('Site/waitingMessages', csms.waitingMessages),
    ...view.circuits.flatMap(circuitMetrics),
    ...view.meters.flatMap(meterMetrics),
  ]
}

function circuitMetrics(circuit: CircuitView): readonly Metric[] {
  const name = (key: string): string => `Circuits/${circuit.id}/${key}`
  return [
    amount(name('ratedCurrentA'), circuit.ratedCurrentA),
    amount(name('limitA'), circuit.limitA),
    amount(name('offeredA'), circuit.offeredA),
    ...perPhase(name('measuredA'), circuit.measuredA),
    ...perPhase(name('otherLoadA'), circuit.otherLoadA),
    ...perPhase(name('bookedA'), circuit.bookedA),
    ...perPhase(name('headroomA'), circuit.headroomA),
    amount(name('powerW'), circuit.powerW),
    amount(name('importWh'), circuit.importWh),
  ]
}

function meterMetrics(meter: MeterView): readonly Metric[] {
  const name = (key: string): string => `Meters/${meter.id}/${key}`
  return [
    word(name('quality'), meter.quality),
    ...perPhase(name('currentA'), meter.currentA),
    ...perPhase(name('voltageV'), meter.voltageV),
    amount(name('totalPowerW'), meter.totalPowerW),
    amount(name('importWh'), meter.importWh),
  ]
}

/** Undefined while the station is not here: then its device is dead, and what it said last is nobody's value. */
export function deviceOf(station: StationView): Device | undefined {
  if (!station.connected) return undefined
  const metrics = [
    word('name', station.name),
    word('bay', station.bay),
    word('device', station.device),
    word('circuitId', station.circuitId),
    word('csmsState', station.csms.state),
    amount('powerW', station.powerW),
    amount('importWh', station.importWh),
    ...station.connectors.flatMap(connectorMetrics),
  ]
  return { id: encoded(station.id), metrics }
}

function connectorMetrics(connector: ConnectorView): readonly Metric[] {
  const name = (key: string): string => `Connectors/${connector.id}/${key}`
  const { transaction } = connector
  return [
    word(name('status'), connector.status),
    word(name('errorCode'), connector.errorCode),
    flag(name('isInSession'), transaction !== undefined),
    time(name('sessionSince'), transaction?.since),
    amount(name('sessionEnergyWh'), transaction?.energyWh),
    amount(name('allocationA'), connector.allocationA),
    amount(name('bookedA'), connector.bookedA),
    amount(name('maxCurrentA'), connector.maxCurrentA),
    amount(name('failSafeCurrentA'), connector.failSafeCurrentA),
    ...perPhase(name('measuredA'), connector.measuredA),
    amount(name('powerW'), connector.powerW),
    amount(name('importWh'), connector.importWh),
    word(name('why'), connector.why.text),
  ]
}
