/** What was proven about the site when it was loaded: the two figures of the promise, and what one fault can do to each circuit. */
import { createRoute, z } from '@hono/zod-openapi'
import { refusal } from '../core/words/refused.js'
import { json, notLoggedIn, refused, type WebRouter } from './routes.js'
import type { SiteReader } from './site-reader.js'

const singleFault = z
  .strictObject({
    kind: z.string().describe('what goes wrong, as a code that stays'),
    fault: z.string().describe('the same in English'),
    circuitId: z.string(),
    ratedCurrentA: z.number(),
    worstA: z.number().describe('the most that can flow on one phase while the fault is answered'),
    overS: z
      .number()
      .optional()
      .describe('how long more than the rating can flow; absent = until somebody mends it'),
    untold: z
      .strictObject({
        worstA: z.number().describe('the most that goes on'),
        afterS: z.number().describe('from then on'),
      })
      .optional()
      .describe('what of it nothing tells of, until somebody mends it; absent = nothing'),
    isBounded: z.boolean().describe('inside the curve of fuses and breakers, 1.45 x rated'),
  })
  .openapi('SingleFault')

export const proofSchema = z
  .strictObject({
    aliveOverLimitS: z.number().optional().describe('Busbar alive, other load jumps; absent without a meter'),
    lostOverLimitS: z.number().describe('Busbar lost: until every station is at its fail-safe'),
    singleFaults: z.array(singleFault).readonly(),
  })
  .openapi('Proof')

const proofRoute = createRoute({
  method: 'get',
  path: '/api/v1/proof',
  responses: {
    200: json(proofSchema, 'bounds by the configuration alone, no forecast'),
    ...notLoggedIn,
    404: refused('no sound configuration, so nothing is proven'),
  },
})

export function proofRoutes(app: WebRouter, site: SiteReader): void {
  app.openapi(proofRoute, c => {
    const proof = site.proof()
    if (proof !== undefined) return c.json(proof, 200)
    return c.json(refusal('nothing-proven', {}), 404)
  })
}
