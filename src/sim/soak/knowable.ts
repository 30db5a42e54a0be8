/**
 * What the best controller could know of a soak depot at a moment, beside the truth: other load where no meter is, and the
 * phases that a car leaves where nobody would see it take them back in time. Pure.
 */
import type { Amps3, Wiring } from '../wiring.js'
import type { SoakDepot } from './depot.js'

/**
 * Other load as the best controller could know it: the truth where there is a meter; else the worst case, and never more than
 * the nearest meter above sees.
 */
export function knowableBases(
  circuits: SoakDepot['circuits'],
  parents: readonly number[],
  bases: readonly Amps3[],
): readonly Amps3[] {
  const known = bases.map((base): Amps3 => [...base])
  for (let node = circuits.length - 1; node >= 0; node--) {
    const circuit = circuits[node]
    if (circuit === undefined || circuit.metered === true) continue
    const sum: Amps3 = [circuit.worstCaseOtherLoadA, circuit.worstCaseOtherLoadA, circuit.worstCaseOtherLoadA]
    parents.forEach((parent, below) => {
      if (parent === node) for (const phase of [0, 1, 2] as const) sum[phase] += known[below]?.[phase] ?? 0
    })
    let above = parents[node] ?? -1
    while (above >= 0 && circuits[above]?.metered !== true) above = parents[above] ?? -1
    const most = above < 0 ? undefined : bases[above]
    known[node] =
      most === undefined
        ? sum
        : [Math.min(sum[0], most[0]), Math.min(sum[1], most[1]), Math.min(sum[2], most[2])]
  }
  return known
}

/** Per station: every circuit above it has a meter, or carries all that hangs below it at its most (control rule 16). */
export function watchedStations({ circuits, stations }: SoakDepot, wiring: Wiring): readonly boolean[] {
  const mostA = circuits.map(() => 0)
  const paths = stations.map((_, at) => wiring.pathOf(at))
  stations.forEach(({ maxCurrentA }, at) => {
    for (const node of paths[at] ?? []) mostA[node] = (mostA[node] ?? 0) + maxCurrentA
  })
  for (let node = circuits.length - 1; node >= 0; node--)
    for (let up = node; up >= 0; up = wiring.parents[up] ?? -1)
      mostA[up] = (mostA[up] ?? 0) + (circuits[node]?.worstCaseOtherLoadA ?? 0)
  return paths.map(path =>
    path.every(node => {
      const circuit = circuits[node]
      return circuit?.metered === true || (mostA[node] ?? 0) <= 0.98 * (circuit?.ratedCurrentA ?? 0)
    }),
  )
}
