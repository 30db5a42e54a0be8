/**
 * When a message is tried again, and what counts as the CSMS refusing it: only a complaint about its content does; an
 * ill CSMS or silence does not, however often (proxy rule 15). Pure numbers and judgements.
 */
import type { ErrorCode } from '../answer.js'

/** So many complaints about its content make a message a dead letter (TransactionMessageAttempts of seed 001). */
export const MAX_REFUSALS = 5
/** A message that never gets a usable answer blocks its station's queue for this long, then gives way. */
export const GIVE_UP_AFTER_MS = 72 * 3_600_000
/** A session whose Start was refused goes up without it after this, when nobody has decided. */
export const UNDECIDED_AFTER_MS = 7 * 24 * 3_600_000

const FIRST_RETRY_MS = 10_000
/** After silence: a CSMS that needs more than two minutes has answered by then, and its late answer still counts. */
const FIRST_RETRY_AFTER_SILENCE_MS = 60_000
const LONGEST_RETRY_MS = 15 * 60_000

const ABOUT_CONTENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FormationViolation',
  'TypeConstraintViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
])

/** True for a CALLERROR that would come again for the same payload. */
export function isAboutContent(code: ErrorCode): boolean {
  return ABOUT_CONTENT.has(code)
}

/**
 * The wait in ms before attempt `failures` + 1 (`failures` >= 1); `jitter` is uniform in [0, 1) and keeps a depot from
 * coming back in step. Never above 15 minutes.
 */
export function retryDelayMs(failures: number, after: 'error' | 'silence', jitter: number): number {
  const firstMs = after === 'error' ? FIRST_RETRY_MS : FIRST_RETRY_AFTER_SILENCE_MS
  const grownMs = Math.min(LONGEST_RETRY_MS, firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)))
  return Math.round(grownMs * (0.75 + 0.25 * jitter))
}

/** What the CSMS answered to each station lately; one for the whole site. */
export interface CsmsHealth {
  noteAnswered(stationId: string, nowMs: number): void
  noteFailed(stationId: string, nowMs: number): void
  /** Errors for many stations and answers for few: then it is the CSMS, and no message is to blame. */
  isSick(nowMs: number): boolean
}

/** Fewer stations than this may all be at fault themselves. */
const MANY_STATIONS = 3
/** Longer than the longest wait between two attempts. */
const LATELY_MS = 20 * 60_000

export function createCsmsHealth(): CsmsHealth {
  const last = new Map<string, { readonly failed: boolean; readonly atMs: number }>()
  return {
    noteAnswered: (stationId, nowMs) => void last.set(stationId, { failed: false, atMs: nowMs }),
    noteFailed: (stationId, nowMs) => void last.set(stationId, { failed: true, atMs: nowMs }),
    isSick: nowMs => {
      let failed = 0
      let answered = 0
      for (const one of last.values()) {
        if (nowMs - one.atMs > LATELY_MS) continue
        if (one.failed) failed++
        else answered++
      }
      return failed >= MANY_STATIONS && failed > answered
    },
  }
}
