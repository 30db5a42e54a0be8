/**
 * The built page, read once into memory. A request is looked up by its exact name among the files that were
 * found below the folder, so no spelling of a path (.., //, backslash, NUL, twice encoded) can leave it.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Assets } from '../ports.js'

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

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
  const files = new Map<string, Asset>()
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const name = `${path}/${entry.name}`
      if (entry.isDirectory()) await visit(name)
      if (entry.isFile()) files.set(name, await readAsset(join(folder, name)))
    }
  }
  await visit('').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'ENOENT') throw fault
  })
  return files
}

async function readAsset(file: string): Promise<Asset> {
  const contentType = CONTENT_TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream'
  return { body: new Uint8Array(await readFile(file)), contentType }
}
