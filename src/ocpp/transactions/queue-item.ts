/**
 * One transaction message on its way through the queue, and the answers lately given, for a station that repeats its
 * last message (I4). Data only; what is done with them is in queue.ts.
 */
import type { BacklogEntry } from '../../core/offline/records.js'
import type { Timer } from '../../ports.js'
import type { Reply } from '../session-parts.js'
import type { TransactionMessage } from './effects.js'

export interface QueueItem extends TransactionMessage {
  /** In the journal, or on its way there: the station may have been answered. */
  kept: boolean
  /** Delivered, buried or forgotten: no longer counted. */
  isDone: boolean
  attempts: number
  /** The last attempt was never answered. */
  suspect: boolean
  waiter: { readonly reply: Reply; readonly timer: Timer } | undefined
}

/** Answers kept for a station that repeats its last message. */
const RECENT = 8

export class RecentAnswers {
  readonly #answers: {
    readonly action: string
    readonly payloadText: string
    readonly answerText: string
  }[] = []

  note({ action, payloadText }: BacklogEntry, answerText: string): void {
    this.#answers.push({ action, payloadText, answerText })
    if (this.#answers.length > RECENT) this.#answers.shift()
  }

  /** What the same message was answered; undefined when it is a new one. */
  find(action: string, payloadText: string): string | undefined {
    return this.#answers.find(one => one.action === action && one.payloadText === payloadText)?.answerText
  }
}

export function itemOf(entry: BacklogEntry, payload: unknown): QueueItem {
  const { transactionId } = entry
  return {
    entry,
    payload,
    transactionId,
    kept: false,
    isDone: false,
    attempts: 0,
    suspect: false,
    waiter: undefined,
  }
}

/** As it is kept: with the station-side id of its transaction, once there is one. */
export function identified({ entry, transactionId }: TransactionMessage): BacklogEntry {
  return transactionId === undefined ? entry : { ...entry, transactionId }
}
