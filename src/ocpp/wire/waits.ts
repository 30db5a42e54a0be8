/** How long each side may take to answer before its slot is given up. Numbers only. */

/** How long the CSMS may take for a CALL that is no transaction message before the slot is given up. */
export const CSMS_SLOT_MS = 30_000
/** The same for a transaction message (proxy rule 8). */
export const CSMS_TRANSACTION_SLOT_MS = 120_000
/** How long a station may take (facts §1.4). */
export const STATION_TIMEOUT_MS = 30_000
/** The same with the time a large message needs on the slowest line (5 kB/s). */
export function stationTimeoutMs(payloadText: string): number {
  return STATION_TIMEOUT_MS + Math.floor(payloadText.length / 4)
}
