/**
 * The electrical promise, proven at load time: with every link dead and every connector at its fail-safe, no circuit
 * is over its limit; and the two figures of `check`: how long a jump of other load can last while Busbar lives, and
 * what can flow for how long when Busbar is lost (control rules, "The promise"). Pure sums over the configuration.
 */
import { type Fault, fault } from '../config/faults.js'
import { type CircuitConfig, isDrivenByCsms, marginA, type SiteConfig } from '../config/site.js'
import type { SiteProfile } from '../config/site-profile.js'
import type { StationModel } from '../config/station-model.js'
import { reductionOf } from './grid-reduction.js'
import { add, maxOf, type PerPhase, spread, wiredPhases, ZERO } from './phases.js'
import type { SiteTree } from './tree.js'

/** Answer of the station plus the change of PWM and car after a limit was accepted (control rules 3 and 9). */
export const REACTION_S = 11
/** A station clock known worse than this is not trusted with Absolute schedules (control rule 6). */
export const MAX_CLOCK_BOUND_S = 10
/** Of nominal: the lowest voltage that is plausible where nobody measured it (control rule 5). */
export const LOWEST_VOLTAGE = 0.9
/** And the most (EN 50160). */
export const HIGHEST_VOLTAGE = 1.1
/** What a decision and its way to the wire may take. */
export const COMMAND_S = 1.5
/** A fuse or breaker carries this much of its rating for many minutes (gG and MCB curves). */
export const PROTECTION_FACTOR = 1.45
/** Lease of a write beside which what is offered could, with other load at its worst, leave the protection curve. */
export const SHORT_LEASE_S = 60

export interface CircuitProof {
  readonly circuitId: string
  readonly limitA: number
  /** Sum of the fail-safes below, worst phase order; a station that its CSMS drives counts with its maximum. */
  readonly failSafeA: PerPhase
  /** Other load on this circuit and all below it, at its worst. */
  readonly worstOtherLoadA: number
  readonly holds: boolean
  /** limit + worst other load: what can flow until the leases end. */
  readonly lostBusbarA: number
  readonly insideProtectionCurve: boolean
}

export interface Guarantee {
  readonly sourceId: string
  readonly circuitId: string
  readonly minimumA: number
  /** With Busbar lost, on the worst phase. */
  readonly failSafeA: number
  readonly holds: boolean
}

export interface Proof {
  readonly circuits: readonly CircuitProof[]
  /** Longest time above a limit that cars could have avoided, Busbar alive; undefined where no circuit has a meter. */
  readonly aliveOverLimitS: number | undefined
  /** Longest time until every station is at its fail-safe after Busbar was lost. */
  readonly lostOverLimitS: number
  /** Per station: how long a live profile holds at most without being refreshed. */
  readonly leaseS: ReadonlyMap<string, number>
  /** Sources of limits that promise never to go below something, and whether the fail-safes fit that (control rule 18). */
  readonly guarantees: readonly Guarantee[]
  readonly faults: readonly Fault[]
}

/** Needs a configuration whose references hold (`parseSiteConfig`). */
export function proveSite(
  config: SiteConfig,
  models: ReadonlyMap<string, StationModel>,
  profile: SiteProfile,
): Proof {
  const circuits = config.circuits.map(circuit => proveCircuit(circuit, config))
  const leaseS = new Map<string, number>()
  for (const { id, device } of config.stations)
    leaseS.set(id, Math.min(models.get(device)?.smartCharging.leaseS ?? SHORT_LEASE_S, profile.maxLeaseS))
  const polls = config.meters.map(meter => meter.pollMs / 1000)
  const reactionS = Math.max(
    0,
    ...config.stations.map(station => models.get(station.device)?.smartCharging.reactionS ?? REACTION_S),
  )
  return {
    circuits,
    aliveOverLimitS: polls.length === 0 ? undefined : Math.max(...polls) + COMMAND_S + reactionS,
    lostOverLimitS: Math.max(0, ...leaseS.values()) + MAX_CLOCK_BOUND_S + REACTION_S,
    leaseS,
    guarantees: guaranteesOf(config, circuits),
    faults: circuits.flatMap((proof, index) => (proof.holds ? [] : [faultOf(proof, index)])),
  }
}

/** What may draw on a circuit and is no station of the configuration. */
export interface Beside {
  readonly stationId: string
  /** Where it may hang. */
  readonly circuitIds: readonly string[]
  readonly heldA: PerPhase
}

/** What a circuit has to carry beside its stations that are controlled. */
export interface Uncontrolled {
  /** They give way to nothing, so each counts at its maximum. */
  readonly releasedIds: ReadonlySet<string>
  readonly beside: readonly Beside[]
}

/** The circuits that are over their limit with every other station at its fail-safe and other load at its worst, and not only as they were `before`. */
export function uncontrolledFaults(
  config: SiteConfig,
  uncontrolled: Uncontrolled,
  before: readonly CircuitProof[],
): readonly Fault[] {
  return circuitsOver(config, uncontrolled).flatMap(proof => {
    const { circuitId: circuit, limitA, worstOtherLoadA: worstA } = proof
    const overBeforeA = before.find(({ circuitId }) => circuitId === circuit)
    if (overBeforeA !== undefined && overA(proof) <= overA(overBeforeA) + 1e-9) return []
    const index = config.circuits.findIndex(({ id }) => id === circuit)
    const below = circuitsBelow(circuit, config)
    const released = config.stations.filter(
      ({ id, circuit: at }) => uncontrolled.releasedIds.has(id) && below.has(at),
    )
    const gone = uncontrolled.beside.filter(({ circuitIds }) => circuitIds.some(id => below.has(id)))
    const ids = [...new Set([...released.map(({ id }) => id), ...gone.map(({ stationId }) => stationId)])]
    if (ids.length === 0) return []
    const heldA = worstPhase(proof.failSafeA)
    return fault(`circuits[${index}]`, gone.length === 0 ? 'released-promise' : 'retired-promise', {
      ...{ released: ids.join(', '), heldA, worstA, sumA: heldA + worstA, circuit, limitA },
    })
  })
}

