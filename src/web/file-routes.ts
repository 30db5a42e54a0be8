/**
 * Files for stations without internet: firmware an operator puts here and stations fetch, diagnostics and logs stations
 * put at one-time addresses and an operator fetches. Bodies are streamed, never held. Stations have no login: what they
 * may do stands in `isStationPath`.
 */
import { createRoute, z } from '@hono/zod-openapi'
import { expecting } from '../core/config/faults.js'
import { refusal } from '../core/words/refused.js'
import type { BlobFolder, BlobInfo, Ports } from '../ports.js'
import { refuse } from './refusal.js'
import { json, mutating, notLoggedIn, refused, type WebContext, type WebRouter } from './routes.js'
import { createUploadTokens, type UploadTokens } from './upload-tokens.js'

/** No firmware of the stations seen is larger. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024
/** All uploads together; the oldest give way. */
const MAX_UPLOADS_BYTES = 8 * MAX_FILE_BYTES
/** 36 bits. */
const UPLOAD_BYTES = 6
const OCTETS = 'application/octet-stream'

const FILE_NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,99}'
const FIRMWARE_PATH = new RegExp(`^/files/firmware/${FILE_NAME}$`)
const UPLOAD_PATH = new RegExp(`^/files/uploads/[A-Za-z0-9_-]{16,64}(/${FILE_NAME})?$`)

/** What a station may ask for without a login. */
export function isStationPath(method: string, path: string): boolean {
  if (method === 'GET' || method === 'HEAD') return FIRMWARE_PATH.test(path)
  return (method === 'PUT' || method === 'POST') && UPLOAD_PATH.test(path)
}

/** Bodies of these may be large and slow. */
export function isFilePath(path: string): boolean {
  return path.startsWith('/files/') || path.startsWith('/api/v1/files/')
}

const fileSchema = z
  .strictObject({
    name: z.string(),
    sizeBytes: z.int(),
    sha256: z.string(),
    modifiedAt: z.string(),
    url: z.string().describe('firmware: for the station; uploads: for the operator'),
  })
  .openapi('File')
const filesSchema = z.strictObject({
  firmware: z.array(fileSchema).readonly(),
  uploads: z.array(fileSchema).readonly(),
})
const tokenSchema = z.strictObject({ url: z.string(), expiresAt: z.string() }).openapi('UploadAddress')
const nameParam = z.string().regex(new RegExp(`^${FILE_NAME}$`), expecting('file-name'))
const octets = {
  required: true,
  content: { [OCTETS]: { schema: z.string().openapi({ type: 'string', format: 'binary' }) } },
}

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/files',
  responses: { 200: json(filesSchema, 'what is held here'), ...notLoggedIn },
})
const tokenRoute = createRoute({
  method: 'post',
  path: '/api/v1/files/upload-addresses',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ stationId: z.string().min(1).max(48) }) } },
    },
  },
  responses: {
    200: json(tokenSchema, 'a location for GetDiagnostics or GetLog, good for one upload'),
    ...mutating,
  },
})
const putRoute = createRoute({
  method: 'put',
  path: '/api/v1/files/firmware/{name}',
  request: { params: z.object({ name: nameParam }), body: octets },
  responses: {
    200: json(fileSchema, 'kept'),
    ...mutating,
    413: refused('too large'),
  },
})
const removeRoute = createRoute({
  method: 'delete',
  path: '/api/v1/files/{folder}/{name}',
  request: {
    params: z.object({ folder: z.enum(['firmware', 'uploads']), name: z.string().min(1).max(150) }),
  },
  responses: { 200: json(filesSchema, 'removed'), ...mutating, 404: refused('no such file') },
})

export function fileRoutes(app: WebRouter, ports: Pick<Ports, 'blobs' | 'clock' | 'log' | 'secrets'>): void {
  const { blobs, log } = ports
  const tokens = createUploadTokens(ports.clock, ports.secrets)
  const list = async (c: WebContext) => {
    const shown = async (folder: BlobFolder, at: string) =>
      (await blobs.list(folder)).map(info => shownFile(c, info, at))
    return {
      firmware: await shown('firmware', '/files/firmware'),
      uploads: await shown('uploads', '/api/v1/files/uploads'),
    }
  }
  app.openapi(listRoute, async c => c.json(await list(c), 200))
  app.openapi(tokenRoute, c => {
    const { stationId } = c.req.valid('json')
    const { token, expiresWallMs } = tokens.issue(stationId)
    log.write('info', 'upload-address', { station: stationId, by: c.get('identity').name })
    const expiresAt = new Date(expiresWallMs).toISOString()
    return c.json({ url: `${originOf(c)}/files/uploads/${token}`, expiresAt }, 200)
  })
  app.openapi(putRoute, async c => {
    const { name } = c.req.valid('param')
    const written = await write(c, ports, 'firmware', name)
    if (written === undefined) return c.json(TOO_LARGE, 413, UNREAD)
    log.write('info', 'firmware-kept', {
      file: name,
      sizeBytes: written.sizeBytes,
      by: c.get('identity').name,
    })
    return c.json(shownFile(c, written, '/files/firmware'), 200)
  })
  app.openapi(removeRoute, async c => {
    const { folder, name } = c.req.valid('param')
    if (!(await blobs.remove(folder, name))) return c.json(absent(name), 404)
    log.write('info', 'file-removed', { folder, file: name, by: c.get('identity').name })
    return c.json(await list(c), 200)
  })
  app.get('/api/v1/files/uploads/:name', c => send(c, ports, 'uploads', c.req.param('name')))
  app.get('/files/firmware/:name', c => send(c, ports, 'firmware', c.req.param('name')))
  for (const path of ['/files/uploads/:token', '/files/uploads/:token/:name'])
    app.on(['PUT', 'POST'], path, c => upload(c, ports, tokens))
}

