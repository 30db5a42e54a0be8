/** The built page of a simulated world, the same for all peers: files in memory. */
import type { Assets } from '../../ports.js'
import type { SimPeer } from './peer.js'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export class SimAssets {
  readonly #files = new Map<string, string>([['/index.html', '<!doctype html><title>Busbar</title>']])

  /** Puts a text file in place; `path` begins with "/". */
  put(path: string, text: string): void {
    this.#files.set(path, text)
  }

  /** The Assets door of one peer. */
  door(peer: SimPeer): Assets {
    return {
      load: async path => {
        peer.note(`assets.load ${path}`)
        const text = this.#files.get(path)
        if (text === undefined) return undefined
        const extension = path.slice(path.lastIndexOf('.') + 1)
        const contentType = CONTENT_TYPES[extension] ?? 'application/octet-stream'
        return { body: new TextEncoder().encode(text), contentType }
      },
    }
  }
}
