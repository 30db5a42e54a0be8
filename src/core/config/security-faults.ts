/** Faults of the security keys that one key alone cannot show. Pure; judged on the document as it was written. */
import { isFields } from '../fields.js'
import type { Fault } from './faults.js'

/** What each listener says in its own place. */
const OF_LISTENERS = ['host', 'port', 'securityProfile'] as const

export function securityFaults(document: unknown): readonly Fault[] {
  const ocpp = isFields(document) ? document.ocpp : undefined
  const csms = isFields(document) ? document.csms : undefined
  return [...listenerFaults(ocpp), ...csmsFaults(csms)]
}

function listenerFaults(ocpp: unknown): readonly Fault[] {
  if (!isFields(ocpp) || !Array.isArray(ocpp.listeners)) return []
  const faults: Fault[] = []
  for (const key of OF_LISTENERS) {
    if (ocpp[key] === undefined) continue
    faults.push({
      path: `ocpp.${key}`,
      found: JSON.stringify(ocpp[key]) ?? 'nothing',
      expected: `no ${key} beside ocpp.listeners, each of which has its own`,
    })
  }
  const first = new Map<unknown, number>()
  ocpp.listeners.forEach((listener: unknown, index) => {
    const port = isFields(listener) ? listener.port : undefined
    const earlier = first.get(port)
    if (earlier !== undefined && port !== 0)
      faults.push({
        path: `ocpp.listeners[${index}].port`,
        found: `${String(port)}, already at ocpp.listeners[${earlier}]`,
        expected: 'a port of its own',
      })
    else first.set(port, index)
  })
  return faults
}

function csmsFaults(csms: unknown): readonly Fault[] {
  if (!isFields(csms) || !isFields(csms.tls)) return []
  const { roots = 'system', rootsFile } = csms.tls
  const faults: Fault[] = []
  if (roots !== 'system' && rootsFile === undefined)
    faults.push({
      path: 'csms.tls.rootsFile',
      found: 'nothing',
      expected: `a file of roots, as csms.tls.roots is ${JSON.stringify(roots)}`,
    })
  if (roots === 'system' && rootsFile !== undefined)
    faults.push({
      path: 'csms.tls.roots',
      found: '"system"',
      expected: '"file" or "both", as there is a csms.tls.rootsFile',
    })
  if (typeof csms.url === 'string' && csms.url.startsWith('ws:'))
    faults.push({
      path: 'csms.url',
      found: JSON.stringify(csms.url),
      expected: 'a wss:// URL, as there is a csms.tls',
    })
  return faults
}
