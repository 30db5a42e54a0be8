/**
 * What volts, amps, watts and power factor of one phase say against one another. |P| <= U * I always holds, so a current too
 * small for its power has another scale; and |P| = U * I * |PF|, so a current too large, or a power too small, shows too.
 * Where watts and amps agree and the factor alone is off, the factor is what is wrong (models give it in several scales),
 * and nothing is said against the meter. Plain data, mutable, owned by one meter's judgement.
 */
import type { MeterReading } from '../events.js'
import { PHASE_INDEXES, type PhaseIndex } from '../site/phases.js'

/** Voltage, power and factor may be read 5 s apart from the current. */
const TELLS_W = 1_000
const SHARE_MAX = 1.25
const LASTS_MS = 20_000
/** A factor below this is of a load at rest, or in another scale. */
const FACTOR_TELLS = 0.3
/** Rounded up. */
const FACTOR_MAX = 1.02
/** Of P by U * I * PF: meters average differently, and some give the cosine, without harmonics, for the factor. */
const FACTOR_SHARE = [0.6, 1.6] as const
/** Volts of one phase by amps of another: a third of a turn apart, so that half of it is left. */
const OTHER_PHASE = [0.35, 0.65] as const

export type PowerContradiction =
  | {
      readonly kind: 'power'
      readonly phase: PhaseIndex
      readonly powerW: number
      readonly possibleW: number
    }
  | {
      readonly kind: 'power factor'
      readonly phase: PhaseIndex
      readonly powerW: number
      readonly expectedW: number
      readonly powerFactor: number
    }

type Since = [number | undefined, number | undefined, number | undefined]

export interface PowerWatch {
  readonly sinceMs: Since
  readonly factorSinceMs: Since
}

export function newPowerWatch(): PowerWatch {
  return {
    sinceMs: [undefined, undefined, undefined],
    factorSinceMs: [undefined, undefined, undefined],
  }
}

/** What lasts; the first phase that shows it. */
export function watchPower(watch: PowerWatch, reading: MeterReading): PowerContradiction | undefined {
  let found: PowerContradiction | undefined
  for (const phase of PHASE_INDEXES) {
    const tooMuch = exceeds(reading, phase)
    const unlike = tooMuch === undefined ? differs(reading, phase) : undefined
    if (lasts(watch.sinceMs, phase, tooMuch !== undefined, reading.monoMs)) found ??= tooMuch
    if (lasts(watch.factorSinceMs, phase, unlike !== undefined, reading.monoMs)) found ??= unlike
  }
  return found
}

function lasts(since: Since, phase: PhaseIndex, wrong: boolean, nowMs: number): boolean {
  const sinceMs = wrong ? (since[phase] ?? nowMs) : undefined
  since[phase] = sinceMs
  return sinceMs !== undefined && nowMs - sinceMs >= LASTS_MS
}

function exceeds(reading: MeterReading, phase: PhaseIndex): PowerContradiction | undefined {
  const powerW = reading.powerW?.[phase]
  const possibleW = apparentW(reading, phase)
  if (powerW === undefined || possibleW === undefined) return undefined
  const watts = Math.abs(powerW)
  return watts > TELLS_W && watts > possibleW * SHARE_MAX
    ? { kind: 'power', phase, powerW: watts, possibleW }
    : undefined
}

function differs(reading: MeterReading, phase: PhaseIndex): PowerContradiction | undefined {
  const factor = reading.powerFactor?.[phase]
  const powerW = reading.powerW?.[phase]
  const possibleW = apparentW(reading, phase)
  if (factor === undefined || powerW === undefined || possibleW === undefined) return undefined
  const watts = Math.abs(powerW)
  const powerFactor = Math.abs(factor)
  const expectedW = possibleW * powerFactor
  if (powerFactor < FACTOR_TELLS || powerFactor > FACTOR_MAX || Math.max(watts, expectedW) < TELLS_W)
    return undefined
  return watts < expectedW * FACTOR_SHARE[0] || watts > expectedW * FACTOR_SHARE[1]
    ? { kind: 'power factor', phase, powerW: watts, expectedW, powerFactor }
    : undefined
}

/** U * I; undefined where one of them is not known. */
function apparentW({ currentA, voltageV }: MeterReading, phase: PhaseIndex): number | undefined {
  const amps = currentA?.[phase]
  const volts = voltageV?.[phase]
  return amps === undefined || volts === undefined ? undefined : Math.abs(amps) * volts
}

/** Half of what flows and backwards: its volts are of another phase than its amps. Not known where it is too little to tell. */
export function isOfTwoPhases(reading: MeterReading, phase: PhaseIndex): boolean {
  const powerW = reading.powerW?.[phase]
  const possibleW = apparentW(reading, phase)
  if (powerW === undefined || possibleW === undefined || possibleW < TELLS_W) return false
  const share = Math.abs(powerW) / possibleW
  return share >= OTHER_PHASE[0] && share <= OTHER_PHASE[1]
}
