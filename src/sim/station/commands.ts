/**
 * What a simulated station does with each CALL of the CSMS (OCPP 1.6 §5): one entry per action. Smart charging is in
 * smart-commands.ts. Must not know sockets: it gives the answer, and what to do after the answer has left.
 */
import { z } from 'zod'
import type { ErrorCode } from '../../core/answer.js'
import type { StationModel } from '../../core/config/station-model.js'
import type { WireAnswer } from '../framing.js'
import type { Authorization } from './authorization.js'
import type { CertificateStore } from './certificate-store.js'
import type { Configuration } from './configuration.js'
import type { Connector } from './connector.js'
import type { Maintenance } from './maintenance.js'
import type { ProfileStack } from './profiles.js'
import type { RegistrationState } from './registration.js'
import { type RequestOf, refusal, requests } from './requests.js'
import type { VendorFeatures } from './vendor-features.js'

/** The station as its commands see it. */
export interface CommandHost {
  readonly vendor: VendorFeatures
  readonly model: StationModel
  readonly configuration: Configuration
  readonly authorization: Authorization
  readonly profiles: ProfileStack
  readonly connectors: readonly Connector[]
  /** A fixed cable cannot be unlocked. */
  readonly fixedCable: boolean
  wallMs(): number
  registration(): RegistrationState
  boot(): void
  heartbeat(): void
  notifyStatus(connectorId: number): void
  setOperative(operative: boolean): void
  sendNow(action: string, payload: object): void
  reset(kind: 'Hard' | 'Soft'): void
  readonly maintenance: Maintenance
  readonly certificates: CertificateStore
  /** Drops the line, and dials anew. */
  reconnect(): void
  unlockFails(): boolean
  limitsChanged(): void
}

export interface Reaction {
  readonly answer: WireAnswer
  /** Done after the answer has left. */
  readonly after?: () => void
}

export type Command = (host: CommandHost, payload: unknown) => Reaction

/** A command with its request schema. */
export function command<T>(schema: z.ZodType<T>, run: (host: CommandHost, request: T) => Reaction): Command {
  return (host, payload) => {
    const request = schema.safeParse(payload)
    return request.success ? run(host, request.data) : { answer: refusal(request.error) }
  }
}

export function answered(payload: object, after?: () => void): Reaction {
  return { answer: { kind: 'result', payload }, ...(after ? { after } : {}) }
}

export function status(value: string, after?: () => void): Reaction {
  return answered({ status: value }, after)
}

export function refused(code: ErrorCode, description: string): Reaction {
  return { answer: { kind: 'error', code, description } }
}

export const coreCommands: Readonly<Record<string, Command>> = {
  CancelReservation: command(requests.CancelReservation, (host, { reservationId }) =>
    status(
      host.connectors.some(connector => connector.cancelReservation(reservationId)) ? 'Accepted' : 'Rejected',
    ),
  ),
  ChangeAvailability: command(requests.ChangeAvailability, changeAvailability),
  ChangeConfiguration: command(requests.ChangeConfiguration, (host, { key, value }) =>
    status(host.configuration.change(key, value)),
  ),
  ClearCache: command(requests.ClearCache, host =>
    status(host.authorization.clearCache() ? 'Accepted' : 'Rejected'),
  ),
  DataTransfer: command(requests.DataTransfer, dataTransfer),
  GetConfiguration: command(requests.GetConfiguration, (host, { key }) =>
    answered(host.configuration.read(key ?? [])),
  ),
  GetLocalListVersion: command(requests.GetLocalListVersion, host =>
    answered({ listVersion: host.authorization.listVersion() }),
  ),
  RemoteStartTransaction: command(requests.RemoteStartTransaction, remoteStart),
  RemoteStopTransaction: command(requests.RemoteStopTransaction, (host, { transactionId }) => {
    const running = host.connectors.find(connector => connector.transaction()?.id === transactionId)
    if (!running || host.registration() !== 'Accepted') return status('Rejected')
    return status('Accepted', () => running.endTransaction('Remote'))
  }),
  ReserveNow: command(requests.ReserveNow, reserveNow),
  Reset: command(requests.Reset, (host, { type }) => status('Accepted', () => host.reset(type))),
  SendLocalList: command(requests.SendLocalList, (host, request) =>
    status(host.authorization.sendLocalList(request)),
  ),
  ExtendedTriggerMessage: command(requests.ExtendedTriggerMessage, trigger),
  TriggerMessage: command(requests.TriggerMessage, trigger),
  UnlockConnector: command(requests.UnlockConnector, (host, { connectorId }) => {
    const connector = host.connectors.find(({ id }) => id === connectorId)
    if (!connector || host.fixedCable) return status('NotSupported')
    if (host.unlockFails()) return status('UnlockFailed')
    return status('Unlocked', () => connector.unlock())
  }),
}

