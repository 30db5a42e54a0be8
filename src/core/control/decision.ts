/**
 * One decision as it is kept on disk: what the allocator was given and what it answered, whole, so that the same engine
 * can be run on it again and "why 9 A last night" has an answer. Arrays instead of names where there are many.
 */
import type { AllocationInput, Bound, Demand } from '../allocation/demand.js'
import { marginA } from '../config/site.js'
import type { Binding } from '../limits/effective.js'
import { PHASE_INDEXES, type PhaseIndex, type PhaseSet } from '../site/phases.js'
import { decodeParts, decodeReasons, encodeParts, encodeReasons } from './decision-reasons.js'
import type { Now } from './now.js'
import type { CircuitParts, HeldReason } from './reason.js'
import type { Reasons } from './reasons.js'
import type { ControlState } from './state.js'

export interface DecisionRecord {
  readonly atWallMs: number
  readonly circuits: readonly DecidedCircuit[]
  readonly cars: readonly DecidedCar[]
  /** With a session, and nothing to be decided for it then: out of reach, or it owed an answer or a proof. */
  readonly others?: readonly UndecidedCar[]
  readonly timing: Pick<AllocationInput, 'nowMonoMs' | 'minOnMs' | 'minOffMs' | 'quantumMs'>
}

export interface DecidedCircuit {
  readonly id: string
  readonly parent?: string
  readonly ratedCurrentA: number
  /** Rating less margin. */
  readonly limitA: number
  /** Where an order from outside allowed less. */
  readonly orderedA?: number
  /** What the cars below could share, per phase: the limit less other load and what is booked and not steered. */
  readonly availableA: readonly [number, number, number]
  /** Absent in what earlier versions have kept. */
  readonly parts?: CircuitParts
}

export interface DecidedCar {
  readonly demand: Demand
  readonly allocationA: number
  /** What the station was told when this was kept: ramps and proofs lie between. */
  readonly offerA: number
  readonly bound: Bound
  /** Absent in what earlier versions have kept. */
  readonly reasons?: readonly HeldReason[]
}

export interface UndecidedCar {
  /** "CP-1/1" */
  readonly key: string
  readonly offerA: number
  readonly reasons: readonly HeldReason[]
}

/** Why it was so, as it is shown at the same moment. */
export interface Said {
  readonly reasons: Reasons
  /** Per node. */
  readonly parts: readonly CircuitParts[]
}

export function decisionRecord(state: ControlState, said: Said, now: Now): DecisionRecord | undefined {
  const { decision, tree, carriesA, limitBindings } = state
  if (decision === undefined) return undefined
  const { input, result } = decision
  const offers = new Map(state.connectors.map(({ key, offerA }) => [key, offerA]))
  const decided = new Set(input.demands.map(({ key }) => key))
  const partsOf = (node: number) => {
    const parts = said.parts[node]
    return parts === undefined ? {} : { parts }
  }
  return {
    atWallMs: Math.round(now.wallMs),
    circuits: tree.nodes.map(({ id, circuit }, node) => ({
      id,
      ...(circuit.parent !== undefined && { parent: circuit.parent }),
      ratedCurrentA: circuit.ratedCurrentA,
      limitA: carriesA[node] ?? circuit.ratedCurrentA - marginA(circuit),
      ...orderedAt(limitBindings[node]),
      availableA: input.availableA[node] ?? [0, 0, 0],
      ...partsOf(node),
    })),
    others: state.connectors
      .filter(({ key, transaction }) => transaction !== undefined && !decided.has(key))
      .map(({ key, offerA }) => ({ key, offerA, reasons: said.reasons.get(key) ?? [] })),
    cars: input.demands.flatMap((demand, index) => {
      const given = result[index]
      if (given === undefined) return []
      const reasons = said.reasons.get(demand.key) ?? []
      return [{ demand, ...given, offerA: offers.get(demand.key) ?? 0, reasons }]
    }),
    timing: {
      nowMonoMs: input.nowMonoMs,
      minOnMs: input.minOnMs,
      minOffMs: input.minOffMs,
      quantumMs: input.quantumMs,
    },
  }
}

