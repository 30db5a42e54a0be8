/**
 * The configuration file: one zod schema that gives the types, the faults, the JSON Schema and later the form: label, help and
 * unit of a key stand beside it. Every number carries its unit in its key; unknown keys are faults. What needs more than one key to judge
 * (references, the tree) is in `site-faults.ts`; what needs electrical sums is in `promise.ts`.
 */
import { z } from 'zod'
import { announcement } from './announcement.js'
import { depotSystem } from './depot-system.js'
import { expecting } from './faults.js'
import { id, STATION_ID } from './ids.js'
import { inWords, SECURITY_PROFILE_WORDS, said } from './labels.js'
import { LENIENCIES } from './leniencies.js'
import { siteLimits } from './limit-sources.js'
import { csms, mqtt } from './link-keys.js'
import { meterModelSchema } from './meter-model.js'
import { modbusServer } from './modbus-server.js'
import { offlineKeys } from './offline-keys.js'
import { meterTrust, securityOfPage, securityOfPort, securityOfStation, syslog } from './security-keys.js'
import { sharingKeys, vehicle } from './vehicle.js'

export { MAX_ENERGY_WH, MAX_WEIGHT, ORDINARY_CLASS, PRIORITY_CLASSES } from './vehicle.js'

const stationId = z.string().regex(STATION_ID, expecting('station-id'))
/**
 * What one Busbar is meant for: more do not hang behind one grid connection, and a control cycle over them still ends
 * well within a second. The bound on sockets follows from it.
 */
export const MAX_STATIONS = 1_000
const amps = (max: number) => z.number().min(0).max(max)
const port = z.number().int().min(0).max(65535)

/** As in a Host header: lower case, no port, no scheme. */
const hostName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    expecting('host-name'),
  )

/** Like `said`, for a key that names a member of another list. */
const oneOf = (choices: string, title: string, description: string) => ({
  ...said(title, description),
  choices,
})
const LISTEN = said('Listens on', 'The address of this machine; 0.0.0.0 = every one.')

const site = z.strictObject({
  id: id.meta(said('Site', 'Its name on the page and in MQTT.')),
  timeZone: z
    .string()
    .refine(isTimeZone, expecting('time-zone'))
    .meta(said('Time zone', 'An IANA name such as Europe/Berlin.')),
  nominalVoltageV: z
    .number()
    .min(100)
    .max(300)
    .default(230)
    .meta(said('Nominal voltage', 'Phase to neutral.', 'V')),
  profile: id
    .default('workplace')
    .meta(oneOf('siteProfiles', 'Site profile', 'How a site of this kind is run: a file in profiles/.')),
})

const circuit = z.strictObject({
  id: id.meta(said('Circuit', 'Its name, by which others refer to it.')),
  parent: id
    .optional()
    .meta(oneOf('circuits', 'Circuit above', 'The one that feeds it; absent = fed by the grid.')),
  ratedCurrentA: z
    .number()
    .positive()
    .max(6300)
    .meta(said('Rated current', 'Of the fuse or breaker, per phase. Never exceeded.', 'A')),
  marginA: amps(1000)
    .optional()
    .meta(said('Margin', 'Kept free below the rating. Absent = 2 % of the rating, at least 1 A.', 'A')),
  meter: id.optional().meta(oneOf('meters', 'Meter', 'The meter that measures this whole circuit.')),
  worstCaseOtherLoadA: amps(6300).meta(
    said(
      'Worst other load',
      'Load on this circuit that is no station here and lies on no child circuit, at its worst, per phase. Assumed whenever the meter is missing or in doubt. 0 only if there is none.',
      'A',
    ),
  ),
  generation: z
    .boolean()
    .optional()
    .meta(
      said(
        'Generation',
        'Something here can feed back (PV, battery, generator): meters may show less than the stations draw.',
      ),
    ),
})

const fixedA = z
  .number()
  .min(0)
  .meta(said('Fixed current', 'On one phase.', 'A'))

