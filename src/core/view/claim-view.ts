/** A session's claim as people and programs read it. */
import type { SessionClaim } from '../control/claim.js'
import type { ClaimView } from './document.js'

export function claimView({ departureWallMs, ...claim }: SessionClaim): ClaimView {
  return {
    ...claim,
    ...(departureWallMs !== undefined && { departureAt: new Date(departureWallMs).toISOString() }),
  }
}