const orderedAt = (binding: Binding | undefined): Pick<DecidedCircuit, 'orderedA'> =>
  binding === undefined ? {} : { orderedA: binding.limitA }

/**
 * Who was given and told what, and for which reason: a decision whose text is that of the one before is no news. `reasons`: as they
 * are shown; to find them anew costs as much as the decision itself. Undefined before the first one.
 */
export function decisionNews(state: ControlState, reasons: Reasons): string | undefined {
  if (state.decision === undefined) return undefined
  const { input, result } = state.decision
  let text = ''
  for (let index = 0; index < result.length; index++) {
    const [demand, given] = [input.demands[index], result[index]]
    if (demand !== undefined && given !== undefined)
      text += `${demand.key} ${given.allocationA} ${boundCode(given.bound)},`
  }
  for (const { key, transaction, offerA } of state.connectors)
    if (transaction !== undefined) text += `;${key} ${offerA} ${reasons.get(key)?.at(-1)?.code ?? ''}`
  return text
}

const STEPS = [1, 0.1] as const
const FIRM = 1
const SPARED = 2
const marksOf = ({ firm, spared }: Demand): number =>
  (firm === true ? FIRM : 0) | (spared === true ? SPARED : 0)

export function encodeDecision({ atWallMs, circuits, cars, others = [], timing }: DecisionRecord): string {
  return JSON.stringify({
    v: 1,
    at: atWallMs,
    t: [timing.nowMonoMs, timing.minOnMs, timing.minOffMs, timing.quantumMs],
    c: circuits.map(({ id, parent, ratedCurrentA, limitA, availableA, orderedA }) => [
      ...[id, parent ?? null, ratedCurrentA, limitA],
      ...availableA,
      ...(orderedA === undefined ? [] : [orderedA]),
    ]),
    d: cars.map(({ demand, allocationA, offerA, bound }) => {
      const { turn } = demand
      return [
        ...[demand.key, demand.node, bitsOf(demand.phases), demand.minA, demand.maxA, demand.weight],
        ...[STEPS.indexOf(demand.stepA), demand.rank ?? null, marksOf(demand)],
        ...[turn.on ? 1 : 0, turn.sinceMonoMs, turn.servedAs, turn.priorityClass],
        ...[turn.entitledAs, turn.owed ? 1 : 0, allocationA, offerA, boundCode(bound)],
      ]
    }),
    ...reasonRows({ atWallMs, circuits, cars, others }),
  })
}

/** Beside the rows they belong to, in their order. */
function reasonRows({
  atWallMs,
  circuits,
  cars,
  others = [],
}: Pick<DecisionRecord, 'atWallMs' | 'circuits' | 'cars' | 'others'>) {
  return {
    ...(cars.some(({ reasons }) => reasons !== undefined) && {
      r: cars.map(({ reasons }) => encodeReasons(reasons ?? [], atWallMs)),
    }),
    ...(circuits.some(({ parts }) => parts !== undefined) && {
      p: circuits.map(({ parts }) => (parts === undefined ? [] : encodeParts(parts))),
    }),
    ...(others.length > 0 && {
      o: others.map(({ key, offerA, reasons }) => [key, offerA, encodeReasons(reasons, atWallMs)]),
    }),
  }
}

