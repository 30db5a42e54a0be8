/**
 * OCPP commands to a station, given by whoever is logged in: the body is the OCPP payload, the answer the station's
 * CALLRESULT or CALLERROR with the time it took. The same table decides as for a CSMS; nothing here knows it.
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { CallOutcome } from '../core/answer.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Ports } from '../ports.js'
import { json, mutating, refused, type WebRouter } from './routes.js'
import type { CommandDesk, Released } from './site-reader.js'
import { tryRoutes } from './try-routes.js'

const payloadSchema = z.record(z.string(), z.unknown()).openapi('OcppPayload')
const outcomeSchema = z
  .union([
    z.strictObject({ answer: payloadSchema, tookMs: z.number() }),
    z.strictObject({
      error: z.strictObject({ code: z.string(), description: z.string(), details: payloadSchema }),
      tookMs: z.number(),
    }),
  ])
  .openapi('CommandOutcome')

const commandRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/commands/{action}',
  request: {
    params: z.object({ id: z.string().min(1).max(48), action: z.string().min(1).max(50) }),
    body: { required: true, content: { 'application/json': { schema: payloadSchema } } },
  },
  responses: {
    200: json(outcomeSchema, "the station's CALLRESULT, or a CALLERROR"),
    ...mutating,
    400: refused('no OCPP 1.6 command, or a payload that does not fit'),
    404: refused('no such station'),
    409: refused('the station is not connected'),
    504: refused('the station did not answer'),
  },
})

const isolationSchema = z.strictObject({ isolated: z.boolean() }).openapi('Isolation')
const isolationRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/isolation',
  request: {
    params: z.object({ id: z.string().min(1).max(48) }),
    body: { required: true, content: { 'application/json': { schema: isolationSchema } } },
  },
  responses: {
    200: json(
      isolationSchema,
      'nothing is booked for the station until it connects, or again as before; one no longer configured is forgotten',
    ),
    ...mutating,
    409: refused('the station is connected, or nothing is booked for it'),
  },
})

const releaseBody = z
  .strictObject({ released: z.boolean(), confirm: z.string().describe('the id of the station once more') })
  .openapi('Release')
const releasedSchema = z
  .strictObject({
    released: z.boolean(),
    keys: z.array(z.strictObject({ key: z.string(), value: z.string(), status: z.string() })).readonly(),
    clearedProfiles: z
      .array(
        z.strictObject({
          connectorId: z.int(),
          purpose: z.string(),
          stackLevel: z.int().optional().describe('absent: of every level'),
          at: z.string(),
        }),
      )
      .readonly()
      .describe(
        'profiles of somebody else that were found and cleared; whoever wants them back has to send them',
      ),
  })
  .openapi('Released')
const releaseRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{id}/release',
  request: {
    params: z.object({ id: z.string().min(1).max(48) }),
    body: { required: true, content: { 'application/json': { schema: releaseBody } } },
  },
  responses: {
    200: json(
      releasedSchema,
      'nothing is written to the station any more: it is booked at its maximum, its profiles are cleared as soon as the others have made room; or it is controlled again',
    ),
    ...mutating,
    409: refused('not confirmed, or the station is not connected'),
  },
})

const learningSchema = z.strictObject({ open: z.boolean() }).openapi('LearningWindow')
const learnRoute = createRoute({
  method: 'post',
  path: '/api/v1/learn',
  request: { body: { required: true, content: { 'application/json': { schema: learningSchema } } } },
  responses: {
    200: json(
      learningSchema,
      'for 15 minutes stations that are not configured may connect; they are listed under learning and get no energy; or no longer',
    ),
    ...mutating,
  },
})

export function commandRoutes(
  app: WebRouter,
  commands: CommandDesk,
  ports: Pick<Ports, 'clock' | 'log'>,
): void {
  app.openapi(commandRoute, async c => {
    const { id, action } = c.req.valid('param')
    const payload = c.req.valid('json')
    const fault = commands.fault(id, action, payload)
    if (fault?.kind === 'unknown-station') {
      return c.json(refusal('no-station', { found: id }), 404)
    }
    if (fault !== undefined) {
      const { code: error, path, found, expected } = fault
      return c.json(refusal('unfit-command', { error, path, found, expected }), 400)
    }
    const startMs = ports.clock.monoMs()
    const outcome = await commands.send(id, action, payload)
    const tookMs = Math.round(ports.clock.monoMs() - startMs)
    ports.log.write('info', 'command', {
      station: id,
      action,
      by: c.get('identity').name,
      outcome: outcome.kind,
      tookMs,
    })
    c.set('audit', {
      what: say('audit-command', { command: commandText(action, payload), station: id }),
      after: say(`command-${outcome.kind}`),
    })
    switch (outcome.kind) {
      case 'result':
        return c.json({ answer: objectOf(outcome.payloadText), tookMs }, 200)
      case 'error':
        return c.json({ error: errorOf(outcome), tookMs }, 200)
      case 'timeout':
        return c.json(refusal('no-answer-in', { tookMs }), 504)
      case 'closed':
        return c.json(refusal('not-connected', { found: id }), 409)
    }
  })
  app.openapi(isolationRoute, c => {
    const { id } = c.req.valid('param')
    const { isolated } = c.req.valid('json')
    if (!commands.isolate(id, isolated, c.get('identity').name)) {
      return c.json(refusal('not-isolable', { found: id }), 409)
    }
    c.set('audit', {
      what: say('audit-isolation', { station: id }),
      after: say(isolated ? 'isolated' : 'not-isolated'),
    })
    ports.log.write('warn', 'isolation', { station: id, isolated, by: c.get('identity').name })
    return c.json({ isolated }, 200)
  })
  app.openapi(releaseRoute, async c => {
    const { id } = c.req.valid('param')
    const { released, confirm } = c.req.valid('json')
    if (confirm !== id) return c.json(refusal('not-confirmed', { found: confirm }), 409)
    const isBack = !released && commands.takeBack(id)
    const done = released
      ? await commands.release(id)
      : isBack
        ? { keys: [], clearedProfiles: [] }
        : undefined
    if (done === undefined) return c.json(refusal('not-controlled', { found: id }), 409)
    const words = [say('controlled'), say('released')]
    const [before, after] = released ? words : words.reverse()
    c.set('audit', { what: say('audit-control', { station: id }), before, after })
    ports.log.write('warn', 'release', { station: id, released, by: c.get('identity').name })
    return c.json({ released, keys: [...done.keys], clearedProfiles: done.clearedProfiles.map(shown) }, 200)
  })
  app.openapi(learnRoute, c => {
    const { open } = c.req.valid('json')
    commands.learn(open)
    c.set('audit', { what: say('audit-learning'), after: say(open ? 'window-open' : 'window-closed') })
    ports.log.write('warn', 'learning window', { open, by: c.get('identity').name })
    return c.json({ open }, 200)
  })
  tryRoutes(app, commands, ports)
}

/** Keys that hold a secret; what else a payload says may be a tag. */
const SECRET_KEY = /key|password|secret|credential|auth/i

/** "ChangeConfiguration HeartbeatInterval = 60": what it changes, never a tag and never a password. */
function commandText(action: string, { key, value }: Readonly<Record<string, unknown>>): string {
  if (action !== 'ChangeConfiguration' || typeof key !== 'string') return action
  return SECRET_KEY.test(key) || typeof value !== 'string'
    ? `${action} ${key}`
    : `${action} ${key} = ${value}`
}

function errorOf(outcome: CallOutcome & { readonly kind: 'error' }): {
  code: string
  description: string
  details: Record<string, unknown>
} {
  return { code: outcome.code, description: outcome.description, details: objectOf(outcome.detailsText) }
}

function shown({ connectorId, purpose, stackLevel, at }: Released['clearedProfiles'][number]) {
  return { connectorId, purpose, at, ...(stackLevel !== undefined && { stackLevel }) }
}

function objectOf(text: string): Record<string, unknown> {
  const parsed = payloadSchema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : {}
}
