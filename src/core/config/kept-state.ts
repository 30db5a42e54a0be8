/**
 * `state.json`: what outlives a restart and is no transaction. Nothing in it may be needed to be safe: a document that is
 * lost, damaged or of another version counts as empty, an isolation that is not in it is booked again, and a source that
 * protects something has its fallback in force while it says nothing.
 */
import { z } from 'zod'

const instant = z.iso.datetime()
const stationId = z.string().min(1).max(48)

const onlyStations = z.literal(true).optional()

/** A limit that was ordered, with the time it had left when this was written (limits/book.ts). */
const keptOrder = z.strictObject({
  source: z.enum(['api', 'mqtt', 'modbus', 'grid']),
  id: z.string().min(1).max(60),
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('site'), onlyStations }),
    z.strictObject({ kind: z.literal('circuit'), circuitId: z.string(), onlyStations }),
    z.strictObject({ kind: z.literal('station'), stationId, connectorId: z.int().min(1).optional() }),
  ]),
  value: z.discriminatedUnion('unit', [
    z.strictObject({ unit: z.literal('A'), perPhase: z.number().min(0) }),
    z.strictObject({ unit: z.literal('W'), total: z.number().min(0) }),
  ]),
  priority: z.int().min(1).max(9),
  reason: z.string().optional(),
  by: z.string(),
  state: z.enum(['ordered', 'fallback']),
  sinceWallMs: z.number(),
  leftMs: z.number().min(0),
  fallback: z.strictObject({ limitA: z.number().min(0), forMs: z.number().min(0) }).optional(),
})

export const keptStateSchema = z.strictObject({
  version: z.literal(1),
  /** Stations whose supply an operator has cut, until they connect; `retired`: not configured then (control rule 10). */
  isolated: z
    .array(z.strictObject({ stationId, at: instant, by: z.string(), retired: z.boolean().optional() }))
    .max(1_000),
  /** Alarms somebody has taken note of, until they are over. */
  acknowledged: z
    .array(z.strictObject({ code: z.string(), about: z.string().optional(), at: instant, by: z.string() }))
    .max(200),
  /** Profiles of somebody else that Busbar found on stations and cleared, by station, the latest last. */
  clearedProfiles: z
    .array(
      z.strictObject({
        stationId,
        connectorId: z.int().min(0),
        purpose: z.string(),
        /** Absent: of every level. */
        stackLevel: z.int().min(0).optional(),
        at: instant,
      }),
    )
    .max(2_000)
    .default([]),
  /** Limits that were ordered and have not run out. */
  orders: z.array(keptOrder).max(200).default([]),
  /** Excursions above import limits (UK G100) and what is left of a lock-out. */
  importLimits: z
    .array(
      z.strictObject({
        id: z.string(),
        countedAgoMs: z.array(z.number().min(0)).max(10),
        lockedLeftMs: z.number().min(0),
      }),
    )
    .max(20)
    .default([]),
  /** Held nothing ever; still taken from a file of before. */
  page: z.strictObject({}).optional(),
  /** The least OCPP security profile each station has shown: it is never let in with less again. */
  leastSecurityProfiles: z.record(stationId, z.int().min(0).max(3)),
})

export type KeptState = z.infer<typeof keptStateSchema>

export const EMPTY_STATE: KeptState = {
  version: 1,
  isolated: [],
  acknowledged: [],
  clearedProfiles: [],
  orders: [],
  importLimits: [],
  leastSecurityProfiles: {},
}
