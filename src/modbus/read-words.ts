/**
 * The registers that one poll of a meter has read, block by block as they came. A register that was read twice is as it was read
 * last. Must not know what a register means.
 */
import type { Words } from './decode.js'

interface ReadBlock {
  readonly address: number
  readonly words: readonly number[]
}

export class ReadWords implements Words {
  /** The last one first; a poll has a handful. */
  readonly #blocks: ReadBlock[] = []

  /** No register was read. */
  get isEmpty(): boolean {
    return this.#blocks.every(({ words }) => words.length === 0)
  }

  add(address: number, words: readonly number[]): void {
    this.#blocks.unshift({ address, words })
  }

  get(address: number): number | undefined {
    const block = this.#blocks.find(it => address >= it.address && address < it.address + it.words.length)
    return block?.words[address - block.address]
  }
}
