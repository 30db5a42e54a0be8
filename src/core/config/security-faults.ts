/** Faults of the security keys that one key alone cannot show. Pure; judged on the document as it was written. */
import { isFields } from '../fields.js'
import { say } from '../words/said.js'
import { brokerFaults } from './broker-faults.js'
import { type Fault, fault } from './faults.js'
import { show, shown } from './shown.js'

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
          fault(`meters[${at}].connection.tls`, 'tls-of-line', {
            found: say(connection.tls === undefined ? 'nothing' : 'another-one'),
            place: `meters[${before.at}]`,
          }),
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
          fault(`stations[${index}].uplift`, 'secure-csms', {
            found: url === undefined ? say('no-csms') : say('csms-url', { url: show(url) }),
          }),
        ]
      : [],
  )
}

function listenerFaults(ocpp: unknown): readonly Fault[] {
  if (!isFields(ocpp) || !Array.isArray(ocpp.listeners)) return []
  const faults: Fault[] = []
  for (const key of OF_LISTENERS) {
    if (ocpp[key] === undefined) continue
    faults.push(fault(`ocpp.${key}`, 'in-listeners', { found: shown(ocpp[key]), key }))
  }
  const first = new Map<unknown, number>()
  ocpp.listeners.forEach((listener: unknown, index) => {
    const port = isFields(listener) ? listener.port : undefined
    const earlier = first.get(port)
    if (earlier !== undefined && port !== 0)
      faults.push(
        fault(`ocpp.listeners[${index}].port`, 'own-port', {
          port: show(port),
          place: `ocpp.listeners[${earlier}]`,
        }),
      )
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
    faults.push(
      fault(`${at}.tls.rootsFile`, 'roots-file', { found: shown(rootsFile), link: at, roots: show(roots) }),
    )
  if (roots === 'system' && rootsFile !== undefined)
    faults.push(fault(`${at}.tls.roots`, 'roots-of-file', { found: '"system"', link: at }))
  if (scheme !== undefined && typeof link.url === 'string' && !link.url.startsWith(`${scheme}:`))
    faults.push(fault(`${at}.url`, 'url-with-tls', { found: show(link.url), scheme, link: at }))
  return faults
}
