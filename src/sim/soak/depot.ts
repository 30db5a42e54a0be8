/**
 * A depot out of dice: three levels of circuits, metered or not, stations of four models, wiring, ratings that the fail-safes
 * fit into. Pure: the same dice give the same depot.
 */
import type { WiredCircuit, WiredStation } from '../wiring.js'

export interface Dice {
  /** Uniform in 0..1. */
  next(): number
}

export interface SoakStation extends WiredStation {
  readonly device: string
  readonly phases: 'L1L2L3' | 'L1' | 'L2' | 'L3'
  readonly maxCurrentA: number
  /** As the installer set them. */
  readonly settings: Readonly<Record<string, string>>
  /** Whether its charging profiles survive a reboot, as errata 3.37 asks; some models forget them. */
  readonly keepsProfiles: boolean
  /** From one change of the pilot to the next, ms. */
  readonly pilotHoldMs: number
}

export interface SoakDepot {
  readonly circuits: readonly (WiredCircuit & { readonly parent?: string })[]
  readonly stations: readonly SoakStation[]
}

/** A model that takes schedules in watts only; made from the generic one. */
export const WATTS_ONLY = 'watts-only'
/** The seed models more often than the others. */
const DEVICES = ['weg-wemob', 'weg-wemob', 'ecs-wkt-ec13', 'ecs-wkt-ec13', 'generic', WATTS_ONLY] as const
const ROTATIONS = ['RST', 'STR', 'TRS'] as const
const SINGLES = ['L1', 'L2', 'L3'] as const
const MEASURANDS = [
  'Energy.Active.Import.Register',
  'Energy.Active.Import.Register,Current.Import',
  'Energy.Active.Import.Register,Power.Active.Import,Current.Import',
  'Energy.Active.Import.Register,Power.Active.Import',
] as const
const KEEPS_PROFILES = 0.7
const FAIL_SAFE_A = 6
/** Other load of a circuit, of what all its cars could take. */
const USUAL_BASE = [0.1, 0.5] as const
const QUIET_BASE = [0.015, 0.05] as const
const LEAST_STATIONS = 4
const MOST_STATIONS = 16

export function whole(dice: Dice, least: number, most: number): number {
  return least + Math.floor(dice.next() * (most - least + 1))
}

export function among(dice: Dice, least: number, most: number): number {
  return least + dice.next() * (most - least)
}

export function oneOf<T>(dice: Dice, list: readonly [T, ...T[]]): T {
  return list[Math.floor(dice.next() * list.length)] ?? list[0]
}

export interface DepotKind {
  /** Other load so small that the default lease of 300 s is inside the protection curve everywhere. */
  readonly longLease?: boolean
  /** Every circuit carries all its cars at their most beside the most other load. */
  readonly roomy?: boolean
  /** Every station reports amps of each phase, whatever else it is. */
  readonly perPhase?: boolean
}

export function rollDepot(
  dice: Dice,
  count = whole(dice, LEAST_STATIONS, MOST_STATIONS),
  kind: DepotKind = {},
): SoakDepot {
  const tree = rollTree(dice)
  const leaves = tree.filter(({ id }) => !tree.some(({ parent }) => parent === id))
  const stations = Array.from({ length: count }, (_, index): SoakStation => {
    const leaf = leaves[index % leaves.length] ?? { id: 'main' }
    // A station stands now and then straight on a circuit further up.
    const circuit = dice.next() < 0.15 ? (tree[whole(dice, 0, tree.length - 1)] ?? leaf) : leaf
    const station = rollStation(dice, `CP-${String(index + 1).padStart(2, '0')}`, circuit.id)
    return kind.perPhase === true ? reportingAmps(station) : station
  })
  return { circuits: rate(dice, tree, stations, kind), stations }
}

function rollTree(dice: Dice): readonly { readonly id: string; readonly parent?: string }[] {
  const tree: { id: string; parent?: string }[] = [{ id: 'main' }]
  const feeders = whole(dice, 1, 3)
  for (let feeder = 1; feeder <= feeders; feeder++) {
    tree.push({ id: `feeder-${feeder}`, parent: 'main' })
    const panels = whole(dice, 0, 2)
    for (let panel = 1; panel <= panels; panel++)
      tree.push({ id: `panel-${feeder}${panel}`, parent: `feeder-${feeder}` })
  }
  return tree
}

function rollStation(dice: Dice, id: string, circuit: string): SoakStation {
  const phases = dice.next() < 0.75 ? 'L1L2L3' : oneOf(dice, SINGLES)
  return {
    id,
    circuit,
    device: oneOf(dice, DEVICES),
    phases,
    ...(phases === 'L1L2L3' && { rotation: oneOf(dice, ROTATIONS) }),
    maxCurrentA: oneOf(dice, [16, 32, 32] as const),
    failSafeCurrentA: FAIL_SAFE_A,
    settings: {
      MeterValueSampleInterval: `${oneOf(dice, [10, 10, 30, 60] as const)}`,
      MeterValuesSampledData: oneOf(dice, MEASURANDS),
    },
    keepsProfiles: dice.next() < KEEPS_PROFILES,
    pilotHoldMs: oneOf(dice, [200, 5_000] as const),
  }
}

/** After all dice, so that the depot is otherwise the same. */
function reportingAmps(station: SoakStation): SoakStation {
  return { ...station, settings: { ...station.settings, MeterValuesSampledData: MEASURANDS[1] } }
}

/** Ratings between "just carries the fail-safes" and "carries about two thirds of what all cars could take", or all. */
function rate(
  dice: Dice,
  tree: readonly { readonly id: string; readonly parent?: string }[],
  stations: readonly SoakStation[],
  { longLease, roomy }: DepotKind,
): SoakDepot['circuits'] {
  const baseShare: readonly [number, number] = longLease === true ? QUIET_BASE : USUAL_BASE
  const isBelow = (id: string, top: string): boolean => {
    let at: string | undefined = id
    while (at !== undefined && at !== top) {
      const here: string = at
      at = tree.find(circuit => circuit.id === here)?.parent
    }
    return at === top
  }
  const others = new Map(
    tree.map(({ id }) => {
      const mostA = stations
        .filter(({ circuit }) => isBelow(circuit, id))
        .reduce((sum, { maxCurrentA }) => sum + maxCurrentA, 0)
      const hasOther = id === 'main' || dice.next() < 0.3
      return [id, hasOther ? Math.round(mostA * among(dice, ...baseShare)) : 0] as const
    }),
  )
  return tree.map(circuit => {
    const below = stations.filter(station => isBelow(station.circuit, circuit.id))
    const otherA = tree
      .filter(({ id }) => isBelow(id, circuit.id))
      .reduce((sum, { id }) => sum + (others.get(id) ?? 0), 0)
    const leastA = below.length * FAIL_SAFE_A + otherA
    const spareA = below.reduce((sum, { maxCurrentA }) => sum + maxCurrentA - FAIL_SAFE_A, 0)
    const share = among(dice, 0.05, 0.6)
    const ratedCurrentA = Math.ceil((leastA + spareA * (roomy === true ? 1 : share)) / 0.98 + 2)
    return {
      ...circuit,
      ratedCurrentA,
      worstCaseOtherLoadA: others.get(circuit.id) ?? 0,
      metered: dice.next() < (circuit.id === 'main' ? 0.75 : 0.35),
    }
  })
}

/** What a circuit may carry: the configuration of the soak leaves the margin at its default. */
export function limitOf(ratedCurrentA: number): number {
  return ratedCurrentA - Math.max(1, ratedCurrentA * 0.02)
}
