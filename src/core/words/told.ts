/**
 * What was found and what was expected, by the code of a fault or refusal: its English from the one table, with code and
 * parameters for whoever speaks another language. Pure.
 */
import { ENGLISH, isPhraseCode } from './english.js'
import { filled, type NamesOf, type Said, type SaidParam, type SaidParams } from './said.js'

type CodeOf<K> = K extends `expected-${infer C}` ? C : never
/** "own-id" of 'expected-own-id'. */
export type ToldCode = CodeOf<keyof typeof ENGLISH>

type NamesIn<K extends string> = K extends keyof typeof ENGLISH ? NamesOf<K> : never
type FoundNames<C extends string> = `found-${C}` extends keyof typeof ENGLISH
  ? NamesIn<`found-${C}`>
  : 'found'
/** What the texts of a code hold. */
export type ToldParams<C extends ToldCode> = Readonly<
  Record<FoundNames<C> | NamesIn<`expected-${C}`>, SaidParam>
>

export interface Told {
  readonly code: ToldCode
  /** By the names in the texts; `found` where no text says more of it. */
  readonly params: SaidParams
  readonly found: string
  readonly expected: string
}

/** told('own-id', { id: '"M1"', place: 'meters[0]' }). A parameter that is left out does not compile. */
export function told<C extends ToldCode>(code: C, params: ToldParams<C>): Told {
  return toldOf(code, params)
}

/** The same for a code that is not known before: the names are the caller's care. */
export function toldOf(code: ToldCode, params: SaidParams): Told {
  return {
    code,
    params,
    found: textOf(foundOf({ code, params })),
    expected: filled(`expected-${code}`, params),
  }
}

/** What was found, as a part of a longer text. */
export function foundOf({ code, params }: Pick<Told, 'code' | 'params'>): SaidParam {
  const phrase = `found-${code}`
  return isPhraseCode(phrase) ? saidBy(phrase, params) : (params.found ?? '')
}

/** What was expected, as a part of a longer text. */
export const expectedOf = ({ code, params }: Pick<Told, 'code' | 'params'>): Said =>
  saidBy(`expected-${code}`, params)

export function isToldCode(text: string): text is ToldCode {
  return Object.hasOwn(ENGLISH, `expected-${text}`)
}

const saidBy = (phrase: Said['phrase'], params: SaidParams): Said => ({
  text: filled(phrase, params),
  phrase,
  params,
})
const textOf = (param: SaidParam): string => (typeof param === 'object' ? param.text : String(param))
