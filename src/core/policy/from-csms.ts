/**
 * What happens to a CALL from the CSMS: one line per action. Charging profiles are the desk's (control rule 8),
 * remote commands get their ids mapped, a local list is kept here for a station that has none, all else goes to the
 * station unchanged. The last column is the answer while
 * the link is only open to drain the journal and the station is gone (proxy rule 5).
 */

export type CsmsRoute =
  | 'forward'
  | 'set-profile'
  | 'clear-profile'
  | 'composite'
  | 'remote-start'
  | 'remote-stop'
  | 'send-list'
  | 'list-version'

/** What Busbar keeps of the station's conf. */
export type Mirror =
  | 'nothing'
  | 'keys-read'
  | 'key-set'
  | 'local-list'
  | 'cache-cleared'
  | 'reserved'
  | 'reservation-cancelled'

export interface FromCsmsRow {
  readonly route: CsmsRoute
  readonly mirror: Mirror
  /** `status` to answer while the station is gone; undefined = CALLERROR GenericError. */
  readonly gone: string | undefined
}

const row = (route: CsmsRoute, mirror: Mirror, gone: string | undefined): FromCsmsRow => ({
  route,
  mirror,
  gone,
})

export const FROM_CSMS: ReadonlyMap<string, FromCsmsRow> = new Map([
  ['CancelReservation', row('forward', 'reservation-cancelled', 'Rejected')],
  ['CertificateSigned', row('forward', 'nothing', 'Rejected')],
  ['ChangeAvailability', row('forward', 'nothing', 'Rejected')],
  ['ChangeConfiguration', row('forward', 'key-set', 'Rejected')],
  ['ClearCache', row('forward', 'cache-cleared', 'Rejected')],
  ['ClearChargingProfile', row('clear-profile', 'nothing', undefined)],
  ['DataTransfer', row('forward', 'nothing', 'Rejected')],
  ['DeleteCertificate', row('forward', 'nothing', 'Failed')],
  ['ExtendedTriggerMessage', row('forward', 'nothing', 'Rejected')],
  ['GetCompositeSchedule', row('composite', 'nothing', 'Rejected')],
  ['GetConfiguration', row('forward', 'keys-read', undefined)],
  ['GetDiagnostics', row('forward', 'nothing', undefined)],
  ['GetInstalledCertificateIds', row('forward', 'nothing', undefined)],
  ['GetLocalListVersion', row('list-version', 'nothing', undefined)],
  ['GetLog', row('forward', 'nothing', 'Rejected')],
  ['InstallCertificate', row('forward', 'nothing', 'Rejected')],
  ['RemoteStartTransaction', row('remote-start', 'nothing', 'Rejected')],
  ['RemoteStopTransaction', row('remote-stop', 'nothing', 'Rejected')],
  ['ReserveNow', row('forward', 'reserved', 'Rejected')],
  ['Reset', row('forward', 'nothing', 'Rejected')],
  ['SendLocalList', row('send-list', 'local-list', 'Failed')],
  ['SetChargingProfile', row('set-profile', 'nothing', 'Rejected')],
  ['SignedUpdateFirmware', row('forward', 'nothing', 'Rejected')],
  ['TriggerMessage', row('forward', 'nothing', 'Rejected')],
  ['UnlockConnector', row('forward', 'nothing', 'UnlockFailed')],
  ['UpdateFirmware', row('forward', 'nothing', undefined)],
])
