/**
 * The shapes of the API, once: these schemas are the types of the routes, the check of what comes in and the OpenAPI
 * document. The site itself is typed in core/view/document.ts; a schema here that does not fit it does not compile.
 */
import { z } from '@hono/zod-openapi'
import { MAX_ENERGY_WH, MAX_WEIGHT, PRIORITY_CLASSES } from '../core/config/site.js'
import { SHARING_RULES } from '../core/config/site-profile.js'
import { LIFTS, OTHER_LOAD_DOUBTS, PART_CODES, REASON_CODES } from '../core/control/reason.js'
import { BROKER_FAULTS, CSMS_LINK_REASONS, STATION_REFUSALS } from '../core/events.js'
import { LIMIT_SOURCES, LIMIT_STATES } from '../core/limits/limit.js'
import { REGISTER_DOUBTS } from '../core/measuring/energy-count.js'
import { PHASE_NAMES } from '../core/site/phases.js'
import { CONNECTOR_STATUSES } from '../core/station/wire-enums.js'
import { meterSchema as meter } from './meter-schemas.js'
import { maybeSaid, said, toldFields } from './said-schema.js'

const perPhase = z.tuple([z.number(), z.number(), z.number()]).readonly().describe('site L1, L2, L3')
const instant = z.string().describe('ISO 8601, UTC')

export const refusalSchema = z
  .strictObject({
    error: z.string(),
    ...toldFields,
    shortWh: z.number().optional().describe('of a departure: what is missing of what was asked for'),
  })
  .openapi('Refusal')

const order = z.strictObject({
  source: z.enum(LIMIT_SOURCES),
  state: z.enum(LIMIT_STATES),
  id: z.string(),
  by: z.string(),
})

export const alarm = z
  .strictObject({
    code: z.string(),
    about: z.string().optional(),
    text: z.string(),
    ...maybeSaid,
    since: instant,
    acknowledged: z.strictObject({ at: instant, by: z.string() }).optional(),
  })
  .openapi('Alarm')

const csms = z.strictObject({
  state: z.enum(['connected', 'partly', 'away', 'none']),
  url: z.string().optional(),
  openLinks: z.int(),
  connectedStations: z.int(),
  waitingMessages: z.int(),
  mirrors: z
    .array(
      z.strictObject({
        id: z.string(),
        url: z.string(),
        state: z.enum(['connected', 'partly', 'away', 'idle']),
        openLinks: z.int(),
        wantedLinks: z.int(),
        reason: z.string().optional(),
        waitingMessages: z.int(),
        droppedMessages: z.int(),
        refusedOrders: z.int(),
      }),
    )
    .readonly()
    .optional(),
})

const mqtt = z.strictObject({
  state: z.enum(['connected', 'away', 'none']),
  url: z.string().optional(),
  reason: z.enum(BROKER_FAULTS).optional(),
  detail: z.string().optional(),
  since: instant.optional(),
  nextTryAt: instant.optional(),
})

const csmsLink = z
  .strictObject({
    state: z.enum(['open', 'silent', 'connecting', 'waiting', 'idle', 'none']),
    reason: z.enum(CSMS_LINK_REASONS).optional(),
    detail: z.string().optional(),
    since: instant.optional(),
    nextTryAt: instant.optional(),
  })
  .openapi('CsmsLink')

export const refusedStation = z
  .strictObject({
    stationId: z.string().optional(),
    path: z.string(),
    reason: z.enum(STATION_REFUSALS),
    count: z.int(),
    last: instant,
    remote: z.string(),
  })
  .openapi('RefusedStation')

export const circuitWhy = z
  .strictObject({
    phase: z.enum(PHASE_NAMES).describe('the one with the least left'),
    text: z.string(),
    limitA: z.number(),
    onlyStations: z.literal(true).optional().describe('the limit is for the stations alone'),
    order: order.optional().describe('the limit from outside that it is'),
    parts: z
      .array(
        z.strictObject({
          code: z.enum(PART_CODES),
          valueA: z.number(),
          about: z.array(z.string()).readonly().optional(),
          count: z.int().optional(),
        }),
      )
      .readonly(),
  })
  .openapi('CircuitWhy')

