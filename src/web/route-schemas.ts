/** The shapes of the API beside the site: health, the keys of a station, login, the demo's levers. */
import { z } from '@hono/zod-openapi'
import { maybeSaid } from './said-schema.js'

const reasonsOf = <C extends string>(codes: readonly C[]) =>
  z.array(z.strictObject({ code: z.enum(codes), text: z.string() })).readonly()

const HEALTH_CODES = ['not-set-up', 'control-stalled', 'journal-failed'] as const

export const healthSchema = z
  .strictObject({ status: z.enum(['ok', 'failing']), reasons: reasonsOf(HEALTH_CODES) })
  .openapi('Health')

export const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'waiting']),
    reasons: reasonsOf([...HEALTH_CODES, 'meters-missing', 'stations-in-set-up']),
  })
  .openapi('Readiness')

const configurationRow = z.strictObject({
  key: z.string(),
  value: z.string().optional(),
  readonly: z.boolean(),
  modelValue: z.string().optional(),
  difference: z.enum(['none', 'value', 'access', 'not in the model file', 'not on the station']),
  csmsReads: z.string().optional().describe('where Busbar has set another value than the CSMS'),
  rebootRequired: z.boolean(),
})

export const configurationSchema = z
  .strictObject({ stationId: z.string(), keys: z.array(configurationRow).readonly() })
  .openapi('StationConfiguration')

export const loginBody = z.strictObject({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(256),
})

export const whoSchema = z.strictObject({ name: z.string() })

const lever = z.strictObject({
  id: z.string(),
  label: z.string(),
  ...maybeSaid,
  kind: z.enum(['unplugged', 'wrong']),
  on: z.boolean(),
})

export const leversSchema = z.strictObject({ levers: z.array(lever).readonly() }).openapi('DemoLevers')

export const leverBody = z.strictObject({ id: z.string().min(1).max(64), on: z.boolean() })
