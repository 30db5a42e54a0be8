/** What waits for the CSMS and what it would not take; what is decided about it. */
import type { JournalView } from '../../../src/web/site-reader.js'
import { ask, read } from '../ask.js'
import { refusalText } from '../words/answer-words.js'
import { waiting as words } from '../words/waiting.js'

export type { JournalView }

export interface Letter {
  readonly stationId: string
  readonly seq: number
  readonly action: string
  readonly transactionId?: number
  readonly receivedAt: string
  readonly reason: string
  readonly payload: string
}

export const readJournal = () => read<JournalView>('journal')
export const readLetters = () => read<readonly Letter[]>('dead-letters')

/** What came of it, in words. */
export const sendAgain = ({ stationId, seq }: Letter, withoutStart: boolean): Promise<string> =>
  decide('dead-letters/resend', { stationId, seq, ...(withoutStart && { withoutStart }) }, 'sent')
export const giveUp = ({ stationId, seq }: Letter): Promise<string> =>
  decide('dead-letters/give-up', { stationId, seq, giveUp: true }, 'gone')
export const releaseJournal = (): Promise<string> => decide('journal/release', { release: true }, 'done')
export const takeNote = (): Promise<string> =>
  decide('alarms/acknowledgement', { code: 'journal-gap', acknowledged: true }, 'done')

async function decide(path: string, body: object, done: 'sent' | 'gone' | 'done'): Promise<string> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const answer = await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (answer === undefined) return words('silent')
  const said = await answer.json()
  if (!answer.ok) return words('notDone', { what: await refusalText(said) })
  return done === 'done' ? words('done') : words(done, { count: Number(said.messages) })
}
