/**
 * Whether a session can be left to run without energy: only where Busbar writes the limits. A station that its CSMS drives,
 * or that was given back, would charge on.
 */
import type { SessionParts } from '../session-parts.js'

/** True: it has to be stopped, as StopTransactionOnInvalidId wants it or because nothing else helps. */
export function mustStop({ remembered, isDrivenByCsms, configuration }: SessionParts): boolean {
  return remembered.policy.stopOnInvalid || isDrivenByCsms || configuration.isReleased
}
