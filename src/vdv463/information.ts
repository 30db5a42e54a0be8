/**
 * The depot as VDV 463 tells it (ProvideChargingInformation, version 1.0.0): stations, points and the processes that run, kW and Wh. What is
 * not known is left out, and with it what may not be told without it. Pure.
 */
import type { ConnectorView, SiteView, StationView } from '../core/view/document.js'
import type { ChargingRequest } from './messages.js'

/** What was asked for the vehicle that charges there, and what is foreseen for it. */
export interface Plan {
  readonly presystemId: string
  readonly request: ChargingRequest
  /** Percent at its departure; undefined where nobody can reckon it. */
  readonly departureSoc?: number
  /** What was asked for and is not done, in words; `at` = when it was asked, ISO 8601. */
  readonly notDone?: { readonly text: string; readonly at: string }
}

const PROCESS = new Set(['Preparing', 'Charging', 'SuspendedEVSE', 'SuspendedEV', 'Finishing'])

export function depotInfo(
  view: SiteView,
  planOf: (stationId: string, connectorId: number) => Plan | undefined,
): object {
  const stations = view.stations.map(station => ({
    chargingStationId: station.id,
    chargingStationStatus: station.connected ? 'Available' : 'Unavailable',
    ...(station.powerW !== undefined && { totalPower: station.powerW / 1000 }),
    chargingPointInfoList: station.connectors.map(one => pointInfo(station, one, planOf(station.id, one.id))),
  }))
  return { depotInfoList: [{ depotId: view.siteId, chargingStationInfoList: stations }] }
}

function pointInfo(station: StationView, connector: ConnectorView, plan: Plan | undefined): object {
  const process = processInfo(station, connector, plan)
  return {
    chargingPointId: `${station.id}/${connector.id}`,
    chargingPointStatus: pointStatus(station, connector),
    ...(connector.powerW !== undefined && { presentPower: connector.powerW / 1000 }),
    ...(connector.importWh !== undefined && { energyMeterReading: connector.importWh }),
    ...(plan?.notDone !== undefined && { chargingPointFaultInfo: wordsOf(plan.notDone) }),
    ...(process !== undefined && { chargingProcessInfo: process }),
  }
}

/** The one place of the schema for words to a charging point; its code says that nothing is broken. */
function wordsOf({ text, at }: NonNullable<Plan['notDone']>): object {
  return { chargingPointFaultCode: 'NoFaultKnown', faultText: text, faultTimeStamp: at }
}

function pointStatus({ connected }: StationView, { status, transaction }: ConnectorView): string {
  if (!connected || status === 'Unavailable') return 'Unavailable'
  if (status === 'Faulted') return 'Faulted'
  if (status === 'Reserved') return 'Reserved'
  if (transaction !== undefined || PROCESS.has(status)) return 'Occupied'
  return status === 'Available' ? 'Available' : 'Unavailable'
}

function processInfo(
  { id }: StationView,
  { id: connectorId, status, transaction, powerW }: ConnectorView,
  plan: Plan | undefined,
): object | undefined {
  if (transaction === undefined || powerW === undefined || !PROCESS.has(status)) return undefined
  return {
    chargingProcessId: `${id}/${connectorId}/${transaction.id}`,
    processStatus: status,
    startTime: transaction.since,
    ...(plan !== undefined && {
      presystemId: plan.presystemId,
      chargingRequestId: plan.request.chargingRequestId,
    }),
    chargingPredictionData: prediction(plan),
    electricData: { chargingPower: powerW / 1000 },
    deliveredEnergy: transaction.energyWh,
  }
}

function prediction(plan: Plan | undefined): object {
  const departure = plan?.request.chargingRequestData.requestedTimeForDeparture
  if (plan?.departureSoc === undefined || departure === undefined) return {}
  return {
    chargingPredictionDataDepartureTime: {
      predictedDepartureTimeSoc: plan.departureSoc,
      predictedTime: departure,
    },
  }
}