const TOO_LARGE = refusal('file-too-large', { most: MAX_FILE_BYTES })

/** The rest of the body was not read: this connection cannot go on. */
const UNREAD = { connection: 'close' }

const absent = (name: string) => refusal('no-file', { found: name })

/** Undefined when it is too large. */
async function write(
  c: WebContext,
  { blobs }: Pick<Ports, 'blobs'>,
  folder: BlobFolder,
  name: string,
): Promise<BlobInfo | undefined> {
  const body = c.req.raw.body ?? new Blob([]).stream()
  const written = await blobs.write(folder, name, body, MAX_FILE_BYTES)
  return written.kind === 'written' ? written.info : undefined
}

async function upload(
  c: WebContext,
  ports: Pick<Ports, 'blobs' | 'clock' | 'log' | 'secrets'>,
  tokens: UploadTokens,
): Promise<Response> {
  const allowed = tokens.take(c.req.param('token') ?? '')
  if (allowed === undefined) return refuse(c, 404, refusal('no-upload', {}))
  const { stationId } = allowed
  const at = new Date(ports.clock.wallMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const own = c.req.param('name') ?? 'upload'
  // two in one second are two
  const unique = ports.secrets.token(UPLOAD_BYTES).replaceAll(/[^A-Za-z0-9]/g, '0')
  const name = `${stationId.replaceAll(/[^A-Za-z0-9._-]/g, '_')}-${at}-${unique}-${own}`.replace(
    /^[^A-Za-z0-9]+/,
    '',
  )
  let written: BlobInfo | undefined
  try {
    written = await write(c, ports, 'uploads', name.slice(0, 150))
  } finally {
    if (written === undefined) allowed.failed()
  }
  if (written === undefined) return refuse(c, 413, TOO_LARGE, UNREAD)
  const { name: file, sizeBytes } = written
  ports.log.write('info', 'upload-kept', { station: stationId, file, sizeBytes })
  await makeRoom(ports, file)
  return c.json({ name: file, sizeBytes }, 201)
}

/** The oldest uploads give way, never the one that has just come. */
async function makeRoom({ blobs, log }: Pick<Ports, 'blobs' | 'log'>, newest: string): Promise<void> {
  const files = [...(await blobs.list('uploads'))].sort((a, b) => a.modifiedWallMs - b.modifiedWallMs)
  let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  for (const { name, sizeBytes } of files) {
    if (total <= MAX_UPLOADS_BYTES || name === newest) continue
    await blobs.remove('uploads', name)
    total -= sizeBytes
    log.write('warn', 'upload-dropped', { file: name, reason: 'the folder is full' })
  }
}

/** The file, or a part of it: stations go on where a line broke (RFC 9110 §14). */
async function send(
  c: WebContext,
  { blobs }: Pick<Ports, 'blobs'>,
  folder: BlobFolder,
  name: string,
): Promise<Response> {
  const found = await blobs.read(folder, name)
  if (found === undefined) return refuse(c, 404, absent(name))
  const { sizeBytes, sha256 } = found.info
  const headers = {
    'content-type': OCTETS,
    'content-disposition': `attachment; filename="${name}"`,
    'accept-ranges': 'bytes',
    etag: `"${sha256}"`,
  }
  const range = rangeOf(c.req.header('range'), sizeBytes)
  if (range === 'none of it')
    return refuse(c, 416, refusal('no-part', { bytes: sizeBytes }), {
      'content-range': `bytes */${sizeBytes}`,
    })
  const status = range === undefined ? 200 : 206
  const part = {
    ...headers,
    'content-length': String(range === undefined ? sizeBytes : range.end - range.start + 1),
    ...(range !== undefined && { 'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}` }),
  }
  // a body nobody reads would keep the file open
  return c.req.method === 'HEAD' ? c.body(null, status, part) : c.body(found.body(range), status, part)
}

/** One range is served; several, or what is no range, is answered with the whole file as RFC 9110 allows. */
function rangeOf(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | 'none of it' | undefined {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  const [, from = '', to = ''] = parts ?? []
  if (parts === null || (from === '' && to === '')) return undefined
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  return start > end ? 'none of it' : { start, end }
}

function shownFile(c: WebContext, { name, sizeBytes, sha256, modifiedWallMs }: BlobInfo, at: string) {
  return {
    name,
    sizeBytes,
    sha256,
    modifiedAt: new Date(modifiedWallMs).toISOString(),
    url: `${originOf(c)}${at}/${name}`,
  }
}

/** As the operator reached the page: the cabinet's bind address says nothing to a station. */
function originOf(c: WebContext): string {
  return `http://${c.req.header('host') ?? new URL(c.req.url).host}`
}
