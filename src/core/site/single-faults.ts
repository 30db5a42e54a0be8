/**
 * The single-fault table: what one fault at a time can make of each circuit, in amps and seconds, by the configuration alone
 * (control rules, "The promise", 10, 13, 15). A figure here is a bound that the soak has to confirm, never a forecast. Pure.
 */
import { type CircuitConfig, isDrivenByCsms, type SiteConfig, type StationConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import { add, type PerPhase, spread, wiredPhases, ZERO } from './phases.js'
import {
  COMMAND_S,
  HIGHEST_VOLTAGE,
  LOWEST_VOLTAGE,
  PROTECTION_FACTOR,
  type Proof,
  REACTION_S,
} from './promise.js'
import { type RegisterSteps, standingMeterS } from './standing-meter.js'

/** What may go wrong, in the order in which an electrician would ask. */
export const SINGLE_FAULTS = {
  'other load': 'other load jumps to its worst case',
  'busbar lost': 'Busbar is lost',
  'meter lost': 'a meter is lost',
  'meter wrong': 'a meter is frozen or wrong',
  disobeys: 'a station does not obey',
  'profiles lost': 'a station loses its profiles while not reached',
  restarted: 'a station restarts or is reset',
  unreached: 'stations are not reached',
  late: 'stations answer late or not at all',
  phases: 'a car changes its phases',
  'station clock': 'the clock of a station is wrong',
  'site clock': "Busbar's own clock jumps",
  csms: 'the CSMS is away, or sets and clears limits',
} as const
export type SingleFaultKind = keyof typeof SINGLE_FAULTS
/** A station draws what nobody allowed it; in all others cars draw what they were given, and other load comes on top. */
export const ESCAPES: ReadonlySet<SingleFaultKind> = new Set([
  'disobeys',
  'profiles lost',
  'restarted',
  'phases',
])

export interface SingleFault {
  readonly kind: SingleFaultKind
  /** The kind in English: `SINGLE_FAULTS`. */
  readonly fault: string
  readonly circuitId: string
  readonly ratedCurrentA: number
  /** The most that can flow on one phase while the fault is answered. */
  readonly worstA: number
  /** How long more than the rating can flow; undefined = until somebody mends it, or a car moves under a meter that stands. 0 where worstA is within the rating. */
  readonly overS: number | undefined
  /** So much of it, after that time, nothing tells of: until somebody mends it. `overS` is undefined then. */
  readonly untold?: { readonly worstA: number; readonly afterS: number }
  /** Inside the curve of fuses and breakers: 1.45 x rated. */
  readonly isBounded: boolean
}

/** Worst case in effect after the last good sample (control rule 15). */
const METER_LOST_S = 25
/** Seen within 30 s under 5 A of car change, or by its own register where no car moves; then acted upon. */
const METER_WRONG_SEEN_S = 30
const METER_WRONG_ACT_S = 15
/** Two samples of a minute apart, and the others pay. */
const UNSEEN_S = 150
/** A restarted station is given time for its BootNotification before it is written to. */
const BOOT_GRACE_S = 3
/** A phase counts as unused for so long after the station has shown it. */
const PHASE_SEEN_S = 30

interface CircuitSums {
  readonly circuit: CircuitConfig
  readonly limitA: number
  readonly otherA: number
  readonly carsA: number
  readonly pausedA: number
  /** By how much one station can exceed what it is told, at most. */
  readonly escapeA: number
  /** By how much one can without its power telling: that of a car on more phases that obeys. */
  readonly untoldA: number
  readonly isMetered: boolean
  /** Of `otherA` what control takes from meters, so that its worst is not assumed: it may come at any moment. */
  readonly jumpsA: number
}

interface Outcome {
  readonly worstA: (sums: CircuitSums) => number
  readonly overS: (sums: CircuitSums) => number | undefined
  /** What of it goes on after `overS`, A; absent = nothing. */
  readonly untoldA?: (sums: CircuitSums) => number
}

/** One row per fault and circuit, faults in the order of `SINGLE_FAULTS`. */
export function singleFaults(
  config: SiteConfig,
  models: ReadonlyMap<string, StationModel>,
  proof: Proof,
  steps: RegisterSteps,
): readonly SingleFault[] {
  const sums = proof.circuits.flatMap(({ circuitId, limitA, worstOtherLoadA }) => {
    const circuit = config.circuits.find(({ id }) => id === circuitId)
    return circuit === undefined ? [] : [sumsOf(config, models, { circuit, limitA, otherA: worstOtherLoadA })]
  })
  const found = outcomes(config, proof, steps)
  return KINDS.flatMap(kind =>
    sums.map((circuit): SingleFault => {
      const { worstA, overS, untoldA } = found[kind]
      const amps = worstA(circuit)
      const { id: circuitId, ratedCurrentA } = circuit.circuit
      const lastsS = amps <= ratedCurrentA ? 0 : overS(circuit)
      const goesOnA = untoldA?.(circuit) ?? 0
      const isUntold = lastsS !== undefined && goesOnA > ratedCurrentA
      return {
        kind,
        fault: SINGLE_FAULTS[kind],
        circuitId,
        ratedCurrentA,
        worstA: amps,
        overS: isUntold ? undefined : lastsS,
        ...(isUntold && { untold: { worstA: goesOnA, afterS: lastsS } }),
        isBounded: amps <= PROTECTION_FACTOR * ratedCurrentA,
      }
    }),
  )
}

const KINDS: readonly SingleFaultKind[] = Object.keys(SINGLE_FAULTS).filter(isKind)

/** Of each fault the row that is worst against its rating, without end before any end. */
export function worstOfEach(rows: readonly SingleFault[]): readonly SingleFault[] {
  const worst = new Map<string, SingleFault>()
  const weight = (row: SingleFault): number => row.worstA / row.ratedCurrentA
  for (const row of rows) {
    const before = worst.get(row.fault)
    if (before === undefined || weight(row) > weight(before)) worst.set(row.fault, row)
  }
  return [...worst.values()]
}

function outcomes(
  config: SiteConfig,
  proof: Proof,
  steps: RegisterSteps,
): Readonly<Record<SingleFaultKind, Outcome>> {
  const pollS = Math.max(0, ...config.meters.map(({ pollMs }) => pollMs / 1000))
  const aliveS = proof.aliveOverLimitS ?? pollS + COMMAND_S + REACTION_S
  const jumps = (overS: number): Outcome => ({ worstA: jumpedA, overS: () => overS })
  const escapes = (overS: (sums: CircuitSums) => number | undefined): Outcome => ({
    worstA: escapedA,
    overS: sums => (staysOver(sums) ? undefined : overS(sums)),
  })
  const seenBy = (unmeteredS: number | undefined) => (sums: CircuitSums) =>
    sums.isMetered ? aliveS : unmeteredS
  return {
    'other load': jumps(aliveS),
    'busbar lost': jumps(proof.lostOverLimitS),
    'meter lost': jumps(METER_LOST_S),
    'meter wrong': {
      worstA: jumpedA,
      overS: ({ circuit }) => wrongMeterS(standingMeterS(config, steps, circuit)),
    },
    disobeys: { ...escapes(seenBy(UNSEEN_S)), untoldA },
    'profiles lost': escapes(seenBy(undefined)),
    restarted: escapes(() => aliveS + BOOT_GRACE_S),
    unreached: jumps(proof.lostOverLimitS),
    late: jumps(aliveS + COMMAND_S),
    phases: escapes(seenBy(PHASE_SEEN_S + aliveS)),
    'station clock': jumps(aliveS),
    'site clock': jumps(aliveS),
    csms: jumps(aliveS),
  }
}

const wrongMeterS = (standingS: number | undefined): number | undefined =>
  standingS === undefined ? undefined : Math.max(METER_WRONG_SEEN_S, standingS) + METER_WRONG_ACT_S

/** Cars fill what a small other load leaves, then it jumps to its worst; where no meter tells, the worst is always assumed. */
function jumpedA({ jumpsA, limitA, carsA, otherA }: CircuitSums): number {
  return Math.min(limitA, carsA + otherA - jumpsA) + jumpsA
}

/** More than all cars together beside the worst of other load cannot flow. */
function escapedA({ limitA, carsA, otherA, escapeA }: CircuitSums): number {
  return Math.min(limitA + escapeA, carsA + otherA)
}

/** By a meter all is seen; without one a power that an obedient car could have is none to be seen. */
function untoldA({ limitA, carsA, otherA, untoldA: beyondA, isMetered }: CircuitSums): number {
  return isMetered ? 0 : Math.min(limitA + beyondA, carsA + otherA)
}

/** All others paused and it is still too much: nobody can mend it from here. */
function staysOver({ circuit, pausedA, escapeA, otherA }: CircuitSums): boolean {
  return pausedA + escapeA + otherA > circuit.ratedCurrentA
}

function sumsOf(
  config: SiteConfig,
  models: ReadonlyMap<string, StationModel>,
  at: { readonly circuit: CircuitConfig; readonly limitA: number; readonly otherA: number },
): CircuitSums {
  const below = config.stations.filter(({ circuit }) => isBelow(config, circuit, at.circuit.id))
  const sum = (value: (station: StationConfig, index: number) => number): number => {
    let perPhase: PerPhase = ZERO
    for (const station of below)
      for (const [index, connector] of station.connectors.entries())
        perPhase = add(perPhase, spread(value(station, index), wiredPhases(connector.phases)))
    return Math.max(...perPhase)
  }
  const holdsZero = ({ device }: StationConfig): boolean =>
    models.get(device)?.smartCharging.holdsZero === true
  return {
    ...at,
    carsA: sum((station, index) => station.connectors[index]?.maxCurrentA ?? 0),
    pausedA: sum((station, index) => {
      const connector = station.connectors[index]
      if (isDrivenByCsms(station)) return connector?.maxCurrentA ?? 0
      return holdsZero(station) ? 0 : (connector?.failSafeCurrentA ?? 0)
    }),
    // one that its CSMS drives obeys nobody here: it is counted whole already
    escapeA: Math.max(
      0,
      ...below.map(station => (isDrivenByCsms(station) ? 0 : escapeOf(station, holdsZero(station)))),
    ),
    untoldA: Math.max(0, ...below.map(station => untoldOf(station, models.get(station.device)))),
    isMetered: at.circuit.meter !== undefined,
    jumpsA: followsMeter(config, at.circuit) ? at.otherA : seenBelowA(config, at.circuit),
  }
}

/** Control takes what the nearest meter above sees in all for the most of it (control rule 14), unless something feeds in. */
function followsMeter(config: SiteConfig, circuit: CircuitConfig): boolean {
  if (circuit.meter !== undefined) return true
  const parent = config.circuits.find(({ id }) => id === circuit.parent)
  if (parent === undefined) return false
  if (parent.meter === undefined) return followsMeter(config, parent)
  return !config.circuits.some(({ id, generation }) => generation === true && isBelow(config, id, parent.id))
}

/** Where no meter says it of the circuit itself, those of circuits below say it of their part. */
function seenBelowA(config: SiteConfig, { id }: CircuitConfig): number {
  const seen = config.circuits.filter(
    circuit => isBelow(config, circuit.id, id) && followsMeter(config, circuit),
  )
  return seen.reduce((sum, { worstCaseOtherLoadA }) => sum + worstCaseOtherLoadA, 0)
}

/** A whole station leaves its limits: all of its connectors at once, from the least it may have been told. */
function escapeOf({ connectors }: StationConfig, holdsZero: boolean): number {
  return connectors.reduce((sum, { maxCurrentA, failSafeCurrentA }) => {
    return sum + Math.max(0, maxCurrentA - (holdsZero ? 0 : failSafeCurrentA))
  }, 0)
}

/**
 * A car on one phase with the power of one that takes all it is offered on all the phases of its connector, at volts nobody has
 * measured: from the beginning of its session on, no step of an offer having told its phases.
 */
function untoldOf(station: StationConfig, model: StationModel | undefined): number {
  // Direct current comes from three phases always.
  if (isDrivenByCsms(station) || model?.dc !== undefined) return 0
  return station.connectors.reduce((sum, { phases, maxCurrentA }) => {
    const alike = (wiredPhases(phases).filter(Boolean).length * HIGHEST_VOLTAGE) / LOWEST_VOLTAGE
    const offerA = Math.max(model?.smartCharging.minCurrentA ?? 0, maxCurrentA / alike)
    return sum + Math.max(0, maxCurrentA - offerA)
  }, 0)
}

function isBelow(config: SiteConfig, id: string, top: string): boolean {
  let at: string | undefined = id
  while (at !== undefined && at !== top) {
    const here: string = at
    at = config.circuits.find(circuit => circuit.id === here)?.parent
  }
  return at === top
}

function isKind(name: string): name is SingleFaultKind {
  return name in SINGLE_FAULTS
}
