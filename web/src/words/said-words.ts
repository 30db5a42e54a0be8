/** What the core says as a text with values, in German and Portuguese. Loaded by `from-core.ts` when there is something to say. */
import type { SaidValue } from '../../../src/core/view/said.js'
import { heard } from './heard.js'
import { number } from './numbers.js'
import { PHRASES } from './phrases.js'
import { fill } from './room.js'
import { VERDICTS } from './verdicts.js'

/** A phrase by its English; a text with values by its template, found by filling it. As it came where neither is known. */
export function saidText(said: SaidValue): string {
  if (typeof said === 'number') return number(said)
  if (typeof said === 'string') return PHRASES(said) ?? heard(VERDICTS, said) ?? said
  const { text, values } = said
  if (values.length === 0) return saidText(text)
  const plain = named(values.map(value => (typeof value === 'object' ? value.text : String(value))))
  const template = templatesOf(values.length).find(english => fill(english, plain) === text)
  return template === undefined ? text : fill(PHRASES(template) ?? text, named(values.map(saidText)))
}

const named = (values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(values.map((value, index) => [String(index), value]))

const byCount = new Map<number, readonly string[]>()

function templatesOf(count: number): readonly string[] {
  const known = byCount.get(count)
  if (known !== undefined) return known
  const list = PHRASES.keys().filter(
    english => english.includes(`{${count - 1}}`) && !english.includes(`{${count}}`),
  )
  if (list.length > 0) byCount.set(count, list)
  return list
}
