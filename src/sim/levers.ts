/** What can be unplugged in the demo, from its page and its command line: CSMS, meter, broker. */
import type { ModbusServer } from '../adapters/modbus-server.js'
import type { MqttServer } from '../adapters/mqtt-server.js'
import type { Depot } from './depot.js'

export interface Levers {
  /** `on` = unplugged. */
  list(): readonly { readonly id: string; readonly label: string; readonly on: boolean }[]
  /** False when there is no such lever. */
  set(id: string, on: boolean): Promise<boolean>
}

export function createLevers(parts: {
  readonly depot: Depot
  readonly meter: ModbusServer
  readonly broker: MqttServer
}): Levers {
  const { depot, meter, broker } = parts
  const levers = [
    { id: 'csms', label: 'CSMS', pull: (off: boolean): Promise<void> => depot.setCsmsOnline(!off) },
    {
      id: 'meter',
      label: 'Meter',
      pull: async (off: boolean): Promise<void> => meter.setOnline(!off),
    },
    {
      id: 'broker',
      label: 'MQTT broker',
      pull: (off: boolean): Promise<void> => (off ? broker.off() : broker.on()),
    },
  ]
  const pulled = new Set<string>()
  return {
    list: () => levers.map(({ id, label }) => ({ id, label, on: pulled.has(id) })),
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
