/** What can be unplugged or made wrong in the demo, from its page and its command line: CSMS, meters, broker. */
import type { ModbusServer } from '../adapters/modbus-server.js'
import type { MqttServer } from '../adapters/mqtt-server.js'
import type { RtuGateway } from '../adapters/rtu-gateway.js'
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
  inverted: 'Meter inverted',
  swapped: 'Meter phases swapped',
  frozen: 'Meter frozen',
  replayed: 'Meter replayed',
}

/** The second meter is of another model on another line: what it is wrong by is seen at its feeder alone. */
const FEEDER_WRONGS = ['x10', 'inverted', 'swapped', 'frozen'] as const satisfies readonly WrongMeter[]
export type DemoMeter = 'meter' | 'feeder'

/** The lever of a wrong meter: "meter-x0.1", "feeder-frozen". */
export const wrongMeterId = (meter: DemoMeter, wrong: string): string => `${meter}-${wrong}`

/** In which ways it can be. */
export const wrongsOf = (meter: DemoMeter): readonly WrongMeter[] =>
  meter === 'meter' ? WRONG_METERS : FEEDER_WRONGS

export function createLevers(parts: {
  readonly depot: Depot
  readonly meter: ModbusServer
  readonly feederLine: RtuGateway
  readonly broker: MqttServer
}): Levers {
  const { depot, meter, feederLine, broker } = parts
  const pulled = new Set<string>()
  // A meter is wrong in one way at a time.
  const wrongs = (of: DemoMeter, set: (wrong: WrongMeter | undefined) => void): readonly Lever[] =>
    wrongsOf(of).map(wrong => ({
      id: wrongMeterId(of, wrong),
      label: of === 'meter' ? WRONG_LABELS[wrong] : WRONG_LABELS[wrong].replace('Meter', 'Feeder meter'),
      kind: 'wrong',
      pull: async (on: boolean): Promise<void> => {
        if (!on && !pulled.has(wrongMeterId(of, wrong))) return
        set(on ? wrong : undefined)
        for (const other of wrongsOf(of)) pulled.delete(wrongMeterId(of, other))
      },
    }))
  const levers: readonly Lever[] = [
    { id: 'csms', label: 'CSMS', kind: 'unplugged', pull: off => depot.setCsmsOnline(!off) },
    { id: 'meter', label: 'Meter', kind: 'unplugged', pull: async off => meter.setOnline(!off) },
    {
      id: 'broker',
      label: 'MQTT broker',
      kind: 'unplugged',
      pull: off => (off ? broker.off() : broker.on()),
    },
    { id: 'feeder', label: 'Feeder meter', kind: 'unplugged', pull: async off => feederLine.setOnline(!off) },
    ...wrongs('meter', wrong => depot.setMeterWrong(wrong)),
    ...wrongs('feeder', wrong => depot.feederMeter.setWrong(wrong)),
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
