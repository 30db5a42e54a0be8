/** The built page of a simulated peer: files in memory. */
import type { Assets } from '../../ports.js'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export class SimAssets implements Assets {
  readonly #files = new Map<string, string>([['/index.html', '<!doctype html><title>Busbar</title>']])

  /** Puts a text file in place; `path` begins with "/". */
  put(path: string, text: string): void {
    this.#files.set(path, text)
  }

  async load(
    path: string,
  ): Promise<{ readonly body: Uint8Array<ArrayBuffer>; readonly contentType: string } | undefined> {
    const text = this.#files.get(path)
    if (text === undefined) return undefined
    const extension = path.slice(path.lastIndexOf('.') + 1)
    const contentType = CONTENT_TYPES[extension] ?? 'application/octet-stream'
    return { body: new TextEncoder().encode(text), contentType }
  }
}
