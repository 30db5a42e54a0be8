/** What happens, as it is told to those who follow the site from afar: sessions and alarms that begin and end. No idTags. Pure. */
import type { AlarmRecord } from './alarm-record.js'
import type { SessionView } from './record-document.js'
import { sessionView } from './record-words.js'
import type { SessionEntry } from './session-log.js'

export interface SessionEvent extends Omit<SessionView, 'tag'> {
  readonly event: 'started' | 'ended'
  /** Absent while it runs. */
  readonly durationS?: number
}

export interface AlarmEvent extends AlarmRecord {
  readonly event: 'begun' | 'acknowledged' | 'over'
}

/** `ended` of one whose end nobody told too: `endedBy` is "unknown" then. */
export function sessionEvent(entry: SessionEntry): SessionEvent {
  const { tag: _, ...view } = sessionView(entry)
  const { startedWallMs, endedWallMs } = entry
  if (endedWallMs === undefined) return { event: 'started', ...view }
  return { event: 'ended', ...view, durationS: Math.round((endedWallMs - startedWallMs) / 1000) }
}

/** `wasKnown`: it held already at the look before. */
export function alarmEvent(record: AlarmRecord, wasKnown: boolean): AlarmEvent {
  if (record.until !== undefined) return { event: 'over', ...record }
  return { event: wasKnown ? 'acknowledged' : 'begun', ...record }
}
