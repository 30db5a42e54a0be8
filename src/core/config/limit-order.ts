/**
 * What somebody outside may order: the shape of a limit, a pause, a departure and the end of a limit, as JSON by MQTT or API. One
 * schema for both doors; what it refuses never reaches control.
 */
import { z } from 'zod'
import { expecting } from './faults.js'
import { id, STATION_ID } from './ids.js'
import { MAX_ENERGY_WH, PRIORITY_CLASSES } from './site.js'

/** Longer orders are repeated by who gives them: an order that nobody remembers must end. */
export const MAX_ORDER_S = 31 * 86_400
/** How long a fallback holds when nobody says otherwise (control rule 17). */
export const FALLBACK_S = 7_200
const MAX_LIMIT_A = 6_300
const MAX_LIMIT_W = 5_000_000

const durationS = z
  .number()
  .int()
  .min(1)
  .max(MAX_ORDER_S)
  .describe('seconds from when it is taken, by a clock that does not jump')
const station = z.string().regex(STATION_ID, expecting('station-id'))
const connector = z.number().int().min(1).max(64)
const reason = z.string().max(200)
const limitA = z.number().min(0).max(MAX_LIMIT_A).describe('A per phase')

const silence = z
  .union([
    z.literal('release'),
    z.strictObject({
      fallbackLimitA: limitA,
      forS: z.number().int().min(1).max(MAX_ORDER_S).default(FALLBACK_S),
    }),
  ])
  .describe('what holds when the time is over and nobody has renewed or cleared it')

export const limitOrderSchema = z
  .strictObject({
    id: id.describe('the same id again takes the place of what it said before'),
    target: z
      .union([
        z.literal('site'),
        z.strictObject({ circuit: id }),
        z.strictObject({ station, connector: connector.optional() }),
      ])
      .default('site'),
    onlyStations: z
      .boolean()
      .default(false)
      .describe('of what the stations of a site or circuit draw together, whatever else it carries'),
    limitA: limitA.optional(),
    limitW: z
      .number()
      .min(0)
      .max(MAX_LIMIT_W)
      .optional()
      .describe('W of all phases together, kept by holding each phase to its part'),
    durationS,
    onSilence: silence.default('release'),
    priority: z
      .number()
      .int()
      .min(1)
      .max(9)
      .default(5)
      .describe('which of two equal limits is named as the reason'),
    reason: reason.optional(),
    dryRun: z.boolean().default(false),
  })
  .refine(order => (order.limitA === undefined) !== (order.limitW === undefined), {
    path: ['limitA'],
    message: expecting('one-limit'),
  })
  .refine(({ target, onlyStations }) => !onlyStations || target === 'site' || 'circuit' in target, {
    path: ['onlyStations'],
    message: expecting('circuit-target'),
  })
export type LimitOrder = z.infer<typeof limitOrderSchema>

/** What a grid operator says, as its contact or a gateway tells it; also that nothing is ordered has to be repeated. */
export const gridOrderSchema = z
  .strictObject({
    id: id.describe('of limits.gridControls'),
    reduced: z.boolean(),
    limitW: z
      .number()
      .min(0)
      .max(MAX_LIMIT_W)
      .optional()
      .describe(
        'W of all its stations together, as EEBus LPC gives it; absent = by the formula of par. 14a EnWG',
      ),
    durationS,
    reason: reason.optional(),
    dryRun: z.boolean().default(false),
  })
  .refine(({ reduced, limitW }) => reduced || limitW === undefined, {
    path: ['limitW'],
    message: expecting('while-reduced'),
  })
export type GridOrder = z.infer<typeof gridOrderSchema>

export const enableOrderSchema = z.strictObject({
  id,
  station,
  connector: connector.optional().describe('absent: all of the station'),
  enabled: z.boolean().describe('false = no current until the time is over; true = ends that'),
  durationS,
  reason: reason.optional(),
  dryRun: z.boolean().default(false),
})
/** What a pause is called among the limits in force. */
export const pauseId = (orderId: string): string => `pause:${orderId}`
export type EnableOrder = z.infer<typeof enableOrderSchema>

export const departureOrderSchema = z
  .strictObject({
    id,
    station: station.optional().describe('with its connector where it has several'),
    connector: connector.optional(),
    bay: z.string().min(1).max(60).optional().describe('as the configuration of a station names it'),
    vehicle: z.string().min(1).max(60).optional().describe('its name or tag, as "vehicles" has them'),
    departureAt: z.iso.datetime({ offset: true }).optional(),
    energyWh: z
      .number()
      .int()
      .min(1)
      .max(MAX_ENERGY_WH)
      .optional()
      .describe('from the start of its session until it leaves'),
    priorityClass: z.number().int().min(1).max(PRIORITY_CLASSES).optional().describe('1 is served first'),
    orLess: z
      .boolean()
      .default(false)
      .describe('taken also where not all of it is possible; the answer says what is missing'),
    withdraw: z.boolean().default(false).describe('what was said does not hold any more'),
    dryRun: z.boolean().default(false),
  })
  .refine(
    ({ station, bay, vehicle }) => [station, bay, vehicle].filter(it => it !== undefined).length === 1,
    {
      path: ['station'],
      message: expecting('one-target'),
    },
  )
  .refine(({ station, connector }) => connector === undefined || station !== undefined, {
    path: ['connector'],
    message: expecting('with-station'),
  })
export type DepartureOrder = z.infer<typeof departureOrderSchema>

export const clearOrderSchema = z.strictObject({ id, dryRun: z.boolean().default(false) })
export type ClearOrder = z.infer<typeof clearOrderSchema>
