/**
 * The CALLs of a peer on one leg, handed in one at a time: a peer that breaks OCPP-J 1.6 §4.1.1 by sending several is
 * served in order instead of refused. Bounded. Must not know sockets.
 */
import type { Clock } from '../../ports.js'
import type { IncomingRoom } from './incoming-room.js'
import type { IncomingCall } from './leg.js'

/** A handed CALL without an answer is given up when the peer sends its next one after this: its own wait is over. */
const UNANSWERED_AFTER_MS = 120_000

export interface IncomingLimits {
  /** CALLs of the peer that wait for the answer to an earlier one; one more closes the socket with 1008. */
  readonly maxIncoming: number
  /** Characters of their payloads together; what goes beyond closes the socket with 1008. */
  readonly maxIncomingChars: number
  /** Shared by all legs: where it is full, a leg that holds much is closed with 1008. */
  readonly room?: IncomingRoom
}

export interface IncomingQueue {
  /** False when that is one too many: `call` was not taken. */
  take(call: IncomingCall): boolean
  /** Whether this is the CALL that was handed in and is not answered yet. */
  isOpen(messageId: string): boolean
  /** The open CALL is answered, or never will be: hands in the next one. Without effect for any other id. */
  finish(messageId: string): void
  /** Forgets what waits and hands in nothing more. */
  end(): void
}

export function incomingQueue(
  clock: Pick<Clock, 'monoMs'>,
  limits: IncomingLimits,
  hand: (call: IncomingCall) => void,
): IncomingQueue {
  const waiting: IncomingCall[] = []
  let waitingChars = 0
  /** The one handed in included. */
  let heldChars = 0
  let open: { readonly messageId: string; readonly sinceMs: number; readonly chars: number } | undefined
  let isOver = false

  function handNext(): void {
    if (open !== undefined || isOver) return
    const next = waiting.shift()
    if (next === undefined) return
    waitingChars -= next.payloadText.length
    handIn(next)
  }

  function handIn(call: IncomingCall): void {
    open = { messageId: call.messageId, sinceMs: clock.monoMs(), chars: call.payloadText.length }
    hand(call)
  }

  function hold(chars: number): void {
    heldChars += chars
    limits.room?.count(chars)
  }

  function close(): void {
    hold(-(open?.chars ?? 0))
    open = undefined
  }

  return {
    take: call => {
      if (isOver) return true
      if (waiting.length >= limits.maxIncoming || waitingChars > limits.maxIncomingChars) return false
      if (open !== undefined && clock.monoMs() - open.sinceMs >= UNANSWERED_AFTER_MS) close()
      const { length } = call.payloadText
      if (limits.room?.admits(length, heldChars) === false) return false
      hold(length)
      if (open === undefined && waiting.length === 0) {
        handIn(call)
        return true
      }
      waiting.push(call)
      waitingChars += length
      handNext()
      return true
    },
    isOpen: messageId => open?.messageId === messageId,
    finish: messageId => {
      if (open?.messageId !== messageId) return
      close()
      handNext()
    },
    end: () => {
      isOver = true
      waiting.length = 0
      hold(-heldChars)
      open = undefined
    },
  }
}
