/**
 * Which fault comes next: the rows of the single-fault table in turn, so that few depots see all of them, each seed beginning with
 * another one; of a row's faults one by the dice.
 */
import { SINGLE_FAULTS, type SingleFaultKind } from '../../core/site/single-faults.js'
import type { FaultKind, FaultSite } from './fault-kind.js'
import { FAULTS } from './faults.js'

/** The rows that faults stand for, in the order of the table. */
export const FAULT_ROWS: readonly SingleFaultKind[] = Object.keys(SINGLE_FAULTS).flatMap(
  name => FAULTS.find(({ row }) => row === name)?.row ?? [],
)
/** Rows between the beginnings of two seeds: some faults of half an hour. */
const SEEDS_APART = 4

export class FaultTurn {
  readonly tried = new Set<SingleFaultKind>()
  #at: number

  constructor(
    private readonly site: FaultSite,
    seed: number,
  ) {
    this.#at = (seed * SEEDS_APART) % FAULT_ROWS.length
  }

  /** Of the next row that can happen here. */
  next(): FaultKind {
    for (;;) {
      const row = FAULT_ROWS[this.#at++ % FAULT_ROWS.length]
      const kinds = this.#possible().filter(kind => kind.row === row)
      if (kinds.length > 0) return this.#oneOf(kinds)
    }
  }

  any(): FaultKind {
    return this.#oneOf(this.#possible())
  }

  #possible(): readonly FaultKind[] {
    return FAULTS.filter(kind => kind.fits?.(this.site) !== false)
  }

  #oneOf(kinds: readonly FaultKind[]): FaultKind {
    const kind = kinds[Math.floor(this.site.dice.next() * kinds.length)]
    if (kind === undefined) throw new Error('no fault fits here')
    this.tried.add(kind.row)
    return kind
  }
}
