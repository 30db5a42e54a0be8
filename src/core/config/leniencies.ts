/**
 * What may be repaired for a station that is known to write it wrongly, by the names the configuration uses. What each
 * repairs is decided in station/leniency.ts (facts/ocpp16.md §6 rows 1, 6-9).
 */

export const LENIENCIES = [
  'missing-subprotocol',
  'zoneless-timestamps',
  'misspelt-enums',
  'meterValue-object',
  'reservationId-zero',
] as const

export type Leniency = (typeof LENIENCIES)[number]