const meterConnection = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tcp').meta(said('Modbus TCP', 'A meter, or a gateway that speaks Modbus TCP.')),
    host: z.string().min(1).meta(said('Address', 'IP address or name.')),
    port: port.default(502).meta(said('Port', 'TCP.')),
    tls: meterTrust.optional(),
  }),
  z.strictObject({
    kind: z
      .literal('rtu-over-tcp')
      .meta(said('RTU over TCP', 'A gateway that passes RTU frames as they are.')),
    host: z.string().min(1).meta(said('Address', 'IP address or name.')),
    port: port.meta(said('Port', 'TCP.')),
  }),
  z.strictObject({
    kind: z.literal('rtu').meta(said('Serial line', 'RS-485, Modbus RTU.')),
    path: z
      .string()
      .min(1)
      .meta(said('Serial line', 'Best one in /dev/serial/by-id/, which stays the same.')),
    baudRate: z
      .number()
      .int()
      .min(1200)
      .max(230400)
      .default(9600)
      .meta(said('Speed', 'Of the line.', 'Bd')),
    parity: z
      .enum(['none', 'even', 'odd'])
      .default('none')
      .meta({
        ...said('Parity', 'Of the line, as at the meter.'),
        ...inWords({ none: 'none', even: 'even', odd: 'odd' }),
      }),
    dataBits: z
      .union([z.literal(7), z.literal(8)])
      .default(8)
      .meta(said('Data bits', 'Of the line; 8 for Modbus RTU.')),
    stopBits: z
      .union([z.literal(1), z.literal(2)])
      .default(1)
      .meta(said('Stop bits', 'Of the line; 2 without parity, else 1, or as at the meter.')),
  }),
  z.strictObject({
    kind: z
      .literal('virtual')
      .meta(
        said(
          'Of other meters',
          'A sum, a difference or a fixed share; as old and as good as its worst part.',
        ),
      ),
    parts: z
      .array(
        z.strictObject({
          meter: id.meta(oneOf('meters', 'Meter', 'A meter that is read.')),
          factor: z
            .number()
            .min(-10)
            .max(10)
            .default(1)
            .meta(said('Factor', '1 adds it, -1 takes it off, 0.33 is a fixed share.')),
        }),
      )
      .min(1)
      .max(16)
      .meta({ title: 'Parts' }),
    fixedA: z
      .tuple([fixedA, fixedA, fixedA])
      .readonly()
      .optional()
      .meta(said('Fixed current', 'Always there and measured by nobody: L1, L2, L3.', 'A')),
  }),
])

const meter = z.strictObject({
  id: id.meta(said('Meter', 'Its name, by which a circuit refers to it.')),
  device: id.meta(
    oneOf('meterDevices', 'Model', 'A file in devices/meters/; "virtual" for a meter made of others.'),
  ),
  unitId: z.number().int().min(0).max(255).default(1).meta(said('Unit id', 'Modbus address on its line.')),
  pollMs: z
    .number()
    .int()
    .min(200)
    .max(60000)
    .default(1000)
    .meta(said('Poll', 'How often it is read.', 'ms')),
  connection: meterConnection.meta({ title: 'Connection' }),
  invert: z
    .boolean()
    .optional()
    .meta(said('Inverted', 'Mounted the other way round: what it calls import is export.')),
  phaseMap: z
    .enum(['L1L2L3', 'L1L3L2', 'L2L1L3', 'L2L3L1', 'L3L1L2', 'L3L2L1'])
    .optional()
    .meta(said('Phase map', 'The site phases its three inputs hang on, in order.')),
  ctRatio: z
    .number()
    .min(0.01)
    .max(10000)
    .optional()
    .meta(said('Current transformer ratio', 'Only where the meter does not apply it itself: 250/5 is 50.')),
  vtRatio: z
    .number()
    .min(0.01)
    .max(1000)
    .optional()
    .meta(said('Voltage transformer ratio', 'Only where the meter does not apply it itself.')),
})

const acConnector = z.strictObject({
  id: z.number().int().min(1).max(64).meta(said('Connector', 'Its OCPP connectorId, from 1.')),
  phases: z.enum(['L1L2L3', 'L1', 'L2', 'L3']).meta(said('Phases', 'Wired to the connector.')),
  phaseRotation: z
    .enum(['RST', 'RTS', 'SRT', 'STR', 'TRS', 'TSR', 'Unknown'])
    .default('Unknown')
    .meta({
      ...said('Phase rotation', 'On which site phases its L1, L2, L3 hang: STR = L2 L3 L1.'),
      ...inWords({
        RST: 'RST: L1 L2 L3',
        RTS: 'RTS: L1 L3 L2',
        SRT: 'SRT: L2 L1 L3',
        STR: 'STR: L2 L3 L1',
        TRS: 'TRS: L3 L1 L2',
        TSR: 'TSR: L3 L2 L1',
        Unknown: 'not known',
      }),
    }),
  maxCurrentA: z
    .number()
    .min(6)
    .max(600)
    .meta(
      said(
        'Maximum',
        'What it can draw, per phase: 80 A at most, of a station that gives DC the amps of the grid.',
        'A',
      ),
    ),
  failSafeCurrentA: z
    .number()
    .min(0)
    .max(80)
    .meta(
      said(
        'Fail-safe',
        'What it may draw when Busbar is not heard: 0, or at least the 6 A of the model. All fail-safes together must fit every fuse.',
        'A',
      ),
    ),
})

const offline = z.strictObject(offlineKeys).partial()

