/**
 * The operator's own list of tags, for the whole site: read and written whole, as JSON or CSV. Without a CSMS it decides
 * who may charge; with one it counts while that is away.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { expecting, pathText } from '../core/config/faults.js'
import { idTagKey, isKeepableTag } from '../core/offline/authorization.js'
import { MAX_NOTE_CHARS, MAX_OPERATOR_TAGS, type OperatorTag } from '../core/offline/site-tags.js'
import { textTag } from '../core/text-tag.js'
import { refusal } from '../core/words/refused.js'
import { say } from '../core/words/said.js'
import type { Ports } from '../ports.js'
import { expectedBy } from './refusal.js'
import { json, mutating, notLoggedIn, refused, type WebContext, type WebRouter } from './routes.js'
import type { CommandDesk, SiteReader } from './site-reader.js'
import { parseTagCsv, tagCsv } from './tag-csv.js'

/** 10,000 tags with a word about each. */
export const MAX_TAGS_BYTES = 4 * 1024 * 1024
export const TAGS_PATH = '/api/v1/tags'
export const TAGS_CSV_PATH = '/api/v1/tags.csv'

const tagText = z.string().min(1).max(20).refine(isKeepableTag, expecting('id-tag'))
const tagSchema = z
  .strictObject({
    idTag: tagText,
    status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid']).default('Accepted'),
    expiryDate: z.iso.datetime({ offset: true }).optional(),
    parentIdTag: tagText.optional(),
    note: z.string().max(MAX_NOTE_CHARS).optional(),
  })
  .openapi('OperatorTag')
const tagsSchema = z
  .strictObject({ tags: z.array(tagSchema).max(MAX_OPERATOR_TAGS) })
  .superRefine(({ tags }, context) => {
    const seen = new Map<string, number>()
    for (const [at, { idTag }] of tags.entries()) {
      const earlier = seen.get(idTagKey(idTag))
      if (earlier !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['tags', at, 'idTag'],
          message: expecting('own-tag'),
        })
      seen.set(idTagKey(idTag), at)
    }
  })
  .openapi('OperatorTags')

const csv = (description: string) => ({
  description,
  content: { 'text/csv': { schema: { type: 'string' as const } } },
})
const writing = {
  ...mutating,
  412: refused('If-Match names another list than the one that holds: read it again'),
  500: refused('the list could not be kept: nothing has changed'),
}

const readRoute = createRoute({
  method: 'get',
  path: TAGS_PATH,
  responses: {
    200: json(tagsSchema, "the operator's list, in the order of the tags; its ETag is for If-Match"),
    ...notLoggedIn,
  },
})
const writeRoute = createRoute({
  method: 'put',
  path: TAGS_PATH,
  request: { body: { required: true, content: { 'application/json': { schema: tagsSchema } } } },
  responses: { 200: json(tagsSchema, 'the list as it holds from now on, durable'), ...writing },
})
const readCsvRoute = createRoute({
  method: 'get',
  path: TAGS_CSV_PATH,
  responses: { 200: csv('idTag,status,expiryDate,parentIdTag,note'), ...notLoggedIn },
})
const writeCsvRoute = createRoute({
  method: 'put',
  path: TAGS_CSV_PATH,
  request: { body: { required: true, content: { 'text/csv': { schema: { type: 'string' as const } } } } },
  responses: { 200: csv('the list as it holds from now on, durable'), ...writing },
})

export function tagRoutes(
  app: WebRouter,
  site: SiteReader,
  commands: CommandDesk,
  { log }: Pick<Ports, 'log'>,
): void {
  const shown = () => ({ tags: site.tags().map(shownTag) })
  const etag = () => ({ etag: `"${textTag(JSON.stringify(site.tags()))}"` })
  let lastWrite: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(writing: () => Promise<T>): Promise<T> => {
    const written = lastWrite.then(writing)
    lastWrite = written.catch(() => undefined)
    return written
  }
  /** The list was read before somebody else wrote another. Without If-Match whatever is there is replaced. */
  const isOutdated = (c: WebContext): boolean => {
    const edited = c.req.header('if-match')
    return edited !== undefined && edited !== etag().etag
  }
  const write = async (c: WebContext, tags: readonly z.output<typeof tagSchema>[]): Promise<boolean> => {
    const before = say('tags', { count: site.tags().length })
    const isKept = await commands.setTags(tags.map(keptTag))
    c.set('audit', { what: say('audit-tags'), before, after: say('tags', { count: tags.length }) })
    const by = c.get('identity').name
    log.write(isKept ? 'info' : 'error', isKept ? 'tags-written' : 'tags-not-written', {
      by,
      tags: tags.length,
    })
    return isKept
  }
  app.openapi(readRoute, c => c.json(shown(), 200, etag()))
  app.openapi(writeRoute, c =>
    inTurn(async () => {
      if (isOutdated(c)) return c.json(OUTDATED, 412, etag())
      const isKept = await write(c, c.req.valid('json').tags)
      return isKept ? c.json(shown(), 200, etag()) : c.json(NOT_KEPT, 500)
    }),
  )
  app.openapi(readCsvRoute, c =>
    c.body(tagCsv(shown().tags), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="tags.csv"',
    }),
  )
  app.openapi(writeCsvRoute, async c => {
    const rows = parseTagCsv(await c.req.text())
    if ('fault' in rows) return c.json(rows.fault, 400)
    const parsed = tagsSchema.safeParse({ tags: rows })
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const [, at] = issue?.path ?? []
      return c.json(
        refusal('unfit-in-row', {
          line: typeof at === 'number' ? at + 2 : 1,
          path: pathText(issue?.path.slice(2) ?? []),
          expected: expectedBy(issue),
        }),
        400,
      )
    }
    return inTurn(async () => {
      if (isOutdated(c)) return c.json(OUTDATED, 412, etag())
      const isKept = await write(c, parsed.data.tags)
      const headers = { 'content-type': 'text/csv', ...etag() }
      return isKept ? c.body(tagCsv(shown().tags), 200, headers) : c.json(NOT_KEPT, 500)
    })
  })
}

const OUTDATED = refusal('list-changed', {})
const NOT_KEPT = refusal('tags-not-kept', {})

function keptTag({ expiryDate, ...tag }: z.output<typeof tagSchema>): OperatorTag {
  const { idTag, status, parentIdTag, note } = tag
  return {
    idTag,
    status,
    ...(expiryDate !== undefined && { expiryWallMs: Date.parse(expiryDate) }),
    ...(parentIdTag !== undefined && { parentIdTag }),
    ...(note !== undefined && { note }),
  }
}

function shownTag({
  idTag,
  status,
  expiryWallMs,
  parentIdTag,
  note,
}: OperatorTag): z.output<typeof tagSchema> {
  const known = tagSchema.shape.status.safeParse(status)
  return {
    idTag,
    status: known.success ? known.data : 'Invalid',
    ...(expiryWallMs !== undefined && { expiryDate: new Date(expiryWallMs).toISOString() }),
    ...(parentIdTag !== undefined && { parentIdTag }),
    ...(note !== undefined && { note }),
  }
}
