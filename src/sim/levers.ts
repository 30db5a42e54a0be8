/** What can be unplugged or made wrong in the demo, from its page and its command line: CSMS, meters, broker. */
import type { ModbusServer } from '../adapters/modbus-server.js'
import type { MqttServer } from '../adapters/mqtt-server.js'
import type { RtuGateway } from '../adapters/rtu-gateway.js'
import { type Said, say } from '../core/words/said.js'
import type { Depot } from './depot.js'
import { WRONG_METERS, type WrongMeter } from './meter.js'

interface Lever {
  readonly id: string
  readonly said: Said
  /** What it is while it is pulled. */
  readonly kind: 'unplugged' | 'wrong'
  pull(on: boolean): Promise<void>
}

export interface Levers {
  /** `on` = unplugged, or wrong. */
  list(): readonly (Omit<Lever, 'pull' | 'said'> &
    Omit<Said, 'text'> & { readonly label: string; readonly on: boolean })[]
  /** False when there is no such lever. */
  set(id: string, on: boolean): Promise<boolean>
}

const WRONG = {
  'x0.1': 'lever-tenth',
  x10: 'lever-ten',
  reversed: 'lever-reversed',
  inverted: 'lever-inverted',
  swapped: 'lever-swapped',
  frozen: 'lever-frozen',
  replayed: 'lever-replayed',
} as const satisfies Readonly<Record<WrongMeter, string>>

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
      said: say(WRONG[wrong], { meter: say(of === 'meter' ? 'lever-meter' : 'lever-feeder-meter') }),
      kind: 'wrong',
      pull: async (on: boolean): Promise<void> => {
        if (!on && !pulled.has(wrongMeterId(of, wrong))) return
        set(on ? wrong : undefined)
        for (const other of wrongsOf(of)) pulled.delete(wrongMeterId(of, other))
      },
    }))
  const levers: readonly Lever[] = [
    { id: 'csms', said: say('lever-csms'), kind: 'unplugged', pull: off => depot.setCsmsOnline(!off) },
    { id: 'meter', said: say('lever-meter'), kind: 'unplugged', pull: async off => meter.setOnline(!off) },
    {
      id: 'broker',
      said: say('lever-broker'),
      kind: 'unplugged',
      pull: off => (off ? broker.off() : broker.on()),
    },
    {
      id: 'feeder',
      said: say('lever-feeder-meter'),
      kind: 'unplugged',
      pull: async off => feederLine.setOnline(!off),
    },
    ...wrongs('meter', wrong => depot.setMeterWrong(wrong)),
    ...wrongs('feeder', wrong => depot.feederMeter.setWrong(wrong)),
  ]
  return {
    list: () =>
      levers.map(({ id, said: { text: label, phrase, params }, kind }) => ({
        id,
        label,
        phrase,
        params,
        kind,
        on: pulled.has(id),
      })),
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
