/** Faults of the broker inside that one key alone cannot show. Pure; judged on the document as it was written. */
import { isFields } from '../fields.js'
import type { Fault } from './faults.js'

const PORT = 1883

export function brokerFaults(document: unknown): readonly Fault[] {
  const mqtt = isFields(document) ? document.mqtt : undefined
  if (!isFields(mqtt) || !isFields(mqtt.broker)) return []
  const { broker, passwordSecret, protocolVersion, url, username } = mqtt
  const own = `mqtt://127.0.0.1:${String(broker.port ?? PORT)}`
  const faults: Fault[] = []
  if (url !== own)
    faults.push({
      path: 'mqtt.url',
      found: JSON.stringify(url) ?? 'nothing',
      expected: `"${own}", the broker inside`,
    })
  if (protocolVersion === 5)
    faults.push({ path: 'mqtt.protocolVersion', found: '5', expected: '4: all the broker inside speaks' })
  const isLocked = typeof username === 'string' && username !== '' && passwordSecret !== undefined
  if (broker.outside !== undefined && !isLocked)
    faults.push({
      path: 'mqtt.broker.outside',
      found: 'no mqtt.username and mqtt.passwordSecret',
      expected: 'both: whoever reaches this port from outside has to show them',
    })
  return faults
}
