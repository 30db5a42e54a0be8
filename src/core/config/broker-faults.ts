/** Faults of the broker inside that one key alone cannot show. Pure; judged on the document as it was written. */
import { isFields } from '../fields.js'
import { type Fault, fault } from './faults.js'
import { shown } from './shown.js'

const PORT = 1883

export function brokerFaults(document: unknown): readonly Fault[] {
  const mqtt = isFields(document) ? document.mqtt : undefined
  if (!isFields(mqtt) || !isFields(mqtt.broker)) return []
  const { broker, passwordSecret, protocolVersion, url, username } = mqtt
  const own = `mqtt://127.0.0.1:${String(broker.port ?? PORT)}`
  const faults: Fault[] = []
  if (url !== own) faults.push(fault('mqtt.url', 'own-broker', { found: shown(url), url: `"${own}"` }))
  if (protocolVersion === 5) faults.push(fault('mqtt.protocolVersion', 'broker-version', { found: '5' }))
  const isLocked = typeof username === 'string' && username !== '' && passwordSecret !== undefined
  if (broker.outside !== undefined && !isLocked) faults.push(fault('mqtt.broker.outside', 'broker-login', {}))
  return faults
}