const station = z.strictObject({
  id: stationId.meta(said('Station', 'The identity it connects with: the last part of its URL.')),
  name: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .meta(said('Name', 'What people call it; absent = its identity.')),
  bay: z.string().min(1).max(60).optional().meta(said('Bay', 'Where it stands, such as "hall 2, bay 14".')),
  device: id.default('generic').meta(oneOf('stationModels', 'Model', 'A file in devices/stations/.')),
  circuit: id.meta(oneOf('circuits', 'Circuit', 'The circuit it hangs on.')),
  connectors: z.array(acConnector).min(1).max(64).meta({ title: 'Connectors' }),
  loadControl: z
    .enum(['busbar', 'csms'])
    .default('busbar')
    .meta({
      ...said(
        'Load control',
        'The CSMS: it or a laboratory drives the station, profiles pass unchanged, Busbar writes none and keeps its maximum free.',
      ),
      ...inWords({ busbar: 'Busbar', csms: 'the CSMS' }),
    }),
  leniency: z
    .array(z.enum(LENIENCIES))
    .default([])
    .meta({
      ...said('Leniency', 'What this station is known to write wrongly, repaired before anybody reads it.'),
      ...inWords({
        'missing-subprotocol': 'does not offer ocpp1.6',
        'zoneless-timestamps': 'times without their zone',
        'misspelt-enums': 'misspelt words of OCPP',
        'meterValue-object': 'one meter value that is no list',
        'reservationId-zero': 'reservation 0 where there is none',
      }),
    }),
  ...securityOfStation,
  ...z.object(sharingKeys).partial().shape,
  ...z.object(offlineKeys).partial().shape,
})

export const siteConfigSchema = z.strictObject({
  version: z.literal(1),
  site: site.meta({ title: 'Site' }),
  circuits: z.array(circuit).min(1).max(500).meta({ title: 'Circuits' }),
  meters: z.array(meter).max(200).default([]).meta({ title: 'Meters' }),
  meterModels: z
    .array(meterModelSchema)
    .max(20)
    .optional()
    .meta(said('Own meter models', 'Meters no file knows, from their data sheets.')),
  ocpp: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0').meta(LISTEN),
      port: port.default(9000).meta(said('Port for stations', 'They dial ws://HOST:PORT/ocpp/<id>.')),
      securityProfile: z
        .union([z.literal(0), z.literal(1)])
        .default(0)
        .meta({
          ...said('Security profile', 'Of OCPP: 1 = a station shows its password.'),
          ...SECURITY_PROFILE_WORDS,
        }),
      ...securityOfPort,
      unknownStations: z
        .enum(['refuse', 'learn'])
        .default('refuse')
        .meta({
          ...said(
            'Unknown stations',
            'Learn: they may connect, without energy, for 15 minutes after a start.',
          ),
          ...inWords({ refuse: 'refuse', learn: 'learn' }),
        }),
    })
    .prefault({})
    .meta({ title: 'Station door' }),
  csms: csms.optional().meta({ title: 'CSMS' }),
  stations: z.array(station).max(MAX_STATIONS, expecting('stations-at-most')).meta({ title: 'Stations' }),
  vehicles: z.array(vehicle).max(5_000).default([]).meta({ title: 'Vehicles' }),
  offline: offline.prefault({}).meta({ title: 'Offline' }),
  limits: siteLimits.meta({ title: 'Limits' }),
  mqtt: mqtt.optional().meta({ title: 'MQTT' }),
  modbusServer: modbusServer.optional(),
  vdv463: depotSystem.optional(),
  syslog: syslog.optional(),
  web: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0').meta(LISTEN),
      port: port.default(8080).meta(said('Port of the page', 'And of API and metrics.')),
      hostNames: z
        .array(hostName)
        .max(20)
        .default([])
        .meta(
          said(
            'Host names',
            'DNS names the page, API and metrics are asked for by; IP addresses and localhost are anyway.',
          ),
        ),
      mdns: announcement,
      ...securityOfPage,
    })
    .prefault({})
    .meta({ title: 'Page' }),
})

export type SiteConfig = z.infer<typeof siteConfigSchema>
export type CircuitConfig = SiteConfig['circuits'][number]
export type MeterConfig = SiteConfig['meters'][number]
export type VehicleConfig = SiteConfig['vehicles'][number]
export type StationConfig = SiteConfig['stations'][number]
export type ConnectorConfig = StationConfig['connectors'][number]
export type OfflineConfig = z.infer<typeof offline>

/** Its profiles are the CSMS's own business (proxy rule 19). */
export function isDrivenByCsms({ loadControl }: Pick<StationConfig, 'loadControl'>): boolean {
  return loadControl === 'csms'
}

/** The safety margin under the rating: as written, else max(1 A, 2 %) (control rule 15). */
export function marginA(circuit: CircuitConfig): number {
  return circuit.marginA ?? defaultMarginA(circuit.ratedCurrentA)
}

export function defaultMarginA(ratedCurrentA: number): number {
  return Math.max(1, ratedCurrentA * 0.02)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
