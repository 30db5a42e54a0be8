/**
 * How long a meter that stands still while no car moves is believed, by the configuration alone (control rule 15): until its
 * energy register is late by its own measure (`measuring/register-standing.ts`). Pure.
 */
import type { CircuitConfig, MeterConfig, SiteConfig } from '../config/site.js'

/** Wh that one step of the register stands for, by meter model; absent where it has none, or no power to hold it against. */
export type RegisterSteps = ReadonlyMap<string, number>

/** Energy registers are read as often. */
export const REGISTER_READ_S = 5
/** One that stands is late after so long, and after so many times its pace. */
export const LATE_LEAST_S = 15
export const LATE_TIMES = 2
/** Large transformers show less than this and count nothing of it. */
export const COUNTS_W = 500
/** After a longer silence nothing is known of what it should have counted. */
export const REGISTER_GAP_S = 10

/**
 * s until it is found; undefined where only a car that moves shows it. The least that it shows while more than the rating may
 * flow is the rating less the worst of other load, on one phase. It has shown its pace at such a load before.
 */
export function standingMeterS(
  config: SiteConfig,
  steps: RegisterSteps,
  circuit: CircuitConfig,
): number | undefined {
  const leastA = circuit.ratedCurrentA - circuit.worstCaseOtherLoadA
  const powerW = leastA * config.site.nominalVoltageV
  if (powerW < COUNTS_W) return undefined
  const found = metersOf(config, circuit).map(meter => foundS(meter, steps, powerW))
  return found.some(seconds => seconds === undefined) ? undefined : Math.max(0, ...found.map(s => s ?? 0))
}

function foundS(meter: MeterConfig, steps: RegisterSteps, powerW: number): number | undefined {
  const stepWh = steps.get(meter.device)
  const pollS = meter.pollMs / 1_000
  if (stepWh === undefined || pollS > REGISTER_GAP_S) return undefined
  const ratio = (meter.ctRatio ?? 1) * (meter.vtRatio ?? 1)
  const stepS = (3_600 * stepWh * ratio) / powerW
  const readS = Math.ceil(REGISTER_READ_S / pollS) * pollS
  const paceS = Math.ceil(stepS / readS) * readS
  const lateS = Math.max(LATE_LEAST_S, LATE_TIMES * paceS + REGISTER_READ_S, LATE_TIMES * (stepS + readS))
  // What stood when it froze may be read one read later, and it is late at a poll.
  return readS + Math.ceil(lateS / pollS) * pollS
}

/** The circuit's own, or that of the nearest above; of one that is made of others all its parts. */
function metersOf(config: SiteConfig, circuit: CircuitConfig): readonly MeterConfig[] {
  const named = config.meters.find(({ id }) => id === circuit.meter)
  if (named !== undefined) return partsOf(config, named)
  const parent = config.circuits.find(({ id }) => id === circuit.parent)
  return parent === undefined ? [] : metersOf(config, parent)
}

function partsOf(config: SiteConfig, meter: MeterConfig): readonly MeterConfig[] {
  const { connection } = meter
  if (connection.kind !== 'virtual') return [meter]
  return connection.parts.flatMap(part => config.meters.filter(({ id }) => id === part.meter))
}
