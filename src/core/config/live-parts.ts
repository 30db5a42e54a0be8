/**
 * Which parts of another configuration a running Busbar cannot take on: ports, certificates, what a session with a CSMS is
 * as such, and what every record is dated by. The rest is applied while sessions run. Pure.
 */
import type { SiteConfig, StationConfig } from './site.js'

const SECURITY_KEYS = ['securityProfile', 'certificateName', 'csmsCertificate', 'uplift'] as const

/** Paths that need a restart; empty = all of it is applied live. */
export function restartParts(before: SiteConfig, after: SiteConfig): readonly string[] {
  const whole = (['site', 'ocpp', 'modbusServer', 'vdv463', 'syslog'] as const).filter(
    part => !isSame(before[part], after[part]),
  )
  const page = isSame({ ...before.web, mdns: true }, { ...after.web, mdns: true }) ? [] : ['web']
  // Files are read, and ports opened, at start.
  const isOther = (part: 'tls' | 'broker'): boolean => !isSame(before.mqtt?.[part], after.mqtt?.[part])
  const mqtt = (['tls', 'broker'] as const).filter(isOther).map(part => `mqtt.${part}`)
  return [...whole, ...page, ...csmsParts(before.csms, after.csms), ...mqtt, ...stationParts(before, after)]
}

function csmsParts(before: SiteConfig['csms'], after: SiteConfig['csms']): readonly string[] {
  if (before === undefined || after === undefined) return before === after ? [] : ['csms']
  const { url: _, ...old } = before
  const { url: __, ...now } = after
  return isSame(old, now) ? [] : ['csms']
}

function stationParts(before: SiteConfig, after: SiteConfig): readonly string[] {
  const old = new Map(before.stations.map(station => [station.id, station]))
  return after.stations.flatMap(station => {
    const known = old.get(station.id)
    // Files are read at start; what a new station needs of them is not there yet.
    const keys = SECURITY_KEYS.filter(key =>
      known === undefined
        ? key === 'csmsCertificate' && station[key] !== undefined
        : !isSame(known[key], station[key]),
    )
    return keys.map(key => `stations[${station.id}].${key}`)
  })
}

/**
 * `tuned`: it goes on in its session here and there, with other amps, another circuit or another weight. `anew`: what it is
 * as such is different; it is taken in as after a restart, alone.
 */
export type StationChange = 'same' | 'tuned' | 'anew'

const WITHOUT_TUNED = {
  ...{ circuit: undefined, connectors: undefined, weight: undefined, priorityClass: undefined },
  ...{ name: undefined, bay: undefined },
}

export function stationChange(before: StationConfig, after: StationConfig): StationChange {
  if (isSame(before, after)) return 'same'
  const ids = (list: StationConfig['connectors']): readonly number[] => list.map(({ id }) => id)
  const rest = (station: StationConfig): unknown => ({ ...station, ...WITHOUT_TUNED })
  const isAlike = isSame(rest(before), rest(after)) && isSame(ids(before.connectors), ids(after.connectors))
  return isAlike ? 'tuned' : 'anew'
}

/** Both come from the same schema, which gives keys their order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
