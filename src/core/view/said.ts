/**
 * A text with what it holds: the words are the template's, the values its parameters. Who puts it into another language takes
 * the values; who reads English takes the text. Pure.
 */
import { isFields, textAt } from '../fields.js'

export type SaidValue = string | number | Said

export interface Said {
  readonly text: string
  readonly values: readonly SaidValue[]
}

/** said`Meter ${id} is stale${why}.` */
export function said(parts: TemplateStringsArray, ...values: readonly SaidValue[]): Said {
  const text = parts.reduce((sum, part, index) => sum + textOf(values[index - 1] ?? '') + part)
  return { text, values }
}

function textOf(value: SaidValue): string {
  return typeof value === 'object' ? value.text : String(value)
}

/** Texts hold texts no deeper than this. */
const MAX_DEPTH = 4

/** As they were kept; undefined for what is none. */
export function saidValues(found: unknown, depth = 0): readonly SaidValue[] | undefined {
  if (!Array.isArray(found) || depth > MAX_DEPTH) return undefined
  const values: SaidValue[] = []
  for (const one of found) {
    if (typeof one === 'string' || typeof one === 'number') values.push(one)
    else {
      const text = isFields(one) ? textAt(one, 'text') : undefined
      const inner = isFields(one) ? saidValues(Reflect.get(one, 'values'), depth + 1) : undefined
      if (text === undefined || inner === undefined) return undefined
      values.push({ text, values: inner })
    }
  }
  return values
}
