/** Values of a document as faults and refusals show them: short, printable, numbers with the unit of their key. Pure. */
import { type SaidParam, say } from '../words/said.js'

/** A short, printable form of any value. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The same as a parameter: that there is none is said in the reader's language. */
export const shown = (value: unknown): SaidParam => (value === undefined ? say('nothing') : show(value))

/** What the end of a key says of its unit, as style has it: "limitA", "pollMs". */
const UNITS: Readonly<Record<string, string>> = {
  A: 'A',
  V: 'V',
  W: 'W',
  Wh: 'Wh',
  Ms: 'ms',
  S: 's',
  Min: 'min',
}

/** Names of others, which end in no unit. */
const NAMED: Readonly<Record<string, string>> = { MaxEnergyOnInvalidId: 'Wh', baudRate: 'Bd' }

/** The unit of the numbers of a key; undefined where it has none. */
export function unitOf(key: string): string | undefined {
  if (/[a-z]Days$/.test(key)) return 'days'
  const [, end] = /[a-z](A|V|W|Wh|Ms|S|Min)$/.exec(key) ?? []
  return end === undefined ? NAMED[key] : UNITS[end]
}

/** "6 A" of ratedCurrentA; the number alone where the key has no unit. */
export function amount(value: number, key: string): SaidParam {
  const unit = unitOf(key)
  if (unit === 'days') return say('amount-days', { count: value })
  return unit === undefined ? value : `${value} ${unit}`
}
