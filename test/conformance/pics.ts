/**
 * The Protocol Implementation Conformance Statement of seed 002 (A.1, A.2, A.4) filled in for Busbar. Which feature
 * profile is supported follows from the cases that passed; the rest is said here, with the reason where it is "no".
 */
import type { FeatureProfile } from './case.js'
import type { Figure } from './figures.js'
import type { ReportedCase } from './report.js'

export interface PicsRow {
  readonly name: string
  readonly value: string
  readonly remark?: string
}

export interface PicsSection {
  readonly title: string
  readonly rows: readonly PicsRow[]
}

const A1: readonly (readonly [FeatureProfile, string])[] = [
  ['Core', 'booting, authorization incl. cache, configuration, transactions, remote control'],
  ['Firmware Management', 'firmware updates and diagnostics'],
  ['Local Auth List Management', 'a local list in the station'],
  ['Reservation', 'a connector, or the whole station'],
  ['Remote Trigger', 'messages asked for by the Central System'],
  ['Smart Charging', 'all profile types, with stacking'],
]

export function picsOf(
  version: string,
  cases: readonly ReportedCase[],
  figures: readonly Figure[],
): readonly PicsSection[] {
  return [general(version), ...LIMITS, functionalities(cases), SECURITY, performance(figures)]
}

function general(version: string): PicsSection {
  return {
    title: 'General information',
    rows: [
      {
        name: 'DUT',
        value: 'Local Controller: a Central System to its stations, a Charge Point to its CSMS',
      },
      { name: 'Communication', value: 'JSON (OCPP-J 1.6)' },
      { name: 'OCPP Software version', value: version },
      { name: 'Support for milliseconds in OCPP messages', value: 'Yes' },
      { name: 'Communication technology', value: 'Ethernet' },
    ],
  }
}

const LIMITS: readonly PicsSection[] = [
  {
    title: 'Optional features',
    rows: [
      { name: 'Authorization Cache', value: 'Yes', remark: 'of the whole site, for when the CSMS is away' },
      { name: 'Unknown Offline Authorization', value: 'Yes', remark: 'AllowOfflineTxForUnknownId' },
      { name: 'MaxEnergyOnInvalidId', value: 'Yes' },
      {
        name: 'MinimumStatusDuration',
        value: 'No',
        remark: 'statuses pass unchanged; the key is the station’s',
      },
      { name: 'WebSocketPingInterval', value: 'Yes', remark: 'set to 30 s where a station never pings' },
      {
        name: 'Support reservations of entire Charging Station',
        value: 'Yes',
        remark: 'where the station does',
      },
      { name: 'Choice transaction stopped when cable disconnected on EV side', value: 'The station’s' },
    ],
  },
  {
    title: 'Limits and settings',
    rows: [
      { name: 'Configuration keys', value: 'the station’s own', remark: 'passed through; see the tables' },
      {
        name: 'MeterValueSampleInterval',
        value: 'the station’s own range',
        remark: 'virtual: the station samples each 5 to 10 s, the CSMS hears at its own interval',
      },
      { name: 'Frame size', value: '1 MiB', remark: '64 KiB before the first accepted boot' },
      { name: 'LocalAuthListMaxLength, SendLocalListMaxLength', value: 'the station’s own' },
      { name: 'ChargeProfileMaxStackLevel', value: 'as the station reports, else its model file' },
      {
        name: 'ChargingScheduleAllowedChargingRateUnit',
        value: 'as the station reports, else its model file',
      },
      { name: 'ChargingScheduleMaxPeriods', value: 'as the station reports, else its model file' },
      {
        name: 'Supported file transfer protocols',
        value: 'as the station supports',
        remark: 'locations pass as given; Busbar itself holds files over http',
      },
    ],
  },
]

/** A.1: supported when no case of the profile failed in either role. */
function functionalities(cases: readonly ReportedCase[]): PicsSection {
  return {
    title: 'A.1 OCPP 1.6 certificate',
    rows: A1.map(([profile, what]) => {
      const played = cases.filter(one => one.profile === profile)
      const passed = played.filter(one => one.lab.kind === 'passed' && one.worst.kind === 'passed')
      const failed = played.filter(one => one.lab.kind === 'failed' || one.worst.kind === 'failed')
      const isSupported = passed.length > 0 && failed.length === 0
      return {
        name: profile,
        value: isSupported ? 'Yes' : 'No',
        remark: `${what}; ${passed.length} cases passed${failed.length > 0 ? `, ${failed.length} failed` : ''}`,
      }
    }),
  }
}

const OVER_TLS = 'over real TLS, by the tests that docs/security.md names; the cases here run without'

const SECURITY: PicsSection = {
  title: 'A.2 OCPP 1.6 security certificate',
  rows: [
    { name: 'Security Profile 1', value: 'Yes', remark: 'Basic authentication; AuthorizationKey is changed' },
    { name: 'Security Profile 2', value: 'Yes', remark: OVER_TLS },
    { name: 'Security Profile 3', value: 'Yes', remark: OVER_TLS },
    { name: 'Get Security Log', value: 'Yes', remark: 'passed through, and as an operator’s command' },
    { name: 'Secure Firmware Update', value: 'Yes', remark: 'passed through, and as an operator’s command' },
    {
      name: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and AES_256_GCM_SHA384',
      value: 'Yes',
      remark: OVER_TLS,
    },
    { name: 'TLS_RSA_WITH_AES_128_GCM_SHA256 and AES_256_GCM_SHA384', value: 'Yes', remark: OVER_TLS },
  ],
}

function performance(figures: readonly Figure[]): PicsSection {
  return {
    title: 'A.4 Performance measurement',
    rows: figures
      .filter(({ name }) => !name.endsWith('own goal'))
      .map(({ name, allowedMs, p99Ms }) => ({
        name,
        value: `${allowedMs / 1000} s`,
        remark: `measured ${p99Ms.toFixed(1)} ms (p99)`,
      })),
  }
}
