/**
 * What others read of one meter through Busbar: an answer younger than a second is given again, and the same question at
 * the same time is asked once, so that ten programs cost the meter no more than one. Pure but for what it remembers.
 */
import type { BusReply } from '../ports.js'
import type { GuestRead } from './guest-reads.js'

const MAX_AGE_MS = 1_000
/** A map read in pieces has fewer. */
const MAX_KEPT = 64

export class PassThrough {
  readonly #ask: (read: GuestRead) => Promise<BusReply>
  readonly #monoMs: () => number
  readonly #kept = new Map<string, { readonly atMs: number; readonly reply: Promise<BusReply> }>()

  constructor(ask: (read: GuestRead) => Promise<BusReply>, monoMs: () => number) {
    this.#ask = ask
    this.#monoMs = monoMs
  }

  /** Never rejects as long as `ask` does not. Only what the meter itself said is given again. */
  read(read: GuestRead): Promise<BusReply> {
    const nowMs = this.#monoMs()
    for (const [key, { atMs }] of this.#kept) if (nowMs - atMs > MAX_AGE_MS) this.#kept.delete(key)
    const key = `${read.functionCode}/${read.address}/${read.count}`
    const known = this.#kept.get(key)
    if (known !== undefined) return known.reply
    const reply = this.#ask(read).then(said => {
      if (said.kind !== 'words') this.#kept.delete(key)
      return said
    })
    if (this.#kept.size < MAX_KEPT) this.#kept.set(key, { atMs: nowMs, reply })
    return reply
  }
}
