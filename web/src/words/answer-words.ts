/**
 * What Busbar answers, in the language of the page: faults of a check, refusals, what came of a change. English is its own text;
 * the words of the two other languages are loaded before the first of them is shown.
 */

import type { Told } from '../../../src/core/words/told.js'
import { frame } from './frame.js'
import { heard } from './heard.js'
import { language } from './language.js'

type Answers = typeof import('./answers.js').ANSWERS
type ToldWords = typeof import('./told-words.js')

let answers: Answers | undefined
let words: ToldWords | undefined

/** Done when the page can say them. */
export async function loadAnswers(): Promise<void> {
  if (language() === 'en' || words !== undefined) return
  const [{ ANSWERS }, told] = await Promise.all([import('./answers.js'), import('./told-words.js')])
  answers = ANSWERS
  words = told
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

/** As it came where it is not known; parts of a list are said one by one. */
export function answerText(english: string): string {
  const table = answers
  if (table === undefined || language() === 'en') return english
  return english
    .split('; ')
    .map(part => heard(table, part) ?? part)
    .join('; ')
}

/** What a refusal found and expected, by its English. */
export function heardText({
  found,
  expected,
}: {
  readonly found: string
  readonly expected: string
}): string {
  return frame('foundExpected', { found: answerText(found), expected: answerText(expected) })
}

/** Why it was refused, from the body of the answer. */
export async function refusalText(body: unknown): Promise<string> {
  await loadAnswers()
  const [error, found, expected] = ['error', 'found', 'expected'].map(name =>
    typeof body === 'object' && body !== null ? String(Reflect.get(body, name) ?? '') : '',
  )
  return `${answerText(error ?? '')}: ${heardText({ found: found ?? '', expected: expected ?? '' })}`
}
