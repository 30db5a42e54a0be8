/**
 * When the lives of a Busbar end: so long after it began to listen, which is the time of dialling and reading back, or
 * after the play began; or soon after a message of the play first went to it, so that no part of the play is without its deaths.
 */
import type { SimRandom } from '../../src/sim/ports/sim-random.js'

export interface Death {
  readonly afterMs: number
  /** Of the play, counted from 0; undefined: from the start on. Its length is the time when all have been answered. */
  readonly message?: number
}

/** Half of the deaths by time, half by message; `messages` of a play. */
export function randomDeath(random: SimRandom, messages: number): Death {
  if (random.next() < 0.5) return { afterMs: random.next() * 400 }
  return { afterMs: random.next() * 30, message: Math.floor(random.next() * (messages + 1)) }
}

/** Of one host: each life in turn, the one that runs too, gets the next of the deaths that were planned. */
export class Deaths {
  #planned: Death[] = []
  #death: Death | undefined
  #kill: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  plan(deaths: readonly Death[]): void {
    this.#planned.push(...deaths)
    if (this.#kill !== undefined && !this.isDue) this.#take()
  }

  /** A life has begun; `kill` ends it. */
  begin(kill: () => void): void {
    this.stop()
    this.#kill = kill
    this.#take()
  }

  /** This message of the play goes to it now. */
  sends(message: number): void {
    const due = this.#death?.message
    if (due !== undefined && message >= due && this.#death !== undefined) this.#due(this.#death)
  }

  /** One is to come in this life. */
  get isDue(): boolean {
    return this.#death !== undefined || this.#timer !== undefined
  }

  stop(): void {
    this.#death = undefined
    this.#kill = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #take(): void {
    this.#death = this.#planned.shift()
    if (this.#death !== undefined && this.#death.message === undefined) this.#due(this.#death)
  }

  #due({ afterMs }: Death): void {
    this.#death = undefined
    this.#timer = setTimeout(() => {
      const kill = this.#kill
      this.stop()
      kill?.()
    }, afterMs)
  }
}
