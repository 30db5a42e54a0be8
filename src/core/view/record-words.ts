/** The words of what is looked up later: who ended a session and why it got no more. Shapes as `record-document.ts` has them. */
import type { EnergyDay } from './energy-day.js'
import type { EnergyDayView, SessionView } from './record-document.js'
import { averageOfferA, type Ender, type SessionEntry } from './session-log.js'
import { causeName } from './why-words.js'

const ENDED: Readonly<Record<Ender, string>> = {
  driver: 'by the driver',
  station: 'by the station',
  csms: 'by the CSMS',
  operator: 'by an operator here',
  busbar: 'by Busbar: the CSMS has refused the tag',
  unknown: 'not known: no StopTransaction has come',
}

/** OCPP 1.6 §7.36, in the words of whoever stands before the station. */
const REASONS: Readonly<Record<string, string>> = {
  EVDisconnected: 'the cable was pulled',
  DeAuthorized: 'the tag was refused',
  EmergencyStop: 'emergency stop',
  HardReset: 'hard reset',
  SoftReset: 'soft reset',
  PowerLoss: 'power was lost',
  Reboot: 'it restarted',
  UnlockCommand: 'the connector was unlocked',
  Other: 'it gives no reason',
}

export function endedText(endedBy: Ender, reason: string | undefined): string {
  const why = reason !== undefined && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  return why === undefined ? ENDED[endedBy] : `${ENDED[endedBy]}: ${why}`
}

export function sessionView(entry: SessionEntry): SessionView {
  const { stationId, connectorId, transactionId, circuitId, tag, isAdopted, energyWh } = entry
  const { startedWallMs, endedWallMs, lowestOfferA, endedBy, reason, heldBack } = entry
  const average = averageOfferA(entry)
  return {
    ...{ stationId, connectorId, transactionId, circuitId, isAdopted, energyWh },
    ...(tag !== '' && { tag }),
    startedAt: iso(startedWallMs),
    ...(endedWallMs !== undefined && { endedAt: iso(endedWallMs) }),
    ...(average !== undefined && { averageOfferA: average }),
    ...(lowestOfferA !== undefined && { lowestOfferA: Math.round(lowestOfferA * 10) / 10 }),
    heldBack: heldBack
      .map(cause => ({ name: causeName(cause), ...cause, seconds: Math.round(cause.seconds) }))
      .sort((a, b) => b.seconds - a.seconds),
    ...(endedBy !== undefined && { endedBy, endedHow: endedText(endedBy, reason) }),
  }
}

export function energyDayView({ date, stations, circuits, metered }: EnergyDay): EnergyDayView {
  const wh = (sums: Readonly<Record<string, number>>, id: string): number => Math.round(sums[id] ?? 0)
  const circuitIds = [...new Set([...Object.keys(circuits), ...Object.keys(metered)])].sort()
  return {
    date,
    stations: Object.keys(stations)
      .sort()
      .map(id => ({ id, energyWh: wh(stations, id) })),
    circuits: circuitIds.map(id => ({
      ...{ id, energyWh: wh(circuits, id) },
      ...(Object.hasOwn(metered, id) && { meteredWh: wh(metered, id) }),
    })),
  }
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
