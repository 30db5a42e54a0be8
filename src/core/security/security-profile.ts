/**
 * OCPP security profiles on the stations' side (white paper, A00 and A05): a station has a least profile, raised to the
 * best one it has proven itself with, and is never served below it. Pure; who lowers it is a person (gateway).
 */

/** 0 none, 1 Basic, 2 TLS + Basic, 3 TLS with client certificate. */
export type SecurityProfile = 0 | 1 | 2 | 3

export const SECURITY_PROFILES: readonly SecurityProfile[] = [0, 1, 2, 3]

/** What is demanded of a station: the higher of what the operator wrote and what it has shown. */
export function leastProfile(
  configured: SecurityProfile | undefined,
  shown: SecurityProfile | undefined,
): SecurityProfile {
  const least = Math.max(configured ?? 0, shown ?? 0)
  return SECURITY_PROFILES.find(profile => profile >= least) ?? 3
}

/** A00.FR.005: a station that has used a higher profile is refused on a lower one. */
export function isDowngrade(door: SecurityProfile, least: SecurityProfile): boolean {
  return door < least
}

export function needsTls(profile: SecurityProfile): boolean {
  return profile >= 2
}

export function needsPassword(profile: SecurityProfile): boolean {
  return profile === 1 || profile === 2
}
