/** A text of the core by its code and what it holds, in the language of the page; its English where no table has the code. */
import type { Said, SaidParam } from '../../../src/core/words/said.js'
import { number, numberText } from './numbers.js'
import { fill } from './room.js'

/** A text in the language that is spoken; undefined in English, and for what it does not have. */
type Texts = (phrase: string) => string | undefined

/** What a text is by: one of a newer Busbar has a code that is not known here. */
type Coded = Pick<Said, 'text' | 'params'> & { readonly phrase: string }

/** Undefined texts are those of a newer Busbar: its own English stands for them. */
export function codedText(texts: Texts, { text, phrase, params }: Coded): string {
  const template = texts(phrase)
  if (template === undefined) return text
  const said = Object.entries(params).map(([name, value]) => [name, paramText(texts, value)] as const)
  return fill(template, Object.fromEntries(said))
}

/** Small factors have three decimals. */
export function paramText(texts: Texts, param: SaidParam): string {
  if (typeof param === 'object') return codedText(texts, param)
  return typeof param === 'number' ? number(param, 3) : numberText(param)
}
