/**
 * Limits over time as step functions, and the one operation on them: looking at several at once. "No limit" is
 * undefined. Must not know profiles.
 */

/** Amps per phase. */
export interface Limit {
  readonly limitA: number
  /** As the profile said it; it decides how amps become watts again. */
  readonly numberPhases?: number
}

export interface Step {
  readonly atMs: number
  /** Undefined: nothing limits from here on. */
  readonly limit: Limit | undefined
}

/** Holds over one window: first step at its start, strictly ascending, each until the next. */
export type Curve = readonly Step[]

/** fromMs <= t < toMs. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** At every instant, `pick` of what the curves say; equal neighbours are merged. Curves share the window. */
export function combine(
  curves: readonly Curve[],
  window: Window,
  pick: (limits: readonly (Limit | undefined)[]) => Limit | undefined,
): Curve {
  const instants = new Set<number>([window.fromMs])
  for (const curve of curves) for (const step of curve) instants.add(step.atMs)
  const next = curves.map(() => 0)
  const current: (Limit | undefined)[] = curves.map(() => undefined)
  const steps: Step[] = []
  for (const atMs of [...instants].sort((a, b) => a - b)) {
    curves.forEach((curve, i) => {
      for (
        let step = curve[next[i] ?? 0];
        step !== undefined && step.atMs <= atMs;
        step = curve[next[i] ?? 0]
      ) {
        current[i] = step.limit
        next[i] = (next[i] ?? 0) + 1
      }
    })
    pushStep(steps, { atMs, limit: pick(current) })
  }
  return steps
}

/** What `combine` makes of one curve alone, whose steps may fall together: of those the last holds. */
export function stepsOf(curve: Curve): Curve {
  const steps: Step[] = []
  for (const step of curve) {
    if (steps.at(-1)?.atMs === step.atMs) steps.pop()
    pushStep(steps, step)
  }
  return steps
}

/** Appends a step unless it says the same as the one before. */
export function pushStep(steps: Step[], step: Step): void {
  const last = steps.at(-1)
  if (last !== undefined && sameLimit(last.limit, step.limit)) return
  steps.push(step)
}

function sameLimit(a: Limit | undefined, b: Limit | undefined): boolean {
  return a?.limitA === b?.limitA && a?.numberPhases === b?.numberPhases
}

export const firstOf = (limits: readonly (Limit | undefined)[]): Limit | undefined =>
  limits.find(limit => limit !== undefined)

export const lowestOf = (limits: readonly (Limit | undefined)[]): Limit | undefined =>
  limits.reduce((low, limit) => {
    if (low === undefined) return limit
    return limit !== undefined && limit.limitA < low.limitA ? limit : low
  }, undefined)
