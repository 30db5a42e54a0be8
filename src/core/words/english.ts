/**
 * Every text of the core for people, by its code, in English: the one table that log, command line, MQTT and API speak from.
 * `{name}` is a parameter, `{count:station|stations}` a word for one and for several. The page has the other languages under the
 * same codes (`web/src/words`), and knows no English text.
 */
import { ALARM_WORDS } from './alarms.js'
import { ANSWER_WORDS } from './answers.js'
import { AUDIT_WORDS } from './audit.js'
import { FAULT_WORDS } from './faults.js'
import { JOURNAL_WORDS } from './journal.js'
import { LEVER_WORDS } from './levers.js'
import { LINK_WORDS } from './links.js'
import { METER_WORDS } from './meters.js'
import { NOTICE_WORDS } from './notices.js'
import { REFUSAL_WORDS } from './refusals.js'
import { NOTE_WORDS } from './station-notes.js'

export const ENGLISH = {
  ...ALARM_WORDS,
  ...AUDIT_WORDS,
  ...LINK_WORDS,
  ...METER_WORDS,
  ...NOTICE_WORDS,
  ...JOURNAL_WORDS,
  ...LEVER_WORDS,
  ...NOTE_WORDS,
  ...FAULT_WORDS,
  ...REFUSAL_WORDS,
  ...ANSWER_WORDS,
} as const

export type PhraseCode = keyof typeof ENGLISH

export function isPhraseCode(text: string): text is PhraseCode {
  return Object.hasOwn(ENGLISH, text)
}
