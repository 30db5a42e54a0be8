/**
 * What may be repaired in a CALL of a station that is known to write it wrongly (facts/ocpp16.md §6 rows 1, 6-9): which
 * value at which place becomes which. Decides only; the text is cut in ocpp/station/repair.ts. Everything not named here stays
 * as it came (proxy rule 1).
 */
import type { Leniency } from '../config/leniencies.js'
import { type Fields, isFields } from '../fields.js'
import { ENUMS, SAMPLED_ENUMS } from './wire-enums.js'

/** Member names and list positions from the payload inwards. */
export type Path = readonly (string | number)[]

export type Repair = { readonly leniency: Leniency; readonly path: Path } & (
  | { readonly kind: 'replace'; readonly value: string }
  | { readonly kind: 'into-list' }
  | { readonly kind: 'drop' }
)

/** A list of values is repaired up to here; no sample has more. */
const MAX_LIST = 500

/** Lists of meterValue; some stations send the only element without its list. */
const METER_VALUE_LISTS: readonly string[] = ['meterValue', 'transactionData']

/** Objects that must be lists. To be carried out before the others are looked for: they change the places. */
export function listRepairs(payload: unknown, set: ReadonlySet<Leniency>): readonly Repair[] {
  if (!set.has('meterValue-object')) return []
  const repairs: Repair[] = []
  const wrap = (path: Path): number =>
    repairs.push({ leniency: 'meterValue-object', kind: 'into-list', path })
  for (const [path, value] of meterValues(payload)) {
    if (isFields(value.sampledValue)) wrap([...path, 'sampledValue'])
  }
  for (const key of METER_VALUE_LISTS) {
    if (isFields(payload) && isFields(payload[key])) wrap([key])
  }
  return repairs
}

/** Everything else, in a payload whose lists are lists. */
export function valueRepairs(
  action: string,
  payload: unknown,
  set: ReadonlySet<Leniency>,
): readonly Repair[] {
  if (!isFields(payload)) return []
  const repairs: Repair[] = []
  if (set.has('reservationId-zero') && action === 'StartTransaction' && payload.reservationId === 0)
    repairs.push({ leniency: 'reservationId-zero', kind: 'drop', path: ['reservationId'] })
  if (set.has('zoneless-timestamps')) {
    repairs.push(...timestampRepair(payload, []))
    for (const [path, value] of meterValues(payload)) repairs.push(...timestampRepair(value, path))
  }
  if (set.has('misspelt-enums')) repairs.push(...enumRepairs(action, payload))
  return repairs
}

/** `2023-10-19T15:28:07` is UTC, `+02` and `+0200` are `+02:00`; undefined where nothing is wrong. */
export function completeTimestamp(text: string): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d):?(\d\d)?)?$/.exec(text)
  if (parts === null) return undefined
  const [, date, time, hours, minutes] = parts
  const complete = `${date}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes ?? '00'}`}`
  return complete === text ? undefined : complete
}

function timestampRepair(holder: Fields, path: Path): readonly Repair[] {
  const { timestamp } = holder
  const value = typeof timestamp === 'string' ? completeTimestamp(timestamp) : undefined
  if (value === undefined) return []
  return [{ leniency: 'zoneless-timestamps', kind: 'replace', path: [...path, 'timestamp'], value }]
}

function enumRepairs(action: string, payload: Fields): readonly Repair[] {
  const repairs: Repair[] = []
  for (const [name, { values, instead }] of Object.entries(ENUMS)) {
    const [of, field = ''] = name.split('.')
    const value = of === action ? respelt(payload[field], values, instead) : undefined
    if (value !== undefined)
      repairs.push({ leniency: 'misspelt-enums', kind: 'replace', path: [field], value })
  }
  for (const [path, meterValue] of meterValues(payload)) {
    const { sampledValue } = meterValue
    if (!Array.isArray(sampledValue)) continue
    sampledValue.slice(0, MAX_LIST).forEach((sampled: unknown, index) => {
      if (isFields(sampled)) repairs.push(...sampledRepairs(sampled, [...path, 'sampledValue', index]))
    })
  }
  return repairs
}

function sampledRepairs(sampled: Fields, path: Path): readonly Repair[] {
  const repairs: Repair[] = []
  for (const [field, values] of Object.entries(SAMPLED_ENUMS)) {
    const found = sampled[field]
    const at = { leniency: 'misspelt-enums', path: [...path, field] } as const
    const value = respelt(found, values)
    if (value !== undefined) repairs.push({ ...at, kind: 'replace', value })
    // hertz is no unit of OCPP 1.6 (§7.45): a frequency without its unit is still one
    else if (field === 'unit' && typeof found === 'string' && found.toLowerCase() === 'hz')
      repairs.push({ ...at, kind: 'drop' })
  }
  return repairs
}

/** The value as it is written in the standard; undefined when it is right, or nothing like any. */
function respelt(
  found: unknown,
  values: readonly string[],
  instead: Readonly<Record<string, string>> = {},
): string | undefined {
  if (typeof found !== 'string' || values.includes(found)) return undefined
  const plain = bare(found)
  return (
    values.find(value => bare(value) === plain) ??
    (Object.hasOwn(instead, plain) ? instead[plain] : undefined)
  )
}

const bare = (text: string): string => text.toLowerCase().replaceAll(/[\s_]/g, '')

type Placed = readonly [path: Path, meterValue: Fields]

/** Each meterValue with its place, whether it stands in its list or alone. */
function meterValues(payload: unknown): readonly Placed[] {
  if (!isFields(payload)) return []
  return METER_VALUE_LISTS.flatMap((key): readonly Placed[] => {
    const list = payload[key]
    if (isFields(list)) return [[[key], list]]
    if (!Array.isArray(list)) return []
    return list
      .slice(0, MAX_LIST)
      .flatMap((value: unknown, index): readonly Placed[] => (isFields(value) ? [[[key, index], value]] : []))
  })
}
