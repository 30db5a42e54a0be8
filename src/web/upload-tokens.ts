/**
 * One-time addresses for what a station uploads: whoever knows one may write one file, once, within a day. They are not
 * kept over a restart. Knows no files.
 */
import type { Clock, Secrets } from '../ports.js'

export const TOKEN_LIFE_MS = 24 * 3_600_000
/** More than an operator asks for in a day; the oldest gives way. */
const MAX_TOKENS = 200
const TOKEN_BYTES = 24

export interface Upload {
  readonly stationId: string
  /** Nothing came of it: the station may try again at the same address. */
  failed(): void
}

export interface UploadTokens {
  /** A fresh address for this station. */
  issue(stationId: string): { readonly token: string; readonly expiresWallMs: number }
  /** The upload it is good for, once; undefined for one that is unknown, used or expired. */
  take(token: string): Upload | undefined
}

export function createUploadTokens(clock: Clock, secrets: Pick<Secrets, 'token'>): UploadTokens {
  const open = new Map<string, { readonly stationId: string; readonly endsMonoMs: number }>()
  return {
    issue(stationId) {
      const oldest = open.keys().next()
      if (open.size >= MAX_TOKENS && oldest.done !== true) open.delete(oldest.value)
      const token = secrets.token(TOKEN_BYTES)
      open.set(token, { stationId, endsMonoMs: clock.monoMs() + TOKEN_LIFE_MS })
      return { token, expiresWallMs: clock.wallMs() + TOKEN_LIFE_MS }
    },
    take(token) {
      const found = open.get(token)
      open.delete(token)
      if (found === undefined || found.endsMonoMs < clock.monoMs()) return undefined
      return { stationId: found.stationId, failed: () => open.set(token, found) }
    },
  }
}
