/**
 * The single-fault table: what one fault at a time can make of each circuit, in amps and seconds, by the configuration alone
 * (control rules, "The promise", 10, 13, 15). A figure here is a bound that the soak has to confirm, never a forecast. Pure.
 */
import { type CircuitConfig, isDrivenByCsms, type SiteConfig, type StationConfig } from '../config/site.js'
import type { StationModel } from '../config/station-model.js'
import { add, type PerPhase, spread, wiredPhases, ZERO } from './phases.js'
import { COMMAND_S, PROTECTION_FACTOR, type Proof, REACTION_S } from './promise.js'

export interface SingleFault {
  readonly fault: string
  readonly circuitId: string
  readonly ratedCurrentA: number
  /** The most that can flow on one phase while the fault is answered. */
  readonly worstA: number
  /** How long more than the rating can flow; undefined = until somebody mends it. 0 where worstA is within the rating. */
  readonly overS: number | undefined
  /** Inside the curve of fuses and breakers: 1.45 x rated. */
  readonly isBounded: boolean
}

/** Worst case in effect after the last good sample (control rule 15). */
const METER_LOST_S = 25
/** Seen within 30 s under 5 A of car change, then acted upon. */
const METER_WRONG_S = 45
/** Two samples of a minute apart, and the others pay. */
const UNSEEN_S = 150

interface CircuitSums {
  readonly circuit: CircuitConfig
  readonly limitA: number
  readonly otherA: number
  readonly carsA: number
  readonly pausedA: number
  /** By how much one station can exceed what it is told, at most. */
  readonly escapeA: number
  readonly isMetered: boolean
}

interface Outcome {
  readonly fault: string
  readonly worstA: (sums: CircuitSums) => number
  readonly overS: (sums: CircuitSums) => number | undefined
}

/** One row per fault and circuit, faults in the order in which an electrician would ask. */
export function singleFaults(
  config: SiteConfig,
  models: ReadonlyMap<string, StationModel>,
  proof: Proof,
): readonly SingleFault[] {
  const sums = proof.circuits.flatMap(({ circuitId, limitA, worstOtherLoadA }) => {
    const circuit = config.circuits.find(({ id }) => id === circuitId)
    return circuit === undefined ? [] : [sumsOf(config, models, { circuit, limitA, otherA: worstOtherLoadA })]
  })
  return outcomes(config, proof).flatMap(({ fault, worstA, overS }) =>
    sums.map((circuit): SingleFault => {
      const amps = worstA(circuit)
      const { id: circuitId, ratedCurrentA } = circuit.circuit
      return {
        fault,
        circuitId,
        ratedCurrentA,
        worstA: amps,
        overS: amps <= ratedCurrentA ? 0 : overS(circuit),
        isBounded: amps <= PROTECTION_FACTOR * ratedCurrentA,
      }
    }),
  )
}

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

function outcomes(config: SiteConfig, proof: Proof): readonly Outcome[] {
  const pollS = Math.max(0, ...config.meters.map(({ pollMs }) => pollMs / 1000))
  const aliveS = proof.aliveOverLimitS ?? pollS + COMMAND_S + REACTION_S
  /** Cars fill what a small other load leaves, then it jumps to its worst; without a meter the worst is always assumed. */
  const jumpA = (sums: CircuitSums): number =>
    sums.isMetered
      ? Math.min(sums.limitA, sums.carsA) + sums.otherA
      : Math.min(sums.limitA, sums.carsA + sums.otherA)
  const escapedA = (sums: CircuitSums): number =>
    Math.min(sums.limitA, sums.carsA + sums.otherA) + sums.escapeA
  /** All others paused and it is still too much: nobody can mend it from here. */
  const staysOver = ({ circuit, pausedA, escapeA, otherA }: CircuitSums): boolean =>
    pausedA + escapeA + otherA > circuit.ratedCurrentA
  const seen = (sums: CircuitSums, afterS: number): number | undefined =>
    staysOver(sums) ? undefined : sums.isMetered ? aliveS : afterS
  return [
    { fault: 'other load jumps to its worst case', worstA: jumpA, overS: () => aliveS },
    { fault: 'Busbar is lost', worstA: jumpA, overS: () => proof.lostOverLimitS },
    { fault: 'a meter is lost', worstA: jumpA, overS: () => METER_LOST_S },
    { fault: 'a meter is frozen or wrong', worstA: jumpA, overS: () => METER_WRONG_S },
    { fault: 'a station does not obey', worstA: escapedA, overS: sums => seen(sums, UNSEEN_S) },
    {
      fault: 'a station loses its profiles while not reached',
      worstA: escapedA,
      overS: sums => (sums.isMetered ? seen(sums, aliveS) : undefined),
    },
    { fault: 'stations answer late or not at all', worstA: jumpA, overS: () => aliveS + COMMAND_S },
  ]
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
    escapeA: Math.max(0, ...below.map(station => (isDrivenByCsms(station) ? 0 : escapeOf(station)))),
    isMetered: at.circuit.meter !== undefined,
  }
}

/** A whole station leaves its limits: all of its connectors at once. */
function escapeOf({ connectors }: StationConfig): number {
  return connectors.reduce(
    (sum, { maxCurrentA, failSafeCurrentA }) => sum + Math.max(0, maxCurrentA - failSafeCurrentA),
    0,
  )
}

function isBelow(config: SiteConfig, id: string, top: string): boolean {
  let at: string | undefined = id
  while (at !== undefined && at !== top) {
    const here: string = at
    at = config.circuits.find(circuit => circuit.id === here)?.parent
  }
  return at === top
}
