/**
 * One name for every SunSpec meter: which of the models it has (201-204 with scale factors, 211-214 in floats) is found by
 * walking its list each time the line is opened.
 */
import type { MeterDevice } from './device-schema.js'

export const ANY_SUNSPEC = 'sunspec'

/** Made of the SunSpec models among `devices`, those of three phases first; undefined where there is none. */
export function anySunspec(devices: Iterable<MeterDevice>): MeterDevice | undefined {
  const choices = [...devices]
    .filter(({ sunspec }) => sunspec !== undefined)
    .sort((a, b) => b.phases - a.phases || a.id.localeCompare(b.id))
  const [first] = choices
  if (first === undefined) return undefined
  const models = choices.map(({ sunspec }) => sunspec?.modelId).sort()
  return { ...first, id: ANY_SUNSPEC, model: `Any meter of SunSpec models ${models.join(', ')}`, choices }
}
