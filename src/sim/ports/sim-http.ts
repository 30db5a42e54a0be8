/**
 * HTTP in a simulated world: peers listen with a fetch handler, a test asks by "host:port". No sockets, no latency.
 */
import type { Http, HttpHandler } from '../../ports.js'
import type { SimPeer } from './peer.js'

const FIRST_FREE_PORT = 50_000

interface Listening {
  readonly peer: SimPeer
  readonly host: string
  readonly port: number
  readonly handler: HttpHandler
}

export class SimHttp {
  readonly #listening = new Set<Listening>()
  #nextPort = FIRST_FREE_PORT

  /** The Http door of one peer. Rejects when the port is in use. */
  door(peer: SimPeer): Http {
    return {
      listen: async (options, handler) => {
        const port = options.port === 0 ? this.#nextPort++ : options.port
        const inUse = [...this.#listening].some(one => one.host === options.host && one.port === port)
        if (inUse) throw new Error(`EADDRINUSE: ${options.host}:${port} is in use`)
        peer.note(`http.listen ${options.host}:${port}`)
        const listening: Listening = { peer, host: options.host, port, handler }
        this.#listening.add(listening)
        return {
          port,
          stop: async () => {
            this.#listening.delete(listening)
          },
        }
      },
    }
  }

  /** Asks whoever listens on the port of the request's URL; rejects when nobody does. */
  async request(request: Request, remote = '10.0.255.1'): Promise<Response> {
    const url = new URL(request.url)
    const port = url.port === '' ? 80 : Number(url.port)
    const found = [...this.#listening].find(one => one.port === port && one.peer.on)
    if (found === undefined) throw new Error(`ECONNREFUSED ${url.host}`)
    found.peer.note(`http.request ${request.method} ${url.pathname}`)
    const response = await found.handler(request, { remote })
    found.peer.note(`http.response ${url.pathname} ${response.status}`)
    return response
  }

  /** Its listeners go with it. */
  peerDied(peer: SimPeer): void {
    for (const one of this.#listening) if (one.peer === peer) this.#listening.delete(one)
  }
}