/** Undefined for what is no decision of ours. */
export function decodeDecision(value: unknown): DecisionRecord | undefined {
  const field = (name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  const at = field('at')
  const timing = row(field('t'))
  const parts = row(field('p'))
  const circuits = row(field('c')).map((it, index) => circuitOf(it, parts[index]))
  const cars = row(field('d')).map(carOf)
  const reasons = row(field('r'))
  if (field('v') !== 1 || typeof at !== 'number' || timing.length !== 4) return undefined
  const [nowMonoMs, minOnMs, minOffMs, quantumMs] = timing.map(number)
  if (nowMonoMs === undefined || minOnMs === undefined) return undefined
  if (minOffMs === undefined || quantumMs === undefined) return undefined
  const withReasons = (car: DecidedCar, index: number): DecidedCar =>
    reasons[index] === undefined ? car : { ...car, reasons: decodeReasons(reasons[index], at) }
  const whole = {
    circuits: circuits.flatMap(it => it ?? []),
    cars: cars.flatMap((it, index) => (it === undefined ? [] : withReasons(it, index))),
  }
  const others = row(field('o')).flatMap(it => undecidedOf(it, at))
  if (whole.circuits.length !== circuits.length || whole.cars.length !== cars.length) return undefined
  const found = { atWallMs: at, ...whole, timing: { nowMonoMs, minOnMs, minOffMs, quantumMs } }
  return others.length === 0 ? found : { ...found, others }
}

function undecidedOf(value: unknown, atWallMs: number): readonly UndecidedCar[] {
  const [key, offerA, reasons] = row(value)
  if (typeof key !== 'string' || typeof offerA !== 'number') return []
  return [{ key, offerA, reasons: decodeReasons(reasons, atWallMs) }]
}

function circuitOf(value: unknown, partRow: unknown): DecidedCircuit | undefined {
  const [id, parent, ...rest] = row(value)
  const [ratedCurrentA, limitA, l1, l2, l3, orderedA] = rest.map(number)
  if (typeof id !== 'string' || ratedCurrentA === undefined || limitA === undefined) return undefined
  if (l1 === undefined || l2 === undefined || l3 === undefined) return undefined
  const parts = decodeParts(partRow, { id, limitA: Math.min(limitA, orderedA ?? limitA) })
  return {
    ...{ id, ratedCurrentA, limitA, availableA: [l1, l2, l3] },
    ...(typeof parent === 'string' && { parent }),
    ...(orderedA !== undefined && { orderedA }),
    ...(parts !== undefined && { parts }),
  }
}

const CAR_NUMBERS = 16

function carOf(value: unknown): DecidedCar | undefined {
  const fields = row(value)
  const [key] = fields
  const bound = boundOf(fields.at(-1))
  const amounts = fields.slice(1, -1).map(it => (it === null ? undefined : number(it)))
  if (typeof key !== 'string' || bound === undefined || amounts.length !== CAR_NUMBERS) return undefined
  const rank = amounts[6]
  if (amounts.some((it, index) => it === undefined && index !== 6)) return undefined
  const of = (index: number): number => amounts[index] ?? 0
  return {
    demand: {
      ...{ key, node: of(0), phases: phasesOf(of(1)), minA: of(2), maxA: of(3), weight: of(4) },
      stepA: STEPS[of(5) === 1 ? 1 : 0],
      ...(rank !== undefined && { rank }),
      ...(((of(7) ?? 0) & FIRM) > 0 && { firm: true }),
      ...(((of(7) ?? 0) & SPARED) > 0 && { spared: true }),
      turn: {
        ...{ on: of(8) === 1, sinceMonoMs: of(9), servedAs: of(10), priorityClass: of(11) },
        ...{ entitledAs: of(12), owed: of(13) === 1 },
      },
    },
    ...{ allocationA: of(14), offerA: of(15), bound },
  }
}

function boundCode(bound: Bound): string {
  return 'node' in bound ? `${bound.kind} ${bound.node} ${bound.phase}` : bound.kind
}

function boundOf(value: unknown): Bound | undefined {
  if (typeof value !== 'string') return undefined
  const [kind, node, phase] = value.split(' ')
  if (kind === 'max' || kind === 'off') return { kind }
  if (kind !== 'circuit' && kind !== 'waiting') return undefined
  return { kind, node: Number(node), phase: phaseOf(Number(phase)) }
}

const phaseOf = (phase: number): PhaseIndex => PHASE_INDEXES.find(index => index === phase) ?? 0
const bitsOf = (phases: PhaseSet): number => (phases[0] ? 1 : 0) | (phases[1] ? 2 : 0) | (phases[2] ? 4 : 0)
const phasesOf = (bits: number): PhaseSet => [(bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0]
const row = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
