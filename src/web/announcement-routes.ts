/** Under which names the page is announced in the local networks, and where it is not, why. */
import { createRoute, z } from '@hono/zod-openapi'
import type { PageInNetwork } from '../ports.js'
import { json, notLoggedIn, type WebRouter } from './routes.js'

const announcement = z
  .strictObject({
    networks: z
      .array(
        z.strictObject({
          address: z.string().describe('IPv4 address of this machine in that network'),
          name: z.string().optional().describe('in lists of services; absent while nothing is announced'),
          hostNames: z.array(z.string()).readonly(),
          taken: z
            .array(z.strictObject({ name: z.string(), by: z.string() }))
            .readonly()
            .describe('names that another machine answers for, by its address'),
          fault: z
            .strictObject({
              kind: z
                .enum(['names-taken', 'name-lost', 'network'])
                .describe('name-lost: another machine has begun to answer for one'),
              detail: z.string().describe('the name, or what the system says'),
            })
            .optional()
            .describe('why nothing is announced there; tried again each minute'),
        }),
      )
      .readonly()
      .describe('none where nothing is announced'),
  })
  .openapi('Announcement')

const announcementRoute = createRoute({
  method: 'get',
  path: '/api/v1/announcement',
  responses: { 200: json(announcement, 'the page in the local networks, by mDNS'), ...notLoggedIn },
})

export function announcementRoutes(app: WebRouter, networks: () => readonly PageInNetwork[]): void {
  app.openapi(announcementRoute, c => c.json({ networks: networks() }, 200))
}
