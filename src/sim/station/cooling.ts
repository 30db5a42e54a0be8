/**
 * How warm a station gets whose fans may not run fast, and what it still offers then (seed 001, 4.4.3). With its fans free
 * it stays cold and offers everything. The numbers are ours: the seed says that the power falls, not by how much. Pure.
 */

/** Warms and cools with its load within about this time. */
const TIME_CONSTANT_MS = 1_200_000
/** Of the warmth at full load; up to here quiet fans do. */
const QUIET_UP_TO = 0.5
/** Of its rating, however warm it is. */
const LEAST_SHARE = 0.6
const SHARE_PER_WARMTH = (1 - LEAST_SHARE) / (1 - QUIET_UP_TO)

export class Cooling {
  /** 0 = cold, 1 = as warm as full load makes it. */
  #warmth = 0
  #loadShare = 0
  #settledMs: number

  constructor(monoMs: number) {
    this.#settledMs = monoMs
  }

  /** From now on it carries this much of its rating, 0-1. */
  carries(loadShare: number, monoMs: number): void {
    const kept = Math.exp(-(monoMs - this.#settledMs) / TIME_CONSTANT_MS)
    this.#warmth = this.#loadShare + (this.#warmth - this.#loadShare) * kept
    this.#settledMs = monoMs
    this.#loadShare = loadShare
  }

  /** Of its rating that it offers with quiet fans, 0.6-1. */
  quietShare(): number {
    const tooWarm = Math.max(0, this.#warmth - QUIET_UP_TO)
    return Math.max(LEAST_SHARE, 1 - tooWarm * SHARE_PER_WARMTH)
  }
}
