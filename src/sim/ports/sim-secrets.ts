/**
 * Secrets of a simulated peer: repeatable and cheap, therefore no secrets at all. Keeps the shapes of the real door
 * (base64url tokens, salted hash text, false for what it cannot read).
 */
import type { Secrets } from '../../ports.js'
import type { SimRandom } from './sim-random.js'
import { fnv32 } from './trace.js'

const HASH_TEXT = /^sim\$([A-Za-z0-9_-]+)\$([0-9a-f]{8})$/

export class SimSecrets implements Secrets {
  readonly #random: SimRandom

  constructor(random: SimRandom) {
    this.#random = random
  }

  token(bytes: number): string {
    const raw = String.fromCharCode(...Array.from({ length: bytes }, () => this.#random.uint32() & 0xff))
    return btoa(raw).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  }

  async hash(password: string): Promise<string> {
    const salt = this.token(6)
    return `sim$${salt}$${digits(salt, password)}`
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const [, salt, wanted] = HASH_TEXT.exec(hash) ?? []
    return salt !== undefined && wanted === digits(salt, password)
  }

  digest(text: string): string {
    return digits('', text)
  }

  equal(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && a.every((byte, at) => byte === b[at])
  }
}

const digits = (salt: string, password: string): string =>
  fnv32(`${salt}$${password}`).toString(16).padStart(8, '0')
