/** The site the bench runs: N stations on one circuit, with or without a meter, and a site profile of quick ramps. */
import { join } from 'node:path'
import { readDataFiles } from '../../src/adapters/data-files.js'
import { buildCatalogue, type DeviceCatalogue } from '../../src/gateway/catalogue.js'

export const METER_DEVICE = 'eastron-sdm630-v2'
export const FEEDER_DEVICE = 'abb-b23-b24'
/** What each connector gets while there is room for all. */
export const FULL_A = 16
export const FAIL_SAFE_A = 6
export const RATED_A = 6300
/** Stations of the benchmark of meter steps, and the circuit that must make them give way. */
export const STEP_STATIONS = 100
export const STEP_RATED_A = 2000
export const QUIET_OTHER_A = 50
export const LOUD_OTHER_A = 800

export interface SiteOptions {
  readonly stations: number
  /** '' = none: Busbar is the Central System. */
  readonly csmsUrl: string
  readonly ocppPort: number
  /** 0 = no meter. */
  readonly meterPort: number
  /** '' = none. */
  readonly mirrorUrl?: string
  /** '' = none. */
  readonly mqttUrl?: string
  /** Where server.pem, server.key and root.pem lie: TLS on both legs, with passwords. '' = none. */
  readonly tlsDir?: string
}

/** Of every station, where there is TLS. */
export const STATION_PASSWORD = '0123456789abcdef'

export function stationId(index: number): string {
  return `BENCH-${String(index).padStart(4, '0')}`
}

/** A configuration document, as a file would hold it. */
export function siteDocument({
  stations,
  csmsUrl,
  ocppPort,
  meterPort,
  mirrorUrl = '',
  mqttUrl = '',
  tlsDir = '',
}: SiteOptions): object {
  const hasMeter = meterPort > 0
  const isQuick = hasMeter || mqttUrl !== ''
  const hasTls = tlsDir !== ''
  return {
    version: 1,
    site: {
      id: 'bench',
      timeZone: 'Europe/Berlin',
      profile: isQuick ? QUICK_PROFILE : 'workplace',
    },
    circuits: [
      {
        id: 'main',
        ratedCurrentA: hasMeter ? STEP_RATED_A : RATED_A,
        worstCaseOtherLoadA: hasMeter ? LOUD_OTHER_A : 0,
        ...(hasMeter && { meter: 'grid' }),
      },
    ],
    meters: hasMeter
      ? [
          {
            id: 'grid',
            device: METER_DEVICE,
            pollMs: 250,
            connection: { kind: 'tcp', host: '127.0.0.1', port: meterPort },
          },
        ]
      : [],
    ocpp: hasTls
      ? {
          listeners: [{ host: '127.0.0.1', port: ocppPort, securityProfile: 2 }],
          tls: {
            certificates: [{ certificateFile: `${tlsDir}/server.pem`, keyFile: `${tlsDir}/server.key` }],
          },
        }
      : { host: '127.0.0.1', port: ocppPort },
    ...(csmsUrl !== '' && {
      csms: {
        url: csmsUrl,
        ...(hasTls && { tls: { roots: 'file', rootsFile: `${tlsDir}/root.pem` } }),
        ...(mirrorUrl !== '' && { mirrors: [{ id: 'fleet', url: mirrorUrl }] }),
      },
    }),
    ...(mqttUrl !== '' && { mqtt: { url: mqttUrl, prefix: 'bench', commands: { limits: true } } }),
    stations: Array.from({ length: stations }, (_, index) => ({
      id: stationId(index),
      device: isQuick ? OBEYING_MODEL : 'generic',
      circuit: 'main',
      connectors: [
        {
          id: 1,
          phases: 'L1L2L3',
          phaseRotation: 'RST',
          maxCurrentA: hasMeter ? FULL_A : RATED_PER_CONNECTOR_A,
          failSafeCurrentA: FAIL_SAFE_A,
        },
      ],
    })),
    web: { host: '127.0.0.1', port: 0 },
  }
}

const QUICK_PROFILE = 'bench-quick'
const OBEYING_MODEL = 'bench-obeying'
const RATED_PER_CONNECTOR_A = 32

/** Busbar's own catalogue; with it a profile that raises at once and a model that obeys unseen, to repeat steps soon. */
export function benchCatalogue(root: string): DeviceCatalogue {
  const built = buildCatalogue(readDataFiles(root))
  if (!built.ok) throw new Error(`faulty data files: ${JSON.stringify(built.faults)}`)
  const { value } = built
  const workplace = value.siteProfiles.get('workplace')
  const generic = value.stationModels.get('generic')
  if (workplace === undefined || generic === undefined) throw new Error(`no data files below ${join(root)}`)
  const quick = {
    ...workplace,
    id: QUICK_PROFILE,
    raiseAfterMs: 0,
    raiseStepA: FULL_A,
    raiseEveryMs: 100,
    deadBandA: 0,
  }
  const obeying = {
    ...generic,
    id: OBEYING_MODEL,
    smartCharging: { ...generic.smartCharging, obeysUnseen: true },
  }
  return {
    ...value,
    siteProfiles: new Map([...value.siteProfiles, [quick.id, quick]]),
    stationModels: new Map([...value.stationModels, [obeying.id, obeying]]),
  }
}
