/**
 * One side of one station's conversation (towards the station, or towards the CSMS) as the session sees it:
 * CALLs go out one at a time (an urgent one beside an older one), CALLs and answers come in. OCPP-J 1.6 §4.
 */
import type { Answer, CallOutcome } from '../../core/answer.js'

/**
 * `urgent` (a lower that is due) goes before everything that waits, and beside a CALL that has been unanswered for
 * 1.5 s; `first` (a boot, a stop) before what is normal.
 */
export type Urgency = 'urgent' | 'first' | 'normal'

export interface OutgoingCall {
  readonly action: string
  /** JSON text, sent unchanged. */
  readonly payloadText: string
  /** Counted from the moment it is on the wire. */
  readonly timeoutMs: number
  readonly urgency?: Urgency
  /** A waiting CALL with the same key is replaced and ends as `closed`: newest wins. One on the wire is not touched. */
  readonly coalesce?: string
  /** An answer that comes after the CALL has ended as `timeout`, while the socket is open; at most once. */
  readonly late?: (answer: Answer) => void
}

export interface IncomingCall {
  /** The peer's own; handed back to `answer` unchanged. */
  readonly messageId: string
  readonly action: string
  /** The payload exactly as it came, spacing included; "{}" for null or nothing. */
  readonly payloadText: string
  /** `payloadText` parsed: the frame was parsed anyway, nobody has to do it twice. */
  readonly payload: unknown
}

export interface LegHandlers {
  call(call: IncomingCall): void
  /** The socket under the leg is gone; every CALL has been told `closed` before. */
  closed(code: number, reason: string): void
}

export interface Leg {
  /** Queues one CALL. `done` is called exactly once. */
  call(call: OutgoingCall, done: (outcome: CallOutcome) => void): void
  /** Answers a CALL that came in. Without effect when the socket is gone. */
  answer(messageId: string, answer: Answer): void
  /** CALLs waiting or on the wire. */
  pending(): number
  /** How long the oldest CALL on the wire has been out; undefined when the slot is free. */
  busyMs(): number | undefined
  close(code: number, reason: string): void
}
