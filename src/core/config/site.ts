/**
 * The configuration file: one zod schema that gives the types, the faults and later the form.
 * Every number carries its unit in its key; unknown keys are faults. What needs more than one key to judge
 * (references, the tree) is in `site-faults.ts`; what needs electrical sums is in `promise.ts`.
 */
import { z } from 'zod'
import { LENIENCIES } from './leniencies.js'

const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'an id of 1-48 letters, digits, ".", "_" or "-"')
/** Identities as stations send them, after one percent-decoding. */
export const STATION_ID = /^[A-Za-z0-9*+=:|@._-]{1,48}$/
const stationId = z
  .string()
  .regex(STATION_ID, 'a station identity of 1-48 characters out of A-Z a-z 0-9 * + = : | @ . _ -')
/**
 * What one Busbar is meant for: more do not hang behind one grid connection, and a control cycle over them still ends
 * well within a second. The bound on sockets follows from it.
 */
export const MAX_STATIONS = 1_000
const amps = (max: number) => z.number().min(0).max(max).describe('A')
const port = z.number().int().min(0).max(65535)

/** As in a Host header: lower case, no port, no scheme. */
const hostName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'a DNS name in lower case without scheme, port or path, such as "busbar.depot.example"',
  )

const site = z.strictObject({
  id,
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as "Europe/Berlin"'),
  nominalVoltageV: z.number().min(100).max(300).default(230),
  profile: id.default('workplace'),
})

const circuit = z.strictObject({
  id,
  parent: id.optional(),
  ratedCurrentA: z.number().positive().max(6300),
  /** Absent = max(1 A, 2 % of the rating). */
  marginA: amps(1000).optional(),
  meter: id.optional(),
  /** Load on this circuit that is no station here and lies on no child circuit, at its worst, per phase. 0 only if written. */
  worstCaseOtherLoadA: amps(6300),
  /** Something on this circuit can feed back (PV, battery, generator): its meters may show less than the stations draw. */
  generation: z.boolean().optional(),
})

const meterConnection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), host: z.string().min(1), port: port.default(502) }),
  z.strictObject({ kind: z.literal('rtu-over-tcp'), host: z.string().min(1), port }),
  z.strictObject({
    kind: z.literal('rtu'),
    path: z.string().min(1),
    baudRate: z.number().int().min(1200).max(230400).default(9600),
    parity: z.enum(['none', 'even', 'odd']).default('none'),
    dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  }),
])

const meter = z.strictObject({
  id,
  device: id,
  unitId: z.number().int().min(0).max(255).default(1),
  pollMs: z.number().int().min(200).max(60000).default(1000),
  connection: meterConnection,
  /** Mounted the other way round: what it calls import is export. */
  invert: z.boolean().optional(),
  /** The site phases its three inputs hang on, in order. */
  phaseMap: z.enum(['L1L2L3', 'L1L3L2', 'L2L1L3', 'L2L3L1', 'L3L1L2', 'L3L2L1']).optional(),
  /** Transformer ratios, only where the meter does not apply them itself: 250/5 is 50. */
  ctRatio: z.number().min(0.01).max(10000).optional(),
  vtRatio: z.number().min(0.01).max(1000).optional(),
})

const acConnector = z.strictObject({
  id: z.number().int().min(1).max(64),
  phases: z.enum(['L1L2L3', 'L1', 'L2', 'L3']),
  phaseRotation: z.enum(['RST', 'RTS', 'SRT', 'STR', 'TRS', 'TSR', 'Unknown']).default('Unknown'),
  maxCurrentA: z.number().min(6).max(80),
  failSafeCurrentA: z.number().min(0).max(80),
})

const offlineKeys = {
  AlwaysAllowOfflineTransactions: z.boolean(),
  AlwaysAllowIdTag: z.string().min(1).max(20),
  AllowOfflineTxForUnknownId: z.boolean(),
  LocalAuthorizeOffline: z.boolean(),
  StopTransactionOnInvalidId: z.boolean(),
  MaxEnergyOnInvalidId: z.number().int().min(0).max(1_000_000),
  LocalAuthListEnabled: z.boolean(),
  AuthorizationCacheEnabled: z.boolean(),
  AutoChargeEnabled: z.boolean(),
  /** While the CSMS is away its own word about a tag lets nobody in that is older than this. */
  acceptedWithinDays: z.number().int().min(1).max(3650),
  /** A station the CSMS has never accepted, such as a replaced one, is taken in while the CSMS is away. */
  commissionOffline: z.boolean(),
  csmsTimeoutMs: z.number().int().min(1000).max(60000),
}
const offline = z.strictObject(offlineKeys).partial()

