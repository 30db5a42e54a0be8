/** The shapes in which the API speaks of the configuration: faults, proof, difference, history. */
import { z } from '@hono/zod-openapi'
import { proofSchema } from './proof-routes.js'
import { saidFields, toldFields } from './said-schema.js'

const fault = z
  .strictObject({
    path: z.string(),
    ...toldFields,
    line: z.int().optional(),
    column: z.int().optional(),
  })
  .openapi('ConfigurationFault')

const change = z
  .strictObject({
    path: z.string().describe('members of lists by their id'),
    before: z.string().optional().describe('JSON; absent = it was not there'),
    after: z.string().optional().describe('JSON; absent = it is gone'),
  })
  .openapi('ConfigurationChange')

const proof = proofSchema
  .extend({
    circuits: z
      .array(
        z.strictObject({
          circuitId: z.string(),
          failSafeA: z.number(),
          worstOtherLoadA: z.number(),
          limitA: z.number(),
          holds: z.boolean(),
        }),
      )
      .readonly()
      .describe('every link dead, every connector at its fail-safe, worst phase'),
  })
  .openapi('ConfigurationProof')

export const checkSchema = z
  .strictObject({
    faults: z.array(fault).readonly(),
    moreFaults: z.int(),
    missing: z.array(fault).readonly().describe('named, and not on this machine: it will not work'),
    proof: proof.optional(),
    changes: z.array(change).readonly(),
    moreChanges: z.int(),
    restartFor: z
      .array(z.string())
      .readonly()
      .describe('places for which Busbar restarts itself; empty = all of it is applied while sessions run'),
  })
  .openapi('ConfigurationCheck')

export const takenSchema = z
  .strictObject({
    applies: z.enum(['live', 'restart', 'nothing']),
    ...saidFields,
    inS: z.number().optional(),
    sessions: z.int().optional(),
    links: z.int().optional(),
    webPort: z.int().optional().describe('where the page will be'),
    number: z.int().optional().describe('of the change in the history'),
    restartFor: z.array(z.string()).readonly().optional(),
    changes: z.array(change).readonly(),
  })
  .openapi('ConfigurationTaken')

export const faultySchema = z
  .strictObject({
    error: z.string(),
    ...toldFields,
    faults: z.array(fault).readonly(),
    moreFaults: z.int(),
    proof: proof.optional(),
  })
  .openapi('FaultyConfiguration')

export const configurationHistorySchema = z.strictObject({
  changes: z
    .array(
      z.strictObject({
        number: z.int(),
        at: z.string(),
        by: z.string(),
        action: z.enum(['changed', 'rolled back', 'restored', 'withdrawn']),
        isInFile: z
          .boolean()
          .describe('false = the file says something else: edited by hand since, or cut off'),
        hadBefore: z.boolean().describe('there is something to go back to'),
        changes: z.array(change).readonly(),
        moreChanges: z.int(),
      }),
    )
    .readonly(),
})
