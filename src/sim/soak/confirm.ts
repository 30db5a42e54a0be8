/**
 * What the soak saw of each single fault beside what the table of that very site promised for it (`single-faults.ts`): the
 * longest excess, the most amps, and the first that was worse than promised. Pure: the judge says what was seen.
 */
import {
  ESCAPES,
  SINGLE_FAULTS,
  type SingleFault,
  type SingleFaultKind,
} from '../../core/site/single-faults.js'

/** Amps that two sums of the same currents may differ by, and one look more than can be told apart. */
const DUST_A = 0.05
const LOOK_S = 0.25
/** The station's part of its reaction, which `check` counts into the 11 s and the cars of the soak do not. */
const STATION_S = 0.2

/** One look above a rating, put down to a row. */
export interface Sighting {
  readonly kind: SingleFaultKind
  readonly circuitId: string
  /** What the fault is answerable for: less what other load has just risen by, where that has a row of its own. */
  readonly amps: number
  readonly lastedS: number
  /** When and how much, for people. */
  readonly text: string
}

/** The closest that anything came to the promise of its own circuit. */
export interface Closest {
  readonly seen: number
  /** Undefined = until it is mended. */
  readonly promised: number | undefined
}

export interface SeenFault {
  readonly overS: number
  /** s of one excess. */
  readonly longest: Closest
  /** Share of the rating. */
  readonly worst: Closest
  /** Looks that were worse than the table says, and the first of them. */
  readonly worseS: number
  readonly first: string | undefined
}

export type SeenFaults = ReadonlyMap<SingleFaultKind, SeenFault>

export class Confirmation {
  readonly #seen = new Map<SingleFaultKind, SeenFault>()
  readonly #rows: ReadonlyMap<string, SingleFault>

  constructor(table: readonly SingleFault[]) {
    this.#rows = new Map(table.map(row => [`${row.fault} ${row.circuitId}`, row]))
  }

  get seen(): SeenFaults {
    return this.#seen
  }

  take({ kind, circuitId, amps, lastedS, text }: Sighting): void {
    const row = this.#rows.get(`${SINGLE_FAULTS[kind]} ${circuitId}`)
    if (row === undefined) return
    const isWorse =
      amps > row.worstA + DUST_A ||
      (row.overS !== undefined && lastedS > row.overS + LOOK_S + STATION_S) ||
      (row.untold !== undefined && lastedS > row.untold.afterS && amps > row.untold.worstA + DUST_A)
    const before = this.#seen.get(kind)
    const { ratedCurrentA } = row
    const now: SeenFault = {
      overS: LOOK_S,
      longest: { seen: lastedS, promised: row.overS },
      worst: { seen: amps / ratedCurrentA, promised: row.worstA / ratedCurrentA },
      worseS: isWorse ? LOOK_S : 0,
      first: isWorse ? text : undefined,
    }
    this.#seen.set(kind, before === undefined ? now : joined(before, now))
  }
}

/** Of both the one that came closer to its promise. */
export function joined(a: SeenFault, b: SeenFault): SeenFault {
  return {
    overS: a.overS + b.overS,
    longest: closer(a.longest, b.longest),
    worst: closer(a.worst, b.worst),
    worseS: a.worseS + b.worseS,
    first: a.first ?? b.first,
  }
}

function closer(a: Closest, b: Closest): Closest {
  const share = ({ seen, promised }: Closest): number => (promised === undefined ? 0 : seen / promised)
  return share(b) > share(a) || (share(b) === share(a) && b.seen > a.seen) ? b : a
}

/** The table of a run: a line for each fault that put more than a rating on any circuit. */
export function confirmationLines(all: readonly SeenFaults[]): readonly string[] {
  const sums = new Map<SingleFaultKind, SeenFault>()
  for (const seen of all)
    for (const [kind, fault] of seen) {
      const before = sums.get(kind)
      sums.set(kind, before === undefined ? fault : joined(before, fault))
    }
  return [
    `${'one fault at a time, seen of promised'.padEnd(52)}${'over'.padStart(9)}${'longest'.padStart(22)}${'most'.padStart(18)}`,
    ...kindsOf(sums).map(([kind, seen]) => faultLine(kind, seen)),
  ]
}

function kindsOf(sums: ReadonlyMap<SingleFaultKind, SeenFault>): [SingleFaultKind, SeenFault][] {
  return [...sums].sort(([, a], [, b]) => b.worseS - a.worseS || b.overS - a.overS)
}

function faultLine(kind: SingleFaultKind, { overS, longest, worst, worseS, first }: SeenFault): string {
  const lasts = longest.promised === undefined ? 'no end' : `${longest.promised.toFixed(1)} s`
  const share = (value: number | undefined): string => `${Math.round((value ?? 0) * 100)} %`
  const figures = [
    `${overS.toFixed(1)} s`.padStart(9),
    `${longest.seen.toFixed(2)} of ${lasts}`.padStart(22),
    `${share(worst.seen)} of ${share(worst.promised)}`.padStart(18),
  ].join('')
  const worse = worseS > 0 ? `  WORSE for ${worseS.toFixed(2)} s, first ${first ?? ''}` : ''
  return `  ${SINGLE_FAULTS[kind].padEnd(50)}${figures}${worse}`
}

/** Whether a jump of other load beside the fault is told by its own row. */
export function isApartFromJumps(kind: SingleFaultKind): boolean {
  return ESCAPES.has(kind)
}
