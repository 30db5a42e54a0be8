/**
 * A meter that is none: a sum, a difference or a fixed share of others, for a circuit nobody measures directly. As old as
 * its oldest part and as good as its worst: a part that is unknown makes the whole unknown, never smaller.
 *
 * Parts are read at different moments, and what moves between looks like a change of the whole. So each part counts with
 * all it showed since the moment that every part tells of: what adds up with the most of it, what is taken off with the
 * least. That is never less than what flowed at that moment; `lowerA` says how far below it may have been. Pure.
 */
import type { MeterReading } from '../events.js'
import { add, maxOf, minOf, type PerPhase, ZERO } from '../site/phases.js'

export interface VirtualParts {
  readonly parts: readonly {
    readonly meter: string
    /** -1 takes it off, 0.33 is a fixed share. */
    readonly factor: number
  }[]
  /** Always there and measured by nobody, per phase. */
  readonly fixedA?: PerPhase | undefined
}

/** What a part showed, oldest first, ending with its newest word. A fault stands alone: nothing before it counts any more. */
export type Trail = readonly MeterReading[]

/** A part that is polled each 200 ms beside one that is polled each 60 s. */
const SHOWN_KEPT = 320

/** The trail with one more reading of the part. */
export function onTrail(trail: Trail, reading: MeterReading): Trail {
  const newest = trail.at(-1)
  if (newest === undefined || isFault(reading) || isFault(newest)) return [reading]
  return reading.monoMs < newest.monoMs ? trail : [...trail.slice(1 - SHOWN_KEPT), reading]
}

/**
 * What the whole says. Undefined while a part has not spoken yet.
 * `disbelieved`: why a part is not believed although it answers.
 */
export function combined(
  meterId: string,
  whole: VirtualParts,
  trails: ReadonlyMap<string, Trail>,
  disbelieved: (meterId: string) => string | undefined,
): MeterReading | undefined {
  const parts = whole.parts.flatMap(({ meter, factor }) => {
    const trail = trails.get(meter) ?? []
    const newest = trail.at(-1)
    return newest === undefined ? [] : [{ meter, factor, trail, newest }]
  })
  if (parts.length < whole.parts.length) return undefined
  const monoMs = Math.min(...parts.map(({ newest }) => newest.monoMs))
  for (const { meter, newest } of parts) {
    const fault = newest.fault ?? (newest.currentA === undefined ? 'no current' : disbelieved(meter))
    // The fault is as new as the newest word of it: an old good value of another part says nothing about it.
    if (fault !== undefined) return { meterId, monoMs: newest.monoMs, fault: `part ${meter}: ${fault}` }
  }
  const aligned = parts.map(part => ({ ...part, shown: since(part.trail, monoMs) }))
  const currentA = edge(aligned, 'most', reading => reading.currentA)
  const leastA = edge(aligned, 'least', reading => reading.currentA)
  if (currentA === undefined || leastA === undefined) return { meterId, monoMs, fault: 'no current' }
  const fixedA = whole.fixedA ?? ZERO
  const first = parts[0]?.newest
  return {
    meterId,
    monoMs,
    currentA: add(currentA, fixedA),
    lowerA: add(leastA, fixedA),
    // Watts of a fixed current are not known.
    ...(whole.fixedA === undefined && powers(aligned)),
    ...(first?.voltageV !== undefined && { voltageV: first.voltageV }),
    ...(first?.frequencyHz !== undefined && { frequencyHz: first.frequencyHz }),
    ...energies(whole, aligned),
  }
}

const isFault = ({ fault, currentA }: MeterReading): boolean => fault !== undefined || currentA === undefined

interface Part {
  readonly factor: number
  readonly newest: MeterReading
  /** From what stood when the oldest part was read, to the newest. */
  readonly shown: Trail
}

/** What it showed from `monoMs` on; what it showed last before that still stood then. */
function since(trail: Trail, monoMs: number): Trail {
  const from = trail.findLastIndex(reading => reading.monoMs <= monoMs)
  return from <= 0 ? trail : trail.slice(from)
}

/** The most, or the least, that the sum can have been. Undefined where a part does not say it. */
function edge(
  parts: readonly Part[],
  which: 'most' | 'least',
  of: (reading: MeterReading) => PerPhase | undefined,
): PerPhase | undefined {
  let sum: PerPhase = ZERO
  for (const { factor, shown } of parts) {
    const extreme = factor > 0 === (which === 'most') ? maxOf : minOf
    let value: PerPhase | undefined
    for (const reading of shown) {
      const now = of(reading)
      if (now === undefined) return undefined
      value = value === undefined ? now : extreme(value, now)
    }
    if (value === undefined) return undefined
    sum = add(sum, [value[0] * factor, value[1] * factor, value[2] * factor])
  }
  return sum
}

function powers(parts: readonly Part[]): Pick<MeterReading, 'powerW' | 'totalPowerW'> {
  const powerW = edge(parts, 'most', reading => reading.powerW)
  const total = edge(parts, 'most', ({ totalPowerW: watts }) =>
    watts === undefined ? undefined : [watts, watts, watts],
  )
  return { ...(powerW !== undefined && { powerW }), ...(total !== undefined && { totalPowerW: total[0] }) }
}

/** Registers add up; a difference of two is not what came in less what went out, so there they are unknown. */
function energies(whole: VirtualParts, parts: readonly Part[]): Pick<MeterReading, 'importWh' | 'exportWh'> {
  if (whole.fixedA !== undefined || parts.some(({ factor }) => factor < 0)) return {}
  const importWh = total(parts, reading => reading.importWh)
  const exportWh = total(parts, reading => reading.exportWh)
  return { ...(importWh !== undefined && { importWh }), ...(exportWh !== undefined && { exportWh }) }
}

/** Undefined where one of them does not say it. */
function total(
  parts: readonly Part[],
  of: (reading: MeterReading) => number | undefined,
): number | undefined {
  let sum = 0
  for (const { factor, newest } of parts) {
    const value = of(newest)
    if (value === undefined) return undefined
    sum += factor * value
  }
  return sum
}
