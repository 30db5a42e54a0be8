/**
 * One transaction message on its way through the queue. Data only; where it lies is the shelf's, what is done with it
 * the queue's.
 */
import type { BacklogEntry } from '../../core/offline/records.js'
import type { Timer } from '../../ports.js'
import type { Reply } from '../session-parts.js'
import { parsePayload } from '../wire/payload.js'
import type { TransactionMessage } from './effects.js'

/**
 * `memory`: here only. `writing`: on its way to the disk. `disk`: durable. `doubt`: the write failed, and only the disk
 * can say what is there.
 */
export type Place = 'memory' | 'writing' | 'disk' | 'doubt'

export interface QueueItem extends TransactionMessage {
  place: Place
  /** Delivered, buried or forgotten. */
  isDone: boolean
  /** CALLERRORs about its content, in a row. */
  refusals: number
  /** Attempts without a usable answer, in a row. */
  failures: number
  failingSinceMs: number | undefined
  waiter: { readonly reply: Reply; readonly timer: Timer | undefined } | undefined
  /** Its station has been answered; else it may send it again. */
  isTold: boolean
  /** In memory until the disk takes it, whether its station comes back to it or not. */
  isKept: boolean
}

export function itemOf(entry: BacklogEntry, payload: unknown, place: Place): QueueItem {
  return { ...waiting(entry, place), payload }
}

/** As it was read from the disk: parsed when it is its turn, since many more are held than looked at. */
export function storedItem(entry: BacklogEntry): QueueItem {
  let parsed: { readonly payload: unknown } | undefined
  return {
    ...waiting(entry, 'disk'),
    get payload() {
      parsed ??= { payload: parsePayload(entry.payloadText) }
      return parsed.payload
    },
  }
}

function waiting(entry: BacklogEntry, place: Place): Omit<QueueItem, 'payload'> {
  const { transactionId } = entry
  return {
    entry,
    transactionId,
    place,
    isDone: false,
    refusals: 0,
    failures: 0,
    failingSinceMs: undefined,
    waiter: undefined,
    // what was read from the disk was acknowledged when it was written
    isTold: place === 'disk',
    isKept: false,
  }
}

/** As it is kept: with the station-side id of its transaction, once there is one. */
export function identified({ entry, transactionId }: TransactionMessage): BacklogEntry {
  return transactionId === undefined ? entry : { ...entry, transactionId }
}

/** Takes its waiter off it. */
export function release(item: QueueItem): Reply | undefined {
  const { waiter } = item
  item.waiter = undefined
  waiter?.timer?.cancel()
  return waiter?.reply
}
