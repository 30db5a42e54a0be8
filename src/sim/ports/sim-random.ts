/**
 * Seeded randomness (sfc32). `fork` gives every part of a world its own stream, so that one part drawing more
 * numbers does not shift the others. Never for anything that must be hard to guess outside a simulation.
 */
import type { Random } from '../../ports.js'
import { fnv32 } from './trace.js'

/** Rounds after seeding until the state is mixed (what the generator's author recommends). */
const WARM_UP_ROUNDS = 12

export class SimRandom implements Random {
  readonly #seed: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string | number) {
    this.#seed = String(seed)
    this.#a = fnv32(this.#seed)
    this.#b = fnv32(`${this.#seed}/b`)
    this.#c = fnv32(`${this.#seed}/c`)
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.uint32()
  }

  next(): number {
    return this.uint32() / 4294967296
  }

  /** Uniform in 0..2^32-1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A generator of its own; the same seed and name give the same one, whatever was drawn before. */
  fork(name: string): SimRandom {
    return new SimRandom(`${this.#seed}/${name}`)
  }
}
