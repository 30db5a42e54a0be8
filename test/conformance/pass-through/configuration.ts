/** The configuration of a station model as a CSMS reads it through Busbar, for the table of seeds 003 and 004. */
import { createWorld } from '../../../src/sim/ports/world.js'
import type { Fields } from '../check.js'
import type { ConfigurationTable } from '../report.js'
import { Bench } from './rig.js'

export async function readConfiguration(device: string): Promise<ConfigurationTable> {
  const world = createWorld({ seed: 1 })
  const bench = new Bench(world, { quality: 'lab' })
  const read = async (): Promise<ConfigurationTable> => {
    const rig = await bench.open({ device })
    const conf = await rig.command('GetConfiguration', {})
    return {
      device,
      keys: conf.configurationKey.map(({ key, value, readonly }: Fields) => ({
        key,
        value: value ?? '',
        readonly,
      })),
    }
  }
  const table = await world.until(read())
  await world.until(bench.close())
  return table
}
