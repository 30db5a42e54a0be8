/**
 * SetChargingProfile, ClearChargingProfile and GetCompositeSchedule as a simulated station answers them
 * (OCPP 1.6 §5.5, §5.7, §5.16). Must not know how a limit reaches the car.
 */
import {
  answered,
  type Command,
  type CommandHost,
  command,
  type Reaction,
  refused,
  status,
} from './commands.js'
import { compositePeriods } from './composite.js'
import { type RateUnit, type RequestOf, requests } from './requests.js'

export const smartCommands: Readonly<Record<string, Command>> = {
  SetChargingProfile: command(requests.SetChargingProfile, setProfile),
  ClearChargingProfile: command(requests.ClearChargingProfile, (host, filter) => {
    const cleared = host.profiles.clear(filter)
    return status(cleared > 0 ? 'Accepted' : 'Unknown', () => host.limitsChanged())
  }),
  GetCompositeSchedule: command(requests.GetCompositeSchedule, compositeSchedule),
}

function setProfile(host: CommandHost, request: RequestOf<'SetChargingProfile'>): Reaction {
  const verdict = host.profiles.set(request, {
    nowMs: host.wallMs(),
    connectorCount: host.connectors.length,
    transaction: host.connectors[request.connectorId - 1]?.transaction(),
  })
  if (verdict === 'PropertyConstraintViolation')
    return refused(verdict, 'chargingRateUnit or connectorId is not one of this station')
  return status(verdict, () => host.limitsChanged())
}

function compositeSchedule(host: CommandHost, request: RequestOf<'GetCompositeSchedule'>): Reaction {
  const units: readonly RateUnit[] = host.model.smartCharging.rateUnits
  const unit = request.chargingRateUnit ?? units[0] ?? 'A'
  if (!units.includes(unit)) return refused('PropertyConstraintViolation', `no schedules in ${unit}`)
  if (request.connectorId > host.connectors.length) return status('Rejected')
  const connectors = host.connectors.map(connector => ({
    ...connector.electrics,
    startedMs: connector.transaction()?.startedMs,
  }))
  const nowMs = host.wallMs()
  const { connectorId, duration } = request
  const periods = compositePeriods(host.profiles, connectors, {
    connectorId,
    durationS: duration,
    unit,
    nowMs,
  })
  return answered({
    status: 'Accepted',
    connectorId,
    scheduleStart: new Date(Math.floor(nowMs / 1000) * 1000).toISOString(),
    // No startSchedule inside (errata 3.57).
    chargingSchedule: { duration, chargingRateUnit: unit, chargingSchedulePeriod: periods },
  })
}
