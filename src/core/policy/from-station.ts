/**
 * What happens to a CALL from a station: one line per action. Online it goes to the CSMS at once and its answer
 * comes back; the table says what Busbar learns from it and how it answers while the CSMS is away.
 * Proxy rules 2, 3, 8-14; facts/ocpp16.md §4.3 "Messages in gateway-local mode".
 */

/** `transaction`: goes through the station's transaction queue, so that order holds; `forward`: overtakes it. */
export type StationRoute = 'forward' | 'transaction'

/** What of the CSMS's conf Busbar reads before it passes it on. */
export type ConfReading = 'boot' | 'clock' | 'id-tag' | 'status' | 'nothing'

export type WhenAway =
  /** Accepted where the station was accepted before, else Pending. */
  | 'boot'
  /** Busbar's own time. */
  | 'own-clock'
  /** By the offline policy. */
  | 'authorize'
  /** Durable, answered, delivered in order later. */
  | 'queue'
  /** Answered; the latest is sent later where it differs. */
  | 'keep-status'
  /** Answered; the newest per action is sent later. */
  | 'keep-last'
  /** Kept where the vendor's model file says so, else refused: what it means is known to vendor and CSMS alone. */
  | 'vendor-data'
  /** Only the CSMS can do it. */
  | 'reject'

export interface FromStationRow {
  readonly route: StationRoute
  readonly conf: ConfReading
  readonly away: WhenAway
}

const row = (route: StationRoute, conf: ConfReading, away: WhenAway): FromStationRow => ({
  route,
  conf,
  away,
})

export const FROM_STATION: ReadonlyMap<string, FromStationRow> = new Map([
  ['Authorize', row('forward', 'id-tag', 'authorize')],
  ['BootNotification', row('forward', 'boot', 'boot')],
  ['DataTransfer', row('forward', 'nothing', 'vendor-data')],
  ['DiagnosticsStatusNotification', row('forward', 'nothing', 'keep-last')],
  ['FirmwareStatusNotification', row('forward', 'nothing', 'keep-last')],
  ['Heartbeat', row('forward', 'clock', 'own-clock')],
  ['LogStatusNotification', row('forward', 'nothing', 'keep-last')],
  ['MeterValues', row('transaction', 'nothing', 'queue')],
  ['SecurityEventNotification', row('forward', 'nothing', 'queue')],
  ['SignCertificate', row('forward', 'nothing', 'reject')],
  ['SignedFirmwareStatusNotification', row('forward', 'nothing', 'keep-last')],
  ['StartTransaction', row('transaction', 'id-tag', 'queue')],
  ['StatusNotification', row('forward', 'status', 'keep-status')],
  ['StopTransaction', row('transaction', 'id-tag', 'queue')],
])
