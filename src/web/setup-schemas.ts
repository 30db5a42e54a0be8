/** The shapes in which the API speaks of putting a site into service; the same read the record of it from the disk. */
import { z } from '@hono/zod-openapi'
import { expecting } from '../core/config/faults.js'
import { STATION_ID } from '../core/config/ids.js'
import { CSMS_LINK_REASONS } from '../core/events.js'
import { DRIVE_STAGES } from '../core/measuring/wiring-drive.js'

const instant = z.string().describe('ISO 8601, UTC')
const perPhase = z.tuple([z.number(), z.number(), z.number()]).readonly().describe('site L1, L2, L3')
const stationId = z.string().regex(STATION_ID, expecting('station-id'))
const phase = z.enum(['L1', 'L2', 'L3'])
const seconds = z.number().min(0).optional()

export const STATES = ['open', 'left', 'done'] as const
const MAX_KEPT = 200
/** Meters have connections that have ports: nothing that the page keeps lies deeper. */
const MAX_LEVELS = 8
const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every(part => isWithin(part, levels - 1)))
/** What a person has typed so far: the page's own, kept and given back as it is. */
const entered = z
  .record(z.string(), z.unknown())
  .refine(value => isWithin(value, MAX_LEVELS), expecting('levels-of-state'))

export const drillResultSchema = z
  .strictObject({
    kind: z.enum(['uplink', 'meter', 'restart']),
    about: z.string().optional().describe('the meter'),
    by: z.string(),
    at: instant,
    passed: z.boolean(),
    failure: z
      .enum([
        'not-pulled',
        'too-short',
        'station-lost',
        'session-lost',
        'over-limit',
        'late',
        'not-back',
        'clock-set',
      ])
      .optional(),
    failedAt: z.string().optional().describe('station, connector or circuit'),
    outS: seconds.describe('how long it was out'),
    commandedS: seconds.describe('from the last good sample to the worst case decided'),
    effectS: seconds.describe('from the last good sample to every station told and below'),
    stations: z.int().min(0),
    sessions: z.int().min(0),
  })
  .openapi('DrillResult')

export const drillSchema = z
  .strictObject({
    kind: z.enum(['uplink', 'meter', 'restart']),
    about: z.string().optional(),
    by: z.string(),
    startedWallMs: z.number(),
    stationIds: z.array(z.string()).readonly(),
    sessions: z.array(z.string()).readonly(),
    stage: z.enum(['pull', 'out', 'plug in']),
    outWallMs: z.number().optional(),
    commandedS: z.number().optional(),
    effectS: z.number().optional(),
    overSinceWallMs: z.number().optional(),
    lastWallMs: z.number(),
  })
  .openapi('Drill')

const fault = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('other-feeder'), meterId: z.string() }),
    z.strictObject({ kind: z.literal('not-seen') }),
    z.strictObject({
      kind: z.literal('order'),
      phaseRotations: z.array(z.enum(['RST', 'RTS', 'SRT', 'STR', 'TRS', 'TSR', 'Unknown'])).readonly(),
      phaseMaps: z.array(z.enum(['L1L2L3', 'L1L3L2', 'L2L1L3', 'L2L3L1', 'L3L1L2', 'L3L2L1'])).readonly(),
    }),
    z.strictObject({ kind: z.literal('first-phase'), phase }),
    z.strictObject({ kind: z.literal('reversed'), phases: z.array(phase).readonly() }),
    z.strictObject({ kind: z.literal('inverted'), invert: z.boolean() }),
    z.strictObject({ kind: z.literal('factor'), share: z.number(), ctRatio: z.number() }),
    z.strictObject({ kind: z.literal('not-followed'), toldA: z.number(), drawnA: z.number() }),
  ])
  .openapi('StationWiringFault')

export const stationWiringSchema = z
  .strictObject({
    stationId,
    meterId: z.string().optional().describe('the nearest meter above it; absent: none is there'),
    running: z.boolean(),
    finding: z.enum(['waiting', 'unclear', 'judged', 'no-meter', 'not-running']),
    faults: z.array(fault).readonly().describe('empty with "judged": the meter follows this station'),
    meterProven: z.boolean().describe('another station below the same meter was found right'),
    steps: z
      .array(z.strictObject({ stationA: perPhase, meterA: perPhase }))
      .readonly()
      .describe('what the station says it did, and what the meter showed'),
    disturbed: z.int().describe('steps beside which other load moved'),
    unread: z.int().default(0).describe('steps before or after which the meter was not read'),
    late: z.int().default(0).describe('steps that were told late, or before which other load had moved'),
    stage: z
      .enum([...DRIVE_STAGES, 'waits', 'meter-silent'])
      .optional()
      .describe('what Busbar does now; absent while no test runs'),
    toldA: z.number().optional().describe('what the car is held at'),
    waitsFor: z.string().optional().describe('the station that is tested first'),
    orderUnknown: z.boolean(),
    unseen: z.array(phase).readonly(),
  })
  .openapi('StationWiring')

export const keptWiringSchema = stationWiringSchema
  .extend({ at: instant, by: z.string() })
  .openapi('KeptStationWiring')

export const setupSchema = z
  .strictObject({
    revision: z.int().min(0).describe('goes back with the next change'),
    state: z.enum(['none', ...STATES]).describe('none: nobody has begun'),
    step: z.string(),
    entered,
    drill: drillSchema.optional().describe('runs now'),
    drills: z.array(drillResultSchema).readonly(),
    wiring: z.array(keptWiringSchema).readonly().describe('the last of each station'),
  })
  .openapi('Setup')

/** As it lies in setup.json. */
export const setupRecordSchema = z.strictObject({
  version: z.literal(1),
  revision: z.int().min(0),
  state: z.enum(STATES),
  step: z.string().max(40),
  entered,
  drill: drillSchema.optional(),
  drills: z.array(drillResultSchema).max(MAX_KEPT),
  wiring: z.array(keptWiringSchema).max(1_000),
})
export type SetupRecord = z.infer<typeof setupRecordSchema>

export const setupBody = z
  .strictObject({
    revision: z.int().min(0),
    state: z.enum(STATES),
    step: z.string().min(1).max(40),
    entered,
  })
  .openapi('SetupWish')

export const drillBody = z
  .strictObject({
    kind: z.enum(['uplink', 'meter', 'restart']).optional().describe('absent: the one that runs is given up'),
    meterId: z.string().min(1).max(48).optional(),
  })
  .openapi('DrillOrder')

export const csmsTestBody = z
  .strictObject({
    url: z
      .string()
      .min(1)
      .max(500)
      .regex(/^wss?:\/\//, expecting('csms-url')),
    stationId: stationId.describe('as which it is dialled; not one that is connected'),
    password: z.string().min(1).max(256).optional(),
  })
  .openapi('CsmsTest')
export const csmsTestedSchema = z
  .strictObject({
    open: z.boolean(),
    reason: z.enum(CSMS_LINK_REASONS).optional(),
    detail: z.string().optional(),
    tookMs: z.int().min(0),
  })
  .openapi('CsmsTested')

export const restartSchema = z
  .strictObject({
    needs: z.array(z.string()).readonly().describe('what was changed and holds only after a restart'),
    sessions: z.int().describe('go on at their stations'),
    links: z.int().describe('drop for some seconds'),
    inS: z.number().optional().describe('it is due'),
  })
  .openapi('Restart')
