/**
 * What a grid operator leaves to controlled stations (par. 14a EnWG, BK6-22-300): behind one energy manager 4.2 kW for the first
 * point and a share of 4.2 kW, by a simultaneity factor, for each further one.
 */
import type { GridControlConfig } from '../config/grid-control.js'
import type { SiteConfig } from '../config/site.js'

/** For 2 to 8 points; from 9 on `FROM_NINE`. */
const SIMULTANEITY = [0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5] as const
const FROM_NINE = 0.45

export function simultaneity(points: number): number {
  return SIMULTANEITY[points - 2] ?? FROM_NINE
}

/** W of all points together; the figures of the rule are to the watt. */
export function reducedPowerW(points: number, perPointW: number): number {
  if (points <= 1) return perPointW
  return Math.floor(perPointW + (points - 1) * simultaneity(points) * perPointW + 1e-6)
}

/** Counted by the grid operator, or the stations under its circuit: never more than may be meant. */
export function pointsOf(control: GridControlConfig, { circuits, stations }: SiteConfig): number {
  if (control.points !== undefined) return control.points
  const parents = new Map(circuits.map(({ id, parent }) => [id, parent]))
  const isBelow = (circuit: string | undefined): boolean =>
    circuit !== undefined && (circuit === control.circuit || isBelow(parents.get(circuit)))
  const counted =
    control.circuit === undefined ? stations : stations.filter(({ circuit }) => isBelow(circuit))
  return Math.max(1, counted.length)
}

export interface Reduction {
  readonly powerW: number
  /** How it is reckoned, for whoever asks for proof. */
  readonly reckoned: string
}

export function reductionOf(control: GridControlConfig, config: SiteConfig): Reduction {
  const points = pointsOf(control, config)
  const powerW = reducedPowerW(points, control.perPointW)
  const further = points === 1 ? '' : ` + ${points - 1} x ${simultaneity(points)} x ${control.perPointW} W`
  const named = points === 1 ? '1 point' : `${points} points`
  return { powerW, reckoned: `§ 14a EnWG, ${named}: ${control.perPointW} W${further} = ${powerW} W` }
}
