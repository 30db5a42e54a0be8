/**
 * What in a station's configuration an operator must know, in words: a reboot that is needed, connectors nobody
 * configured, keys that keep control from its measurements or that somebody else has set. Reads only.
 */
import type { StationConfiguration } from '../events.js'
import { type Said, type SaidParam, say } from '../words/said.js'
import { reportedValue, SAMPLE_INTERVAL, SAMPLED_DATA } from './configuration.js'

export interface ConfigurationNotice extends Said {
  /** An alarm: safety or control is the worse for it until somebody acts. Absent: good to know. */
  readonly alarm?: 'reboot-required' | 'connectors-not-configured' | 'key-against-control'
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
      ...say('needs-reboot', { station: station.id, keys: allOf(configuration.rebootRequired) }),
    })
  }
  const connectors = Number(reportedValue(configuration, 'NumberOfConnectors') ?? Number.NaN)
  if (Number.isInteger(connectors) && connectors > station.connectorCount) {
    found.push({
      alarm: 'connectors-not-configured',
      ...say('connectors-beyond', {
        station: station.id,
        count: connectors,
        configured: station.connectorCount,
      }),
    })
  }
  const touching = Object.entries(configuration.chosen).filter(([key]) =>
    station.affectsLimits.some(name => name.toLowerCase() === key.toLowerCase()),
  )
  if (touching.length > 0) {
    const sets = touching.map(([key, value]) => `${key} = "${value}"`).join(', ')
    found.push({
      alarm: 'key-against-control',
      ...say('set-from-outside', { station: station.id, sets }),
    })
  }
  const ping = configuration.chosen.WebSocketPingInterval
  if (ping !== undefined && (ping === '0' || Number(ping) > LONGEST_PING_S)) {
    found.push({
      ...say('ping-too-rare', { station: station.id, interval: ping }),
    })
  }
  return [...found, ...measurementNotices(configuration, station.id)]
}

function measurementNotices(configuration: StationConfiguration, id: string): readonly ConfigurationNotice[] {
  const found: ConfigurationNotice[] = []
  const why = (key: string): Said => {
    const known = configuration.keys[key]
    if (known === undefined) return say('no-such-key')
    if (known.readonly) return say('key-read-only')
    return configuration.refused[key] === undefined ? say('key-not-set-yet') : say('key-refuses')
  }
  const sampled = reportedValue(configuration, SAMPLED_DATA)
  // an empty read-only list says nothing: such stations send what they send
  if (sampled !== undefined && sampled !== '' && !sampled.includes('Current.Import')) {
    found.push({
      ...say('current-not-reported', { station: id, key: SAMPLED_DATA, why: why(SAMPLED_DATA) }),
    })
  }
  const interval = Number(reportedValue(configuration, SAMPLE_INTERVAL) ?? Number.NaN)
  if (interval === 0 || interval > FRESH_FOR_S) {
    found.push({
      ...say('samples-rarely', {
        station: id,
        how: interval === 0 ? say('never') : say('every', { interval }),
        key: SAMPLE_INTERVAL,
        why: why(SAMPLE_INTERVAL),
      }),
    })
  }
  return found
}

function allOf([first = '', ...others]: readonly string[]): SaidParam {
  return others.reduce((one: SaidParam, other) => say('both', { one, other }), first)
}
