/**
 * The links of all stations to one CSMS: the first that holds again wakes those that still wait, so that an outage ends
 * for all of them together and not each by its own back-off. Spread over seconds, and seldom, so that a CSMS that is
 * only half back is not run over. Must not know sockets.
 */
import type { Clock, Random, Timer } from '../../ports.js'

export interface CircleMember {
  isOpen(): boolean
  /** It waits for its next attempt, and not because the CSMS has judged this very station. */
  mayBeWoken(): boolean
  /** Its next attempt comes within this time, if it waits for a later one. */
  tryWithin(delayMs: number): void
}

/** A link that is dropped at once, as a proxy without a CSMS behind it does, wakes nobody. */
const HOLDS_AFTER_MS = 1_000
/** The next round of waking comes no sooner: those that failed again are not driven on. */
const WAKE_EVERY_MS = 10_000
/** Attempts per second in one round. */
const DIALS_PER_S = 50
/** A small depot comes back over this time. */
const MIN_SPREAD_MS = 2_000

export class LinkCircle {
  readonly #ports: { readonly clock: Clock; readonly random: Random }
  readonly #members = new Set<CircleMember>()
  #round: Timer | undefined
  #wokenMs = Number.NEGATIVE_INFINITY

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#ports = ports
  }

  join(member: CircleMember): void {
    this.#members.add(member)
  }

  leave(member: CircleMember): void {
    this.#members.delete(member)
  }

  stop(): void {
    this.#round?.cancel()
    this.#round = undefined
  }

  /** A member has opened. */
  opened(member: CircleMember): void {
    const { clock } = this.#ports
    if (this.#round !== undefined || !this.#someoneWaits()) return
    const delayMs = Math.max(HOLDS_AFTER_MS, this.#wokenMs + WAKE_EVERY_MS - clock.monoMs())
    this.#round = clock.after(delayMs, () => {
      this.#round = undefined
      if (!this.#anyOpen(member)) return
      this.#wokenMs = clock.monoMs()
      this.#spread([...this.#members].filter(one => one.mayBeWoken()))
    })
  }

  /** An operator's "try now": also for those whom the CSMS has refused. How many are concerned. */
  tryAll(): number {
    const waiting = [...this.#members].filter(one => !one.isOpen())
    this.#spread(waiting)
    return waiting.length
  }

  #someoneWaits(): boolean {
    for (const one of this.#members) if (one.mayBeWoken()) return true
    return false
  }

  /** The opener itself first; another one that is open proves as much. */
  #anyOpen(opener: CircleMember): boolean {
    return opener.isOpen() || [...this.#members].some(one => one.isOpen())
  }

  #spread(waiting: readonly CircleMember[]): void {
    const spreadMs = Math.max(MIN_SPREAD_MS, (waiting.length / DIALS_PER_S) * 1000)
    for (const one of waiting) one.tryWithin(Math.round(this.#ports.random.next() * spreadMs))
  }
}
