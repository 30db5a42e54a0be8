/**
 * What Busbar answers, in the language of the page: faults of a check, refusals, what came of a change. English is its own text;
 * the words of the two other languages are loaded before the first of them is shown.
 */

import type { Refusal } from '../../../src/core/words/refused.js'
import type { Said } from '../../../src/core/words/said.js'
import type { Told } from '../../../src/core/words/told.js'
import { frame } from './frame.js'
import { language } from './language.js'

type ToldWords = typeof import('./told-words.js')

let words: ToldWords | undefined

/** Done when the page can say them. */
export async function loadAnswers(): Promise<void> {
  if (language() !== 'en' && words === undefined) words = await import('./told-words.js')
}

const other = (): ToldWords | undefined => (language() === 'en' ? undefined : words)

export function foundText(told: Told): string {
  return other()?.foundText(told) ?? told.found
}

export function expectedText(told: Told): string {
  return other()?.expectedText(told) ?? told.expected
}

/** "found nothing, expected 6 to 80 A" of a fault. */
export function faultText(told: Told): string {
  return frame('foundExpected', { found: foundText(told), expected: expectedText(told) })
}

/** What came of a change or an order, part by part. */
export function answerText(...parts: readonly Said[]): string {
  return parts.map(said => other()?.answerText(said) ?? said.text).join('; ')
}

/** Why it was refused: the body of the answer. */
export async function refusalText(refusal: Refusal): Promise<string> {
  await loadAnswers()
  return `${other()?.errorText(refusal) ?? refusal.error}: ${faultText(refusal)}`
}
