/** An alarm as it is kept: from when to when, and who took note of it. Pure. */
import { fieldsAt, isFields, textAt } from '../fields.js'
import { saidPhrase } from '../words/said.js'
import type { AlarmView } from './document.js'

export interface AlarmRecord extends AlarmView {
  /** ISO 8601. Absent while it holds, or where Busbar ended before it. */
  readonly until?: string
}

export interface AlarmNews {
  /** Begun, or noted by somebody since: written anew. */
  readonly changed: readonly AlarmRecord[]
  readonly over: readonly AlarmRecord[]
}

export const troubleKey = ({ code, about }: Pick<AlarmView, 'code' | 'about'>): string =>
  `${code} ${about ?? ''}`

/** What a look at the alarms of now has to be written down of. An alarm that has worsened goes on under its new code. */
export function alarmNews(
  before: ReadonlyMap<string, AlarmView>,
  now: readonly AlarmView[],
  atIso: string,
): AlarmNews {
  const holds = new Set(now.map(troubleKey))
  return {
    changed: now.filter(alarm => {
      const known = before.get(troubleKey(alarm))
      return known === undefined || known.acknowledged?.at !== alarm.acknowledged?.at
    }),
    over: [...before].filter(([key]) => !holds.has(key)).map(([, alarm]) => ({ ...alarm, until: atIso })),
  }
}

/** Undefined for what is no record of ours. */
export function decodeAlarm(value: unknown): AlarmRecord | undefined {
  if (!isFields(value)) return undefined
  const [code, text, since] = ['code', 'text', 'since'].map(name => textAt(value, name))
  if (code === undefined || text === undefined || since === undefined) return undefined
  const about = textAt(value, 'about')
  const until = textAt(value, 'until')
  const note = fieldsAt(value, 'acknowledged')
  const at = textAt(note, 'at')
  const by = textAt(note, 'by')
  return {
    ...{ code, text, since },
    ...(about !== undefined && { about }),
    ...saidPhrase(value),
    ...(until !== undefined && { until }),
    ...(at !== undefined && by !== undefined && { acknowledged: { at, by } }),
  }
}
