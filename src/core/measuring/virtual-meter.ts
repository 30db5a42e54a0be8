/**
 * A meter that is none: a sum, a difference or a fixed share of others, for a circuit nobody measures directly. As old as
 * its oldest part and as good as its worst: a part that is unknown makes the whole unknown, never smaller. Pure.
 */
import type { MeterReading } from '../events.js'
import { add, type PerPhase, ZERO } from '../site/phases.js'

export interface VirtualParts {
  readonly parts: readonly {
    readonly meter: string
    /** -1 takes it off, 0.33 is a fixed share. */
    readonly factor: number
  }[]
  /** Always there and measured by nobody, per phase. */
  readonly fixedA?: PerPhase | undefined
}

/**
 * What the whole says with the newest reading of each part. Undefined while a part has not spoken yet.
 * `disbelieved`: why a part is not believed although it answers.
 */
export function combined(
  meterId: string,
  whole: VirtualParts,
  newest: ReadonlyMap<string, MeterReading>,
  disbelieved: (meterId: string) => string | undefined,
): MeterReading | undefined {
  const parts = whole.parts.flatMap(({ meter, factor }) => {
    const reading = newest.get(meter)
    return reading === undefined ? [] : [{ meter, factor, reading }]
  })
  if (parts.length < whole.parts.length) return undefined
  const monoMs = Math.min(...parts.map(({ reading }) => reading.monoMs))
  for (const { meter, reading } of parts) {
    const fault = reading.fault ?? (reading.currentA === undefined ? 'no current' : disbelieved(meter))
    // The fault is as new as the newest word of it: an old good value of another part says nothing about it.
    if (fault !== undefined) return { meterId, monoMs: reading.monoMs, fault: `part ${meter}: ${fault}` }
  }
  const currentA = sumOf(parts, reading => reading.currentA)
  if (currentA === undefined) return { meterId, monoMs, fault: 'no current' }
  // Watts of a fixed current are not known.
  const powerW = whole.fixedA === undefined ? sumOf(parts, reading => reading.powerW) : undefined
  const totalPowerW = whole.fixedA === undefined ? total(parts, reading => reading.totalPowerW) : undefined
  const [first] = parts
  const voltageV = first?.reading.voltageV
  return {
    meterId,
    monoMs,
    currentA: add(currentA, whole.fixedA ?? ZERO),
    ...(powerW !== undefined && { powerW }),
    ...(totalPowerW !== undefined && { totalPowerW }),
    ...(voltageV !== undefined && { voltageV }),
    ...(first?.reading.frequencyHz !== undefined && { frequencyHz: first.reading.frequencyHz }),
    ...energies(whole, parts),
  }
}

interface Part {
  readonly factor: number
  readonly reading: MeterReading
}

/** Undefined where one of them does not say it. */
function sumOf(
  parts: readonly Part[],
  of: (reading: MeterReading) => PerPhase | undefined,
): PerPhase | undefined {
  let sum: PerPhase = ZERO
  for (const { factor, reading } of parts) {
    const value = of(reading)
    if (value === undefined) return undefined
    sum = add(sum, [value[0] * factor, value[1] * factor, value[2] * factor])
  }
  return sum
}

function total(
  parts: readonly Part[],
  of: (reading: MeterReading) => number | undefined,
): number | undefined {
  let sum = 0
  for (const { factor, reading } of parts) {
    const value = of(reading)
    if (value === undefined) return undefined
    sum += factor * value
  }
  return sum
}

/** Registers add up; a difference of two is not what came in less what went out, so there they are unknown. */
function energies(whole: VirtualParts, parts: readonly Part[]): Pick<MeterReading, 'importWh' | 'exportWh'> {
  if (whole.fixedA !== undefined || parts.some(({ factor }) => factor < 0)) return {}
  const importWh = total(parts, reading => reading.importWh)
  const exportWh = total(parts, reading => reading.exportWh)
  return { ...(importWh !== undefined && { importWh }), ...(exportWh !== undefined && { exportWh }) }
}
