/**
 * A text as its code with what it holds, and the English of it. Who speaks another language takes code and parameters; who
 * reads English takes the text. A parameter may be a text itself. Pure.
 */
import { isFields, textAt } from '../fields.js'
import { ENGLISH, isPhraseCode, type PhraseCode } from './english.js'

export type SaidParam = string | number | Said
export type SaidParams = Readonly<Record<string, SaidParam>>

export interface Said {
  readonly text: string
  readonly phrase: PhraseCode
  /** By the names in the text. */
  readonly params: SaidParams
}

type NameOf<P> = P extends `${infer Name}:${string}` ? Name : P
/** "meter" | "count" of "Meter {meter} is read {count} {count:time|times}". */
type Names<T> = T extends `${string}{${infer P}}${infer Rest}` ? NameOf<P> | Names<Rest> : never
export type NamesOf<K extends PhraseCode> = Names<(typeof ENGLISH)[K]>
/** Nothing more where the text holds no parameter. */
export type Given<K extends PhraseCode> = [NamesOf<K>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<K>, SaidParam>>]

/** say('meter-stale', { meter: 'M1', why: '', remedy: '' }). A parameter that is left out does not compile. */
export function say<K extends PhraseCode>(phrase: K, ...given: Given<K>): Said {
  const params = given[0] ?? {}
  return { text: filled(phrase, params), phrase, params }
}

/** Texts and the places between them, in turn: "Meter ", "meter", " is stale", "why", "". */
const cut = new Map<PhraseCode, readonly string[]>()

/** The English with its parameters in it. A site says hundreds of texts a second: each is cut once. */
export function filled(phrase: PhraseCode, params: SaidParams): string {
  const parts = cut.get(phrase) ?? ENGLISH[phrase].split(/\{([^{}]+)\}/)
  cut.set(phrase, parts)
  return parts.map((part, index) => (index % 2 === 0 ? part : placed(part, params))).join('')
}

/** "profile" of "count:profile|profiles" where the count is 1. */
function placed(place: string, params: SaidParams): string {
  const [name = '', words] = place.split(':')
  const value = englishOf(params[name] ?? '')
  if (words === undefined) return value
  const [one = '', many = ''] = words.split('|')
  return value === '1' ? one : many
}

/** The English of a parameter. */
export function englishOf(param: SaidParam): string {
  return typeof param === 'object' ? param.text : String(param)
}

/** Texts hold texts no deeper than this: what a journal has lost is a list of up to 35 parts, each of which holds the rest. */
const MAX_DEPTH = 40

/** A text that may have been kept by a Busbar that had no code for it. */
export type Worded = Pick<Said, 'text'> & Partial<Said>

/** Code and parameters as they were kept; nothing for what is none, or has a code of another Busbar: then the text is all. */
export function saidPhrase(
  kept: object,
  depth = 0,
): { readonly phrase?: PhraseCode; readonly params?: SaidParams } {
  const phrase = isFields(kept) ? textAt(kept, 'phrase') : undefined
  const found: unknown = Reflect.get(kept, 'params')
  if (phrase === undefined || !isPhraseCode(phrase) || !isFields(found) || depth > MAX_DEPTH) return {}
  const params: Record<string, SaidParam> = {}
  for (const [name, value] of Object.entries(found)) {
    const param = paramOf(value, depth)
    if (param === undefined) return {}
    params[name] = param
  }
  return { phrase, params }
}

function paramOf(value: unknown, depth: number): SaidParam | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : saidFrom(value, depth + 1)
}

/** A text as it was kept; undefined for what is none, or has a code of another Busbar. */
export function saidFrom(kept: unknown, depth = 0): Said | undefined {
  if (!isFields(kept)) return undefined
  const text = textAt(kept, 'text')
  const { phrase, params } = saidPhrase(kept, depth)
  return text === undefined || phrase === undefined || params === undefined
    ? undefined
    : { text, phrase, params }
}
