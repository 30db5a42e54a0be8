/** The shapes in which the API speaks of meters; the types are in core, and a schema that does not fit does not compile. */
import { z } from '@hono/zod-openapi'
import { PHASE_NAMES } from '../core/site/phases.js'

const perPhase = z.tuple([z.number(), z.number(), z.number()]).readonly().describe('site L1, L2, L3')
const instant = z.string().describe('ISO 8601, UTC')

const traffic = z
  .strictObject({
    requests: z.int(),
    timeouts: z.int(),
    exceptions: z.record(z.string(), z.int()).readonly().describe('by Modbus exception code'),
    crcErrors: z.int(),
    staleReplies: z.int().describe('late, doubled, or of another master'),
    failures: z.int().describe('broken connections, answers that are no Modbus'),
    latencyMs: z.strictObject({ mean: z.number(), max: z.number() }).readonly().optional(),
  })
  .readonly()
  .openapi('MeterTraffic')

export const meterSchema = z
  .strictObject({
    id: z.string(),
    device: z.string(),
    quality: z.enum(['fresh', 'stale', 'absent']),
    readAt: instant.optional(),
    currentA: perPhase.optional(),
    voltageV: perPhase.optional(),
    totalPowerW: z.number().optional(),
    importWh: z.number().optional(),
    unitId: z.int(),
    address: z.string(),
    fault: z.string().optional(),
    traffic: traffic.optional(),
    frozen: z.boolean(),
    verdict: z.string().optional(),
  })
  .openapi('Meter')

export const shownSchema = z
  .strictObject({
    currentA: perPhase.optional().describe('L1, L2, L3; import positive'),
    lowerA: perPhase.optional().describe('of a meter made of others: at least this, at most currentA'),
    powerW: perPhase.optional(),
    voltageV: perPhase.optional(),
    totalPowerW: z.number().optional(),
    frequencyHz: z.number().optional(),
    importWh: z.number().optional(),
    exportWh: z.number().optional(),
    powerFactor: z.array(z.number().nullable()).readonly().optional(),
    clockS: z.number().optional().describe('by its own clock'),
    fault: z.string().optional(),
  })
  .openapi('MeterReading')

export const valuesSchema = z
  .strictObject({
    id: z.string(),
    device: z.string(),
    quality: z.enum(['fresh', 'stale', 'absent']),
    ageMs: z.int().optional().describe('of the last good reading'),
    phases: z
      .array(
        z.strictObject({
          phase: z.enum(PHASE_NAMES),
          currentA: z.number().optional(),
          lowerA: z
            .number()
            .optional()
            .describe('of a meter made of others: at least this, at most currentA'),
          voltageV: z.number().optional(),
          powerW: z.number().optional(),
          powerFactor: z.number().optional().describe('-1 to 1, with the sign of the power'),
          stationsA: z.number().optional().describe('drawn by the stations below it, as they say'),
          proven: z.boolean().describe('it has followed known steps of stations'),
        }),
      )
      .readonly(),
    stationsEstimated: z.boolean(),
    totalPowerW: z.number().optional(),
    frequencyHz: z.number().optional(),
    importWh: z.number().optional(),
    exportWh: z.number().optional(),
    clockS: z.number().optional().describe('by its own clock'),
    traffic: traffic.optional(),
    fault: z.string().optional(),
    verdict: z.string().optional().describe('why it is not believed'),
    doubt: z.string().optional(),
  })
  .openapi('MeterValues')

export const checkSchema = z
  .strictObject({
    running: z.boolean(),
    steps: z
      .array(
        z.strictObject({
          agoS: z.int(),
          stationsA: z.array(z.number()).readonly().describe('L1, L2, L3, by the stations'),
          meterA: z.array(z.number()).readonly().describe('by the meter as it is wired now'),
        }),
      )
      .readonly(),
    disturbed: z.int().describe('steps beside which other load moved'),
    finding: z.enum(['waiting', 'does not see', 'unclear', 'found']),
    change: z
      .strictObject({
        invert: z.boolean().optional(),
        phaseMap: z.enum(['L1L2L3', 'L1L3L2', 'L2L1L3', 'L2L3L1', 'L3L1L2', 'L3L2L1']).optional(),
        ctRatio: z.number().optional(),
      })
      .optional()
      .describe('what to write to its configuration; keys that are right are absent'),
    turned: z
      .array(z.string())
      .readonly()
      .optional()
      .describe('phases whose transformer sits the wrong way round'),
    unseen: z.array(z.string()).readonly().optional().describe('phases on which no car has stepped'),
    orderUnknown: z.boolean().optional().describe('the cars stepped alike on several phases'),
    otherMaps: z
      .array(z.string())
      .readonly()
      .optional()
      .describe('the order is not as configured but one of these: a car on another phase tells which'),
    share: z.number().optional().describe('what it shows of what flows, 1 = all'),
    text: z.string(),
  })
  .openapi('WiringCheck')
