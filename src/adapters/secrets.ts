/**
 * Tokens, password hashes and constant-time comparison by the system's crypto library.
 * Hash text: `scrypt$N$r$p$salt$hash`, the last two base64url, so the cost can rise without touching old entries.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '../ports.js'

/** About 50 ms and 16 MiB per hash: for people at a login form, never per station connection. */
const COST = { N: 16384, r: 8, p: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
/** 128·N·r bytes are needed; a hash text that asks for more than this is not one of ours. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024
const MAX_PARALLEL = 4

interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** The Secrets door. `hash` and `verify` work off the event loop, in the thread pool. */
export function createSecrets(): Secrets {
  return {
    token: bytes => randomBytes(bytes).toString('base64url'),
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      const key = await derive(password, salt, HASH_BYTES, COST)
      return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(
        '$',
      )
    },
    async verify(password, hash) {
      const stored = parse(hash)
      if (!stored) return false
      const key = await derive(password, stored.salt, stored.key.length, stored.cost)
      return timingSafeEqual(key, stored.key)
    },
    digest: text => createHash('sha256').update(text, 'utf8').digest('base64url'),
    equal(a, b) {
      if (a.byteLength === b.byteLength) return timingSafeEqual(a, b)
      // As much work as for equal lengths, so that the time does not tell how far the guess went.
      timingSafeEqual(a, a)
      return false
    },
  }
}

function parse(text: string): { cost: Cost; salt: Buffer; key: Buffer } | undefined {
  const found =
    /^scrypt\$(\d{1,7})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9_-]{1,128})\$([A-Za-z0-9_-]{1,128})$/.exec(text)
  const [, N, r, p, salt, key] = found ?? []
  if (!N || !r || !p || !salt || !key) return undefined
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const powerOfTwo = cost.N > 1 && (cost.N & (cost.N - 1)) === 0
  const affordable = 128 * cost.N * cost.r <= MAX_MEMORY_BYTES && cost.p <= MAX_PARALLEL
  if (!powerOfTwo || !affordable || cost.r < 1 || cost.p < 1) return undefined
  return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') }
}

function derive(password: string, salt: Buffer, bytes: number, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // OpenSSL counts a little more than 128·N·r.
    scrypt(password, salt, bytes, { ...cost, maxmem: MAX_MEMORY_BYTES + 2 ** 20 }, (fault, key) =>
      fault ? reject(fault) : resolve(key),
    )
  })
}