export const circuit = z
  .strictObject({
    id: z.string(),
    parentId: z.string().optional(),
    ratedCurrentA: z.number(),
    limitA: z.number(),
    meterId: z.string().optional(),
    measuredA: perPhase.optional(),
    measuredSource: z.enum(['meter', 'stations', 'estimate']).optional(),
    powerW: z.number().optional().describe('by its meter, else the sum of the stations below'),
    importWh: z
      .number()
      .optional()
      .describe('lifetime register, by its meter or the sum of the stations below'),
    otherLoadA: perPhase,
    otherLoadSource: z.enum(['measured', 'worst case']),
    otherLoadWhy: z.string().optional(),
    otherLoadDoubt: z.enum(OTHER_LOAD_DOUBTS).optional(),
    reserveA: perPhase.describe(
      'kept beyond the other load, because it cannot be proven to be station current',
    ),
    offeredA: z.number().describe('told to the stations below, on the phase with the most'),
    bookedA: perPhase,
    headroomA: perPhase,
    why: circuitWhy,
  })
  .openapi('Circuit')

const reason = z
  .strictObject({
    code: z.enum(REASON_CODES),
    name: z.string(),
    valueA: z.number().describe('the most it leaves; out of reach: what is counted'),
    since: instant.optional(),
    lift: z.enum(LIFTS).describe('what would lift it'),
    lifted: z.string().describe('that in words'),
    liftAt: instant.optional().describe('at the latest, or looked at again'),
    circuitId: z.string().optional(),
    phase: z.enum(PHASE_NAMES).optional(),
    about: z.string().optional().describe('the meter it is about'),
    towardsA: z.number().optional(),
    cars: z.int().optional().describe('who share there'),
    rule: z.enum(SHARING_RULES).optional(),
    order: order.optional().describe('the limit from outside that it is'),
  })
  .openapi('Reason')

export const why = z
  .strictObject({
    code: z.enum([
      'idle',
      'full',
      'circuit',
      'waiting',
      'car',
      'csms',
      'order',
      'ramp',
      'unverified',
      'unreachable',
      'meter',
      'refused',
    ]),
    text: z.string(),
    circuitId: z.string().optional(),
    phase: z.enum(PHASE_NAMES).optional(),
    chain: z.array(reason).readonly().describe('from the most it can give down to what holds now'),
  })
  .openapi('Why')

/** What somebody says of a session; every part may be absent. */
const claimParts = {
  departureAt: instant.optional(),
  energyWh: z.number().min(0).max(MAX_ENERGY_WH).optional(),
  weight: z.number().min(0.1).max(MAX_WEIGHT).optional(),
  priorityClass: z.int().min(1).max(PRIORITY_CLASSES).optional(),
}
export const claimSchema = z
  .strictObject({
    ...claimParts,
    source: z.enum(['api', 'tag', 'learned']),
    learned: z
      .strictObject({ times: z.int(), of: z.int() })
      .optional()
      .describe('so many of the last sessions left at that time; nobody has said so'),
  })
  .openapi('SessionClaim')
export const sessionBody = z
  .strictObject({ ...claimParts, departureAt: z.iso.datetime({ offset: true }).optional() })
  .openapi('SessionWish')

const energyDoubt = z.enum(REGISTER_DOUBTS).optional()
const energy = { energyWh: z.number(), energyDoubt, claim: claimSchema.optional() }
export const connector = z
  .strictObject({
    id: z.int(),
    status: z.enum([...CONNECTOR_STATUSES, 'unknown']),
    errorCode: z.string().optional(),
    transaction: z.strictObject({ ...energy, id: z.int(), since: instant }).optional(),
    allocationA: z.number().optional(),
    bookedA: z.number(),
    measuredA: perPhase.optional(),
    isEstimate: z.boolean().optional(),
    measuredAt: instant.optional(),
    powerW: z.number().optional().describe('as the station tells it, else amps by voltage'),
    importWh: z.number().optional().describe('the station\u2019s own lifetime register, as last told'),
    phases: z.tuple([z.boolean(), z.boolean(), z.boolean()]).readonly(),
    maxCurrentA: z.number(),
    failSafeCurrentA: z.number(),
    installedFailSafeA: z.number().optional(),
    survivedReboot: z.enum(['yes', 'no', 'unknown']),
    why,
  })
  .openapi('Connector')