/** The circuits that do not hold with what is not controlled at its most, every other station at its fail-safe and other load at its worst. */
export function circuitsOver(config: SiteConfig, uncontrolled: Uncontrolled): readonly CircuitProof[] {
  return config.circuits
    .map(circuit => proveCircuit(circuit, config, uncontrolled))
    .filter(({ holds }) => !holds)
}

const overA = ({ failSafeA, worstOtherLoadA, limitA }: CircuitProof): number =>
  worstPhase(failSafeA) + worstOtherLoadA - limitA

const NOTHING: Uncontrolled = { releasedIds: new Set(), beside: [] }

function proveCircuit(
  circuit: CircuitConfig,
  config: SiteConfig,
  { releasedIds, beside }: Uncontrolled = NOTHING,
): CircuitProof {
  const below = circuitsBelow(circuit.id, config)
  const limitA = circuit.ratedCurrentA - marginA(circuit)
  let failSafeA: PerPhase = ZERO
  for (const station of config.stations) {
    if (!below.has(station.circuit)) continue
    for (const { failSafeCurrentA, maxCurrentA, phases } of station.connectors) {
      const isAtMost = isDrivenByCsms(station) || releasedIds.has(station.id)
      const heldA = isAtMost ? maxCurrentA : failSafeCurrentA
      failSafeA = add(failSafeA, spread(heldA, wiredPhases(phases)))
    }
  }
  for (const { circuitIds, heldA } of beside)
    if (circuitIds.some(id => below.has(id))) failSafeA = add(failSafeA, heldA)
  const worstOtherLoadA = config.circuits.reduce(
    (sum, other) => sum + (below.has(other.id) ? other.worstCaseOtherLoadA : 0),
    0,
  )
  const lostBusbarA = limitA + worstOtherLoadA
  return {
    circuitId: circuit.id,
    limitA,
    failSafeA,
    worstOtherLoadA,
    holds: worstPhase(failSafeA) + worstOtherLoadA <= limitA + 1e-9,
    lostBusbarA,
    insideProtectionCurve: lostBusbarA <= PROTECTION_FACTOR * circuit.ratedCurrentA,
  }
}

/** Fail-safes alone: what else flows is no matter of an order to stations. */
function guaranteesOf(config: SiteConfig, proofs: readonly CircuitProof[]): readonly Guarantee[] {
  const controls = config.limits.gridControls.map(control => ({
    ...{ id: control.id, circuit: control.circuit },
    guaranteedMinimumA:
      reductionOf(control, config).powerW / (3 * HIGHEST_VOLTAGE * config.site.nominalVoltageV),
  }))
  return [...config.limits.sources, ...controls].flatMap(
    ({ id, circuit, guaranteedMinimumA }): readonly Guarantee[] => {
      const circuitId = circuit ?? config.circuits.find(({ parent }) => parent === undefined)?.id
      const proof = proofs.find(candidate => candidate.circuitId === circuitId)
      if (guaranteedMinimumA === undefined || proof === undefined) return []
      const failSafeA = worstPhase(proof.failSafeA)
      const holds = failSafeA <= guaranteedMinimumA + 1e-9
      return [{ sourceId: id, circuitId: proof.circuitId, minimumA: guaranteedMinimumA, failSafeA, holds }]
    },
  )
}

/** The circuit itself and every circuit under it. */
function circuitsBelow(id: string, config: SiteConfig): ReadonlySet<string> {
  const below = new Set([id])
  let grew = true
  while (grew) {
    grew = false
    for (const circuit of config.circuits) {
      if (circuit.parent !== undefined && below.has(circuit.parent) && !below.has(circuit.id)) {
        below.add(circuit.id)
        grew = true
      }
    }
  }
  return below
}

/**
 * Per node: what offers may sum to for longer than a minute, with other load at its worst and within the protection curve,
 * A; undefined where the circuit's own limit keeps them there anyway.
 */
export function curveRooms(tree: SiteTree, limitsA: readonly number[]): readonly (number | undefined)[] {
  return tree.nodes.map(({ circuit }, node) => {
    const below = tree.nodes.slice(node, tree.subtreeEnd[node] ?? node)
    const worstA = below.reduce((sum, at) => sum + at.circuit.worstCaseOtherLoadA, 0)
    const roomA = PROTECTION_FACTOR * circuit.ratedCurrentA - worstA
    return (limitsA[node] ?? Number.MAX_VALUE) <= roomA ? undefined : roomA
  })
}

const worstPhase = (perPhase: PerPhase): number => Math.max(...maxOf(perPhase, ZERO))

function faultOf(proof: CircuitProof, index: number): Fault {
  const failSafeA = worstPhase(proof.failSafeA)
  const { circuitId: circuit, limitA, worstOtherLoadA: worstA } = proof
  const sumA = failSafeA + worstA
  return fault(`circuits[${index}]`, 'promise', { failSafeA, worstA, sumA, circuit, limitA })
}
