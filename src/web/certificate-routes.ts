/**
 * Certificates, least security profiles and the security record: read by whoever is logged in, changed by name. The root is
 * public and can be fetched as a file, for the web form of a station. Private keys never leave the authority.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { refusal } from '../core/words/refused.js'
import { json, mutating, notLoggedIn, refused, type WebRouter } from './routes.js'
import type { SecurityDesk } from './security-desk.js'

const certificate = z.strictObject({
  sha256: z.string(),
  notAfter: z.string(),
  names: z.array(z.string()).readonly(),
})
const certificatesSchema = z
  .strictObject({
    root: certificate.optional().describe('of the site authority; absent where there is none'),
    servers: z.array(certificate).readonly().describe('shown by this cabinet, one for each kind of key'),
    issued: z
      .array(
        z.strictObject({
          stationId: z.string(),
          sha256: z.string(),
          notAfter: z.string(),
          issuedAt: z.string(),
          by: z.string(),
          revoked: z.boolean(),
        }),
      )
      .readonly(),
    leastProfiles: z
      .array(z.strictObject({ stationId: z.string(), least: z.int(), shown: z.int().optional() }))
      .readonly()
      .describe('OCPP security profiles; `shown` is the best one the station has proven itself with'),
  })
  .openapi('Certificates')
const recordSchema = z
  .strictObject({
    entries: z
      .array(
        z.strictObject({
          seq: z.int(),
          at: z.string(),
          type: z.string(),
          about: z.string().optional(),
          detail: z.string().optional(),
          hash: z.string(),
        }),
      )
      .readonly(),
    brokenAt: z.int().optional().describe('where the chain of hashes did not hold at start'),
    saveFault: z.string().optional(),
  })
  .openapi('SecurityRecord')
const stationId = z.object({ id: z.string().min(1).max(48) })

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/certificates',
  responses: {
    200: json(certificatesSchema, 'certificates and security profiles of the site'),
    ...notLoggedIn,
  },
})
const rootRoute = createRoute({
  method: 'get',
  path: '/api/v1/certificates/root.pem',
  responses: {
    200: {
      description: 'the root of the site authority, PEM',
      content: { 'application/x-pem-file': { schema: { type: 'string' as const } } },
    },
    ...notLoggedIn,
    404: refused('there is no site authority'),
  },
})
const revokeRoute = createRoute({
  method: 'post',
  path: '/api/v1/certificates/{sha256}/revocation',
  request: {
    params: z.object({ sha256: z.string().regex(/^[0-9A-Fa-f]{64}$/) }),
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ revoked: z.literal(true) }) } },
    },
  },
  responses: {
    200: json(
      z.strictObject({ kept: z.boolean(), closed: z.int() }).openapi('Revocation'),
      'nobody is let in with it any more, nor with those of the station that it replaced; `kept` = also after a restart, `closed` = connections that were ended',
    ),
    ...mutating,
    404: refused('there is no site authority'),
  },
})
const lowerRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/security-profile',
  request: {
    params: stationId,
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ forget: z.literal(true) }) } },
    },
  },
  responses: {
    200: json(
      z.strictObject({ least: z.int() }).openapi('LeastProfile'),
      'what the station has shown counts no more: the least it is let in with from now on',
    ),
    ...mutating,
    404: refused('it has shown none'),
  },
})
const recordRoute = createRoute({
  method: 'get',
  path: '/api/v1/security-record',
  responses: { 200: json(recordSchema, 'the newest entries, oldest first'), ...notLoggedIn },
})

export function certificateRoutes(app: WebRouter, desk: SecurityDesk): void {
  const noAuthority = refusal('no-authority', {})
  app.openapi(listRoute, c => c.json(desk.certificates(), 200))
  app.openapi(rootRoute, c => {
    const pem = desk.rootPem()
    if (pem === undefined) return c.json(noAuthority, 404)
    return c.body(pem, 200, {
      'content-type': 'application/x-pem-file',
      'content-disposition': 'attachment; filename="busbar-root.pem"',
    })
  })
  app.openapi(revokeRoute, async c => {
    const outcome = await desk.revoke(c.req.valid('param').sha256.toUpperCase(), c.get('identity').name)
    return outcome === undefined ? c.json(noAuthority, 404) : c.json(outcome, 200)
  })
  app.openapi(lowerRoute, c => {
    const least = desk.forgetProfile(c.req.valid('param').id, c.get('identity').name)
    return least === undefined ? c.json(refusal('nothing-to-forget', {}), 404) : c.json({ least }, 200)
  })
  app.openapi(recordRoute, c => c.json(desk.record(), 200))
}
