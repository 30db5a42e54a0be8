/** Who is logged in on the page, without a browser: times answers, follows the live feed and counts its bytes. */
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { within } from './within.js'

/** For an answer, or for the first whole site: a busy machine is slow, and no fault. */
const MOST_MS = 30_000

export interface Follower {
  /** Once the whole site has come. */
  readonly whole: Promise<void>
  bytes(): number
  stop(): void
}

export class PageClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128 })

  private constructor(
    readonly url: string,
    readonly cookie: string,
  ) {}

  static async logIn(url: string, password: string): Promise<PageClient> {
    const answer = await fetch(`${url}/api/v1/login`, {
      signal: AbortSignal.timeout(MOST_MS),
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ name: 'admin', password }),
    })
    if (!answer.ok) throw new Error(`the login was answered with ${answer.status}`)
    const cookie = answer.headers.getSetCookie().map(one => one.split(';')[0])
    return new PageClient(url, cookie.join('; '))
  }

  /** Until the last byte, ms. */
  async timed(path: string): Promise<number> {
    const beganMs = performance.now()
    const answer = await this.#ask(path)
    answer.resume()
    await within(MOST_MS, `the end of ${path}`, once(answer, 'end'))
    if (answer.statusCode !== 200) throw new Error(`${path} was answered with ${answer.statusCode}`)
    return performance.now() - beganMs
  }

  async follow(): Promise<Follower> {
    const answer = await this.#ask('/api/v1/live', new Agent())
    if (answer.statusCode !== 200) throw new Error(`the live feed was answered with ${answer.statusCode}`)
    let bytes = 0
    let end = ''
    let isWhole: () => void = () => undefined
    const whole = new Promise<void>(done => {
      isWhole = done
    })
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      end = (end + chunk.toString('latin1')).slice(-2)
      if (end === '\n\n') isWhole()
    })
    // It is ended here, in the midst.
    answer.on('error', () => undefined)
    return {
      whole: within(MOST_MS, 'the whole site on the live feed', whole),
      bytes: () => bytes,
      stop: () => answer.destroy(),
    }
  }

  /** `agent`: a feed has a connection of its own, which nobody has closed meanwhile. */
  #ask(path: string, agent = this.#agent): Promise<IncomingMessage> {
    const answer = new Promise<IncomingMessage>((done, failed) => {
      const headers = { cookie: this.cookie }
      request(`${this.url}${path}`, { headers, agent }, done).on('error', failed).end()
    })
    return within(MOST_MS, `an answer to ${path}`, answer)
  }
}
