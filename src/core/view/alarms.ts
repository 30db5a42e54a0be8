/**
 * Every degraded mode in words, worst first (invariant I10). An alarm keeps the time it began for as long as it lasts.
 * Pure: the list of what holds now, and a step that carries the beginnings over.
 */

import type { Said } from '../words/said.js'
import type { AlarmView } from './document.js'

/** The text by its code where it has one (`words/said`): what a disk or a library says has none. */
export interface Condition extends Partial<Pick<Said, 'phrase' | 'params'>> {
  readonly code: AlarmCode
  readonly about?: string
  readonly text: string
}

/** In the order of their weight. */
export const ALARM_CODES = [
  'circuit-over-limit',
  'limit-not-held',
  'station-disobeys',
  'meter-wrong',
  'meter-doubted',
  'planning-failed',
  'view-failed',
  'station-retired',
  'station-not-placed',
  'station-released',
  'meter-lost',
  'meter-stale',
  'meter-line-shared',
  'other-load-above-worst-case',
  'connectors-not-configured',
  'connector-not-there',
  'clock-jumped',
  'clock-not-trusted',
  'station-clock',
  'wiring-seen',
  'fail-safe-lost',
  'profile-refused',
  'key-against-control',
  'reboot-required',
  'station-unverified',
  'identity-contested',
  'station-gone',
  'csms-away',
  'certificate-expired',
  'certificate-unreadable',
  'certificate-not-kept',
  'security-profiles-lost',
  'security-record-changed',
  'security-record-not-kept',
  'syslog-away',
  'mqtt-away',
  'mirror-away',
  'peers-overfull',
  'journal-failed',
  'journal-full',
  'journal-held',
  'dead-letters',
  'backlog-left-behind',
  'messages-shed',
  'journal-slow',
  'secrets-lost',
  'state-lost',
  'state-failed',
  'journal-gap',
  'certificate-expiring',
] as const

const CODES: readonly string[] = ALARM_CODES

export type AlarmCode = (typeof ALARM_CODES)[number]

/** Worse than it was, yet the same trouble: it began when the milder one did. */
const SAME_TROUBLE: Readonly<Record<string, string>> = { 'meter-stale': 'meter-lost' }

/** Alarms shown at once; more are summed up in the last. */
const MAX_ALARMS = 200

/** Who has taken note of which alarm. */
export interface Acknowledgement {
  readonly code: string
  readonly about?: string | undefined
  readonly at: string
  readonly by: string
}

function noteOf(
  { code, about }: Condition,
  acknowledged: readonly Acknowledgement[],
): Pick<AlarmView, 'acknowledged'> {
  const found = acknowledged.find(entry => entry.code === code && entry.about === about)
  return found === undefined ? {} : { acknowledged: { at: found.at, by: found.by } }
}

/** The alarms of now, with the beginnings of those that were there before. */
export function stepAlarms(
  before: readonly AlarmView[],
  conditions: readonly Condition[],
  atIso: string,
  acknowledged: readonly Acknowledgement[],
): readonly AlarmView[] {
  const began = new Map(before.map(alarm => [troubleOf(alarm), alarm.since]))
  const alarms = conditions.map(
    (condition): AlarmView => ({
      ...condition,
      since: began.get(troubleOf(condition)) ?? atIso,
      ...noteOf(condition, acknowledged),
    }),
  )
  const weight = (alarm: AlarmView): number => CODES.indexOf(alarm.code)
  return alarms.sort((a, b) => weight(a) - weight(b)).slice(0, MAX_ALARMS)
}

function troubleOf({ code, about }: { readonly code: string; readonly about?: string }): string {
  return `${SAME_TROUBLE[code] ?? code} ${about ?? ''}`
}
