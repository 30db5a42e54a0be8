/**
 * What in a station's configuration an operator must know, in words: a reboot that is needed, connectors nobody
 * configured, keys that keep control from its measurements or that somebody else has set. Reads only.
 */
import type { StationConfiguration } from '../events.js'
import { reportedValue, SAMPLE_INTERVAL, SAMPLED_DATA } from './configuration.js'

export interface ConfigurationNotice {
  /** An alarm: safety or control is the worse for it until somebody acts. Absent: good to know. */
  readonly alarm?: 'reboot-required' | 'connectors-not-configured' | 'key-against-control'
  readonly text: string
}

/** A reading counts as fresh for this long; a longer interval leaves gaps. */
const FRESH_FOR_S = 30
/** Above this a dead line is noticed too late; 0 = never by the station. */
const LONGEST_PING_S = 60

export function configurationNotices(
  configuration: StationConfiguration,
  station: {
    readonly id: string
    readonly connectorCount: number
    readonly affectsLimits: readonly string[]
  },
): readonly ConfigurationNotice[] {
  if (configuration.readWallMs === undefined) return []
  const found: ConfigurationNotice[] = []
  if (configuration.rebootRequired.length > 0) {
    found.push({
      alarm: 'reboot-required',
      text: `${station.id} needs a reboot before ${configuration.rebootRequired.join(' and ')} takes effect.`,
    })
  }
  const connectors = Number(reportedValue(configuration, 'NumberOfConnectors') ?? Number.NaN)
  if (Number.isInteger(connectors) && connectors > station.connectorCount) {
    found.push({
      alarm: 'connectors-not-configured',
      text: `${station.id} has ${connectors} connectors, ${station.connectorCount} configured: the others cannot be controlled, and count at the worst once something happens on them.`,
    })
  }
  const touching = Object.entries(configuration.chosen).filter(([key]) =>
    station.affectsLimits.some(name => name.toLowerCase() === key.toLowerCase()),
  )
  if (touching.length > 0) {
    const sets = touching.map(([key, value]) => `${key} = "${value}"`).join(', ')
    found.push({
      alarm: 'key-against-control',
      text: `${station.id}: set from outside, changes what the station may draw: ${sets}.`,
    })
  }
  const ping = configuration.chosen.WebSocketPingInterval
  if (ping !== undefined && (ping === '0' || Number(ping) > LONGEST_PING_S)) {
    found.push({
      text: `${station.id}: WebSocketPingInterval was set to ${ping} s from outside; the station notices a dead line late.`,
    })
  }
  return [...found, ...measurementNotices(configuration, station.id)]
}

function measurementNotices(configuration: StationConfiguration, id: string): readonly ConfigurationNotice[] {
  const found: ConfigurationNotice[] = []
  const why = (key: string): string => {
    const known = configuration.keys[key]
    if (known === undefined) return 'it has no such key'
    if (known.readonly) return 'the key is read-only'
    return configuration.refused[key] === undefined ? 'it is not set yet' : 'it refuses another value'
  }
  const sampled = reportedValue(configuration, SAMPLED_DATA)
  // an empty read-only list says nothing: such stations send what they send
  if (sampled !== undefined && sampled !== '' && !sampled.includes('Current.Import')) {
    found.push({
      text: `${id} does not report its current (${SAMPLED_DATA}: ${why(SAMPLED_DATA)}).`,
    })
  }
  const interval = Number(reportedValue(configuration, SAMPLE_INTERVAL) ?? Number.NaN)
  if (interval === 0 || interval > FRESH_FOR_S) {
    found.push({
      text: `${id} samples ${interval === 0 ? 'never' : `every ${interval} s`} (${SAMPLE_INTERVAL}: ${why(SAMPLE_INTERVAL)}); it is booked by its offer between.`,
    })
  }
  return found
}
