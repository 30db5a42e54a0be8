/** What can be unplugged or made wrong in the demo, from its page and its command line: CSMS, meter, broker. */
import type { ModbusServer } from '../adapters/modbus-server.js'
import type { MqttServer } from '../adapters/mqtt-server.js'
import type { Depot } from './depot.js'
import { WRONG_METERS, type WrongMeter } from './meter.js'

interface Lever {
  readonly id: string
  readonly label: string
  /** What it is while it is pulled. */
  readonly kind: 'unplugged' | 'wrong'
  pull(on: boolean): Promise<void>
}

export interface Levers {
  /** `on` = unplugged, or wrong. */
  list(): readonly (Omit<Lever, 'pull'> & { readonly on: boolean })[]
  /** False when there is no such lever. */
  set(id: string, on: boolean): Promise<boolean>
}

const WRONG_LABELS: Readonly<Record<WrongMeter, string>> = {
  'x0.1': 'Meter x 0.1',
  x10: 'Meter x 10',
  reversed: 'Meter L2 reversed',
  swapped: 'Meter phases swapped',
  frozen: 'Meter frozen',
  replayed: 'Meter replayed',
}

/** The lever of a wrong meter: "meter-x0.1". */
export const wrongMeterId = (wrong: string): string => `meter-${wrong}`

export function createLevers(parts: {
  readonly depot: Depot
  readonly meter: ModbusServer
  readonly broker: MqttServer
}): Levers {
  const { depot, meter, broker } = parts
  const pulled = new Set<string>()
  // A meter is wrong in one way at a time.
  const wrongs = WRONG_METERS.map(
    (wrong): Lever => ({
      id: wrongMeterId(wrong),
      label: WRONG_LABELS[wrong],
      kind: 'wrong',
      pull: async (on: boolean): Promise<void> => {
        if (!on && !pulled.has(wrongMeterId(wrong))) return
        depot.setMeterWrong(on ? wrong : undefined)
        for (const other of WRONG_METERS) pulled.delete(wrongMeterId(other))
      },
    }),
  )
  const levers: readonly Lever[] = [
    { id: 'csms', label: 'CSMS', kind: 'unplugged', pull: off => depot.setCsmsOnline(!off) },
    { id: 'meter', label: 'Meter', kind: 'unplugged', pull: async off => meter.setOnline(!off) },
    {
      id: 'broker',
      label: 'MQTT broker',
      kind: 'unplugged',
      pull: off => (off ? broker.off() : broker.on()),
    },
    ...wrongs,
  ]
  return {
    list: () => levers.map(({ id, label, kind }) => ({ id, label, kind, on: pulled.has(id) })),
    set: async (id, on) => {
      const lever = levers.find(candidate => candidate.id === id)
      if (lever === undefined) return false
      await lever.pull(on)
      if (on) pulled.add(id)
      else pulled.delete(id)
      return true
    },
  }
}
