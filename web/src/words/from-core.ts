/**
 * What the core says in words, put into the language of the page by its codes and parameters: reasons, what fills a circuit,
 * alarms. English is the core's own text. The two other languages are loaded when one of them is chosen, and until they are
 * there the page speaks English.
 */
import type { AlarmView, CircuitView, ReasonView, WhyView } from '../../../src/core/view/document.js'
import type { SaidValue } from '../../../src/core/view/said.js'
import type { CircuitWhyView } from '../../../src/core/view/why-document.js'
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

export function alarmText({ text, values }: Pick<AlarmView, 'text' | 'values'>): string {
  return saidText({ text, values: values ?? [] })
}

type SaidWords = typeof import('./said-words.js')

let saidWords: SaidWords | undefined
let isAsked = false

/** As it came where it is not known, and until its words are there: then the page is drawn anew. */
export function saidText(said: SaidValue): string {
  const english = typeof said === 'object' ? said.text : String(said)
  if (language() === 'en') return english
  if (saidWords !== undefined) return saidWords.saidText(said)
  if (!isAsked) loadSaid().then(tellLanguage, () => (isAsked = false))
  isAsked = true
  return english
}

async function loadSaid(): Promise<void> {
  saidWords ??= await import('./said-words.js')
}
