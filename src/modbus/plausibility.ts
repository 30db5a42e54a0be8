/**
 * Whether the values of one poll can belong together. A gateway that answers zeros for a lost meter, or words shifted
 * by a register, pass every single range; taken for true they would mean "no load". Pure. The margins are wide: a
 * value is refused only where physics cannot produce it.
 */
import type { Measurand } from './device-schema.js'

/** A meter that sees the grid has at least one phase above this. */
const LEAST_GRID_V = 50
/** |P| <= U * I holds exactly; voltage may be 5 s older than current, and meters average differently. */
const POWER_FACTOR_MAX = 1.5
const POWER_SLACK_W = 1000

const PHASES = [
  ['L1', 'Voltage.L1-N', 'Current.L1', 'Power.Active.L1'],
  ['L2', 'Voltage.L2-N', 'Current.L2', 'Power.Active.L2'],
  ['L3', 'Voltage.L3-N', 'Current.L3', 'Power.Active.L3'],
] as const satisfies readonly (readonly [string, Measurand, Measurand, Measurand])[]

/** Why the values cannot be true, in words; undefined when they can. Missing values are not judged. */
export function contradiction(values: ReadonlyMap<Measurand, number>): string | undefined {
  const voltages = PHASES.map(([, voltage]) => values.get(voltage))
  if (voltages.every(volts => volts !== undefined && volts < LEAST_GRID_V))
    return 'not plausible: no voltage on any phase'
  for (const [name, voltage, current, power] of PHASES) {
    const [volts, amps, watts] = [values.get(voltage), values.get(current), values.get(power)]
    if (volts === undefined || amps === undefined || watts === undefined) continue
    if (Math.abs(watts) > POWER_FACTOR_MAX * volts * Math.abs(amps) + POWER_SLACK_W)
      return `not plausible: ${watts} W on ${name} at ${volts} V and ${amps} A`
  }
  return undefined
}
