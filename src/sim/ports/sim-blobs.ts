/** Firmware and uploads of one peer in a simulated world: kept in memory, over its reboots. */
import type { BlobFolder, BlobInfo, Blobs } from '../../ports.js'
import { digest } from './trace.js'

interface Kept {
  readonly info: BlobInfo
  readonly bytes: Uint8Array<ArrayBuffer>
}

export class SimBlobs implements Blobs {
  readonly #kept: Record<BlobFolder, Map<string, Kept>> = { firmware: new Map(), uploads: new Map() }

  async list(folder: BlobFolder): Promise<readonly BlobInfo[]> {
    return [...this.#kept[folder].values()].map(({ info }) => info)
  }

  async write(folder: BlobFolder, name: string, body: ReadableStream<Uint8Array>, maxBytes: number) {
    const bytes = new Uint8Array(await new Response(body).arrayBuffer())
    if (bytes.byteLength > maxBytes) return { kind: 'too-large' } as const
    const sha256 = digest(new TextDecoder('latin1').decode(bytes))
    const info = { name, sizeBytes: bytes.byteLength, sha256, modifiedWallMs: 0 }
    this.#kept[folder].set(name, { info, bytes })
    return { kind: 'written', info } as const
  }

  async read(folder: BlobFolder, name: string): ReturnType<Blobs['read']> {
    const kept = this.#kept[folder].get(name)
    if (kept === undefined) return undefined
    const { info, bytes } = kept
    const part = (range?: { readonly start: number; readonly end: number }) =>
      range === undefined ? bytes : bytes.slice(range.start, range.end + 1)
    return { info, body: range => new Blob([part(range)]).stream() }
  }

  async remove(folder: BlobFolder, name: string): Promise<boolean> {
    return this.#kept[folder].delete(name)
  }
}
