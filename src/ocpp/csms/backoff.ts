/**
 * How long to wait before dialling the CSMS again: exponential with full jitter, each link by itself, so that a
 * depot of stations does not come back in one second (OCPP-J 1.6 errata 3.3). Pure; must not know a clock.
 */

/** No retry sooner: a CSMS that refuses at once is not hammered. */
export const BACKOFF_MIN_MS = 1_000
/** No retry later: the CSMS is back at most this long before we notice. */
export const BACKOFF_MAX_MS = 60_000
/** Upper end of the first wait: wide enough that of 500 links lost together less than a tenth dial in one second. */
const FIRST_CEILING_MS = 16_000
/** From here on the ceiling is BACKOFF_MAX_MS anyway. */
const MAX_DOUBLINGS = 2

/**
 * The wait in ms before attempt `failures` + 1; `jitter` is uniform in [0, 1). Always within
 * [BACKOFF_MIN_MS, BACKOFF_MAX_MS].
 */
export function backoffMs(failures: number, jitter: number): number {
  const doublings = Math.min(Math.max(failures, 0), MAX_DOUBLINGS)
  const ceilingMs = Math.min(BACKOFF_MAX_MS, FIRST_CEILING_MS * 2 ** doublings)
  return Math.round(BACKOFF_MIN_MS + jitter * (ceilingMs - BACKOFF_MIN_MS))
}
