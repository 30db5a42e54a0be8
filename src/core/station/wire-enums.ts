/**
 * Closed sets of values in what a station sends (OCPP 1.6 §7), by message and field, with what some stations write
 * instead (facts/ocpp16.md §6 row 7). Data only.
 */
import type { ConnectorStatus } from '../events.js'

/** ChargePointStatus (§7.7). */
export const CONNECTOR_STATUSES = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEVSE',
  'SuspendedEV',
  'Finishing',
  'Reserved',
  'Unavailable',
  'Faulted',
] as const satisfies readonly ConnectorStatus[]

/** Fields that hold one value of a closed set (OCPP 1.6 §7), and what stations write instead. */
export const ENUMS: Readonly<
  Record<string, { readonly values: readonly string[]; readonly instead?: Readonly<Record<string, string>> }>
> = {
  'StatusNotification.status': { values: CONNECTOR_STATUSES },
  'StatusNotification.errorCode': {
    values: [
      'ConnectorLockFailure',
      'EVCommunicationError',
      'GroundFailure',
      'HighTemperature',
      'InternalError',
      'LocalListConflict',
      'NoError',
      'OtherError',
      'OverCurrentFailure',
      'OverVoltage',
      'PowerMeterFailure',
      'PowerSwitchFailure',
      'ReaderFailure',
      'ResetFailure',
      'UnderVoltage',
      'WeakSignal',
    ],
    instead: { error: 'OtherError', none: 'NoError', '': 'NoError' },
  },
  'StopTransaction.reason': {
    values: [
      'DeAuthorized',
      'EmergencyStop',
      'EVDisconnected',
      'HardReset',
      'Local',
      'Other',
      'PowerLoss',
      'Reboot',
      'Remote',
      'SoftReset',
      'UnlockCommand',
    ],
  },
  'DiagnosticsStatusNotification.status': { values: ['Idle', 'Uploaded', 'UploadFailed', 'Uploading'] },
  'FirmwareStatusNotification.status': {
    values: [
      'Downloaded',
      'DownloadFailed',
      'Downloading',
      'Idle',
      'InstallationFailed',
      'Installing',
      'Installed',
    ],
  },
}

/** Fields of a sampledValue (§7.43). */
export const SAMPLED_ENUMS: Readonly<Record<string, readonly string[]>> = {
  context: [
    'Interruption.Begin',
    'Interruption.End',
    'Sample.Clock',
    'Sample.Periodic',
    'Transaction.Begin',
    'Transaction.End',
    'Trigger',
    'Other',
  ],
  format: ['Raw', 'SignedData'],
  measurand: [
    'Energy.Active.Export.Register',
    'Energy.Active.Import.Register',
    'Energy.Reactive.Export.Register',
    'Energy.Reactive.Import.Register',
    'Energy.Active.Export.Interval',
    'Energy.Active.Import.Interval',
    'Energy.Reactive.Export.Interval',
    'Energy.Reactive.Import.Interval',
    'Power.Active.Export',
    'Power.Active.Import',
    'Power.Offered',
    'Power.Reactive.Export',
    'Power.Reactive.Import',
    'Power.Factor',
    'Current.Import',
    'Current.Export',
    'Current.Offered',
    'Voltage',
    'Frequency',
    'Temperature',
    'SoC',
    'RPM',
  ],
  phase: ['L1', 'L2', 'L3', 'N', 'L1-N', 'L2-N', 'L3-N', 'L1-L2', 'L2-L3', 'L3-L1'],
  location: ['Cable', 'EV', 'Inlet', 'Outlet', 'Body'],
  unit: [
    'Wh',
    'kWh',
    'varh',
    'kvarh',
    'W',
    'kW',
    'VA',
    'kVA',
    'var',
    'kvar',
    'A',
    'V',
    'K',
    'Celcius',
    'Celsius',
    'Fahrenheit',
    'Percent',
  ],
}
