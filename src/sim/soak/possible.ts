/**
 * What the cars could take at one moment if everything were known and obeyed at once: water filling of what they want under
 * the true limits and the true other load, without minimum and without whole amps. Written apart from core/allocation: it
 * judges it. Pure.
 */
import type { Amps3, Wiring } from '../wiring.js'

/** What one car would take if nothing bound it. */
export interface Want {
  /** Position among the planned stations. */
  readonly at: number
  readonly wantsA: number
  /** Site phases (0..2) it charges on. */
  readonly phases: readonly number[]
}

const DUST_A = 1e-9

/** Amps per want, in their order; `roomA` per circuit and phase is what the limit leaves beside other load. */
export function possibleA(
  wiring: Wiring,
  wants: readonly Want[],
  roomA: readonly (readonly number[])[],
): number[] {
  const givenA = wants.map(() => 0)
  const rest: Amps3[] = roomA.map(room => [
    Math.max(0, room[0] ?? 0),
    Math.max(0, room[1] ?? 0),
    Math.max(0, room[2] ?? 0),
  ])
  const paths = wants.map(({ at }) => wiring.pathOf(at))
  let rising = wants.map((_, index) => index)
  while (rising.length > 0) {
    const stepA = commonStep(wants, paths, { rising, rest, givenA })
    for (const index of rising) {
      givenA[index] = (givenA[index] ?? 0) + stepA
      for (const node of paths[index] ?? []) take(rest[node], wants[index]?.phases ?? [], stepA)
    }
    const next = rising.filter(
      index =>
        (wants[index]?.wantsA ?? 0) - (givenA[index] ?? 0) > DUST_A &&
        (paths[index] ?? []).every(node => hasRoom(rest[node], wants[index]?.phases ?? [])),
    )
    if (next.length === rising.length) break
    rising = next
  }
  return givenA
}

/** How far all that still rise can rise together. */
function commonStep(
  wants: readonly Want[],
  paths: readonly (readonly number[])[],
  at: {
    readonly rising: readonly number[]
    readonly rest: readonly Amps3[]
    readonly givenA: readonly number[]
  },
): number {
  const counts = at.rest.map((): Amps3 => [0, 0, 0])
  let stepA = Number.MAX_VALUE
  for (const index of at.rising) {
    stepA = Math.min(stepA, (wants[index]?.wantsA ?? 0) - (at.givenA[index] ?? 0))
    for (const node of paths[index] ?? []) take(counts[node], wants[index]?.phases ?? [], -1)
  }
  at.rest.forEach((rest, node) => {
    for (const phase of [0, 1, 2] as const) {
      const count = counts[node]?.[phase] ?? 0
      if (count > 0) stepA = Math.min(stepA, rest[phase] / count)
    }
  })
  return Math.max(0, stepA)
}

function take(rest: Amps3 | undefined, phases: readonly number[], amps: number): void {
  if (rest === undefined) return
  for (const phase of phases) rest[phase === 0 ? 0 : phase === 1 ? 1 : 2] -= amps
}

function hasRoom(rest: Amps3 | undefined, phases: readonly number[]): boolean {
  return rest !== undefined && phases.every(phase => (rest[phase] ?? 0) > DUST_A)
}
