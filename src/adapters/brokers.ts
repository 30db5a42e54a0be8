/** Both doors of MQTT: to a broker, and the broker inside. */
import type { Ports } from '../ports.js'
import { createBroker } from './broker.js'
import { startMqttServer } from './mqtt-server.js'

export function createBrokers(): Required<Pick<Ports, 'broker' | 'brokerServer'>> {
  return { broker: createBroker(), brokerServer: { listen: startMqttServer } }
}