/** 1 is served before 2. */
export const PRIORITY_CLASSES = 9
/** Of whoever says nothing: there is room above and below. */
export const ORDINARY_CLASS = 5
export const MAX_WEIGHT = 100
export const MAX_ENERGY_WH = 1_000_000

/** What a session may say about itself beside its departure. */
const sharingKeys = {
  /** Times an equal share above the minimum, where the site profile shares by weight. Absent = 1. */
  weight: z.number().min(0.1).max(MAX_WEIGHT),
  /** 1..9, served in this order when not everybody can have the minimum. Absent = 5. */
  priorityClass: z.number().int().min(1).max(PRIORITY_CLASSES),
}

/** A vehicle known by its tag: what holds for its sessions unless somebody says otherwise. */
const vehicle = z
  .strictObject({
    idTag: z.string().min(1).max(20),
    /** Local time it leaves, each day. */
    departsAt: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "06:30"'),
    /** What it wants until then. */
    energyWh: z.number().int().min(1).max(MAX_ENERGY_WH),
    ...sharingKeys,
  })
  .partial({ departsAt: true, energyWh: true, weight: true, priorityClass: true })

const station = z.strictObject({
  id: stationId,
  device: id.default('generic'),
  circuit: id,
  connectors: z.array(acConnector).min(1).max(64),
  /** What this station is known to write wrongly, repaired before anybody reads it. */
  leniency: z.array(z.enum(LENIENCIES)).default([]),
  ...z.object(sharingKeys).partial().shape,
  ...z.object(offlineKeys).partial().shape,
})

const csms = z.strictObject({
  url: z.string().refine(isWebSocketUrl, 'a ws:// or wss:// URL without query or credentials'),
  compositeShowsLocalLimit: z.boolean().default(false),
})

const mqtt = z.strictObject({
  url: z.string().refine(isMqttUrl, 'an mqtt:// or mqtts:// URL without credentials'),
  prefix: z.string().regex(/^[A-Za-z0-9_./-]{1,120}$/, 'a topic prefix without + # or spaces'),
  protocolVersion: z.union([z.literal(4), z.literal(5)]).default(4),
  commands: z.literal(false).default(false),
  username: z.string().optional(),
  /** Name of the entry in secrets.json that holds the password. */
  passwordSecret: id.optional(),
})

export const siteConfigSchema = z.strictObject({
  version: z.literal(1),
  site,
  circuits: z.array(circuit).min(1).max(500),
  meters: z.array(meter).max(200).default([]),
  ocpp: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0'),
      port: port.default(9000),
      securityProfile: z.union([z.literal(0), z.literal(1)]).default(0),
      unknownStations: z.enum(['refuse', 'learn']).default('refuse'),
    })
    .prefault({}),
  csms: csms.optional(),
  stations: z
    .array(station)
    .max(
      MAX_STATIONS,
      `at most ${MAX_STATIONS} stations, which is what one Busbar is meant for; a larger site needs one for each part`,
    ),
  vehicles: z.array(vehicle).max(5_000).default([]),
  offline: offline.prefault({}),
  mqtt: mqtt.optional(),
  web: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0'),
      port: port.default(8080),
      /** DNS names the page, API and metrics are asked for by; every IP address and localhost are anyway. */
      hostNames: z.array(hostName).max(20).default([]),
    })
    .prefault({}),
})

export type SiteConfig = z.infer<typeof siteConfigSchema>
export type CircuitConfig = SiteConfig['circuits'][number]
export type MeterConfig = SiteConfig['meters'][number]
export type VehicleConfig = SiteConfig['vehicles'][number]
export type StationConfig = SiteConfig['stations'][number]
export type ConnectorConfig = StationConfig['connectors'][number]
export type OfflineConfig = z.infer<typeof offline>

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

function isWebSocketUrl(text: string): boolean {
  return isUrl(text, ['ws:', 'wss:'])
}

function isMqttUrl(text: string): boolean {
  return isUrl(text, ['mqtt:', 'mqtts:'])
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return protocols.includes(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
}
