/**
 * The built page as files: packed where the browser takes it (RFC 9110 §12.5.3), and not sent again where the browser has
 * it. Each packing is a representation of its own, so it has its own ETag, and caches are told what it varies by.
 */
import type { Context, Next } from 'hono'
import type { Asset, Assets } from '../ports.js'

export function isPageFile(path: string): boolean {
  return path === '/index.html' || path === '/favicon.svg' || path.startsWith('/assets/')
}

/** Goes on to `next` where there is no such file. */
export async function pageFile(c: Context, next: Next, assets: Assets): Promise<Response | undefined> {
  const path = c.req.path === '/' ? '/index.html' : c.req.path
  const file = isPageFile(path) ? await assets.load(path) : undefined
  if (file === undefined) {
    await next()
    return undefined
  }
  const packing = packingFor(file, c.req.header('accept-encoding') ?? '')
  const etag =
    file.tag === undefined ? undefined : `"${file.tag}${packing === undefined ? '' : `-${packing}`}"`
  const headers = {
    // Names in /assets/ carry a hash of their content.
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    ...(etag !== undefined && { etag }),
  }
  if (etag !== undefined && isKnown(c.req.header('if-none-match') ?? '', etag))
    return c.body(null, 304, headers)
  const body = packing === undefined ? file.body : file.packed?.[packing]
  return c.body(body ?? file.body, 200, {
    ...headers,
    'content-type': file.contentType,
    ...(packing !== undefined && { 'content-encoding': packing }),
  })
}

type Packing = keyof NonNullable<Asset['packed']>

/** The smaller one that the browser takes; undefined = as it is, which everybody takes. */
function packingFor(file: Asset, accepts: string): Packing | undefined {
  const weights = new Map(accepts.split(',').map(weightOf))
  const takes = (packing: Packing): boolean => (weights.get(packing) ?? weights.get('*') ?? 0) > 0
  const packings: readonly Packing[] = ['br', 'gzip']
  return packings.find(packing => file.packed?.[packing] !== undefined && takes(packing))
}

/** "gzip;q=0.5" is ["gzip", 0.5]; without a weight it is 1, with one that is no number 0. */
function weightOf(part: string): [string, number] {
  const [name = '', ...parameters] = part.split(';').map(text => text.trim().toLowerCase())
  const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2)
  const value = weight === undefined ? 1 : Number(weight)
  return [name, Number.isFinite(value) ? value : 0]
}

/** Weak comparison, as If-None-Match asks for. */
export function isKnown(ifNoneMatch: string, etag: string): boolean {
  const tags = ifNoneMatch.split(',').map(tag => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
