/**
 * Files that are too large for memory (firmware, diagnostics), streamed to and from a folder. One appears under its name
 * only when it is whole and durable: temp file, fsync, rename, fsync of the folder. Must not know what is in it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { BlobFolder, BlobInfo, Blobs, BlobWrite } from '../ports.js'

/** No path can be made of it: no separators, no leading dot. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$/
const TEMP = '.tmp'
/** Beside the file, under a name no file can have. */
const sumPath = (folder: string, name: string): string => join(folder, `.${name}.sha256`)

/** Removes what an interrupted write left behind. `dataDir` itself is made when something is written. */
export function createBlobs({ dataDir }: { readonly dataDir: string }): Blobs {
  const folderOf = (folder: BlobFolder): string => join(dataDir, 'files', folder)
  for (const folder of ['firmware', 'uploads'] as const) removeLeftovers(folderOf(folder))
  let writes = 0

  const infoOf = async (folder: BlobFolder, name: string): Promise<BlobInfo | undefined> => {
    try {
      const { mtimeMs, size } = await stat(join(folderOf(folder), name))
      const sha256 = await keptSum(folderOf(folder), name)
      return { name, sizeBytes: size, sha256, modifiedWallMs: Math.round(mtimeMs) }
    } catch (fault) {
      if (isAbsent(fault)) return undefined
      throw fault
    }
  }

  return {
    list: async folder => {
      const path = folderOf(folder)
      const names = existsSync(path) ? await readdir(path) : []
      const infos = await Promise.all(names.filter(isName).map(name => infoOf(folder, name)))
      return infos.flatMap(info => info ?? []).sort((a, b) => a.name.localeCompare(b.name))
    },
    write: async (folder, name, body, maxBytes) => {
      checked(name)
      const path = folderOf(folder)
      await mkdir(path, { recursive: true })
      const temp = join(path, `.${writes++}${TEMP}`)
      try {
        const written = await writeWhole(temp, body, maxBytes)
        if (written.kind === 'too-large') return written
        // gone before the file changes: the sum of another content must never stand beside it
        await rm(sumPath(path, name), { force: true })
        await rename(temp, join(path, name))
        await syncFolder(path)
        await writeFile(sumPath(path, name), written.sha256)
        const info = await infoOf(folder, name)
        if (info === undefined) throw new Error(`${name} has gone`)
        return { kind: 'written', info }
      } finally {
        await rm(temp, { force: true })
      }
    },
    read: async (folder, name) => {
      const info = isName(name) ? await infoOf(folder, name) : undefined
      if (info === undefined) return undefined
      const path = join(folderOf(folder), name)
      return { info, body: range => webStream(createReadStream(path, range ?? {})) }
    },
    remove: async (folder, name) => {
      if (!isName(name) || (await infoOf(folder, name)) === undefined) return false
      const path = folderOf(folder)
      await rm(join(path, name), { force: true })
      await rm(sumPath(path, name), { force: true })
      return true
    },
  }
}

/** Taken anew where it was lost in a power cut. */
async function keptSum(folder: string, name: string): Promise<string> {
  try {
    return await readFile(sumPath(folder, name), 'utf8')
  } catch (fault) {
    if (!isAbsent(fault)) throw fault
  }
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk)
  const sha256 = hash.digest('hex')
  await writeFile(sumPath(folder, name), sha256)
  return sha256
}

async function writeWhole(
  temp: string,
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<{ readonly kind: 'whole'; readonly sha256: string } | Extract<BlobWrite, { kind: 'too-large' }>> {
  const hash = createHash('sha256')
  const file = await open(temp, 'w', 0o640)
  const reader = body.getReader()
  let sizeBytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      sizeBytes += value.byteLength
      if (sizeBytes > maxBytes) {
        await reader.cancel()
        return { kind: 'too-large' }
      }
      hash.update(value)
      await file.write(value)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { kind: 'whole', sha256: hash.digest('hex') }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function webStream(stream: Readable): ReadableStream<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void stream.destroy(),
  })
}

function removeLeftovers(path: string): void {
  if (!existsSync(path)) return
  for (const name of readdirSync(path)) if (name.endsWith(TEMP)) rmSync(join(path, name), { force: true })
}

function isName(name: string): boolean {
  return NAME.test(name)
}

function checked(name: string): void {
  if (!isName(name)) throw new Error(`"${name}" is no file name`)
}

function isAbsent(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'
}
