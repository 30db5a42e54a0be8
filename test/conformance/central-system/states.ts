/**
 * The reusable states of the test plan (facts/ocpp16.md §5): Booted, Authorized, Charging, and the steps between them,
 * each with the checks that belong to it. Must not know any case.
 */
import { type Fields, holds, same } from '../check.js'
import type { Rig } from './rig.js'

export type ConnectorStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEV'
  | 'SuspendedEVSE'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'

const METER_START_WH = 1_000
const METER_STOP_WH = 3_500

/** >Boot(Accepted), nothing else. */
export async function boot({ station }: Rig): Promise<Fields> {
  const conf = await station.call('BootNotification', {
    chargePointVendor: 'Scripted',
    chargePointModel: 'Case',
    chargePointSerialNumber: station.id,
    firmwareVersion: '1.0',
  })
  same(conf.status, 'Accepted', 'BootNotification.conf status')
  holds(conf.interval >= 0, `interval ${conf.interval}`)
  return conf
}

/** Connected, >Boot(Accepted) >SN(Available) for 0 and the connector. */
export async function booted(rig: Rig, after: ConnectorStatus = 'Available'): Promise<void> {
  await rig.station.connect()
  await boot(rig)
  await notify(rig, 'Available', { connectorId: 0 })
  await notify(rig, after)
}

/** >SN(status) on the connector. */
export async function notify(
  { station }: Rig,
  status: ConnectorStatus,
  more: { readonly connectorId?: number; readonly errorCode?: string } = {},
): Promise<void> {
  const { connectorId = 1, errorCode = 'NoError' } = more
  await station.call('StatusNotification', {
    connectorId,
    errorCode,
    status,
    timestamp: station.timestamp(),
  })
}

/** >Auth, judged as expected. */
export async function authorize(
  { station }: Rig,
  idTag: string,
  expected: 'Accepted' | 'Invalid' | 'Blocked' | 'Expired' = 'Accepted',
): Promise<Fields> {
  const { idTagInfo } = await station.call('Authorize', { idTag })
  same(idTagInfo.status, expected, 'Authorize.conf idTagInfo.status')
  return idTagInfo
}

export interface Start {
  readonly idTag: string
  readonly agoMs?: number
  readonly reservationId?: number
  readonly expected?: 'Accepted' | 'Invalid'
}

/** >Start; gives the transaction id. */
export async function start({ station }: Rig, how: Start): Promise<number> {
  const { idTag, agoMs = 0, reservationId, expected = 'Accepted' } = how
  const startedMs = station.wallMs() - agoMs
  const { idTagInfo, transactionId } = await station.call('StartTransaction', {
    connectorId: 1,
    idTag,
    meterStart: METER_START_WH,
    timestamp: new Date(startedMs).toISOString(),
    ...(reservationId !== undefined && { reservationId }),
  })
  same(idTagInfo.status, expected, 'StartTransaction.conf idTagInfo.status')
  holds(transactionId > 0, `transactionId ${transactionId} is not positive`)
  station.transaction = { id: transactionId, startedMs }
  return transactionId
}

export interface Stop {
  readonly transactionId: number
  readonly reason: string
  readonly idTag?: string
  readonly agoMs?: number
}

/** >Stop(reason). */
export async function stop({ station }: Rig, how: Stop): Promise<void> {
  const { transactionId, reason, idTag, agoMs = 0 } = how
  const conf = await station.call('StopTransaction', {
    transactionId,
    reason,
    meterStop: METER_STOP_WH,
    timestamp: station.timestamp(agoMs),
    ...(idTag !== undefined && { idTag }),
  })
  // From here on, and not before, the Central System knows that it is over.
  station.transaction = undefined
  station.profiles.ended()
  if (conf.idTagInfo !== undefined)
    same(conf.idTagInfo.status, 'Accepted', 'StopTransaction.conf idTagInfo.status')
}

/** Authorized, >SN(Preparing) >Start(Accepted) >SN(Charging); gives the transaction id. */
export async function charging(rig: Rig, idTag = rig.tags.valid): Promise<number> {
  await authorize(rig, idTag)
  await notify(rig, 'Preparing')
  const transactionId = await start(rig, { idTag })
  await notify(rig, 'Charging')
  return transactionId
}

/** >Stop >SN(Finishing) >SN(Available). */
export async function ended(rig: Rig, how: Stop): Promise<void> {
  await stop(rig, how)
  await notify(rig, 'Finishing')
  await notify(rig, 'Available')
}

/** The line is gone, the station starts anew: >Boot >SN. */
export async function rebooted(rig: Rig, after: ConnectorStatus = 'Available'): Promise<void> {
  rig.station.cut()
  await rig.station.pause(REBOOT_MS)
  await booted(rig, after)
}

const REBOOT_MS = 5_000
