/**
 * The trace of a simulated run: a running FNV-1a hash (64 bit) over every port call and event with its virtual time,
 * and the last lines as text to find where two runs part. Same seed, same hash.
 */

/** Lines kept for reading; the hash covers all. */
const LINES_KEPT = 4096

const FNV32_OFFSET = 0x811c9dc5
const FNV32_PRIME = 0x01000193
const FNV64_OFFSET_HIGH = 0xcbf29ce4
const FNV64_OFFSET_LOW = 0x84222325
/** Low word of the 64-bit prime 2^40 + 0x1b3. */
const FNV64_PRIME_LOW = 0x1b3

/** FNV-1a over UTF-16 code units, 0..2^32-1. */
export function fnv32(text: string): number {
  let hash = FNV32_OFFSET
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV32_PRIME)
  return hash >>> 0
}

/** How a trace names a text without holding it: "length/hash". */
export function digest(text: string): string {
  return `${text.length}/${fnv32(text).toString(16)}`
}

export class Trace {
  readonly #nowMs: () => number
  #high = FNV64_OFFSET_HIGH | 0
  #low = FNV64_OFFSET_LOW | 0
  #count = 0
  #lines: string[] = []

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Adds one port call or event, "peer door.verb details". */
  note(line: string): void {
    const whole = `${Math.round(this.#nowMs() * 1000)} ${line}\n`
    this.#add(whole)
    this.#count++
    this.#lines.push(whole)
    if (this.#lines.length >= 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT)
  }

  /** 16 hex digits over everything noted so far. */
  hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
    return hex(this.#high) + hex(this.#low)
  }

  /** How many lines were noted. */
  get count(): number {
    return this.#count
  }

  /** The last lines, each with its virtual time in µs first. */
  lines(): readonly string[] {
    return this.#lines.slice(-LINES_KEPT).map(line => line.trimEnd())
  }

  /** In whole numbers of 32 bits, 16 by 16 where the product is larger: beyond those the engine counts in doubles. */
  #add(text: string): void {
    let high = this.#high
    let low = this.#low
    for (let at = 0; at < text.length; at++) {
      low ^= text.charCodeAt(at)
      const lower = (low & 0xffff) * FNV64_PRIME_LOW
      const upper = (low >>> 16) * FNV64_PRIME_LOW + (lower >>> 16)
      high = (Math.imul(high, FNV64_PRIME_LOW) + (upper >>> 16) + (low << 8)) | 0
      low = (upper << 16) | (lower & 0xffff)
    }
    this.#high = high
    this.#low = low
  }
}
