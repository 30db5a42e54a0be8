/**
 * What a station model is, as data (`devices/stations/*.json`): configuration keys, limits, quirks.
 * Data with sources, no code. The real station's own answers win over what a file says.
 */
import { z } from 'zod'
import { expecting } from './faults.js'

const configurationKey = z.strictObject({
  key: z.string().min(1).max(50),
  type: z.enum(['boolean', 'integer', 'string', 'list']),
  access: z.enum(['R', 'RW', 'W']),
  required: z.boolean(),
  default: z.string(),
  /** Inclusive, for integers. Several ranges = any of them ("0 or 900-86400"). */
  ranges: z.array(z.tuple([z.number().int(), z.number().int()])).optional(),
  /** Where the source says so. */
  clause: z.string().optional(),
  note: z.string().optional(),
  /** A change takes effect only after a reboot. */
  rebootRequired: z.boolean().optional(),
})

const vendorMessage = z.strictObject({
  vendorId: z.string().min(1).max(255),
  /** Absent: every message of this vendor. */
  messageId: z.string().min(1).max(50).optional(),
})

const modelSchema = z.strictObject({
  id: z.string().min(1),
  vendor: z.string().min(1),
  models: z.array(z.string()),
  sources: z.array(z.string()),
  notes: z.array(z.string()).default([]),
  /**
   * Gives direct current: three phases alike on the side of the grid, schedules in watts of what it gives, and its amps and volts
   * are none of the grid's (control rule 16). `efficiency`: the least of what it gives by what it takes, at any offer.
   */
  dc: z.strictObject({ efficiency: z.number().min(0.5).max(1) }).optional(),
  smartCharging: z.strictObject({
    rateUnits: z.array(z.enum(['A', 'W'])).min(1),
    /** Smallest step of a limit the model obeys: 1 A unless proven finer. */
    stepA: z.union([z.literal(1), z.literal(0.1)]).default(1),
    maxStackLevel: z.number().int().min(0),
    maxPeriods: z.number().int().min(1),
    maxProfiles: z.number().int().min(1),
    /** Whether `maxProfiles` counts for the whole station, as MaxChargingProfilesInstalled does, or for each connector. */
    maxProfilesPer: z.enum(['station', 'connector']).default('station'),
    /** The least current a car can be offered (IEC 61851-1: 6 A). */
    minCurrentA: z.number().min(6).default(6),
    /** Whether a limit of 0 A holds the car paused; else pausing uses the fail-safe. */
    holdsZero: z.boolean(),
    /** Known to obey a limit without being seen to: a lower then counts as proven 11 s after acceptance. */
    obeysUnseen: z.boolean().default(false),
    /** Station answer + PWM change + car: the longest time until a lower shows, seconds. */
    reactionS: z.number().positive().default(11),
    /** Default lease 300 s; 900 s for models known to write each profile to flash. */
    leaseS: z.union([z.literal(60), z.literal(300), z.literal(900)]).default(300),
  }),
  configuration: z.array(configurationKey),
  /** Keys and vendor DataTransfers that change limits: refused or audited. */
  affectsLimits: z.array(z.string()).default([]),
  /** Keys that re-home the station. */
  connection: z.array(z.string()).default([]),
  /**
   * DataTransfers from the station that are safe to keep while the CSMS is away: the vendor says that they only tell
   * something, that Accepted is answer enough, and that they may come late or twice.
   */
  offlineDataTransfer: z.array(vendorMessage).default([]),
})

export const stationModelSchema = modelSchema.refine(
  ({ dc, smartCharging }) => dc === undefined || smartCharging.rateUnits.join() === 'W',
  { path: ['smartCharging', 'rateUnits'], message: expecting('dc-in-watts') },
)

export type StationModel = z.infer<typeof stationModelSchema>
export type VendorMessage = z.infer<typeof vendorMessage>
export type ConfigurationKey = StationModel['configuration'][number]
