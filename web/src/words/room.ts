/**
 * The words of one part of the page, each in the three languages side by side. A text may hold `{name}`, and
 * `{count:station|stations}` for one and for several; what it holds must be given, which the types see to. That no
 * language is missing and that the placeholders agree, a test sees to as well.
 */

import { language } from './language.js'
import { number } from './numbers.js'

export interface Text {
  readonly en: string
  readonly de: string
  readonly pt: string
}

export type Value = string | number

type NameOf<P> = P extends `${infer Name}:${string}` ? Name : P
/** "station" | "count" of "{station} of {count:one|many}". */
type Names<T> = T extends `${string}{${infer P}}${infer Rest}` ? NameOf<P> | Names<Rest> : never
/** Nothing more where the text holds no placeholder. */
type Given<T extends Text> = [Names<T['en']>] extends [never]
  ? []
  : [given: Readonly<Record<Names<T['en']> & string, Value>>]

export type Room<R extends Readonly<Record<string, Text>>> = <K extends keyof R>(
  key: K,
  ...given: Given<R[K]>
) => string

/** The answer says a text of the table in the language of the page. */
export function room<const R extends Readonly<Record<string, Text>>>(texts: R): Room<R> {
  return (key, ...given) => fill(spokenOf(texts[key]) ?? String(key), given[0] ?? {})
}

export interface Spoken {
  /** Undefined for English, and for what is not there. */
  (key: string): string | undefined
  readonly keys: () => readonly string[]
}

/** Like `room`, by the codes of the core, which says their English itself. */
export function spoken<K extends string = string>(texts: Readonly<Record<K, Omit<Text, 'en'>>>): Spoken {
  const known: Readonly<Record<string, Omit<Text, 'en'>>> = texts
  const say = (key: string) => (Object.hasOwn(known, key) ? spokenOf(known[key]) : undefined)
  return Object.assign(say, { keys: () => Object.keys(texts) })
}

/** The built page has a text alone, in the language that is spoken. */
function spokenOf(text: Partial<Text> | string | undefined): string | undefined {
  return typeof text === 'string' ? text : text?.[language()]
}

/** Puts the values into a text. A placeholder without a value stays as it stands, so that the fault is seen. */
export function fill(text: string, given: Readonly<Record<string, Value>>): string {
  return text.replace(/\{(\w+)(?::([^{}|]*)\|([^{}]*))?\}/g, (whole, name, one, many) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined) return whole
    if (one !== undefined) return Number(value) === 1 ? one : many
    return typeof value === 'number' ? number(value) : value
  })
}
