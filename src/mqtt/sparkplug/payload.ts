/**
 * The payload of Sparkplug B (specification 3.0.0, chapter 6): metrics with name, time, type and value, of the types Busbar has, and
 * the one command it obeys. A value that is not known is null there, never left as it was. Pure.
 */
import { FieldWriter, fieldsOf, textOf } from './wire.js'

/** §6.4.16, "Data types". */
const TYPES = { Int64: 4, Double: 10, Boolean: 11, String: 12, DateTime: 13 } as const
const ENG_UNIT_TYPE = TYPES.String

export type MetricValue = number | boolean | string

export interface Metric {
  readonly name: string
  /** `Int64` and `DateTime` (ms since 1970): whole and not negative. */
  readonly type: keyof typeof TYPES
  readonly value: MetricValue | undefined
  readonly unit?: string
}

/** Whether each metric says its unit too, as when it is born, or only what is new. */
export type Telling = 'birth' | 'data'

/** `seq`: 0 to 255; a death of the node has none. */
export function payloadOf(
  atMs: number,
  metrics: readonly Metric[],
  seq: number | undefined,
  telling: Telling,
): Uint8Array {
  const payload = new FieldWriter().whole(1, atMs)
  for (const metric of metrics) payload.message(2, metricOf(metric, atMs, telling))
  if (seq !== undefined) payload.whole(3, seq)
  return payload.octets()
}

function metricOf({ name, type, value, unit }: Metric, atMs: number, telling: Telling): FieldWriter {
  // Of data the type should be left out (tck-id-payloads-metric-datatype-not-req); without it Eclipse Tahu's own decoder reads no value.
  const metric = new FieldWriter().text(1, name).whole(3, atMs).whole(4, TYPES[type])
  if (value === undefined) metric.flag(7, true)
  if (telling === 'birth' && unit !== undefined) metric.message(9, unitOf(unit))
  if (typeof value === 'boolean') return metric.flag(14, value)
  if (typeof value === 'string') return metric.text(15, value)
  if (typeof value === 'number') return type === 'Double' ? metric.double(13, value) : metric.whole(11, value)
  return metric
}

/** The property by which hosts know a unit. */
function unitOf(unit: string): FieldWriter {
  return new FieldWriter()
    .text(1, 'engUnit')
    .message(2, new FieldWriter().whole(1, ENG_UNIT_TYPE).text(8, unit))
}

export const REBIRTH = 'Node Control/Rebirth'
/** A command holds one metric. */
const MAX_COMMAND_BYTES = 4_096

/** Whether this command asks to be told everything anew; everything else that can be commanded is nothing here. */
export function asksRebirth(octets: Uint8Array): boolean {
  if (octets.length > MAX_COMMAND_BYTES) return false
  const metrics = fieldsOf(octets)?.flatMap(({ field, bytes }) => (field === 2 && bytes ? [bytes] : []))
  return metrics?.some(isRebirth) === true
}

function isRebirth(metric: Uint8Array): boolean {
  const fields = fieldsOf(metric) ?? []
  const name = fields.find(({ field }) => field === 1)?.bytes
  return (
    name !== undefined &&
    textOf(name) === REBIRTH &&
    fields.some(({ field, whole }) => field === 14 && whole === 1)
  )
}
