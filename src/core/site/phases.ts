/**
 * Three phases of the site, and how a connector's own L1, L2, L3 lie on them.
 * Everything here is per phase and in amps; the order is always site L1, L2, L3.
 */

/** Amps (or any per-phase number) on site L1, L2, L3. */
export type PerPhase = readonly [l1: number, l2: number, l3: number]

/** A number per phase where it is known: undefined = unknown, which is not zero. */
export type KnownPerPhase = readonly [l1: number | undefined, l2: number | undefined, l3: number | undefined]

/** Which phases are used; undefined = unknown. */
export type KnownPhaseSet = readonly [
  l1: boolean | undefined,
  l2: boolean | undefined,
  l3: boolean | undefined,
]

/** Which site phases are used. */
export type PhaseSet = readonly [l1: boolean, l2: boolean, l3: boolean]

export type PhaseIndex = 0 | 1 | 2

export const PHASE_INDEXES: readonly PhaseIndex[] = [0, 1, 2]
export const PHASE_NAMES = ['L1', 'L2', 'L3'] as const
export type PhaseName = (typeof PHASE_NAMES)[number]

export const ZERO: PerPhase = [0, 0, 0]
export const ALL_PHASES: PhaseSet = [true, true, true]

/** How a three-phase connector is wired: "STR" = its L1 on S (site L2), its L2 on T, its L3 on R (OCPP 1.6 ConnectorPhaseRotation). */
export type PhaseRotation = 'RST' | 'RTS' | 'SRT' | 'STR' | 'TRS' | 'TSR' | 'Unknown'

export type ConnectorPhases = 'L1L2L3' | 'L1' | 'L2' | 'L3'

export const add = (a: PerPhase, b: PerPhase): PerPhase => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const subtract = (a: PerPhase, b: PerPhase): PerPhase => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
export const maxOf = (a: PerPhase, b: PerPhase): PerPhase => [
  Math.max(a[0], b[0]),
  Math.max(a[1], b[1]),
  Math.max(a[2], b[2]),
]
export const minOf = (a: PerPhase, b: PerPhase): PerPhase => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.min(a[2], b[2]),
]

/** `valueA` on each used phase, 0 on the others. */
export function spread(valueA: number, phases: PhaseSet): PerPhase {
  return [phases[0] ? valueA : 0, phases[1] ? valueA : 0, phases[2] ? valueA : 0]
}

/** The site phases a connector is wired to. */
export function wiredPhases(phases: ConnectorPhases): PhaseSet {
  switch (phases) {
    case 'L1L2L3':
      return ALL_PHASES
    case 'L1':
      return [true, false, false]
    case 'L2':
      return [false, true, false]
    case 'L3':
      return [false, false, true]
  }
}

/**
 * The site phase under the connector's own phase `own` (0..2), or undefined when the wiring is not known.
 * A single-phase connector has only its own L1.
 */
export function sitePhase(
  phases: ConnectorPhases,
  rotation: PhaseRotation,
  own: PhaseIndex,
): PhaseIndex | undefined {
  if (phases !== 'L1L2L3') return own === 0 ? (phases === 'L1' ? 0 : phases === 'L2' ? 1 : 2) : undefined
  if (rotation === 'Unknown') return undefined
  const letter = rotation[own]
  return letter === 'R' ? 0 : letter === 'S' ? 1 : 2
}
