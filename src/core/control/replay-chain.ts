/**
 * The chain of reasons of one car as it was kept, and as it would have been with something else of the site: what it may have is
 * as it was, what it is allotted comes from the new run, what held back the rest for a moment is not known.
 */
import type { Allocation } from '../allocation/demand.js'
import { PHASE_NAMES } from '../site/phases.js'
import type { DecidedCar, DecisionRecord } from './decision.js'
import type { HeldReason, Reason, ReasonCode } from './reason.js'

/** What it may have, before anything is shared. */
const MAY_HAVE: ReadonlySet<ReasonCode> = new Set([
  ...(['connector', 'csms', 'order', 'tag refused', 'no clock', 'ceiling', 'car', 'full car'] as const),
])

export interface Chains {
  readonly was: readonly Reason[]
  readonly would: readonly Reason[]
}

/** Undefined where no reasons were kept. */
export function chainsOf(record: DecisionRecord, car: DecidedCar, now: Allocation): Chains | undefined {
  const { reasons } = car
  if (reasons === undefined || reasons.length === 0) return undefined
  const mayHave: readonly HeldReason[] = reasons.filter(({ code }) => MAY_HAVE.has(code))
  const { bound, allocationA: valueA } = now
  if (bound.kind === 'max' || bound.kind === 'off') return { was: reasons, would: mayHave }
  const rule = record.cars.flatMap(({ reasons: kept = [] }) => kept.flatMap(one => one.rule ?? [])).at(0)
  const circuitId = record.circuits[bound.node]?.id ?? '?'
  const sharers = record.cars.filter(
    ({ demand }) => demand.phases[bound.phase] && isUnder(record, demand.node, bound.node),
  )
  const place = { circuitId, phase: PHASE_NAMES[bound.phase], valueA }
  // Who shares is only told where the rule is known.
  const shared = rule === undefined ? { cars: 1 } : { cars: sharers.length, rule }
  const allotted: Reason =
    bound.kind === 'waiting'
      ? { code: 'turn', lift: 'turn', towardsA: car.demand.minA, ...place, ...shared }
      : { code: 'share', lift: 'room', ...place, ...shared }
  return { was: reasons, would: [...mayHave, allotted] }
}

function isUnder({ circuits }: DecisionRecord, node: number, above: number): boolean {
  let circuit = circuits[node]
  for (let depth = 0; circuit !== undefined && depth <= circuits.length; depth++) {
    if (circuit.id === circuits[above]?.id) return true
    const { parent } = circuit
    circuit = circuits.find(({ id }) => id === parent)
  }
  return false
}

/** One that holds for some time, and counts as the same while its links are. */
export interface Lasting {
  readonly chain: readonly Reason[]
  readonly hours: number
}

/** Of one car, the one that held for longest comes first. */
export class LastingChains {
  readonly #byLinks = new Map<string, { chain: readonly Reason[]; hours: number }>()

  add(chain: readonly Reason[], hours: number): void {
    const links = chain.map(({ code, circuitId, phase }) => `${code} ${circuitId} ${phase}`).join('>')
    const before = this.#byLinks.get(links)
    this.#byLinks.set(links, { chain, hours: hours + (before?.hours ?? 0) })
  }

  longest(): Lasting | undefined {
    return [...this.#byLinks.values()].sort((a, b) => b.hours - a.hours).at(0)
  }
}
