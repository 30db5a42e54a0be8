/** Why something is refused, by the code of the refusal: its English from the one table, code and parameters beside it. Pure. */
import type { ENGLISH } from './english.js'
import { filled, type NamesOf, type SaidParam } from './said.js'
import { expectedOf, foundOf, type Told, type ToldCode, type ToldParams, toldOf } from './told.js'

type ErrorOf<K> = K extends `error-${infer C}` ? C : never
/** "no-station" of 'error-no-station'. */
export type RefusalCode = ErrorOf<keyof typeof ENGLISH> & ToldCode

/** What the texts of a refusal hold. */
type Params<C extends RefusalCode> = ToldParams<C> & Readonly<Record<NamesOf<`error-${C}`>, SaidParam>>

export interface Refusal extends Told {
  readonly code: RefusalCode
  /** What cannot be, in a few words. */
  readonly error: string
}

/** refusal('no-station', { found: 'CP-9' }). A parameter that is left out does not compile. */
export function refusal<C extends RefusalCode>(code: C, params: Params<C>): Refusal {
  return { error: filled(`error-${code}`, params), ...toldOf(code, params), code }
}

/** A fault as a part of a refusal: where it is, what was found there, what was expected. */
export function unfitParams({ path, ...told }: { readonly path: string } & Pick<Told, 'code' | 'params'>) {
  return { path, found: foundOf(told), expected: expectedOf(told) }
}
