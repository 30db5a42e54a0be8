/**
 * The same engine on what was decided before, with something else of the site: what each car would have been given, and
 * what each circuit. Every decision stands for itself: what cars would have needed less later is not reckoned with.
 */
import type { AllocationInput } from '../allocation/demand.js'
import { allocate } from '../allocation/share.js'
import { defaultMarginA } from '../config/site.js'
import { buildSiteTree } from '../site/tree.js'
import type { DecidedCircuit, DecisionRecord } from './decision.js'
import { type Chains, chainsOf, type Lasting, LastingChains } from './replay-chain.js'

/** `circuits.<id>.ratedCurrentA=80` and the like. */
export interface WhatIf {
  readonly circuitId: string
  readonly key: 'ratedCurrentA' | 'marginA'
  readonly valueA: number
}

export interface Difference {
  readonly id: string
  /** Ampere-hours per phase used, allocated then and now. */
  readonly wasAh: number
  readonly wouldAh: number
}

export interface CarDifference extends Difference {
  /** The chains of reasons that held for longest; absent where none were kept. */
  readonly was?: Lasting
  readonly would?: Lasting
}

export interface Replay {
  readonly decisions: number
  /** Whose answer, without any change, is not the one that was kept. */
  readonly differing: number
  readonly cars: readonly CarDifference[]
  /** Sum over the cars below. */
  readonly circuits: readonly Difference[]
}

/** A decision counts until the next, at most this long: then Busbar did not run. */
const LONGEST_MS = 3_600_000
const MS_PER_H = 3_600_000

/** `circuits.main.ratedCurrentA=80` as a change; undefined when it is none. */
export function parseWhatIf(text: string): WhatIf | undefined {
  const match = /^circuits\.([A-Za-z0-9][A-Za-z0-9._-]*)\.(ratedCurrentA|marginA)=(\d+(?:\.\d+)?)$/.exec(text)
  const [, circuitId, key, value] = match ?? []
  if (circuitId === undefined || (key !== 'ratedCurrentA' && key !== 'marginA')) return undefined
  return { circuitId, key, valueA: Number(value) }
}

/** Oldest first. */
export function replay(records: readonly DecisionRecord[], changes: readonly WhatIf[]): Replay {
  const cars = new Map<string, { wasAh: number; wouldAh: number }>()
  const circuits = new Map<string, { wasAh: number; wouldAh: number }>()
  const chains = new Map<string, { readonly was: LastingChains; readonly would: LastingChains }>()
  let differing = 0
  records.forEach((record, index) => {
    const lastsMs = Math.min(
      LONGEST_MS,
      Math.max(0, (records[index + 1]?.atWallMs ?? record.atWallMs) - record.atWallMs),
    )
    const hours = lastsMs / MS_PER_H
    const same = allocate(inputOf(record, []))
    if (record.cars.some(({ allocationA }, at) => same[at]?.allocationA !== allocationA)) differing++
    const would = changes.length === 0 ? same : allocate(inputOf(record, changes))
    record.cars.forEach((car, at) => {
      const { demand, allocationA } = car
      const given = would[at]
      if (given !== undefined) addChains(chains, demand.key, chainsOf(record, car, given), hours)
      const amounts = { wasAh: allocationA * hours, wouldAh: (would[at]?.allocationA ?? 0) * hours }
      addTo(cars, demand.key, amounts)
      for (const id of pathOf(record.circuits, demand.node)) addTo(circuits, id, amounts)
    })
  })
  const withChains = (car: Difference): CarDifference => {
    const of = chains.get(car.id)
    const [was, longest] = [of?.was.longest(), of?.would.longest()]
    return { ...car, ...(was !== undefined && { was }), ...(longest !== undefined && { would: longest }) }
  }
  return {
    ...{ decisions: records.length, differing },
    cars: listOf(cars).map(withChains),
    circuits: listOf(circuits),
  }
}

export function inputOf(record: DecisionRecord, changes: readonly WhatIf[]): AllocationInput {
  const tree = buildSiteTree(
    record.circuits.map(({ id, parent, ratedCurrentA }) => ({
      ...{ id, ratedCurrentA, worstCaseOtherLoadA: 0 },
      ...(parent !== undefined && { parent }),
    })),
  )
  return {
    tree,
    availableA: record.circuits.map(circuit => {
      const { limitA, orderedA = Number.MAX_VALUE } = circuit
      const moreA = Math.min(limitWith(circuit, changes), orderedA) - Math.min(limitA, orderedA)
      const [l1, l2, l3] = circuit.availableA
      return [l1 + moreA, l2 + moreA, l3 + moreA]
    }),
    demands: record.cars.map(({ demand }) => demand),
    ...record.timing,
  }
}

/** A margin that was the default follows the rating. */
function limitWith({ id, ratedCurrentA, limitA }: DecidedCircuit, changes: readonly WhatIf[]): number {
  const own = changes.filter(({ circuitId }) => circuitId === id)
  if (own.length === 0) return limitA
  const valueA = (key: WhatIf['key']) => own.findLast(change => change.key === key)?.valueA
  const ratedA = valueA('ratedCurrentA') ?? ratedCurrentA
  const marginA = ratedCurrentA - limitA
  const isDefault = Math.abs(marginA - defaultMarginA(ratedCurrentA)) < 1e-9
  return ratedA - (valueA('marginA') ?? (isDefault ? defaultMarginA(ratedA) : marginA))
}

function pathOf(circuits: readonly DecidedCircuit[], node: number): readonly string[] {
  const path: string[] = []
  let circuit = circuits[node]
  while (circuit !== undefined && path.length <= circuits.length) {
    path.push(circuit.id)
    const { parent } = circuit
    circuit = circuits.find(({ id }) => id === parent)
  }
  return path
}

type Sums = Map<string, { wasAh: number; wouldAh: number }>

function addChains(
  all: Map<string, { readonly was: LastingChains; readonly would: LastingChains }>,
  id: string,
  chains: Chains | undefined,
  hours: number,
): void {
  if (chains === undefined) return
  const of = all.get(id) ?? { was: new LastingChains(), would: new LastingChains() }
  of.was.add(chains.was, hours)
  of.would.add(chains.would, hours)
  all.set(id, of)
}

function addTo(sums: Sums, id: string, { wasAh, wouldAh }: { wasAh: number; wouldAh: number }): void {
  const sum = sums.get(id) ?? { wasAh: 0, wouldAh: 0 }
  sum.wasAh += wasAh
  sum.wouldAh += wouldAh
  sums.set(id, sum)
}

function listOf(sums: Sums): readonly Difference[] {
  return [...sums].map(([id, sum]) => ({ id, ...sum })).sort((a, b) => (a.id < b.id ? -1 : 1))
}