const bootInfo = z.strictObject({
  vendor: z.string(),
  model: z.string(),
  serialNumber: z.string().optional(),
  firmware: z.string().optional(),
})

export const station = z
  .strictObject({
    id: z.string(),
    name: z.string().optional(),
    bay: z.string().optional(),
    device: z.string(),
    circuitId: z.string(),
    connected: z.boolean(),
    since: instant,
    isolated: z.boolean(),
    upstream: z.enum(['open', 'away', 'none']),
    csms: csmsLink,
    boot: bootInfo.optional(),
    configuration: z
      .strictObject({
        readAt: instant,
        differences: z.int(),
        rebootRequired: z.array(z.string()).readonly(),
        notices: z.array(said).readonly(),
      })
      .optional(),
    profileWrites: z.int(),
    powerW: z.number().optional().describe('of all connectors'),
    importWh: z.number().optional().describe('sum of the connectors\u2019 lifetime registers'),
    connectors: z.array(connector).readonly(),
    notConfigured: z
      .array(z.strictObject({ connectorId: z.int(), bookedA: z.number() }))
      .readonly()
      .optional(),
    clockDoubt: z.enum(['read-back', 'our-clock']).optional(),
    planFault: z.string().optional(),
    release: z.enum(['waits', 'clears', 'done']).optional(),
    loadControl: z.literal('csms').optional(),
  })
  .openapi('Station')

export const retiredStation = z
  .strictObject({
    id: z.string(),
    connectorIds: z.array(z.int()).readonly(),
    circuitIds: z.array(z.string()).readonly(),
    bookedA: perPhase,
  })
  .openapi('RetiredStation')

export const learning = z
  .strictObject({
    until: instant.optional().describe('unknown stations may connect until then; absent while they may not'),
    stations: z
      .array(
        z.strictObject({
          id: z.string(),
          remote: z.string(),
          since: instant,
          connected: z.boolean(),
          boot: bootInfo.optional(),
          connectors: z
            .array(z.strictObject({ id: z.int(), status: z.enum([...CONNECTOR_STATUSES, 'unknown']) }))
            .readonly(),
          heldConnectorIds: z.array(z.int()).readonly().describe('have accepted 0 A'),
          bookedA: z.number().describe('on every circuit and phase'),
        }),
      )
      .readonly(),
  })
  .openapi('Learning')

export const limitSchema = z
  .strictObject({
    source: z.enum(LIMIT_SOURCES),
    id: z.string(),
    target: z.string().describe('"site", the id of a circuit or station, or "station/connector"'),
    onlyStations: z.literal(true).optional().describe('of what its stations draw together'),
    limitA: z.number().optional().describe('per phase'),
    limitW: z.number().optional().describe('of all phases together'),
    state: z.enum(['ordered', 'fallback']).describe('fallback: whoever gave it is silent'),
    since: instant,
    until: instant.optional(),
    reason: z.string().optional(),
    by: z.string(),
    binds: z.boolean().describe('it is the lowest somewhere'),
  })
  .openapi('Limit')

export const siteSchema = z
  .strictObject({
    siteId: z.string(),
    at: instant,
    mode: z.enum(['normal', 'degraded']),
    alarms: z.array(alarm).readonly(),
    csms,
    mqtt,
    circuits: z.array(circuit).readonly(),
    meters: z.array(meter).readonly(),
    stations: z.array(station).readonly(),
    retiredStations: z.array(retiredStation).readonly(),
    learning,
    limits: z.array(limitSchema).readonly(),
    refusedStations: z.array(refusedStation).readonly(),
    configurationFaults: z
      .array(z.strictObject({ path: z.string(), ...toldFields }).openapi('SetupFault'))
      .readonly()
      .optional()
      .describe('only in set-up mode: why the configuration was not taken'),
  })
  .openapi('Site')
