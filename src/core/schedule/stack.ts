/**
 * All profiles of one purpose → one limit over time: at each instant the highest stack level that says something,
 * falling to the next lower one in its gaps (OCPP 1.6 §3.13.2, errata 3.43). For TxDefaultProfile the connector's own
 * and the station's profiles are one stack, the connector's own winning a tie.
 */
import type { ProfilePurpose } from './charging-profile.js'
import { type Curve, combine, firstOf, type Window } from './curve.js'
import { type Anchor, expand } from './expand.js'
import type { InstalledProfile } from './installed.js'

/** What is asked of a stack: one purpose, as it acts on one connector in one transaction. */
export interface StackQuestion {
  readonly purpose: ProfilePurpose
  readonly connectorId: number
  /** The running transaction; undefined = none, then no TxProfile acts. */
  readonly transactionId: number | undefined
}

export function stack(
  profiles: readonly InstalledProfile[],
  question: StackQuestion,
  window: Window,
  anchor: Anchor,
): Curve {
  const curves = profiles
    .filter(installed => acts(installed, question))
    .sort((a, b) => b.profile.stackLevel - a.profile.stackLevel || b.connectorId - a.connectorId)
    .map(installed => expand(installed, window, anchor))
  return combine(curves, window, firstOf)
}

function acts({ profile, connectorId }: InstalledProfile, question: StackQuestion): boolean {
  if (profile.chargingProfilePurpose !== question.purpose) return false
  switch (question.purpose) {
    case 'ChargePointMaxProfile':
      return connectorId === 0
    case 'TxDefaultProfile':
      return connectorId === 0 || connectorId === question.connectorId
    case 'TxProfile':
      return (
        connectorId === question.connectorId &&
        question.transactionId !== undefined &&
        profile.transactionId === question.transactionId
      )
  }
}
