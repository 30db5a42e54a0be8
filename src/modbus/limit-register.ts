/**
 * One holding register through which a building controller gives a limit: tenths of an amp per phase, valid from each write
 * on for as long as the configuration says, then what the silence of its source means. It goes the way of every order
 * (control rule 17): the lowest holds, and nothing written here lifts another's. Must not know sockets.
 */
import type { LimitSourceConfig } from '../core/config/limit-sources.js'
import type { OrderDesk, OrderOutcome } from '../core/control/order-desk.js'
import type { LimitPart } from './site-map.js'

/** Written: the order ends now. Read: none of this source's is in force. */
export const NO_ORDER = 0xffff
const MOST_TENTHS = 63_000
/** A controller that writes each second renews without a write to the disk each time; the order lasts this much longer. */
const RENEW_MS = 5_000
/** One that swings up and down at each write is slowed down on the way up. */
const RAISE_MS = 1_000

const ILLEGAL_VALUE = 3
const FAILURE = 4
const BUSY = 6

export interface LimitRegisterOptions {
  readonly source: LimitSourceConfig
  readonly validForS: number
  readonly desk: OrderDesk
  monoMs(): number
  /** The order of this source that holds now, also where it has become its fallback. */
  inForce(): { readonly limitA: number; readonly untilMonoMs: number } | undefined
}

export class LimitRegister {
  readonly #options: LimitRegisterOptions
  #givenMs = -Infinity

  constructor(options: LimitRegisterOptions) {
    this.#options = options
  }

  /** What the part of the map shows. */
  shown(): LimitPart {
    const order = this.#options.inForce()
    if (order === undefined) return { tenths: NO_ORDER, leftS: 0 }
    const leftS = Math.max(0, Math.floor((order.untilMonoMs - this.#options.monoMs()) / 1000))
    return { tenths: Math.floor(order.limitA * 10), leftS: Math.min(leftS, 0xfffe) }
  }

  /** The Modbus exception it is refused with, undefined = it holds. */
  async write(value: number): Promise<number | undefined> {
    const { source, validForS, desk, monoMs } = this.#options
    const isEnd = value === NO_ORDER
    if (!isEnd && value > MOST_TENTHS) return ILLEGAL_VALUE
    const before = this.#options.inForce()
    if (isEnd && before === undefined) return undefined
    const limitA = value / 10
    const sinceMs = monoMs() - this.#givenMs
    if (before !== undefined && !isEnd && before.limitA === limitA && sinceMs < this.#renewMs())
      return undefined
    const raises = before !== undefined && (isEnd || limitA > before.limitA)
    if (raises && sinceMs < RAISE_MS) return BUSY
    this.#givenMs = monoMs()
    const from = { door: 'modbus', by: 'modbus' } as const
    if (isEnd) return codeOf(await desk.clear(from, { id: source.id, dryRun: false }))
    const outcome = await desk.limit(from, {
      id: source.id,
      target: source.circuit === undefined ? 'site' : { circuit: source.circuit },
      onlyStations: false,
      limitA,
      durationS: validForS + Math.ceil(this.#renewMs() / 1000),
      onSilence: 'release',
      priority: 5,
      dryRun: false,
    })
    return codeOf(outcome)
  }

  #renewMs(): number {
    return Math.min(RENEW_MS, this.#options.validForS * 250)
  }
}

/** It holds also where it would not outlive a restart: then its source is silent, and that has its meaning. */
const codeOf = (outcome: OrderOutcome): number | undefined => (outcome.kind === 'done' ? undefined : FAILURE)
