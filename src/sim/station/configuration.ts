/**
 * The configuration keys of one simulated station, as its model file lists them (OCPP 1.6 §9, GetConfiguration §5.8,
 * ChangeConfiguration §5.3). Survives reboots. Must not know what a key does.
 */
import type { ConfigurationKey, StationModel } from '../../core/config/station-model.js'
import { MEASURANDS } from './meter-values.js'

export type ChangeStatus = 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported'

export interface Configuration {
  /** The value as text; undefined when the station has no such key. */
  text(key: string): string | undefined
  flag(key: string, absent: boolean): boolean
  integer(key: string, absent: number): number
  list(key: string): readonly string[]
  /** ChangeConfiguration.req. */
  change(key: string, value: string): ChangeStatus
  /** Written by the station itself (BootNotification interval). Without effect for a key it does not have. */
  write(key: string, value: string): void
  /** GetConfiguration.req; no keys = all that can be read. */
  read(keys: readonly string[]): {
    readonly configurationKey: readonly { key: string; readonly: boolean; value: string }[]
    readonly unknownKey: readonly string[]
  }
}

/** `overrides` are what the installer set on the station itself: no access check. `changed` is told of each new value. */
export function createConfiguration(
  model: StationModel,
  connectorCount: number,
  overrides: Readonly<Record<string, string>>,
  changed: (key: string) => void,
): Configuration {
  const rules = new Map<string, ConfigurationKey>()
  const values = new Map<string, string>()
  for (const rule of model.configuration) {
    const value =
      overrides[rule.key] ?? (rule.key === 'NumberOfConnectors' ? `${connectorCount}` : rule.default)
    // An integer without a value is a key the source only names: this station does not have it.
    if (rule.type === 'integer' && value === '') continue
    rules.set(rule.key, rule)
    values.set(rule.key, value)
  }
  const ruleOf = (key: string) =>
    rules.get(key) ?? [...rules.values()].find(rule => rule.key.toLowerCase() === key.toLowerCase())

  return {
    text: key => values.get(key),
    flag(key, absent) {
      const value = values.get(key)
      return value === undefined ? absent : value.toLowerCase() === 'true'
    },
    integer(key, absent) {
      const value = values.get(key)
      return value === undefined ? absent : Number(value)
    },
    list: key => splitList(values.get(key) ?? ''),
    change(key, value) {
      const rule = ruleOf(key)
      if (!rule) return 'NotSupported'
      if (rule.access === 'R' || !fits(rule, value)) return 'Rejected'
      values.set(rule.key, value)
      changed(rule.key)
      return rule.rebootRequired ? 'RebootRequired' : 'Accepted'
    },
    write(key, value) {
      if (!rules.has(key)) return
      values.set(key, value)
      changed(key)
    },
    read(keys) {
      const wanted = keys.length > 0 ? keys.map(key => ({ key, rule: ruleOf(key) })) : undefined
      const shown = wanted ? wanted.flatMap(({ rule }) => (rule ? [rule] : [])) : [...rules.values()]
      return {
        configurationKey: shown
          .filter(rule => rule.access !== 'W')
          .map(rule => ({
            key: rule.key,
            readonly: rule.access === 'R',
            value: values.get(rule.key) ?? '',
          })),
        unknownKey: wanted?.filter(({ rule }) => !rule || rule.access === 'W').map(({ key }) => key) ?? [],
      }
    },
  }
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}

function fits(rule: ConfigurationKey, value: string): boolean {
  switch (rule.type) {
    case 'boolean':
      return /^(true|false)$/i.test(value)
    case 'integer': {
      if (!/^-?\d{1,10}$/.test(value)) return false
      const number = Number(value)
      return !rule.ranges || rule.ranges.some(([from, to]) => number >= from && number <= to)
    }
    case 'string':
      return value.length <= 500
    case 'list':
      // An unsupported measurand rejects the whole change (OCPP 1.6 §9.1.17).
      return (
        !isMeasurandList(rule.key) || splitList(value).every(item => MEASURANDS.some(name => name === item))
      )
  }
}

function isMeasurandList(key: string): boolean {
  return /^(MeterValues|StopTxn)(Aligned|Sampled)Data$/.test(key)
}
