/** Faults of the security keys that one key alone cannot show. Pure; judged on the document as it was written. */
import { isFields } from '../fields.js'
import { brokerFaults } from './broker-faults.js'
import type { Fault } from './faults.js'

/** What each listener says in its own place. */
const OF_LISTENERS = ['host', 'port', 'securityProfile'] as const

export function securityFaults(document: unknown): readonly Fault[] {
  const ocpp = isFields(document) ? document.ocpp : undefined
  const { csms, mqtt, syslog } = isFields(document) ? document : {}
  return [
    ...upliftFaults(document, csms),
    ...listenerFaults(ocpp),
    ...trustFaults('csms', 'wss', csms),
    ...trustFaults('mqtt', 'mqtts', mqtt),
    ...trustFaults('syslog', undefined, syslog),
    ...brokerFaults(document),
    ...lineFaults(document),
  ]
}

/** Meters behind one port share a connection: it is TLS for all of them or for none. */
function lineFaults(document: unknown): readonly Fault[] {
  const meters: readonly unknown[] =
    isFields(document) && Array.isArray(document.meters) ? document.meters : []
  const first = new Map<string, { readonly at: number; readonly tls: string }>()
  return meters.flatMap((meter, at) => {
    const connection = isFields(meter) ? meter.connection : undefined
    if (!isFields(connection) || connection.host === undefined) return []
    const line = `${String(connection.host)}:${String(connection.port ?? 502)}`
    const tls = JSON.stringify(connection.tls) ?? 'none'
    const before = first.get(line)
    if (before === undefined) first.set(line, { at, tls })
    return before === undefined || before.tls === tls
      ? []
      : [
          {
            path: `meters[${at}].connection.tls`,
            found: connection.tls === undefined ? 'none' : 'another one',
            expected: `what meters[${before.at}] has, which is behind the same port`,
          },
        ]
  })
}

function upliftFaults(document: unknown, csms: unknown): readonly Fault[] {
  const stations = isFields(document) && Array.isArray(document.stations) ? document.stations : []
  const url = isFields(csms) && typeof csms.url === 'string' ? csms.url : undefined
  if (url?.startsWith('wss:') === true) return []
  return stations.flatMap((station: unknown, index) =>
    isFields(station) && station.uplift !== undefined
      ? [
          {
            path: `stations[${index}].uplift`,
            found: url === undefined ? 'no csms' : `csms.url ${JSON.stringify(url)}`,
            expected: 'a wss:// URL of the CSMS, as there is a lifted station',
          },
        ]
      : [],
  )
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

function trustFaults(
  at: 'csms' | 'mqtt' | 'syslog',
  scheme: 'wss' | 'mqtts' | undefined,
  link: unknown,
): readonly Fault[] {
  if (!isFields(link) || !isFields(link.tls)) return []
  const { roots = 'system', rootsFile } = link.tls
  const faults: Fault[] = []
  if (roots !== 'system' && rootsFile === undefined)
    faults.push({
      path: `${at}.tls.rootsFile`,
      found: 'nothing',
      expected: `a file of roots, as ${at}.tls.roots is ${JSON.stringify(roots)}`,
    })
  if (roots === 'system' && rootsFile !== undefined)
    faults.push({
      path: `${at}.tls.roots`,
      found: '"system"',
      expected: `"file" or "both", as there is a ${at}.tls.rootsFile`,
    })
  if (typeof link.url === 'string' && !link.url.startsWith(`${scheme}:`))
    faults.push({
      path: `${at}.url`,
      found: JSON.stringify(link.url),
      expected: `a ${scheme}:// URL, as there is a ${at}.tls`,
    })
  return faults
}
