/**
 * Seedable random numbers (mulberry32) for jitter and spreading. Never for secrets; those come from `secrets.ts`.
 */
import { randomBytes } from 'node:crypto'
import type { Random } from '../ports.js'

/** Same seed (an integer, taken modulo 2^32), same numbers; without one the system seeds it. */
export function createRandom(seed: number = randomBytes(4).readUInt32LE()): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
