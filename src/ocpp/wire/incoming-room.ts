/**
 * What all peers together may make Busbar hold of CALLs that are not answered yet (I9). A leg is bounded by itself; a
 * thousand legs at their bounds are not. When the room is full only those are refused who take much of it, so that
 * nobody is turned away for what others have sent. Must not know sockets.
 */
import type { Clock, Log } from '../../ports.js'

/** A quarter of what a small cabinet computer can spare. */
const MAX_CHARS = 64 * 1024 * 1024
/** What one leg may hold although the room is full: a few ordinary messages. */
const MODEST_CHARS = 16 * 1024
/** So long it is told after the last refusal. */
const TOLD_FOR_MS = 60_000

export class IncomingRoom {
  readonly #clock: Pick<Clock, 'monoMs'>
  readonly #log: Log
  readonly #maxChars: number
  #chars = 0
  #refusedMs: number | undefined

  constructor(ports: { readonly clock: Pick<Clock, 'monoMs'>; readonly log: Log }, maxChars = MAX_CHARS) {
    this.#clock = ports.clock
    this.#log = ports.log
    this.#maxChars = maxChars
  }

  get chars(): number {
    return this.#chars
  }

  /** It has been full within the last minute. */
  get isOverfull(): boolean {
    return this.#refusedMs !== undefined && this.#clock.monoMs() - this.#refusedMs < TOLD_FOR_MS
  }

  /** False when a leg that holds `held` already may not hold so much more. */
  admits(more: number, held: number): boolean {
    if (this.#chars + more <= this.#maxChars || held + more <= MODEST_CHARS) return true
    if (!this.isOverfull) this.#log.write('error', 'ocpp.peers-overfull', { heldChars: this.#chars })
    this.#refusedMs = this.#clock.monoMs()
    return false
  }

  /** Characters taken (positive) or given back. */
  count(chars: number): void {
    this.#chars += chars
  }
}
