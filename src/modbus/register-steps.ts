/** How finely the energy registers of meter models count, as their device files tell. Pure. */
import type { MeterDevice, MeterValue } from './device-schema.js'

/** A float has any number of digits; meters count hundredths of a kWh in it. */
const FLOAT_WH = 10
/** Its scale is known only once it is read: as coarse as the coarsest that are shipped. */
const SCALED_WH = 100

/** Wh of one step by model id; absent where it has no register, or no total power to hold it against. */
export function registerStepsOf(devices: ReadonlyMap<string, MeterDevice>): ReadonlyMap<string, number> {
  const steps = new Map<string, number>()
  for (const [id, device] of devices) {
    const of = (measurand: string) =>
      (device.choices ?? [device]).map(({ values }) => values.find(value => value.measurand === measurand))
    const registers = of('Energy.Active.Import.Total')
    if (of('Power.Active.Total').includes(undefined) || registers.includes(undefined)) continue
    steps.set(id, Math.max(...registers.map(value => (value === undefined ? 0 : stepOf(value)))))
  }
  return steps
}

function stepOf({ type, scale, scaleRegister, terms = [] }: MeterValue): number {
  if (scaleRegister !== undefined) return SCALED_WH
  if (type === 'float32' || type === 'float64') return FLOAT_WH
  return Math.min(scale, ...terms.map(term => term.scale))
}
