/**
 * What the core says in words, put into the language of the page by its codes and parameters: reasons, what fills a circuit,
 * alarms. English is the core's own text. The two other languages are loaded when one of them is chosen, and until they are
 * there the page speaks English.
 */
import type { CircuitView, ReasonView, WhyView } from '../../../src/core/view/document.js'
import type { CircuitWhyView } from '../../../src/core/view/why-document.js'
import type { Said } from '../../../src/core/words/said.js'
import { language, tellLanguage } from './language.js'

type Foreign = typeof import('./foreign.js')

let foreign: Foreign | undefined

/** Done when the page can speak it. */
export async function loadForeign(): Promise<void> {
  if (language() !== 'en' && foreign === undefined) foreign = await import('./foreign.js')
}

const other = (): Foreign | undefined => (language() === 'en' ? undefined : foreign)

/** Why a connector gets no more. */
export function whyText(why: WhyView): string {
  return other()?.whyText(why) ?? why.text
}

export function reasonName(reason: ReasonView): string {
  return other()?.reasonName(reason) ?? reason.name
}

export function liftedText({ lift, lifted }: ReasonView): string {
  return other()?.liftedText(lift) ?? lifted
}

/** What fills a circuit; `circuit` where it is the one of now. */
export function circuitText(why: CircuitWhyView, circuit?: CircuitView): string {
  return other()?.circuitText(why, circuit) ?? why.text
}

export function otherLoadWhy({
  otherLoadWhy,
  otherLoadDoubt,
  meterId = '',
}: CircuitView): string | undefined {
  if (otherLoadDoubt === undefined) return otherLoadWhy
  return other()?.doubtText(otherLoadDoubt, meterId) ?? otherLoadWhy
}

type SaidWords = typeof import('./said-words.js')

let saidWords: SaidWords | undefined
let isAsked = false

/** Its English where it has no code, and until the words are there: then the page is drawn anew. */
export function saidText({ text, phrase, params }: Pick<Said, 'text'> & Partial<Said>): string {
  if (language() === 'en' || phrase === undefined) return text
  if (saidWords !== undefined) return saidWords.saidText({ text, phrase, params: params ?? {} })
  if (!isAsked) loadSaid().then(tellLanguage, () => (isAsked = false))
  isAsked = true
  return text
}

async function loadSaid(): Promise<void> {
  saidWords ??= await import('./said-words.js')
}
