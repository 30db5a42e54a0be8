/**
 * What waits for a mirror, of one station: in memory only, bounded in messages and bytes and over all stations of the
 * mirror together (I9). What is of use only now, and then meter values, is given up first, the oldest first. Pure.
 */

export interface MirrorMessage {
  readonly action: string
  readonly payloadText: string
  /** Sockets that ended under it. */
  cuts: number
}

/** An hour of a station with two busy connectors. */
export const MAX_MESSAGES = 200
/** Of one station. */
export const MAX_STATION_CHARS = 256 * 1024
/** Of all stations of one mirror. */
export const MAX_MIRROR_CHARS = 16 * 1024 * 1024
/** What is kept beside the text of a message. */
const MESSAGE_CHARS = 100

/** Characters that wait for one mirror. */
export interface MirrorBudget {
  chars: number
}

export class MirrorQueue {
  readonly #budget: MirrorBudget
  readonly #messages: MirrorMessage[] = []
  /** Of them, so that a full queue without any is not searched for each message. */
  #meterValues = 0
  #chars = 0

  constructor(budget: MirrorBudget) {
    this.#budget = budget
  }

  get size(): number {
    return this.#messages.length
  }

  get chars(): number {
    return this.#chars
  }

  /** Puts it last; gives how many messages were given up for it, itself included where there is no room. */
  add(message: MirrorMessage): number {
    const chars = charsOf(message)
    let dropped = 0
    while (this.#messages.length > 0 && !this.#hasRoom(chars)) {
      this.#removeAt(this.#leastWanted())
      dropped++
    }
    if (!this.#hasRoom(chars)) return dropped + 1
    this.#messages.push(message)
    this.#count(message, 1)
    return dropped
  }

  /** The oldest, which waits no more. */
  take(): MirrorMessage | undefined {
    return this.#messages.length === 0 ? undefined : this.#removeAt(0)
  }

  /** Back to where it was. It was counted before: a message more than the bound for a moment. */
  putBack(message: MirrorMessage): void {
    this.#messages.unshift(message)
    this.#count(message, 1)
  }

  clear(): void {
    this.#budget.chars -= this.#chars
    this.#chars = 0
    this.#meterValues = 0
    this.#messages.length = 0
  }

  #hasRoom(chars: number): boolean {
    return (
      this.#messages.length < MAX_MESSAGES &&
      this.#chars + chars <= MAX_STATION_CHARS &&
      this.#budget.chars + chars <= MAX_MIRROR_CHARS
    )
  }

  #leastWanted(): number {
    return this.#meterValues === 0 ? 0 : this.#messages.findIndex(isMeterValues)
  }

  #removeAt(at: number): MirrorMessage | undefined {
    const message = at === 0 ? this.#messages.shift() : this.#messages.splice(at, 1)[0]
    if (message !== undefined) this.#count(message, -1)
    return message
  }

  #count(message: MirrorMessage, times: 1 | -1): void {
    const chars = times * charsOf(message)
    this.#chars += chars
    this.#budget.chars += chars
    if (isMeterValues(message)) this.#meterValues += times
  }
}

function isMeterValues({ action }: MirrorMessage): boolean {
  return action === 'MeterValues'
}

function charsOf({ payloadText }: MirrorMessage): number {
  return payloadText.length + MESSAGE_CHARS
}
