/**
 * The built page, read once into memory. A request is looked up by its exact name among the files that were
 * found below the folder, so no spelling of a path (.., //, backslash, NUL, twice encoded) can leave it.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Asset, Assets } from '../ports.js'

/** What the build puts beside a file: the same content, packed. They are no files of their own to anybody. */
const PACKED = { br: '.br', gzip: '.gz' } as const
/** 96 bits of the hash. */
const TAG_LENGTH = 16

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * Serves the regular files below `folder` (links are left out), from memory once it was read.
 * A missing folder has no files; it is looked for again at the next request, since a build may come later.
 */
export function createAssets({ folder }: { readonly folder: string }): Assets {
  let files: ReadonlyMap<string, Asset> | undefined
  return {
    async load(path) {
      const name = decoded(path)
      if (name === undefined) return undefined
      if (!files?.size) files = await readTree(folder)
      return files.get(name)
    },
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch (fault) {
    if (fault instanceof URIError) return undefined
    throw fault
  }
}

async function readTree(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const bodies = new Map<string, Uint8Array<ArrayBuffer>>()
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const name = `${path}/${entry.name}`
      if (entry.isDirectory()) await visit(name)
      if (entry.isFile()) bodies.set(name, new Uint8Array(await readFile(join(folder, name))))
    }
  }
  await visit('').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'ENOENT') throw fault
  })
  return new Map(
    [...bodies].filter(([name]) => !isPacked(bodies, name)).map(([name]) => [name, assetOf(bodies, name)]),
  )
}

type Bodies = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

function isPacked(bodies: Bodies, name: string): boolean {
  return Object.values(PACKED).some(end => name.endsWith(end) && bodies.has(name.slice(0, -end.length)))
}

function assetOf(bodies: Bodies, name: string): Asset {
  const body = bodies.get(name) ?? new Uint8Array()
  const br = bodies.get(name + PACKED.br)
  const gzip = bodies.get(name + PACKED.gzip)
  return {
    body,
    contentType: CONTENT_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream',
    packed: { ...(br !== undefined && { br }), ...(gzip !== undefined && { gzip }) },
    tag: createHash('sha256').update(body).digest('base64url').slice(0, TAG_LENGTH),
  }
}
