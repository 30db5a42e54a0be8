/**
 * What the meter of a form is asked over the API: a reading as it will be wired, a search of its line; and the entry with
 * what was found taken over. Pure.
 */
import type { ScannedLine } from '../../../src/web/meter-desk.js'
import { meterNow as words } from '../words/meter-now.js'
import { at, textAt } from './document.js'

const READ_KEYS = ['device', 'unitId', 'connection', 'invert', 'phaseMap', 'ctRatio', 'vtRatio'] as const

/** Undefined for one that is made of others: there is nothing to read. */
export function readWishOf(meter: unknown): Readonly<Record<string, unknown>> | undefined {
  const connection = at(meter, 'connection')
  if (connection === undefined || at(connection, 'kind') === 'virtual') return undefined
  return Object.fromEntries(
    READ_KEYS.map(key => [key, at(meter, key)] as const).filter(([, value]) => value !== undefined),
  )
}

/** The host both ways, or the serial line at the usual rates; undefined while neither is written. */
export function scanWishOf(meter: unknown): Readonly<Record<string, unknown>> | undefined {
  const connection = at(meter, 'connection')
  const [host, port, path] = [textAt(connection, 'host'), at(connection, 'port'), textAt(connection, 'path')]
  const unit = at(meter, 'unitId')
  const unitIds = typeof unit === 'number' && (unit < 1 || unit > 5) ? `1-5,${unit}` : '1-5'
  if (path !== undefined) return { serialLines: [path], unitIds }
  if (host === undefined) return undefined
  return { hosts: [typeof port === 'number' ? `${host}:${port}` : host], unitIds }
}

export interface FoundModel {
  readonly device: string
  readonly unitId: number
  readonly connection: unknown
  /** "ABB B23, unit 5, identified". */
  readonly name: string
  readonly currentA?: readonly number[] | undefined
}

/** The best first; a map that several models share is each of them. */
export function modelsFound(lines: readonly ScannedLine[]): readonly FoundModel[] {
  return lines.flatMap(({ units }) =>
    units.flatMap(({ unitId, connection, models }) =>
      models.map(({ device, manufacturer, model, confidence, values }) => ({
        ...{ device, unitId, connection, currentA: values.currentA },
        name: words('unit', { model: `${manufacturer} ${model}`, unit: String(unitId), how: confidence }),
      })),
    ),
  )
}

/** The entry with what was found; how it is wired and what it is called stays. */
export function takenOver(meter: unknown, { device, unitId, connection }: FoundModel): object {
  return { ...Object(meter), device, unitId, connection }
}