/** Connector 0 only where ReserveConnectorZeroSupported says so: the last free one is kept for the tag (§5.13). */
function reserveNow(host: CommandHost, request: RequestOf<'ReserveNow'>): Reaction {
  const { connectors } = host
  if (request.connectorId > 0) {
    const connector = connectors.find(({ id }) => id === request.connectorId)
    return status(connector ? connector.reserve(request) : 'Rejected')
  }
  if (!host.configuration.flag('ReserveConnectorZeroSupported', false)) return status('Rejected')
  const refusals = new Set<string>()
  for (const connector of connectors.toReversed()) {
    const verdict = connector.reserve(request)
    if (verdict === 'Accepted') return status(verdict)
    refusals.add(verdict)
  }
  const worst = ['Occupied', 'Unavailable', 'Faulted'].find(name => refusals.has(name))
  return status(worst ?? 'Rejected')
}

function changeAvailability(host: CommandHost, request: RequestOf<'ChangeAvailability'>): Reaction {
  const operative = request.type === 'Operative'
  const named = host.connectors.filter(({ id }) => request.connectorId === 0 || request.connectorId === id)
  if (named.length === 0) return status('Rejected')
  const scheduled = named.some(connector => connector.transaction() !== undefined)
  return status(scheduled ? 'Scheduled' : 'Accepted', () => {
    if (request.connectorId === 0) host.setOperative(operative)
    for (const connector of named) connector.changeAvailability(operative)
  })
}

/** Table 4.6 of seed 001: WEMOB's silent mode, `data` an array and not text; without data the schedule is removed. */
const silentSchedule = z
  .array(
    z.object({
      startPeriod: z.number().int().min(0).max(86400),
      enable: z.union([z.literal(0), z.literal(1)]),
    }),
  )
  .optional()

function dataTransfer(host: CommandHost, request: RequestOf<'DataTransfer'>): Reaction {
  if (!host.model.affectsLimits.includes('SilentModeSchedule')) return status('UnknownVendorId')
  // This model does not look at the vendorId (4.4.3.1).
  if (request.messageId !== 'SilentModeSchedule') return status('UnknownMessageId')
  const periods = silentSchedule.safeParse(request.data)
  if (!periods.success) return status('Rejected')
  host.vendor.schedule(periods.data ?? [])
  return status('Accepted')
}

function remoteStart(host: CommandHost, request: RequestOf<'RemoteStartTransaction'>): Reaction {
  const { idTag, connectorId, chargingProfile: profile } = request
  if (host.registration() !== 'Accepted') return status('Rejected')
  const fits = profile?.chargingProfilePurpose === 'TxProfile' && profile.transactionId === undefined
  if (profile && !fits) return status('Rejected')
  const free = host.connectors.filter(connector => !connector.transaction())
  const connector =
    connectorId === undefined
      ? (free.find(({ id }) => host.connectors[id - 1]?.car()) ?? free[0])
      : free.find(({ id }) => id === connectorId)
  return status(connector ? connector.remoteStart(idTag, profile) : 'Rejected')
}

/** Signed by nobody: who reads it is a simulated CSMS. */
const CSR = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'

function trigger(
  host: CommandHost,
  request: RequestOf<'TriggerMessage'> | RequestOf<'ExtendedTriggerMessage'>,
): Reaction {
  const { connectorId } = request
  if (connectorId !== undefined && connectorId > host.connectors.length) return status('Rejected')
  const named = host.connectors.filter(({ id }) => connectorId === undefined || connectorId === id)
  return status('Accepted', () => {
    switch (request.requestedMessage) {
      case 'BootNotification':
        return host.boot()
      case 'Heartbeat':
        return host.heartbeat()
      case 'MeterValues':
        for (const connector of named) connector.sample('Trigger')
        return
      case 'StatusNotification':
        if (connectorId === undefined || connectorId === 0) host.notifyStatus(0)
        for (const { id } of named) host.notifyStatus(id)
        return
      case 'DiagnosticsStatusNotification':
      case 'FirmwareStatusNotification':
      case 'LogStatusNotification':
        return host.sendNow(request.requestedMessage, { status: 'Idle' })
      case 'SignChargePointCertificate':
        return host.sendNow('SignCertificate', { csr: CSR })
    }
  })
}
